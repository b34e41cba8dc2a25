package llm_test

import (
	"fmt"
	"strings"
	"testing"

	"dubhashi/gateway/llm"
)

func TestPromptCut(t *testing.T) {
	t.Parallel()
	usage := func(n int) string {
		return fmt.Sprintf("data: {\"choices\":[],\"usage\":{\"prompt_tokens\":%d,\"completion_tokens\":7}}\n\n", n)
	}
	rows := []struct {
		name  string
		chars int
		usage string
		cut   bool
	}{
		{"far below", 12000, usage(500), true},
		{"just below", 12000, usage(699), true},
		{"just above", 12000, usage(700), false},
		{"as it should be", 12000, usage(4000), false},
		{"short prompt", 6000, usage(10), false},
		{"a little longer", 6012, usage(10), true},
		{"zero", 12000, usage(0), false},
		{"none", 12000, "", false},
		{"counted apart from the cache", 12000, "data: {\"usage\":{\"prompt_tokens\":50,\"prompt_tokens_details\":{\"cached_tokens\":4000}}}\n\n", false},
		{"cut and cached", 12000, "data: {\"usage\":{\"prompt_tokens\":500,\"prompt_tokens_details\":{\"cached_tokens\":100}}}\n\n", true},
	}
	for _, row := range rows {
		for _, form := range []string{"stream", "object", "sloppy object"} {
			t.Run(row.name+", "+form, func(t *testing.T) {
				t.Parallel()
				body := delta("answer text") + choice("", `"stop"`) + row.usage + endMark
				if form != "stream" {
					n := "{}"
					if row.usage != "" {
						_, after, _ := strings.Cut(row.usage, `"usage":`)
						n = strings.TrimSpace(after[:len(after)-3])
					}
					body = strings.Replace(good("answer text"), `{"prompt_tokens":11,"completion_tokens":7,"total_tokens":18}`, n, 1)
				}
				if form == "sloppy object" {
					body = strings.Replace(body, `"created":1`, `"created":1.5`, 1)
				}
				s := &script{steps: []step{{body: body}}}
				u := open(t, llm.Config{Transport: s})
				// Counted in code points, over all messages.
				r := llm.Request{Messages: []llm.Message{{Role: "system", Content: strings.Repeat("a", 1000)}, {Role: "user", Content: strings.Repeat("क", row.chars-1000)}}}
				_, err := u.Complete(t.Context(), r)
				if !row.cut {
					if err != nil {
						t.Fatal(err)
					}
					return
				}
				e := failed(t, err, llm.PromptCut)
				if s.calls() != 1 || e.Usage.CompletionTokens == 0 || !strings.Contains(e.Error(), "LLM_CONTEXT_TOKENS") || !strings.Contains(e.Error(), "prompt_cut") {
					t.Errorf("%v after %d calls, usage %+v", e, s.calls(), e.Usage)
				}
			})
		}
	}
}
