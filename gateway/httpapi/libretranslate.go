package httpapi

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"dubhashi/gateway"
)

// LibreTranslate's API as its clients know it: its paths, its way to present a
// key, its answers and the wording of its errors. What it has beside
// translation (suggestions, files, its web page) is not here and says so.

//go:embed libretranslate.swagger.json
var libreSpec []byte

func (s *Server) libreRoutes(a *fiber.App) {
	a.Use(s.libreHeaders)
	a.Post("/translate", s.patient(s.libreTranslate))
	a.Post("/detect", s.admit(s.libreDetect))
	a.Post("/suggest", s.libreOff("Suggestions are disabled on this server."))
	a.Post("/translate_file", s.libreOff("Files translation are disabled on this server."))

	// Open without a key. Clients send a form along with these, too.
	a.Get("/languages", s.skipBody, func(c *fiber.Ctx) error { return send(c, libreLanguages) })
	a.Get("/frontend/settings", s.skipBody, s.libreSettings)
	a.Get("/health", s.skipBody, func(c *fiber.Ctx) error { return send(c, map[string]string{"status": "ok"}) })
	a.Get("/spec", s.skipBody, func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, "application/json; charset=utf-8")
		return c.Send(libreSpec)
	})
}

// libreHeaders opens the surface to every page, as LibreTranslate does.
func (s *Server) libreHeaders(c *fiber.Ctx) error {
	if surfaceOf(c.Path()) != libre {
		return c.Next()
	}
	c.Set(fiber.HeaderAccessControlAllowOrigin, "*")
	c.Set(fiber.HeaderAccessControlAllowMethods, "GET, POST")
	c.Set(fiber.HeaderAccessControlAllowHeaders, "Authorization, Content-Type")
	c.Set(fiber.HeaderAccessControlExposeHeaders, "Retry-After, X-Request-Id")
	c.Set(fiber.HeaderAccessControlMaxAge, "1728000") // twenty days
	return c.Next()
}

// libreOff answers for what this server does not do.
func (s *Server) libreOff(why string) fiber.Handler {
	return func(c *fiber.Ctx) error { return s.refuse(c, &problem{code: forbidden, detail: why}) }
}

// libreError is LibreTranslate's form of an error. Of its statuses it has 400
// for every fault of the request, and 429 in its own words.
func (s *Server) libreError(c *fiber.Ctx, p *problem, k kind) error {
	status, text := k.status, cmp.Or(p.detail, k.title)
	switch {
	case p.code == rateLimited && p.quota:
		text = "Slowdown: " + text
	case p.code == rateLimited:
		text = fmt.Sprintf("Slowdown: %d per 1 minute", s.c.Limits.Requests)
	case status == http.StatusUnprocessableEntity:
		status = http.StatusBadRequest
		text = "Invalid request: " + text
		for _, f := range p.fields {
			text += "; " + f.Field + " " + f.Message
		}
	case status == http.StatusBadGateway, status == http.StatusGatewayTimeout:
		text = "Cannot translate text: " + text
	}
	c.Status(status)
	return send(c, map[string]string{"error": text})
}

// libreKey settles who asks, by the field api_key or a bearer token.
func (s *Server) libreKey(c *fiber.Ctx, f *libreForm) error {
	key, err := f.text("api_key")
	if err != nil {
		return err
	}
	if scheme, token, _ := strings.Cut(c.Get(fiber.HeaderAuthorization), " "); key == "" && strings.EqualFold(scheme, "Bearer") {
		key = strings.TrimSpace(token)
	}
	err = s.authenticate(c, key)
	if err == nil || problemOf(err).code != unauthorized {
		return err
	}
	if key == "" {
		return &problem{code: malformed, detail: "Please contact the server operator to get an API key"}
	}
	return &problem{code: forbidden, detail: "Invalid API key"}
}

type libreLanguage struct {
	Code    string   `json:"code"`
	Name    string   `json:"name"`
	Targets []string `json:"targets,omitempty"`
}

var libreLanguages = []libreLanguage{
	{"en", "English", []string{"en", "hi"}},
	{"hi", "Hindi", []string{"en", "hi"}},
}

// libreSettings: GET /frontend/settings.
func (s *Server) libreSettings(c *fiber.Ctx) error {
	keys := len(s.c.Keys) > 0
	return send(c, map[string]any{
		"charLimit":            s.c.Gateway.MaxChars(),
		"frontendTimeout":      500, // milliseconds that a page waits for more typing
		"apiKeys":              keys,
		"keyRequired":          keys,
		"suggestions":          false,
		"filesTranslation":     false,
		"supportedFilesFormat": []string{},
		"language": map[string]libreLanguage{
			"source": {Code: "auto", Name: "Auto Detect"},
			"target": {Code: "en", Name: "English"},
		},
	})
}

type libreDetection struct {
	Confidence float64 `json:"confidence"` // 0 to 100
	Language   string  `json:"language"`
}

// detectionOf is a detection in LibreTranslate's terms: nothing to go by is
// English with no confidence.
func detectionOf(language string, confidence float64) libreDetection {
	if language == "" || confidence == 0 {
		return libreDetection{0, "en"}
	}
	return libreDetection{math.Round(1000*confidence) / 10, language}
}

