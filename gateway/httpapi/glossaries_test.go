package httpapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dubhashi/gateway/api"
	"dubhashi/gateway/httpapi"
	"dubhashi/gateway/store"
	"dubhashi/gateway/store/redistest"
)

// keeper is a KV on disk; with the same path it is the same records.
func keeper(t testing.TB, path string) httpapi.KV {
	t.Helper()
	db, _, err := store.OpenSQLite(path)
	if err != nil {
		t.Fatal(err)
	}
	k := store.NewKV(db)
	t.Cleanup(func() { _ = k.Close(); _ = db.Close() })
	return k
}

// keeping is a gateway that keeps glossaries, with the demo model, which goes by
// them.
func keeping(t testing.TB) *server {
	t.Helper()
	kv := keeper(t, filepath.Join(t.TempDir(), store.File))
	return start(t, demo(t), func(c *httpapi.Config) { c.KV = kv })
}

// object is a JSON answer of a status.
func object(t testing.TB, r reply, status int) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal(r.body, &out); err != nil || r.status != status {
		t.Fatalf("%d %s (%v), want %d", r.status, r.body, err, status)
	}
	return out
}

func glossaryOf(t testing.TB, r reply, status int) api.Glossary {
	t.Helper()
	var g api.Glossary
	d := json.NewDecoder(strings.NewReader(string(r.body)))
	d.DisallowUnknownFields()
	if err := d.Decode(&g); err != nil || r.status != status {
		t.Fatalf("%d %s (%v), want %d", r.status, r.body, err, status)
	}
	return g
}

const desk = `{"name":"desk","source":"hi","target":"en","entries":{"नगर निगम":"the corporation","मंडी":"mandi, \"bazaar\""}}`

func TestNativeGlossary(t *testing.T) {
	t.Parallel()
	s := keeping(t)
	r := s.post(t, "/v1/glossaries", desk)
	g := glossaryOf(t, r, 201)
	path := "/v1/glossaries/" + g.ID
	if r.header.Get("Location") != path || g.Name != "desk" || g.Source != "hi" || g.Target != "en" || g.EntryCount != 2 || g.ReverseCount != 0 || g.Entries != nil {
		t.Errorf("made: %s, Location %q", r.body, r.header.Get("Location"))
	}
	if at, err := time.Parse(time.RFC3339, g.Created); err != nil || time.Since(at) > time.Minute || !strings.HasSuffix(g.Created, "Z") {
		t.Errorf("created %q", g.Created)
	}

	// In the order given, in each form.
	for accept, want := range map[string]string{
		"application/json":                       `"entries":{"नगर निगम":"the corporation","मंडी":"mandi, \"bazaar\""}`,
		"":                                       `"entries":{"नगर निगम":"the corporation","मंडी":"mandi, \"bazaar\""}`,
		"text/tab-separated-values":              "नगर निगम\tthe corporation\nमंडी\tmandi, \"bazaar\"\n",
		"text/csv":                               "नगर निगम,the corporation\nमंडी,\"mandi, \"\"bazaar\"\"\"\n",
		"text/csv;q=0.2, application/json;q=0.1": "नगर निगम,the corporation\n",
		"text/html;q=0.9, application/json;q=0.1": `"source":"hi"`,
	} {
		r := s.do(t, "GET", path, "", "Accept", accept)
		if r.status != 200 || !strings.Contains(string(r.body), want) {
			t.Errorf("Accept %q: %d %s", accept, r.status, r.body)
		}
		if kind := r.header.Get("Content-Type"); strings.HasPrefix(accept, "text/t") && kind != "text/tab-separated-values; charset=utf-8" {
			t.Errorf("Accept %q: Content-Type %q", accept, kind)
		}
	}
	if r := s.do(t, "GET", path, "", "Accept", "image/png"); r.status != 406 {
		t.Errorf("Accept image/png: %d", r.status)
	}

	// Replaced as a whole, with both directions.
	r = s.do(t, "PUT", path, `{"name":"new","source":"en","target":"hi","entries":{"market":"मंडी"},"reverse":{"चौक":"square","मंडी":"market"}}`, "Content-Type", "application/json")
	if g := glossaryOf(t, r, 200); g.Name != "new" || g.Source != "en" || g.EntryCount != 1 || g.ReverseCount != 2 || g.Created == "" {
		t.Errorf("replaced: %s", r.body)
	}
	if g := glossaryOf(t, s.do(t, "GET", path, ""), 200); g.Entries["market"] != "मंडी" || g.Reverse["चौक"] != "square" || len(g.Entries)+len(g.Reverse) != 3 {
		t.Errorf("read again: %+v", g)
	}
	for query, want := range map[string]string{"": "market\tमंडी\n", "?source=hi": "चौक\tsquare\nमंडी\tmarket\n", "?target=hi&source=en": "market\tमंडी\n"} {
		if r := s.do(t, "GET", path+query, "", "Accept", "text/tab-separated-values"); string(r.body) != want {
			t.Errorf("TSV %s: %d %q", query, r.status, r.body)
		}
	}
	if r := s.do(t, "GET", path+"?source=hi&target=hi", "", "Accept", "text/csv"); r.status != 404 {
		t.Errorf("hi→hi: %d", r.status)
	}

	if r := s.do(t, "DELETE", path, ""); r.status != 204 || len(r.body) != 0 {
		t.Errorf("delete: %d %s", r.status, r.body)
	}
	for _, method := range []string{"GET", "DELETE", "PUT"} {
		r := s.do(t, method, path, desk, "Content-Type", "application/json")
		if object(t, r, 404)["code"] != "not_found" {
			t.Errorf("%s of what is deleted: %s", method, r.body)
		}
		if r := s.do(t, method, "/v1/glossaries/none", desk, "Content-Type", "application/json"); r.status != 404 {
			t.Errorf("%s of no id: %d", method, r.status)
		}
	}
}

