package prompts

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
)

// object writes one JSON object on one line, members in the order in which they
// are added. encoding/json has no ordered map, and the order matters: ids as a
// reader counts them, and the same bytes for the same call.
type object struct{ bytes.Buffer }

func (o *object) name(key string) {
	if o.Len() == 0 {
		o.WriteByte('{')
	} else {
		o.WriteByte(',')
	}
	o.Write(quoted(key))
	o.WriteByte(':')
}

func (o *object) text(key, value string) {
	o.name(key)
	o.Write(quoted(value))
}

// some adds the member unless it is empty.
func (o *object) some(key, value string) {
	if value != "" {
		o.text(key, value)
	}
}

func (o *object) number(key string, value int) {
	o.name(key)
	o.WriteString(strconv.Itoa(value))
}

func (o *object) raw(key string, value []byte) {
	o.name(key)
	o.Write(value)
}

func (o *object) texts(key string, values []string) {
	o.name(key)
	o.WriteByte('[')
	for i, v := range values {
		if i > 0 {
			o.WriteByte(',')
		}
		o.Write(quoted(v))
	}
	o.WriteByte(']')
}

// glossary adds the entries by their keys' order, unless there are none.
func (o *object) glossary(entries map[string]string) {
	if len(entries) == 0 {
		return
	}
	var g object
	for _, k := range slices.Sorted(maps.Keys(entries)) {
		g.text(k, entries[k])
	}
	o.raw("glossary", g.end())
}

// fix adds a Fix; a model that is shown no text begins anew.
func (o *object) fix(key string, f Fix) {
	var x object
	x.some("text", f.Text)
	x.texts("problems", f.Problems)
	o.raw(key, x.end())
}

func (o *object) end() []byte {
	if o.Len() == 0 {
		o.WriteByte('{')
	}
	o.WriteByte('}')
	return o.Bytes()
}

// quoted is s as a JSON string. Devanagari, <, > and & stand raw: escapes cost
// tokens, and a model copies what it sees. Bytes that are no UTF-8 become U+FFFD.
func quoted(s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic("prompts: " + err.Error()) // no string fails
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
