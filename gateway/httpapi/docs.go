package httpapi

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"
	"go.yaml.in/yaml/v3"

	"dubhashi/gateway/api"
)

//go:embed web/docs.html
var docsPage string

//go:embed web/docs.css
var docsStyle string

// docs: GET /docs, the contract for people: one page, no script, nothing from
// elsewhere.
func (s *Server) docs(c *fiber.Ctx) error {
	page, err := renderDocs()
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(docsStyle))
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src 'sha256-"+
		base64.StdEncoding.EncodeToString(sum[:])+"'")
	c.Set(fiber.HeaderContentType, "text/html; charset=utf-8")
	return c.Send(page)
}

// contract is what the page shows of the document. Where order matters to a
// reader the members are kept as nodes.
type contract struct {
	Info struct{ Title, Version, Summary, Description string }
	Tags []struct{ Name, Description string }

	Paths      yaml.Node
	Components struct {
		Parameters    map[string]docParameter
		RequestBodies map[string]docBody `yaml:"requestBodies"`
		Responses     map[string]docResponse
		Schemas       yaml.Node
	}
}

type docParameter struct {
	Ref         string `yaml:"$ref"`
	Name, In    string
	Required    bool
	Description string
	Schema      docSchema
}

type docBody struct {
	Ref     string `yaml:"$ref"`
	Content yaml.Node
}

type docResponse struct {
	Ref         string `yaml:"$ref"`
	Description string
	Content     yaml.Node
}

type docOperation struct {
	Method, Path, Anchor string `yaml:"-"`
	Summary, Description string
	Tags                 []string
	Parameters           []docParameter
	RequestBody          docBody `yaml:"requestBody"`
	Responses            yaml.Node
	Security             *[]map[string][]string
}

// docSchema is a schema or a reference to one.
type docSchema struct {
	Ref         string    `yaml:"$ref"`
	Type        yaml.Node // a name, or several
	Enum        []any
	Default     any
	Minimum     any
	Maximum     any
	Format      string
	Description string
	Items       *docSchema
	OneOf       []docSchema `yaml:"oneOf"`
	Required    []string
	Properties  yaml.Node
	Additional  yaml.Node `yaml:"additionalProperties"`
}

// renderDocs makes the page once.
var renderDocs = sync.OnceValues(func() ([]byte, error) {
	var d contract
	if err := yaml.Unmarshal(api.OpenAPI, &d); err != nil {
		return nil, err
	}
	t, err := template.New("docs").Funcs(template.FuncMap{
		"prose": prose, "style": func() template.CSS { return template.CSS(docsStyle) },
		"operations": d.operations, "parameters": d.parameters, "body": d.body, "answers": d.answers,
		"schemas": d.schemas, "properties": properties, "type": typeOf, "bounds": bounds, "curl": d.curl, "open": open,
	}).Parse(docsPage)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, d)
	return b.Bytes(), err
})

// member is a name and what stands under it.
type member[T any] struct {
	Name  string
	Value T
}

// members are those of a mapping, in order.
func members[T any](n yaml.Node) (out []member[T], err error) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		m := member[T]{Name: n.Content[i].Value}
		if err := n.Content[i+1].Decode(&m.Value); err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

var methods = []string{"get", "post", "put", "patch", "delete"}

// operations are those with the tag.
func (d contract) operations(tag string) (out []docOperation, err error) {
	paths, err := members[yaml.Node](d.Paths)
	if err != nil {
		return nil, err
	}
	for _, p := range paths {
		var shared struct{ Parameters []docParameter }
		if err := p.Value.Decode(&shared); err != nil {
			return nil, err
		}
		for i := 0; i+1 < len(p.Value.Content); i += 2 {
			method := p.Value.Content[i].Value
			if !slices.Contains(methods, method) {
				continue
			}
			var o docOperation
			if err := p.Value.Content[i+1].Decode(&o); err != nil {
				return nil, err
			}
			if !slices.Contains(o.Tags, tag) {
				continue
			}
			o.Method, o.Path = strings.ToUpper(method), p.Name
			o.Anchor = method + strings.NewReplacer("/", "-", "{", "", "}", "").Replace(p.Name)
			o.Parameters = append(slices.Clone(shared.Parameters), o.Parameters...)
			out = append(out, o)
		}
	}
	return out, nil
}

func nameOf(ref string) string { return ref[strings.LastIndexByte(ref, '/')+1:] }

func (d contract) parameters(o docOperation) (out []docParameter) {
	for _, p := range o.Parameters {
		if p.Ref != "" {
			p = d.Components.Parameters[nameOf(p.Ref)]
		}
		out = append(out, p)
	}
	return out
}

// media is a content type and what it holds.
type docMedia struct {
	Type    string
	Schema  docSchema
	Example string
}

