package httpapi_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// The languages, as each client asks for them: deepl-python sends a form in the
// body of a GET, deepl-node the query.
func TestDeepLLanguages(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), nil)
	const (
		sources = `[{"language":"EN","name":"English"},{"language":"HI","name":"Hindi"}]`
		targets = `[{"language":"EN-GB","name":"English (British)","supports_formality":false},{"language":"EN-US","name":"English (American)","supports_formality":false},{"language":"HI","name":"Hindi","supports_formality":true}]`
	)
	for _, row := range []struct{ name, method, path, body, want string }{
		{"as they are", "GET", "/v2/languages", "", sources},
		{"sources", "GET", "/v2/languages?type=source", "", sources},
		{"query", "GET", "/v2/languages?type=target", "", targets},
		{"body of a GET", "GET", "/v2/languages", "type=target", targets},
		{"POST", "POST", "/v2/languages", "type=target", targets},
	} {
		if r := s.do(t, row.method, row.path, row.body, "Content-Type", form); r.status != 200 || string(r.body) != row.want {
			t.Errorf("%s: %d %s", row.name, r.status, r.body)
		}
	}
}

// Which language can do what, by resource.
func TestDeepLResources(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), nil)
	var resources []struct {
		Name     string
		Features []map[string]any
	}
	if r := s.do(t, "GET", "/v3/languages/resources", ""); json.Unmarshal(r.body, &resources) != nil || len(resources) != 3 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	for _, row := range []struct{ resource, langs, hindi, english string }{
		{"translate_text", "en hi en-GB en-US", "auto_detection custom_instructions formality glossary tag_handling", "auto_detection custom_instructions glossary tag_handling"},
		{"translate_document", "en hi en-GB en-US", "auto_detection formality glossary", "auto_detection glossary"},
		{"glossary", "en hi", "", ""},
		{"write", "", "", ""},
	} {
		r := s.do(t, "GET", "/v3/languages?resource="+row.resource, "")
		var got []struct {
			Lang, Name, Status string
			Source             *bool `json:"usable_as_source"`
			Target             *bool `json:"usable_as_target"`
			Features           map[string]struct{ Status string }
		}
		if err := json.Unmarshal(r.body, &got); err != nil || r.status != 200 {
			t.Fatalf("%d %s", r.status, r.body)
		}
		var langs []string
		for _, l := range got {
			langs = append(langs, l.Lang)
			var features []string
			for f, v := range l.Features {
				features = append(features, f)
				if v.Status != "stable" {
					t.Errorf("%s: %s", f, v.Status)
				}
			}
			slices.Sort(features)
			want := map[string]string{"hi": row.hindi, "en": row.english}[l.Lang]
			if f := strings.Join(features, " "); want != "" && f != want {
				t.Errorf("%s, %s: %s", row.resource, l.Lang, f)
			}
			if l.Name == "" || l.Status != "stable" || !*l.Target || *l.Source != (len(l.Lang) == 2) {
				t.Errorf("%s: %+v", row.resource, l)
			}
		}
		if strings.Join(langs, " ") != row.langs || got == nil {
			t.Errorf("%s: %s", row.resource, r.body)
		}
	}
}
