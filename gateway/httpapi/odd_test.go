package httpapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// Odd requests made from the contract, right ones among them: none of them may
// end in a 5xx or in an answer that the contract does not have. The seed is
// fixed, so that a failure comes again.
func TestOddRequests(t *testing.T) {
	t.Parallel()
	doc, err := contract()
	if err != nil {
		t.Fatal(err)
	}
	n := 5000
	if testing.Short() {
		n = 500
	}
	s := desked(t, demo(t), true, nil)
	o := &odd{Rand: rand.New(rand.NewPCG(4, 2)), doc: doc}
	for _, path := range slices.Sorted(maps.Keys(doc.Paths.Map())) {
		item := doc.Paths.Value(path)
		for _, method := range slices.Sorted(maps.Keys(item.Operations())) {
			o.operations = append(o.operations, operation{method, path, item, item.GetOperation(method)})
		}
	}
	statuses := map[int]int{}
	for range n {
		req, sent := o.request(s.url)
		line := req.Method + " " + req.URL.String()
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20)) // an event stream ends with its job
		resp.Body.Close()
		if err != nil {
			t.Errorf("%s: %v", line, err)
		}
		statuses[resp.StatusCode]++
		if resp.StatusCode >= 500 {
			t.Errorf("%s %q: %d %s", line, brief(sent), resp.StatusCode, brief(body))
		}
		keeps(t, req, reply{resp.StatusCode, resp.Header, body})
	}
	if statuses[200] < n/20 || statuses[422] == 0 || statuses[400] == 0 || statuses[404] == 0 {
		t.Errorf("the requests are not of all sorts: %v", statuses)
	}
	t.Logf("%d requests: %v", n, statuses)
}

type operation struct {
	method, path string
	item         *openapi3.PathItem
	*openapi3.Operation
}

// odd makes requests.
type odd struct {
	*rand.Rand
	doc        *openapi3.T
	operations []operation
}

func pick[T any](o *odd, list ...T) T { return list[o.IntN(len(list))] }

// one reports true once in n.
func (o *odd) one(n int) bool { return o.IntN(n) == 0 }

var oddStrings = []string{
	"", " ", "hi", "en", "HI", "auto", "true", "0", "-1", "1e309", "null", "नमस्ते दुनिया।", "She said 35 million.", "a\u200db", "\u202eabc", "😀😀",
	"%", "../../etc/passwd", "<p>x</p>", "<a", "{{x}}", "'; --", "\x00", "\xff\xfe", "\ud7ff", "٣", "३.५ करोड़", "\r\n", "<1>x</1>", "paragraph", "bullets",
	"00000000-0000-4000-8000-000000000000", strings.Repeat("न", 3000), strings.Repeat("x", 300),
}

func (o *odd) string() string { return pick(o, oddStrings...) }

func (o *odd) request(base string) (req *http.Request, body []byte) {
	op := pick(o, o.operations...)
	path := op.path
	query := url.Values{}
	header := http.Header{}
	for _, ref := range append(slices.Clone(op.item.Parameters), op.Parameters...) {
		p := ref.Value
		value := fmt.Sprint(o.value(p.Schema, 0))
		if list, ok := o.value(p.Schema, 0).([]any); ok && len(list) > 0 {
			value = fmt.Sprint(list[0])
		}
		if o.one(4) {
			value = o.string()
		}
		switch p.In {
		case "path":
			path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(value))
		case "query":
			if o.one(3) {
				query.Add(p.Name, value)
			}
		case "header":
			if o.one(6) {
				header.Set(p.Name, printable(value))
			}
		}
	}
	if o.one(12) {
		query.Add(pick(o, "x", "source", "ünï", ""), o.string())
	}
	body, kind := o.body(op)
	if kind != "" {
		header.Set("Content-Type", kind)
	}
	method := op.method
	if o.one(25) {
		method = pick(o, "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PURGE")
	}
	if o.one(6) {
		header.Set("Accept", pick(o, "*/*", "text/html", "text/plain;q=0.5, application/json;q=0", "image/png", "text/event-stream", "text/csv", ";;", "application/json"))
	}
	if o.one(25) {
		header.Set("Content-Encoding", pick(o, "gzip", "identity", "x"))
	}
	if o.one(20) {
		header.Set(pick(o, "Authorization", "X-API-Key", "X-Request-Id", "If-None-Match", "Idempotency-Key", "Prefer", "Origin", "Range", "Last-Event-ID"),
			pick(o, "Bearer x", "*", "respond-async", "https://example.org", "bytes=0-1", "DeepL-Auth-Key k", "a b", "W/\"x\""))
	}
	raw := base + path
	if len(query) > 0 {
		raw += "?" + query.Encode()
	}
	req, err := http.NewRequest(method, raw, bytes.NewReader(body))
	if err != nil {
		panic(err) // the path is escaped
	}
	req.Header = header
	return req, body
}

