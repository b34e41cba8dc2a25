package httpapi_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"

	"dubhashi/gateway/api"
	"dubhashi/gateway/httpapi"
)

// exactly sends a request as it is: net/http asks for gzip by itself otherwise.
func (s *server) exactly(t testing.TB, method, path, body string, header ...string) reply {
	t.Helper()
	return s.do(t, method, path, body, append([]string{"Accept-Encoding", "identity"}, header...)...)
}

func TestCORS(t *testing.T) {
	t.Parallel()
	const page, other = "https://news.example", "https://elsewhere.example"
	closed := start(t, demo(t), nil)
	named := start(t, demo(t), func(c *httpapi.Config) {
		c.CORSOrigins = []string{"http://localhost:3000", "https://News.example", "https://port.example:443", "http://port.example:80", "http://odd.example:443"}
	})
	open := start(t, demo(t), func(c *httpapi.Config) { c.CORSOrigins = []string{"*"} })
	for _, row := range []struct {
		name         string
		server       *server
		path, origin string
		allow        string // Access-Control-Allow-Origin
		vary         bool   // Origin
	}{
		{"not set", closed, "/v1/articles", page, "", false},
		{"an allowed one", named, "/v1/articles", page, page, true},
		{"another", named, "/v1/articles", other, "", true},
		{"one that is named with its scheme's port", named, "/v1/articles", "https://port.example", "https://port.example", true},
		{"another such", named, "/v1/articles", "http://port.example", "http://port.example", true},
		{"one whose port is another scheme's", named, "/v1/articles", "http://odd.example", "", true},
		{"that with the port", named, "/v1/articles", "http://odd.example:443", "http://odd.example:443", true},
		{"its port", named, "/v1/articles", page + ":8443", "", true},
		{"its scheme", named, "/v1/articles", "http://news.example", "", true},
		{"a longer one", named, "/v1/articles", page + ".evil.example", "", true},
		{"none", named, "/v1/articles", "", "", true},
		{"null", named, "/v1/articles", "null", "", true},
		{"all", open, "/v1/articles", page, "*", false},
		{"DeepL's", named, "/v2/usage", page, page, true},
		{"DeepL's, another", named, "/v2/usage", other, "", true},
		{"LibreTranslate's", closed, "/translate", page, "*", false},
		{"LibreTranslate's, another", named, "/translate", other, "*", false},
		{"an error", named, "/v1/nothing", page, page, true},
	} {
		var origin []string
		if row.origin != "" {
			origin = []string{"Origin", row.origin}
		}
		r := row.server.exactly(t, "GET", row.path, "", origin...)
		pre := row.server.exactly(t, "OPTIONS", row.path, "", append(origin, "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization, content-type, x-api-key, idempotency-key, prefer, last-event-id")...)
		for _, got := range []reply{r, pre} {
			h := got.header
			if h.Get("Access-Control-Allow-Origin") != row.allow || strings.Contains(strings.Join(h.Values("Vary"), ","), "Origin") != row.vary || h.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("%s: %d %v", row.name, got.status, h)
			}
		}
		if strings.HasSuffix(row.path, "nothing") {
			continue
		}
		if pre.status != 204 || len(pre.body) > 0 || pre.header.Get("Allow") == "" {
			t.Errorf("%s: preflight %d %v %s", row.name, pre.status, pre.header, pre.body)
		}
		allows := strings.ToLower(pre.header.Get("Access-Control-Allow-Headers"))
		if (row.allow != "") != strings.Contains(allows, "authorization") || pre.header.Get("Access-Control-Allow-Headers") == "*" ||
			(row.allow != "") != (pre.header.Get("Access-Control-Max-Age") != "") {
			t.Errorf("%s: %v", row.name, pre.header)
		}
		if row.allow == "" || row.path != "/v1/articles" {
			continue
		}
		if pre.header.Get("Access-Control-Allow-Methods") != "POST, OPTIONS" {
			t.Errorf("%s: methods %q", row.name, pre.header.Get("Access-Control-Allow-Methods"))
		}
		for _, name := range []string{"x-api-key", "idempotency-key", "prefer", "last-event-id", "content-type"} {
			if !strings.Contains(allows, name) {
				t.Errorf("%s: %s may not be sent: %s", row.name, name, allows)
			}
		}
		reads := r.header.Get("Access-Control-Expose-Headers")
		for _, name := range []string{"X-Request-Id", "X-Dubhashi-Cache", "Location", "Retry-After", "RateLimit", "Idempotent-Replayed", "ETag"} {
			if !strings.Contains(reads, name) {
				t.Errorf("%s: %s may not be read: %s", row.name, name, reads)
			}
		}
	}
	// A stream is an answer as any other.
	r := named.do(t, "POST", "/v1/articles", news, "Content-Type", "text/plain", "Accept", "text/event-stream", "Origin", page)
	if r.status != 200 || r.header.Get("Access-Control-Allow-Origin") != page || r.header.Get("Content-Encoding") != "" {
		t.Errorf("a stream: %d %v", r.status, r.header)
	}
}