func TestNativeGlossaryList(t *testing.T) {
	t.Parallel()
	s := keeping(t)
	if r := s.do(t, "GET", "/v1/glossaries", ""); r.status != 200 || string(r.body) != `{"glossaries":[]}` {
		t.Errorf("none: %d %s", r.status, r.body)
	}
	for i := range 5 {
		r := s.do(t, "POST", "/v1/glossaries?source=hi&target=en&name="+fmt.Sprint("n", i), "क\ta\n", "Content-Type", "text/tab-separated-values; charset=utf-8")
		glossaryOf(t, r, 201)
	}
	var names []string
	for cursor := ""; ; {
		var page api.Glossaries
		r := s.do(t, "GET", "/v1/glossaries?limit=2&cursor="+url.QueryEscape(cursor), "")
		if cursor == "" {
			r = s.do(t, "GET", "/v1/glossaries?limit=2", "")
		}
		if err := json.Unmarshal(r.body, &page); err != nil || r.status != 200 || len(page.Glossaries) > 2 {
			t.Fatalf("%d %s", r.status, r.body)
		}
		for _, g := range page.Glossaries {
			names = append(names, g.Name)
		}
		if cursor = page.NextCursor; cursor == "" {
			break
		}
	}
	if got := strings.Join(names, " "); got != "n4 n3 n2 n1 n0" {
		t.Errorf("the newest first: %s", got)
	}
	for _, query := range []string{"limit=0", "limit=1001", "limit=x", "page=2", "limit=1&limit=2"} {
		if r := s.do(t, "GET", "/v1/glossaries?"+query, ""); r.status != 422 {
			t.Errorf("%s: %d %s", query, r.status, r.body)
		}
	}
}

func TestNativeGlossaryFormats(t *testing.T) {
	t.Parallel()
	s := keeping(t)
	for _, r := range []struct{ name, kind, query, body string }{
		{"TSV", "text/tab-separated-values", "name=x&source=hi&target=en", "\ufeffक\ta\r\n\r\nख\tb"},
		{"CSV of two columns", "text/csv", "name=x&source=hi&target=en", "\"क\",a\nख,b\n"},
		{"CSV of four", "text/csv; charset=utf-8", "name=x&source=hi&target=en", "क,a,hi,en\nख,b,HI,EN-GB\nq,r,en,hi\n"},
		{"JSON", "application/json", "", `{"name":"x","source":"hi","target":"en","entries":{"क":"a","ख":"b"}}`},
	} {
		g := glossaryOf(t, s.do(t, "POST", "/v1/glossaries?"+r.query, r.body, "Content-Type", r.kind), 201)
		got := s.do(t, "GET", "/v1/glossaries/"+g.ID, "", "Accept", "text/tab-separated-values")
		if g.Name != "x" || string(got.body) != "क\ta\nख\tb\n" {
			t.Errorf("%s: %+v %q", r.name, g, got.body)
		}
	}
}