func (d contract) body(o docOperation) ([]docMedia, error) {
	b := o.RequestBody
	if b.Ref != "" {
		b = d.Components.RequestBodies[nameOf(b.Ref)]
	}
	return mediaOf(b.Content)
}

func mediaOf(content yaml.Node) (out []docMedia, err error) {
	list, err := members[struct {
		Schema  docSchema
		Example yaml.Node
	}](content)
	for _, m := range list {
		e := docMedia{Type: m.Name, Schema: m.Value.Schema}
		switch {
		case m.Value.Example.Kind == yaml.ScalarNode:
			e.Example = m.Value.Example.Value
		case !m.Value.Example.IsZero():
			b, err := appendNode(nil, &m.Value.Example)
			if err != nil {
				return nil, err
			}
			e.Example = string(b)
		}
		out = append(out, e)
	}
	return out, err
}

// docAnswer is a status with what comes with it.
type docAnswer struct {
	Status, Description string
	Media               []docMedia
}

// answers are the operation's; those of errors that say the same are told
// together.
func (d contract) answers(o docOperation) (out []docAnswer, err error) {
	list, err := members[docResponse](o.Responses)
	for _, m := range list {
		r := m.Value
		if r.Ref != "" {
			r = d.Components.Responses[nameOf(r.Ref)]
		}
		a := docAnswer{Status: m.Name, Description: r.Description}
		if a.Media, err = mediaOf(r.Content); err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(out, func(b docAnswer) bool { return b.Description == a.Description }); i >= 0 {
			out[i].Status += ", " + a.Status
			continue
		}
		out = append(out, a)
	}
	return out, err
}

func (d contract) schemas() ([]member[docSchema], error) {
	return members[docSchema](d.Components.Schemas)
}

// docProperty is a member of an object.
type docProperty struct {
	Name     string
	Required bool
	Schema   docSchema
}

func properties(s docSchema) (out []docProperty, err error) {
	list, err := members[docSchema](s.Properties)
	for _, m := range list {
		out = append(out, docProperty{m.Name, slices.Contains(s.Required, m.Name), m.Value})
	}
	return out, err
}

// typeOf names a schema's type; a reference becomes a link.
func typeOf(s docSchema) template.HTML {
	var names []string
	switch {
	case s.Ref != "":
		n := template.HTMLEscapeString(nameOf(s.Ref))
		return template.HTML(`<a href="#` + n + `">` + n + `</a>`)
	case len(s.OneOf) > 0:
		for _, o := range s.OneOf {
			names = append(names, string(typeOf(o)))
		}
		return template.HTML(strings.Join(names, " or "))
	case s.Type.Kind == yaml.SequenceNode:
		for _, n := range s.Type.Content {
			names = append(names, template.HTMLEscapeString(n.Value))
		}
	default:
		names = []string{template.HTMLEscapeString(s.Type.Value)}
	}
	text := strings.Join(names, " or ")
	switch {
	case s.Items != nil:
		text += " of " + string(typeOf(*s.Items))
	case s.Additional.Kind == yaml.MappingNode:
		var of docSchema
		if s.Additional.Decode(&of) == nil {
			text += " of " + string(typeOf(of))
		}
	}
	return template.HTML(text)
}

// bounds tells what a schema allows beside its type.
func bounds(s docSchema) string {
	var out []string
	if len(s.Enum) > 0 {
		values := make([]string, len(s.Enum))
		for i, v := range s.Enum {
			values[i] = fmt.Sprint(v)
		}
		out = append(out, strings.Join(values, ", "))
	}
	switch {
	case s.Minimum != nil && s.Maximum != nil:
		out = append(out, fmt.Sprintf("%v to %v", s.Minimum, s.Maximum))
	case s.Minimum != nil && s.Minimum != 0:
		out = append(out, fmt.Sprintf("at least %v", s.Minimum))
	}
	if s.Default != nil {
		out = append(out, fmt.Sprintf("default %v", s.Default))
	}
	return strings.Join(out, "; ")
}

// open reports whether an operation asks for no key.
func open(o docOperation) bool { return o.Security != nil && len(*o.Security) == 0 }

// curl is a command that makes the call with the example of its body.
func (d contract) curl(o docOperation) (string, error) {
	list, err := d.body(o)
	if err != nil || len(list) == 0 || list[0].Example == "" {
		return "", err
	}
	return fmt.Sprintf("curl localhost:8090%s -H 'Content-Type: %s' -d '%s'", o.Path, list[0].Type, list[0].Example), nil
}

var code = regexp.MustCompile("`([^`]+)`")

// prose is a description as HTML: paragraphs, and `code`.
func prose(s string) template.HTML {
	var b strings.Builder
	for p := range strings.SplitSeq(strings.TrimSpace(s), "\n\n") {
		if p != "" {
			b.WriteString("<p>" + code.ReplaceAllString(template.HTMLEscapeString(p), "<code>$1</code>") + "</p>")
		}
	}
	return template.HTML(b.String())
}
