package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"dubhashi/gateway"
	"dubhashi/gateway/httpapi"
	"dubhashi/gateway/llm"
	"dubhashi/gateway/simulator"
)

// knowing is a model that knows these translations, Hindi and English by turns.
func knowing(t testing.TB, faults map[simulator.Fault]float64, pairs ...string) http.Handler {
	t.Helper()
	c := simulator.Config{Faults: faults}
	for pair := range slices.Chunk(pairs, 2) {
		c.Memory = append(c.Memory, simulator.Pair{Hindi: pair[0], English: pair[1]})
	}
	sim, err := simulator.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return sim
}

var words = []string{
	"प्रोटॉन किरण", "proton beam", "नमस्ते, आप कैसे हैं?", "Hello, how are you?", "बारिश हो रही है।", "It is raining.",
}

// deeplText is one translation as DeepL's clients read it.
type deeplText struct {
	Detected string `json:"detected_source_language"`
	Text     string `json:"text"`
	Billed   *int   `json:"billed_characters"`
	Model    string `json:"model_type_used"`
	Warnings []struct{ Code, Message string }
}

func deeplTexts(t testing.TB, r reply) []deeplText {
	t.Helper()
	var out struct{ Translations []deeplText }
	if err := json.Unmarshal(r.body, &out); err != nil || r.status != 200 {
		t.Fatalf("%d %s: %v", r.status, r.body, err)
	}
	return out.Translations
}

// deeplRefusal is the message and the detail of an error, which must be strings.
func deeplRefusal(t testing.TB, r reply) string {
	t.Helper()
	var out map[string]string
	if err := json.Unmarshal(r.body, &out); err != nil || out["message"] == "" {
		t.Fatalf("%d %s: %v", r.status, r.body, err)
	}
	if r.header.Get("X-Trace-ID") == "" {
		t.Errorf("no X-Trace-ID: %v", r.header)
	}
	return out["message"] + " " + out["detail"]
}

const form = "application/x-www-form-urlencoded"

// multipartBody writes fields, names and values by turns.
func multipartBody(t testing.TB, fields ...string) (body, contentType string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for f := range slices.Chunk(fields, 2) {
		if err := w.WriteField(f[0], f[1]); err != nil {
			t.Fatal(err)
		}
	}
	w.Close()
	return b.String(), w.FormDataContentType()
}

// However a request is written, the answer is the same.
func TestDeepLFormsOfARequest(t *testing.T) {
	t.Parallel()
	s := start(t, knowing(t, nil, words...), nil)
	values := url.Values{"text": {"proton beam", "It is raining."}, "target_lang": {"HI"}, "preserve_formatting": {"1"}, "ignore_tags": {"a,b"}, "show_billed_characters": {"1"}}
	parts, partsType := multipartBody(t, "text", "proton beam", "text", "It is raining.", "target_lang", "hi")
	const json1 = `{"text":["proton beam","It is raining."],"target_lang":"hi","preserve_formatting":true,"ignore_tags":["a","b"],"show_billed_characters":true}`
	var first []byte
	for _, row := range []struct{ name, method, path, body, contentType string }{
		{"JSON", "POST", "/v2/translate", json1, "application/json"},
		{"JSON with a charset and a byte order mark", "POST", "/v2/translate", "\ufeff" + json1, "application/json; charset=utf-8"},
		{"a form", "POST", "/v2/translate", values.Encode(), form},
		{"multipart", "POST", "/v2/translate", parts, partsType},
		{"a query", "POST", "/v2/translate?" + values.Encode(), "", ""},
		{"GET", "GET", "/v2/translate?" + values.Encode(), "", ""},
		{"the body hides the query", "POST", "/v2/translate?target_lang=XX&text=x", values.Encode(), form},
		{"JSON without a type", "POST", "/v2/translate", json1, ""},
		{"a form without a type", "POST", "/v2/translate", values.Encode(), ""},
		{"GET with a body", "GET", "/v2/translate", values.Encode(), form},
	} {
		r := s.do(t, row.method, row.path, row.body, "Content-Type", row.contentType)
		if first == nil {
			first = r.body
		}
		if texts := deeplTexts(t, r); len(texts) != 2 || texts[0].Text != "प्रोटॉन किरण" || texts[1].Text != "बारिश हो रही है।" {
			t.Errorf("%s: %s", row.name, r.body)
		}
		if !bytes.Equal(r.body, first) {
			t.Errorf("%s: %s, not %s", row.name, r.body, first)
		}
		if r.header.Get("X-Trace-ID") == "" || !strings.HasPrefix(r.header.Get("Content-Type"), "application/json") {
			t.Errorf("%s: %v", row.name, r.header)
		}
	}
	if n := s.calls.Load(); n != 1 {
		t.Errorf("%d calls to the model", n)
	}
}