func TestNativeGlossaryErrors(t *testing.T) {
	t.Parallel()
	s := keeping(t)
	tsv, named := "text/tab-separated-values", "name=x&source=hi&target=en"
	for _, r := range []struct {
		name, kind, query, body string
		status                  int
		want                    string // in the answer
	}{
		{"no JSON", "application/json", "", `{`, 400, "malformed"},
		{"no body", tsv, named, "", 422, "there are no entries"},
		{"another type", "application/xml", "", `<a/>`, 415, "text/csv"},
		{"nothing in it", "application/json", "", `{}`, 422, `{"field":"name","message":"is missing"},{"field":"source","message":"is missing"},{"field":"target","message":"is missing"},{"field":"entries","message":"is missing"}`},
		{"unknown field", "application/json", "", `{"name":"x","source":"hi","target":"en","entries":{"क":"a"},"owner":"me"}`, 422, `"field":"owner"`},
		{"a list", "application/json", "", `{"name":"x","source":"hi","target":"en","entries":["क"]}`, 422, `"entries","message":"must be a JSON object`},
		{"a term twice", "application/json", "", `{"name":"x","source":"hi","target":"en","entries":{"क":"a","क":"b"}}`, 422, "entry 2: the term stands in entry 1"},
		{"wrong in reverse", "application/json", "", `{"name":"x","source":"hi","target":"en","entries":{"क":"a"},"reverse":{"a":""}}`, 422, `"reverse","message":"entry 1: the translation is empty`},
		{"half a character", "application/json", "", `{"name":"x","source":"hi","target":"en","entries":{"\ud800":"a"}}`, 400, "surrogate"},
		{"empty name", "application/json", "", `{"name":" ","source":"hi","target":"en","entries":{"क":"a"}}`, 422, `"name","message":"is empty`},
		{"long name", "application/json", "", `{"name":"` + strings.Repeat("x", 1025) + `","source":"hi","target":"en","entries":{"क":"a"}}`, 422, "at most 1024"},
		{"another language", tsv, "name=x&source=hi&target=fr", "क\ta", 422, `"target","message":"must be hi or en"`},
		{"one language", tsv, "name=x&source=hi&target=hi", "क\ta", 422, `"target","message":"must differ`},
		{"name left out", tsv, "source=hi&target=en", "क\ta", 422, `"name","message":"is missing"`},
		{"an option too many", tsv, named + "&x=y", "क\ta", 422, `"field":"x"`},
		{"the query beside JSON", "application/json", named, desk, 422, "is not an option"},
		{"no tab", tsv, named, "क\ta\nख b", 422, "line 2: there is no tab"},
		{"not UTF-8", tsv, named, "क\ta\n\xe0\tb", 422, "line 2: is not valid UTF-8"},
		{"CSV", "text/csv", named, "क,a\nख", 422, "line 2: a record has two columns"},
	} {
		got := s.do(t, "POST", "/v1/glossaries?"+r.query, r.body, "Content-Type", r.kind)
		if got.status != r.status || !strings.Contains(string(got.body), r.want) || got.header.Get("Content-Type") != "application/problem+json; charset=utf-8" {
			t.Errorf("%s: %d %s", r.name, got.status, got.body)
		}
	}
	if r := s.do(t, "GET", "/v1/glossaries", ""); string(r.body) != `{"glossaries":[]}` {
		t.Errorf("something was kept: %s", r.body)
	}

	// Bigger than an article may be, and too big.
	var big strings.Builder
	for i := range 2200 {
		fmt.Fprintf(&big, "%d%s\tx\n", i, strings.Repeat("y", 1000))
	}
	if r := s.do(t, "POST", "/v1/glossaries?"+named, big.String(), "Content-Type", tsv); r.status != 201 {
		t.Errorf("%d bytes: %d %s", big.Len(), r.status, r.body)
	}
	if r := s.do(t, "POST", "/v1/glossaries?"+named, strings.Repeat(" ", 11<<20+1), "Content-Type", tsv); r.status != 413 || !strings.Contains(string(r.body), "11 MiB") {
		t.Errorf("more than 11 MiB: %d %s", r.status, r.body)
	}
}

