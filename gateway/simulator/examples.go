package simulator

import (
	"embed"
	"encoding/json"
	"io/fs"
	"path"
	"strings"
	"sync"

	"dubhashi/gateway/article"
)

//go:embed examples
var exampleFiles embed.FS

// Example is one of the articles, written for the project, that the demo model
// knows by heart.
type Example struct {
	Name           string // of its files: examples/Name.hi.txt, .en.txt, .summary.json
	Hindi, English string // the article, block by block the same
	// Summaries is a prepared summary, a paragraph in each language.
	Summaries struct {
		Hindi   string `json:"hi"`
		English string `json:"en"`
	}
}

// Examples lists the example articles by name.
func Examples() []Example { return append([]Example(nil), examples()...) }

var examples = sync.OnceValue(func() []Example {
	names, err := fs.Glob(exampleFiles, "examples/*.hi.txt")
	if err != nil {
		panic("simulator: " + err.Error()) // the pattern is ours
	}
	var out []Example
	for _, hi := range names {
		stem := strings.TrimSuffix(hi, ".hi.txt")
		e := Example{Name: path.Base(stem), Hindi: exampleFile(hi), English: exampleFile(stem + ".en.txt")}
		json.Unmarshal([]byte(exampleFile(stem+".summary.json")), &e.Summaries) // without one, the leading sentences serve
		out = append(out, e)
	}
	return out
})

func exampleFile(name string) string {
	b, _ := exampleFiles.ReadFile(name) // a missing file is an empty text; a test holds that none is
	return string(b)
}

// examplePairs gives the examples block by block.
func examplePairs() []Pair {
	var pairs []Pair
	for _, e := range examples() {
		hi, en := blocks(e.Hindi), blocks(e.English)
		for i := range min(len(hi), len(en)) {
			pairs = append(pairs, Pair{hi[i], en[i]})
		}
	}
	return pairs
}

func blocks(text string) []string {
	d, err := article.Parse(text, article.Options{})
	if err != nil {
		return nil
	}
	out := make([]string, len(d.Blocks))
	for i, b := range d.Blocks {
		out[i] = b.String()
	}
	return out
}

// known maps the folded blocks of the examples, in both languages, to the
// example's index.
var known = sync.OnceValue(func() map[string]int {
	at := make(map[string]int)
	for i, e := range examples() {
		for _, text := range []string{e.Hindi, e.English} {
			for _, b := range blocks(text) {
				at[article.Fold(b)] = i
			}
		}
	}
	return at
})

// preparedSummary gives the summary of the example that the paragraphs are of:
// every one must be a block of it, and together they must be half of it at least.
func preparedSummary(paragraphs []string, to language) (string, bool) {
	at := known()
	example, length := -1, 0
	for _, p := range paragraphs {
		i, ok := at[article.Fold(p)]
		if !ok || example >= 0 && i != example {
			return "", false
		}
		example, length = i, length+len(p)
	}
	if example < 0 {
		return "", false
	}
	e := examples()[example]
	if 2*length < min(len(e.Hindi), len(e.English)) {
		return "", false
	}
	s := e.Summaries
	summary := s.English
	if to == hindi {
		summary = s.Hindi
	}
	return summary, summary != ""
}