// What clients rely on of an answer.
func TestDeepLAnswers(t *testing.T) {
	t.Parallel()
	s := start(t, knowing(t, nil, words...), nil)
	for _, row := range []struct {
		name, body string
		want       []deeplText
	}{
		{"a bare string", `{"text":"proton beam","target_lang":"HI"}`, []deeplText{{Detected: "EN", Text: "प्रोटॉन किरण"}}},
		{"codes in any case", `{"text":"proton beam","target_lang":"hI","source_lang":"eN"}`, []deeplText{{Detected: "EN", Text: "प्रोटॉन किरण"}}},
		{"British English", `{"text":"प्रोटॉन किरण","target_lang":"EN-GB"}`, []deeplText{{Detected: "HI", Text: "proton beam"}}},
		{"American English", `{"text":"प्रोटॉन किरण","target_lang":"en-us"}`, []deeplText{{Detected: "HI", Text: "proton beam"}}},
		{"any English", `{"text":"प्रोटॉन किरण","target_lang":"EN"}`, []deeplText{{Detected: "HI", Text: "proton beam"}}},
		{"no source", `{"text":"proton beam","target_lang":"HI","source_lang":""}`, []deeplText{{Detected: "EN", Text: "प्रोटॉन किरण"}}},
		{"null is nothing", `{"text":"proton beam","target_lang":"HI","source_lang":null,"formality":null}`, []deeplText{{Detected: "EN", Text: "प्रोटॉन किरण"}}},
		{"the same text twice", `{"text":["proton beam","proton beam"],"target_lang":"HI"}`, []deeplText{{Detected: "EN", Text: "प्रोटॉन किरण"}, {Detected: "EN", Text: "प्रोटॉन किरण"}}},
		{"lines", `{"text":"proton beam\n\n  It is raining.\n","target_lang":"HI"}`, []deeplText{{Detected: "EN", Text: "प्रोटॉन किरण\n\n  बारिश हो रही है।\n"}}},
		{"no words", `{"text":["","  ","12 – 34"],"target_lang":"HI","source_lang":"EN"}`, []deeplText{{Detected: "EN"}, {Detected: "EN", Text: "  "}, {Detected: "EN", Text: "12 – 34"}}},
		{"no words, no source", `{"text":[""],"target_lang":"HI"}`, []deeplText{{Detected: "EN"}}},
		{"both languages", `{"text":["proton beam","प्रोटॉन किरण"],"target_lang":"HI"}`, []deeplText{{Detected: "EN", Text: "प्रोटॉन किरण"}, {Detected: "HI", Text: "प्रोटॉन किरण"}}},
		{"into the language it is in", `{"text":"It is raining.","target_lang":"EN-GB","source_lang":"EN"}`, []deeplText{{Detected: "EN", Text: "It is raining."}}},
		{"a model type", `{"text":"proton beam","target_lang":"HI","model_type":"prefer_quality_optimized"}`, []deeplText{{Detected: "EN", Text: "प्रोटॉन किरण", Model: "quality_optimized"}}},
		{"another model type", `{"text":"proton beam","target_lang":"EN-US","source_lang":"EN","model_type":"latency_optimized"}`, []deeplText{{Detected: "EN", Text: "proton beam", Model: "latency_optimized"}}},
		{"unknown fields", `{"text":"proton beam","target_lang":"HI","script":"Latn","nested":{"a":[1]},"list":[{}],"enable_beta_languages":true}`, []deeplText{{Detected: "EN", Text: "प्रोटॉन किरण"}}},
		{"our own fields", `{"text":"12 – 34","target_lang":"HI","source_lang":"EN","numerals":"devanagari","register":"formal"}`, []deeplText{{Detected: "EN", Text: "१२ – ३४"}}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got := deeplTexts(t, s.post(t, "/v2/translate", row.body))
			if len(got) != len(row.want) {
				t.Fatalf("%d texts: %+v", len(got), got)
			}
			for i, g := range got {
				w := row.want[i]
				if g.Detected != w.Detected || g.Text != w.Text || g.Model != w.Model {
					t.Errorf("text %d: %+v, not %+v", i, g, w)
				}
			}
		})
	}
}

