package httpapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"dubhashi/gateway"
	"dubhashi/gateway/api"
	"dubhashi/gateway/glossary"
)

// Bounds of DeepL's, told in its words.
const (
	maxInstructions = 10
	maxInstruction  = 300 // code points
	maxGlossaries   = 5
)

// deeplAnswer is what /v2/translate answers.
type deeplAnswer struct {
	Translations []deeplText `json:"translations"`
}

type deeplText struct {
	Detected string        `json:"detected_source_language"`
	Text     string        `json:"text"`
	Billed   int           `json:"billed_characters"`
	Model    string        `json:"model_type_used,omitempty"`
	Warnings []api.Warning `json:"warnings,omitempty"` // ours
}

// deeplTranslate: POST and GET /v2/translate.
func (s *Server) deeplTranslate(c *fiber.Ctx) (patientWork, error) {
	p, err := s.deeplParams(c)
	if err != nil {
		return nil, err
	}
	texts := p.all("text")
	if len(texts) == 0 {
		p.refuse(&problem{code: gateway.Invalid, detail: "Parameter 'text' not specified."})
	}
	if len(texts) > gateway.MaxTexts {
		p.refuse(&problem{code: tooLarge, detail: fmt.Sprintf("%d texts were sent; at most %d are allowed in one request.", len(texts), gateway.MaxTexts)})
	}
	o := p.options()
	req := gateway.TextsRequest{Texts: slices.Clone(texts), Options: o.Options, Background: p.one("context")}
	p.markup(&req)
	model := strings.TrimPrefix(p.choice("model_type", "quality_optimized", "prefer_quality_optimized", "latency_optimized"), "prefer_")
	p.flag("preserve_formatting", false) // is always done
	p.flag("show_billed_characters", true)
	p.number("translation_memory_threshold", 0, 100, 75)
	if p.err != nil {
		return nil, p.err
	}
	ctx, cancel := context.WithTimeout(s.root, s.c.RequestTimeout)
	defer cancel()
	if req.Stored, err = s.deeplGlossary(ctx, callerOf(c).owner(), o); err != nil {
		return nil, err
	}
	if err := tabOf(c).charge(ctx, textsLoad(texts)); err != nil {
		return nil, err
	}
	if o.same {
		return o.carriedOver(texts, model), nil
	}
	return func(ctx context.Context) ([]byte, gateway.Usage, error) {
		res, err := s.c.Gateway.Texts(ctx, req)
		if err != nil {
			return nil, gateway.Usage{}, err
		}
		b, err := o.answer(texts, res, model)
		return b, res.Usage, err
	}, nil
}

// deeplOptions are the parameters that texts and documents have in common.
type deeplOptions struct {
	gateway.Options
	source, target string // as DeepL has them, in upper case; source may be ""
	same           bool   // they are one language
	glossaries     []string
}

// options reads the parameters that say into what and how to translate.
func (p *params) options() deeplOptions {
	o := deeplOptions{source: p.source(), target: p.target()}
	o.Source, o.Target = deeplLanguages[o.source], deeplLanguages[o.target]
	o.same = o.source != "" && o.Source == o.Target
	p.formality(&o)
	o.Instructions = p.instructions(o.target)
	o.glossaries = p.glossaries(o)
	for _, name := range []string{"style_id", "translation_memory_id"} {
		if p.one(name) != "" {
			p.refuse(&problem{code: notFound, detail: "No such " + name + ": this server keeps glossaries and custom instructions, but no style rules or translation memories."})
		}
	}
	// Ours, for whoever sends further parameters through DeepL's clients.
	if r := p.choice("register", "news", "formal", "colloquial"); r != "" {
		o.Register = r
	}
	o.Numerals = p.choice("numerals", "latin", "devanagari", "keep")
	return o
}

// formality is a register and a form of address of Hindi. English has neither to
// choose between; there, as at DeepL, only a preference is no error.
func (p *params) formality(o *deeplOptions) {
	f := p.choice("formality", "default", "more", "less", "prefer_more", "prefer_less")
	if f == "" || f == "default" || p.err != nil {
		return
	}
	if o.Target != "hi" {
		if f == "more" || f == "less" {
			p.refuse(&problem{code: gateway.Invalid, detail: "Target language '" + o.target + "' doesn't support formality."})
		}
		return
	}
	if strings.TrimPrefix(f, "prefer_") == "more" {
		o.Register, o.Address = "formal", "aap"
	} else {
		o.Register, o.Address = "colloquial", "tum"
	}
}

// spelling is what the model is told of a variant of English.
var spelling = map[string]string{
	"EN-GB": "Use British spelling and vocabulary (colour, organise, lorry).",
	"EN-US": "Use American spelling and vocabulary (color, organize, truck).",
}

