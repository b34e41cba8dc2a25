package gateway_test

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"dubhashi/cache"
	"dubhashi/gateway"
	"dubhashi/gateway/llm"
	"dubhashi/gateway/simulator"
)

// recorder is a cache that notes what keys it is asked for.
type recorder struct {
	cache.Store
	mu   sync.Mutex
	keys []string
}

func (r *recorder) GetMany(ctx context.Context, keys []cache.Key) ([][]byte, error) {
	r.mu.Lock()
	for _, k := range keys {
		r.keys = append(r.keys, hex.EncodeToString(k[:8]))
	}
	r.mu.Unlock()
	return r.Store.GetMany(ctx, keys)
}

func (r *recorder) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	keys := r.keys
	r.keys = nil
	return keys
}

// The keys of requests without wishes are those of the first release: what is in a
// cache stays found. Only a new schema or prompt version may change them.
func TestKeysStay(t *testing.T) {
	t.Parallel()
	rec := &recorder{Store: memory()}
	g := over(t, rec, simulated(t, simulator.Config{}))
	for _, row := range []struct {
		name string
		req  gateway.TextsRequest
		want []string
	}{
		{"to English", gateway.TextsRequest{Texts: []string{"आज बारिश होगी।\nकल भी।"}}, []string{"ca58d7cbeb770b0c", "81312b3ede21d1ac"}},
		{"to Hindi", gateway.TextsRequest{Texts: []string{"She said <1> go to https://a.example."}}, []string{"339f6bedbdc2e6f2"}},
		{"options", gateway.TextsRequest{Texts: []string{"The bank is open."}, Options: gateway.Options{
			Register: "formal", Context: "none", Glossary: map[string]string{"bank": "बैंक"}}}, []string{"9e9961ab407f1d1c"}},
	} {
		if _, err := g.Texts(t.Context(), row.req); err != nil {
			t.Fatal(err)
		}
		if got := rec.take(); !slices.Equal(got, row.want) {
			t.Errorf("%s: keys %q, want %q", row.name, got, row.want)
		}
	}
	ask(t, g, gateway.Request{Input: "शीर्षक\n\nआज बारिश होगी।", Translate: true, Summary: &gateway.SummaryRequest{}})
	if got, want := rec.take(), []string{"398a4afbf937d4c7", "ca58d7cbeb770b0c", "783a72b7060c18fb"}; !slices.Equal(got, want) {
		t.Errorf("article: keys %q, want %q", got, want)
	}
}

// Each wish asks for a translation of its own, and what has no effect does not.
func TestWishesInKey(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, text string
		change     func(*gateway.TextsRequest)
		same       bool
	}{
		{"tum", "Open the door.", func(r *gateway.TextsRequest) { r.Address = "tum" }, false},
		{"aap", "Open the door.", func(r *gateway.TextsRequest) { r.Address = "aap" }, false},
		{"an instruction", "Open the door.", func(r *gateway.TextsRequest) { r.Instructions = []string{"Be brief."} }, false},
		{"two instructions", "Open the door.", func(r *gateway.TextsRequest) { r.Instructions = []string{"Be", "brief."} }, false},
		{"one of two empty", "Open the door.", func(r *gateway.TextsRequest) { r.Instructions = []string{" ", ""} }, true},
		{"a background", "Open the door.", func(r *gateway.TextsRequest) { r.Background = "A play." }, false},
		{"an empty background", "Open the door.", func(r *gateway.TextsRequest) { r.Background = " \n" }, true},
		{"tum into English", "दरवाज़ा खोलो।", func(r *gateway.TextsRequest) { r.Address = "tum" }, true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			rec := &recorder{Store: memory()}
			g := over(t, rec, simulated(t, simulator.Config{}))
			plain := gateway.TextsRequest{Texts: []string{row.text}}
			wished := gateway.TextsRequest{Texts: []string{row.text}}
			row.change(&wished)
			for _, req := range []gateway.TextsRequest{plain, wished} {
				if _, err := g.Texts(t.Context(), req); err != nil {
					t.Fatal(err)
				}
			}
			if keys := rec.take(); (keys[0] == keys[1]) != row.same {
				t.Errorf("keys %q: the same is %v, want %v", keys, !row.same, row.same)
			}
		})
	}
}

func TestWishesReachTheModel(t *testing.T) {
	t.Parallel()
	m := simulated(t, simulator.Config{})
	g := over(t, memory(), m)
	long := strings.Repeat("ख", gateway.MaxBackground+50)
	res, err := g.Texts(t.Context(), gateway.TextsRequest{
		Texts: []string{"Open the door.\nThank you."}, Background: "\ufeff" + long,
		Options: gateway.Options{Address: "tum", Instructions: []string{" Be\nbrief. ", ""}, Context: "none"},
	})
	if err != nil {
		t.Fatal(err)
	}
	w := m.last()
	if w.Address != "tum" || !slices.Equal(w.Instructions, []string{"Be brief."}) {
		t.Errorf("address %q, instructions %q", w.Address, w.Instructions)
	}
	if n := len([]rune(w.Context["background"])); n != gateway.MaxBackground || len(w.Context) != 1 {
		t.Errorf("%d characters of background, %d members of context", n, len(w.Context))
	}
	if !strings.Contains(w.system, "तुम") || !strings.Contains(w.system, "instructions") || strings.Contains(w.system, "brief") {
		t.Errorf("the system message is %q", w.system)
	}
	for _, warn := range res.Warnings {
		if warn.Code == "instructions_ignored" {
			t.Error("it warns of instructions that were told")
		}
	}
}