// Every text is billed by its code points, marks and blanks included.
func TestDeepLBillsCodePoints(t *testing.T) {
	t.Parallel()
	s := start(t, knowing(t, nil, words...), nil)
	texts := []string{"proton beam", "क़लम 🚀 है।", "", " \n "}
	b, _ := json.Marshal(map[string]any{"text": texts, "target_lang": "HI", "show_billed_characters": false})
	for i, got := range deeplTexts(t, s.post(t, "/v2/translate", string(b))) {
		if got.Billed == nil || *got.Billed != utf8.RuneCountInString(texts[i]) {
			t.Errorf("%q: %v", texts[i], got.Billed)
		}
	}
}

// As many texts as a request may have come back in order; one more is too many.
func TestDeepLManyTexts(t *testing.T) {
	t.Parallel()
	s := start(t, knowing(t, nil, words...), nil)
	request := func(n int) string {
		v := url.Values{"target_lang": {"HI"}, "source_lang": {"EN"}}
		for i := range n {
			v.Add("text", strconv.Itoa(i))
		}
		v["text"][n/2] = "proton beam"
		return v.Encode()
	}
	got := deeplTexts(t, s.do(t, "POST", "/v2/translate", request(1024), "Content-Type", form))
	for i, g := range got {
		if want := strconv.Itoa(i); g.Text != want && i != 512 {
			t.Fatalf("text %d: %q", i, g.Text)
		}
	}
	if len(got) != 1024 || got[512].Text != "प्रोटॉन किरण" {
		t.Errorf("%d texts", len(got))
	}
	if r := s.do(t, "POST", "/v2/translate", request(1025), "Content-Type", form); r.status != 413 || !strings.Contains(deeplRefusal(t, r), "1024") {
		t.Errorf("%d %s", r.status, r.body)
	}
}

// told is what of a request reaches the model.
type told struct {
	Register, Address string
	Instructions      []string
	Context           struct{ Background string }
	Segments          map[string]string
}

// What the parameters mean for the model.
func TestDeepLTellsTheModel(t *testing.T) {
	t.Parallel()
	asked := make(chan told, 9)
	model := knowing(t, nil, words...)
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var b bytes.Buffer
		var call struct{ Messages []struct{ Content string } }
		var what told
		json.NewDecoder(io.TeeReader(r.Body, &b)).Decode(&call)
		json.Unmarshal([]byte(call.Messages[len(call.Messages)-1].Content), &what)
		asked <- what
		r.Body = io.NopCloser(&b)
		model.ServeHTTP(w, r)
	}), nil)
	ten := []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}
	british, american := "Use British spelling and vocabulary (colour, organise, lorry).", "Use American spelling and vocabulary (color, organize, truck)."
	for _, row := range []struct {
		name, text string
		fields     map[string]any
		want       told
	}{
		{"nothing", "proton beam", map[string]any{"target_lang": "HI"}, told{Register: "news"}},
		{"more", "proton beam", map[string]any{"target_lang": "HI", "formality": "more"}, told{Register: "formal", Address: "aap"}},
		{"less", "proton beam", map[string]any{"target_lang": "HI", "formality": "LESS"}, told{Register: "colloquial", Address: "tum"}},
		{"rather more, in news", "proton beam", map[string]any{"target_lang": "HI", "formality": "prefer_more", "register": "news"}, told{Register: "news", Address: "aap"}},
		{"the usual", "It is raining.", map[string]any{"target_lang": "HI", "formality": "default"}, told{Register: "news"}},
		{"a context", "proton beam", map[string]any{"target_lang": "HI", "context": "of physics"}, told{Register: "news", Context: struct{ Background string }{"of physics"}}},
		{"wishes", "proton beam", map[string]any{"target_lang": "HI", "custom_instructions": []string{"a, b", "c"}}, told{Register: "news", Instructions: []string{"a, b", "c"}}},
		{"British English", "प्रोटॉन किरण", map[string]any{"target_lang": "EN-GB"}, told{Register: "news", Instructions: []string{british}}},
		{"American English and a wish", "प्रोटॉन किरण", map[string]any{"target_lang": "EN-US", "custom_instructions": "a"}, told{Register: "news", Instructions: []string{"a", american}}},
		{"British English and ten wishes", "प्रोटॉन किरण", map[string]any{"target_lang": "EN-GB", "custom_instructions": ten}, told{Register: "news", Instructions: ten}},
		{"any English", "प्रोटॉन किरण", map[string]any{"target_lang": "EN"}, told{Register: "news"}},
	} {
		row.fields["text"] = row.text
		b, _ := json.Marshal(row.fields)
		got := deeplTexts(t, s.post(t, "/v2/translate", string(b)))
		select {
		case what := <-asked:
			row.want.Segments = map[string]string{"1": row.text}
			if !reflect.DeepEqual(what, row.want) {
				t.Errorf("%s: %+v, not %+v", row.name, what, row.want)
			}
		default:
			t.Errorf("%s: the model was not asked: %+v", row.name, got)
		}
	}
}

