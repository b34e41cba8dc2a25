package fetch_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"crypto/x509"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"dubhashi/gateway/fetch"
)

var local = fetch.Config{Allow: []string{"127.0.0.1"}}

func encode(e encoding.Encoding, s string) string {
	out, err := e.NewEncoder().String(s)
	if err != nil {
		panic(err)
	}
	return out
}

func TestCharsets(t *testing.T) {
	t.Parallel()
	const hindi = "<p>झील पर पक्षी लौट आए"
	le, be := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	latin := encode(charmap.Windows1252, "<p>Café “naïve” – 5 €")
	for _, row := range []struct{ name, kind, body, want string }{
		{"utf-8 by header", "text/html; charset=utf-8", hindi, hindi},
		{"utf-8 in capitals and quotes", `Text/HTML; Charset="UTF8"`, hindi, hindi},
		{"utf-8 unlabelled", "text/html", hindi, hindi},
		{"utf-8 behind much ASCII", "text/html", strings.Repeat("<!-- ascii -->", 1000) + hindi, strings.Repeat("<!-- ascii -->", 1000) + hindi},
		{"utf-8 with mark", "text/plain", "\ufeff" + "नमस्ते", "नमस्ते"},
		{"mark against header", "text/plain; charset=windows-1252", "\ufeff" + "नमस्ते", "नमस्ते"},
		{"utf-16le with mark", "text/html", "\xff\xfe" + encode(le, hindi), hindi},
		{"utf-16be with mark", "text/html; charset=utf-8", "\xfe\xff" + encode(be, hindi), hindi},
		{"utf-16le by header", "text/plain; charset=utf-16le", encode(le, "नमस्ते"), "नमस्ते"},
		{"utf-16 by header", "text/plain; charset=utf-16", encode(le, "नमस्ते"), "नमस्ते"},
		{"utf-16le by its prolog", "application/xhtml+xml", encode(le, `<?xml version="1.0"?>`+hindi), `<?xml version="1.0"?>` + hindi},
		{"utf-16 said in ASCII", "text/html", `<meta charset="utf-16">` + hindi, `<meta charset="utf-16">` + hindi},
		{"windows-1252 by header", "text/html; charset=windows-1252", latin, "<p>Café “naïve” – 5 €"},
		{"iso-8859-1 by header is windows-1252", "text/html; charset=iso-8859-1", latin, "<p>Café “naïve” – 5 €"},
		{"windows-1252 unlabelled", "text/html", latin, "<p>Café “naïve” – 5 €"},
		{"iso-8859-1 by meta", "text/html", "<meta charset=iso-8859-1>" + latin, "<meta charset=iso-8859-1><p>Café “naïve” – 5 €"},
		{"by meta with http-equiv", "text/html", `<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=koi8-r">` + encode(charmap.KOI8R, "Привет"),
			`<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=koi8-r">Привет`},
		{"meta in a comment", "text/html", "<!-- <meta charset=koi8-r> -->" + hindi, "<!-- <meta charset=koi8-r> -->" + hindi},
		{"meta is not asked of plain text", "text/plain", "<meta charset=koi8-r>é", "<meta charset=koi8-r>é"},
		{"header against meta", "text/html; charset=utf-8", "<meta charset=koi8-r>" + hindi, "<meta charset=koi8-r>" + hindi},
		{"by the prolog", "application/xhtml+xml", `<?xml version="1.0" encoding="iso-8859-2"?><p>` + encode(charmap.ISO8859_2, "Łódź"), `<?xml version="1.0" encoding="iso-8859-2"?><p>Łódź`},
		{"unknown label", "text/html; charset=klingon", hindi, hindi},
		{"x-user-defined by header", "text/plain; charset=x-user-defined", "a\x80\xff", "a\uf780\uf7ff"},
		{"x-user-defined by meta is windows-1252", "text/html", "<meta charset=x-user-defined>caf\xe9", "<meta charset=x-user-defined>café"},
		{"mislabelled: utf-8 called iso-8859-1", "text/html; charset=iso-8859-1", hindi, hindi},
		{"mislabelled: windows-1252 called utf-8", "text/html; charset=utf-8", latin, "<p>Café “naïve” – 5 €"},
		{"utf-8 with a broken byte", "text/html; charset=utf-8", hindi + "\xff!", hindi + "\ufffd!"},
		{"broken parameters", "text/html; charset", hindi, hindi},
		{"no type, a page", "", "<!doctype html>" + hindi, "<!doctype html>" + hindi},
		{"no type, text", "", "नमस्ते", "नमस्ते"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header()["Content-Type"] = []string{row.kind}
				if row.kind == "" {
					w.Header()["Content-Type"] = nil
				}
				_, _ = io.WriteString(w, row.body)
			})
			p, err := get(t, local, s.url)
			if got := mustBody(t, p, err); got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

func TestUnreadablePages(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]http.HandlerFunc{
		"not found":           func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "<p>gone", 404) },
		"server error":        func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		"no content":          func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) },
		"part of a page":      func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(206); _, _ = io.WriteString(w, "<p>a") },
		"login":               func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) },
		"empty":               page("text/html", ""),
		"white space":         page("text/html", " \n\t "),
		"picture":             page("image/png", "\x89PNG\r\n\x1a\n"),
		"picture called text": page("text/html", "\x89PNG\r\n\x1a\n"),
		"PDF":                 page("application/pdf", "%PDF-1.7"),
		"PDF called text":     page("text/plain", "%PDF-1.7\nx"),
		"octets":              page("application/octet-stream", "text"),
		"JSON":                page("application/json", "{}"),
		"feed":                page("application/rss+xml", "<rss/>"),
		"zeros":               page("text/plain", "a\x00b"),
		"replacement":         page("text/plain; charset=iso-2022-kr", "text"),
		"no type, a picture":  page("", "GIF89a..."),
		"unasked packing": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "br")
			_, _ = io.WriteString(w, "x")
		},
		"packed twice": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip, gzip")
			_, _ = io.WriteString(w, "x")
		},
		"not packed": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(w, "<p>plain text, no gzip")
		},
		"redirect nowhere": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(302) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := get(t, local, serve(t, h).url)
			want(t, err, fetch.Unreadable)
		})
	}
}

