package httpapi_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"dubhashi/gateway/api"
	"dubhashi/gateway/httpapi"
)

const news = "शहर में नई बस सेवा शुरू\n\nनगर निगम ने सोमवार को नई बस सेवा शुरू की।\nनिगम आयुक्त ने कहा कि किराया 10 रुपये रहेगा।\n"

func TestArticleAsBodyAndAsJSON(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), nil)
	r := s.do(t, "POST", "/v1/articles", news, "Content-Type", "text/plain", "X-Request-Id", "req-7")
	a := article(t, r)
	if a.ID != "req-7" || a.Source != "hi" || a.Target != "en" || a.Status != "complete" || len(a.Paragraphs) != 3 || a.Title == nil || a.Title.Target == nil || len(a.Summary) != 1 {
		t.Errorf("%+v", a)
	}
	for i, p := range a.Paragraphs {
		if p.Index != i || p.Target == nil || p.Cache != "miss" || p.Warnings == nil {
			t.Errorf("paragraph %d: %+v", i, p)
		}
	}
	if got := *a.Paragraphs[0].Target + "\n\n" + *a.Paragraphs[1].Target + "\n\n" + *a.Paragraphs[2].Target; *a.Translation != got {
		t.Errorf("translation is %q, the paragraphs are %q", *a.Translation, got)
	}
	for name, want := range map[string]string{"X-Request-Id": "req-7", "X-Dubhashi-Cache": "miss", "Content-Type": "application/json; charset=utf-8"} {
		if r.header.Get(name) != want {
			t.Errorf("%s is %q", name, r.header.Get(name))
		}
	}
	if !strings.HasPrefix(r.header.Get("Server-Timing"), "total;dur=") {
		t.Errorf("Server-Timing is %q", r.header.Get("Server-Timing"))
	}
	s.calls.Store(0)
	in, _ := json.Marshal(map[string]any{"text": news, "target": "en"})
	r = s.post(t, "/v1/articles", string(in))
	if b := article(t, r); s.calls.Load() != 0 || *b.Translation != *a.Translation || r.header.Get("X-Dubhashi-Cache") != "hit" || b.Usage.CacheHits != 4 {
		t.Errorf("as JSON: %d calls, %+v", s.calls.Load(), b.Usage)
	}
}

func TestOptionsInTheQuery(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), nil)
	a := article(t, s.do(t, "POST", "/v1/articles?target=en&outputs=summary&summary.style=bullets&summary.languages=hi,en&title=%E0%A4%AC%E0%A4%B8", news, "Content-Type", "text/plain; charset=UTF-8"))
	if a.Translation != nil || len(a.Summary) != 2 || a.Summary[0].Language != "hi" || a.Summary[0].Style != "bullets" || len(a.Summary[0].Bullets) == 0 || a.Title.Source != "बस" {
		t.Errorf("%+v", a)
	}
	if r := s.do(t, "POST", "/v1/translate?target=en&cache=off", `{"text":"आज बारिश होगी।"}`, "Content-Type", "application/json"); r.status != 200 {
		t.Errorf("%d %s", r.status, r.body)
	}
}