// TestMethods: OPTIONS and Allow on each path, HEAD where there is GET, and what
// is not there is told in the surface's own form.
func TestMethods(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), nil)
	const problem, deepl, libre = `"code":"`, `"message":"`, `"error":"`
	for _, row := range []struct{ path, allow, wrong, form string }{
		{"/v1/articles", "POST, OPTIONS", "GET", problem},
		{"/v1/translate", "POST, OPTIONS", "PUT", problem},
		{"/v1/detect", "POST, OPTIONS", "DELETE", problem},
		{"/v1/languages", "GET, HEAD, OPTIONS", "POST", problem},
		{"/v1/glossaries", "GET, HEAD, POST, OPTIONS", "PATCH", problem},
		{"/healthz", "GET, HEAD, OPTIONS", "POST", problem},
		{"/docs", "GET, HEAD, OPTIONS", "POST", problem},
		{"/openapi.json", "GET, HEAD, OPTIONS", "POST", problem},
		{"/problems/invalid", "GET, HEAD, OPTIONS", "BREW", problem},
		{"/v2/usage", "GET, HEAD, POST, OPTIONS", "PUT", deepl},
		{"/v2/glossaries", "GET, HEAD, POST, OPTIONS", "PUT", deepl},
		{"/translate", "POST, OPTIONS", "GET", libre},
		{"/languages", "GET, HEAD, OPTIONS", "POST", libre},
		{"/v1/nothing", "", "GET", problem},
		{"/v2/nothing", "", "GET", deepl},
		{"/v3/nothing", "", "POST", deepl},
	} {
		wrong := s.exactly(t, row.wrong, row.path, "")
		options := s.exactly(t, "OPTIONS", row.path, "")
		want, wantOptions := 405, 204
		if row.allow == "" {
			want, wantOptions = 404, 404
		}
		if wrong.status != want || sorted(wrong.header.Get("Allow")) != sorted(row.allow) || !bytes.Contains(wrong.body, []byte(row.form)) {
			t.Errorf("%s %s: %d, Allow %q, %s", row.wrong, row.path, wrong.status, wrong.header.Get("Allow"), wrong.body)
		}
		if options.status != wantOptions || sorted(options.header.Get("Allow")) != sorted(row.allow) || options.header.Get("Access-Control-Allow-Methods") != "" && row.form != libre {
			t.Errorf("OPTIONS %s: %d %v", row.path, options.status, options.header)
		}
		if !strings.Contains(row.allow, "HEAD") {
			continue
		}
		get, head := s.exactly(t, "GET", row.path, ""), s.exactly(t, "HEAD", row.path, "")
		for _, changes := range []string{"Date", "X-Request-Id", "X-Trace-Id"} {
			get.header.Del(changes)
			head.header.Del(changes)
		}
		if head.status != get.status || len(head.body) > 0 || fmt.Sprint(head.header) != fmt.Sprint(get.header) {
			t.Errorf("HEAD %s: %d %v\nGET: %d %v", row.path, head.status, head.header, get.status, get.header)
		}
	}
}

