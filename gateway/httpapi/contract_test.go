package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"dubhashi/gateway/api"
	"dubhashi/gateway/httpapi"
)

func init() {
	for _, t := range []string{"application/problem+json", "application/feed+json"} {
		openapi3filter.RegisterBodyDecoder(t, openapi3filter.JSONBodyDecoder)
	}
	for _, t := range []string{"text/html", "text/markdown", "text/event-stream", "text/tab-separated-values", "text/csv", "application/yaml", "application/x-ndjson", "message/rfc822", "application/atom+xml"} {
		openapi3filter.RegisterBodyDecoder(t, openapi3filter.PlainBodyDecoder)
	}
}

// contract is the document and what finds an operation in it.
var contract = sync.OnceValues(func() (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromData(api.OpenAPI)
	if err != nil {
		return nil, err
	}
	return doc, doc.Validate(context.Background())
})

var router = sync.OnceValues(func() (routers.Router, error) {
	doc, err := contract()
	if err != nil {
		return nil, err
	}
	return gorillamux.NewRouter(doc)
})

func TestContractIsValid(t *testing.T) {
	t.Parallel()
	doc, err := contract()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Errorf("the contract is OpenAPI %s", doc.OpenAPI)
	}
}

// keeps holds an answer to the contract: its status, its type, its headers and
// its body. Paths and methods that the contract does not have are answered 404
// and 405.
func keeps(t testing.TB, req *http.Request, r reply) {
	t.Helper()
	if req.Method == http.MethodHead || req.Method == http.MethodOptions {
		return // as GET without its body; no operations of their own
	}
	find, err := router()
	if err != nil {
		t.Fatal(err)
	}
	if path := strings.TrimSuffix(req.URL.Path, "/"); path != "" && path != req.URL.Path { // the server takes it as the same
		req = req.Clone(context.Background())
		req.URL.Path = path
	}
	route, params, err := find.FindRoute(req)
	if err != nil {
		if r.status != 404 && r.status != 405 && r.status != 400 && r.status != 413 && r.status != 431 {
			t.Errorf("%s %s: %d, and the contract has no such operation", req.Method, req.URL.Path, r.status)
		}
		return
	}
	b := unpack(t, r)
	schema := schemaOf(route.Operation, r)
	in := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route},
		Status:                 r.status, Header: r.header, Body: io.NopCloser(bytes.NewReader(b)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true, ExcludeResponseBody: schema != nil},
	}
	err = openapi3filter.ValidateResponse(context.Background(), in)
	if err == nil && schema != nil {
		err = fits(schema, b)
	}
	if err != nil {
		t.Errorf("%s %s: %d %s\n%s\ndoes not keep the contract: %v", req.Method, req.URL.Path, r.status, r.header.Get("Content-Type"), brief(r.body), err)
	}
}

// schemaOf is what the contract says of an answer in JSON; nil for any other, and
// where it says nothing.
func schemaOf(o *openapi3.Operation, r reply) *openapi3.SchemaRef {
	answer := o.Responses.Status(r.status)
	if answer == nil {
		answer = o.Responses.Default()
	}
	kind, _, _ := strings.Cut(r.header.Get("Content-Type"), ";")
	if answer == nil || kind != "application/json" && !strings.HasSuffix(kind, "+json") {
		return nil
	}
	if m := answer.Value.Content.Get(r.header.Get("Content-Type")); m != nil {
		return m.Schema
	}
	return nil
}

// schemas are those of the contract that were asked for, compiled. OpenAPI's own
// validator compiles them anew for every answer, which takes longer than the tests.
var schemas = struct {
	sync.Mutex
	compiler *jsonschema.Compiler
	done     map[*openapi3.SchemaRef]*jsonschema.Schema
}{done: map[*openapi3.SchemaRef]*jsonschema.Schema{}}

func compiled(s *openapi3.SchemaRef) (*jsonschema.Schema, error) {
	const document = "https://contract.example/openapi.json"
	schemas.Lock()
	defer schemas.Unlock()
	if c := schemas.done[s]; c != nil {
		return c, nil
	}
	if schemas.compiler == nil {
		doc, err := contract()
		if err != nil {
			return nil, err
		}
		schemas.compiler = jsonschema.NewCompiler()
		schemas.compiler.DefaultDraft(jsonschema.Draft2020)
		schemas.compiler.AssertFormat()
		if err := addSchema(document, doc); err != nil {
			return nil, err
		}
	}
	place := document + s.Ref
	if s.Ref == "" { // it stands in the answer itself, and names others as of its document
		place = fmt.Sprintf("https://contract.example/%d", len(schemas.done))
		b, err := json.Marshal(s)
		if err != nil {
			return nil, err
		}
		if err := addSchema(place, json.RawMessage(bytes.ReplaceAll(b, []byte(`"$ref":"#/`), []byte(`"$ref":"`+document+`#/`)))); err != nil {
			return nil, err
		}
	}
	c, err := schemas.compiler.Compile(place)
	schemas.done[s] = c
	return c, err
}

func addSchema(url string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		return err
	}
	return schemas.compiler.AddResource(url, doc)
}

// fits holds a body to its schema.
func fits(s *openapi3.SchemaRef, body []byte) error {
	c, err := compiled(s)
	if err != nil {
		return err
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return err
	}
	return c.Validate(v)
}