// Each way of naming a stored glossary makes the model go by it.
func TestStoredGlossaryInUse(t *testing.T) {
	t.Parallel()
	s := keeping(t)
	id := glossaryOf(t, s.post(t, "/v1/glossaries", desk), 201).ID
	const text = "नगर निगम ने पानी दिया।"
	for name, r := range map[string]reply{
		"article": s.post(t, "/v1/articles", `{"text":"`+text+`","outputs":["translation"],"glossary_id":"`+id+`"}`),
		"query":   s.do(t, "POST", "/v1/articles?outputs=translation&glossary_id="+strings.ToUpper(id), text, "Content-Type", "text/plain"),
		"texts":   s.post(t, "/v1/translate", `{"texts":["`+text+`"],"glossary_id":"`+id+`"}`),
		"summary": s.post(t, "/v1/summarize", `{"text":"`+text+`","glossary_id":"`+id+`"}`),
	} {
		if r.status != 200 || !strings.Contains(strings.ToLower(string(r.body)), "the corporation") || strings.Contains(string(r.body), `"code":"glossary"`) {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	// Inline wins, term by term.
	both := s.post(t, "/v1/translate", `{"text":"नगर निगम की मंडी।","glossary":{"मंडी":"wholesale yard"},"glossary_id":"`+id+`"}`)
	if got := strings.ToLower(string(both.body)); !strings.Contains(got, "wholesale yard") || !strings.Contains(got, "the corporation") || strings.Contains(got, "bazaar") {
		t.Errorf("inline and stored: %s", both.body)
	}
	// A change holds at once.
	s.do(t, "PUT", "/v1/glossaries/"+id, strings.Replace(desk, "the corporation", "the municipality", 1), "Content-Type", "application/json")
	if r := s.post(t, "/v1/translate", `{"text":"`+text+`","glossary_id":"`+id+`"}`); !strings.Contains(strings.ToLower(string(r.body)), "the municipality") {
		t.Errorf("after a change: %s", r.body)
	}
}

func TestStoredGlossaryErrors(t *testing.T) {
	t.Parallel()
	s := keeping(t)
	id := glossaryOf(t, s.post(t, "/v1/glossaries", desk), 201).ID
	for _, r := range []struct{ name, options, want string }{
		{"no id", `"glossary_id":"desk"`, "a UUID"},
		{"nobody's id", `"glossary_id":"96ab91fd-e715-41a1-adeb-5d701f84a483"`, "no glossary of yours"},
		{"another direction", `"source":"en","glossary_id":"` + id + `"`, "no terms en→hi; it has hi→en"},
		{"another target", `"target":"hi","glossary_id":"` + id + `"`, "no terms en→hi; it has hi→en"},
		{"no string", `"glossary_id":7`, "must be a string"},
	} {
		got := s.post(t, "/v1/translate", `{"text":"पानी आया।",`+r.options+`}`)
		if got.status != 422 || !strings.Contains(string(got.body), `"field":"glossary_id"`) || !strings.Contains(string(got.body), r.want) {
			t.Errorf("%s: %d %s", r.name, got.status, got.body)
		}
	}
	if r := s.do(t, "POST", "/v1/articles?glossary_id="+id, `{"text":"पानी आया।","glossary_id":"`+id+`"}`, "Content-Type", "application/json"); r.status != 422 {
		t.Errorf("given twice: %d %s", r.status, r.body)
	}
	// The direction is known only when the text is read.
	for name, r := range map[string]reply{
		"article": s.post(t, "/v1/articles", `{"text":"The market is open and the people are happy.","outputs":["translation"],"glossary_id":"`+id+`"}`),
		"texts":   s.post(t, "/v1/translate", `{"texts":["The market is open and the people are happy.","मंडी खुली है।"],"glossary_id":"`+id+`"}`),
	} {
		if r.status != 200 || strings.Count(string(r.body), `"code":"glossary"`) != 1 || !strings.Contains(string(r.body), "it has no terms en→hi") {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	if s.calls.Load() == 0 {
		t.Error("the model was not asked")
	}
}

// broken is a store that fails, or that may drop what it is given.
type broken struct {
	httpapi.KV
	err error
}

func (b broken) Get(context.Context, string, string) ([]byte, int64, error) { return nil, 0, b.err }
func (b broken) List(context.Context, string, string, int) ([]string, [][]byte, string, error) {
	return nil, nil, "", b.err
}

type evicts struct{ error }

func (evicts) Evicts() bool { return true }

// A glossary that cannot be read is never left out in silence.
func TestStoredGlossaryWithoutItsStore(t *testing.T) {
	t.Parallel()
	const id = "96ab91fd-e715-41a1-adeb-5d701f84a483"
	for code, kv := range map[string]httpapi.KV{
		"store_down":   broken{err: errors.New("the disk is on fire")},
		"store_evicts": broken{err: evicts{errors.New("allkeys-lru")}},
		"no store":     nil,
	} {
		s := start(t, demo(t), func(c *httpapi.Config) { c.KV = kv })
		if code == "no store" {
			code = "store_down"
		}
		for _, r := range []reply{
			s.post(t, "/v1/translate", `{"text":"पानी आया।","glossary_id":"`+id+`"}`),
			s.post(t, "/v1/glossaries", desk), s.do(t, "GET", "/v1/glossaries", ""), s.do(t, "GET", "/v1/glossaries/"+id, ""),
		} {
			if o := object(t, r, 503); o["code"] != code || r.header.Get("Retry-After") == "" || strings.Contains(string(r.body), "fire") {
				t.Errorf("%s: %s", code, r.body)
			}
		}
		if s.calls.Load() != 0 {
			t.Error("the model was asked without the glossary")
		}
		for _, r := range []reply{
			s.do(t, "GET", "/v2/glossaries", ""), s.do(t, "GET", "/v3/glossaries/"+id, ""),
			s.post(t, "/v2/translate", `{"text":["पानी"],"source_lang":"HI","target_lang":"EN-US","glossary_id":"`+id+`"}`),
		} {
			if o := object(t, r, 503); o["message"] == "" || o["code"] != nil {
				t.Errorf("DeepL: %s", r.body)
			}
		}
		if r := s.post(t, "/v1/translate", `{"text":"पानी आया।"}`); r.status != 200 {
			t.Errorf("translation without a glossary: %d %s", r.status, r.body)
		}
	}
}

// What one process keeps another finds: after a restart, and in a replica.
func TestGlossariesAreShared(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(t *testing.T) func() httpapi.KV{
		"disk": func(t *testing.T) func() httpapi.KV {
			path := filepath.Join(t.TempDir(), store.File)
			return func() httpapi.KV { return keeper(t, path) }
		},
		"redis": func(t *testing.T) func() httpapi.KV {
			redis := redistest.Start(t).URL()
			return func() httpapi.KV {
				client, err := store.OpenRedis(redis)
				if err != nil {
					t.Fatal(err)
				}
				k := store.NewRedisKV(client)
				t.Cleanup(func() { _ = k.Close(); _ = client.Close() })
				return k
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			again := open(t)
			one := start(t, demo(t), func(c *httpapi.Config) { c.KV = again() })
			id := glossaryOf(t, one.post(t, "/v1/glossaries", desk), 201).ID
			two := start(t, demo(t), func(c *httpapi.Config) { c.KV = again() })
			ask := func(s *server) string {
				return strings.ToLower(string(s.post(t, "/v1/translate", `{"text":"नगर निगम ने पानी दिया।","glossary_id":"`+id+`"}`).body))
			}
			if got := ask(two); !strings.Contains(got, "the corporation") {
				t.Errorf("elsewhere: %s", got)
			}
			if r := one.do(t, "PATCH", "/v3/glossaries/"+id, `{"dictionaries":[{"source_lang":"hi","target_lang":"en","entries":"नगर निगम\tthe city council","entries_format":"tsv"}]}`, "Content-Type", "application/json"); r.status != 200 {
				t.Errorf("patch: %d %s", r.status, r.body)
			}
			if got := ask(two); !strings.Contains(got, "the city council") {
				t.Errorf("elsewhere, after a change: %s", got)
			}
			one.do(t, "DELETE", "/v1/glossaries/"+id, "")
			if r := two.post(t, "/v1/translate", `{"text":"नगर निगम","glossary_id":"`+id+`"}`); r.status != 422 {
				t.Errorf("elsewhere, after its end: %d %s", r.status, r.body)
			}
		})
	}
}
