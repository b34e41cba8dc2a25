package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"dubhashi/gateway/api"
)

const (
	jsonType     = "application/json"
	plainType    = "text/plain"
	htmlType     = "text/html"
	markdownType = "text/markdown"
	eventsType   = "text/event-stream"
)

// media is the type of the body; what is allowed is told with what was sent.
func media(c *fiber.Ctx, allowed ...string) (string, error) {
	refuse := func(why string) error {
		return &problem{code: unsupportedMedia, detail: why + "; send " + strings.Join(allowed, ", ") + " in UTF-8"}
	}
	if e := c.Get(fiber.HeaderContentEncoding); e != "" && !strings.EqualFold(e, "identity") {
		return "", refuse("a Content-Encoding is not read")
	}
	header := c.Get(fiber.HeaderContentType)
	if header == "" {
		return "", refuse("the Content-Type is missing")
	}
	kind, params, err := mime.ParseMediaType(header)
	if err != nil {
		return "", refuse("the Content-Type can not be read")
	}
	if set := params["charset"]; set != "" && !strings.EqualFold(set, "utf-8") && !strings.EqualFold(set, "us-ascii") {
		return "", refuse("the charset is not UTF-8")
	}
	for _, a := range allowed {
		if kind == a {
			return kind, nil
		}
	}
	return "", refuse("the Content-Type is not one of those that are read")
}

// text is the body as checked UTF-8.
func text(c *fiber.Ctx) (string, error) {
	b := body(c)
	if !utf8.Valid(b) {
		return "", &problem{code: malformed, detail: "the body is not valid UTF-8"}
	}
	return string(b), nil
}

// decodeArticle reads an article: JSON, or the body itself, with the options
// in the query.
func decodeArticle(c *fiber.Ctx) (*api.ArticleRequest, error) {
	in := &api.ArticleRequest{}
	given := map[string]bool{}
	if len(body(c)) == 0 && c.Context().QueryArgs().Has("url") { // nothing to be of a type
		return in, queryOptions(c, in, given)
	}
	kind, err := media(c, jsonType, plainType, htmlType, markdownType)
	if err != nil {
		return nil, err
	}
	if kind == jsonType {
		if err := unmarshal(c, in, given); err != nil {
			return nil, err
		}
	} else {
		s, err := text(c)
		if err != nil {
			return nil, err
		}
		if s = strings.TrimPrefix(s, "\ufeff"); strings.TrimSpace(s) == "" {
			return nil, invalid("body", "must hold some text")
		}
		switch kind {
		case plainType:
			in.Text = &s
		case htmlType:
			in.HTML = &s
		case markdownType:
			in.Markdown = &s
		}
		if strings.ContainsRune(s, 0) {
			return nil, nul("the body")
		}
	}
	return in, queryOptions(c, in, given)
}

// decodeJSON reads a body that is JSON and takes the options in the query too.
func decodeJSON(c *fiber.Ctx, in any) error {
	if _, err := media(c, jsonType); err != nil {
		return err
	}
	given := map[string]bool{}
	if err := unmarshal(c, in, given); err != nil {
		return err
	}
	query, err := url.ParseQuery(string(c.Request().URI().QueryString()))
	if err != nil {
		return &problem{code: malformed, detail: "the query is not well-formed"}
	}
	t, ok := in.(*api.TranslateRequest)
	if !ok {
		for k := range query {
			return invalid(k, "is not an option of this endpoint's query")
		}
		return nil
	}
	set := optionSetters(&t.Options)
	set["async"] = boolean(&t.Async)
	return setOptions(query, given, set)
}

// unmarshal decodes strictly and notes which fields stood in the JSON.
func unmarshal(c *fiber.Ctx, in any, given map[string]bool) error {
	return strictJSON(body(c), in, given)
}

