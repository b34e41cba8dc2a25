package httpapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"dubhashi/gateway"
	"dubhashi/gateway/httpapi"
	"dubhashi/gateway/simulator"
)

const (
	ferryHindi   = "नाव सोमवार को 40 लोगों को लेकर लौटी।"
	ferryEnglish = "The ferry came back on Monday with 40 people."
	ferryOther   = "On Monday the ferry returned carrying 40 people."
	marketHindi  = "मंडी आज बंद है।"
	marketEng    = "The market is closed today."
)

// translator is the stand-in model with a few texts in its memory.
func translator(t testing.TB) http.Handler {
	t.Helper()
	sim, err := simulator.New(simulator.Config{Memory: []simulator.Pair{
		{Hindi: ferryHindi, English: ferryEnglish}, {Hindi: ferryHindi, English: ferryOther}, {Hindi: marketHindi, English: marketEng},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return sim
}

// surface is start with no white space before an answer, however busy the
// machine is.
func surface(t testing.TB, model http.Handler, change func(*httpapi.Config)) *server {
	t.Helper()
	return start(t, model, func(c *httpapi.Config) {
		c.HeartbeatAfter = time.Hour
		if change != nil {
			change(c)
		}
	})
}

const (
	formType = "application/x-www-form-urlencoded"
	jsonBody = "application/json"
)

// fields is names and values as a form's body.
func fields(pairs ...string) string {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v.Encode()
}

// sure is decoded JSON with every confidence above 50 as 99.
func sure(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name := range v {
			if c, ok := v[name].(float64); ok && name == "confidence" && c > 50 && c <= 100 {
				v[name] = 99.0
			}
			v[name] = sure(v[name])
		}
	case []any:
		for i := range v {
			v[i] = sure(v[i])
		}
	}
	return v
}

// same compares JSON; any real confidence is 99.
func same(t *testing.T, name string, r reply, status int, want string) {
	t.Helper()
	var a, b any
	if err := json.Unmarshal(r.body, &a); err != nil {
		t.Errorf("%s: %d %q: %v", name, r.status, r.body, err)
		return
	}
	if err := json.Unmarshal([]byte(want), &b); err != nil {
		t.Fatalf("%s: the wanted answer: %v", name, err)
	}
	if r.status != status || !reflect.DeepEqual(sure(a), b) {
		t.Errorf("%s: %d %s, want %d %s", name, r.status, r.body, status, want)
	}
	if got := r.header.Get("Access-Control-Allow-Origin"); got != "*" || r.header.Get("Content-Length") == "" || !strings.HasPrefix(r.header.Get("Content-Type"), jsonBody) {
		t.Errorf("%s: headers %v", name, r.header)
	}
}

func TestLibreTranslateAnswers(t *testing.T) {
	t.Parallel()
	s := surface(t, translator(t), nil)
	var parts bytes.Buffer
	w := multipart.NewWriter(&parts)
	_ = w.WriteField("q", ferryHindi)
	_ = w.WriteField("source", "hi")
	_ = w.WriteField("target", "en")
	file, _ := w.CreateFormFile("q2", "x.txt")
	fmt.Fprint(file, "not a field")
	_ = w.Close()
	en, hi := `{"translatedText":"`+ferryEnglish+`"}`, `{"translatedText":"`+ferryHindi+`"}`
	for _, row := range []struct{ name, path, kind, body, want string }{
		{"a form", "/translate", formType, fields("q", ferryHindi, "source", "hi", "target", "en"), en},
		{"a form, the other way", "/translate", formType, fields("q", ferryEnglish, "source", "en", "target", "hi", "format", "text"), hi},
		{"JSON", "/translate", jsonBody, `{"q":"` + ferryHindi + `","source":"hi","target":"en"}`, en},
		{"JSON of another type, with unknown fields and nulls", "/translate", "application/vnd.x+json; charset=utf-8", `{"q":"` + ferryHindi + `","source":"hi","target":"en","format":null,"alternatives":null,"api_key":null,"Q":1,"secret":[],"x":{}}`, en},
		{"a multipart form", "/translate", w.FormDataContentType(), parts.String(), en},
		{"the query", "/translate?" + fields("q", ferryHindi, "source", "hi", "target", "en"), "", "", en},
		{"the query wins over the form", "/translate?target=en", formType, fields("q", ferryHindi, "source", "hi", "target", "zz"), en},
		{"JSON wins over the query", "/translate?q=x&target=zz", jsonBody, `{"q":"` + ferryHindi + `","source":"hi","target":"en"}`, en},
		{"the first of a name", "/translate", formType, fields("q", ferryHindi, "source", "hi", "target", "en") + "&" + fields("q", marketHindi), en},
		{"codes in capitals", "/translate", formType, fields("q", ferryHindi, "source", "HI", "target", "En"), en},
		{"a trailing slash", "/translate/", formType, fields("q", ferryHindi, "source", "hi", "target", "en"), en},
		{"line ends of a form", "/translate", formType, fields("q", ferryHindi+"\r\n\r\n"+marketHindi+"\r", "source", "hi", "target", "en"), `{"translatedText":"` + ferryEnglish + `\n\n` + marketEng + `\n"}`},
		{"line ends of JSON", "/translate", jsonBody, `{"q":"` + ferryHindi + `\r\n` + marketHindi + `","source":"hi","target":"en"}`, `{"translatedText":"` + ferryEnglish + `\r\n` + marketEng + `"}`},
		{"several texts", "/translate", jsonBody, `{"q":["` + ferryHindi + `","","` + marketHindi + `"],"source":"hi","target":"en"}`, `{"translatedText":["` + ferryEnglish + `","","` + marketEng + `"]}`},
		{"an array of one", "/translate", jsonBody, `{"q":["` + marketHindi + `"],"source":"hi","target":"en"}`, `{"translatedText":["` + marketEng + `"]}`},
		{"into its own language", "/translate", formType, fields("q", " Hello\n", "source", "en", "target", "en"), `{"translatedText":" Hello\n"}`},
		{"into its own language, detected", "/translate", jsonBody, `{"q":["` + marketHindi + `","` + ferryEnglish + `"],"source":"auto","target":"hi","alternatives":1}`,
			`{"translatedText":["` + marketHindi + `","` + ferryHindi + `"],"detectedLanguage":[{"confidence":99,"language":"hi"},{"confidence":99,"language":"en"}],"alternatives":[[],[]]}`},
		{"emoji", "/translate", formType, fields("q", "😀 👍🏽", "source", "en", "target", "hi"), `{"translatedText":"😀 👍🏽"}`},
		{"emoji, detected", "/translate", formType, fields("q", "😀", "source", "auto", "target", "hi"), `{"translatedText":"😀","detectedLanguage":{"confidence":0,"language":"en"}}`},
		{"another language among others", "/translate", jsonBody, `{"q":["Das Wetter ist heute sehr schön und wir gehen in den Garten.","` + ferryHindi + `"],"source":"auto","target":"en"}`,
			`{"translatedText":["Das Wetter ist heute sehr schön und wir gehen in den Garten.","` + ferryEnglish + `"],"detectedLanguage":[{"confidence":0,"language":"en"},{"confidence":99,"language":"hi"}]}`},
		{"an alternative", "/translate", formType, fields("q", ferryHindi, "source", "hi", "target", "en", "alternatives", "3"), `{"translatedText":"` + ferryEnglish + `","alternatives":["` + ferryOther + `"]}`},
		{"alternatives for each of several", "/translate", jsonBody, `{"q":["` + ferryHindi + `","` + marketHindi + `"],"source":"hi","target":"en","alternatives":"2"}`, `{"translatedText":["` + ferryEnglish + `","` + marketEng + `"],"alternatives":[["` + ferryOther + `"],[]]}`},
		{"no number of alternatives", "/translate", jsonBody, `{"q":"` + marketHindi + `","source":"hi","target":"en","alternatives":-3}`, `{"translatedText":"` + marketEng + `"}`},
		{"too many alternatives are as many as there are", "/translate", jsonBody, `{"q":"` + ferryHindi + `","source":"hi","target":"en","alternatives":1000}`, `{"translatedText":"` + ferryEnglish + `","alternatives":["` + ferryOther + `"]}`},
		{"HTML", "/translate", formType, fields("q", `<div class="a">`+"\n  <p>"+ferryHindi+`</p><!-- x --><br><p title="x">`+marketHindi+`</p></div>`, "source", "hi", "target", "en", "format", "html"),
			`{"translatedText":"<div class=\"a\">\n  <p>` + ferryEnglish + `</p><!-- x --><br><p title=\"x\">` + marketEng + `</p></div>"}`},
		{"HTML, detected by its text", "/translate", jsonBody, `{"q":["<section data-language=english><em>` + marketHindi + `</em></section>"],"source":"auto","target":"en","format":"html","alternatives":1}`,
			`{"translatedText":["<section data-language=english><em>` + marketEng + `</em></section>"],"detectedLanguage":[{"confidence":99,"language":"hi"}],"alternatives":[[]]}`},
		{"text that looks like HTML", "/translate", jsonBody, `{"q":"<p>42</p>","source":"hi","target":"hi","format":"text"}`, `{"translatedText":"<p>42</p>"}`},
		{"a stray % in a form", "/translate", formType, "q=100%+of+%zz&source=en&target=en", `{"translatedText":"100% of %zz"}`},
	} {
		same(t, row.name, s.do(t, "POST", row.path, row.body, "Content-Type", row.kind), 200, row.want)
	}
}

func TestLibreTranslateRefuses(t *testing.T) {
	t.Parallel()
	s := surface(t, translator(t), func(c *httpapi.Config) { c.MaxBody = 1 << 20 })
	long := strings.Repeat("x ", 100_001)
	for _, row := range []struct {
		name, kind, body string
		status           int
		want             string
	}{
		{"nothing", formType, "", 400, "Invalid request: missing q parameter"},
		{"no body", "", "", 400, "Invalid request: missing q parameter"},
		{"no source", formType, fields("q", "x", "target", "zz"), 400, "Invalid request: missing source parameter"},
		{"no target", formType, fields("q", "x", "source", "zz"), 400, "Invalid request: missing target parameter"},
		{"an empty array", jsonBody, `{"q":[],"source":"en","target":"hi"}`, 400, "Invalid request: missing q parameter"},
		{"null", jsonBody, `{"q":null,"source":"en","target":"hi"}`, 400, "Invalid request: missing q parameter"},
		{"an unknown target", formType, fields("q", "x", "source", "en", "target", "zz"), 400, "zz is not supported"},
		{"an unknown source", formType, fields("q", "x", "source", "ZZ", "target", "hi"), 400, "zz is not supported"},
		{"auto as target", formType, fields("q", "x", "source", "en", "target", "auto"), 400, "auto is not supported"},
		{"an unknown format", formType, fields("q", "x", "source", "en", "target", "hi", "format", "xml"), 400, "xml format is not supported"},
		{"alternatives in words", formType, fields("q", "x", "source", "en", "target", "hi", "alternatives", "three"), 400, "Invalid request: alternatives parameter is not a number"},
		{"alternatives true", jsonBody, `{"q":"x","source":"en","target":"hi","alternatives":true}`, 400, "Invalid request: alternatives parameter is not a number"},
		{"no object", jsonBody, `["q"]`, 400, "Invalid JSON format"},
		{"no JSON", jsonBody, `{"q":`, 400, "Invalid JSON format"},
		{"JSON null", jsonBody, `null`, 400, "Invalid JSON format"},
		{"half a surrogate", jsonBody, `{"q":"\ud83d","source":"en","target":"hi"}`, 400, "Invalid JSON format"},
		{"a number for a text", jsonBody, `{"q":5,"source":"en","target":"hi"}`, 400, "Invalid request: q parameter is not a string"},
		{"a number among texts", jsonBody, `{"q":["x",5],"source":"en","target":"hi"}`, 400, "Invalid request: q parameter is not a string or an array of strings"},
		{"null among texts", jsonBody, `{"q":["x",null],"source":"en","target":"hi"}`, 400, "Invalid request: q parameter is not a string or an array of strings"},
		{"NUL", formType, fields("q", "x\x00", "source", "en", "target", "hi"), 400, "Invalid request: q parameter holds a NUL character"},
		{"no UTF-8", formType, "q=%ff&source=en&target=hi", 400, "Invalid request: q parameter is not valid UTF-8"},
		{"a broken multipart form", "multipart/form-data; boundary=x", "--x\r\nContent-Disp", 400, "Invalid request: the multipart form can not be read"},
		{"too long", formType, fields("q", long, "source", "en", "target", "hi"), 400, "Invalid request: request (200002) exceeds text limit (200000)"},
		{"another language", formType, fields("q", "Das Wetter ist heute sehr schön und wir gehen in den Garten.", "source", "auto", "target", "hi"), 400, "Invalid request: the text is neither Hindi nor English; if it is, say which in source"},
		{"a body too large", formType, fields("q", strings.Repeat("x ", 1<<20), "source", "en", "target", "hi"), 413, "the body is larger than the 1 MiB allowed; send a shorter article, or raise DUBHASHI_MAX_BODY"},
	} {
		want, _ := json.Marshal(map[string]string{"error": row.want})
		same(t, row.name, s.do(t, "POST", "/translate", row.body, "Content-Type", row.kind), row.status, string(want))
	}
	if r := s.do(t, "POST", "/translate", "x", "Content-Type", formType, "Content-Encoding", "gzip"); r.status != 415 || !bytes.Contains(r.body, []byte(`{"error":`)) {
		t.Errorf("compressed: %d %s", r.status, r.body)
	}
	if n := s.calls.Load(); n != 0 {
		t.Errorf("%d calls to the model", n)
	}
}

// A batch has no bound of its own: it takes several calls of the gateway.
func TestLibreTranslateLargeBatch(t *testing.T) {
	t.Parallel()
	s := surface(t, translator(t), nil)
	list := make([]string, gateway.MaxTexts+5)
	for i := range list {
		list[i] = fmt.Sprint(i)
	}
	list[0], list[len(list)-1] = ferryHindi, strings.Repeat(marketHindi+"\n", 3)
	b, _ := json.Marshal(map[string]any{"q": list, "source": "hi", "target": "en"})
	r := s.do(t, "POST", "/translate", string(b), "Content-Type", jsonBody)
	var out struct{ TranslatedText []string }
	if err := json.Unmarshal(r.body, &out); err != nil || r.status != 200 || len(out.TranslatedText) != len(list) {
		t.Fatalf("%d %.200s: %v", r.status, r.body, err)
	}
	if out.TranslatedText[0] != ferryEnglish || out.TranslatedText[len(list)-2] != list[len(list)-2] || out.TranslatedText[len(list)-1] != strings.Repeat(marketEng+"\n", 3) {
		t.Errorf("%q … %q", out.TranslatedText[:2], out.TranslatedText[len(list)-2:])
	}
	long := strings.Repeat(strings.Repeat("0123456789 ", 200)+"\n", 46) + marketEng // two together are over what one call may have, and none is
	b, _ = json.Marshal(map[string]any{"q": []string{long, long}, "source": "en", "target": "hi"})
	if r := s.do(t, "POST", "/translate", string(b), "Content-Type", jsonBody); r.status != 200 || bytes.Count(r.body, []byte(marketHindi)) != 2 {
		t.Errorf("%d %.200s", r.status, r.body)
	}
}

func TestLibreDetect(t *testing.T) {
	t.Parallel()
	s := surface(t, translator(t), nil)
	for _, row := range []struct{ name, kind, body, first string }{
		{"Hindi", formType, fields("q", ferryHindi), "hi"},
		{"Hindi in Latin letters", formType, fields("q", "aaj mausam bahut accha hai aur hum bahar ja rahe hain"), "hi"},
		{"English", jsonBody, `{"q":"This is an English sentence for detection","api_key":"x"}`, "en"},
		{"several, the most text first", jsonBody, `{"q":["Hello there, how are you?","` + ferryHindi + `","` + ferryHindi + ferryHindi + `"]}`, "hi"},
	} {
		r := s.do(t, "POST", "/detect", row.body, "Content-Type", row.kind)
		var out []struct {
			Confidence float64
			Language   string
		}
		if err := json.Unmarshal(r.body, &out); err != nil || r.status != 200 || len(out) == 0 || out[0].Language != row.first || out[0].Confidence <= 50 || out[0].Confidence > 100 {
			t.Errorf("%s: %d %s", row.name, r.status, r.body)
		}
	}
	same(t, "nothing to go by", s.do(t, "POST", "/detect", fields("q", "😀"), "Content-Type", formType), 200, `[{"confidence":0,"language":"en"}]`)
	same(t, "another language", s.do(t, "POST", "/detect", fields("q", "Das Wetter ist heute sehr schön und wir gehen."), "Content-Type", formType), 200, `[{"confidence":0,"language":"en"}]`)
	same(t, "nothing", s.do(t, "POST", "/detect", ""), 400, `{"error":"Invalid request: missing q parameter"}`)
}

func TestLibreMeta(t *testing.T) {
	t.Parallel()
	s := surface(t, translator(t), nil)
	key := []string{"Content-Type", formType} // the Python client sends its key with a GET
	same(t, "languages", s.do(t, "GET", "/languages", fields("api_key", "k"), key...), 200, `[{"code":"en","name":"English","targets":["en","hi"]},{"code":"hi","name":"Hindi","targets":["en","hi"]}]`)
	same(t, "settings", s.do(t, "GET", "/frontend/settings", ""), 200, `{"charLimit":200000,"frontendTimeout":500,"apiKeys":false,"keyRequired":false,"suggestions":false,"filesTranslation":false,"supportedFilesFormat":[],"language":{"source":{"code":"auto","name":"Auto Detect"},"target":{"code":"en","name":"English"}}}`)
	same(t, "health", s.do(t, "GET", "/health", ""), 200, `{"status":"ok"}`)
	same(t, "suggest", s.do(t, "POST", "/suggest", fields("q", "x", "s", "y", "source", "en", "target", "hi"), key...), 403, `{"error":"Suggestions are disabled on this server."}`)
	same(t, "a file", s.do(t, "POST", "/translate_file", "x", "Content-Type", "multipart/form-data; boundary=x"), 403, `{"error":"Files translation are disabled on this server."}`)
	for _, row := range [][2]string{
		{"GET", "/translate"}, {"PUT", "/translate"}, {"GET", "/detect"}, {"DELETE", "/detect"}, {"POST", "/languages"}, {"POST", "/health"},
		{"POST", "/spec"}, {"POST", "/frontend/settings"}, {"GET", "/suggest"}, {"GET", "/translate_file"},
	} {
		same(t, row[0]+" "+row[1], s.do(t, row[0], row[1], ""), 405, `{"error":"Method not allowed"}`)
	}
	for _, path := range []string{"/translate", "/detect", "/languages"} {
		r := s.do(t, "OPTIONS", path, "", "Origin", "https://example.org", "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type")
		if r.status != 204 || r.header.Get("Access-Control-Allow-Origin") != "*" || r.header.Get("Access-Control-Allow-Methods") != "GET, POST" || !strings.Contains(r.header.Get("Access-Control-Allow-Headers"), "Content-Type") {
			t.Errorf("OPTIONS %s: %d %v", path, r.status, r.header)
		}
	}
}

// What /spec says there is, is there; and what it says of an answer holds.
func TestLibreSpec(t *testing.T) {
	t.Parallel()
	s := surface(t, translator(t), nil)
	var spec struct {
		Swagger string
		Paths   map[string]map[string]struct {
			Responses map[string]any
		}
		Definitions map[string]struct {
			Required   []string
			Properties map[string]any
		}
	}
	r := s.do(t, "GET", "/spec", "")
	if err := json.Unmarshal(r.body, &spec); err != nil || r.status != 200 || spec.Swagger != "2.0" || len(spec.Paths) != 8 {
		t.Fatalf("%d %.100s: %v", r.status, r.body, err)
	}
	for path, methods := range spec.Paths {
		for method, op := range methods {
			r := s.do(t, strings.ToUpper(method), path, fields("q", marketHindi, "source", "hi", "target", "en"), "Content-Type", formType)
			if _, ok := op.Responses[fmt.Sprint(r.status)]; !ok || r.status == 404 || r.status == 405 {
				t.Errorf("%s %s: %d is not among %v", method, path, r.status, op.Responses)
			}
		}
	}
	r = s.do(t, "GET", "/frontend/settings", "")
	settings := map[string]any{}
	if err := json.Unmarshal(r.body, &settings); err != nil {
		t.Fatal(err)
	}
	for name := range settings {
		if _, ok := spec.Definitions["Settings"].Properties[name]; !ok {
			t.Errorf("the spec does not know the setting %s", name)
		}
	}
	if len(settings) != len(spec.Definitions["Settings"].Required) {
		t.Errorf("%d settings, %d in the spec", len(settings), len(spec.Definitions["Settings"].Required))
	}
}

// What fails behind the surface is told in its form, and not as a short answer.
func TestLibreFailures(t *testing.T) {
	t.Parallel()
	down := surface(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }), nil)
	q := fields("q", marketHindi, "source", "hi", "target", "en")
	same(t, "the model is down", down.do(t, "POST", "/translate", q, "Content-Type", formType), 502, `{"error":"Cannot translate text: the model's server answered with status 500 and no usable text; ask again later"}`)
	one := surface(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var b bytes.Buffer
		_, _ = b.ReadFrom(r.Body)
		if bytes.Contains(b.Bytes(), []byte("मंडी")) {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		r.Body = http.NoBody
		w.WriteHeader(http.StatusBadRequest)
	}), nil)
	if r := one.do(t, "POST", "/translate", `{"q":["`+marketHindi+`","😀"],"source":"hi","target":"en"}`, "Content-Type", jsonBody); r.status != 502 || !bytes.HasPrefix(r.body, []byte(`{"error":"Cannot translate text: `)) {
		t.Errorf("a part is missing: %d %s", r.status, r.body)
	}
	full := surface(t, translator(t), func(c *httpapi.Config) { c.MaxRequests = 0 })
	if r := full.do(t, "POST", "/translate", q, "Content-Type", formType); r.status != 503 || r.header.Get("Retry-After") == "" || !bytes.HasPrefix(r.body, []byte(`{"error":"`)) {
		t.Errorf("full: %d %s %v", r.status, r.body, r.header)
	}
}

