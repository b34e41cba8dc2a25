package httpapi_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

func encode(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The two ways in which DeepL's clients send parameters, and a third in which
// others do.
var deeplForms = map[string]func(t testing.TB, s *server, method, path string, values ...string) reply{
	"JSON": func(t testing.TB, s *server, method, path string, values ...string) reply {
		members, nested := map[string]any{}, map[string]any{}
		for pair := range slices.Chunk(values, 2) {
			if name, ok := strings.CutPrefix(pair[0], "dictionaries[0]."); ok {
				nested[name] = pair[1]
				members["dictionaries"] = []any{nested}
			} else {
				members[pair[0]] = pair[1]
			}
		}
		return s.do(t, method, path, encode(t, members), "Content-Type", "application/json")
	},
	"form": func(t testing.TB, s *server, method, path string, values ...string) reply {
		form := url.Values{}
		for pair := range slices.Chunk(values, 2) {
			form.Add(pair[0], pair[1])
		}
		return s.do(t, method, path, form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	},
	"form with brackets": func(t testing.TB, s *server, method, path string, values ...string) reply {
		form := url.Values{}
		for pair := range slices.Chunk(values, 2) {
			name, field, nested := strings.Cut(pair[0], ".")
			if nested {
				name += "[" + field + "]"
			}
			form.Add(name, pair[1])
		}
		return s.do(t, method, path, form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	},
}

// creationTime has the fraction of a second that deepl-python cannot do without.
var creationTime = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)

const nobodys = "96ab91fd-e715-41a1-adeb-5d701f84a483"

func TestDeepLGlossaryV2(t *testing.T) {
	t.Parallel()
	for form, send := range deeplForms {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			s := keeping(t)
			made := object(t, send(t, s, "POST", "/v2/glossaries", "name", "desk", "source_lang", "HI", "target_lang", "EN",
				"entries", "नगर निगम\tthe corporation\nA%=&\tB&=%\n🪨\t🪵", "entries_format", "tsv"), 201)
			id, _ := made["glossary_id"].(string)
			created, _ := made["creation_time"].(string)
			want := map[string]any{"glossary_id": id, "name": "desk", "ready": true, "source_lang": "hi", "target_lang": "en", "creation_time": created, "entry_count": 3.0}
			if !maps.Equal(made, want) || !creationTime.MatchString(created) {
				t.Errorf("made: %v", made)
			}
			if got := object(t, s.do(t, "GET", "/v2/glossaries/"+id, ""), 200); !maps.Equal(got, want) {
				t.Errorf("read: %v", got)
			}
			list, _ := object(t, s.do(t, "GET", "/v2/glossaries", ""), 200)["glossaries"].([]any)
			if len(list) != 1 || !maps.Equal(list[0].(map[string]any), want) {
				t.Errorf("list: %v", list)
			}
			for _, accept := range []string{"text/tab-separated-values", "application/json, text/plain, */*", ""} {
				r := s.do(t, "GET", "/v2/glossaries/"+id+"/entries", "", "Accept", accept)
				if r.status != 200 || string(r.body) != "नगर निगम\tthe corporation\nA%=&\tB&=%\n🪨\t🪵" || r.header.Get("Content-Type") != "text/tab-separated-values; charset=utf-8" {
					t.Errorf("entries for %q: %d %q", accept, r.status, r.body)
				}
			}
			if r := s.do(t, "GET", "/v2/glossaries/"+id+"/entries", "", "Accept", "application/json"); object(t, r, 415)["message"] != "No supported media type specified in Accept header" {
				t.Errorf("entries as JSON: %s", r.body)
			}
			if r := s.do(t, "DELETE", "/v2/glossaries/"+id, ""); r.status != 204 || len(r.body) != 0 {
				t.Errorf("delete: %d %s", r.status, r.body)
			}
			if r := s.do(t, "GET", "/v2/glossaries/"+id, ""); object(t, r, 404)["message"] != "Glossary not found" || r.header.Get("X-Trace-Id") == "" {
				t.Errorf("after its end: %s", r.body)
			}

			csv := object(t, send(t, s, "POST", "/v2/glossaries", "name", "sheet", "source_lang", "en", "target_lang", "hi",
				"entries", "\"scheme, new\",नई योजना\nबैंक,bank,hi,en\nbank,बैंक,en,hi\n", "entries_format", "csv"), 201)
			if csv["entry_count"] != 2.0 {
				t.Errorf("CSV: %v", csv)
			}
		})
	}
}

