package httpapi

import (
	"github.com/gofiber/fiber/v2"

	"dubhashi/gateway/api"
)

// pairs is the answer of GET /v1/languages.
var pairs = api.Languages{
	Languages: []api.Language{
		{Code: "hi", Name: "Hindi", Native: "हिन्दी", Scripts: []string{"Deva", "Latn"}, Targets: []string{"en"}},
		{Code: "en", Name: "English", Native: "English", Scripts: []string{"Latn"}, Targets: []string{"hi"}},
	},
	Options: map[string][]api.OptionChoice{
		"register": {
			{Value: "news", Does: "the plain, exact language of a newspaper", Default: true},
			{Value: "formal", Does: "official language; in Hindi आप and Sanskritic words"},
			{Value: "colloquial", Does: "everyday spoken language; in Hindi common English words stay"},
		},
		"numerals": {
			{Value: "latin", Does: "0–9; the default into English"},
			{Value: "devanagari", Does: "०–९"},
			{Value: "keep", Does: "the digits of the source; the default into Hindi"},
		},
		"context": {
			{Value: "document", Does: "the title and the block before go along with each segment", Default: true},
			{Value: "none", Does: "each segment is translated for itself"},
		},
		"cache": {
			{Value: "use", Does: "read and store", Default: true},
			{Value: "refresh", Does: "ask the model anew and store"},
			{Value: "only", Does: "never call the model"},
			{Value: "off", Does: "neither read nor store"},
		},
		"summary.style": {
			{Value: "paragraph", Does: "at most summary.max_words words", Default: true},
			{Value: "bullets", Does: "3–6 bullets of at most 25 words"},
			{Value: "headline", Does: "at most 12 words, no full stop"},
			{Value: "brief", Does: "one sentence of at most 30 words"},
		},
	},
}

func (s *Server) languages(c *fiber.Ctx) error {
	if _, err := negotiate(c, jsonType); err != nil {
		return err
	}
	return send(c, pairs)
}