// printable is a value that a header can have.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
}

// body is one as the contract has it, or one that is spoilt.
func (o *odd) body(op operation) (body []byte, kind string) {
	if op.RequestBody == nil {
		if o.one(10) {
			return []byte(o.string()), "application/json"
		}
		return nil, ""
	}
	content := op.RequestBody.Value.Content
	kinds := slices.Sorted(maps.Keys(content))
	kind = pick(o, kinds...)
	schema := content[kind].Schema
	switch {
	case strings.HasSuffix(kind, "json"):
		body, _ = json.Marshal(o.spoil(o.value(schema, 0)))
		if o.one(15) {
			body = body[:o.IntN(len(body)+1)]
		}
	case kind == "application/x-www-form-urlencoded":
		body = []byte(o.fields(schema).Encode())
	case kind == "multipart/form-data":
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		fields := o.fields(schema)
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			for _, v := range fields[name] {
				if name == "file" {
					f, _ := w.CreateFormFile(name, pick(o, "a.txt", "a.html", "a.md", "a.exe", ""))
					_, _ = f.Write([]byte(v))
					continue
				}
				_ = w.WriteField(name, v)
			}
		}
		w.Close()
		body, kind = b.Bytes(), w.FormDataContentType()
	default:
		body = []byte(o.string())
	}
	if o.one(15) {
		kind = pick(o, "", "application/json", "text/plain", "text/plain; charset=latin1", "application/xml", "multipart/form-data", "json", "application/x-www-form-urlencoded")
	}
	return body, kind
}

// fields are an object's members as a form has them.
func (o *odd) fields(schema *openapi3.SchemaRef) url.Values {
	out := url.Values{}
	members, _ := o.spoil(o.value(schema, 0)).(map[string]any)
	for name, v := range members {
		list, ok := v.([]any)
		if !ok {
			list = []any{v}
		}
		for _, item := range list {
			out.Add(name, fmt.Sprint(item))
		}
	}
	return out
}

// spoil changes a value now and then.
func (o *odd) spoil(v any) any {
	if o.one(30) {
		return pick[any](o, nil, true, -1, 1e300, "x", []any{}, map[string]any{}, []any{nil, 1}, o.string())
	}
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if o.one(10) {
				delete(v, name)
				continue
			}
			v[name] = o.spoil(v[name])
		}
		if o.one(12) {
			v[o.string()] = o.string()
		}
	case []any:
		for i := range v {
			v[i] = o.spoil(v[i])
		}
	}
	return v
}

// value is one that the schema allows, or nearly.
func (o *odd) value(ref *openapi3.SchemaRef, depth int) any {
	if ref == nil || ref.Value == nil || depth > 6 {
		return nil
	}
	s := ref.Value
	switch {
	case len(s.OneOf) > 0:
		return o.value(pick(o, s.OneOf...), depth+1)
	case len(s.Enum) > 0 && !o.one(12):
		return pick(o, s.Enum...)
	case s.Type.Is("boolean"):
		return o.one(2)
	case s.Type.Is("integer"), s.Type.Is("number"):
		return pick(o, 0, 1, 2, 10, 120, 1000, 1001, -5)
	case s.Type.Is("array"):
		list := make([]any, o.IntN(4))
		for i := range list {
			list[i] = o.value(s.Items, depth+1)
		}
		return list
	case s.Type.Is("object"):
		out := map[string]any{}
		for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
			if slices.Contains(s.Required, name) || o.one(4) {
				out[name] = o.value(s.Properties[name], depth+1)
			}
		}
		if extra := s.AdditionalProperties.Schema; extra != nil {
			for range o.IntN(3) {
				out[o.string()] = o.value(extra, depth+1)
			}
		}
		return out
	}
	return pick(o, "hi", "en", "नगर निगम ने सोमवार को नई बस सेवा शुरू की।", "The bridge opens on Monday.", o.string())
}
