package httpapi

import (
	"encoding/json"
	"errors"
	"net/url"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"dubhashi/gateway"
	"dubhashi/gateway/glossary"
)

// glossaryBody is an api.GlossaryRequest whose entries are read in their order.
type glossaryBody struct {
	Name    *string         `json:"name"`
	Source  string          `json:"source"`
	Target  string          `json:"target"`
	Entries json.RawMessage `json:"entries"`
	Reverse json.RawMessage `json:"reverse"`
}

// decodeGlossary reads a glossary: JSON, or TSV or CSV with the rest in the
// query. All fields that are wrong are told at once.
func decodeGlossary(c *fiber.Ctx) (name string, list []glossary.Dictionary, err error) {
	kind, err := media(c, jsonType, tsvType, csvType)
	if err != nil {
		return "", nil, err
	}
	var in glossaryBody
	if kind == jsonType {
		err = decodeJSON(c, &in)
	} else {
		err = readQuery(c, map[string]setter{
			"name":   {func(v string) bool { in.Name = &v; return true }, ""},
			"source": {func(v string) bool { in.Source = v; return true }, ""},
			"target": {func(v string) bool { in.Target = v; return true }, ""},
		})
	}
	if err != nil {
		return "", nil, err
	}
	bad := &problem{code: gateway.Invalid, detail: "the request is not valid"}
	wrong := func(field string, err error) {
		if err != nil {
			bad.fields = append(bad.fields, gateway.FieldError{Field: field, Message: err.Error()})
		}
	}
	if in.Name == nil {
		wrong("name", errMissing)
	} else {
		var err error
		name, err = glossary.Name(*in.Name)
		wrong("name", err)
	}
	wrong("source", oneLanguage(in.Source))
	wrong("target", oneLanguage(in.Target))
	if in.Source == in.Target && len(bad.fields) == 0 {
		wrong("target", errors.New("must differ from source"))
	}
	list, err = in.dictionaries(kind, c, wrong)
	if err == nil && len(bad.fields) > 0 {
		err = bad
	}
	return name, list, err
}

var errMissing = errors.New("is missing")

func oneLanguage(code string) error {
	switch code {
	case "hi", "en":
		return nil
	case "":
		return errMissing
	}
	return errors.New("must be hi or en")
}

// dictionaries reads the entries of a glossary. The error is one of the request
// as a whole.
func (in *glossaryBody) dictionaries(kind string, c *fiber.Ctx, wrong func(field string, err error)) (list []glossary.Dictionary, err error) {
	add := func(field, source, target string, parse func() (glossary.Entries, error)) {
		e, perr := parse()
		if errors.Is(perr, glossary.ErrTooLarge) {
			err = perr
			return
		}
		wrong(field, perr)
		list = append(list, glossary.Dictionary{Source: source, Target: target, Entries: e})
	}
	switch {
	case kind == tsvType:
		add("entries", in.Source, in.Target, func() (glossary.Entries, error) { return glossary.ParseTSV(string(body(c))) })
	case kind == csvType:
		add("entries", in.Source, in.Target, func() (glossary.Entries, error) { return glossary.ParseCSV(string(body(c)), in.Source, in.Target) })
	case in.Entries == nil:
		wrong("entries", errMissing)
	default:
		add("entries", in.Source, in.Target, func() (glossary.Entries, error) { return glossary.ParseJSON(in.Entries) })
		if in.Reverse != nil {
			add("reverse", in.Target, in.Source, func() (glossary.Entries, error) { return glossary.ParseJSON(in.Reverse) })
		}
	}
	return list, err
}

// readQuery takes the options of a route from the query, and no others.
func readQuery(c *fiber.Ctx, set map[string]setter) error { return readOptions(c, nil, set) }

// readOptions reads options from the query of which some may have been given in the
// body.
func readOptions(c *fiber.Ctx, given map[string]bool, set map[string]setter) error {
	raw := string(c.Request().URI().QueryString())
	query, err := url.ParseQuery(raw)
	if err != nil || !utf8.ValidString(raw) {
		return &problem{code: malformed, detail: "the query is not well-formed"}
	}
	return setOptions(query, given, set)
}
