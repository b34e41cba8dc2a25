package httpapi_test

import (
	"regexp"
	"strings"
	"testing"

	"dubhashi/gateway/httpapi"
)

// What is wrong is told with the status that makes clients do the right thing, in
// words that their tests look for.
func TestDeepLRefusals(t *testing.T) {
	t.Parallel()
	s := start(t, knowing(t, nil, words...), func(c *httpapi.Config) { c.MaxBody = 64 << 10 })
	long := strings.Repeat("न", 301)
	for _, row := range []struct {
		name, fields string // of JSON, behind a text
		status       int
		want         string
	}{
		{"target", `"target_lang":"XX"`, 400, "Value for 'target_lang' not supported"},
		{"no target", `"x":1`, 400, "'target_lang' not specified"},
		{"target of another shape", `"target_lang":{"a":1}`, 400, "Value for 'target_lang' not supported"},
		{"source", `"target_lang":"HI","source_lang":"XX"`, 400, "Value for 'source_lang' not supported"},
		{"source with a region", `"target_lang":"HI","source_lang":"EN-GB"`, 400, "Value for 'source_lang' not supported"},
		{"no text", `"target_lang":"HI","text":[]`, 400, "'text' not specified"},
		{"text of another shape", `"target_lang":"HI","text":["a",{"b":1}]`, 400, "Value for 'text' not supported"},
		{"split_sentences", `"target_lang":"HI","split_sentences":"invalid"`, 400, "split_sentences.*0, 1, nonewlines"},
		{"preserve_formatting", `"target_lang":"HI","preserve_formatting":"yes"`, 400, "preserve_formatting"},
		{"outline_detection", `"target_lang":"HI","outline_detection":2`, 400, "outline_detection"},
		{"tag_handling", `"target_lang":"HI","tag_handling":"markdown"`, 400, "tag_handling.*html, xml"},
		{"tag_handling_version", `"target_lang":"HI","tag_handling":"xml","tag_handling_version":"v3"`, 400, "tag_handling_version"},
		{"ignore_tags", `"target_lang":"HI","tag_handling":"xml","ignore_tags":["a b"]`, 400, "ignore_tags"},
		{"formality", `"target_lang":"HI","formality":"invalid"`, 400, ".*formality"},
		{"formality of English", `"target_lang":"EN-US","formality":"more"`, 400, "Target language 'EN-US' doesn't support formality."},
		{"formality of any English", `"target_lang":"EN","formality":"less"`, 400, "Target language 'EN' doesn't support formality."},
		{"model_type", `"target_lang":"HI","model_type":"best"`, 400, "model_type"},
		{"eleven instructions", `"target_lang":"HI","custom_instructions":["1","2","3","4","5","6","7","8","9","10","11"]`, 400, "custom_instructions.*10"},
		{"a long instruction", `"target_lang":"HI","custom_instructions":["` + long + `"]`, 400, "custom_instructions.*300"},
		{"two ways to a glossary", `"target_lang":"HI","source_lang":"EN","glossary_id":"def3a26b-3e84-45b3-84ae-0c0aaf3525f7","glossary_ids":["def3a26b-3e84-45b3-84ae-0c0aaf3525f8"]`, 400, "glossary_id or glossary_ids"},
		{"a glossary without a source", `"target_lang":"HI","glossary_id":"def3a26b-3e84-45b3-84ae-0c0aaf3525f7"`, 400, "source_lang"},
		{"six glossaries", `"target_lang":"HI","source_lang":"EN","glossary_ids":"a,b,c,d,e,f"`, 400, "glossary_ids.*5"},
		{"a style", `"target_lang":"HI","style_id":"def3a26b-3e84-45b3-84ae-0c0aaf3525f7"`, 404, "style_id.*custom instructions"},
		{"a memory", `"target_lang":"HI","translation_memory_id":"x"`, 404, "translation_memory_id"},
		{"a threshold", `"target_lang":"HI","translation_memory_threshold":101`, 400, "translation_memory_threshold.*0 to 100"},
		{"our own fields", `"target_lang":"HI","numerals":"roman"`, 400, "numerals.*latin, devanagari, keep"},
		{"NUL", `"target_lang":"HI","context":"a\u0000"`, 400, "NUL"},
		{"one text of neither language", `"target_lang":"HI","text":["42","这是一个句子。"]`, 400, "neither Hindi nor English.*text\\[1\\]: the text is"},
		{"neither language", `"target_lang":"HI","text":"这是一个句子。"`, 400, "neither Hindi nor English.*source_lang"},
	} {
		r := s.post(t, "/v2/translate", `{"text":["It is raining."],`+row.fields+`}`)
		if m := deeplRefusal(t, r); r.status != row.status || !regexp.MustCompile(row.want).MatchString(m) {
			t.Errorf("%s: %d %s", row.name, r.status, r.body)
		}
	}
	for _, row := range []struct {
		name, method, path, contentType, body string
		status                                int
		want                                  string
	}{
		{"broken JSON", "POST", "/v2/translate", "application/json", `{"text":`, 400, "not valid JSON"},
		{"more than an object", "POST", "/v2/translate", "application/json", `{} {}`, 400, "behind"},
		{"no object", "POST", "/v2/translate", "application/json", `["a"]`, 400, "JSON object"},
		{"half a character", "POST", "/v2/translate", "application/json", `{"text":"\ud800","target_lang":"HI"}`, 400, "surrogate"},
		{"not UTF-8", "POST", "/v2/translate", form, "target_lang=HI&text=%ff", 400, "UTF-8"},
		{"a broken form", "POST", "/v2/translate", form, "target_lang=HI&text=%f", 400, "form"},
		{"a broken query", "POST", "/v2/translate?a=%f", form, "target_lang=HI&text=a", 400, "query"},
		{"multipart without a boundary", "POST", "/v2/translate", "multipart/form-data", "x", 400, "multipart"},
		{"multipart that ends too early", "POST", "/v2/translate", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=text\r\n\r\na", 400, "multipart"},
		{"another type", "POST", "/v2/translate", "text/csv", "a", 415, "Content-Type"},
		{"nothing", "POST", "/v2/translate", "application/json", "", 400, "not specified"},
		{"too long", "POST", "/v2/translate", form, "target_lang=HI&text=" + strings.Repeat("a", 64<<10), 413, "64 KiB"},
		{"another path", "POST", "/v2/write/rephrase", "application/json", `{"text":["a"]}`, 404, "/v2/translate"},
		{"another version", "GET", "/v3/style_rules", "", "", 404, "Not found"},
		{"type", "GET", "/v2/languages?type=both", "", "", 400, "'type'"},
		{"resource", "GET", "/v3/languages?resource=bogus", "", "", 400, "'resource'"},
		{"no resource", "GET", "/v3/languages", "", "", 400, "'resource' not specified"},
		{"its former name", "GET", "/v3/languages?product=translate_text", "", "", 400, "renamed to 'resource'"},
	} {
		r := s.do(t, row.method, row.path, row.body, "Content-Type", row.contentType)
		if m := deeplRefusal(t, r); r.status != row.status || !strings.Contains(m, row.want) {
			t.Errorf("%s: %d %s", row.name, r.status, r.body)
		}
	}
	if n := s.calls.Load(); n != 0 {
		t.Errorf("%d calls to the model", n)
	}
}