func strictJSON(b []byte, in any, given map[string]bool) error {
	if !utf8.Valid(b) {
		return &problem{code: malformed, detail: "the body is not valid UTF-8"}
	}
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(in); err != nil {
		return jsonProblem(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return &problem{code: malformed, detail: "there is more behind the JSON object"}
	}
	if loneSurrogate(b) {
		return &problem{code: malformed, detail: "the body has an unpaired surrogate escape (\\uD800 to \\uDFFF), which is no character"}
	}
	return names(b, func(name string) error {
		if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_.") != "" {
			return unknownField(name)
		}
		given[name] = true
		return nil
	})
}

// names calls each with every name in the JSON object b, and with those in its
// members summary and webhook as "summary.NAME". b has been decoded, so it is valid. It is
// there because encoding/json matches names whatever their case, and does not
// tell which it met.
func names(b []byte, each func(name string) error) error {
	depth, member := 0, ""
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			start := i
			for i++; b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
			if depth > 2 || !bytes.HasPrefix(bytes.TrimLeft(b[i+1:], " \t\r\n"), []byte(":")) {
				continue // too deep, or a value
			}
			var name string
			if err := json.Unmarshal(b[start:i+1], &name); err != nil {
				return jsonProblem(err)
			}
			switch {
			case depth == 1:
				member = name
			case member == "summary", member == "webhook":
				name = member + "." + name
			default:
				continue
			}
			if err := each(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// jsonProblem says what is wrong with JSON in words of ours.
func jsonProblem(err error) *problem {
	var t *json.UnmarshalTypeError
	var syn *json.SyntaxError
	switch {
	case errors.As(err, &t):
		if t.Field == "" {
			return &problem{code: malformed, detail: "the body must be a JSON object"}
		}
		field := strings.TrimPrefix(strings.TrimPrefix(t.Field, "Options."), "Issue.")
		return invalid(field, "must be %s, not %s", wanted(t), t.Value)
	case errors.As(err, &syn):
		return &problem{code: malformed, detail: "the body is not valid JSON: it breaks at byte " + strconv.FormatInt(syn.Offset, 10)}
	case errors.Is(err, io.EOF):
		return &problem{code: malformed, detail: "the body is empty; send a JSON object"}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &problem{code: malformed, detail: "the body is not valid JSON: it ends too early"}
	}
	// The decoder has no type for an unknown field; its text names it.
	if _, name, ok := strings.Cut(err.Error(), "unknown field "); ok {
		if name, err := strconv.Unquote(name); err == nil {
			return unknownField(name)
		}
	}
	return &problem{code: malformed, detail: "the body is not valid JSON"}
}

// loneSurrogate finds a \uD800–\uDFFF escape without its other half (RFC 8259,
// 8.2), which encoding/json would silently replace.
func loneSurrogate(b []byte) bool {
	high := false // the escape before was the first half of a pair
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' {
			if high {
				return true
			}
			continue
		}
		i++ // what is escaped, also another backslash
		if i+4 >= len(b) || b[i] != 'u' {
			if high {
				return true
			}
			continue
		}
		n, _ := strconv.ParseUint(string(b[i+1:i+5]), 16, 32) // the decoder has seen that it is a number
		switch {
		case high != (n >= 0xDC00 && n <= 0xDFFF):
			return true
		case high:
			high = false
		default:
			high = n >= 0xD800 && n <= 0xDBFF
		}
		i += 4
	}
	return high
}

func unknownField(name string) *problem {
	return invalid(shown(name), "is not a field of this request")
}

// shown is a caller's field name, cut to what an error may repeat.
func shown(name string) string {
	if r := []rune(name); len(r) > 64 {
		return string(r[:64]) + "…"
	}
	return name
}

// wanted is what a field takes, in JSON's words.
func wanted(t *json.UnmarshalTypeError) string {
	if t.Type == reflect.TypeFor[api.Bilingual]() {
		return "a text, or an object with the texts hi and en"
	}
	switch t.Type.Kind().String() {
	case "string":
		return "a string"
	case "int":
		return "a whole number"
	case "bool":
		return "true or false"
	case "slice":
		switch t.Type.Elem().Kind() {
		case reflect.String:
			return "an array of strings"
		case reflect.Struct:
			return "an array of objects"
		}
		return "an array"
	default:
		return "an object"
	}
}

