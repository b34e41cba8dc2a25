package article_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"dubhashi/gateway/article"
)

var updateGolden = flag.Bool("update", false, "write the golden parts of testdata anew")

// golden runs every case of testdata/DIR: an archive with an input and, as parts
// that -update writes, its blocks and what they are rendered to.
func golden(t *testing.T, dir, input string, f article.Format) {
	files, err := filepath.Glob(filepath.Join("testdata", dir, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases in testdata/%s: %v", dir, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			ar, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if len(ar.Files) == 0 || ar.Files[0].Name != input {
				t.Fatalf("%s must start with %s", file, input)
			}
			d, err := article.Parse(string(ar.Files[0].Data), article.Options{Format: f})
			if err != nil {
				t.Fatal(err)
			}
			got := []txtar.File{
				ar.Files[0],
				{Name: "blocks", Data: []byte(dumpBlocks(d))},
				{Name: "html", Data: line(d.Render(article.HTML, nil))},
				{Name: "markdown", Data: line(d.Render(article.Markdown, nil))},
				{Name: "text", Data: line(d.Render(article.Text, nil))},
			}
			if *updateGolden {
				out := &txtar.Archive{Comment: ar.Comment, Files: got}
				if err := os.WriteFile(file, txtar.Format(out), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want := map[string]string{}
			for _, part := range ar.Files {
				want[part.Name] = string(part.Data)
			}
			for _, part := range got {
				if w := want[part.Name]; w != string(part.Data) {
					t.Errorf("%s\ngot:\n%s\nwant:\n%s", part.Name, part.Data, w)
				}
			}
		})
	}
}

func line(s string) []byte {
	return []byte(strings.TrimRight(s, "\n") + "\n")
}

// dumpBlocks writes a block a line: its kind, what belongs to the kind, and what
// a model would see of it.
func dumpBlocks(d *article.Document) string {
	var b strings.Builder
	for _, blk := range d.Blocks {
		b.WriteString(string(blk.Kind))
		if blk.Level > 0 {
			fmt.Fprintf(&b, " level=%d", blk.Level)
		}
		if blk.Depth > 0 {
			fmt.Fprintf(&b, " depth=%d", blk.Depth)
		}
		if blk.Number > 0 {
			fmt.Fprintf(&b, " number=%d", blk.Number)
		}
		for _, s := range blk.Segments(1500) {
			b.WriteString(" | " + strings.ReplaceAll(s.Text, "\n", "⏎"))
		}
		b.WriteByte('\n')
	}
	return b.String()
}
