package article_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dubhashi/gateway/article"
)

// sharedData opens a file of the data that is kept beside the repository, and skips
// the test where there is none.
func sharedData(t testing.TB, name string) *os.File {
	t.Helper()
	dir := os.Getenv("SHARED_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	f, err := os.Open(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no %s: set SHARED_DATA to the folder of the data", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

type corpusArticle struct {
	ID string   `json:"id"`
	HI []string `json:"hi"`
	EN []string `json:"en"`
}

func corpus(t testing.TB, name string) []corpusArticle {
	t.Helper()
	var out []corpusArticle
	sc := bufio.NewScanner(sharedData(t, name))
	sc.Buffer(nil, 4<<20)
	for sc.Scan() {
		var a corpusArticle
		if err := json.Unmarshal(sc.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		out = append(out, a)
	}
	if sc.Err() != nil || len(out) == 0 {
		t.Fatalf("%d articles, %v", len(out), sc.Err())
	}
	return out
}

func TestCorpusParagraphs(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"ntrex/articles.jsonl", "tico19/articles.jsonl"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, a := range corpus(t, name) {
				for lang, want := range map[string][]string{"hi": a.HI, "en": a.EN} {
					for _, sep := range []string{"\n", "\n\n", "\r\n"} {
						checkCorpusArticle(t, a.ID+"/"+lang, want, sep)
					}
				}
			}
		})
	}
}

func checkCorpusArticle(t *testing.T, id string, want []string, sep string) {
	t.Helper()
	d := parse(t, strings.Join(want, sep), article.Options{})
	if got := blockTexts(d); !slices.Equal(got, want) {
		t.Errorf("%s, %q: got %d blocks, want %d: %s", id, sep, len(got), len(want), firstDifference(got, want))
	}
	if d.Blocks[0].Kind != article.Title && !article.EndsSentence(want[0]) && len(strings.Fields(want[0])) <= 30 {
		t.Errorf("%s, %q: block 0 is a %s: %s", id, sep, d.Blocks[0].Kind, want[0])
	}
	for i, b := range d.Blocks {
		segments := b.Segments(1500)
		if len(segments) != 1 {
			t.Errorf("%s, block %d: %d segments", id, i, len(segments))
		}
		if !slices.ContainsFunc(segments, article.Segment.Masked) && segments[0].Text != want[i] {
			t.Errorf("%s, block %d: segment %q, want %q", id, i, segments[0].Text, want[i])
		}
	}
}

func firstDifference(got, want []string) string {
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			return "\n got " + got[i] + "\nwant " + want[i]
		}
	}
	return "one is the start of the other"
}

func TestSeedArticle(t *testing.T) {
	t.Parallel()
	var ref struct {
		Blocks []struct{ Kind, HI, EN string } `json:"blocks"`
	}
	if err := json.NewDecoder(sharedData(t, "seed/article.reference.json")).Decode(&ref); err != nil {
		t.Fatal(err)
	}
	input, err := os.ReadFile(sharedData(t, "seed/article.hi.txt").Name())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"as pasted":    string(input),
		"CRLF":         strings.ReplaceAll(string(input), "\n", "\r\n"),
		"BOM":          "\uFEFF" + string(input),
		"empty lines":  strings.ReplaceAll(string(input), "\n", "\n\n"),
		"padded lines": strings.ReplaceAll(string(input), "\n", " \u00A0\n\t"),
	} {
		d := parse(t, text, article.Options{})
		if len(d.Blocks) != len(ref.Blocks) {
			t.Fatalf("%s: %d blocks, want %d", name, len(d.Blocks), len(ref.Blocks))
		}
		for i, b := range d.Blocks {
			if string(b.Kind) != ref.Blocks[i].Kind || b.String() != ref.Blocks[i].HI {
				t.Errorf("%s, block %d: got %s %q, want %s %q", name, i, b.Kind, b, ref.Blocks[i].Kind, ref.Blocks[i].HI)
			}
		}
	}
}

func parse(t testing.TB, input string, o article.Options) *article.Document {
	t.Helper()
	d, err := article.Parse(input, o)
	if err != nil {
		t.Fatalf("Parse(%.80q): %v", input, err)
	}
	return d
}

func blockTexts(d *article.Document) []string {
	out := make([]string, len(d.Blocks))
	for i, b := range d.Blocks {
		out[i] = b.String()
	}
	return out
}