// faultCount is a test that only hears of faults.
type faultCount struct {
	testing.TB
	faults int
}

func (f *faultCount) Helper()               {}
func (f *faultCount) Errorf(string, ...any) { f.faults++ }

// What is held to the contract is found out when it does not keep it.
func TestContractIsHeldTo(t *testing.T) {
	t.Parallel()
	const detection, problem = `{"language":"hi","script":"Deva","confidence":0.9}`, `{"type":"/problems/invalid","title":"Invalid request","status":422,"detail":"d","code":"invalid","request_id":"r"}`
	for _, row := range []struct {
		name, path string
		status     int
		kind, body string
		faults     int
	}{
		{"as it should be", "/v1/detect", 200, "application/json; charset=utf-8", detection, 0},
		{"a problem", "/v1/detect", 422, "application/problem+json", problem, 0},
		{"no such path", "/v1/nothing", 404, "application/problem+json", problem, 0},
		{"no such path, and done", "/v1/nothing", 200, "application/json", detection, 1},
		{"a member too many", "/v1/detect", 200, "application/json; charset=utf-8", `{"language":"hi","script":"Deva","confidence":0.9,"x":1}`, 1},
		{"a member missing", "/v1/detect", 200, "application/json; charset=utf-8", `{"language":"hi","script":"Deva"}`, 1},
		{"another type", "/v1/detect", 200, "application/json; charset=utf-8", `{"language":"hi","script":"Deva","confidence":"0.9"}`, 1},
		{"out of bounds", "/v1/detect", 200, "application/json; charset=utf-8", `{"language":"hi","script":"Deva","confidence":2}`, 1},
		{"deep inside", "/v1/jobs", 200, "application/json; charset=utf-8", `{"jobs":[{"id":7}]}`, 1},
		{"a time that is none", "/v1/jobs", 202, "application/json; charset=utf-8", `{"id":"x","kind":"article","state":"queued","attempts":0,"progress":{"done":0,"total":1},"created_at":"today"}`, 1},
		{"a problem without its code", "/v1/detect", 422, "application/problem+json", `{"type":"/problems/invalid","title":"Invalid request","status":422}`, 1},
		{"no JSON", "/v1/detect", 200, "application/json; charset=utf-8", `{"language":`, 1},
		{"two values", "/v1/detect", 200, "application/json; charset=utf-8", detection + detection, 1},
		{"a type that it does not have", "/v1/detect", 200, "text/csv", detection, 1},
		{"a status that it does not have", "/v1/detect", 207, "application/json; charset=utf-8", detection, 1},
	} {
		method := "POST"
		if row.name == "deep inside" {
			method = "GET"
		}
		req, err := http.NewRequest(method, "http://localhost"+row.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		f := &faultCount{TB: t}
		keeps(f, req, reply{status: row.status, header: http.Header{"Content-Type": {row.kind}, "X-Request-Id": {"r"}, "Location": {"/v1/jobs/x"}}, body: []byte(row.body)})
		if f.faults != row.faults {
			t.Errorf("%s: %d faults told", row.name, f.faults)
		}
	}
}

func brief(b []byte) []byte { return b[:min(len(b), 400)] }

// Every route stands in the contract, and every operation of the contract has
// a route.
func TestContractHasTheRoutes(t *testing.T) {
	t.Parallel()
	doc, err := contract()
	if err != nil {
		t.Fatal(err)
	}
	var documented []string
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			documented = append(documented, method+" "+path)
		}
	}
	served := start(t, demo(t), func(c *httpapi.Config) { c.MCP = func(http.ResponseWriter, *http.Request, httpapi.MCPCaller) {} }).http.Routes()
	for _, r := range served {
		if !slices.Contains(documented, r) {
			t.Errorf("%s is served and not in the contract", r)
		}
	}
	for _, d := range documented {
		if !slices.Contains(served, d) {
			t.Errorf("%s is in the contract and not served", d)
		}
	}
}

func TestContractAsJSONAndPage(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), func(c *httpapi.Config) { c.Keys = []httpapi.Key{{Name: "someone"}} }) // open without a key
	r := s.do(t, "GET", "/openapi.json", "")
	var doc struct {
		OpenAPI string `json:"openapi"`
		Paths   map[string]json.RawMessage
	}
	if err := json.Unmarshal(r.body, &doc); err != nil || doc.OpenAPI != "3.1.0" || doc.Paths["/v1/articles"] == nil {
		t.Errorf("%d %s: %v", r.status, brief(r.body), err)
	}
	if r := s.do(t, "GET", "/openapi.yaml", ""); !bytes.Equal(r.body, api.OpenAPI) || r.header.Get("Content-Type") != "application/yaml" {
		t.Errorf("%d %v", r.status, r.header)
	}
	page := s.do(t, "GET", "/docs", "")
	for _, part := range []string{`<html lang="en">`, `id="post-v1-articles"`, `href="#ArticleRequest"`, `id="ArticleRequest"`, "curl localhost:8090/v1/detect"} {
		if !bytes.Contains(page.body, []byte(part)) {
			t.Errorf("the page has no %s", part)
		}
	}
	for _, part := range []string{"<script", `="http`, "src="} {
		if bytes.Contains(page.body, []byte(part)) {
			t.Errorf("the page has %s", part)
		}
	}
	if csp := page.header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
		t.Errorf("CSP %q", csp)
	}
}