func TestAcceptIsTheCallers(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		page("application/atom+xml; charset=utf-8", "<feed>"+r.Header.Get("Accept"))(w, r)
	})
	p, err := fetch.New(local).Get(context.Background(), s.url, "application/rss+xml", "application/atom+xml")
	if got := mustBody(t, p, err); got != "<feed>application/rss+xml, application/atom+xml, */*;q=0.1" || p.Type != "application/atom+xml" {
		t.Errorf("got %q of %q", got, p.Type)
	}
}

// packed is text as gzip.
func packed(s string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, s)
	_ = z.Close()
	return b.Bytes()
}

func TestGzip(t *testing.T) {
	t.Parallel()
	small := local
	small.MaxBody = 100_000
	text := strings.Repeat("नमस्ते ", 1000)
	answer := func(b []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Accept-Encoding") != "gzip" {
				t.Errorf("Accept-Encoding is %q", r.Header.Get("Accept-Encoding"))
			}
			w.Header().Set("Content-Type", "text/plain")
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(b)
		}
	}
	p, err := get(t, small, serve(t, answer(packed(text))).url)
	if mustBody(t, p, err) != text {
		t.Error("the text differs")
	}
	bomb := packed(strings.Repeat("a", 3<<20))
	_, err = get(t, small, serve(t, answer(bomb)).url)
	want(t, err, fetch.TooLarge)
	empty := bytes.Repeat(packed(""), 8_000) // members without end that hold nothing
	_, err = get(t, small, serve(t, answer(empty)).url)
	want(t, err, fetch.TooLarge)
	_, err = get(t, small, serve(t, answer(packed(text)[:60])).url)
	want(t, err, fetch.Unreachable)
}