func TestDeepLGlossaryV3(t *testing.T) {
	t.Parallel()
	for form, send := range deeplForms {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			s := keeping(t)
			const in = "dictionaries[0]."
			made := object(t, send(t, s, "POST", "/v3/glossaries", "name", "desk", in+"source_lang", "hi", in+"target_lang", "EN-US", in+"entries", "क\ta\nख\tb", in+"entries_format", "tsv"), 201)
			id := made["glossary_id"].(string)
			if at, _ := made["creation_time"].(string); made["name"] != "desk" || !creationTime.MatchString(at) || dictionaries(made) != "hi→en 2" || len(made) != 4 {
				t.Errorf("made: %v", made)
			}
			path := "/v3/glossaries/" + id

			// Merged, made beside it, renamed.
			for _, r := range []struct {
				name   string
				values []string
				want   string
			}{
				{"merge", []string{in + "source_lang", "HI", in + "target_lang", "EN", in + "entries", "ख\tnew\nग\tc", in + "entries_format", "tsv"}, "desk: hi→en 3"},
				{"the other direction", []string{in + "source_lang", "en", in + "target_lang", "hi", in + "entries", "a,क\n", in + "entries_format", "csv"}, "desk: hi→en 3, en→hi 1"},
				{"name", []string{"name", "नया"}, "नया: hi→en 3, en→hi 1"},
				{"both", []string{"name", "new", in + "source_lang", "en", in + "target_lang", "hi", in + "entries", "b\tख", in + "entries_format", "tsv"}, "new: hi→en 3, en→hi 2"},
				{"neither", []string{"unknown", "x"}, "new: hi→en 3, en→hi 2"},
			} {
				got := object(t, send(t, s, "PATCH", path, r.values...), 200)
				if have := fmt.Sprint(got["name"], ": ", dictionaries(got)); have != r.want || got["creation_time"] != made["creation_time"] {
					t.Errorf("%s: %v", r.name, got)
				}
			}
			entries := func(query string) string {
				list, _ := object(t, s.do(t, "GET", path+"/entries"+query, ""), 200)["dictionaries"].([]any)
				var out []string
				for _, d := range list {
					d := d.(map[string]any)
					if len(d) != 4 || d["entries_format"] != "tsv" {
						t.Errorf("entries: %v", d)
					}
					out = append(out, fmt.Sprint(d["source_lang"], "→", d["target_lang"], " ", d["entries"]))
				}
				return strings.Join(out, "|")
			}
			if got := entries("?source_lang=HI&target_lang=EN"); got != "hi→en क\ta\nख\tnew\nग\tc" {
				t.Errorf("merged: %q", got)
			}
			put := object(t, send(t, s, "PUT", path+"/dictionaries", "source_lang", "HI", "target_lang", "EN", "entries", "घ\td", "entries_format", "tsv"), 200)
			if !maps.Equal(put, map[string]any{"source_lang": "hi", "target_lang": "en", "entry_count": 1.0}) {
				t.Errorf("put: %v", put)
			}
			if got := entries(""); got != "hi→en घ\td|en→hi a\tक\nb\tख" {
				t.Errorf("after put: %q", got)
			}
			list, _ := object(t, s.do(t, "GET", "/v3/glossaries", ""), 200)["glossaries"].([]any)
			if len(list) != 1 || dictionaries(list[0].(map[string]any)) != "hi→en 1, en→hi 2" {
				t.Errorf("list: %v", list)
			}
			// Through v2 and the native API it is the same glossary.
			if v2 := object(t, s.do(t, "GET", "/v2/glossaries/"+id, ""), 200); v2["source_lang"] != "hi" || v2["entry_count"] != 1.0 {
				t.Errorf("v2: %v", v2)
			}
			if g := glossaryOf(t, s.do(t, "GET", "/v1/glossaries/"+id, ""), 200); g.Name != "new" || g.Entries["घ"] != "d" || g.Reverse["b"] != "ख" {
				t.Errorf("native: %+v", g)
			}

			if r := s.do(t, "DELETE", path+"/dictionaries?source_lang=hi&target_lang=en", ""); r.status != 204 {
				t.Errorf("delete a dictionary: %d %s", r.status, r.body)
			}
			for what, r := range map[string]reply{
				"Dictionary not found":  s.do(t, "DELETE", path+"/dictionaries?source_lang=hi&target_lang=en", ""),
				"Dictionary not found ": s.do(t, "GET", path+"/entries?source_lang=hi&target_lang=en", ""),
			} {
				if object(t, r, 404)["message"] != strings.TrimSpace(what) {
					t.Errorf("%s: %s", what, r.body)
				}
			}
			if got := object(t, s.do(t, "GET", path, ""), 200); dictionaries(got) != "en→hi 2" {
				t.Errorf("left: %v", got)
			}
			s.do(t, "DELETE", path+"/dictionaries?source_lang=en&target_lang=hi", "")
			if got := object(t, s.do(t, "GET", path, ""), 200); dictionaries(got) != "" || got["dictionaries"] == nil {
				t.Errorf("with no dictionary: %v", got)
			}
			if list, _ := object(t, s.do(t, "GET", "/v2/glossaries", ""), 200)["glossaries"].([]any); list == nil || len(list) != 0 {
				t.Errorf("v2 lists one without a dictionary: %v", list)
			}
			if r := s.do(t, "DELETE", path, ""); r.status != 204 {
				t.Errorf("delete: %d", r.status)
			}
			if r := s.do(t, "DELETE", path, ""); object(t, r, 404)["message"] != "Glossary not found" {
				t.Errorf("delete again: %s", r.body)
			}
		})
	}
}

