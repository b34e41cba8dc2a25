package httpapi_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"dubhashi/gateway/httpapi"
	"dubhashi/gateway/store"
)

// A glossary is its key's alone, on every surface.
func TestGlossaryBelongsToItsKey(t *testing.T) {
	t.Parallel()
	var keys []httpapi.Key
	for _, k := range []string{"desk:desk-key-1", "wire:wire-key-1"} {
		key, err := httpapi.ParseKey(k)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
	}
	kv := keeper(t, filepath.Join(t.TempDir(), store.File))
	s := start(t, demo(t), func(c *httpapi.Config) { c.KV, c.Keys = kv, keys })
	as := func(key, method, path, body string) reply {
		scheme := "Bearer "
		if strings.HasPrefix(path, "/v2") || strings.HasPrefix(path, "/v3") {
			scheme = "DeepL-Auth-Key "
		}
		return s.do(t, method, path, body, "Content-Type", "application/json", "Authorization", scheme+key)
	}
	id := glossaryOf(t, as("desk-key-1", "POST", "/v1/glossaries", desk), 201).ID
	native := fmt.Sprintf(`{"text":"नगर निगम","glossary_id":%q}`, id)
	deepl := fmt.Sprintf(`{"text":["नगर निगम"],"source_lang":"HI","target_lang":"EN-GB","glossary_id":%q}`, id)
	for _, r := range []struct {
		method, path, body string
		own, others        int
	}{
		{"GET", "/v1/glossaries/" + id, "", 200, 404},
		{"PUT", "/v1/glossaries/" + id, desk, 200, 404},
		{"POST", "/v1/translate", native, 200, 422},
		{"POST", "/v1/articles", native, 200, 422},
		{"GET", "/v2/glossaries/" + id, "", 200, 404},
		{"GET", "/v2/glossaries/" + id + "/entries", "", 200, 404},
		{"GET", "/v3/glossaries/" + id + "/entries", "", 200, 404},
		{"PATCH", "/v3/glossaries/" + id, `{"name":"mine"}`, 200, 404},
		{"POST", "/v2/translate", deepl, 200, 404},
		{"DELETE", "/v3/glossaries/" + id + "/dictionaries?source_lang=hi&target_lang=en", "", 204, 404},
		{"DELETE", "/v1/glossaries/" + id, "", 204, 404}, // ends the row, so it comes last
	} {
		if got := as("wire-key-1", r.method, r.path, r.body); got.status != r.others {
			t.Errorf("another's %s %s: %d %s", r.method, r.path, got.status, got.body)
		}
		for path, none := range map[string]string{"/v1/glossaries": `{"glossaries":[]}`, "/v2/glossaries": `{"glossaries":[]}`, "/v3/glossaries": `{"glossaries":[]}`} {
			if got := as("wire-key-1", "GET", path, ""); string(got.body) != none {
				t.Errorf("another's list: %s", got.body)
			}
		}
		if got := as("desk-key-1", r.method, r.path, r.body); got.status != r.own {
			t.Errorf("%s %s: %d %s", r.method, r.path, got.status, got.body)
		}
	}
	for path, status := range map[string]int{"/v1/glossaries": 401, "/v2/glossaries": 403, "/v3/glossaries": 403, "/v2/glossary-language-pairs": 403} {
		if got := as("no-key", "GET", path, ""); got.status != status {
			t.Errorf("%s with a wrong key: %d", path, got.status)
		}
	}
}

// The tools take a stored glossary of their caller's, and nobody else's.
func TestToolsTakeAGlossary(t *testing.T) {
	t.Parallel()
	kv := keeper(t, filepath.Join(t.TempDir(), store.File))
	s := start(t, demo(t), func(c *httpapi.Config) { c.KV = kv; withKeys(t)(c) })
	id := glossaryOf(t, s.do(t, "POST", "/v1/glossaries", desk, "Content-Type", "application/json", "X-API-Key", "my-secret-key"), 201).ID
	for _, row := range []struct{ name, key, tool, more, want string }{
		{"one's own", "my-secret-key", "translate", "", "The corporation made"},
		{"of a summary", "my-secret-key", "summarize", "", `"complete":true`},
		{"against its direction", "my-secret-key", "translate", `,"target":"hi","source":"en"`, "- glossary_id "},
		{"another's", "their-secret-key", "translate", "", "- glossary_id is the id of no glossary of yours"},
		{"of another's summary", "their-secret-key", "summarize", "", "- glossary_id is the id of no glossary of yours"},
	} {
		body := fmt.Sprintf(`{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":%q,"arguments":{"text":"नगर निगम ने सड़क बनाई।","glossary_id":%q%s}}}`, row.tool, id, row.more)
		if r := s.message(t, body, "X-API-Key", row.key); r.status != 200 || !strings.Contains(string(r.body), row.want) {
			t.Errorf("%s: %d %s", row.name, r.status, r.body)
		}
	}
}
