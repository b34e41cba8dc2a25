package gateway_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"dubhashi/gateway"
	"dubhashi/gateway/llm"
	"dubhashi/gateway/simulator"
)

const (
	bridge      = "पुल सोमवार को 250 लोगों के लिए खुलेगा।"
	bridgeGood  = "The bridge will open on Monday for 250 people."
	bridgeOther = "On Monday the bridge is to be opened to 250 people."
	bridgeThird = "From Monday, 250 people can use the bridge."
)

// wordings answers a translation with bridgeGood, or with what it is for the
// text, and a call for others with the given list.
func wordings(others ...string) func(int, wire) string {
	return func(_ int, w wire) string {
		if w.Others != nil {
			b, _ := json.Marshal(map[string][]string{"alternatives": others})
			return string(b)
		}
		out := map[string]string{}
		for id, text := range w.Segments {
			out[id] = bridgeGood
			if strings.Contains(text, "<1/>") {
				out[id] = "See <1/> for the new bridge over the river."
			}
		}
		b, _ := json.Marshal(map[string]any{"segments": out})
		return string(b)
	}
}

func others(t *testing.T, g *gateway.Gateway, count int, texts ...string) *gateway.TextsResult {
	t.Helper()
	res, err := g.Texts(context.Background(), gateway.TextsRequest{Texts: texts, Alternatives: count, Options: gateway.Options{Target: "en"}})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// What a model gives as other translations is taken as far as it is one, and
// the text's own translation stays what it was.
func TestAlternatives(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name  string
		text  string
		count int
		said  []string
		want  []string
		calls int64
	}{
		{"two others", bridge, 2, []string{bridgeOther, bridgeThird}, []string{bridgeOther, bridgeThird}, 2},
		{"fewer than asked for", bridge, 5, []string{bridgeOther}, []string{bridgeOther}, 2},
		{"more than asked for", bridge, 1, []string{bridgeOther, bridgeThird}, []string{bridgeOther}, 2},
		{"copies, also but for case and punctuation", bridge, 3, []string{bridgeGood, strings.ToUpper(bridgeGood), "“The bridge will open, on Monday, for 250 people!”", bridgeOther, bridgeOther + " "}, []string{bridgeOther}, 2},
		{"a number lost, another language, nothing, chatter", bridge, 5, []string{"On Monday the bridge is to be opened to people.", bridge, " ", "Sure! Here is another translation: " + bridgeOther, bridgeThird}, []string{bridgeThird}, 2},
		{"none", bridge, 2, nil, nil, 2},
		{"white space around stays", "  " + bridge + "\n", 1, []string{bridgeOther}, []string{"  " + bridgeOther + "\n"}, 2},
		{"a mark comes back, or the wording is left out", "नदी पर नए पुल के लिए https://example.org/pul देखें।", 2,
			[]string{"For the new bridge over the river, visit the site.", "For the new bridge over the river, see <1/>."}, []string{"For the new bridge over the river, see https://example.org/pul."}, 2},
		{"not asked for", bridge, 0, []string{bridgeOther}, nil, 1},
		{"two lines", bridge + "\n" + bridge, 2, []string{bridgeOther}, nil, 1},
		{"a long text", strings.Repeat(bridge+" ", 25), 2, []string{bridgeOther}, nil, -1},
		{"nothing to translate", "42 😀", 2, []string{bridgeOther}, nil, 0},
		{"in the target already", bridgeGood, 2, []string{bridgeOther}, nil, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			m := answering(t, wordings(row.said...))
			g := over(t, memory(), m)
			res := others(t, g, row.count, row.text)
			got := res.Texts[0]
			if !slices.Equal(got.Alternatives, row.want) || row.calls >= 0 && m.calls.Load() != row.calls {
				t.Errorf("%q after %d calls, want %q after %d", got.Alternatives, m.calls.Load(), row.want, row.calls)
			}
			if plain := others(t, g, 0, row.text).Texts[0]; plain.Text != got.Text || plain.Alternatives != nil {
				t.Errorf("with others %q, without %+v", got.Text, plain)
			}
		})
	}
}

