package httpapi_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"dubhashi/gateway/httpapi"
)

// withKeys asks for one of two keys.
func withKeys(t testing.TB) func(*httpapi.Config) {
	return func(c *httpapi.Config) {
		for _, k := range []string{"mine:my-secret-key", "theirs:their-secret-key"} {
			key, err := httpapi.ParseKey(k)
			if err != nil {
				t.Fatal(err)
			}
			c.Keys = append(c.Keys, key)
		}
	}
}

// A key stands where DeepL's clients put it, now or in former times.
func TestDeepLKeys(t *testing.T) {
	t.Parallel()
	s := start(t, knowing(t, nil, words...), withKeys(t))
	parts := func(key string) (string, string) {
		return multipartBody(t, "text", "proton beam", "target_lang", "HI", "auth_key", key)
	}
	const path, fields = "/v2/translate", "text=proton+beam&target_lang=HI"
	for _, key := range []string{"my-secret-key", "my-secret-kez", ""} {
		want := 403
		if key == "my-secret-key" {
			want = 200
		}
		multi, multiType := parts(key)
		var refused []byte
		for _, row := range []struct {
			name, path, body string
			header           []string
		}{
			{"DeepL's header", path, fields, []string{"Content-Type", form, "Authorization", "DeepL-Auth-Key " + key}},
			{"in another case", path, fields, []string{"Content-Type", form, "Authorization", "deepl-auth-key  " + key}},
			{"a bearer", path, fields, []string{"Content-Type", form, "Authorization", "Bearer " + key}},
			{"the query", path + "?auth_key=" + key, fields, []string{"Content-Type", form}},
			{"a form", path, fields + "&auth_key=" + key, []string{"Content-Type", form}},
			{"JSON", path, `{"text":["proton beam"],"target_lang":"HI","auth_key":"` + key + `"}`, []string{"Content-Type", "application/json"}},
			{"multipart", path, multi, []string{"Content-Type", multiType}},
			{"no request", path, `{"text":`, []string{"Content-Type", "application/json", "Authorization", "DeepL-Auth-Key " + key}},
		} {
			r := s.do(t, "POST", row.path, row.body, row.header...)
			switch {
			case row.name == "no request" && want == 200:
				want = 400
			case want == 403 && refused == nil:
				refused = r.body
			case want == 403 && !bytes.Equal(r.body, refused):
				t.Errorf("%q in %s: %s, not %s", key, row.name, r.body, refused)
			}
			if r.status != want {
				t.Errorf("%q in %s: %d %s", key, row.name, r.status, r.body)
			}
			if want == 403 && !strings.HasPrefix(deeplRefusal(t, r), "Authorization failure") {
				t.Errorf("%q in %s: %s", key, row.name, r.body)
			}
		}
	}
	for _, row := range []struct{ method, path string }{
		{"GET", "/v2/translate"}, {"POST", "/v2/translate"}, {"GET", "/v2/usage"}, {"POST", "/v2/usage"}, {"GET", "/v2/languages"},
		{"POST", "/v2/languages"}, {"GET", "/v3/languages"}, {"GET", "/v3/languages/resources"}, {"POST", "/v2/document"},
		{"POST", "/v2/document/" + strings.Repeat("A", 32)}, {"POST", "/v2/document/" + strings.Repeat("A", 32) + "/result"},
		{"GET", "/v2/glossary-language-pairs"}, {"GET", "/v2/glossaries"}, {"POST", "/v2/glossaries"}, {"GET", "/v3/glossaries"}, {"POST", "/v3/glossaries"},
	} {
		if r := s.do(t, row.method, row.path, "", "Content-Type", form); r.status != 403 {
			t.Errorf("%s %s without a key: %d %s", row.method, row.path, r.status, r.body)
		}
	}
}

// Too many requests are tried again by clients, too many characters are not.
func TestDeepLLimits(t *testing.T) {
	t.Parallel()
	const request = `{"text":"proton beam","target_lang":"HI"}`
	s := start(t, knowing(t, nil, words...), func(c *httpapi.Config) { c.Limits.DailyChars = 30 })
	usage := func() string { return string(s.do(t, "GET", "/v2/usage", "").body) }
	for _, row := range []struct {
		body   string
		status int
		used   int
	}{
		{request, 200, 11}, {request, 200, 22}, {request, 456, 22}, {`{"text":"proton beam","target_lang":"XX"}`, 400, 22},
		{`{"text":["proton","b"],"target_lang":"EN","source_lang":"EN"}`, 200, 29}, {`{"text":"ab","target_lang":"EN"}`, 456, 29},
	} {
		r := s.post(t, "/v2/translate", row.body)
		if r.status != row.status {
			t.Errorf("%s: %d %s", row.body, r.status, r.body)
		}
		if r.status == 456 && deeplRefusal(t, r) != "Quota for this billing period has been exceeded. The period is a day (UTC); see /v2/usage." {
			t.Errorf("%s", r.body)
		}
		if u := usage(); u != fmt.Sprintf(`{"character_count":%d,"character_limit":30}`, row.used) {
			t.Errorf("after %s: %s", row.body, u)
		}
	}
	s = start(t, knowing(t, nil, words...), func(c *httpapi.Config) { c.Limits.Requests = 1 })
	s.post(t, "/v2/translate", request)
	if r := s.post(t, "/v2/translate", request); r.status != 429 || r.header.Get("Retry-After") == "" || deeplRefusal(t, r) == "" {
		t.Errorf("%d %v %s", r.status, r.header, r.body)
	}
	if u := usage(); u != `{"character_count":11,"character_limit":1000000000000}` {
		t.Error(u)
	}
}
