package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
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

// params are the parameters of a DeepL call by their names. It is all one
// whether they came as JSON, as a form, as multipart or in the query: DeepL's own
// clients use all four. A name in the body hides the one in the query.
type params struct {
	values map[string][]string
	odd    map[string]bool // JSON of another shape than a value or a list of values
	file   *upload         // of multipart; nil: none
	err    error           // what was wrong first, once the values are read
}

// upload is the file of a multipart body.
type upload struct {
	name string
	data []byte
}

// maxParts is the most parts of a multipart body, so that many empty ones cost
// no more than the body they come in.
const maxParts = 2000

const (
	formType      = "application/x-www-form-urlencoded"
	multipartType = "multipart/form-data"
)

func readParams(c *fiber.Ctx) (*params, error) {
	p := &params{values: map[string][]string{}, odd: map[string]bool{}}
	if err := p.body(c); err != nil {
		return nil, err
	}
	query, err := url.ParseQuery(string(c.Request().URI().QueryString()))
	if err != nil {
		return nil, &problem{code: malformed, detail: "the query is not well-formed"}
	}
	for name, values := range query {
		if _, ok := p.values[name]; !ok && !p.odd[name] {
			p.values[name] = values
		}
	}
	for name, values := range p.values {
		all := strings.Join(values, "")
		switch {
		case !utf8.ValidString(name) || !utf8.ValidString(all):
			return nil, &problem{code: malformed, detail: "the request is not valid UTF-8"}
		case strings.ContainsRune(all, 0):
			return nil, nul(shown(name))
		}
	}
	return p, nil
}

// body reads what the body holds. One without a Content-Type, as a bare curl or
// a GET sends, is read as what it looks like.
func (p *params) body(c *fiber.Ctx) error {
	b := body(c)
	if len(b) == 0 {
		return nil
	}
	if e := c.Get(fiber.HeaderContentEncoding); e != "" && !strings.EqualFold(e, "identity") {
		return &problem{code: unsupportedMedia, detail: "a Content-Encoding is not read; send the body as it is"}
	}
	kind, attributes, _ := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	if kind == "" {
		kind = formType
		if b := bytes.TrimLeft(b, " \t\r\n"); len(b) > 0 && b[0] == '{' {
			kind = jsonType
		}
	}
	switch kind {
	case jsonType:
		return p.json(b)
	case formType:
		return p.form(b)
	case multipartType:
		return p.multipart(b, attributes["boundary"])
	}
	return &problem{code: unsupportedMedia, detail: "the Content-Type is not one of those that are read: " + jsonType + ", " + formType + " and " + multipartType}
}

func (p *params) form(b []byte) error {
	values, err := url.ParseQuery(string(b))
	if err != nil {
		return &problem{code: malformed, detail: "the form is not well-formed"}
	}
	p.values = values
	return nil
}

func (p *params) json(b []byte) error {
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	if !utf8.Valid(b) {
		return &problem{code: malformed, detail: "the body is not valid UTF-8"}
	}
	var members map[string]any
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&members); err != nil {
		return jsonProblem(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return &problem{code: malformed, detail: "there is more behind the JSON object"}
	}
	if loneSurrogate(b) {
		return &problem{code: malformed, detail: "the body has an unpaired surrogate escape (\\uD800 to \\uDFFF), which is no character"}
	}
	for name, v := range members {
		if v == nil {
			continue // as good as absent
		}
		list, ok := v.([]any)
		if !ok {
			list = []any{v}
		}
		values := make([]string, len(list))
		for i, item := range list {
			var ok bool
			if values[i], ok = scalar(item); !ok {
				p.odd[name] = true
			}
		}
		if !p.odd[name] {
			p.values[name] = values
		}
	}
	return nil
}

// scalar is a JSON value as a form would write it.
func scalar(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}

func (p *params) multipart(b []byte, boundary string) error {
	broken := &problem{code: malformed, detail: "the multipart body is not well-formed"}
	if boundary == "" {
		return broken
	}
	r := multipart.NewReader(bytes.NewReader(b), boundary)
	for n := 0; ; n++ {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil || n == maxParts {
			return broken
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return broken
		}
		name := part.FormName()
		if name == "file" && p.file == nil {
			p.file = &upload{name: part.FileName(), data: data}
			continue
		}
		p.values[name] = append(p.values[name], string(data))
	}
}

// notSupported is DeepL's word for a value that it does not take; why may be "".
func notSupported(name, why string) *problem {
	return &problem{code: gateway.Invalid, detail: "Value for '" + name + "' not supported." + why}
}

func (p *params) refuse(err error) {
	if p.err == nil {
		p.err = err
	}
}

// all are a parameter's values.
func (p *params) all(name string) []string {
	if p.odd[name] {
		p.refuse(notSupported(name, ""))
	}
	return p.values[name]
}

// one is a parameter's value, the first of several; "": it is not given.
func (p *params) one(name string) string {
	if v := p.all(name); len(v) > 0 {
		return v[0]
	}
	return ""
}

// choice is a parameter with a closed set of values, whatever their case.
func (p *params) choice(name string, values ...string) string {
	v := strings.ToLower(p.one(name))
	if v != "" && !slices.Contains(values, v) {
		p.refuse(notSupported(name, " It must be one of "+strings.Join(values, ", ")+"."))
		return ""
	}
	return v
}

// flag is a boolean: true and false in JSON, 1 and 0 in a form.
func (p *params) flag(name string, usual bool) bool {
	switch p.choice(name, "0", "1", "false", "true") {
	case "1", "true":
		return true
	case "0", "false":
		return false
	}
	return usual
}

// list is a list of names: an array, values parted by commas, or one a parameter.
func (p *params) list(name string) (out []string) {
	for _, v := range p.all(name) {
		for item := range strings.SplitSeq(v, ",") {
			if item = strings.TrimSpace(item); item != "" {
				out = append(out, item)
			}
		}
	}
	return out
}

// number is a whole number from low to high; usual when it is not given.
func (p *params) number(name string, low, high, usual int) int {
	v := p.one(name)
	if v == "" {
		return usual
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < low || n > high {
		p.refuse(notSupported(name, fmt.Sprintf(" It must be a whole number from %d to %d.", low, high)))
		return usual
	}
	return n
}

// deeplLanguages are the codes that a text can be translated into, and what the
// gateway calls the language.
var deeplLanguages = map[string]string{"HI": "hi", "EN": "en", "EN-US": "en", "EN-GB": "en"}

// target is the language to translate into: its code in upper case.
func (p *params) target() string {
	v := strings.ToUpper(p.one("target_lang"))
	switch {
	case v == "":
		p.refuse(&problem{code: gateway.Invalid, detail: "Parameter 'target_lang' not specified."})
	case deeplLanguages[v] == "":
		p.refuse(notSupported("target_lang", languagesAllowed(maps.Keys(deeplLanguages))))
	}
	return v
}

// source is the language of the texts, in upper case; "": it is to be detected.
func (p *params) source() string {
	v := strings.ToUpper(p.one("source_lang"))
	if v != "" && v != "HI" && v != "EN" {
		p.refuse(notSupported("source_lang", languagesAllowed(slices.Values([]string{"HI", "EN"}))))
	}
	return v
}

func languagesAllowed(codes func(yield func(string) bool)) string {
	return " It must be one of " + strings.Join(slices.Sorted(codes), ", ") + "."
}
