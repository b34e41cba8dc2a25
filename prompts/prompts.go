package prompts

import (
	"embed"
	"encoding/json"
	"strings"
	"text/template"
)

// Version is the version of everything a model is told. It is part of every
// cache key: raise it with any change of a template, the glossary or the code
// that renders them, and cached translations are asked for anew.
const Version = "1"

// Message is one message of a chat.
type Message struct{ Role, Content string }

// Prompt is one call: what is said to the model and the shape of its answer.
type Prompt struct {
	Messages   []Message       // the system message, then the user message
	Schema     json.RawMessage // strict JSON schema of the answer; nil: the answer is plain text
	SchemaName string          // "translation", "summary" or "bullets"; "" without a schema
}

// Fix is what was wrong with the model's last answer, in words for the model,
// e.g. "number 2024 missing", and that answer. Text is "" where there was none,
// or none worth mending (copied, refused, in another script): then the model is
// told the problems alone.
type Fix struct {
	Text     string
	Problems []string
	TooLong  bool // of a summary that was: the call asks for less than the bound
}

//go:embed templates/*.txt
var templateFiles embed.FS

// The dots of a file's name part its directions or tasks: translate.hi-en.txt.
// lines.txt defines the lines that several prompts share.
var templates = template.Must(template.New("").ParseFS(templateFiles, "templates/*.txt"))

// render gives the named template's text. The templates are constant and every
// field they name exists, so a failure is a fault of this package.
func render(name string, data any) string {
	var b strings.Builder
	if err := templates.ExecuteTemplate(&b, name, data); err != nil {
		panic("prompts: " + err.Error())
	}
	return strings.TrimSpace(b.String())
}

// languageName is the English name of a language code, which is what models
// follow best; an unknown code stands for itself.
func languageName(code string) string {
	switch code {
	case "hi":
		return "Hindi"
	case "en":
		return "English"
	}
	return code
}