// Every bad input of the contract gets its own problem document.
func TestProblems(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), nil)
	const j, p = "application/json", "text/plain"
	for _, row := range []struct {
		name, method, path, kind, body string
		status                         int
		code, field                    string
	}{
		{"wrong JSON", "POST", "/v1/articles", j, `{"text": "अ`, 400, "malformed", ""},
		{"no JSON", "POST", "/v1/articles", j, ``, 400, "malformed", ""},
		{"JSON array", "POST", "/v1/articles", j, `[1]`, 400, "malformed", ""},
		{"two objects", "POST", "/v1/articles", j, `{"text":"a"}{}`, 400, "malformed", ""},
		{"unknown field", "POST", "/v1/articles", j, `{"text":"अब","colour":"red"}`, 422, "invalid", "colour"},
		{"name in another case", "POST", "/v1/articles?target=en", j, `{"text":"अब","Target":"hi"}`, 422, "invalid", "Target"},
		{"name in another case, no query", "POST", "/v1/translate", j, `{"TEXT":"अब"}`, 422, "invalid", "TEXT"},
		{"name with a letter that folds", "POST", "/v1/articles", j, `{"text":"अब","\u017fource":"hi"}`, 422, "invalid", "ſource"},
		{"name below in another case", "POST", "/v1/articles?summary.style=brief", j, `{"text":"\"{अब\\","summary" : {"Style":"brief"}}`, 422, "invalid", "summary.Style"},
		{"option below in both", "POST", "/v1/articles?summary.style=brief", j, `{"text":"अब","summary":{"style":"brief"}}`, 422, "invalid", "summary.style"},
		{"url and text", "POST", "/v1/articles", j, `{"text":"अब","url":"http://news.example"}`, 422, "invalid", "url"},
		{"url in both", "POST", "/v1/articles?url=http://news.example", j, `{"url":"http://news.example"}`, 422, "invalid", "url"},
		{"text, and url in the query", "POST", "/v1/articles?url=http://news.example", p, news, 422, "invalid", "url"},
		{"empty url", "POST", "/v1/articles", j, `{"url":" "}`, 422, "invalid", "url"},
		{"empty url in the query", "POST", "/v1/articles?url=", "", "", 422, "invalid", "url"},
		{"url of the wrong type", "POST", "/v1/articles", j, `{"url":["http://news.example"]}`, 422, "invalid", "url"},
		{"options before the url is fetched", "POST", "/v1/articles?register=rude", j, `{"url":"http://10.0.0.1/"}`, 422, "invalid", "register"},
		{"private url", "POST", "/v1/articles", j, `{"url":"http://10.0.0.1/"}`, 422, "url_refused", ""},
		{"metadata url", "POST", "/v1/summarize", j, `{"url":"http://169.254.169.254/latest/meta-data/"}`, 422, "url_refused", ""},
		{"file url", "POST", "/v1/articles?url=file:///etc/passwd", "", "", 422, "url_refused", ""},
		{"no url at all", "POST", "/v1/articles", j, `{"url":"news"}`, 422, "url_refused", ""},
		{"wrong type", "POST", "/v1/articles", j, `{"text":7}`, 422, "invalid", "text"},
		{"wrong type below", "POST", "/v1/articles", j, `{"text":"अब","summary":{"max_words":"ten"}}`, 422, "invalid", "summary.max_words"},
		{"two inputs", "POST", "/v1/articles", j, `{"text":"अब","html":"<p>अब</p>"}`, 422, "invalid", "html"},
		{"no input", "POST", "/v1/articles", j, `{"target":"en"}`, 422, "invalid", "text"},
		{"null", "POST", "/v1/articles", j, `null`, 422, "invalid", "text"},
		{"empty text", "POST", "/v1/articles", j, `{"text":" \n "}`, 422, "invalid", "text"},
		{"invisible text", "POST", "/v1/articles", j, `{"text":"\u200b\ufeff"}`, 422, "invalid", "text"},
		{"empty body", "POST", "/v1/articles", p, "", 422, "invalid", "body"},
		{"HTML without text", "POST", "/v1/articles", "text/html", "<p><img src=x></p>", 422, "invalid", "html"},
		{"no content type", "POST", "/v1/articles", "", "x", 415, "unsupported_media_type", ""},
		{"form", "POST", "/v1/articles", "application/x-www-form-urlencoded", "text=x", 415, "unsupported_media_type", ""},
		{"multipart", "POST", "/v1/articles", "multipart/form-data; boundary=x", "--x--", 415, "unsupported_media_type", ""},
		{"latin-1", "POST", "/v1/articles", "text/plain; charset=iso-8859-1", "x", 415, "unsupported_media_type", ""},
		{"broken UTF-8", "POST", "/v1/articles", p, "अब \xff\xfe", 400, "malformed", ""},
		{"broken UTF-8 in JSON", "POST", "/v1/articles", j, "{\"text\":\"\xff\"}", 400, "malformed", ""},
		{"NUL", "POST", "/v1/articles", p, "अब\x00", 400, "malformed", ""},
		{"lone surrogate", "POST", "/v1/articles", j, `{"text":"अब \ud83d बस"}`, 400, "malformed", ""},
		{"lone second half", "POST", "/v1/articles", j, `{"text":"अब \udc00"}`, 400, "malformed", ""},
		{"NUL in JSON", "POST", "/v1/articles", j, `{"text":"अब\u0000"}`, 400, "malformed", ""},
		{"Tamil", "POST", "/v1/articles", p, "இது ஒரு தமிழ் வாக்கியம் ஆகும்.", 422, "unsupported_language", ""},
		{"French", "POST", "/v1/articles", p, "Le gouvernement a annoncé hier que les nouvelles mesures seront appliquées dans tout le pays dès la semaine prochaine.", 422, "unsupported_language", ""},
		{"unknown target", "POST", "/v1/articles?target=fr", p, news, 422, "invalid", "target"},
		{"unknown source", "POST", "/v1/articles", j, `{"text":"अब","source":"ta"}`, 422, "invalid", "source"},
		{"same language", "POST", "/v1/articles?source=hi&target=hi", p, news, 422, "invalid", "target"},
		{"bad number in the query", "POST", "/v1/articles?summary.max_words=many", p, news, 422, "invalid", "summary.max_words"},
		{"number out of bounds", "POST", "/v1/articles?summary.max_words=5", p, news, 422, "invalid", "summary.max_words"},
		{"overflowing number", "POST", "/v1/articles?summary.max_words=99999999999999999999", p, news, 422, "invalid", "summary.max_words"},
		{"bad boolean", "POST", "/v1/articles?strict=perhaps", p, news, 422, "invalid", "strict"},
		{"unknown option", "POST", "/v1/articles?colour=red", p, news, 422, "invalid", "colour"},
		{"option twice", "POST", "/v1/articles?target=en&target=hi", p, news, 422, "invalid", "target"},
		{"option in both", "POST", "/v1/articles?target=en", j, `{"text":"अब","target":"en"}`, 422, "invalid", "target"},
		{"empty option", "POST", "/v1/articles?target=", p, news, 422, "invalid", "target"},
		{"broken query", "POST", "/v1/articles?target=%zz", p, news, 400, "malformed", ""},
		{"bad outputs", "POST", "/v1/articles?outputs=poem", p, news, 422, "invalid", "outputs"},
		{"no outputs", "POST", "/v1/articles", j, `{"text":"अब","outputs":[]}`, 422, "invalid", "outputs"},
		{"bad style", "POST", "/v1/summarize?summary.style=haiku", p, news, 422, "invalid", "summary.style"},
		{"too many texts", "POST", "/v1/translate", j, `{"texts":[` + strings.Repeat(`"अ",`, 128) + `"अ"]}`, 422, "invalid", "texts"},
		{"text and texts", "POST", "/v1/translate", j, `{"text":"अ","texts":["अ"]}`, 422, "invalid", "texts"},
		{"no text to translate", "POST", "/v1/translate", j, `{}`, 422, "invalid", "text"},
		{"no text to detect", "POST", "/v1/detect", j, `{"text":""}`, 422, "invalid", "text"},
		{"plain body to translate", "POST", "/v1/translate", p, news, 415, "unsupported_media_type", ""},
		{"too many characters", "POST", "/v1/articles", p, strings.Repeat("अ", 200_001), 413, "too_large", ""},
		{"body too large", "POST", "/v1/articles", p, strings.Repeat("अ", 1<<20), 413, "too_large", ""},
		{"unknown path", "GET", "/v1/unknown", "", "", 404, "not_found", ""},
		{"root", "GET", "/nothing", "", "", 404, "not_found", ""},
		{"wrong method", "GET", "/v1/articles", "", "", 405, "method_not_allowed", ""},
		{"wrong method for languages", "DELETE", "/v1/languages", "", "", 405, "method_not_allowed", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var header []string
			if row.kind != "" {
				header = []string{"Content-Type", row.kind}
			}
			r := s.do(t, row.method, row.path, row.body, header...)
			var p api.Problem
			if err := json.Unmarshal(r.body, &p); err != nil {
				t.Fatalf("%d %s: %v", r.status, r.body, err)
			}
			if r.status != row.status || p.Status != row.status || p.Code != row.code || p.Type != "/problems/"+row.code || p.Title == "" || p.Detail == "" || p.RequestID == "" || p.RequestID != r.header.Get("X-Request-Id") {
				t.Errorf("%d %s", r.status, r.body)
			}
			if r.header.Get("Content-Type") != "application/problem+json; charset=utf-8" {
				t.Errorf("Content-Type is %q", r.header.Get("Content-Type"))
			}
			if row.field != "" && !slices.ContainsFunc(p.Errors, func(f api.FieldError) bool { return f.Field == row.field && f.Message != "" }) {
				t.Errorf("no error names %s: %s", row.field, r.body)
			}
			if row.status == 405 && r.header.Get("Allow") == "" {
				t.Error("no Allow")
			}
			for _, leak := range []string{"json:", "strconv", "unmarshal", "goroutine", ".go:"} {
				if bytes.Contains(r.body, []byte(leak)) {
					t.Errorf("a Go error leaks: %s", r.body)
				}
			}
			if r := s.do(t, "GET", p.Type, ""); r.status != 200 {
				t.Errorf("%s answers %d", p.Type, r.status)
			}
		})
	}
}