// setter puts an option's value from the query in its place; false: it cannot
// be read as what is wanted.
type setter struct {
	set    func(value string) bool
	wanted string
}

func optionSetters(o *api.Options) map[string]setter {
	str := func(p *string) setter {
		return setter{func(v string) bool { *p = v; return v != "" }, "a value"}
	}
	return map[string]setter{
		"source": str(&o.Source), "target": str(&o.Target), "glossary_id": str(&o.GlossaryID), "register": str(&o.Register),
		"numerals": str(&o.Numerals), "context": str(&o.Context), "cache": str(&o.CacheMode),
		"strict": boolean(&o.Strict),
	}
}

func boolean(p **bool) setter {
	return setter{func(v string) bool {
		b, err := strconv.ParseBool(v)
		*p = &b
		return err == nil
	}, "true or false"}
}

// queryOptions reads an article's options from the query.
func queryOptions(c *fiber.Ctx, in *api.ArticleRequest, given map[string]bool) error {
	raw := string(c.Request().URI().QueryString())
	if raw == "" {
		return nil
	}
	query, err := url.ParseQuery(raw)
	if err != nil || !utf8.ValidString(raw) {
		return &problem{code: malformed, detail: "the query is not well-formed"}
	}
	set := optionSetters(&in.Options)
	summary := func() *api.SummaryOptions {
		if in.Summary == nil {
			in.Summary = &api.SummaryOptions{}
		}
		return in.Summary
	}
	list := func(p func() *[]string) setter {
		return setter{func(v string) bool {
			*p() = strings.Split(v, ",")
			return v != ""
		}, "a list, parted by commas"}
	}
	set["url"] = setter{func(v string) bool { in.URL = &v; return v != "" }, "a value"}
	set["title"] = setter{func(v string) bool { in.Title = &v; return v != "" }, "a value"}
	set["async"] = boolean(&in.Async)
	set["outputs"] = list(func() *[]string { return &in.Outputs })
	set["summary.style"] = setter{func(v string) bool { summary().Style = v; return v != "" }, "a value"}
	set["summary.languages"] = list(func() *[]string { return &summary().Languages })
	set["summary.max_words"] = setter{func(v string) bool {
		n, err := strconv.Atoi(v)
		summary().MaxWords = &n
		return err == nil
	}, "a whole number"}
	return setOptions(query, given, set)
}

func setOptions(query url.Values, given map[string]bool, set map[string]setter) error {
	p := &problem{code: "invalid", detail: "the request is not valid"}
	for name, values := range query {
		s, ok := set[name]
		var bad *problem
		switch {
		case !utf8.ValidString(name) || !utf8.ValidString(strings.Join(values, "")):
			return &problem{code: malformed, detail: "the query is not valid UTF-8"}
		case !ok:
			bad = invalid(shown(name), "is not an option that can stand in the query")
		case len(values) > 1:
			bad = invalid(name, "is given twice")
		case given[name]:
			bad = invalid(name, "is given in the JSON and in the query; give it once")
		case strings.ContainsRune(values[0], 0):
			return nul(name)
		case !s.set(values[0]):
			bad = invalid(name, "must be %s", s.wanted)
		}
		if bad != nil {
			p.fields = append(p.fields, bad.fields...)
		}
	}
	if len(p.fields) > 0 {
		return p
	}
	return nil
}

// Pages of a list.
const (
	usualPage = 100
	maxPage   = 1000
)

// page reads which part of a list is asked for, from the query.
func page(c *fiber.Ctx) (cursor string, limit int, err error) {
	limit = usualPage
	err = readQuery(c, map[string]setter{
		"cursor": {func(v string) bool { cursor = v; return len(v) <= 64 }, "one that an answer gave as next_cursor"},
		"limit": {func(v string) bool {
			n, err := strconv.Atoi(v)
			limit = n
			return err == nil && n >= 1 && n <= maxPage
		}, fmt.Sprintf("a whole number from 1 to %d", maxPage)},
	})
	return cursor, limit, err
}