// Of a page that breaks off what came is given beside the error, as whole letters.
func TestBreaksOff(t *testing.T) {
	t.Parallel()
	for sent, want := range map[string]string{"<p>न": "<p>न", "<p>न" + "द"[:2]: "<p>न", "<p>caf\xe9 ": "<p>café ", "": "", "\n": "", "%PDF-1.7\n": ""} {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, sent)
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		})
		p, err := get(t, local, s.url)
		if p.Body != want || kindOf(t, err) != fetch.Unreachable {
			t.Errorf("%q: %q, %v", sent, p.Body, err)
		}
	}
}

// A page is asked for as one that may not have changed where it last was, and
// nowhere else.
func TestGetChanged(t *testing.T) {
	t.Parallel()
	const etag, date = `W/"7"`, "Mon, 23 Nov 2026 09:30:00 GMT"
	known := fetch.Page{Body: "kept", Type: "text/plain", ETag: etag, LastModified: date}
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked := r.Header.Get("If-None-Match") == etag && r.Header.Get("If-Modified-Since") == date
		w.Header().Set("ETag", etag)
		switch {
		case r.URL.Path == "/moved":
			http.Redirect(w, r, "/same", http.StatusFound)
		case r.URL.Path == "/never", r.URL.Path == "/same" && asked:
			w.WriteHeader(http.StatusNotModified)
		case r.URL.Path == "/long":
			w.Header().Set("ETag", `"`+strings.Repeat("x", 300)+`"`)
			page("text/plain", "new")(w, r)
		default:
			page("text/plain", fmt.Sprint("new, asked: ", asked))(w, r)
		}
	})
	f := fetch.New(local)
	for _, row := range []struct{ name, url, was, body, etag string }{
		{"the same", "/same", "/same", "kept", etag},
		{"the same behind a redirect", "/moved", "/same", "kept", etag},
		{"it was elsewhere", "/other", "/same", "new, asked: false", etag},
		{"it has changed", "/other", "/other", "new, asked: true", etag},
		{"told though nobody asked", "/never", "/same", "", ""},
		{"too long to be kept", "/long", "/long", "new", ""},
	} {
		known := known
		known.FinalURL = s.url + row.was
		p, err := f.GetChanged(t.Context(), s.url+row.url, known, "text/plain")
		if p.Body != row.body || p.ETag != row.etag || (err != nil) != (row.body == "") {
			t.Errorf("%s: %+v, %v", row.name, p, err)
		}
	}
}

func TestNULs(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"a" + strings.Repeat("b", 100) + "\x00": "a" + strings.Repeat("b", 100),
		"a\x00" + strings.Repeat("b", 90):       "",
		strings.Repeat("\x01\n", 50) + "\x00":   "",
		"a\vb\x08c":                             "a\vb\x08c",
		strings.Repeat("एक\v", 40) + "\x00":     strings.Repeat("एक\v", 40),
	} {
		if got, ok := fetch.WithoutNUL(in); got != want || ok != (want != "") {
			t.Errorf("%q gives %q, %v", in, got, ok)
		}
	}
}