func TestNotAcceptable(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), nil)
	for accept, want := range map[string]string{
		"":    "application/json; charset=utf-8",
		"*/*": "application/json; charset=utf-8",
		"text/html,application/xhtml+xml;q=0.9,*/*;q=0.8": "text/html; charset=utf-8",
		"text/markdown":                      "text/markdown; charset=utf-8",
		"text/plain, application/json;q=0.5": "text/plain; charset=utf-8",
		"text/*;q=0.5, application/json":     "application/json; charset=utf-8",
		"application/xml":                    "application/problem+json; charset=utf-8",
		"application/json;q=0":               "application/problem+json; charset=utf-8",
	} {
		r := s.do(t, "POST", "/v1/articles", news, "Content-Type", "text/plain", "Accept", accept)
		if r.header.Get("Content-Type") != want {
			t.Errorf("Accept %q: %d %s", accept, r.status, r.header.Get("Content-Type"))
		}
		if strings.HasPrefix(want, "text/") && !bytes.Contains(r.body, []byte("नगर निगम ने सोमवार")) {
			t.Errorf("Accept %q: the source is missing:\n%s", accept, r.body)
		}
		if strings.HasPrefix(want, "application/problem") && r.status != 406 {
			t.Errorf("Accept %q: %d", accept, r.status)
		}
	}
}

