package gateway_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"dubhashi/gateway"
	"dubhashi/gateway/llm"
)

// wards is an article of n paragraphs that differ, and their translations.
func wards(n int) (text string, english map[string]string) {
	subjects := [][2]string{{"पानी की टंकी", "water tank"}, {"सड़क", "road"}, {"स्कूल", "school"}, {"अस्पताल", "hospital"}, {"पुस्तकालय", "library"}, {"बाज़ार", "market"}, {"पुल", "bridge"}}
	english = map[string]string{}
	var lines []string
	for i := range n {
		s := subjects[i%len(subjects)]
		hi := fmt.Sprintf("नगर निगम ने वार्ड %d में नई %s का काम सोमवार को पूरा किया।", 21+i, s[0])
		english[hi] = fmt.Sprintf("The municipal corporation completed work on the new %s in ward %d on Monday.", s[1], 21+i)
		lines = append(lines, hi)
	}
	return strings.Join(lines, "\n\n"), english
}

// sizes are the numbers of segments of the calls, in order of asking but for those
// made at the same time, which are sorted.
func sizes(asked []wire) []int {
	var out []int
	for _, w := range asked {
		out = append(out, len(w.Segments))
	}
	return out
}

func TestTheGoodIDsOfABadAnswerAreKept(t *testing.T) {
	t.Parallel()
	text, english := wards(5)
	bad := "I'm sorry, but I can't help with that request."
	m := answering(t, func(call int, w wire) string {
		return segmentsAnswer(w, func(_, s string) (string, bool) {
			if call == 1 && strings.Contains(s, "स्कूल") {
				return bad, true
			}
			if call == 1 && strings.Contains(s, "अस्पताल") {
				return "", false
			}
			return english[s], true
		})
	})
	res := ask(t, over(t, memory(), m), gateway.Request{Input: text, Translate: true})
	if res.Partial || len(res.Warnings) > 0 {
		t.Errorf("partial %v, %v", res.Partial, res.Warnings)
	}
	for i, b := range res.Blocks {
		if b.Target.String() != english[b.Source] || len(b.Warnings) > 0 {
			t.Errorf("block %d: %q, %v", i, b.Target.String(), b.Warnings)
		}
	}
	asked := m.all()
	if got := sizes(asked); !slices.Equal(got, []int{5, 2}) {
		t.Fatalf("calls of %v segments, want 5 and 2", got)
	}
	fix := asked[1].Fix
	if len(fix) != 2 || fix["1"].Text != bad || len(fix["1"].Problems) == 0 || fix["2"].Text != "" || len(fix["2"].Problems) == 0 {
		t.Errorf("the repair said %+v", fix)
	}
	for id, s := range asked[1].Segments {
		if !strings.Contains(s, "स्कूल") && !strings.Contains(s, "अस्पताल") {
			t.Errorf("segment %s was asked for again: %s", id, s)
		}
	}
}

// TestLadder follows the calls that one batch of six makes.
func TestLadder(t *testing.T) {
	t.Parallel()
	text, english := wards(6)
	all := func(w wire) string {
		return segmentsAnswer(w, func(_, s string) (string, bool) { return english[s], true })
	}
	for _, row := range []struct {
		name   string
		answer func(call int, w wire) (text, finish string)
		sizes  []int // of all calls; nil: as many as the budget of 6 has
		failed int   // blocks
	}{
		{"noise once", func(call int, w wire) (string, string) {
			if call == 1 {
				return "}}]{ <|im_end|>", "stop"
			}
			return all(w), "stop"
		}, []int{6, 6}, 0},
		{"noise for more than three", func(_ int, w wire) (string, string) {
			if len(w.Segments) > 3 {
				return "}}]{ <|im_end|>", "stop"
			}
			return all(w), "stop"
		}, []int{6, 6, 3, 3}, 0},
		{"cut at the token limit for more than three", func(_ int, w wire) (string, string) {
			if len(w.Segments) > 3 {
				return all(w)[:200], "length"
			}
			return all(w), "stop"
		}, []int{6, 3, 3}, 0},
		{"a filter that minds one text", func(_ int, w wire) (string, string) {
			for _, s := range w.Segments {
				if strings.Contains(s, "बाज़ार") {
					return "", "content_filter"
				}
			}
			return all(w), "stop"
		}, []int{6, 3, 3, 1, 1, 1}, 1},
		{"noise for ever", func(int, wire) (string, string) { return "}}]{ <|im_end|>", "stop" }, nil, 6},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var m *model
			m = serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				text, finish := row.answer(len(m.all()), m.last())
				reply(w, text, finish)
			}))
			s := memory()
			g := over(t, s, m)
			res, err := g.Article(context.Background(), gateway.Request{Input: text, Translate: true})
			if row.failed == 6 {
				if err == nil {
					t.Error("no error although nothing came through")
				}
			} else if err != nil {
				t.Fatal(err)
			} else {
				for i, b := range res.Blocks {
					if b.Failure != nil {
						row.failed--
					} else if b.Target.String() != english[b.Source] {
						t.Errorf("block %d: %q", i, b.Target.String())
					}
				}
				if row.failed != 0 {
					t.Errorf("%d more blocks should have failed", row.failed)
				}
			}
			got := sizes(m.all())
			slices.SortFunc(got, func(a, b int) int { return b - a })
			if row.sizes == nil && len(got) != 6 || row.sizes != nil && !slices.Equal(got, row.sizes) {
				t.Errorf("calls of %v segments, want %v", got, row.sizes)
			}
		})
	}
}

// TestTheFallbackGetsWhatTheFirstCannotMend: the primary gives one text back as it
// was, twice; the fallback is asked for that one alone.
func TestTheFallbackGetsWhatTheFirstCannotMend(t *testing.T) {
	t.Parallel()
	text, english := wards(4)
	first := answering(t, func(_ int, w wire) string {
		return segmentsAnswer(w, func(_, s string) (string, bool) {
			if strings.Contains(s, "स्कूल") {
				return s, true
			}
			return english[s], true
		})
	})
	second := answering(t, func(_ int, w wire) string {
		return segmentsAnswer(w, func(_, s string) (string, bool) { return english[s], true })
	})
	g := overConfig(t, memory(), func(c *llm.Config) {}, first, second)
	res := ask(t, g, gateway.Request{Input: text, Translate: true})
	if res.Partial || !slices.ContainsFunc(res.Warnings, func(w gateway.Warning) bool { return w.Code == "fallback_model" }) {
		t.Errorf("partial %v, warnings %v", res.Partial, res.Warnings)
	}
	if a, b := sizes(first.all()), sizes(second.all()); !slices.Equal(a, []int{4, 1}) || !slices.Equal(b, []int{1}) {
		t.Errorf("calls of %v at the first and %v at the second, want 4, 1 and 1", a, b)
	}
	if w := slices.Collect(maps.Values(second.last().Segments)); !strings.Contains(w[0], "स्कूल") {
		t.Errorf("the fallback was asked for %v", w)
	}
}
