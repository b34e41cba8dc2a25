package newsletter_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"dubhashi/gateway/newsletter"
)

func files(list ...string) fstest.MapFS {
	m := fstest.MapFS{}
	for i := 0; i < len(list); i += 2 {
		m[list[i]] = &fstest.MapFile{Data: []byte(list[i+1])}
	}
	return m
}

func TestOwnTemplates(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name string
		own  fs.FS
		want []string // in the mail
		not  string
	}{
		{"one part", files("footer.html", `<tr><td class="c foot"><p lang="en" class="en">Made by hand</p><p><a href="{{.Leave}}">{{(words "en").Leave}}</a></p></td></tr>`),
			[]string{"Made by hand", "Unsubscribe</a>", "इस अंक में"}, "1, River Road"},
		{"a sheet", files("style.css", `h1 { color: #123456 } @media (prefers-color-scheme: dark) { h1 { color: #abcdef } }`), []string{"color:#123456", "#abcdef !important"}, "#f0ece5"},
		{"all of it", files("layout.html", `<!DOCTYPE html><html lang="en"><head><title>{{both .Title .Languages}}</title></head><body>{{range .Sections}}{{range .Stories}}{{template "teaser.html" .}}{{end}}{{end}}</body></html>`,
			"teaser.html", `<h2>{{range .Headline.Languages}}{{$.Headline.Plain .}} {{end}}</h2>{{range .Parts}}{{range .Blocks}}{{$b := .}}{{range .Languages}}{{$b.Element .}}{{end}}{{end}}{{end}}`, "notes.txt", "{{broken", "more/x.html", "{{broken"),
			[]string{"<h2>नदी पर नया पुल खुला, शहर के दोनों छोर जुड़े New bridge", "look after it. †</p>", "240 मीटर"}, "<table"},
		{"words that are markup", files("header.html", `<tr><td title="{{.Subject}}" onclick="{{.Subject}}">{{.Subject}}</td></tr>`), []string{"सप्ताह की ख़बरें | The week"}, "<script"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			r, err := newsletter.NewRenderer(row.own)
			if err != nil {
				t.Fatal(err)
			}
			e := edition(t, newsletter.Stacked, "https://example.org")
			if row.name == "words that are markup" {
				e.Subject += "<script>x</script>"
			}
			out, err := r.Render(e, newsletter.HTML)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range row.want {
				if !strings.Contains(string(out), want) {
					t.Errorf("%q is not in it:\n%s", want, out)
				}
			}
			if strings.Contains(string(out), row.not) {
				t.Errorf("%q is in it", row.not)
			}
			if _, err := r.Render(e, newsletter.EML); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestBrokenTemplates(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name string
		own  fs.FS
		want string // the start of the error
	}{
		{"no action's end", files("story.html", "<tr>\n{{if .Href}}"), `template story.html, line 2: unexpected EOF`},
		{"no such field", files("footer.html", "<tr>\n\n<td>{{.Colour}}</td></tr>"), `template footer.html, line 3: executing "footer.html" at <.Colour>: can't evaluate field Colour`},
		{"no such function", files("header.html", "{{shout .Title}}"), `template header.html, line 1: function "shout" not defined`},
		{"no such template", files("header.html", "\n{{template \"nav.html\" .}}"), `template header.html, line 2: no such template "nav.html"`},
		{"a quote that is not closed", files("more.html", `<a href="{{.Href}}>x</a>`), `template story.html, line 7: {{if}} branches end in different contexts`},
		{"it calls itself", files("more.html", `{{template "more.html" .}}`), `template `},
		{"without end", files("header.html", `x{{template "header.html" .}}`), `template `},
		{"nothing of ours", files("a.html", "x", "style.css.bak", ""), "templates: none has the name of a built-in one: beside.html,"},
		{"too long", files("style.css", strings.Repeat("a", 1<<20+1)), "template style.css: the file is longer than 1048576 bytes"},
		{"of the review", files("review.html", "<p>{{.Nothing}}"), "template review.html, line 1: "},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, err := newsletter.NewRenderer(row.own)
			var bad *newsletter.TemplateError
			if !errors.As(err, &bad) || !strings.HasPrefix(err.Error(), row.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v\nwant %s", err, row.want)
			}
		})
	}
	if _, err := newsletter.NewRenderer(fstest.MapFS{}); err == nil {
		t.Error("an empty folder is no error")
	}
}

// TestTemplatesAreTold holds docs/newsletter/templates.md to the templates.
func TestTemplatesAreTold(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile(filepath.Join("..", "..", "docs", "newsletter", "templates.md"))
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir("templates")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.Contains(string(doc), "`"+e.Name()+"`") {
			t.Errorf("%s is not told", e.Name())
		}
	}
	_, example, _ := strings.Cut(string(doc), "```html\n")
	example, _, _ = strings.Cut(example, "```")
	r, err := newsletter.NewRenderer(files("footer.html", example))
	if err != nil {
		t.Fatal(err)
	}
	e := edition(t, newsletter.SideBySide, "https://example.org")
	out, err := r.Render(e, newsletter.HTML)
	if err != nil || !strings.Contains(string(out), "our website</a>") || len(lint(string(out))) > 0 {
		t.Errorf("%v %q", err, lint(string(out)))
	}
	// Each method that is told of a Block and of a Story.
	story := `<tr><td>{{.Href}}{{.Publication}}{{.Published}}{{.Dateline "hi"}}{{.Language}}{{.ReadMore}}{{with .Image}}{{.Src}}{{.AltIn $.Edition.Languages}}{{end}}` +
		`{{range .Parts}}{{.Summary}}{{range .Blocks}}{{$b := .}}{{.Kind}}{{.Open}}{{range .Languages}}{{$b.Element .}}{{$b.HTML .}}{{$b.Plain .}}{{$b.Lang .}}{{$b.Dagger .}}{{end}}` +
		`{{.Close}}{{.Alone.Open}}{{.Alone.Close}}{{.Beside}}{{range .Notes}}{{.Lang}}{{.Text}}{{end}}{{end}}{{end}}</td></tr>`
	if _, err := newsletter.NewRenderer(files("story.html", story)); err != nil {
		t.Error(err)
	}
}