// raw sends bytes on a socket and gives what comes back until the server
// closes.
func (s *server) raw(t testing.TB, send func(io.Writer)) string {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(20 * time.Second))
	go send(c)
	b, _ := io.ReadAll(bufio.NewReader(c))
	return string(b)
}

func TestHugeBodies(t *testing.T) {
	// Alone: it looks at the process's memory.
	s := start(t, demo(t), nil)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	const head = "POST /v1/articles HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
	for _, row := range []struct {
		name string
		send func(io.Writer)
	}{
		{"declared, nothing sent", func(w io.Writer) { fmt.Fprintf(w, head+"Content-Length: %d\r\n\r\n", 1<<30) }},
		{"declared, expecting 100", func(w io.Writer) {
			fmt.Fprintf(w, head+"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n", 1<<30)
		}},
		{"declared and sent", func(w io.Writer) {
			fmt.Fprintf(w, head+"Content-Length: %d\r\n\r\n", 1<<30)
			chunk := bytes.Repeat([]byte("अ"), 1<<18)
			for range 1 << 30 / len(chunk) {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		}},
		{"chunked", func(w io.Writer) {
			io.WriteString(w, head+"Transfer-Encoding: chunked\r\n\r\n")
			chunk := bytes.Repeat([]byte("अ"), 1<<18)
			for range 1 << 30 / len(chunk) {
				if _, err := fmt.Fprintf(w, "%x\r\n%s\r\n", len(chunk), chunk); err != nil {
					return
				}
			}
		}},
	} {
		got := s.raw(t, row.send)
		if !strings.HasPrefix(got, "HTTP/1.1 413 ") || !strings.Contains(got, `"code":"too_large"`) || !strings.Contains(got, "Connection: close") {
			t.Errorf("%s: %.300q", row.name, got)
		}
	}
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > 64<<20 {
		t.Errorf("refusing huge bodies took %d MiB", grown>>20)
	}
}

func TestBrokenRequestsOnTheWire(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), nil)
	for _, row := range []struct{ name, send, status string }{
		{"not HTTP", "hello\r\n\r\n", "HTTP/1.1 400"},
		{"long header", "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: " + strings.Repeat("a", 1<<17) + "\r\n\r\n", "HTTP/1.1 431"},
		{"bad chunk", "POST /v1/articles HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "HTTP/1.1 400"},
	} {
		got := s.raw(t, func(w io.Writer) { io.WriteString(w, row.send) })
		if !strings.HasPrefix(got, row.status) || !strings.Contains(got, "application/problem+json") {
			t.Errorf("%s: %.300q", row.name, got)
		}
	}
}

// Who reads only when all of a request line that is too long is sent has the 431
// all the same, and no reset.
func TestLongURLInPieces(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), nil)
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, piece := range []string{
		"POST /v1/glossaries?name=" + strings.Repeat("a", 20_000), strings.Repeat("a", 9000),
		" HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
	} {
		if _, err := io.WriteString(conn, piece); err != nil {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	got, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(got), "HTTP/1.1 431 ") || strings.Count(string(got), "HTTP/1.1") != 1 {
		t.Errorf("%v %.600q", err, got)
	}
}

func TestUnknownMethods(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), nil)
	for _, row := range []struct{ method, path, status, code string }{
		{"FOO", "/v1/articles", "405", "method_not_allowed"},
		{"PROPFIND", "/healthz", "405", "method_not_allowed"},
		{"post", "/v1/articles", "405", "method_not_allowed"},
		{"TRACE", "/v1/articles", "405", "method_not_allowed"},
		{"FOO", "/nothing", "404", "not_found"},
	} {
		got := s.raw(t, func(w io.Writer) {
			fmt.Fprintf(w, "%s %s HTTP/1.1\r\nHost: x\r\nX-Request-Id: odd-1\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc", row.method, row.path)
		})
		for _, want := range []string{"HTTP/1.1 " + row.status + " ", "Content-Type: application/problem+json", `"code":"` + row.code + `"`, `"request_id":"odd-1"`} {
			if !strings.Contains(got, want) {
				t.Errorf("%s %s: no %s in %.600q", row.method, row.path, want, got)
			}
		}
		if row.status == "405" && !strings.Contains(got, "\r\nAllow: ") {
			t.Errorf("%s %s: no Allow in %.600q", row.method, row.path, got)
		}
	}
}

func TestHeadHasNoBodyEvenRefused(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), nil)
	got := s.raw(t, func(w io.Writer) {
		io.WriteString(w, "HEAD /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n")
	})
	if !strings.HasPrefix(got, "HTTP/1.1 413 ") || !strings.HasSuffix(got, "\r\n\r\n") {
		t.Errorf("%.600q", got)
	}
}