func TestSizeLimit(t *testing.T) {
	t.Parallel()
	small := local
	small.MaxBody = 1000
	for _, row := range []struct {
		size int
		kind fetch.Kind
	}{{1000, ""}, {1001, fetch.TooLarge}, {70_000, fetch.TooLarge}} {
		for _, chunked := range []bool{false, true} {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/plain")
				if chunked {
					w.(http.Flusher).Flush()
				}
				_, _ = io.WriteString(w, strings.Repeat("a", row.size))
			})
			_, err := get(t, small, s.url)
			want(t, err, row.kind)
		}
	}
	_, err := get(t, local, serve(t, func(w http.ResponseWriter, _ *http.Request) {
		for i := range 100 {
			w.Header().Set(fmt.Sprint("X-", i), strings.Repeat("a", 1000))
		}
		page("text/plain", "x")(w, nil)
	}).url)
	want(t, err, fetch.Unreachable)
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var n int
		_, _ = fmt.Sscanf(r.URL.Path, "/%d", &n)
		if n == 0 {
			page("text/plain", "at last"+r.Header.Get("Referer")+r.Header.Get("Cookie")+r.Header.Get("Authorization"))(w, r)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b", Path: "/"})
		http.Redirect(w, r, fmt.Sprintf("%d?q=1#f", n-1), http.StatusFound)
	})
	p, err := get(t, local, s.url+"/5")
	if mustBody(t, p, err) != "at last" || p.FinalURL != s.url+"/0?q=1" {
		t.Errorf("got %+v", p)
	}
	before := s.connections.Load()
	_, err = get(t, local, s.url+"/1000")
	want(t, err, fetch.Unreadable)
	if n := s.connections.Load() - before; n != fetch.MaxRedirects+1 {
		t.Errorf("%d requests, want %d", n, fetch.MaxRedirects+1)
	}
}

func TestRequestHeader(t *testing.T) {
	t.Parallel()
	got := make(chan http.Header, 1)
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got <- r.Header
		page("text/plain", "x")(w, r)
	})
	c := local
	c.Version = "9.9"
	if _, err := get(t, c, s.url); err != nil {
		t.Fatal(err)
	}
	h := <-got
	if !strings.HasPrefix(h.Get("User-Agent"), "Dubhashi/9.9 (") || !strings.HasPrefix(h.Get("Accept"), "text/html, ") || len(h) != 4 || h.Get("Connection") != "close" {
		t.Errorf("got %v", h)
	}
}

func TestBrokenServers(t *testing.T) {
	t.Parallel()
	raw := func(answer string) string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				_, _ = c.Read(make([]byte, 4096))
				_, _ = io.WriteString(c, answer)
				_ = c.Close()
			}
		}()
		return "http://" + l.Addr().String()
	}
	for name, answer := range map[string]string{
		"nothing": "", "no HTTP": "SSH-2.0-OpenSSH_9.6\r\n", "cut header": "HTTP/1.1 200 OK\r\nContent-", "bad chunks": "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		"cut body": "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\nabc", "endless 1xx": strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", 50),
	} {
		_, err := get(t, local, raw(answer))
		if kindOf(t, err) != fetch.Unreachable {
			t.Errorf("%s: %v", name, err)
		}
	}
	closed := serve(t, page("text/plain", "x"))
	l, _ := net.Listen("tcp", "127.0.0.1:0")
	free := l.Addr().String()
	_ = l.Close()
	_, err := get(t, local, "http://"+free)
	want(t, err, fetch.Unreachable)
	_, err = get(t, local, "https://"+strings.TrimPrefix(closed.url, "http://"))
	want(t, err, fetch.Unreachable)
	_, err = get(t, fetch.Config{Resolver: one()}, "http://nowhere.example/")
	want(t, err, fetch.Unreachable)
}

func TestTimeLimits(t *testing.T) {
	t.Parallel()
	slow := func(before func(w http.ResponseWriter)) string {
		return serve(t, func(w http.ResponseWriter, r *http.Request) {
			before(w)
			<-r.Context().Done()
		}).url
	}
	c := local
	c.Timeout = 100 * time.Millisecond
	_, err := get(t, c, slow(func(http.ResponseWriter) {}))
	want(t, err, fetch.Timeout)
	_, err = get(t, c, slow(func(w http.ResponseWriter) {
		page("text/plain", "the first words")(w, nil)
		w.(http.Flusher).Flush()
	}))
	want(t, err, fetch.Timeout)
	c = local
	c.HeaderTimeout = 50 * time.Millisecond
	_, err = get(t, c, slow(func(http.ResponseWriter) {}))
	want(t, err, fetch.Timeout)
	ctx, cancel := context.WithCancel(context.Background())
	url := slow(func(http.ResponseWriter) { cancel() })
	_, err = fetch.New(local).Get(ctx, url, fetch.Article...)
	want(t, err, fetch.Canceled)
}

