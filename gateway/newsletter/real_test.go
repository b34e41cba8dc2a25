package newsletter_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"dubhashi/gateway/api"
	"dubhashi/gateway/newsletter"
	"dubhashi/gateway/simulator"
)

var figures = regexp.MustCompile(`[0-9]+(?:[.,:][0-9]+)*`)

// numbersOf are the figures of a text, in Latin digits without grouping, each once.
func numbersOf(s string) []string {
	s = strings.Map(func(r rune) rune {
		if r >= '०' && r <= '९' {
			return r - '०' + '0'
		}
		return r
	}, s)
	var list []string
	for _, n := range figures.FindAllString(s, -1) {
		list = append(list, strings.ReplaceAll(n, ",", ""))
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Real articles, given as RSS, as Atom and by hand, are one issue in which each
// stands once, in both languages, with the same numbers, in every form.
func TestIssueOfRealArticles(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("SHARED_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	known, err := os.Open(filepath.Join(dir, "tico19", "articles.jsonl"))
	if err != nil {
		t.Skip("real articles are not here; set SHARED_DATA to their folder")
	}
	defer known.Close()
	memory, err := simulator.LoadMemory(known)
	if err != nil {
		t.Fatal(err)
	}
	m := simulated(t, simulator.Config{Memory: memory, Demo: true})
	maker := newsletter.New(newsletter.Config{
		Gateway: core(t, m), Open: func(name string) ([]byte, error) { return os.ReadFile(filepath.Join(dir, name)) },
	})
	issue := week(api.IssueArticle{File: "seed/article.hi.txt", Link: "https://example.org/seed"})
	issue.Show = "full"
	issue.Feeds = []api.IssueFeed{{File: "feeds/tico-wikinews-hi.rss.xml", Limit: 10}, {File: "feeds/tico-wikinews-hi.atom.xml", Limit: 10}}
	issue.Sender = api.IssueSender{Name: "डेस्क", Email: "desk@example.org", Unsubscribe: "https://example.org/u"}
	e := made(t, maker, issue)
	if n := len(e.Stories()); n != 7 || e.Partial {
		t.Fatalf("%d stories, partial %v: %+v", n, e.Partial, e.Notices)
	}
	pairs, same := 0, 0
	for _, s := range e.Stories() {
		for _, p := range append([]newsletter.Pair{s.Headline}, s.Body...) {
			if !p.Has("hi") || !p.Has("en") {
				t.Errorf("%s %s: a language is missing", s.ID, p.Kind)
			}
			pairs++
			if p.Doubtful() || slices.Equal(numbersOf(p.Plain("hi")), numbersOf(p.Plain("en"))) {
				same++
				continue
			}
			// People write a few as words: "one hundred" for 100.
			t.Logf("%v %v: %s", numbersOf(p.Plain("hi")), numbersOf(p.Plain("en")), p.Plain("en"))
		}
	}
	t.Logf("numbers equal or flagged in %d of %d pairs, %d flags", same, pairs, e.Open())
	if same*100 < pairs*95 {
		t.Errorf("numbers equal or flagged in %d of %d pairs", same, pairs)
	}
	before := len(m.calls())
	made(t, maker, issue)
	if n := len(m.calls()) - before; n > 0 {
		t.Errorf("made again: %d calls", n)
	}
	everyForm(t, e)
}

// everyForm writes an edition in every form, and holds each to what reads it.
func everyForm(t *testing.T, e *newsletter.Edition) {
	t.Helper()
	r, err := newsletter.NewRenderer(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range newsletter.Forms {
		b, err := r.Render(e, f.Form)
		if err != nil {
			t.Fatalf("%s: %v", f.Form, err)
		}
		switch {
		case f.Type == "text/html":
			_, err = html.Parse(bytes.NewReader(b))
		case f.Type == "application/atom+xml":
			err = xmlFault(b)
		case strings.HasSuffix(f.Type, "json"):
			if !json.Valid(b) {
				err = fmt.Errorf("not JSON")
			}
		case f.Type == "message/rfc822":
			_, err = mail.ReadMessage(bytes.NewReader(b))
		case f.Type == "text/plain" && regexp.MustCompile(`</?[a-z][^>]*>`).Match(b):
			err = fmt.Errorf("holds a tag")
		}
		if err != nil {
			t.Errorf("%s: %v", f.Form, err)
		}
		if f.Type == "message/rfc822" {
			continue // base64
		}
		for _, s := range e.Stories() {
			head := s.Headline.Plain("en")
			if strings.HasSuffix(string(f.Form), "-hi") {
				head = s.Headline.Plain("hi")
			}
			word := strings.FieldsFunc(head, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) })
			if !bytes.Contains(b, []byte(slices.MaxFunc(word, func(a, b string) int { return len(a) - len(b) }))) {
				t.Errorf("%s: %q is not in it", f.Form, head)
			}
		}
	}
}

func xmlFault(b []byte) error {
	for d := xml.NewDecoder(bytes.NewReader(b)); ; {
		if _, err := d.Token(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}