func TestStalledBodies(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), func(c *httpapi.Config) { c.ReadTimeout = 200 * time.Millisecond })
	for _, row := range []struct{ name, send string }{
		{"small", "Content-Length: 1000\r\n\r\nabc"},
		{"large", "Content-Length: 100000\r\n\r\n" + strings.Repeat("a", 50_000)},
		{"chunked, in a chunk", "Transfer-Encoding: chunked\r\n\r\nff\r\nabc"},
		{"chunked, between chunks", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"},
	} {
		got := s.raw(t, func(w io.Writer) {
			io.WriteString(w, "POST /v1/articles HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"+row.send)
		})
		if !strings.HasPrefix(got, "HTTP/1.1 408 ") || !strings.Contains(got, `"request_timeout"`) {
			t.Errorf("%s: %.400q", row.name, got)
		}
	}
}

func TestKeepAliveSurvivesARefusal(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), nil)
	got := s.raw(t, func(w io.Writer) {
		body := strings.Repeat("x", 50_000) // more than is buffered, for a path that does not want it
		fmt.Fprintf(w, "POST /v1/unknown HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		io.WriteString(w, "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	})
	if !strings.HasPrefix(got, "HTTP/1.1 404") || !strings.Contains(got, "HTTP/1.1 200") {
		t.Errorf("%.600q", got)
	}
}

func TestCallerGoneCancelsTheCall(t *testing.T) {
	t.Parallel()
	started, ended := make(chan struct{}, 1), make(chan struct{}, 1)
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		select {
		case started <- struct{}{}:
		default:
		}
		<-r.Context().Done()
		select {
		case ended <- struct{}{}:
		default:
		}
	}), nil)
	ctx, cancel := context.WithCancel(context.Background())
	req, _ := http.NewRequestWithContext(ctx, "POST", s.url+"/v1/articles?outputs=translation", strings.NewReader(news))
	req.Header.Set("Content-Type", "text/plain")
	go func() {
		<-started
		cancel()
	}()
	if resp, err := http.DefaultClient.Do(req); err == nil {
		resp.Body.Close()
	}
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Error("the call goes on although nobody waits")
	}
}

func TestOverloadAndDrain(t *testing.T) {
	t.Parallel()
	hold, entered := make(chan struct{}), make(chan struct{}, 1)
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case entered <- struct{}{}:
		default:
		}
		select {
		case <-hold:
		case <-r.Context().Done():
		}
		w.WriteHeader(500)
	}), func(c *httpapi.Config) { c.MaxRequests = 1 })
	done := make(chan reply, 1)
	go func() {
		done <- s.do(t, "POST", "/v1/articles?outputs=translation", news, "Content-Type", "text/plain")
	}()
	<-entered
	r := s.do(t, "POST", "/v1/articles", news, "Content-Type", "text/plain")
	if r.status != 503 || r.header.Get("Retry-After") == "" || !bytes.Contains(r.body, []byte(`"overloaded"`)) {
		t.Errorf("%d %s", r.status, r.body)
	}
	if r := s.do(t, "GET", "/readyz", ""); r.status != 200 {
		t.Errorf("readyz %d %s", r.status, r.body)
	}
	close(hold)
	<-done
	s.http.Drain()
	if r := s.do(t, "GET", "/readyz", ""); r.status != 503 || !bytes.Contains(r.body, []byte("draining")) {
		t.Errorf("readyz while draining: %d %s", r.status, r.body)
	}
	if r := s.do(t, "POST", "/v1/articles", news, "Content-Type", "text/plain"); r.status != 503 || !bytes.Contains(r.body, []byte(`"draining"`)) {
		t.Errorf("while draining: %d %s", r.status, r.body)
	}
	if r := s.do(t, "GET", "/healthz", ""); r.status != 200 {
		t.Errorf("healthz while draining: %d", r.status)
	}
}

func TestTimeoutGivesWhatIsReady(t *testing.T) {
	t.Parallel()
	stuck := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	s := start(t, stuck, func(c *httpapi.Config) { c.RequestTimeout = 50 * time.Millisecond })
	if r := s.do(t, "POST", "/v1/articles", news, "Content-Type", "text/plain"); r.status != 504 || !bytes.Contains(r.body, []byte(`"timeout"`)) {
		t.Errorf("nothing ready: %d %s", r.status, r.body)
	}
	sim := demo(t)
	half := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		if bytes.Contains(b, []byte(`summarize`)) {
			<-r.Context().Done()
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(b))
		sim.ServeHTTP(w, r)
	}), func(c *httpapi.Config) { c.RequestTimeout = 700 * time.Millisecond })
	a := article(t, half.do(t, "POST", "/v1/articles", news, "Content-Type", "text/plain"))
	if a.Status != "partial" || a.Paragraphs[1].Target == nil || a.Summary[0].Text != nil || a.Summary[0].Error == nil || a.Summary[0].Error.Code != "timeout" {
		t.Errorf("%+v", a)
	}
}