func FuzzLibreTranslate(f *testing.F) {
	for _, seed := range [][2]string{
		{formType, "q=a%20b&source=auto&target=hi&alternatives=2"}, {formType, "q=%&&=&%zz=%1&target"}, {"multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=q\r\n\r\nहाँ\r\n--x--"},
		{jsonBody, `{"q":["x","😀"],"source":"en","target":"hi","format":"text"}`}, {jsonBody, `{"q":{"a":[]},"alternatives":1e999}`}, {"", "q"},
		{jsonBody, `{"q":"<p>x</p>","source":"auto","target":"en","format":"html","alternatives":"9"}`},
	} {
		f.Add(seed[0], seed[1])
	}
	s := surface(f, demo(f), nil)
	f.Fuzz(func(t *testing.T, kind, body string) {
		if strings.ContainsAny(kind, "\r\n\x00") || len(body) > 4<<10 {
			t.Skip()
		}
		for _, path := range []string{"/translate", "/detect"} {
			req, err := http.NewRequest("POST", s.url+path, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header["Content-Type"] = []string{kind}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Skip() // a header that the client does not send
			}
			var b bytes.Buffer
			_, _ = b.ReadFrom(resp.Body)
			_ = resp.Body.Close()
			var out any
			if err := json.Unmarshal(b.Bytes(), &out); err != nil || resp.StatusCode >= 500 {
				t.Errorf("%s: %d %q: %v", path, resp.StatusCode, b.Bytes(), err)
			}
			if fields, _ := out.(map[string]any); resp.StatusCode >= 400 && (len(fields) != 1 || fields["error"] == "") {
				t.Errorf("%s: %d %s", path, resp.StatusCode, b.Bytes())
			}
		}
	})
}

