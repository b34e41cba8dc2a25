package httpapi

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"dubhashi/gateway"
)

// deeplRoutes are those of DeepL's API that its clients use for text, documents
// and glossaries. Everything else under /v2 and /v3 is a 404 in its form.
func (s *Server) deeplRoutes(a *fiber.App) {
	translate := s.patient(s.deeplTranslate)
	a.Post("/v2/translate", s.deeplKeyedLate, translate)
	a.Get("/v2/translate", s.deeplKeyedLate, translate)
	for _, method := range []string{fiber.MethodGet, fiber.MethodPost} {
		a.Add(method, "/v2/usage", s.deeplKeyedLate, s.deeplCall(s.deeplUsage))
		a.Add(method, "/v2/languages", s.deeplKeyedLate, s.deeplCall(s.deeplLanguages))
	}
	a.Post("/v2/document", s.deeplKeyedLate, s.deeplCall(s.deeplUpload))
	a.Post("/v2/document/:id", s.deeplKeyedLate, s.deeplCall(s.deeplDocument))
	a.Post("/v2/document/:id/result", s.deeplKeyedLate, s.deeplCall(s.deeplDownload))
	s.deeplGlossaryRoutes(a)
	a.Get("/v3/languages", s.deeplKeyedLate, s.deeplCall(s.deeplLanguagesOf))
	a.Get("/v3/languages/resources", s.deeplKeyedLate, s.deeplCall(s.deeplResources))
}

// headerTrace is what DeepL's clients log of an answer.
const headerTrace = "X-Trace-ID"

// quotaExceeded is DeepL's status for a key that has used up its characters. Its
// clients tell it from a 429, which they try again.
const quotaExceeded = 456

// deeplKeyedLate is the first handler of a route whose key may also stand in the
// body: a key in the header or the query is looked at before the body is read.
func (s *Server) deeplKeyedLate(c *fiber.Ctx) error {
	c.Set(headerTrace, requestID(c))
	if key := deeplKey(c); key != "" {
		if err := s.authenticate(c, key); err != nil {
			return s.refuse(c, problemOf(err))
		}
	}
	return c.Next()
}

// deeplKey is the key in the request's header or query; "": there is none. The
// parameter auth_key is what DeepL had before the header.
func deeplKey(c *fiber.Ctx) string {
	scheme, key, _ := strings.Cut(strings.TrimSpace(c.Get(fiber.HeaderAuthorization)), " ")
	if strings.EqualFold(scheme, "DeepL-Auth-Key") || strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(key)
	}
	return c.Query("auth_key")
}

// deeplParams reads the parameters of a call whose body has been read, and its
// key where that stands among them.
func (s *Server) deeplParams(c *fiber.Ctx) (*params, error) {
	p, err := readParams(c)
	if deeplKey(c) == "" {
		key := ""
		if err == nil {
			key = p.one("auth_key")
		}
		if err := s.authenticate(c, key); err != nil {
			return nil, err
		}
	}
	return p, err
}

// deeplCall admits a call with its parameters.
func (s *Server) deeplCall(h func(c *fiber.Ctx, p *params) error) fiber.Handler {
	return s.admit(func(c *fiber.Ctx) error {
		p, err := s.deeplParams(c)
		if err != nil {
			return err
		}
		return h(c, p)
	})
}

// deeplError is DeepL's form of an error, with the status that makes its clients
// do the right thing: a 400 is told to the user, all from 500 on are tried again.
func (s *Server) deeplError(c *fiber.Ctx, p *problem, k kind) error {
	c.Set(headerTrace, requestID(c))
	status := k.status
	switch {
	case p.code == unauthorized:
		status = http.StatusForbidden
	case p.code == rateLimited && p.quota:
		status = quotaExceeded
	case p.code == conflict && p.quota:
		status = quotaExceeded
	case k.status == http.StatusUnprocessableEntity:
		status = http.StatusBadRequest
	case k.status > http.StatusInternalServerError:
		status = http.StatusServiceUnavailable
		if p.wait == 0 {
			c.Set(fiber.HeaderRetryAfter, strconv.Itoa(retryAfter))
		}
	}
	c.Status(status)
	return send(c, deeplMessage(p, k))
}

type deeplProblem struct {
	Message string `json:"message"`
	Detail  string `json:"detail,omitempty"`
}

// deeplMessage tells a problem in DeepL's words.
func deeplMessage(p *problem, k kind) deeplProblem {
	out := deeplProblem{Message: cmp.Or(p.detail, k.title+". "+k.mend)}
	for _, f := range p.fields {
		if out.Detail != "" {
			out.Detail += "; "
		}
		out.Detail += cmp.Or(deeplNames[f.Field], f.Field) + ": " + f.Message
	}
	if len(p.fields) == 1 && p.detail == invalid("", "").detail { // says no more than that
		out.Message = notSupported(cmp.Or(deeplNames[p.fields[0].Field], p.fields[0].Field), "").detail
	}
	switch p.code {
	case unauthorized:
		out.Message = "Authorization failure, check auth_key: send Authorization: DeepL-Auth-Key KEY with a key that the operator gave out."
	case rateLimited:
		out.Message = cmp.Or(p.detail, "Too many requests.")
		if p.quota {
			out = deeplProblem{"Quota for this billing period has been exceeded.", "The period is a day (UTC); see /v2/usage."}
		}
	case notFound:
		out.Message = cmp.Or(p.detail, "Not found: of DeepL's API, this server has /v2/translate, /v2/document, /v2/usage, /v2/languages, /v2/glossaries, /v2/glossary-language-pairs, /v3/glossaries and /v3/languages.")
	case gateway.UnsupportedLanguage:
		out.Message = "The source language is neither Hindi nor English; if it is one of them, say which in source_lang."
	}
	return out
}

// deeplNames are DeepL's names for what the gateway may find fault with.
var deeplNames = map[string]string{
	"texts": "text", "source": "source_lang", "target": "target_lang", "ignore": "ignore_tags", "splitting": "splitting_tags",
	"non_splitting": "non_splitting_tags", "sentences": "split_sentences", "markup": "tag_handling", "instructions": "custom_instructions",
}

// unlimited is what DeepL says a key without a limit may translate.
const unlimited = 1_000_000_000_000

type deeplCount struct {
	Count int64 `json:"character_count"`
	Limit int64 `json:"character_limit"`
}

// deeplUsage: GET and POST /v2/usage.
func (s *Server) deeplUsage(c *fiber.Ctx, _ *params) error {
	n, err := s.charsToday(c)
	if err != nil {
		return err
	}
	return send(c, deeplCount{Count: n, Limit: cmp.Or(int64(s.c.Limits.DailyChars), unlimited)})
}