func TestStrict(t *testing.T) {
	t.Parallel()
	sim := demo(t)
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		if bytes.Contains(b, []byte(`summarize`)) {
			w.WriteHeader(500)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(b))
		sim.ServeHTTP(w, r)
	}), nil)
	r := s.do(t, "POST", "/v1/articles?strict=true", news, "Content-Type", "text/plain")
	var p api.Problem
	if err := json.Unmarshal(r.body, &p); err != nil || r.status != 502 || p.Partial == nil || len(p.Partial.Paragraphs) != 3 {
		t.Fatalf("%d %s (%v)", r.status, r.body, err)
	}
	if p.Partial.ID != p.RequestID || p.Partial.Translation == nil || !strings.Contains(*p.Partial.Translation, *p.Partial.Paragraphs[1].Target) {
		t.Errorf("the translation is not in the partial article: %s", r.body)
	}
	if r.header.Get("X-Dubhashi-Cache") != "miss" || r.header.Get("Server-Timing") == "" {
		t.Errorf("headers %v", r.header)
	}
}

func TestDetectLanguagesHealthMetrics(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), nil)
	for text, want := range map[string]api.Detection{
		"आज मौसम बहुत अच्छा है":      {Language: "hi", Script: "Deva"},
		"aaj mausam bahut accha hai": {Language: "hi", Script: "Latn"},
		"The weather is fine today.": {Language: "en", Script: "Latn"},
	} {
		in, _ := json.Marshal(map[string]string{"text": text})
		var d api.Detection
		r := s.post(t, "/v1/detect", string(in))
		if err := json.Unmarshal(r.body, &d); err != nil || d.Language != want.Language || d.Script != want.Script || d.Confidence <= 0 || d.Confidence > 1 {
			t.Errorf("%s: %s", text, r.body)
		}
	}
	var l api.Languages
	if r := s.do(t, "GET", "/v1/languages", ""); json.Unmarshal(r.body, &l) != nil || len(l.Languages) != 2 || len(l.Options) == 0 {
		t.Errorf("languages: %s", r.body)
	}
	if r := s.do(t, "GET", "/healthz", ""); r.status != 200 {
		t.Errorf("healthz %d", r.status)
	}
	if r := s.do(t, "GET", "/readyz", ""); r.status != 200 || !bytes.Contains(r.body, []byte(`"ready"`)) {
		t.Errorf("readyz %d %s", r.status, r.body)
	}
	if r := s.do(t, "HEAD", "/healthz", ""); r.status != 200 || len(r.body) != 0 {
		t.Errorf("HEAD %d %q", r.status, r.body)
	}
	s.do(t, "POST", "/v1/articles", news, "Content-Type", "text/plain")
	s.do(t, "GET", "/some/made-up/path", "")
	r := s.do(t, "GET", "/metrics", "")
	for _, want := range []string{`dubhashi_http_requests_total{route="/v1/articles",status="200"} 1`, `dubhashi_cache_lookups_total{result="miss"} 4`, "dubhashi_http_request_seconds_bucket", "go_goroutines"} {
		if !bytes.Contains(r.body, []byte(want)) {
			t.Errorf("metrics hold no %s", want)
		}
	}
	if bytes.Contains(r.body, []byte("made-up")) {
		t.Error("a caller's path is a label")
	}
}

// The answer is written by hand: it must be what encoding/json would write of
// the wire types.
func TestAnswerMatchesTheWireTypes(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), nil)
	r := s.do(t, "POST", "/v1/articles?summary.style=bullets", "\"उद्धरण\" \\ और\tटैब वाला शीर्षक\n\nमौसम <b>साफ</b> & \u2028 ठंडा है, तापमान 12 डिग्री है।", "Content-Type", "text/plain")
	a := article(t, r)
	again, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	var x, y any
	if json.Unmarshal(r.body, &x) != nil || json.Unmarshal(again, &y) != nil || !reflect.DeepEqual(x, y) {
		t.Errorf("\n%s\n%s", r.body, again)
	}
}

func TestTranslateEndpoint(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), nil)
	r := s.post(t, "/v1/translate", `{"texts":["आज बारिश होगी।","कल\nधूप निकलेगी।"],"target":"en"}`)
	var out api.Translations
	d := json.NewDecoder(bytes.NewReader(r.body))
	d.DisallowUnknownFields()
	if err := d.Decode(&out); err != nil || r.status != 200 || len(out.Translations) != 2 {
		t.Fatalf("%d %s: %v", r.status, r.body, err)
	}
	for i, tr := range out.Translations {
		if tr.Text == nil || tr.Error != nil || tr.Source != "hi" || tr.Target != "en" || tr.Cache != "miss" {
			t.Errorf("%d: %s", i, r.body)
		}
	}
	if !strings.Contains(*out.Translations[1].Text, "\n") {
		t.Errorf("the line break is lost: %q", *out.Translations[1].Text)
	}
	r = s.post(t, "/v1/summarize", fmt.Sprintf(`{"text":%q,"summary":{"style":"headline"}}`, news))
	var sum api.Summaries
	if err := json.Unmarshal(r.body, &sum); err != nil || len(sum.Summary) != 1 || sum.Summary[0].Text == nil || len(strings.Fields(*sum.Summary[0].Text)) > 12 {
		t.Errorf("%d %s", r.status, r.body)
	}
}

