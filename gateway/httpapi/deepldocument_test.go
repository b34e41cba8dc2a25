package httpapi_test

import (
	"bytes"
	"encoding/json"
	"mime"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"

	"dubhashi/gateway/httpapi"
	"dubhashi/gateway/jobs"
)

// upload sends a file with fields, names and values by turns.
func (s *server) upload(t testing.TB, name string, data []byte, fields ...string) reply {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i+1 < len(fields); i += 2 {
		w.WriteField(fields[i], fields[i+1])
	}
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	part.Write(data)
	w.Close()
	return s.do(t, "POST", "/v2/document", b.String(), "Content-Type", w.FormDataContentType())
}

// document is a document's handle.
type document struct {
	ID  string `json:"document_id"`
	Key string `json:"document_key"`
}

func handle(t testing.TB, r reply) (d document) {
	t.Helper()
	if err := json.Unmarshal(r.body, &d); err != nil || r.status != 200 ||
		!regexp.MustCompile(`^[0-9A-F]{32}$`).MatchString(d.ID) || !regexp.MustCompile(`^[0-9A-F]{64}$`).MatchString(d.Key) {
		t.Fatalf("%d %s: %v", r.status, r.body, err)
	}
	return d
}

type documentStatus struct {
	ID      string `json:"document_id"`
	Status  string `json:"status"`
	Seconds *int   `json:"seconds_remaining"`
	Billed  *int   `json:"billed_characters"`
	Error   string `json:"error_message"`
}

func (s *server) documentStatus(t testing.TB, d document) (out documentStatus) {
	t.Helper()
	r := s.do(t, "POST", "/v2/document/"+d.ID, "document_key="+d.Key, "Content-Type", form)
	if err := json.Unmarshal(r.body, &out); err != nil || r.status != 200 {
		t.Fatalf("%d %s: %v", r.status, r.body, err)
	}
	return out
}

// translatedDocument waits for a document's end.
func (s *server) translatedDocument(t testing.TB, d document) documentStatus {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if out := s.documentStatus(t, d); out.Status == "done" || out.Status == "error" {
			return out
		}
	}
	t.Fatal("the document does not come to an end")
	return documentStatus{}
}

func (s *server) download(t testing.TB, d document) reply {
	t.Helper()
	return s.do(t, "POST", "/v2/document/"+d.ID+"/result", `{"document_key":"`+d.Key+`"}`, "Content-Type", "application/json")
}

// A document comes back as it was written, but for its words.
func TestDeepLDocuments(t *testing.T) {
	t.Parallel()
	s := desked(t, knowing(t, nil, words...), true, nil)
	wide := utf16.Encode([]rune("\ufeffproton beam\r\n\r\nIt is raining.\r\n"))
	var little []byte
	for _, u := range wide {
		little = append(little, byte(u), byte(u>>8))
	}
	for _, row := range []struct {
		name, file, data, want, contentType string
		fields                              []string
	}{
		{"text", "a.txt", "proton beam", "प्रोटॉन किरण", "text/plain", []string{"target_lang", "HI", "source_lang", "EN"}},
		{"blocks and blank lines", "a b.TXT", "proton beam\n\n\n  It is raining.\nproton beam\n\n", "प्रोटॉन किरण\n\n\n  बारिश हो रही है।\nप्रोटॉन किरण\n\n", "text/plain", []string{"target_lang", "hi"}},
		{"line ends of Windows", "a.txt", "\ufeffproton beam\r\n\r\nIt is raining.\r\n", "प्रोटॉन किरण\r\n\r\nबारिश हो रही है।\r\n", "text/plain", []string{"target_lang", "HI"}},
		{"UTF-16", "a.txt", string(little), "प्रोटॉन किरण\r\n\r\nबारिश हो रही है।\r\n", "text/plain", []string{"target_lang", "HI"}},
		{"Hindi", "समाचार.txt", "बारिश हो रही है।\n", "It is raining.\n", "text/plain", []string{"target_lang", "EN-GB", "formality", "prefer_more"}},
		{"Markdown", "a.md", "---\nkey: proton beam\n---\n# proton beam\n\n- It is raining.\n\n```\nproton beam\n```\n", "---\nkey: proton beam\n---\n# प्रोटॉन किरण\n\n- बारिश हो रही है।\n\n```\nproton beam\n```\n", "text/markdown", []string{"target_lang", "HI", "output_format", "markdown"}},
		{"HTML", "a.htm", "<!DOCTYPE html>\n<html lang=en><head><style>p{}</style></head>\n<body><h1>proton beam</h1><p class=\"a\">It is raining.</p></body></html>\n", "<!DOCTYPE html>\n<html lang=en><head><style>p{}</style></head>\n<body><h1>प्रोटॉन किरण</h1><p class=\"a\">बारिश हो रही है।</p></body></html>\n", "text/html", []string{"target_lang", "HI", "output_format", "html"}},
		{"the name in a field", "", "proton beam", "प्रोटॉन किरण", "text/plain", []string{"target_lang", "HI", "filename", `C:\b\c.txt`}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			d := handle(t, s.upload(t, row.file, []byte(row.data), row.fields...))
			status := s.translatedDocument(t, d)
			if status.ID != d.ID || status.Status != "done" || status.Billed == nil || *status.Billed == 0 || status.Seconds == nil || *status.Seconds != 0 || status.Error != "" {
				t.Errorf("%+v", status)
			}
			r := s.download(t, d)
			_, disposition, _ := mime.ParseMediaType(r.header.Get("Content-Disposition"))
			name := row.file
			if name == "" {
				name = "c.txt"
			}
			if string(r.body) != row.want || r.header.Get("Content-Type") != row.contentType+"; charset=utf-8" || disposition["filename"] != name {
				t.Errorf("%d %v %q, not %q", r.status, r.header, r.body, row.want)
			}
			if again := s.download(t, d); again.status != 404 {
				t.Errorf("given twice: %d %s", again.status, again.body)
			}
			if r := s.do(t, "POST", "/v2/document/"+d.ID, "document_key="+d.Key, "Content-Type", form); r.status != 404 {
				t.Errorf("still there: %d %s", r.status, r.body)
			}
		})
	}
}

