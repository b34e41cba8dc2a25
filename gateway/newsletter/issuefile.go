package newsletter

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"dubhashi/gateway"
	"dubhashi/gateway/api"
)

// MaxIssueFile is the longest issue file, in bytes.
const MaxIssueFile = 2 << 20

// ParseIssue reads an issue file, YAML (or JSON, which is YAML). The error is a
// *gateway.Error of code Invalid whose fields say what is wrong, each with its
// line.
func ParseIssue(file []byte) (*api.Issue, error) {
	c := &checker{}
	switch {
	case len(file) > MaxIssueFile:
		c.add("the file", "has %d bytes; at most %d are allowed: put long articles into files of their own", len(file), MaxIssueFile)
	case !utf8.Valid(file):
		c.add("the file", "is not UTF-8 text; save it as UTF-8 and try again")
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	var root, more yaml.Node
	d := yaml.NewDecoder(bytes.NewReader(file))
	if err := d.Decode(&root); err != nil && !errors.Is(err, io.EOF) {
		c.add("the file", "is not YAML: %s", syntaxError(err))
		return nil, c.err()
	}
	if err := d.Decode(&more); len(root.Content) > 0 && !errors.Is(err, io.EOF) && !empty(&more) {
		c.add("the file", "must be one issue; behind a line of three dashes (---) stands more")
		return nil, c.err()
	}
	if len(root.Content) == 0 {
		c.add("the file", "is empty; \"dubhashi newsletter init\" writes one to begin with")
		return nil, c.err()
	}
	f := issueFile{checker: c, lines: map[string]int{}}
	f.walk(root.Content[0], reflect.TypeFor[api.Issue](), "", 0)
	issue := &api.Issue{}
	err := root.Decode(issue)
	var some *yaml.TypeError
	if err != nil && len(c.bad) == 0 { // what walk knows nothing of
		c.add("the file", "cannot be read as an issue: %s", syntaxError(err))
	}
	if err == nil || errors.As(err, &some) && !f.twice { // then the rest was read, and all is told at once
		for _, b := range checkIssue(issue).bad {
			if !c.told(b.Field) {
				c.bad = append(c.bad, b)
			}
		}
	}
	f.inOrder()
	if err := c.err(); err != nil {
		return nil, err
	}
	return issue, nil
}

// inOrder puts what is wrong into the order of the file, and tells the lines.
func (f *issueFile) inOrder() {
	slices.SortStableFunc(f.bad, func(a, b gateway.FieldError) int { return cmp.Compare(f.line(a.Field), f.line(b.Field)) })
	for i, b := range f.bad {
		if n := f.line(b.Field); n > 0 {
			f.bad[i].Message += fmt.Sprintf(" (line %d)", n)
		}
	}
}

// empty reports whether a document holds nothing: a line of dashes may end a file.
func empty(n *yaml.Node) bool {
	return len(n.Content) == 1 && n.Content[0].Kind == yaml.ScalarNode && n.Content[0].Tag == "!!null"
}

var yamlError = regexp.MustCompile(`^yaml: (?:line (\d+): )?([^\n]{1,120})`)

// mends are what an editor has most often done where YAML's reader says so.
var mends = []struct{ says, mend string }{
	{"mapping values are not allowed", `a colon stands within a text, which then has to stand in quotes ("…"); or the line before lacks its colon and the space behind it`},
	{"could not find expected ':'", "a name lacks its colon and the space behind it, here or in the line before"},
	{"tab character", "there is a tab; indent with spaces"},
	{"cannot start any token", "there is a tab, where only spaces may indent, or a text begins with a sign for which it has to stand in quotes"},
	{"expected '-' indicator", "from here on lines are not indented as those that they belong to"},
	{"expected key", "from here on lines are not indented as those that they belong to"},
	{"expected ',' or", "a bracket is not closed, or a comma is missing"},
	{"expected node content", "a bracket is not closed, or a comma is missing"},
	{"unexpected end of stream", "a quote or a bracket is not closed"},
}

// syntaxError is what YAML's reader says, in an editor's words, without what it
// says of Go. It tells no line when it means the first.
func syntaxError(err error) string {
	m := yamlError.FindStringSubmatch(err.Error())
	if m == nil || strings.Contains(m[2], "unmarshal") {
		return "it is not well formed"
	}
	for _, row := range mends {
		if strings.Contains(m[2], row.says) {
			m[2] = row.mend
		}
	}
	return fmt.Sprintf("line %s: %s", cmp.Or(m[1], "1"), m[2])
}

// issueFile holds an issue file to the fields of the issue, and keeps where
// each stands.
type issueFile struct {
	*checker
	lines map[string]int // by path
	twice bool           // a name stands twice: then nothing of what holds it is read
}

// line is where a field stands, or what holds it.
func (f *issueFile) line(path string) int {
	for path != "" {
		if n := f.lines[path]; n > 0 {
			return n
		}
		i := strings.LastIndexAny(path, ".[")
		path = path[:max(i, 0)]
	}
	return 0
}

const (
	deepest  = 12 // no issue is as deep; aliases could be without end
	mostTold = 100
)

func (f *issueFile) walk(n *yaml.Node, t reflect.Type, path string, depth int) {
	if len(f.bad) >= mostTold {
		return
	}
	if depth > deepest {
		f.wrong(path, n, "must not be so deep")
		return
	}
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if path != "" {
		f.lines[path] = n.Line
	}
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		return
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == reflect.TypeFor[api.Bilingual]() && n.Kind == yaml.ScalarNode {
		return
	}
	if t == reflect.TypeFor[api.Bilingual]() {
		f.fields(n, map[string]reflect.Type{"hi": reflect.TypeFor[string](), "en": reflect.TypeFor[string]()}, path, depth)
		return
	}
	switch t.Kind() {
	case reflect.Struct:
		f.fields(n, yamlFields(t), path, depth)
	case reflect.Map:
		f.fields(n, nil, path, depth)
	case reflect.Slice:
		if n.Kind != yaml.SequenceNode {
			f.wrong(path, n, "must be a list: each entry on a line of its own behind a dash")
			return
		}
		for i, e := range n.Content {
			f.walk(e, t.Elem(), fmt.Sprintf("%s[%d]", path, i), depth+1)
		}
	default:
		f.scalar(n, t, path)
	}
}

func (f *issueFile) scalar(n *yaml.Node, t reflect.Type, path string) {
	switch {
	case n.Kind != yaml.ScalarNode:
		f.wrong(path, n, "must be one value")
	case t.Kind() == reflect.Int && n.Tag != "!!int":
		f.wrong(path, n, "must be a whole number")
	case t.Kind() == reflect.Bool && n.Tag != "!!bool":
		f.wrong(path, n, "must be true or false")
	}
}

// fields walks a mapping; known nil: its names are free, its values texts.
func (f *issueFile) fields(n *yaml.Node, known map[string]reflect.Type, path string, depth int) {
	if n.Kind != yaml.MappingNode {
		f.wrong(path, n, "must be fields, each \"name: value\"")
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		name := key.Value
		at := name
		if path != "" {
			at = path + "." + name
		}
		t, ok := known[name]
		switch {
		case seen[name]:
			f.twice = true
			f.wrong(at, key, "stands here twice")
		case known == nil:
			f.walk(value, reflect.TypeFor[string](), at, depth+1)
		case !ok:
			f.wrong(at, key, "is not known; allowed are "+strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		default:
			f.walk(value, t, at, depth+1)
			if f.lines[at] > 0 {
				f.lines[at] = key.Line
			}
		}
		seen[name] = true
	}
}

func (f *issueFile) wrong(path string, n *yaml.Node, message string) {
	if path == "" {
		path = "the file"
	}
	f.lines[path] = n.Line
	f.add(path, "%s", message)
}

// yamlFields are the fields of a struct by their names in YAML.
func yamlFields(t reflect.Type) map[string]reflect.Type {
	out := map[string]reflect.Type{}
	for i := range t.NumField() {
		out[t.Field(i).Tag.Get("yaml")] = t.Field(i).Type
	}
	return out
}
