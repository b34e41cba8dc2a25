package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
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

	"dubhashi/gateway/api"
	"dubhashi/gateway/httpapi"
)

func init() {
	for _, t := range []string{"application/problem+json"} {
		openapi3filter.RegisterBodyDecoder(t, openapi3filter.JSONBodyDecoder)
	}
	for _, t := range []string{"text/html", "text/markdown", "text/event-stream", "text/tab-separated-values", "text/csv", "application/yaml", "application/x-ndjson"} {
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
	in := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route},
		Status:                 r.status, Header: r.header, Body: io.NopCloser(bytes.NewReader(unpack(t, r))),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	}
	if err := openapi3filter.ValidateResponse(context.Background(), in); err != nil {
		t.Errorf("%s %s: %d %s\n%s\ndoes not keep the contract: %v", req.Method, req.URL.Path, r.status, r.header.Get("Content-Type"), brief(r.body), err)
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
	for _, part := range []string{"<script", "http://", "https://", "src="} {
		if bytes.Contains(page.body, []byte(part)) {
			t.Errorf("the page has %s", part)
		}
	}
	if csp := page.header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
		t.Errorf("CSP %q", csp)
	}
}