func sorted(methods string) string {
	list := strings.Split(methods, ", ")
	for i := range list {
		for j := range i {
			if list[i] < list[j] {
				list[i], list[j] = list[j], list[i]
			}
		}
	}
	return strings.Join(list, " ")
}

func TestEntityTags(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), func(c *httpapi.Config) { c.CORSOrigins = []string{"https://news.example"} })
	for _, path := range []string{"/v1/languages", "/openapi.json", "/openapi.yaml", "/docs", "/problems/invalid", "/languages", "/spec"} {
		first := s.exactly(t, "GET", path, "")
		tag := first.header.Get("ETag")
		if first.status != 200 || !strings.HasPrefix(tag, `"`) || first.header.Get("Cache-Control") != "private, no-cache" {
			t.Fatalf("%s: %d %v", path, first.status, first.header)
		}
		packed := s.do(t, "GET", path, "", "Accept-Encoding", "gzip")
		if want := "W/" + tag; len(first.body) >= 1024 && packed.header.Get("ETag") != want || len(first.body) < 1024 && packed.header.Get("ETag") != tag {
			t.Errorf("%s: packed %s, as it is %s", path, packed.header.Get("ETag"), tag)
		}
		for _, row := range []struct {
			match string
			has   bool
		}{
			{tag, true}, {"W/" + tag, true}, {"*", true}, {`"a", ` + tag, true}, {`W/"a,b" ,W/` + tag + `, "c"`, true}, {`,,"a",` + tag, true},
			{`"a"`, false}, {strings.Trim(tag, `"`), false}, {`"` + tag, false}, {tag[:len(tag)-1], false}, {`"", "x"`, false}, {`* `, true}, {"w/" + tag, false},
		} {
			if path != "/v1/languages" && row.match != tag && row.match != `"a"` {
				continue
			}
			for _, method := range []string{"GET", "HEAD"} {
				r := s.exactly(t, method, path, "", "If-None-Match", row.match, "Origin", "https://news.example")
				if (r.status == 304) != row.has || r.header.Get("ETag") != tag || r.header.Get("Cache-Control") == "" || r.status == 304 && (len(r.body) > 0 || r.header.Get("Content-Type") != "" || r.header.Get("Content-Length") != "") {
					t.Errorf("%s %s with %s: %d %v", method, path, row.match, r.status, r.header)
				}
				if path == "/v1/languages" && r.header.Get("Access-Control-Allow-Origin") == "" {
					t.Errorf("%s: no CORS with %d", path, r.status)
				}
			}
		}
	}
	for _, row := range []struct{ method, path, body string }{
		{"GET", "/healthz", ""}, {"GET", "/readyz", ""}, {"GET", "/metrics", ""}, {"GET", "/health", ""}, {"GET", "/v2/languages", ""}, {"GET", "/v1/nothing", ""},
		{"POST", "/v1/detect", `{"text":"नमस्ते"}`}, {"POST", "/v1/articles", `{"text":"` + strings.TrimSpace(strings.Split(news, "\n")[0]) + `"}`},
	} {
		r := s.exactly(t, row.method, row.path, row.body, "Content-Type", "application/json", "If-None-Match", "*")
		if r.status == 304 || r.header.Get("ETag") != "" || r.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s %s: %d %v", row.method, row.path, r.status, r.header)
		}
	}
}