// The call says what there is and how many more are wanted, and is not made
// again: a wording found, and none found, are both kept.
func TestAlternativesAreCached(t *testing.T) {
	t.Parallel()
	for _, said := range [][]string{{bridgeOther}, nil} {
		m := answering(t, wordings(said...))
		g := over(t, memory(), m)
		first := others(t, g, 3, bridge, bridge)
		if w := m.last(); m.count() != 2 || w.Others == nil || w.Others.Count != 3 || !slices.Equal(w.Others.Known, []string{bridgeGood}) || w.Segments["1"] != bridge {
			t.Errorf("asked last: %+v", w)
		}
		if u := first.Usage; u.Calls != 2 || u.Misses != 2 || u.Hits != 0 {
			t.Errorf("the first time: %+v", u)
		}
		again := others(t, g, 3, bridge)
		if u := again.Usage; m.count() != 0 || u.Hits != 2 || !slices.Equal(again.Texts[0].Alternatives, said) || !slices.Equal(first.Texts[1].Alternatives, said) {
			t.Errorf("again: %+v, %+v, %+v", u, again.Texts, first.Texts)
		}
	}
}

// A model that knows no such call, fails in it or cannot be told what there is
// leaves the translation as it is.
func TestAlternativesThatCannotBeHad(t *testing.T) {
	t.Parallel()
	plain := func(n int, w wire) string { w.Others = nil; return wordings()(n, w) }
	for _, row := range []struct {
		name  string
		say   func(int, wire) string
		style llm.Style
	}{
		{"answers with the translation", plain, llm.Segments},
		{"answers with prose", func(n int, w wire) string {
			if w.Others != nil {
				return "I can think of no other."
			}
			return plain(n, w)
		}, llm.Segments},
		{"only translates", func(int, wire) string { return bridgeGood }, llm.Plain},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			g := overConfig(t, memory(), func(c *llm.Config) { c.Style = row.style }, answering(t, row.say))
			res := others(t, g, 2, bridge)
			if got := res.Texts[0]; got.Text != bridgeGood || len(got.Alternatives) > 0 || got.Failure != nil || res.Partial {
				t.Errorf("%+v", got)
			}
		})
	}
	t.Run("breaks down", func(t *testing.T) {
		t.Parallel()
		var m *model
		m = serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if last := m.last(); last.Others != nil {
				http.Error(w, "{}", http.StatusInternalServerError)
			} else {
				reply(w, wordings()(0, last), "stop")
			}
		}))
		g := overConfig(t, memory(), func(c *llm.Config) { c.MaxAttempts = 1 }, m)
		res := others(t, g, 2, bridge)
		if got := res.Texts[0]; got.Text != bridgeGood || len(got.Alternatives) > 0 || got.Failure != nil || res.Partial {
			t.Errorf("%+v", got)
		}
	})
}

func TestAlternativesOfTheStandInModel(t *testing.T) {
	t.Parallel()
	m := simulated(t, simulator.Config{Memory: []simulator.Pair{{Hindi: bridge, English: bridgeGood}, {Hindi: bridge, English: bridgeOther}, {Hindi: bridge, English: bridgeThird}}})
	g := over(t, memory(), m)
	if got := others(t, g, 1, bridge).Texts[0]; got.Text != bridgeGood || !slices.Equal(got.Alternatives, []string{bridgeOther}) {
		t.Errorf("%+v", got)
	}
	if got := others(t, g, 5, bridge).Texts[0]; !slices.Equal(got.Alternatives, []string{bridgeOther, bridgeThird}) {
		t.Errorf("%+v", got)
	}
	if got := others(t, g, 5, "नाव सोमवार को आएगी।").Texts[0]; got.Failure != nil || got.Alternatives != nil {
		t.Errorf("a gloss has one wording: %+v", got)
	}
}

func TestAlternativesBounds(t *testing.T) {
	t.Parallel()
	var pairs []simulator.Pair
	var many []string
	for i := range 50 {
		hindi := fmt.Sprintf("नाव संख्या %d सोमवार को लौटी।", 200+i)
		many = append(many, hindi)
		for _, english := range []string{"Ferry number %d returned on Monday.", "On Monday, ferry number %d came back."} {
			pairs = append(pairs, simulator.Pair{Hindi: hindi, English: fmt.Sprintf(english, 200+i)})
		}
	}
	res := others(t, over(t, memory(), simulated(t, simulator.Config{Memory: pairs})), 1, many...)
	for i, text := range res.Texts {
		if want := i < 32; text.Failure != nil || (len(text.Alternatives) == 1) != want {
			t.Errorf("text %d: %+v", i, text)
		}
	}
	g := over(t, memory(), answering(t, wordings()))
	for _, n := range []int{-1, gateway.MaxAlternatives + 1} {
		_, err := g.Texts(context.Background(), gateway.TextsRequest{Texts: []string{bridge}, Alternatives: n})
		if e, ok := err.(*gateway.Error); !ok || e.Code != gateway.Invalid || e.Fields[0].Field != "alternatives" {
			t.Errorf("%d: %v", n, err)
		}
	}
}