// instructions are the caller's own, and behind them that of the variant of
// English, for which there is room unless the caller has used up all ten.
func (p *params) instructions(target string) []string {
	const name = "custom_instructions"
	list := p.all(name)
	if len(list) > maxInstructions {
		p.refuse(notSupported(name, fmt.Sprintf(" At most %d instructions are allowed.", maxInstructions)))
	}
	for _, i := range list {
		if utf8.RuneCountInString(i) > maxInstruction {
			p.refuse(notSupported(name, fmt.Sprintf(" An instruction may have at most %d characters.", maxInstruction)))
		}
	}
	if own := spelling[target]; own != "" && len(list) < gateway.MaxInstructions {
		list = append(list[:len(list):len(list)], own)
	}
	return list
}

// glossaries are the ids of the glossaries to use.
func (p *params) glossaries(o deeplOptions) []string {
	ids := p.list("glossary_ids")
	switch id := strings.TrimSpace(p.one("glossary_id")); {
	case id != "" && len(ids) > 0:
		p.refuse(&problem{code: gateway.Invalid, detail: "Use either glossary_id or glossary_ids, not both."})
	case id != "":
		ids = []string{id}
	}
	if len(ids) > maxGlossaries {
		p.refuse(notSupported("glossary_ids", fmt.Sprintf(" At most %d glossaries are allowed.", maxGlossaries)))
	}
	if len(ids) > 0 && o.source == "" {
		p.refuse(&problem{code: gateway.Invalid, detail: "Use of a glossary requires the source_lang parameter to be specified."})
	}
	return ids
}

// deeplGlossary are the glossaries as one; of a term that stands in several, the
// first has the word.
func (s *Server) deeplGlossary(ctx context.Context, owner string, o deeplOptions) (all *gateway.Glossary, err error) {
	for _, id := range o.glossaries {
		g, err := s.storedGlossary(ctx, owner, id, o.Source, o.Target)
		if errors.Is(err, glossary.ErrNotFound) {
			return nil, deeplGlossaryProblem(glossary.ErrNotFound)
		}
		if err != nil {
			return nil, err
		}
		all = all.With(g)
	}
	return all, nil
}

// markup reads how the texts are written and parted.
func (p *params) markup(req *gateway.TextsRequest) {
	req.Markup = p.choice("tag_handling", "html", "xml")
	p.choice("tag_handling_version", "v1", "v2")
	req.Outline = p.flag("outline_detection", true)
	req.Splitting, req.NonSplitting, req.Ignore = p.list("splitting_tags"), p.list("non_splitting_tags"), p.list("ignore_tags")
	req.Sentences = p.choice("split_sentences", "0", "1", "nonewlines") // not given: as the markup has it
}

// carriedOver answers a request whose texts are in the target language already.
// A variant of English is not turned into the other.
func (o deeplOptions) carriedOver(texts []string, model string) patientWork {
	return func(context.Context) ([]byte, gateway.Usage, error) {
		out := deeplAnswer{Translations: make([]deeplText, len(texts))}
		for i, t := range texts {
			out.Translations[i] = deeplText{Detected: o.source, Text: t, Billed: utf8.RuneCountInString(t), Model: model}
		}
		return appendJSON(nil, out), gateway.Usage{}, nil
	}
}

// answer is the JSON of what came back. One text that is missing fails the whole
// request: DeepL's clients know no half answers, and ask again; what came through
// is in the cache by then.
func (o deeplOptions) answer(texts []string, res *gateway.TextsResult, model string) ([]byte, error) {
	out := deeplAnswer{Translations: make([]deeplText, len(res.Texts))}
	for i, t := range res.Texts {
		if f := t.Failure; f != nil {
			return nil, o.missing(i, f)
		}
		d := deeplText{
			Detected: cmp.Or(o.source, strings.ToUpper(t.Source)), Text: t.Text,
			Billed: utf8.RuneCountInString(texts[i]), Model: model,
		}
		if len(t.Warnings)+len(res.Warnings) > 0 {
			d.Warnings = warnings(t.Warnings, res.Warnings)
		}
		out.Translations[i] = d
	}
	return appendJSON(nil, out), nil
}

// missing is why text i could not be translated: the caller's error or ours.
func (o deeplOptions) missing(i int, f *gateway.Failure) error {
	p := &problem{code: gateway.UpstreamFailed, detail: fmt.Sprintf("text %d: %s", i, f.Message), cause: f.Cause()}
	if kinds[f.Code].status < http.StatusInternalServerError {
		p.code, p.fields = f.Code, []gateway.FieldError{{Field: fmt.Sprintf("text[%d]", i), Message: f.Message}}
	}
	return p
}