func TestCompression(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), nil)
	long := wards(12)
	s.do(t, "POST", "/v1/articles", long, "Content-Type", "text/plain")
	want := s.exactly(t, "POST", "/v1/articles", long, "Content-Type", "text/plain", "X-Request-Id", "same")
	for _, row := range []struct{ accept, coding string }{
		{"identity", ""}, {"gzip", "gzip"}, {"x-gzip", "gzip"}, {"GZIP", "gzip"}, {"br", "br"}, {"gzip, deflate, br, zstd", "gzip"}, {"gzip;q=0.5, br", "br"},
		{"br;q=1.0, gzip;q=0.8, *;q=0.1", "br"}, {"*", "gzip"}, {"*;q=0", ""}, {"gzip;q=0", ""}, {"gzip;q=0, *", "br"}, {"deflate, zstd", ""}, {"identity;q=1, gzip;q=0.5", ""},
		{"identity;q=0.5, gzip", "gzip"}, {"gzip;q=nonsense", ""}, {"gzip;q=NaN", ""}, {"gzip;q=2", ""}, {" gzip ; q=0.3 ,, br;q=0.2", "gzip"}, {"identity;q=0", ""},
	} {
		r := s.do(t, "POST", "/v1/articles", long, "Content-Type", "text/plain", "Accept-Encoding", row.accept, "X-Request-Id", "same")
		if r.header.Get("Content-Encoding") != row.coding || !strings.Contains(strings.Join(r.header.Values("Vary"), ","), "Accept-Encoding") {
			t.Errorf("%q: %v", row.accept, r.header)
		}
		if row.coding != "" && len(r.body)*2 > len(want.body) {
			t.Errorf("%q: %d bytes of %d", row.accept, len(r.body), len(want.body))
		}
		if got := unpack(t, r); plain(t, got) != plain(t, want.body) {
			t.Errorf("%q: %s", row.accept, got)
		}
	}
	req, _ := http.NewRequest("POST", s.url+"/v1/articles", strings.NewReader(long))
	req.Header.Set("Content-Type", "text/plain")
	if resp, err := asks.Do(req); err != nil || resp.Header.Get("Content-Encoding") != "" || !strings.Contains(resp.Header.Get("Vary"), "Accept-Encoding") {
		t.Errorf("nothing said: %+v, %v", resp, err)
	} else {
		resp.Body.Close()
	}
	for _, row := range []struct{ name, path, accept string }{
		{"a short answer", "/v1/detect", "application/json"}, {"a stream", "/v1/articles", "text/event-stream"},
	} {
		body, kind := long, "text/plain"
		if row.path == "/v1/detect" {
			body, kind = `{"text":"नमस्ते"}`, "application/json"
		}
		r := s.do(t, "POST", row.path, body, "Content-Type", kind, "Accept", row.accept, "Accept-Encoding", "gzip, br")
		if r.status != 200 || r.header.Get("Content-Encoding") != "" || strings.Contains(strings.Join(r.header.Values("Vary"), ","), "Accept-Encoding") {
			t.Errorf("%s: %d %v", row.name, r.status, r.header)
		}
	}
	// In each form, and on each surface.
	for _, accept := range []string{"text/html", "text/markdown", "text/plain"} {
		r := s.do(t, "POST", "/v1/articles", long, "Content-Type", "text/plain", "Accept", accept, "Accept-Encoding", "br")
		if r.header.Get("Content-Encoding") != "br" || !bytes.Contains(unpack(t, r), []byte("वार्ड 11")) {
			t.Errorf("%s: %v", accept, r.header)
		}
	}
	if r := s.do(t, "GET", "/spec", "", "Accept-Encoding", "gzip"); r.header.Get("Content-Encoding") != "gzip" || !bytes.Contains(unpack(t, r), []byte("swagger")) {
		t.Errorf("/spec: %v", r.header)
	}
}