func TestFullQueueIsAnErrorAtOnce(t *testing.T) {
	t.Parallel()
	entered, leave := make(chan struct{}, 8), make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		entered <- struct{}{}
		<-leave
		page("text/plain", "x")(w, r)
	})
	f := fetch.New(fetch.Config{Allow: []string{"127.0.0.1"}, AtOnce: 8, PerHost: 1}) // of one host: one at work, one waits
	var wg sync.WaitGroup
	var mu sync.Mutex
	kinds := map[fetch.Kind]int{}
	ask := func() {
		_, err := f.Get(context.Background(), s.url, fetch.Article...)
		mu.Lock()
		defer mu.Unlock()
		kinds[kindOf(t, err)]++
	}
	wg.Go(ask)
	<-entered
	results := make(chan fetch.Kind, 5)
	for range 5 { // one takes the waiting place
		wg.Go(func() {
			_, err := f.Get(context.Background(), s.url, fetch.Article...)
			results <- kindOf(t, err)
		})
	}
	for range 4 {
		if k := <-results; k != fetch.Busy {
			t.Errorf("got %q, want busy", k)
		}
	}
	close(leave)
	wg.Wait()
	if k := <-results; k != "" || kinds[""] != 1 {
		t.Errorf("the first and the waiting one: %v, %q", kinds, k)
	}
	p, err := f.Get(context.Background(), s.url, fetch.Article...)
	if mustBody(t, p, err) != "x" {
		t.Error("the place is not free again")
	}
}

func TestHTTPS(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(page("text/html", "<p>safe"))
	t.Cleanup(server.Close)
	server.Config.ErrorLog = nil
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	c := fetch.Config{Resolver: one("example.com", "127.0.0.1", "other.example", "127.0.0.1"), Allow: []string{"127.0.0.1"}, RootCAs: pool}
	p, err := get(t, c, "https://example.com:"+port) // httptest's certificate is for that name
	if mustBody(t, p, err) != "<p>safe" {
		t.Errorf("got %q", p.Body)
	}
	_, err = get(t, c, "https://other.example:"+port)
	want(t, err, fetch.Unreachable)
}

func TestPost(t *testing.T) {
	t.Parallel()
	type request struct {
		header http.Header
		body   string
	}
	got := make(chan request, 1)
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got <- request{r.Header, string(b)}
		if r.URL.Path == "/moved" {
			http.Redirect(w, r, "/", http.StatusTemporaryRedirect)
			return
		}
		w.WriteHeader(http.StatusAccepted)
	})
	f := fetch.New(fetch.Config{Version: "9.9", Allow: []string{"127.0.0.1"}})
	header := http.Header{"Content-Type": {"application/json"}, "Webhook-Id": {"msg_1"}}
	status, err := f.Post(context.Background(), s.url+"/hook", header, []byte(`{"a":1}`))
	r := <-got
	if err != nil || status != 202 || r.body != `{"a":1}` || r.header.Get("Webhook-Id") != "msg_1" || !strings.HasPrefix(r.header.Get("User-Agent"), "Dubhashi/9.9") {
		t.Errorf("%d, %v, %+v", status, err, r)
	}
	if len(header) != 2 {
		t.Errorf("the caller's header was changed: %v", header)
	}
	status, err = f.Post(context.Background(), s.url+"/moved", nil, nil)
	<-got
	if err != nil || status != 307 || s.connections.Load() != 2 {
		t.Errorf("a redirect: %d, %v, %d connections", status, err, s.connections.Load())
	}
}
