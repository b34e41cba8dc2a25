package llm_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"dubhashi/gateway/llm"
)

func TestAnswer(t *testing.T) {
	t.Parallel()
	const fence = "```"
	rows := []struct {
		name, text, want string // want is segment 1; "" = no object
	}{
		{"bare", `{"segments":{"1":"नमस्ते"}}`, "नमस्ते"},
		{"fence", fence + "json\n{\"segments\":{\"1\":\"a\"}}\n" + fence, "a"},
		{"fence without an end", fence + "\n{\"segments\":{\"1\":\"a\"}}", "a"},
		{"fence inside the text", `{"segments":{"1":"` + fence + `js"}}`, fence + "js"},
		{"prose around", `Sure! Here you are: {"segments":{"1":"a"}} Hope it helps {smile}.`, "a"},
		{"a brace in the prose", `As {asked} and {} too: {"segments":{"1":"a"}}`, "a"},
		{"a stray brace", `Set { is a brace. {"segments":{"1":"a"}}`, "a"},
		{"a quote in the prose", `A 5" pipe: {"segments":{"1":"a"}}`, "a"},
		{"an example before", `Like {"text":"x"}? {"segments":{"1":"a"}}`, "a"},
		{"inside another object", `{"answer":{"segments":{"1":"a"}}}`, "a"},
		{"thinking", "<think>Say {\"segments\":{\"1\":\"draft\"}}?</think>\n{\"segments\":{\"1\":\"a\"}}", "a"},
		{"thinking twice", "<think>x</think><think>y</think>{\"segments\":{\"1\":\"a\"}}", "a"},
		{"thinking without its opening tag", "So {\"segments\":{\"1\":\"draft\"}} it is.</think>{\"segments\":{\"1\":\"a\"}}", "a"},
		{"thinking without its end", "<think>I translate. {\"segments\":{\"1\":\"a\"}}", "a"},
		{"thinking and no answer", "<think>{\"segments\":{\"1\":\"draft\"}}</think>", ""},
		{"tags in the text", `{"segments":{"1":"<think>a</think>"}}`, "<think>a</think>"},
		{"byte order mark", "\ufeff{\"segments\":{\"1\":\"a\"}}", "a"},
		{"line break in a string", "{\"segments\":{\"1\":\"a\nb\tc\"}}", "a\nb\tc"},
		{"escapes stay", `{"segments":{"1":"a\n\"b\" \u0915 {,}"}}`, "a\n\"b\" क {,}"},
		{"trailing commas", "{\"segments\":{\"1\":\"a,}\",\n},}", "a,}"},
		{"braces in a string", `{"segments":{"1":"{name} } ]"}}`, "{name} } ]"},
		{"cut in a string", `{"segments":{"1":"a","2":"b`, ""},
		{"cut behind a part", `{"segments":{"1":"a"},"more":{`, ""},
		{"cut, with a whole object inside", `{"x":{"segments":{"1":"a"}},"y":"`, ""},
		{"quotes not escaped", `{"segments":{"1":"the "best" one"}}`, ""},
		{"another key", `{"translation":"a"}`, ""},
		{"empty", ``, ""},
		{"prose", `I cannot do that.`, ""},
		{"an array", `["a"]`, ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var v struct {
				Segments map[string]string `json:"segments"`
			}
			err := llm.Answer(row.text, &v)
			if row.want == "" {
				if !errors.Is(err, llm.ErrNoObject) {
					t.Errorf("got %v, %v, want no object", v, err)
				}
				return
			}
			if err != nil || v.Segments["1"] != row.want {
				t.Errorf("got %q, %v, want %q", v.Segments["1"], err, row.want)
			}
		})
	}
}

func TestAnswerOfAnotherType(t *testing.T) {
	t.Parallel()
	var v struct {
		Segments map[string]string `json:"segments"`
	}
	err := llm.Answer(`{"segments":["answer text"]}`, &v)
	if err == nil || strings.Contains(err.Error(), "answer text") {
		t.Errorf("got %v, want an error without the text", err)
	}
	var m map[string]any
	if err := llm.Answer(`x {"any":1} y`, &m); err != nil || m["any"] != 1.0 {
		t.Errorf("into a map: %v, %v", m, err)
	}
}

// A hostile answer is searched in bounded time.
func TestAnswerFullOfBraces(t *testing.T) {
	t.Parallel()
	start := time.Now()
	for _, s := range []string{"{", `{"`, `{"a":`, "{x", `"{`, "[{"} {
		llm.JSON(strings.Repeat(s, 1<<18))
	}
	if d := time.Since(start); d > 25*time.Second {
		t.Errorf("took %s", d)
	}
}

func FuzzJSON(f *testing.F) {
	for _, s := range []string{
		`{"segments":{"1":"a"}}`, "```json\n{\"a\":[1,2,],}\n```", "<think>{</think>{\"a\":\"b\nc\"}", "{x} {\"a\":1", `{"a":"\`, "\ufeff{}", `<think>{"a":1}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		obj, ok := llm.JSON(s)
		if ok && (!json.Valid(obj) || obj[0] != '{') {
			t.Errorf("JSON(%q) = %q, which is no object", s, obj)
		}
		// What is valid JSON by itself comes back as it is.
		var m map[string]json.RawMessage
		if json.Unmarshal([]byte(s), &m) == nil && m != nil {
			if !ok || string(obj) != strings.TrimSpace(s) {
				t.Errorf("JSON(%q) = %q, %v", s, obj, ok)
			}
		}
		if again, ok2 := llm.JSON(string(obj)); ok && (!ok2 || string(again) != string(obj)) {
			t.Errorf("JSON(%q) = %q, %v: it is not stable", obj, again, ok2)
		}
	})
}
