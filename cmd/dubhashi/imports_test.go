package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "dubhashi/"

// layers says what of ours a package may import. A package that is not here
// may not exist: a new one wants a reason and a line.
var layers = map[string][]string{
	"gateway/article":         {},
	"gateway/llm":             {},
	"gateway/api":             {},
	"gateway/store":           {},
	"gateway/store/redistest": {},
	"gateway/score":           {},
	"gateway/fetch":           {},
	"prompts":                 {"gateway/article"},
	"gateway/check":           {"gateway/article"},
	"gateway/simulator":       {"gateway/article"},
	"cache":                   {"gateway/store"},
	"gateway":                 {"gateway/article", "gateway/fetch", "gateway/llm", "gateway/store", "gateway/check", "prompts", "cache"},
	"gateway/glossary":        {"gateway"},
	"gateway/jobs":            {"gateway/fetch", "gateway/store"},
	"gateway/newsletter":      {"gateway", "gateway/article", "gateway/api", "gateway/fetch"},
	"gateway/mcp":             {"gateway", "gateway/article", "gateway/api", "gateway/newsletter"},
	"gateway/httpapi":         {"gateway/api", "gateway/article", "gateway", "gateway/glossary", "gateway/jobs", "gateway/newsletter"},
	"cmd/dubhashi": {"gateway/article", "gateway/llm", "gateway/api", "gateway/store", "gateway/check", "gateway/simulator",
		"gateway/score", "gateway/fetch", "gateway/glossary", "gateway/jobs", "gateway/mcp", "gateway/newsletter", "prompts", "cache", "gateway", "gateway/httpapi"},
}

// owners are the libraries that one package alone may import.
var owners = map[string]string{
	"github.com/sashabaranov/go-openai":    "gateway/llm",
	"github.com/redis/go-redis/v9":         "gateway/store",
	"github.com/ncruces/go-sqlite3":        "gateway/store",
	"github.com/gofiber/fiber/v2":          "gateway/httpapi",
	"github.com/prometheus/client_golang":  "gateway/httpapi",
	"github.com/yuin/goldmark":             "gateway/article",
	"codeberg.org/readeck/go-readability":  "gateway/article",
	"github.com/alecthomas/kong":           "cmd/dubhashi",
	"github.com/joho/godotenv":             "cmd/dubhashi",
	"github.com/schollz/progressbar/v3":    "cmd/dubhashi",
	"github.com/maypok86/otter/v2":         "cache",
	"github.com/clipperhouse/displaywidth": "gateway/article",

	"github.com/hibiken/asynq":               "gateway/jobs",
	"maragu.dev/goqite":                      "gateway/jobs",
	"github.com/standard-webhooks":           "gateway/jobs",
	"github.com/modelcontextprotocol/go-sdk": "gateway/mcp",

	"github.com/mmcdole/gofeed":          "gateway/newsletter",
	"github.com/wneessen/go-mail":        "gateway/newsletter",
	"github.com/vanng822/go-premailer":   "gateway/newsletter",
	"github.com/microcosm-cc/bluemonday": "gateway/newsletter",
	"github.com/fsnotify/fsnotify":       "cmd/dubhashi",
}

// sharers may import an owned library too: the cache speaks to what store
// opened.
var sharers = map[string][]string{"github.com/redis/go-redis/v9": {"cache", "gateway/jobs"}}

var badNames = []string{"utils", "util", "common", "helpers", "helper", "models"}

func TestImportsPointDown(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if path != root && (strings.HasPrefix(name, ".") || name == "testdata") {
				return filepath.SkipDir
			}
			if slices.Contains(badNames, name) {
				t.Errorf("%s: a package wants a name that says what it is for", path)
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		dir, _ := filepath.Rel(root, filepath.Dir(path))
		checkFile(t, path, filepath.ToSlash(dir), strings.HasSuffix(name, "_test.go"))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func checkFile(t *testing.T, path, dir string, test bool) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Errorf("%s: %v", path, err)
		return
	}
	allowed, ok := layers[dir]
	if !ok {
		t.Errorf("%s: package %s has no line in the layers of this test", path, dir)
		return
	}
	if test {
		return // a test may use what it needs to stand the real thing up
	}
	for _, i := range f.Imports {
		name, _ := strconv.Unquote(i.Path.Value)
		if ours, ok := strings.CutPrefix(name, module); ok && !slices.Contains(allowed, ours) {
			t.Errorf("%s: %s may not import %s", path, dir, ours)
		}
		for lib, owner := range owners {
			if strings.HasPrefix(name, lib) && owner != dir && !slices.Contains(sharers[lib], dir) {
				t.Errorf("%s: %s belongs to %s alone", path, lib, owner)
			}
		}
	}
	if dir == "cmd/dubhashi" || dir == "gateway/store/redistest" { // the second serves tests alone
		return
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == "os" && (s.Sel.Name == "Getenv" || s.Sel.Name == "LookupEnv" || s.Sel.Name == "Environ") {
				t.Errorf("%s: the environment is read in cmd alone", path)
			}
		}
		return true
	})
}