func TestMetricsAreNotSeenThroughAProxy(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name    string
		trusted []string
		header  []string
		status  int
	}{
		{"loopback", nil, nil, 200},
		{"proxy here, none trusted", nil, []string{"X-Forwarded-For", "203.0.113.9"}, 404},
		{"forged first hop", []string{"127.0.0.1"}, []string{"X-Forwarded-For", "127.0.0.1, 203.0.113.9"}, 404},
		{"forged whole", []string{"127.0.0.1"}, []string{"X-Forwarded-For", "127.0.0.1"}, 404},
		{"RFC 7239", []string{"127.0.0.1"}, []string{"Forwarded", "for=127.0.0.1"}, 404},
	} {
		s := start(t, demo(t), func(c *httpapi.Config) { c.TrustedProxies = row.trusted })
		if r := s.do(t, "GET", "/metrics", "", row.header...); r.status != row.status {
			t.Errorf("%s: %d", row.name, r.status)
		}
	}
}

func TestAddressInTheLog(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name    string
		trusted []string
		header  string
		want    string
	}{
		{"peer not trusted", nil, "203.0.113.9", "127.0.0.1"},
		{"peer trusted", []string{"127.0.0.1"}, "203.0.113.9", "203.0.113.9"},
		{"forged first hop", []string{"127.0.0.1"}, "198.51.100.1, 203.0.113.9", "203.0.113.9"},
		{"two proxies", []string{"127.0.0.0/8", "10.0.0.0/8"}, "198.51.100.1, 203.0.113.9, 10.1.2.3", "203.0.113.9"},
		{"all trusted", []string{"127.0.0.0/8", "10.0.0.0/8"}, "10.1.2.3", "10.1.2.3"},
		{"with port", []string{"127.0.0.1"}, "[2001:db8::1]:4711", "2001:db8::1"},
		{"not an address", []string{"127.0.0.1"}, "203.0.113.9, unknown", "127.0.0.1"},
		{"no header", []string{"127.0.0.1"}, "", "127.0.0.1"},
	} {
		lines := make(chan string, 10)
		s := start(t, demo(t), func(c *httpapi.Config) {
			c.TrustedProxies = row.trusted
			c.Log = slog.New(slog.NewJSONHandler(lineWriter(lines), nil))
		})
		s.do(t, "GET", "/v1/languages", "", "X-Forwarded-For", row.header)
		if line := <-lines; !strings.Contains(line, `"ip":"`+row.want+`"`) {
			t.Errorf("%s: want %s: %s", row.name, row.want, line)
		}
	}
}

type lineWriter chan string

func (w lineWriter) Write(b []byte) (int, error) { w <- string(b); return len(b), nil }

// stuck is a model that never answers, and tells that it was asked.
func stuck() (model http.Handler, asked chan struct{}) {
	asked = make(chan struct{}, 1)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case asked <- struct{}{}:
		default:
		}
		<-r.Context().Done()
	}), asked
}

// dial opens a connection and sends on it.
func (s *server) dial(t testing.TB, send string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if _, err := io.WriteString(c, send); err != nil {
		t.Fatal(err)
	}
	return c
}

const postHead = "POST /v1/articles?outputs=translation HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"

var (
	wholeRequest = postHead + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(news), news)
	halfBody     = postHead + "Content-Length: 1000000\r\n\r\n" + strings.Repeat("a", 50_000)
)

// holding opens a connection whose request takes the one place that there is. On a busy
// machine the look whether it has may take the place itself; then it is opened again.
func (s *server) holding(t testing.TB, send string) net.Conn {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; {
		c := s.dial(t, send)
		time.Sleep(100 * time.Millisecond)
		if r := s.post(t, "/v1/detect", `{"text":""}`); r.status == http.StatusServiceUnavailable {
			return c
		} else if c.Close(); time.Now().After(end) {
			t.Fatalf("%d: another request is still let in", r.status)
		}
	}
}