// dictionaries tells what a glossary of v3 has.
func dictionaries(glossary map[string]any) string {
	var out []string
	list, _ := glossary["dictionaries"].([]any)
	for _, d := range list {
		d := d.(map[string]any)
		out = append(out, fmt.Sprint(d["source_lang"], "→", d["target_lang"], " ", d["entry_count"]))
	}
	return strings.Join(out, ", ")
}

func TestDeepLGlossaryErrors(t *testing.T) {
	t.Parallel()
	s := keeping(t)
	id := glossaryOf(t, s.post(t, "/v1/glossaries", desk), 201).ID
	for _, r := range []struct {
		name, method, path, body string
		status                   int
		message, detail          string
	}{
		{"no name", "POST", "/v2/glossaries", `{"source_lang":"hi","target_lang":"en","entries":"क\ta","entries_format":"tsv"}`, 400, "Missing or invalid argument: name", ""},
		{"an empty name", "POST", "/v3/glossaries", `{"name":"","dictionaries":[{"source_lang":"hi","target_lang":"en","entries":"क\ta"}]}`, 400, "Missing or invalid argument: name", ""},
		{"no entries", "POST", "/v2/glossaries", `{"name":"x","source_lang":"hi","target_lang":"en","entries_format":"tsv"}`, 400, "Missing or invalid argument: entries", ""},
		{"no language", "POST", "/v2/glossaries", `{"name":"x","target_lang":"en","entries":"क\ta"}`, 400, "Missing or invalid argument: source_lang", ""},
		{"another language", "POST", "/v2/glossaries", `{"name":"x","source_lang":"EN","target_lang":"XX","entries":"Hallo\tHello"}`, 400, "Unsupported glossary source and target language pair", ""},
		{"one language", "POST", "/v2/glossaries", `{"name":"x","source_lang":"EN-GB","target_lang":"EN-US","entries":"lorry\ttruck"}`, 400, "Unsupported glossary source and target language pair", ""},
		{"another format", "POST", "/v2/glossaries", `{"name":"x","source_lang":"hi","target_lang":"en","entries":"क\ta","entries_format":"tbx"}`, 400, "Value for 'entries_format' not supported. It must be tsv or csv.", ""},
		{"no tab", "POST", "/v2/glossaries", `{"name":"x","source_lang":"hi","target_lang":"en","entries":"क\ta\nख b"}`, 400, "Invalid glossary entries provided", "entries: line 2: there is no tab between a term and its translation"},
		{"a term twice", "POST", "/v2/glossaries", `{"name":"x","source_lang":"hi","target_lang":"en","entries":"क\ta\nक\tb"}`, 400, "Invalid glossary entries provided", "entries: line 2: the term stands in line 1 already; a term has one translation"},
		{"no dictionaries", "POST", "/v3/glossaries", `{"name":"x"}`, 400, "Missing or invalid argument: dictionaries", ""},
		{"an empty list of them", "POST", "/v3/glossaries", `{"name":"x","dictionaries":[]}`, 400, "Missing or invalid argument: dictionaries", ""},
		{"no list of them", "POST", "/v3/glossaries", `{"name":"x","dictionaries":"hi"}`, 400, "Missing or invalid argument: dictionaries", ""},
		{"not of objects", "POST", "/v3/glossaries", `{"name":"x","dictionaries":[[1]]}`, 400, "Missing or invalid argument: dictionaries", ""},
		{"an object without", "POST", "/v3/glossaries", `{"name":"x","dictionaries":[{}]}`, 400, "Missing or invalid argument: source_lang", ""},
		{"entries that are an object", "POST", "/v3/glossaries", `{"name":"x","dictionaries":[{"source_lang":"hi","target_lang":"en","entries":{"क":"a"}}]}`, 400, "Missing or invalid argument: dictionaries", ""},
		{"two of one direction", "POST", "/v3/glossaries", `{"name":"x","dictionaries":[{"source_lang":"hi","target_lang":"en","entries":"क\ta"},{"source_lang":"HI","target_lang":"en-gb","entries":"क\ta"}]}`, 400, "There are two dictionaries hi→en; a glossary has one a direction.", ""},
		{"no JSON", "POST", "/v3/glossaries", `{`, 400, "the body is not valid JSON: it ends too early", ""},
		{"no UUID", "GET", "/v2/glossaries/invalid_glossary_id", "", 400, "Invalid or missing glossary ID", ""},
		{"no UUID, v3", "GET", "/v3/glossaries/invalid_glossary_id", "", 400, "Invalid or missing glossary ID", ""},
		{"no UUID to delete", "DELETE", "/v3/glossaries/invalid_glossary_id", "", 400, "Invalid or missing glossary ID", ""},
		{"unknown", "GET", "/v2/glossaries/" + nobodys, "", 404, "Glossary not found", ""},
		{"unknown entries", "GET", "/v2/glossaries/" + nobodys + "/entries", "", 404, "Glossary not found", ""},
		{"unknown entries, v3", "GET", "/v3/glossaries/" + nobodys + "/entries?source_lang=hi&target_lang=en", "", 404, "Glossary not found", ""},
		{"unknown to delete", "DELETE", "/v2/glossaries/" + nobodys, "", 404, "Glossary not found", ""},
		{"unknown to change", "PATCH", "/v3/glossaries/" + nobodys, `{"name":"x"}`, 404, "Glossary not found", ""},
		{"unknown to put into", "PUT", "/v3/glossaries/" + nobodys + "/dictionaries", `{"source_lang":"hi","target_lang":"en","entries":"क\ta"}`, 404, "Glossary not found", ""},
		{"unknown to take from", "DELETE", "/v3/glossaries/" + nobodys + "/dictionaries?source_lang=hi&target_lang=en", "", 404, "Glossary not found", ""},
		{"no direction", "GET", "/v3/glossaries/" + id + "/entries?source_lang=hi", "", 400, "Missing or invalid argument: target_lang", ""},
		{"wrong entries in a change", "PATCH", "/v3/glossaries/" + id, `{"dictionaries":[{"source_lang":"hi","target_lang":"en","entries":"क"}]}`, 400, "Invalid glossary entries provided", "entries: line 1: there is no tab between a term and its translation"},
		{"unknown in a translation", "POST", "/v2/translate", `{"text":["क"],"source_lang":"HI","target_lang":"EN-US","glossary_id":"` + nobodys + `"}`, 404, "Glossary not found", ""},
		{"another direction in a translation", "POST", "/v2/translate", `{"text":["a"],"source_lang":"EN","target_lang":"HI","glossary_id":"` + id + `"}`, 400, "Value for 'glossary_id' not supported.", "glossary_id: is a glossary that has no terms en→hi; it has hi→en"},
	} {
		got := object(t, s.do(t, r.method, r.path, r.body, "Content-Type", "application/json"), r.status)
		if got["message"] != r.message || r.detail != "" && got["detail"] != r.detail {
			t.Errorf("%s: %v", r.name, got)
		}
	}
	if g := glossaryOf(t, s.do(t, "GET", "/v1/glossaries/"+id, ""), 200); g.EntryCount != 2 {
		t.Errorf("the glossary was changed: %+v", g)
	}
	if list, _ := object(t, s.do(t, "GET", "/v3/glossaries", ""), 200)["glossaries"].([]any); len(list) != 1 {
		t.Errorf("something was made: %v", list)
	}
}

