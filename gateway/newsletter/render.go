package newsletter

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Limits of own templates and of what they write, in bytes.
const (
	maxTemplate = 1 << 20
	maxOutput   = 8 << 20
)

//go:embed templates
var embedded embed.FS

// Renderer writes editions by templates. It is safe for concurrent use.
type Renderer struct {
	templates *template.Template
}

var builtin = mustRenderer()

func mustRenderer() *Renderer {
	files, err := fs.Sub(embedded, "templates")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	r := &Renderer{template.New("").Funcs(functions)}
	for _, name := range templateNames() {
		if err := r.add(files, name); err != nil {
			panic(err) // a test renders all of them
		}
	}
	return r
}

// templateNames are the names of the built-in templates.
func templateNames() []string {
	entries, err := embedded.ReadDir("templates")
	if err != nil {
		panic(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// TemplateError says what is wrong with an editor's own templates. Its text
// comes from the editor's own file, or from the template engine about it, and
// may be shown to the editor in full.
type TemplateError struct {
	File   string // "" = the folder as a whole
	Line   int    // 0: none in particular
	Reason string
}

// Error is the reason with its place.
func (e *TemplateError) Error() string {
	switch {
	case e.File == "":
		return "templates: " + e.Reason
	case e.Line == 0:
		return "template " + e.File + ": " + e.Reason
	}
	return fmt.Sprintf("template %s, line %d: %s", e.File, e.Line, e.Reason)
}

// NewRenderer reads own templates, which replace the built-in ones of the same
// name; nil: there are none. Other .html files beside them can be called by
// theirs. The templates are tried on a sample, so that a fault in them shows
// before an edition is made. The error is a *TemplateError.
func NewRenderer(own fs.FS) (*Renderer, error) {
	if own == nil {
		return builtin, nil
	}
	entries, err := fs.ReadDir(own, ".")
	if err != nil {
		return nil, &TemplateError{Reason: "the folder cannot be read"}
	}
	r, names, replaced := mustRenderer(), templateNames(), 0
	for _, e := range entries {
		known := slices.Contains(names, e.Name())
		if e.IsDir() || !known && path.Ext(e.Name()) != ".html" {
			continue
		}
		if known {
			replaced++
		}
		if err := r.add(own, e.Name()); err != nil {
			return nil, err
		}
	}
	if replaced == 0 {
		return nil, &TemplateError{Reason: "none has the name of a built-in one: " + strings.Join(names, ", ")}
	}
	for _, layout := range []string{Stacked, SideBySide, SummaryFirst} {
		for _, form := range []Form{HTML, ReviewPage} {
			if _, err := r.Render(sample(layout), form); err != nil {
				return nil, err
			}
		}
	}
	return r, nil
}

// add parses one template.
func (r *Renderer) add(files fs.FS, name string) error {
	f, err := files.Open(name)
	if err != nil {
		return &TemplateError{File: name, Reason: "the file cannot be read"}
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxTemplate+1))
	if err != nil {
		return &TemplateError{File: name, Reason: "the file cannot be read"}
	}
	if len(text) > maxTemplate {
		return &TemplateError{File: name, Reason: fmt.Sprintf("the file is longer than %d bytes", maxTemplate)}
	}
	if _, err := r.templates.New(name).Parse(string(text)); err != nil {
		return templateError(name, err)
	}
	return nil
}

// atPlace finds the place in an error text of the template packages.
var atPlace = regexp.MustCompile(`^(?:html/)?template: ?([^:\s]+):(\d+)(?::\d+)?: (.*)$`)

func templateError(name string, err error) *TemplateError {
	var own *TemplateError
	if errors.As(err, &own) {
		return own
	}
	reason, _, _ := strings.Cut(err.Error(), "\n")
	if m := atPlace.FindStringSubmatch(reason); m != nil {
		line, _ := strconv.Atoi(m[2])
		return &TemplateError{m[1], line, m[3]}
	}
	return &TemplateError{File: name, Reason: reason}
}

// execute runs a template. The error is a *TemplateError.
func (r *Renderer) execute(name string, data any) ([]byte, error) {
	w := &boundedBuffer{}
	if err := r.templates.ExecuteTemplate(w, name, data); err != nil {
		if w.full {
			return nil, &TemplateError{File: name, Reason: fmt.Sprintf("it writes more than %d bytes", maxOutput)}
		}
		return nil, templateError(name, err)
	}
	return w.Bytes(), nil
}

// boundedBuffer stops a template that calls itself without end.
type boundedBuffer struct {
	bytes.Buffer
	full bool
}

func (b *boundedBuffer) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxOutput {
		b.full = true
		return 0, io.ErrShortBuffer
	}
	return b.Buffer.Write(p)
}

// Render writes an edition. The error is a *TemplateError of own templates, a
// *SenderError of the mail, or a *gateway.Error of code Invalid for a feed in a
// language that the edition does not have.
func (r *Renderer) Render(e *Edition, f Form) ([]byte, error) {
	switch f {
	case HTML:
		return r.mailHTML(e)
	case PlainText:
		return []byte(mailText(e)), nil
	case Markdown:
		return markdown(e)
	case EML:
		return r.eml(e)
	case Atom, AtomHindi, AtomEng:
		return atom(e, f)
	case JSONFeed, FeedHindi, FeedEng:
		return jsonFeed(e, f)
	case JSON:
		return writeJSON(e.Data())
	case ReviewPage:
		return r.review(e)
	}
	return nil, errors.New("newsletter: no such form")
}

// writeJSON is indented JSON in which Hindi and HTML stand as they are.
func writeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(v)
	return b.Bytes(), err
}
