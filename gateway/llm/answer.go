package llm

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
)

// ErrNoObject is returned by [Answer] when the text holds no whole JSON object
// with a wanted key.
var ErrNoObject = errors.New("llm: no JSON object in the answer")

// Answer decodes the JSON object in a model's answer; see [JSON] for what may
// stand around it. When into points to a struct, the object has to have at least
// one of its fields, so that an object in the prose before the answer is passed
// over. The error never holds text of the answer.
func Answer(text string, into any) error {
	obj, ok := JSON(text, fieldNames(into)...)
	if !ok {
		return ErrNoObject
	}
	return json.Unmarshal(obj, into)
}

// fieldNames are the JSON names of the fields of the struct v points to.
func fieldNames(v any) []string {
	t := reflect.TypeOf(v)
	if t == nil || t.Kind() != reflect.Pointer || t.Elem().Kind() != reflect.Struct {
		return nil
	}
	var names []string
	for f := range t.Elem().Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || name == "-" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		names = append(names, name)
	}
	return names
}

// objectTries bounds the search in text that is full of braces.
const objectTries = 64

// JSON finds the first whole JSON object in a model's answer, which has at least
// one of the wanted keys if any are named. It may stand in a code fence, in prose
// or after the model's thinking (<think>…</think>, without the opening tag, or
// without the closing one) and have a byte order mark in front, raw line breaks
// and other control characters inside its strings, and commas before a closing
// bracket. These are set right; nothing else is guessed, and an object that is
// cut short is none.
func JSON(text string, want ...string) (json.RawMessage, bool) {
	s, thinking := withoutThinking(text)
	if thinking == unended {
		s = text // the answer, if any, stands among the thoughts
	}
	for range objectTries {
		start := strings.IndexByte(s, '{')
		if start < 0 {
			return nil, false
		}
		s = s[start:]
		end := balanced(s)
		if end < 0 {
			if opensObject(s) {
				return nil, false // cut short; what is inside it is not the answer
			}
			s = s[1:] // a brace in the prose
			continue
		}
		obj := json.RawMessage(s[:end])
		if !json.Valid(obj) {
			obj = tidy(s[:end])
		}
		switch {
		case !json.Valid(obj) && opensObject(s):
			s = s[end:]
		case !json.Valid(obj):
			s = s[1:]
		case hasKey(obj, want):
			return obj, true
		default:
			s = s[1:] // perhaps inside of it
		}
	}
	return nil, false
}

// opensObject tells an object's brace from one in prose: a key or the end follows.
func opensObject(s string) bool {
	s = strings.TrimLeft(s[1:], " \t\r\n")
	return s == "" || s[0] == '"' || s[0] == '}'
}

// balanced is the index behind the bracket that closes s[0], or -1.
func balanced(s string) int {
	depth, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

// tidy escapes control characters inside strings and drops commas before a
// closing bracket.
func tidy(s string) json.RawMessage {
	const hex = "0123456789abcdef"
	b := make([]byte, 0, len(s)+16)
	quoted := false
	comma := -1 // where a comma stands that only space has followed
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quoted && c == '\\' && i+1 < len(s):
			b = append(b, c, s[i+1])
			i++
			continue
		case c == '"':
			quoted, comma = !quoted, -1
		case quoted && c < ' ':
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			continue
		case quoted:
		case c == ',':
			comma = len(b)
		case c == '}' || c == ']':
			if comma >= 0 {
				b = append(b[:comma], b[comma+1:]...)
			}
			comma = -1
		case c != ' ' && c != '\t' && c != '\r' && c != '\n':
			comma = -1
		}
		b = append(b, c)
	}
	return b
}

func hasKey(obj json.RawMessage, want []string) bool {
	if len(want) == 0 {
		return true
	}
	var m map[string]json.RawMessage
	if json.Unmarshal(obj, &m) != nil {
		return false
	}
	for _, k := range want {
		if _, ok := m[k]; ok {
			return true
		}
	}
	return false
}

const (
	thinkOpen  = "<think>"
	thinkClose = "</think>"
)

// thinking says what stood before an answer.
type thinking int

const (
	none    thinking = iota
	ended            // thoughts that were closed
	unended          // thoughts that go on to the end of the text
)

// withoutThinking takes the model's thinking from the front of its answer, and
// the space and byte order mark around it. Where the template of a model holds
// the opening tag, the answer has the closing one alone. Thinking that never ends
// leaves "".
func withoutThinking(text string) (visible string, before thinking) {
	s := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(text), "\ufeff"))
	for strings.HasPrefix(s, thinkOpen) {
		_, rest, closed := strings.Cut(s, thinkClose)
		if !closed {
			return "", unended
		}
		s, before = strings.TrimSpace(rest), ended
	}
	if before == ended || s == "" || s[0] == '{' || s[0] == '`' {
		return s, before // a tag further on is part of the answer
	}
	if thoughts, rest, closed := strings.Cut(s, thinkClose); closed && !strings.Contains(thoughts, thinkOpen) {
		return strings.TrimSpace(rest), ended
	}
	return s, none
}
