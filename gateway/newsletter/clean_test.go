package newsletter_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"dubhashi/gateway/api"
	"dubhashi/gateway/newsletter"
)

// marking is a model that puts into every answer what no form can show.
func marking(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Messages []struct{ Content string }
	}
	var task struct {
		Task     string
		Segments map[string]string
	}
	if json.NewDecoder(r.Body).Decode(&body) != nil || json.Unmarshal([]byte(body.Messages[len(body.Messages)-1].Content), &task) != nil {
		http.Error(w, "unread", http.StatusBadRequest)
		return
	}
	const marks = "\u202e\x00\x07\u2066"
	answer := map[string]any{"summary": "पुल खुल गया और लोग" + marks + " खुश हैं।"}
	if task.Task == "translate" {
		segments := map[string]string{}
		for id := range task.Segments {
			segments[id] = "The bridge is open and people" + marks + " are happy."
		}
		answer = map[string]any{"segments": segments}
	}
	b, _ := json.Marshal(answer)
	content, _ := json.Marshal(string(b))
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"choices":[{"message":{"role":"assistant","content":%s},"finish_reason":"stop"}]}`, content)
}

// Control characters and marks that turn the direction of a text, of a model's or a
// feed's, are in no form, nor is anything in their place.
func TestCleanInEveryForm(t *testing.T) {
	t.Parallel()
	m := serve(t, http.HandlerFunc(marking))
	text := "पुल खुल गया और\u202e लोग खुश हैं।\n\nपुल खुल गया \u2067और लोग खुश हैं।"
	e := made(t, newsletter.New(newsletter.Config{Gateway: core(t, m)}), week(
		api.IssueArticle{Text: text, Show: "full", Title: api.Bilingual{Hi: "पुल\u202e खुला"}}, api.IssueArticle{Markdown: "# पुल खुला\n\n" + text}))
	for _, f := range newsletter.Forms {
		out := render(t, e, f.Form)
		for _, mark := range []string{"\u202e", "\u2066", "\u2067", "\x00", "\x07", "\ufffd", `\u0000`, `\u0007`, `\u202e`} {
			if at := strings.Index(out, mark); at >= 0 {
				t.Errorf("%s holds %q: %q", f.Form, mark, out[max(0, at-60):at+len(mark)])
			}
		}
	}
}