// Tags stay where they are, and what stands in some of them is not translated.
func TestDeepLMarkup(t *testing.T) {
	t.Parallel()
	s := start(t, knowing(t, nil, words...), nil)
	for _, row := range []struct {
		name, text string
		fields     map[string]any
		want       string
	}{
		{"HTML", "<h1>proton beam</h1>\n<p class=x>It is raining.<br></p><!-- a --><p translate=no>proton beam</p>", map[string]any{"tag_handling": "html", "tag_handling_version": "v2"}, "<h1>प्रोटॉन किरण</h1>\n<p class=x>बारिश हो रही है।<br></p><!-- a --><p translate=no>proton beam</p>"},
		{"XML", "<a><b>proton beam</b><raw>proton beam</raw></a>", map[string]any{"tag_handling": "xml", "ignore_tags": "x,raw"}, "<a><b>प्रोटॉन किरण</b><raw>proton beam</raw></a>"},
		{"XML, parted by names", "<a>proton beam<b>It is raining.</b></a>", map[string]any{"tag_handling": "xml", "outline_detection": false, "splitting_tags": []string{"b"}}, "<a>प्रोटॉन किरण<b>बारिश हो रही है।</b></a>"},
		{"a document type", "\n<!DOCTYPE html>\n<html>\n  <body>\n   <p>It is raining.</p>\n  </body>\n</html>\n", map[string]any{"tag_handling": "xml"}, "\n<!DOCTYPE html>\n<html>\n  <body>\n   <p>बारिश हो रही है।</p>\n  </body>\n</html>\n"},
	} {
		row.fields["text"], row.fields["target_lang"], row.fields["source_lang"] = row.text, "HI", "EN"
		b, _ := json.Marshal(row.fields)
		r := s.post(t, "/v2/translate", string(b))
		if got := deeplTexts(t, r); got[0].Text != row.want || *got[0].Billed != utf8.RuneCountInString(row.text) {
			t.Errorf("%s: %q, not %q", row.name, got[0].Text, row.want)
		}
	}
	if r := s.post(t, "/v2/translate", `{"text":["proton beam","<a>proton beam</b>"],"target_lang":"HI","source_lang":"EN","tag_handling":"xml"}`); r.status != 400 || !strings.Contains(deeplRefusal(t, r), "text 1") {
		t.Errorf("%d %s", r.status, r.body)
	}
}

// A preference is no error where a language has one form of address.
func TestDeepLFormalityOfEnglish(t *testing.T) {
	t.Parallel()
	s := start(t, knowing(t, nil, words...), nil)
	for _, f := range []string{"default", "prefer_more", "prefer_less", "Prefer_Less"} {
		r := s.post(t, "/v2/translate", fmt.Sprintf(`{"text":"प्रोटॉन किरण","target_lang":"EN-US","formality":%q}`, f))
		if got := deeplTexts(t, r); got[0].Text != "proton beam" {
			t.Errorf("%s: %s", f, r.body)
		}
	}
	if n := s.calls.Load(); n != 1 {
		t.Errorf("%d calls to the model: a preference has changed what is asked", n)
	}
}

// When one text fails, the request does, so that a client asks again; what came
// through is not asked for again.
func TestDeepLFailsWhole(t *testing.T) {
	t.Parallel()
	broken := true
	model := knowing(t, nil, words...)
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var b bytes.Buffer
		b.ReadFrom(r.Body)
		if broken && strings.Contains(b.String(), "raining") {
			http.Error(w, `{"error":{"message":"no"}}`, http.StatusInternalServerError)
			return
		}
		r.Body = http.NoBody
		r2 := r.Clone(r.Context())
		r2.Body = nopCloser{&b}
		model.ServeHTTP(w, r2)
	}), nil)
	const first, both = `{"text":["proton beam"],"target_lang":"HI"}`, `{"text":["proton beam","It is raining."],"target_lang":"HI"}`
	deeplTexts(t, s.post(t, "/v2/translate", first))
	r := s.post(t, "/v2/translate", both)
	if m := deeplRefusal(t, r); r.status != 503 || !strings.Contains(m, "text 1") || r.header.Get("Retry-After") == "" {
		t.Errorf("%d %s", r.status, r.body)
	}
	broken = false
	if got := deeplTexts(t, s.post(t, "/v2/translate", both)); got[0].Text != "प्रोटॉन किरण" || got[1].Text != "बारिश हो रही है।" {
		t.Errorf("%+v", got)
	}
	if n := s.calls.Load(); n != 3 {
		t.Errorf("%d calls to the model", n)
	}
}