// A key stands in the field api_key, wherever the fields stand, or in the
// header; what only reads is open.
func TestLibreKeys(t *testing.T) {
	t.Parallel()
	key, err := httpapi.ParseKey("app:a-good-key")
	if err != nil {
		t.Fatal(err)
	}
	s := surface(t, translator(t), func(c *httpapi.Config) { c.Keys = []httpapi.Key{key} })
	q := []string{"q", marketHindi, "source", "hi", "target", "en"}
	good := `{"translatedText":"` + marketEng + `"}`
	none, wrong := `{"error":"Please contact the server operator to get an API key"}`, `{"error":"Invalid API key"}`
	for _, row := range []struct {
		name, path, kind, body, bearer string
		status                         int
		want                           string
	}{
		{"none", "/translate", formType, fields(q...), "", 400, none},
		{"none, and nothing else", "/translate", "", "", "", 400, none},
		{"empty", "/translate", formType, fields(append(q, "api_key", "")...), "", 400, none},
		{"null", "/translate", jsonBody, `{"api_key":null}`, "", 400, none},
		{"wrong", "/translate", formType, fields("api_key", "another-key"), "", 403, wrong},
		{"wrong in the header", "/translate", formType, fields(q...), "another-key", 403, wrong},
		{"its hash", "/translate", formType, fields(append(q, "api_key", fmt.Sprintf("%x", key.Hash))...), "", 403, wrong},
		{"in the form", "/translate", formType, fields(append(q, "api_key", "a-good-key")...), "", 200, good},
		{"in JSON", "/translate", jsonBody, `{"q":"` + marketHindi + `","source":"hi","target":"en","api_key":"a-good-key"}`, "", 200, good},
		{"in the query of a form", "/translate?api_key=a-good-key", formType, fields(q...), "", 200, good},
		{"in the header", "/translate", formType, fields(q...), "a-good-key", 200, good},
		{"the field before the header", "/translate", formType, fields(append(q, "api_key", "another-key")...), "a-good-key", 403, wrong},
		{"none to detect", "/detect", formType, fields(q...), "", 400, none},
		{"to detect", "/detect", formType, fields(append(q, "api_key", "a-good-key")...), "", 200, `[{"confidence":99,"language":"hi"}]`},
	} {
		header := []string{"Content-Type", row.kind}
		if row.bearer != "" {
			header = append(header, "Authorization", "Bearer "+row.bearer)
		}
		same(t, row.name, s.do(t, "POST", row.path, row.body, header...), row.status, row.want)
	}
	for _, path := range []string{"/languages", "/frontend/settings", "/health", "/spec"} {
		if r := s.do(t, "GET", path, ""); r.status != 200 || path == "/frontend/settings" && !bytes.Contains(r.body, []byte(`"keyRequired":true`)) {
			t.Errorf("GET %s: %d %s", path, r.status, r.body)
		}
	}
}

