package httpapi_test

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"dubhashi/gateway/httpapi"
)

// keys are those of two callers, one of them known by its hash alone.
func keys(t testing.TB) []httpapi.Key {
	t.Helper()
	digest := sha256.Sum256([]byte("second-secret"))
	var out []httpapi.Key
	for _, s := range []string{"first:first-secret", "second:sha256=" + strings.ToUpper(hex.EncodeToString(digest[:]))} {
		k, err := httpapi.ParseKey(s)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, k)
	}
	return out
}

func keyed(t testing.TB) func(*httpapi.Config) {
	return func(c *httpapi.Config) { c.Keys = keys(t) }
}

const detectBody = `{"text":"नदी का पानी उतर गया।"}`

func TestKeys(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), keyed(t))
	rows := []struct {
		name   string
		header []string
		status int
	}{
		{"bearer", []string{"Authorization", "Bearer first-secret"}, 200},
		{"any case and more space", []string{"Authorization", "  bEARER   first-secret "}, 200},
		{"X-API-Key", []string{"X-API-Key", "second-secret"}, 200},
		{"both, alike", []string{"Authorization", "Bearer first-secret", "X-API-Key", "first-secret"}, 200},
		{"both, of two callers", []string{"Authorization", "Bearer first-secret", "X-API-Key", "second-secret"}, 401},
		{"another scheme beside it", []string{"Authorization", "Basic Zmlyc3Q6eA==", "X-API-Key", "first-secret"}, 200},
		{"none", nil, 401},
		{"empty", []string{"Authorization", "Bearer ", "X-API-Key", ""}, 401},
		{"unknown", []string{"Authorization", "Bearer nobody's-secret"}, 401},
		{"a beginning", []string{"Authorization", "Bearer first-secre"}, 401},
		{"one letter more", []string{"X-API-Key", "first-secrett"}, 401},
		{"another case", []string{"X-API-Key", "First-secret"}, 401},
		{"a caller's name", []string{"Authorization", "Bearer first"}, 401},
		{"a hash", []string{"Authorization", "Bearer sha256=" + fmt.Sprintf("%x", sha256.Sum256([]byte("second-secret")))}, 401},
		{"another scheme", []string{"Authorization", "Basic first-secret"}, 401},
		{"DeepL's scheme", []string{"Authorization", "DeepL-Auth-Key first-secret"}, 401},
		{"no scheme", []string{"Authorization", "first-secret"}, 401},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			for _, route := range [][3]string{{"POST", "/v1/detect", detectBody}, {"GET", "/v1/languages", ""}, {"GET", "/v1/usage", ""}} {
				r := s.do(t, route[0], route[1], route[2], append(row.header, "Content-Type", "application/json")...)
				if r.status != row.status {
					t.Errorf("%s: %d %s", route[1], r.status, r.body)
				}
				if challenge := r.header.Get("WWW-Authenticate"); challenge != map[int]string{401: "Bearer"}[row.status] {
					t.Errorf("%s: WWW-Authenticate %q", route[1], challenge)
				}
			}
		})
	}
}

// Nothing of an answer tells a key that is missing from one that is wrong or one
// that is nearly right, and no header does.
func TestKeysThatAreNone(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), keyed(t))
	var first string
	for _, header := range [][]string{nil, {"X-API-Key", "first-secreT"}, {"Authorization", "Bearer x"}, {"X-API-Key", strings.Repeat("k", 10_000)}, {"Authorization", "Bearer first-secret", "X-API-Key", "second-secret"}} {
		r := s.do(t, "POST", "/v1/translate", `{"text":"पानी"}`, append(header, "Content-Type", "application/json")...)
		var p map[string]any
		if err := json.Unmarshal(r.body, &p); err != nil || p["code"] != "unauthorized" || p["request_id"] == "" {
			t.Fatalf("%s: %v", r.body, err)
		}
		delete(p, "request_id")
		r.header.Del("X-Request-Id")
		r.header.Del("Date")
		r.header.Del("Content-Length")
		b, _ := json.Marshal([]any{r.status, p, r.header})
		if first == "" {
			first = string(b)
		}
		if string(b) != first {
			t.Errorf("%.40v: %s\nthe first was %s", header, b, first)
		}
	}
	if s.calls.Load() != 0 {
		t.Errorf("the model was called %d times", s.calls.Load())
	}
}

// What is open to all asks for no key.
func TestKeysAreNotAskedForEverywhere(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), keyed(t))
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/problems/unauthorized", "/languages", "/frontend/settings", "/health", "/spec"} {
		if r := s.do(t, "GET", path, ""); r.status != 200 {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
}