func TestBodiesAreBoundedByRequestsAtWork(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, first string }{
		{"a request at work", wholeRequest},
		{"a body on its way", halfBody},
	} {
		model, _ := stuck()
		s := start(t, model, func(c *httpapi.Config) { c.MaxRequests = 1; c.RequestTimeout = time.Minute })
		first := s.holding(t, row.first)
		for _, row2 := range []struct{ name, send string }{
			{"half sent", halfBody},
			{"chunked", postHead + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"},
		} {
			begin := time.Now()
			got := s.raw(t, func(w io.Writer) { io.WriteString(w, row2.send) })
			if !strings.HasPrefix(got, "HTTP/1.1 503 ") || !strings.Contains(got, `"overloaded"`) || !strings.Contains(got, "Connection: close") || !strings.Contains(got, "Retry-After: ") || strings.Count(got, "HTTP/1.1 ") != 1 {
				t.Errorf("%s, %s: %.400q", row.name, row2.name, got)
			}
			if took := time.Since(begin); took > 5*time.Second {
				t.Errorf("%s, %s: refused after %v", row.name, row2.name, took)
			}
		}
		got := s.raw(t, func(w io.Writer) {
			io.WriteString(w, wholeRequest+"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		})
		if !strings.HasPrefix(got, "HTTP/1.1 503 ") || !strings.Contains(got, "HTTP/1.1 200 ") {
			t.Errorf("%s: a small body costs its connection: %.600q", row.name, got)
		}
		first.Close()
	}
}

func TestConnectionsAreBounded(t *testing.T) {
	s := start(t, demo(t), func(c *httpapi.Config) { c.MaxRequests = 1 })
	for range 1024 {
		s.dial(t, "")
	}
	if got := s.raw(t, func(io.Writer) {}); !strings.HasPrefix(got, "HTTP/1.1 503 ") {
		t.Errorf("%.300q", got)
	}
}

func TestACallerThatNeverReads(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), func(c *httpapi.Config) { c.WriteTimeout = 200 * time.Millisecond })
	c := s.dial(t, "")
	c.(*net.TCPConn).SetReadBuffer(4096)
	c.SetWriteDeadline(time.Now().Add(10 * time.Second))
	var err error
	for err == nil {
		_, err = io.WriteString(c, "GET /v1/languages HTTP/1.1\r\nHost: x\r\n\r\n")
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the server holds on to it")
	}
}

func TestShutdownDoesNotWaitForTheSilent(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, send string }{
		{"nothing sent", ""},
		{"half a header", "GET /healthz HTTP/1.1\r\nHo"},
		{"half a small body", postHead + "Content-Length: 1000\r\n\r\nabc"},
		{"half a large body", halfBody},
		{"idle", "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, demo(t), nil)
			s.dial(t, row.send)
			time.Sleep(50 * time.Millisecond)
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			begin := time.Now()
			if err := s.http.Shutdown(ctx); err != nil || time.Since(begin) > 5*time.Second {
				t.Errorf("%v after %v", err, time.Since(begin))
			}
		})
	}
}

func TestShutdownWaitsForWork(t *testing.T) {
	t.Parallel()
	sim, asked := demo(t), make(chan struct{}, 10)
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		time.Sleep(1500 * time.Millisecond) // longer than the patience with the silent
		sim.ServeHTTP(w, r)
	}), nil)
	c := s.dial(t, wholeRequest)
	s.dial(t, halfBody)
	s.dial(t, "")
	<-asked
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	b, _ := io.ReadAll(c)
	if !bytes.HasPrefix(b, []byte("HTTP/1.1 200 ")) {
		t.Errorf("%.300q", b)
	}
}

func TestCancelledAtTheEndOfTheDrain(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, path, body string }{
		{"article", "/v1/articles?outputs=translation", fmt.Sprintf(`{"text":%q}`, news)},
		{"strict article", "/v1/articles?strict=true", fmt.Sprintf(`{"text":%q}`, news)},
		{"texts", "/v1/translate", `{"text":"आज बारिश होगी।"}`},
		{"summary", "/v1/summarize", fmt.Sprintf(`{"text":%q}`, news)},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			model, asked := stuck()
			s := start(t, model, nil)
			done := make(chan reply, 1)
			go func() { done <- s.post(t, row.path, row.body) }()
			<-asked
			ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
			defer cancel()
			if err := s.http.Shutdown(ctx); err == nil {
				t.Error("Shutdown tells nothing of what it cancelled")
			}
			r := <-done
			if r.status != 503 || !bytes.Contains(r.body, []byte(`"draining"`)) || r.header.Get("Retry-After") == "" {
				t.Errorf("%d %s", r.status, r.body)
			}
		})
	}
}

func TestJSONThatIsFine(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), nil)
	for name, in := range map[string]string{
		"a pair of surrogates":  `{"text":"अब \ud83d\ude8c बस चलेगी।","outputs":["translation"]}`,
		"an escaped backslash":  `{"text":"अब \\ud83d बस चलेगी।","outputs":["translation"]}`,
		"a glossary in Hindi":   `{"text":"अब बस चलेगी।","glossary":{"बस":"Bus Service","A B":"C"},"outputs":["translation"]}`,
		"only, strict, nothing": `{"text":"कल रेल चलेगी।","cache":"only","strict":true}`,
	} {
		if r := s.post(t, "/v1/articles", in); r.status != 200 {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
}