func TestLibreLimits(t *testing.T) {
	t.Parallel()
	s := surface(t, translator(t), func(c *httpapi.Config) { c.Limits = httpapi.Limits{Requests: 2} })
	q := fields("q", marketHindi, "source", "hi", "target", "en")
	for range 2 {
		same(t, "within", s.do(t, "POST", "/translate", q, "Content-Type", formType), 200, `{"translatedText":"`+marketEng+`"}`)
	}
	r := s.do(t, "POST", "/translate", q, "Content-Type", formType)
	same(t, "beyond", r, 429, `{"error":"Slowdown: 2 per 1 minute"}`)
	if r.header.Get("Retry-After") == "" {
		t.Errorf("headers %v", r.header)
	}
	day := surface(t, translator(t), func(c *httpapi.Config) { c.Limits = httpapi.Limits{DailyChars: 20} })
	same(t, "in its own language", day.do(t, "POST", "/translate", fields("q", strings.Repeat("x ", 99), "source", "en", "target", "en"), "Content-Type", formType), 200, `{"translatedText":"`+strings.Repeat("x ", 99)+`"}`)
	same(t, "the day's characters", day.do(t, "POST", "/translate", q, "Content-Type", formType), 200, `{"translatedText":"`+marketEng+`"}`)
	r = day.do(t, "POST", "/translate", q, "Content-Type", formType)
	if r.status != 429 || !bytes.HasPrefix(r.body, []byte(`{"error":"Slowdown: `)) || r.header.Get("Retry-After") == "" {
		t.Errorf("beyond the day's: %d %s %v", r.status, r.body, r.header)
	}
	money := surface(t, translator(t), func(c *httpapi.Config) {
		c.Limits, c.Prices = httpapi.Limits{DailyCost: 0.007}, &httpapi.Prices{In: 10, Out: 10}
	})
	if r := money.do(t, "POST", "/translate", q+"&alternatives=5", "Content-Type", formType); r.status != 429 {
		t.Errorf("other translations cost, too: %d %s", r.status, r.body)
	}
	same(t, "the text alone", money.do(t, "POST", "/translate", q, "Content-Type", formType), 200, `{"translatedText":"`+marketEng+`"}`)
}