// A model that only translates is told the form of address and no more; the answer
// warns of it, and the key does not know what the model does not.
func TestWishesOfAPlainModel(t *testing.T) {
	t.Parallel()
	rec := &recorder{Store: memory()}
	m := simulated(t, simulator.Config{})
	g := overConfig(t, rec, func(c *llm.Config) { c.Style = llm.Plain }, m)
	text := []string{"Open the door."}
	res, err := g.Texts(t.Context(), gateway.TextsRequest{
		Texts: text, Background: "A play.", Options: gateway.Options{Address: "aap", Instructions: []string{"Be brief."}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(res.Warnings, func(w gateway.Warning) bool { return w.Code == "instructions_ignored" }) {
		t.Errorf("warnings are %v", res.Warnings)
	}
	if s := m.last().system; !strings.Contains(s, "आप") || strings.Contains(s, "brief") || strings.Contains(s, "play") {
		t.Errorf("the system message is %q", s)
	}
	if _, err := g.Texts(t.Context(), gateway.TextsRequest{Texts: text, Options: gateway.Options{Address: "aap"}}); err != nil {
		t.Fatal(err)
	}
	if keys := rec.take(); keys[0] != keys[1] {
		t.Error("what the model is not told is in the key")
	}
}

// A model with little room gets less of the background, and smaller calls.
func TestWishesAreBounded(t *testing.T) {
	t.Parallel()
	const room = 3000 // tokens
	largest := func(req gateway.TextsRequest) (segments, background int) {
		m := simulated(t, simulator.Config{})
		g := overConfig(t, nil, func(c *llm.Config) { c.ContextTokens = room }, m)
		req.Texts = strings.Split(englishParagraphs(30), "\n")
		if _, err := g.Texts(t.Context(), req); err != nil {
			t.Fatal(err)
		}
		for _, w := range m.all() {
			n := 0
			for _, s := range w.Segments {
				n += len([]rune(s))
			}
			segments, background = max(segments, n), max(background, len([]rune(w.Context["background"])))
		}
		return segments, background
	}
	alone, _ := largest(gateway.TextsRequest{})
	wished, background := largest(gateway.TextsRequest{
		Background: strings.Repeat("ख", gateway.MaxBackground),
		Options:    gateway.Options{Instructions: []string{strings.Repeat("क", gateway.MaxInstruction)}},
	})
	if wished >= alone || background > room/2 || background < room/4 {
		t.Errorf("%d characters in a call, %d without wishes; %d of background", wished, alone, background)
	}
}

// A model that says "you" in the other form is asked once more; if it stands by that,
// the answer warns.
func TestAddressIsSeenTo(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, second, want string
		warned             bool
	}{
		{"mended", "क्या तुम आओगे?", "क्या तुम आओगे?", false},
		{"stands by it", "क्या आप आएंगे?", "क्या आप आएंगे?", true},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			m := answering(t, func(call int, w wire) string {
				if len(w.Fix) == 0 {
					return `{"segments":{"1":"क्या आप आएंगे?"}}`
				}
				if fix := w.Fix["1"]; len(fix.Problems) != 1 || !strings.Contains(fix.Problems[0], "तुम") {
					t.Errorf("the problems are %q", fix.Problems)
				}
				return `{"segments":{"1":"` + row.second + `"}}`
			})
			g := over(t, memory(), m)
			got := one(t, g, gateway.TextsRequest{Texts: []string{"Will you come?"}, Options: gateway.Options{Address: "tum"}})
			warned := slices.ContainsFunc(got.Warnings, func(w gateway.Warning) bool { return w.Code == "address" })
			if got.Text != row.want || warned != row.warned || m.count() != 2 {
				t.Errorf("%q with %v", got.Text, got.Warnings)
			}
		})
	}
}

func TestWishesAreChecked(t *testing.T) {
	t.Parallel()
	g := over(t, nil, simulated(t, simulator.Config{}))
	for _, row := range []struct {
		field string
		req   gateway.TextsRequest
	}{
		{"address", gateway.TextsRequest{Options: gateway.Options{Address: "tu"}}},
		{"instructions", gateway.TextsRequest{Options: gateway.Options{Instructions: make([]string, gateway.MaxInstructions+1)}}},
		{"instructions[1]", gateway.TextsRequest{Options: gateway.Options{Instructions: []string{"", strings.Repeat("क", gateway.MaxInstruction+1)}}}},
		{"markup", gateway.TextsRequest{Markup: "sgml"}},
		{"sentences", gateway.TextsRequest{Sentences: "2"}},
		{"ignore", gateway.TextsRequest{Markup: "xml", Ignore: []string{"a b"}}},
		{"splitting", gateway.TextsRequest{Markup: "html", Splitting: make([]string, 201)}},
		{"non_splitting", gateway.TextsRequest{Markup: "xml", NonSplitting: []string{"1"}}},
		{"texts", gateway.TextsRequest{Texts: make([]string, gateway.MaxTexts+1)}},
	} {
		if row.req.Texts == nil {
			row.req.Texts = []string{"Open the door."}
		}
		_, err := g.Texts(t.Context(), row.req)
		var e *gateway.Error
		if !errors.As(err, &e) || e.Code != gateway.Invalid || len(e.Fields) != 1 || e.Fields[0].Field != row.field {
			t.Errorf("%s: the error is %v", row.field, err)
		}
	}
}
