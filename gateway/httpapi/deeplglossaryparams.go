package httpapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/gofiber/fiber/v2"

	"dubhashi/gateway"
	"dubhashi/gateway/glossary"
)

// glossaryName is the parameter name; "" where it may be left out and is.
func (p *params) glossaryName(needed bool) (string, error) {
	if len(p.all("name")) == 0 && !needed && p.err == nil {
		return "", nil
	}
	name, err := glossary.Name(p.one("name"))
	if err != nil || p.err != nil {
		return "", missingArgument("name")
	}
	return name, nil
}

// pair is the direction that source_lang and target_lang name. A variant
// (EN-US) is taken for its language.
func (p *params) pair(one func(name string) string) (deeplPair, error) {
	var out deeplPair
	for _, x := range []struct {
		name string
		to   *string
	}{{"source_lang", &out.Source}, {"target_lang", &out.Target}} {
		code, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(one(x.name))), "-")
		if code == "" {
			return out, missingArgument(x.name)
		}
		*x.to = code
	}
	if out != (deeplPair{"hi", "en"}) && out != (deeplPair{"en", "hi"}) {
		return out, &problem{code: gateway.Invalid, detail: "Unsupported glossary source and target language pair"}
	}
	return out, nil
}

// dictionary reads one from its parameters.
func (p *params) dictionary(one func(name string) string) (glossary.Dictionary, error) {
	pair, err := p.pair(one)
	if err != nil {
		return glossary.Dictionary{}, err
	}
	out := glossary.Dictionary{Source: pair.Source, Target: pair.Target}
	text := one("entries")
	if strings.TrimSpace(text) == "" {
		return out, missingArgument("entries")
	}
	switch strings.ToLower(one("entries_format")) {
	case "tsv", "":
		out.Entries, err = glossary.ParseTSV(text)
	case "csv":
		out.Entries, err = glossary.ParseCSV(text, out.Source, out.Target)
	default:
		err = notSupported("entries_format", " It must be tsv or csv.")
	}
	return out, err
}

// dictionaries reads the parameter of that name: an array of objects in JSON;
// dictionaries[0].entries, as DeepL's clients write it, or dictionaries[0][entries]
// in a form.
func (p *params) dictionaries(c *fiber.Ctx) (list []glossary.Dictionary, err error) {
	given, err := p.nested(c)
	if err != nil {
		return nil, err
	}
	seen := map[deeplPair]bool{}
	for _, values := range given {
		d, err := p.dictionary(func(name string) string { return values[name] })
		if err != nil {
			return nil, err
		}
		pair := deeplPair{d.Source, d.Target}
		if seen[pair] {
			return nil, &problem{code: gateway.Invalid, detail: fmt.Sprintf("There are two dictionaries %s→%s; a glossary has one a direction.", d.Source, d.Target)}
		}
		seen[pair] = true
		list = append(list, d)
	}
	return list, nil
}

// maxDictionaries is more than a glossary can have, so that too many are told as
// what they are.
const maxDictionaries = 4

var dictionaryFields = []string{"source_lang", "target_lang", "entries", "entries_format"}

func (p *params) nested(c *fiber.Ctx) (list []map[string]string, err error) {
	if p.odd["dictionaries"] {
		var in struct {
			Dictionaries []struct {
				Source  string `json:"source_lang"`
				Target  string `json:"target_lang"`
				Entries string `json:"entries"`
				Format  string `json:"entries_format"`
			} `json:"dictionaries"`
		}
		// The body has been read as JSON; only its shape can be wrong.
		if err := json.Unmarshal(bytes.TrimPrefix(body(c), []byte("\ufeff")), &in); err != nil || len(in.Dictionaries) > maxDictionaries {
			return nil, missingArgument("dictionaries")
		}
		for _, d := range in.Dictionaries {
			list = append(list, map[string]string{"source_lang": d.Source, "target_lang": d.Target, "entries": d.Entries, "entries_format": d.Format})
		}
		return list, nil
	}
	if len(p.values["dictionaries"]) > 0 {
		return nil, missingArgument("dictionaries")
	}
	for i := range maxDictionaries {
		values := map[string]string{}
		for _, field := range dictionaryFields {
			for _, form := range []string{"dictionaries[%d].%s", "dictionaries[%d][%s]"} {
				if v := p.values[fmt.Sprintf(form, i, field)]; len(v) > 0 {
					values[field] = v[0]
				}
			}
		}
		if len(values) > 0 {
			list = append(list, values)
		}
	}
	return list, nil
}
