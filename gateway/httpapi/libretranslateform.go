package httpapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"dubhashi/gateway"
)

// libreForm is the fields of a request. LibreTranslate reads them from JSON
// when the Content-Type says so, and then from nowhere else; otherwise from the
// query and a form, of which the query wins.
type libreForm struct {
	json   map[string]json.RawMessage // nil: not JSON
	values map[string]string          // the first of each name
}

func readLibre(c *fiber.Ctx) (*libreForm, error) {
	if e := c.Get(fiber.HeaderContentEncoding); e != "" && !strings.EqualFold(e, "identity") {
		return nil, &problem{code: unsupportedMedia, detail: "Invalid request: a Content-Encoding is not read"}
	}
	kind, params, _ := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	if kind == jsonType || strings.HasPrefix(kind, "application/") && strings.HasSuffix(kind, "+json") {
		return readLibreJSON(body(c))
	}
	f := &libreForm{values: map[string]string{}}
	f.urlEncoded(string(c.Request().URI().QueryString()))
	switch kind {
	case fiber.MIMEApplicationForm:
		f.urlEncoded(string(body(c)))
	case fiber.MIMEMultipartForm:
		if err := f.multipart(body(c), params["boundary"]); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func readLibreJSON(b []byte) (*libreForm, error) {
	f := &libreForm{}
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	if err := json.Unmarshal(b, &f.json); err != nil || f.json == nil || !utf8.Valid(b) || loneSurrogate(b) {
		return nil, libreInvalid("Invalid JSON format")
	}
	return f, nil
}

func libreInvalid(format string, args ...any) *problem {
	return &problem{code: malformed, detail: fmt.Sprintf(format, args...)}
}

// add takes a field in, unless there is one of its name.
func (f *libreForm) add(name, value string) {
	if _, ok := f.values[name]; !ok {
		f.values[name] = value
	}
}

// urlEncoded reads name=value&…; a % that begins no escape stands for itself.
func (f *libreForm) urlEncoded(s string) {
	for pair := range strings.SplitSeq(s, "&") {
		if name, value, ok := strings.Cut(pair, "="); ok {
			f.add(unescape(name), unescape(value))
		}
	}
}

func unescape(s string) string {
	if whole, err := url.QueryUnescape(s); err == nil {
		return whole
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+':
			b.WriteByte(' ')
		case s[i] == '%' && i+2 < len(s):
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(n))
				i += 2
				continue
			}
			fallthrough
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// multipart reads the parts that are no files.
func (f *libreForm) multipart(b []byte, boundary string) error {
	parts := multipart.NewReader(bytes.NewReader(b), boundary)
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return libreInvalid("Invalid request: the multipart form can not be read")
		}
		if part.FileName() != "" {
			continue
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return libreInvalid("Invalid request: the multipart form can not be read")
		}
		f.add(part.FormName(), string(value))
	}
}

// text is a field's text, "" when there is none.
func (f *libreForm) text(name string) (string, error) {
	s := f.values[name]
	if raw := f.json[name]; raw != nil {
		var p *string
		if json.Unmarshal(raw, &p) != nil {
			return "", libreInvalid("Invalid request: %s parameter is not a string", name)
		}
		if p != nil {
			s = *p
		}
	}
	return s, f.check(name, s)
}

// check refuses what no text holds.
func (f *libreForm) check(name, s string) error {
	switch {
	case !utf8.ValidString(s):
		return libreInvalid("Invalid request: %s parameter is not valid UTF-8", name)
	case strings.ContainsRune(s, 0):
		return libreInvalid("Invalid request: %s parameter holds a NUL character", name)
	}
	return nil
}

// texts are the text or, in JSON, the array of texts that a field holds. There
// must be one.
func (f *libreForm) texts(name string) (texts []string, batch bool, err error) {
	if raw := f.json[name]; len(raw) > 0 && raw[0] == '[' {
		var list []*string
		if json.Unmarshal(raw, &list) != nil || slices.Contains(list, nil) {
			return nil, true, libreInvalid("Invalid request: %s parameter is not a string or an array of strings", name)
		}
		for _, p := range list {
			if err := f.check(name, *p); err != nil {
				return nil, true, err
			}
			texts = append(texts, *p)
		}
		batch = true
	} else {
		s, err := f.text(name)
		if err != nil {
			return nil, false, err
		}
		if s != "" {
			texts = []string{s}
		}
	}
	if len(texts) == 0 {
		return nil, batch, missingLibre(name)
	}
	if f.json == nil { // browsers send CR LF in forms (RFC 7578, 4.1.1 with RFC 2046, 4.1.1)
		texts[0] = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(texts[0])
	}
	return texts, batch, nil
}

func missingLibre(name string) *problem {
	return libreInvalid("Invalid request: missing %s parameter", name)
}

// count is a field's whole number of at least 0, which JSON may also hold as a
// string.
func (f *libreForm) count(name string) (int, error) {
	s := f.values[name]
	if raw := f.json[name]; raw != nil {
		if s = string(raw); s[0] == '"' {
			_ = json.Unmarshal(raw, &s) // it was valid
		}
		if s == "null" {
			return 0, nil
		}
	}
	if s = strings.TrimSpace(s); s == "" {
		return 0, nil
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || n != n {
		return 0, libreInvalid("Invalid request: %s parameter is not a number", name)
	}
	return int(max(0, min(n, 1<<20))), nil
}

// request checks the fields of a translation, in LibreTranslate's order. No text
// may have more than limit characters.
func (f *libreForm) request(limit int) (*libreRequest, error) {
	q := &libreRequest{}
	var err error
	if q.texts, q.batch, err = f.texts("q"); err != nil {
		return nil, err
	}
	for _, field := range []struct {
		name string
		to   *string
	}{{"source", &q.source}, {"target", &q.target}} {
		if *field.to, err = f.text(field.name); err != nil {
			return nil, err
		}
		if *field.to == "" {
			return nil, missingLibre(field.name)
		}
	}
	n, err := f.count("alternatives")
	if err != nil {
		return nil, err
	}
	q.alternatives = min(n, gateway.MaxAlternatives)
	for _, text := range q.texts {
		if n := utf8.RuneCountInString(text); n > limit {
			return nil, libreInvalid("Invalid request: request (%d) exceeds text limit (%d)", n, limit)
		}
	}
	q.source, q.target = strings.ToLower(q.source), strings.ToLower(q.target)
	if q.source != "auto" && q.source != "hi" && q.source != "en" {
		return nil, libreInvalid("%s is not supported", shown(q.source))
	}
	if q.target != "hi" && q.target != "en" {
		return nil, libreInvalid("%s is not supported", shown(q.target))
	}
	switch format, err := f.text("format"); {
	case err != nil:
		return nil, err
	case format == "html":
		q.markup = gateway.MarkupHTML
	case format != "" && format != "text":
		return nil, libreInvalid("%s format is not supported", shown(format))
	}
	return q, nil
}