func unpack(t testing.TB, r reply) []byte {
	t.Helper()
	var from io.Reader = bytes.NewReader(r.body)
	switch r.header.Get("Content-Encoding") {
	case "gzip":
		z, err := gzip.NewReader(from)
		if err != nil {
			t.Fatal(err)
		}
		from = z
	case "br":
		from = brotli.NewReader(from)
	}
	b, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), nil)
	want := map[string]string{
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin",
		"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Server": "",
	}
	check := func(what string, h http.Header, but ...string) {
		for name, value := range want {
			for i := 0; i < len(but); i += 2 {
				if name == but[i] {
					value = but[i+1]
				}
			}
			if h.Get(name) != value {
				t.Errorf("%s: %s is %q, want %q", what, name, h.Get(name), value)
			}
		}
		if h.Get("Date") == "" || h.Get("Cache-Control") == "" {
			t.Errorf("%s: %v", what, h)
		}
	}
	check("JSON", s.do(t, "POST", "/v1/articles", news, "Content-Type", "text/plain").header)
	check("a stream", s.do(t, "POST", "/v1/articles", news, "Content-Type", "text/plain", "Accept", "text/event-stream").header)
	check("a page", s.do(t, "POST", "/v1/articles", news, "Content-Type", "text/plain", "Accept", "text/html").header,
		"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src https: http:; frame-ancestors 'none'")
	check("a problem", s.do(t, "GET", "/v1/nothing", "").header)
	check("OPTIONS", s.do(t, "OPTIONS", "/v1/articles", "").header)
	check("LibreTranslate's", s.do(t, "GET", "/languages", "").header, "Cross-Origin-Resource-Policy", "cross-origin")
	for _, request := range []string{"GET\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("a", 20_000) + "\r\n\r\n", "GET /v2/usage HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n"} {
		raw := s.raw(t, func(w io.Writer) { io.WriteString(w, request) })
		r, err := parse(raw)
		if err != nil || r.status < 400 || r.status >= 500 || r.header.Get("Content-Type") != "application/problem+json; charset=utf-8" {
			t.Fatalf("%.20q: %.300q %v", request, raw, err)
		}
		check(fmt.Sprintf("%.20q", request), r.header)
		var p api.Problem
		if json.Unmarshal(r.body, &p) != nil || p.Status != r.status || p.RequestID == "" || p.RequestID != r.header.Get("X-Request-Id") {
			t.Errorf("%.20q: %s", request, r.body)
		}
	}
}

// parse reads an answer off the wire.
func parse(raw string) (reply, error) {
	resp, err := http.ReadResponse(bufio.NewReader(strings.NewReader(raw)), nil)
	if err != nil {
		return reply{}, err
	}
	b, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, resp.Header, b}, err
}

// FuzzManners: whatever a caller says of encodings and tags, the answer is one it
// can read, and 304 comes with nothing.
func FuzzManners(f *testing.F) {
	s := start(f, demo(f), nil)
	want := s.exactly(f, "GET", "/v1/languages", "")
	tag := want.header.Get("ETag")
	for _, seed := range [][2]string{{"gzip, br;q=0.5", `"a"`}, {"*;q=0", "*"}, {"identity;q=0, *", tag}, {"br", `W/"a", ` + tag}, {"gzip;q=;;q=1", `""""`}, {";;,,=", `W/`}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, accept, match string) {
		req, _ := http.NewRequest("GET", s.url+"/v1/languages", nil)
		req.Header.Set("Accept-Encoding", accept)
		req.Header.Set("If-None-Match", match)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Skip() // no header that can be sent
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		r := reply{resp.StatusCode, resp.Header, b}
		coding := r.header.Get("Content-Encoding")
		switch {
		case r.status == 400:
			t.Skip()
		case r.status == 304 && (len(b) > 0 || strings.TrimSpace(match) != "*" && !strings.Contains(match, tag)):
			t.Errorf("304 with %d bytes for %q", len(b), match)
		case r.status == 200 && !bytes.Equal(unpack(t, r), want.body):
			t.Errorf("%q: %q", accept, b)
		case coding != "" && !strings.Contains(strings.ToLower(accept), coding) && !strings.Contains(accept, "*"):
			t.Errorf("%q was answered with %s", accept, coding)
		}
	})
}