// libreDetect: POST /detect. Of several texts it tells each language that
// there is, by the mean of its texts, the one with the most text first.
func (s *Server) libreDetect(c *fiber.Ctx) error {
	f, err := readLibre(c)
	if err != nil {
		return err
	}
	if err := s.libreKey(c, f); err != nil {
		return err
	}
	texts, _, err := f.texts("q")
	if err != nil {
		return err
	}
	type count struct {
		libreDetection
		texts, weight float64
	}
	var found []*count
	for _, text := range texts {
		d := gateway.Detect(text)
		one := detectionOf(d.Language, d.Confidence)
		i := slices.IndexFunc(found, func(c *count) bool { return c.Language == one.Language })
		if i < 0 {
			found = append(found, &count{libreDetection: libreDetection{Language: one.Language}})
			i = len(found) - 1
		}
		found[i].Confidence += one.Confidence
		found[i].texts++
		found[i].weight += one.Confidence * float64(utf8.RuneCountInString(text))
	}
	slices.SortStableFunc(found, func(a, b *count) int { return cmp.Compare(b.weight, a.weight) })
	out := make([]libreDetection, len(found))
	for i, f := range found {
		out[i] = libreDetection{math.Round(10*f.Confidence/f.texts) / 10, f.Language}
	}
	return send(c, out)
}

// libreRequest is a checked request to translate.
type libreRequest struct {
	texts          []string
	batch          bool // q was an array, and so are the answer's members
	source, target string
	markup         string
	alternatives   int
}

// libreTranslate: POST /translate.
func (s *Server) libreTranslate(c *fiber.Ctx) (patientWork, error) {
	f, err := readLibre(c)
	if err != nil {
		return nil, err
	}
	if err := s.libreKey(c, f); err != nil {
		return nil, err
	}
	q, err := f.request(s.c.Gateway.MaxChars())
	if err != nil {
		return nil, err
	}
	if q.source == q.target { // nobody is asked
		res := &gateway.TextsResult{}
		for _, text := range q.texts {
			res.Texts = append(res.Texts, gateway.Text{Text: text})
		}
		return func(context.Context) ([]byte, gateway.Usage, error) {
			b, err := q.answer(res)
			return b, gateway.Usage{}, err
		}, nil
	}
	work := textsLoad(q.texts)
	if q.markup == gateway.MarkupNone {
		work.others = q.alternatives
	}
	if err := tabOf(c).charge(s.root, work); err != nil {
		return nil, err
	}
	return func(ctx context.Context) ([]byte, gateway.Usage, error) {
		res, err := s.libreTexts(ctx, q)
		if err != nil {
			return nil, res.Usage, err
		}
		b, err := q.answer(res)
		return b, res.Usage, err
	}, nil
}

// libreTexts translates the texts, in as many calls of the gateway as its
// bounds take, for LibreTranslate has none for a batch.
func (s *Server) libreTexts(ctx context.Context, q *libreRequest) (*gateway.TextsResult, error) {
	all := &gateway.TextsResult{}
	for rest := q.texts; len(rest) > 0; {
		n, chars := 0, 0
		for n < min(len(rest), gateway.MaxTexts) {
			if chars += utf8.RuneCountInString(rest[n]); n > 0 && chars > s.c.Gateway.MaxChars() {
				break
			}
			n++
		}
		res, err := s.c.Gateway.Texts(ctx, gateway.TextsRequest{
			Texts: slices.Clone(rest[:n]), Markup: q.markup, Alternatives: q.alternatives,
			Options: gateway.Options{Source: q.source, Target: q.target},
		})
		if err != nil {
			return all, err
		}
		all.Texts = append(all.Texts, res.Texts...)
		all.Usage = all.Usage.Plus(res.Usage)
		rest = rest[n:]
	}
	return all, nil
}

// answer is the JSON of a translation, or the error when some of it is missing.
// A text of a batch that is neither Hindi nor English stands as it is, with no
// confidence in its language.
func (q *libreRequest) answer(res *gateway.TextsResult) ([]byte, error) {
	texts, detected, others := make([]string, len(q.texts)), make([]libreDetection, len(q.texts)), make([][]string, len(q.texts))
	for i, t := range res.Texts {
		texts[i], detected[i], others[i] = t.Text, detectionOf(t.Source, t.Confidence), []string{}
		others[i] = append(others[i], t.Alternatives...)
		switch f := t.Failure; {
		case f == nil:
		case f.Code == gateway.UnsupportedLanguage:
			texts[i], detected[i] = q.texts[i], detectionOf("", 0)
		default:
			return nil, &problem{code: f.Code, detail: f.Message, cause: f.Cause()}
		}
	}
	var out struct {
		TranslatedText   any `json:"translatedText"`
		DetectedLanguage any `json:"detectedLanguage,omitempty"`
		Alternatives     any `json:"alternatives,omitempty"`
	}
	auto, asked := q.source == "auto", q.alternatives > 0
	switch {
	case q.batch:
		out.TranslatedText = texts
		if auto {
			out.DetectedLanguage = detected
		}
		if asked {
			out.Alternatives = others
		}
	default:
		out.TranslatedText = texts[0]
		if auto {
			out.DetectedLanguage = detected[0]
		}
		if asked {
			out.Alternatives = others[0]
		}
	}
	return appendJSON(nil, out), nil
}