type nopCloser struct{ *bytes.Buffer }

func (nopCloser) Close() error { return nil }

// An answer that takes long begins before it is there, and is the right one: so
// that a client that waits 5 s for a byte asks once. The server lives on.
func TestDeepLSlowModel(t *testing.T) {
	t.Parallel()
	answer := make(chan struct{})
	model := knowing(t, nil, words...)
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-answer
		model.ServeHTTP(w, r)
	}), func(c *httpapi.Config) { c.HeartbeatAfter, c.HeartbeatEvery = 5*time.Millisecond, 2*time.Millisecond })
	resp, err := http.PostForm(s.url+"/v2/translate", url.Values{"text": {"proton beam"}, "target_lang": {"HI"}})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	blank := make([]byte, 2)
	if _, err := io.ReadFull(resp.Body, blank); err != nil || string(blank) != "  " || resp.StatusCode != 200 {
		t.Fatalf("%d %q %v", resp.StatusCode, blank, err)
	}
	close(answer)
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got := deeplTexts(t, reply{200, resp.Header, b}); got[0].Text != "प्रोटॉन किरण" || s.calls.Load() != 1 {
			t.Errorf("%s after %d calls", b, s.calls.Load())
		}
		b = s.post(t, "/v2/translate", `{"text":"proton beam","target_lang":"HI"}`).body
	}
}

// What an editor should know of a text stands beside it, where there is something
// to know: above all that no real model is set.
func TestDeepLWarnings(t *testing.T) {
	t.Parallel()
	const request = `{"text":"proton beam","target_lang":"HI"}`
	if r := start(t, knowing(t, nil, words...), nil).post(t, "/v2/translate", request); bytes.Contains(r.body, []byte("warnings")) {
		t.Errorf("warnings where there are none: %s", r.body)
	}
	upstream := httptest.NewServer(demo(t))
	t.Cleanup(upstream.Close)
	u, err := llm.New(llm.Config{BaseURL: upstream.URL + "/v1", Model: "demo"})
	if err != nil {
		t.Fatal(err)
	}
	g := gateway.New(gateway.Config{Upstreams: []*llm.Upstream{u}, Demo: true})
	t.Cleanup(func() { g.Close(context.Background()) })
	s := start(t, demo(t), func(c *httpapi.Config) { c.Gateway = g })
	if got := deeplTexts(t, s.post(t, "/v2/translate", request)); len(got[0].Warnings) == 0 || got[0].Warnings[0].Code != "demo_model" || got[0].Warnings[0].Message == "" {
		t.Errorf("%+v", got)
	}
}

// Whatever is sent, the answer is JSON, with a message when it is an error, and
// the fault is never called ours.
func FuzzDeepL(f *testing.F) {
	f.Add("application/json", `{"text":["a"],"target_lang":"HI","x":{"y":[1]}}`)
	f.Add(form, "text=a&text=b&target_lang=hi&ignore_tags=a,b&tag_handling=xml")
	f.Add("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\na\r\n--b\r\nContent-Disposition: form-data; name=\"target_lang\"\r\n\r\nHI\r\n--b--\r\n")
	f.Add("", `{"text":"<b>a</b>","tag_handling":"html","target_lang":"HI","split_sentences":0}`)
	f.Add("text/plain", "\x00")
	s := start(f, demo(f), nil)
	f.Fuzz(func(t *testing.T, contentType, body string) {
		if strings.ContainsFunc(contentType, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Skip("no header")
		}
		r := s.do(t, "POST", "/v2/translate", body, "Content-Type", contentType)
		switch {
		case r.status == 200:
			deeplTexts(t, r)
		case r.status == 500:
			t.Errorf("%d %s", r.status, r.body)
		default: // 503: what the model made of it failed the checks
			deeplRefusal(t, r)
		}
	})
}