func TestDeepLGlossaryPairs(t *testing.T) {
	t.Parallel()
	r := keeping(t).do(t, "GET", "/v2/glossary-language-pairs", "")
	if r.status != 200 || string(r.body) != `{"supported_languages":[{"source_lang":"hi","target_lang":"en"},{"source_lang":"en","target_lang":"hi"}]}` {
		t.Errorf("%d %s", r.status, r.body)
	}
}

// A dictionary into English serves its variants.
func TestDeepLGlossaryInUse(t *testing.T) {
	t.Parallel()
	s := keeping(t)
	id := object(t, s.post(t, "/v3/glossaries", `{"name":"x","dictionaries":[
		{"source_lang":"hi","target_lang":"en","entries":"नगर निगम\tthe corporation"},
		{"source_lang":"en","target_lang":"hi","entries":"corporation\tमहानगर पालिका"}]}`), 201)["glossary_id"].(string)
	for _, r := range []struct{ source, target, text, want string }{
		{"HI", "EN-US", "नगर निगम ने पानी दिया।", "the corporation"},
		{"HI", "EN-GB", "नगर निगम ने पानी दिया।", "the corporation"},
		{"HI", "EN", "नगर निगम ने पानी दिया।", "the corporation"},
		{"EN", "HI", "The corporation gave water.", "महानगर पालिका"},
	} {
		body := encode(t, map[string]any{"text": []string{r.text}, "source_lang": r.source, "target_lang": r.target, "glossary_id": id})
		if got := s.post(t, "/v2/translate", body); got.status != 200 || !strings.Contains(strings.ToLower(string(got.body)), r.want) {
			t.Errorf("%s→%s: %d %s", r.source, r.target, got.status, got.body)
		}
	}
	// Of several glossaries the first has the word.
	other := object(t, s.post(t, "/v2/glossaries", `{"name":"y","source_lang":"hi","target_lang":"en","entries":"नगर निगम\tthe city council\nपानी\tdrinking water"}`), 201)["glossary_id"].(string)
	body := encode(t, map[string]any{"text": []string{"नगर निगम ने पानी दिया।"}, "source_lang": "HI", "target_lang": "EN-GB", "glossary_ids": []string{id, other}})
	if got := strings.ToLower(string(s.post(t, "/v2/translate", body).body)); !strings.Contains(got, "the corporation") || !strings.Contains(got, "drinking water") {
		t.Errorf("of two: %s", got)
	}
}

