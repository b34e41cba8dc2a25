package httpapi

import (
	"github.com/gofiber/fiber/v2"
)

// deeplLanguage is a language as /v2/languages tells it.
type deeplLanguage struct {
	Code      string `json:"language"`
	Name      string `json:"name"`
	Formality *bool  `json:"supports_formality,omitempty"` // of a target; English has one form of address
}

var (
	yes, no = true, false

	deeplSources = []deeplLanguage{{"EN", "English", nil}, {"HI", "Hindi", nil}}
	deeplTargets = []deeplLanguage{{"EN-GB", "English (British)", &no}, {"EN-US", "English (American)", &no}, {"HI", "Hindi", &yes}}
)

// deeplLanguages: GET and POST /v2/languages. deepl-python sends its parameter in
// the body of the GET.
func (s *Server) deeplLanguages(c *fiber.Ctx, p *params) error {
	kind := p.choice("type", "source", "target")
	switch {
	case p.err != nil:
		return p.err
	case kind == "target":
		return send(c, deeplTargets)
	}
	return send(c, deeplSources)
}

// support is a language, or one of its features, in /v3/languages.
type support struct {
	Status string `json:"status"`
}

var stable = support{"stable"}

type deeplLanguageOf struct {
	Code     string             `json:"lang"`
	Name     string             `json:"name"`
	Status   string             `json:"status"`
	Source   bool               `json:"usable_as_source"`
	Target   bool               `json:"usable_as_target"`
	Features map[string]support `json:"features"`
}

// deeplFeature is what a resource may offer, and on which side a language must
// have it.
type deeplFeature struct {
	Name   string `json:"name"`
	Source bool   `json:"needs_source_support,omitempty"`
	Target bool   `json:"needs_target_support,omitempty"`
}

type deeplResource struct {
	Name     string         `json:"name"`
	Features []deeplFeature `json:"features"`
}

var deeplResourceList = []deeplResource{
	{"translate_text", []deeplFeature{
		{"auto_detection", true, false}, {"custom_instructions", false, true}, {"formality", false, true},
		{"glossary", true, true}, {"tag_handling", true, true},
	}},
	{"translate_document", []deeplFeature{
		{"auto_detection", true, false}, {"formality", false, true}, {"glossary", true, true},
	}},
	{"glossary", []deeplFeature{}},
}

// deeplResources: GET /v3/languages/resources.
func (s *Server) deeplResources(c *fiber.Ctx, _ *params) error { return send(c, deeplResourceList) }

// deeplLanguagesOf: GET /v3/languages?resource=…. What DeepL has beside these
// resources has no languages here.
func (s *Server) deeplLanguagesOf(c *fiber.Ctx, p *params) error {
	if p.one("resource") == "" && p.one("product") != "" {
		return notSupported("product", " It was renamed to 'resource'.")
	}
	name := p.choice("resource", "translate_text", "translate_document", "glossary", "voice", "write", "style_rules", "translation_memory")
	if p.err != nil {
		return p.err
	}
	if name == "" {
		return &problem{code: "invalid", detail: "Parameter 'resource' not specified."}
	}
	out := []deeplLanguageOf{}
	for _, r := range deeplResourceList {
		if r.Name != name {
			continue
		}
		out = append(out,
			languageOf(r, "en", "English", true, true),
			languageOf(r, "hi", "Hindi", true, true))
		if name != "glossary" { // a glossary knows no variants
			out = append(out,
				languageOf(r, "en-GB", "English (British)", false, true),
				languageOf(r, "en-US", "English (American)", false, true))
		}
	}
	return send(c, out)
}

func languageOf(r deeplResource, code, name string, source, target bool) deeplLanguageOf {
	l := deeplLanguageOf{Code: code, Name: name, Status: stable.Status, Source: source, Target: target, Features: map[string]support{}}
	for _, f := range r.Features {
		if f.Source && !source && !f.Target || f.Name == "formality" && code != "hi" {
			continue
		}
		l.Features[f.Name] = stable
	}
	return l
}
