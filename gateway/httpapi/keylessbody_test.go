package httpapi_test

import (
	"strings"
	"testing"

	"dubhashi/gateway/httpapi"
)

// A body that is kept in memory before its sender is known is a short one.
func TestBodyWithoutAKey(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), func(c *httpapi.Config) { c.Keys, c.MaxBody = keys(t), 64<<10 })
	long := fields("name", "x", "source_lang", "hi", "target_lang", "en", "entries", strings.Repeat("x", 100<<10))
	for _, row := range []struct {
		key    string
		status int
	}{{"", 413}, {"DeepL-Auth-Key wrong-secret", 403}, {"DeepL-Auth-Key first-secret", 503}} { // 503: no store
		if r := s.do(t, "POST", "/v2/glossaries", long, "Content-Type", formType, "Authorization", row.key); r.status != row.status {
			t.Errorf("%q: %d %s", row.key, r.status, r.body)
		}
	}
	short := fields("auth_key", "first-secret", "name", "x", "source_lang", "hi", "target_lang", "en", "entries", "a\tb")
	if r := s.do(t, "POST", "/v2/glossaries", short, "Content-Type", formType); r.status != 503 {
		t.Errorf("a key in the body: %d %s", r.status, r.body)
	}
}