// Of many downloads at once, one is given the document.
func TestDeepLDocumentIsGivenOnce(t *testing.T) {
	t.Parallel()
	s := desked(t, knowing(t, nil, words...), true, nil)
	d := handle(t, s.upload(t, "a.txt", []byte("proton beam"), "target_lang", "HI"))
	s.translatedDocument(t, d)
	var mu sync.Mutex
	var wg sync.WaitGroup
	got := map[int]int{}
	for range 8 {
		wg.Go(func() {
			r := s.download(t, d)
			mu.Lock()
			got[r.status]++
			mu.Unlock()
		})
	}
	wg.Wait()
	if got[200] != 1 || got[404] != 7 {
		t.Errorf("%v", got)
	}
}

// A document is asked for before it is ready, with a wrong key, by its id alone.
func TestDeepLDocumentBeforeItIsReady(t *testing.T) {
	t.Parallel()
	answer, asked := make(chan struct{}), make(chan struct{}, 9)
	model := knowing(t, nil, words...)
	s := desked(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-answer
		model.ServeHTTP(w, r)
	}), true, nil)
	release := sync.OnceFunc(func() { close(answer) })
	t.Cleanup(release) // before the model, which waits for it
	d := handle(t, s.upload(t, "a.txt", []byte("proton beam"), "target_lang", "HI"))
	<-asked
	if status := s.documentStatus(t, d); status.Status != "translating" || status.Seconds == nil || *status.Seconds < 1 {
		t.Errorf("%+v", status)
	}
	if r := s.download(t, d); r.status != 503 || !strings.Contains(deeplRefusal(t, r), "not done") {
		t.Errorf("%d %s", r.status, r.body)
	}
	wrong := document{d.ID, strings.Repeat("0", 64)}
	for _, d := range []document{wrong, {d.ID, ""}, {strings.Repeat("A", 32), d.Key}, {strings.ToLower(d.ID), d.Key}, {"x", d.Key}} {
		for _, path := range []string{"", "/result"} {
			r := s.do(t, "POST", "/v2/document/"+d.ID+path, "document_key="+d.Key, "Content-Type", form)
			if m := deeplRefusal(t, r); r.status != 404 || !strings.HasPrefix(m, "Document not found") {
				t.Errorf("%+v: %d %s", d, r.status, r.body)
			}
		}
	}
	release()
	if status := s.translatedDocument(t, d); status.Status != "done" || string(s.download(t, d).body) != "प्रोटॉन किरण" {
		t.Errorf("%+v", status)
	}
}

