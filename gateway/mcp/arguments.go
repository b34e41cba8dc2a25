package mcp

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
	"strings"

	"dubhashi/gateway"
	"dubhashi/gateway/api"
	"dubhashi/gateway/article"
)

// articleArguments are what translate and summarize have in common.
type articleArguments struct {
	Text       *string           `json:"text"`
	URL        *string           `json:"url"`
	Format     string            `json:"format"`
	Title      string            `json:"title"`
	Source     string            `json:"source"`
	Glossary   map[string]string `json:"glossary"`
	GlossaryID string            `json:"glossary_id"`
	Cache      string            `json:"cache"`
}

type translateArguments struct {
	articleArguments
	Target   string `json:"target"`
	Register string `json:"register"`
	Numerals string `json:"numerals"`
}

type summarizeArguments struct {
	articleArguments
	Languages []string `json:"languages"`
	Style     string   `json:"style"`
	MaxWords  *int     `json:"max_words"`
}

type detectArguments struct {
	Text *string `json:"text"`
}

func invalid(field, message string) *gateway.Error {
	return &gateway.Error{Code: gateway.Invalid, Message: "the arguments are not valid", Fields: []gateway.FieldError{{Field: field, Message: message}}}
}

// decode reads a tool's arguments strictly, so that a misspelt one is told and
// not ignored.
func decode(raw json.RawMessage, into any) *gateway.Error {
	if len(bytes.TrimSpace(raw)) == 0 {
		raw = json.RawMessage("{}")
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil {
		return nil
	}
	var t *json.UnmarshalTypeError
	if errors.As(err, &t) && t.Field != "" {
		return invalid(strings.TrimPrefix(t.Field, "articleArguments."), "must be "+wanted(t)+", not "+t.Value)
	}
	// The decoder has no type for an unknown field; its text names it.
	if _, name, ok := strings.Cut(err.Error(), "unknown field "); ok {
		if name, err := strconv.Unquote(name); err == nil {
			return invalid(name[:min(len(name), 64)], "is not an argument of this tool; see its input schema")
		}
	}
	return invalid("arguments", "must be a JSON object as the input schema says")
}

// wanted is what an argument takes, in JSON's words.
func wanted(t *json.UnmarshalTypeError) string {
	if t.Type == reflect.TypeFor[api.Bilingual]() {
		return "a text, or an object with the texts hi and en"
	}
	switch t.Type.Kind().String() {
	case "string":
		return "a string"
	case "int":
		return "a whole number"
	case "slice":
		if t.Type.Elem().Kind() == reflect.String {
			return "an array of strings"
		}
		return "an array of objects"
	default:
		return "an object of strings"
	}
}

// request is the gateway's request for an article.
func (a *articleArguments) request() (gateway.Request, *gateway.Error) {
	req := gateway.Request{Title: a.Title, Format: article.Format(a.Format), Options: gateway.Options{
		Source: a.Source, Glossary: a.Glossary, Cache: gateway.CacheMode(a.Cache),
	}}
	switch {
	case a.Text != nil && a.URL != nil:
		return req, invalid("url", "is a second article; give text or url")
	case a.URL != nil:
		if strings.TrimSpace(*a.URL) == "" {
			return req, invalid("url", "must be the address of a page")
		}
		if a.Format != "" {
			return req, invalid("format", "has no meaning for a url, whose page tells its type")
		}
		req.URL = *a.URL
	case a.Text != nil:
		if strings.TrimSpace(*a.Text) == "" {
			return req, invalid("text", "must hold some text")
		}
		req.Input = *a.Text
	default:
		return req, invalid("text", "is missing; give text or url")
	}
	if strings.ContainsRune(req.Input+req.Title, 0) {
		return req, invalid("text", "holds a NUL character, which no text has")
	}
	switch req.Format {
	case "", article.Text, article.HTML, article.Markdown:
		return req, nil
	}
	return req, invalid("format", "must be one of text, html, markdown")
}
