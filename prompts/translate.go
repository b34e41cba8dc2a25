package prompts

import (
	"strconv"
	"strings"
)

// Translation is a call that translates some segments of one article.
type Translation struct {
	Source, Target string            // "hi" and "en", or the other way about
	Segments       []string          // masked texts
	IDs            []string          // one for each segment; nil: "1", "2", …
	Title          string            // of the article; "" when it is among the segments or not to be sent
	Before         string            // the text before the first segment, as context; "" for none
	Glossary       map[string]string // entries that occur in the segments, the caller's and the built-in ones in one
	Register       string            // "news" (also ""), "formal" or "colloquial"
	Numerals       string            // "latin", "devanagari", "keep"; "" is the target's default: latin for en, keep for hi
	Fix            map[string]Fix    // by id: answers to mend, or to give anew

	Address      string   // how a Hindi translation says "you": "aap", "tum", or "" for as the text has it
	Instructions []string // the caller's wishes on style and wording
	Background   string   // the caller's own words on what the texts are about, as context
}

// Translate gives the call for segments of an article, or, with Fix, the call
// that asks again for rejected ones. The answer is {"segments":{"1":"…"}}, as
// the schema says, with every id.
func Translate(t Translation) Prompt {
	ids := t.ids()
	return Prompt{
		Messages: []Message{
			{Role: "system", Content: render("translate."+t.Source+"-"+t.Target+".txt", t.needs())},
			{Role: "user", Content: t.wire(ids)},
		},
		Schema:     segmentsSchema(ids),
		SchemaName: "translation",
	}
}

// TranslatePlain gives the call for a model that only translates (prompt style
// plain): the first segment alone is the user message, and the answer is its
// translation. The system message names the direction, the glossary's terms if
// there are any, the tags and the form of address; title, context, instructions
// and fixes are left out.
func TranslatePlain(t Translation) Prompt {
	n := t.needs()
	text := ""
	if len(t.Segments) > 0 {
		text = t.Segments[0]
	}
	return Prompt{Messages: []Message{
		{Role: "system", Content: render("plain.txt", n)},
		{Role: "user", Content: text},
	}}
}

// ids gives each segment's id.
func (t Translation) ids() []string {
	if len(t.IDs) == len(t.Segments) {
		return t.IDs
	}
	out := make([]string, len(t.Segments))
	for i := range out {
		out[i] = strconv.Itoa(i + 1)
	}
	return out
}

func (t Translation) register() string {
	if t.Register == "" {
		return "news"
	}
	return t.Register
}

// numerals is the asked-for form of digits, "" when it is the target's default.
func (t Translation) numerals() string {
	if t.Target == "en" && t.Numerals == "latin" || t.Target == "hi" && t.Numerals == "keep" {
		return ""
	}
	return t.Numerals
}

// address is the asked-for form of address, "" where the target has only one.
func (t Translation) address() string {
	if t.Target != "hi" {
		return ""
	}
	return t.Address
}

// wire is the user message: one JSON object on one line.
func (t Translation) wire(ids []string) string {
	var o, segments, context, fix object
	o.text("task", "translate")
	o.text("source", t.Source)
	o.text("target", t.Target)
	for i, id := range ids {
		segments.text(id, t.Segments[i])
		if f, ok := t.Fix[id]; ok {
			fix.fix(id, f)
		}
	}
	o.raw("segments", segments.end())
	context.some("title", t.Title)
	context.some("before", t.Before)
	context.some("background", t.Background)
	if context.Len() > 0 {
		o.raw("context", context.end())
	}
	o.glossary(t.Glossary)
	o.text("register", t.register())
	o.some("numerals", t.numerals())
	o.some("address", t.address())
	if len(t.Instructions) > 0 {
		o.texts("instructions", t.Instructions)
	}
	if fix.Len() > 0 {
		o.raw("fix", fix.end())
	}
	return string(o.end())
}

// needs tells which lines this call's system message has.
func (t Translation) needs() needs {
	n := look(t.Source, strings.Join(t.Segments, "\n"))
	for _, s := range t.Segments {
		n.Dateline = n.Dateline || dateline(t.Source, s)
		n.Credit = n.Credit || credit(t.Source, s)
	}
	n.SourceName, n.TargetName = languageName(t.Source), languageName(t.Target)
	n.Register = t.register()
	n.Numerals = t.numerals()
	n.Address = t.address()
	n.Instructions = len(t.Instructions) > 0
	n.Glossary = t.Glossary
	n.Context = t.Title != "" || t.Before != ""
	n.Fix = len(t.Fix) > 0
	return n
}