// What can not be translated is refused at once where that is known, and told in
// the status where it is not.
func TestDeepLDocumentRefusals(t *testing.T) {
	t.Parallel()
	s := desked(t, knowing(t, nil, words...), true, nil)
	for _, row := range []struct {
		name, file, data string
		fields           []string
		status           int
		want             string
	}{
		{"an unknown extension", "a.invalid", "proton beam", []string{"target_lang", "HI"}, 400, "Invalid file extension"},
		{"no extension", "a", "proton beam", []string{"target_lang", "HI"}, 400, "Invalid file extension"},
		{"another format", "a.txt", "proton beam", []string{"target_lang", "HI", "output_format", "docx"}, 400, "output_format"},
		{"nothing", "a.txt", "", []string{"target_lang", "HI"}, 400, "Invalid file data."},
		{"blanks", "a.txt", " \n ", []string{"target_lang", "HI"}, 400, "Invalid file data."},
		{"tags alone", "a.html", "<html><body><br></body></html>", []string{"target_lang", "HI"}, 400, "Invalid file data."},
		{"no text", "a.txt", "\xff\x00", []string{"target_lang", "HI"}, 400, "Invalid file data."},
		{"half a character", "a.txt", "\xff\xfea\x00b", []string{"target_lang", "HI"}, 400, "Invalid file data."},
		{"too long", "a.txt", strings.Repeat("proton beam\n", 20_000), []string{"target_lang", "HI"}, 413, "200000"},
		{"equal languages", "a.txt", "proton beam", []string{"target_lang", "EN-US", "source_lang", "EN"}, 400, "Source and target language are equal."},
		{"an unknown target", "a.txt", "proton beam", []string{"target_lang", "XX"}, 400, "target_lang"},
		{"formality of English", "a.txt", "proton beam", []string{"target_lang", "EN-US", "formality", "less"}, 400, "doesn't support formality"},
		{"a glossary without a source", "a.txt", "proton beam", []string{"target_lang", "HI", "glossary_id", "def3a26b-3e84-45b3-84ae-0c0aaf3525f7"}, 400, "source_lang"},
	} {
		r := s.upload(t, row.file, []byte(row.data), row.fields...)
		if m := deeplRefusal(t, r); r.status != row.status || !strings.Contains(m, row.want) {
			t.Errorf("%s: %d %s", row.name, r.status, r.body)
		}
	}
	r := s.post(t, "/v2/document", `{"target_lang":"HI"}`)
	if m := deeplRefusal(t, r); r.status != 400 || !strings.HasPrefix(m, "Invalid file data.") {
		t.Errorf("no file: %d %s", r.status, r.body)
	}
	for _, row := range []struct{ name, data, target, want string }{
		{"detected as the target", "It is raining.", "EN-US", "Source and target language are equal."},
		{"neither language", "这是一个句子。", "HI", "The source language is neither Hindi nor English"},
	} {
		d := handle(t, s.upload(t, "a.txt", []byte(row.data), "target_lang", row.target))
		if status := s.translatedDocument(t, d); status.Status != "error" || !strings.HasPrefix(status.Error, row.want) {
			t.Errorf("%s: %+v", row.name, status)
		}
		if r := s.download(t, d); r.status != 404 || !strings.HasPrefix(deeplRefusal(t, r), row.want) {
			t.Errorf("%s: %d %s", row.name, r.status, r.body)
		}
	}
	if r := start(t, demo(t), nil).upload(t, "a.txt", []byte("proton beam"), "target_lang", "HI"); r.status != 503 {
		t.Errorf("no store: %d %s", r.status, r.body)
	}
}

// A document whose model is away is not lost: it waits for another try.
func TestDeepLDocumentIsTriedAgain(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"a.txt", "a.html"} {
		s := desked(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, `{"error":{"message":"no"}}`, http.StatusBadGateway)
		}), true, nil)
		d := handle(t, s.upload(t, file, []byte("proton beam"), "target_lang", "HI"))
		status := s.documentStatus(t, d)
		for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
			if status = s.documentStatus(t, d); s.calls.Load() > 0 && status.Status != "translating" {
				break
			}
		}
		if status.Status != "queued" || s.calls.Load() != 1 {
			t.Errorf("%s, %d calls: %+v", file, s.calls.Load(), status)
		}
	}
}

// A document is its key's, and its characters are that key's, for good or, when
// it was refused, not at all.
func TestDeepLDocumentOfAKey(t *testing.T) {
	t.Parallel()
	s := desked(t, knowing(t, nil, words...), true, func(c *httpapi.Config, _ *jobs.Config) {
		withKeys(t)(c)
		c.Limits.DailyChars = 30
	})
	upload := func(key, text string, fields ...string) reply {
		return s.upload(t, "a.txt", []byte(text), append(fields, "auth_key", key, "target_lang", "HI")...)
	}
	used := func(key string) string {
		return string(s.do(t, "GET", "/v2/usage", "", "Authorization", "DeepL-Auth-Key "+key).body)
	}
	if r := upload("a-wrong-key", "proton beam"); r.status != 403 {
		t.Errorf("a wrong key: %d %s", r.status, r.body)
	}
	if r := upload("my-secret-key", "proton beam", "formality", "loud"); r.status != 400 {
		t.Errorf("a wrong request: %d %s", r.status, r.body)
	}
	d := handle(t, upload("my-secret-key", "proton beam\nproton beam"))
	if u := used("my-secret-key"); u != `{"character_count":23,"character_limit":30}` {
		t.Error(u)
	}
	if r := upload("my-secret-key", "proton beam"); r.status != 456 || !strings.HasPrefix(deeplRefusal(t, r), "Quota for this billing period has been exceeded.") {
		t.Errorf("over the quota: %d %s", r.status, r.body)
	}
	if u := used("their-secret-key"); u != `{"character_count":0,"character_limit":30}` {
		t.Error(u)
	}
	for _, row := range []struct {
		key    string
		status int
	}{{"their-secret-key", 404}, {"a-wrong-key", 403}, {"my-secret-key", 200}} {
		r := s.do(t, "POST", "/v2/document/"+d.ID, "document_key="+d.Key, "Content-Type", form, "Authorization", "DeepL-Auth-Key "+row.key)
		if r.status != row.status {
			t.Errorf("%s: %d %s", row.key, r.status, r.body)
		}
	}
}