// Changes that come at once are all made.
func TestDeepLGlossaryConcurrentEdits(t *testing.T) {
	t.Parallel()
	s := keeping(t)
	id := glossaryOf(t, s.post(t, "/v1/glossaries", desk), 201).ID
	const writers = 8
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			body := fmt.Sprintf(`{"dictionaries":[{"source_lang":"hi","target_lang":"en","entries":"शब्द %d\tword"}]}`, i)
			if r := s.do(t, "PATCH", "/v3/glossaries/"+id, body, "Content-Type", "application/json"); r.status != 200 {
				t.Errorf("writer %d: %d %s", i, r.status, r.body)
			}
		})
	}
	wg.Wait()
	if g := glossaryOf(t, s.do(t, "GET", "/v1/glossaries/"+id, ""), 200); g.EntryCount != writers+2 || len(g.Entries) != writers+2 {
		t.Errorf("%+v", g)
	}
}

// Whatever a body holds is a glossary or the caller's error.
func FuzzDeepLGlossaryBody(f *testing.F) {
	for _, body := range []string{
		`{"name":"x","dictionaries":[{"source_lang":"hi","target_lang":"en","entries":"क\ta","entries_format":"tsv"}]}`,
		`{"name":["x"],"dictionaries":[null,{}],"auth_key":"k"}`,
		`name=x&dictionaries[0].source_lang=hi&dictionaries[0].target_lang=en&dictionaries[0].entries=%E0%A4%95%09a`,
		`name=x&dictionaries[1][source_lang]=hi&dictionaries[1][target_lang]=en&dictionaries[1][entries]=%E0%A4%95,a&dictionaries[1][entries_format]=csv`,
		`name=x&dictionaries=hi`, "\ufeff{}", "%",
	} {
		f.Add(body)
	}
	s := keeping(f)
	f.Fuzz(func(t *testing.T, body string) {
		kind := "application/x-www-form-urlencoded"
		if strings.ContainsAny(body, "{[") && !strings.Contains(body, "=") {
			kind = "application/json"
		}
		switch r := s.do(t, "POST", "/v3/glossaries", body, "Content-Type", kind); r.status {
		case 201, 456:
		case 400, 404, 413, 415:
			if object(t, r, r.status)["message"] == "" {
				t.Errorf("%d without a message", r.status)
			}
		default:
			t.Errorf("%d %s for %q", r.status, r.body, body)
		}
	})
}