// A request without a key is answered before its body has come, and its
// connection lives on when the body was small.
func TestKeysBeforeTheBody(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), keyed(t))
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	status := func(head, body string) int {
		t.Helper()
		if _, err := io.WriteString(conn, head+"Host: x\r\nContent-Type: application/json\r\n\r\n"+body); err != nil {
			t.Fatal(err)
		}
		r, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		_, _ = io.Copy(io.Discard, r.Body)
		return r.StatusCode
	}
	if got := status("GET /v1/languages HTTP/1.1\r\n", ""); got != 401 {
		t.Errorf("no key and no body: %d", got)
	}
	if got := status("POST /v1/detect HTTP/1.1\r\nContent-Length: 2\r\n", "{}"); got != 401 {
		t.Errorf("no key: %d", got)
	}
	if got := status(fmt.Sprintf("POST /v1/detect HTTP/1.1\r\nX-API-Key: first-secret\r\nContent-Length: %d\r\n", len(detectBody)), detectBody); got != 200 {
		t.Errorf("on the same connection: %d", got)
	}
	if got := status("POST /v1/articles HTTP/1.1\r\nContent-Length: 1000000\r\n", strings.Repeat(" ", 16<<10)); got != 401 {
		t.Errorf("no key, and a body that does not come to its end: %d", got)
	}
}

// Each surface says in its own words that a key is missing or wrong.
func TestKeysOfOtherSurfaces(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), keyed(t))
	rows := []struct {
		name, path, body string
		header           []string
		status           int
		want             string
	}{
		{"DeepL, none", "/v2/translate", "text=x&target_lang=HI", nil, 403, "auth_key"},
		{"DeepL, wrong", "/v2/translate", "text=x&target_lang=HI", []string{"Authorization", "DeepL-Auth-Key x"}, 403, "auth_key"},
		{"DeepL, right", "/v2/usage", "", []string{"Authorization", "DeepL-Auth-Key first-secret"}, 200, "character_count"},
		{"LibreTranslate, none", "/translate", "q=x&source=en&target=hi", nil, 400, "contact the server operator"},
		{"LibreTranslate, wrong", "/translate", "q=x&source=en&target=hi&api_key=y", nil, 403, "Invalid API key"},
		{"LibreTranslate, right", "/detect", "q=water&api_key=second-secret", nil, 200, "language"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			r := s.do(t, "POST", row.path, row.body, append(row.header, "Content-Type", formType)...)
			if r.status != row.status || !strings.Contains(string(r.body), row.want) {
				t.Errorf("%d %s", r.status, r.body)
			}
		})
	}
}

func TestParseKey(t *testing.T) {
	t.Parallel()
	const nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" // the SHA-256 of no bytes
	good := []string{"a:12345678", "Web-app_2:x-y-z-!~1", "a:b:c:d:e:f:g", "deepl:0123456789:fx", "h:sha256=" + strings.Repeat("0a", 32)}
	for _, s := range good {
		if k, err := httpapi.ParseKey(s); err != nil || k.Name != s[:strings.Index(s, ":")] {
			t.Errorf("%s: %v, %v", s, k.Name, err)
		}
	}
	for s, want := range map[string]string{
		"":                  "name:key",
		"hidden-secret":     "name:key",
		":hidden-secret":    "a name",
		"a b:hidden-secret": "a name",
		"a.b:hidden-secret": "a name",
		strings.Repeat("n", 65) + ":hidden-secret": "a name",
		"a:hidden":                            "8 characters",
		"a:hidden secret":                     "ASCII",
		"a:hidden-गुप्त":                      "ASCII",
		"a:hidden\tsecret":                    "ASCII",
		"a:hidden" + strings.Repeat("x", 600): "512",
		"a:sha256=hidden":                     "64 hexadecimal",
		"a:sha256=" + strings.Repeat("0", 62): "64 hexadecimal",
		"a:sha256=" + nothing:                 "no key",
	} {
		_, err := httpapi.ParseKey(s)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%q: error %v, want %q", s, err, want)
		}
	}
}

func FuzzParseKey(f *testing.F) {
	for _, s := range []string{"a:12345678", "a:sha256=00", ":", "a:b:cdefghij", "नाम:12345678"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		k, err := httpapi.ParseKey(s)
		if err != nil {
			return
		}
		name, secret, _ := strings.Cut(s, ":")
		digest := fmt.Sprintf("%x", k.Hash)
		if k.Name != name || digest != fmt.Sprintf("%x", sha256.Sum256([]byte(secret))) && "sha256="+digest != strings.ToLower(secret) {
			t.Errorf("%q gives %q and %s", s, k.Name, digest)
		}
	})
}
