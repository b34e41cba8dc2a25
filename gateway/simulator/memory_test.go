package simulator_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dubhashi/gateway/article"
	"dubhashi/gateway/simulator"
)

// parallel is an article in both languages, paragraph by paragraph.
type parallel struct {
	ID    string
	Title struct{ Hi, En string }
	Hi    []string
	En    []string
}

func (p parallel) side(code string) []string {
	if code == "hi" {
		return p.Hi
	}
	return p.En
}

// sharedArticles reads the human translations, and skips the test where they are not.
func sharedArticles(t testing.TB) []parallel {
	t.Helper()
	dir := os.Getenv("SHARED_DATA")
	if dir == "" {
		dir = "../../../shared/data"
	}
	var all []parallel
	for _, set := range []string{"ntrex", "tico19"} {
		f, err := os.Open(filepath.Join(dir, set, "articles.jsonl"))
		if err != nil {
			t.Skipf("no shared data: %v", err)
		}
		defer f.Close()
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<24)
		for lines.Scan() {
			var p parallel
			if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
				t.Fatal(err)
			}
			all = append(all, p)
		}
	}
	return all
}

// sharedMemory is the articles as one translation memory, read as a file is.
func sharedMemory(t testing.TB, articles []parallel) []simulator.Pair {
	t.Helper()
	var b strings.Builder
	for _, a := range articles {
		line, err := json.Marshal(map[string]any{"hi": a.Hi, "en": a.En, "title": map[string]string{"hi": a.Title.Hi, "en": a.Title.En}})
		if err != nil {
			t.Fatal(err)
		}
		b.Write(line)
		b.WriteByte('\n')
	}
	pairs, err := simulator.LoadMemory(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return pairs
}

// TestMemoryGivesEveryReference sends each paragraph of every article as the
// gateway would, masked and in calls of six neighbours, and wants its human
// translation back, letter for letter.
func TestMemoryGivesEveryReference(t *testing.T) {
	t.Parallel()
	articles := sharedArticles(t)
	m := start(t, simulator.Config{Memory: sharedMemory(t, articles)})
	for _, from := range []string{"hi", "en"} {
		to := map[string]string{"hi": "en", "en": "hi"}[from]
		paragraphs, masked := 0, 0
		for _, a := range articles {
			source, want := a.side(from), a.side(to)
			for at := 0; at < len(source); at += 6 {
				end := min(at+6, len(source))
				var segments []article.Segment
				q := translation{Source: from, Target: to}
				if at > 0 {
					q.before = source[at-1]
				}
				for _, p := range source[at:end] {
					d, err := article.Parse(p, article.Options{})
					if err != nil || len(d.Blocks) != 1 {
						t.Fatalf("%s: %d blocks, %v: %q", a.ID, len(d.Blocks), err, p)
					}
					pieces := d.Blocks[0].Segments(1500)
					if len(pieces) != 1 {
						t.Fatalf("%s: %d pieces: %q", a.ID, len(pieces), p)
					}
					segments = append(segments, pieces[0])
					q.texts = append(q.texts, pieces[0].Text)
				}
				answers := m.translate(t, q)
				for i, s := range segments {
					paragraphs++
					content, lost := s.Restore(answers[i])
					if len(lost) > 0 {
						t.Errorf("%s: lost %v in %q", a.ID, lost, answers[i])
					}
					if s.Masked() {
						masked++
					}
					if got := content.String(); got != want[at+i] {
						t.Errorf("%s, paragraph %d\n%s\ngave %q\nwant %q", a.ID, at+i, source[at+i], got, want[at+i])
					}
				}
			}
		}
		t.Logf("from %s: %d paragraphs, %d of them masked", from, paragraphs, masked)
	}
}

// TestPiecesOfALongParagraph joins known paragraphs to one of about 20,000 code
// points, has the gateway's pieces of it translated, and wants nearly all of the
// references' words back in order: a piece may end inside a known paragraph whose
// sentences do not stand one to one.
func TestPiecesOfALongParagraph(t *testing.T) {
	t.Parallel()
	articles := sharedArticles(t)
	m := start(t, simulator.Config{Memory: sharedMemory(t, articles), Demo: true})
	for _, from := range []string{"hi", "en"} {
		to := map[string]string{"hi": "en", "en": "hi"}[from]
		var source, want []string
		for length, i := 0, 0; length < 20000; i++ {
			for k, p := range articles[i].side(from) {
				if ref := articles[i].side(to)[k]; article.EndsSentence(p) && article.EndsSentence(ref) {
					source, want = append(source, p), append(want, ref)
					length += len([]rune(p)) + 1
				}
			}
		}
		d, err := article.Parse(strings.Join(source, " "), article.Options{})
		if err != nil || len(d.Blocks) != 1 {
			t.Fatalf("%d blocks, %v", len(d.Blocks), err)
		}
		pieces := d.Blocks[0].Segments(1500)
		var answers []article.Inline
		for _, s := range pieces {
			content, lost := s.Restore(m.translate(t, translation{Source: from, Target: to, texts: []string{s.Text}})[0])
			if len(lost) > 0 {
				t.Errorf("lost %v", lost)
			}
			answers = append(answers, content)
		}
		got := article.Fold(d.Blocks[0].Join(answers).String())
		found := 0
		for _, ref := range want {
			if strings.Contains(got, article.Fold(ref)) {
				found++
			}
		}
		t.Logf("from %s: %d pieces, %d of %d references", from, len(pieces), found, len(want))
		if 100*found < 95*len(want) {
			t.Errorf("from %s: only %d of %d references came back", from, found, len(want))
		}
	}
}
