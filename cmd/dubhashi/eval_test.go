package main

import (
	"context"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"dubhashi/gateway/score"
	"dubhashi/gateway/simulator"
)

// Two articles, with what an article's own form can hold, and lone pairs.
const evalPairs = `{"hi":["नए पुल का उद्घाटन","शहर का नया पुल 12 मई को खुलेगा।","","• पैदल चलने वालों के लिए अलग रास्ता है।","मेयर ने कहा कि 350 मज़दूरों ने काम किया।"],"en":["New bridge opens","The city’s new bridge opens on 12 May.","","• There is a separate path for people on foot.","The mayor said that 350 labourers worked on it."]}
{"hi":["पहाड़ों में बारिश जारी है।","सड़कें दो दिन बंद रहेंगी।"],"en":["It goes on raining in the hills.","The roads will stay shut for two days."]}
{"hi":"बाज़ार शाम सात बजे बंद होता है।","en":"The market closes at seven in the evening."}
{"hi":"उसने दौड़ 58.4 सेकंड में जीती।","en":"She won the race in 58.4 seconds."}
{"hi":"पुस्तकालय में 1,500 नई किताबें आई हैं।","en":"The library has received 1,500 new books."}
`

const evalSegments = 10 // of evalPairs

// bench is a model that knows the pairs, behind a counter of its calls, and
// where to keep what it answers.
type bench struct {
	calls   atomic.Int64
	pairs   string // file
	getenv  func(string) string
	model   http.Handler
	handler atomic.Pointer[http.HandlerFunc] // instead of the model, when set
}

func evalBench(t *testing.T, pairs string, settings ...string) *bench {
	t.Helper()
	b := &bench{pairs: filepath.Join(t.TempDir(), "pairs.jsonl")}
	if err := os.WriteFile(b.pairs, []byte(pairs), 0o600); err != nil {
		t.Fatal(err)
	}
	known, err := simulator.LoadMemory(strings.NewReader(pairs + strings.ReplaceAll(pairs, "• ", ""))) // a list's marks may stay with the gateway
	if err != nil {
		t.Fatal(err)
	}
	b.model, err = simulator.New(simulator.Config{Memory: known})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.calls.Add(1)
		if h := b.handler.Load(); h != nil {
			(*h)(w, r)
			return
		}
		b.model.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	b.getenv = env(append([]string{"LLM_BASE_URL", srv.URL + "/v1", "LLM_MODEL", "m", "DUBHASHI_DATA", t.TempDir(), "LLM_MAX_ATTEMPTS", "1"}, settings...)...)
	return b
}

// instead has a handler answer in the model's place.
func (b *bench) instead(h http.HandlerFunc) { b.handler.Store(&h) }

func (b *bench) eval(ctx context.Context, args ...string) (code int, out, errs string) {
	var o, e output
	code = run(ctx, append([]string{"eval", b.pairs}, args...), b.getenv, nil, strings.NewReader(""), &o, &e)
	return code, o.String(), e.String()
}

// figures runs the command with --json.
func (b *bench) figures(t *testing.T, args ...string) (r evalResult, code int, errs string) {
	t.Helper()
	code, out, errs := b.eval(context.Background(), append(args, "--json")...)
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("exit %d, %v: %s%s", code, err, out, errs)
	}
	return r, code, errs
}

func TestEvalScoresAndGoesOnFromTheCache(t *testing.T) {
	t.Parallel()
	b := evalBench(t, evalPairs, "LLM_PRICE_IN", "1", "LLM_PRICE_OUT", "2")
	for n, second := range []bool{false, true} {
		r, code, errs := b.figures(t, "--direction", "both")
		if code != exitDone || errs != "" || len(r.Directions) != 2 || r.Interrupted {
			t.Fatalf("exit %d: %s %+v", code, errs, r)
		}
		for _, d := range r.Directions {
			if d.Segments != evalSegments || d.Failed != 0 || math.Abs(d.ChrF-100) > 1e-9 || math.Abs(d.BLEU-100) > 1e-9 || d.Numbers.Total < 3 || d.Numbers.Percent != 100 {
				t.Errorf("run %d: %+v", n, d)
			}
			if second && (d.Usage.Calls != 0 || d.Usage.PromptTokens != 0 || *d.Usage.Cost != 0 || d.Misses != 0 || d.Hits != evalSegments-1) {
				t.Errorf("the second run asked again: %+v", d)
			}
			if !second && (d.Usage.Calls != 3 || d.Usage.PromptTokens == 0 || d.Usage.CompletionTokens == 0 || *d.Usage.Cost <= 0 || d.Misses != evalSegments-1) {
				t.Errorf("the first run: %+v", d)
			}
		}
		if b.calls.Load() != 6 || r.Models["m"] != 2*(evalSegments-1) {
			t.Errorf("run %d: %d calls in all, models %v", n, b.calls.Load(), r.Models)
		}
		if r.Signatures["chrf"] != score.ChrFSignature || r.Signatures["bleu"] != score.BLEUSignature || r.Prompt == "" || r.Version != version {
			t.Errorf("what is needed to make it again: %+v", r)
		}
	}
}

func TestEvalPrintsATable(t *testing.T) {
	t.Parallel()
	code, out, errs := evalBench(t, evalPairs).eval(context.Background())
	if code != exitDone || errs != "" { // no bar either: this is no terminal
		t.Fatalf("exit %d: %q", code, errs)
	}
	flat := strings.Join(strings.Fields(out), " ")
	for _, want := range []string{"model m hi-en segments 10 chrF++ 100.00 BLEU 100.00 numbers kept 100.00 % (", "failed, scored as empty 0 (0.00 %) with warnings 0 (0.00 %) from the cache 0 of 9 calls 3 tokens ", " in, ", " out cost no price set time "} {
		if !strings.Contains(flat, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

func TestEvalWritesTheTranslations(t *testing.T) {
	t.Parallel()
	b := evalBench(t, evalPairs)
	file := filepath.Join(t.TempDir(), "out.jsonl")
	if err := os.WriteFile(file, []byte(strings.Repeat("older and longer\n", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := b.eval(context.Background(), "--output", file, "--direction", "en-hi"); code != exitDone {
		t.Fatalf("exit %d: %s", code, errs)
	}
	lines := outputOf(t, file)
	if len(lines) != evalSegments {
		t.Fatalf("%d lines", len(lines))
	}
	bullet, lone := lines[3], lines[7]
	if bullet.Line != 1 || bullet.Segment != 4 || bullet.Direction != "en-hi" || bullet.En != "• There is a separate path for people on foot." ||
		bullet.Hi != "• पैदल चलने वालों के लिए अलग रास्ता है।" || bullet.Reference != bullet.Hi || bullet.Model != "m" || bullet.Failure != "" {
		t.Errorf("%+v", bullet)
	}
	if lone.Line != 3 || lone.Segment != 0 || lone.Hi != "बाज़ार शाम सात बजे बंद होता है।" {
		t.Errorf("%+v", lone)
	}
	code, out, errs := dubhashi(t, "", "check", file, "--json")
	if code != exitDone || !strings.Contains(out, `"pairs":10,"rejected":0`) {
		t.Errorf("check of the output: exit %d: %s%s", code, out, errs)
	}
}

func outputOf(t *testing.T, file string) (lines []outputLine) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		var l outputLine
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		lines = append(lines, l)
	}
	return lines
}

func TestEvalTakesSomeLines(t *testing.T) {
	t.Parallel()
	b := evalBench(t, strings.Repeat(evalPairs, 8))
	if err := os.WriteFile(b.pairs, []byte(strings.Repeat(evalPairs, 8)+"no pair\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r, code, errs := b.figures(t, "--limit", "3"); code != exitDone || r.Directions[0].Segments != 8 || r.Limit != 3 || errs != "" {
		t.Errorf("exit %d: %s %+v", code, errs, r.Directions[0])
	}
	chosen := func(seed string) (lines []int) {
		file := filepath.Join(t.TempDir(), "out.jsonl")
		r, code, errs := b.figures(t, "--limit", "40", "--sample", "6", "--seed", seed, "--output", file)
		if code != exitDone || r.Sample != 6 {
			t.Fatalf("exit %d: %s", code, errs)
		}
		for _, l := range outputOf(t, file) {
			if n := len(lines); n == 0 || lines[n-1] != l.Line {
				lines = append(lines, l.Line)
			}
		}
		return lines
	}
	one, again, two := chosen("1"), chosen("1"), chosen("2")
	if len(one) != 6 || !equal(one, again) || equal(one, two) {
		t.Errorf("%v, again %v, with another seed %v", one, again, two)
	}
	if r, code, errs := b.figures(t); code != exitFailed || r.Directions[0].Segments != 8*evalSegments || r.BadLines != 1 || !strings.Contains(errs, "line 41: is not JSON") {
		t.Errorf("all of them: exit %d: %s", code, errs)
	}
}

func equal(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestEvalScoresWhatFailsAsEmpty(t *testing.T) {
	t.Parallel()
	b := evalBench(t, evalPairs)
	code, out, errs := b.eval(context.Background(), "--cache", "only", "--json")
	var r evalResult
	if err := json.Unmarshal([]byte(out), &r); err != nil || code != exitDone {
		t.Fatalf("exit %d, %v: %s", code, err, errs)
	}
	d := r.Directions[0]
	if d.Segments != evalSegments || d.Failed != evalSegments-1 || d.Failures["cache_miss"] != d.Failed || d.ChrF != 0 || d.Numbers.Found != 0 || d.Numbers.Total < 3 || b.calls.Load() != 0 {
		t.Errorf("%+v", d)
	}
	_, table, _ := b.eval(context.Background(), "--cache", "only")
	if flat := strings.Join(strings.Fields(table), " "); !strings.Contains(flat, "no model answered") || !strings.Contains(flat, "failed, scored as empty 9 (90.00 %) cache_miss 9 (90.00 %)") {
		t.Errorf("%s", table)
	}
}

// articles are so many articles of one segment: each is a call of its own.
func articles(n int) string {
	var b strings.Builder
	for i := range n {
		word := strings.Repeat("बड़ी ", i+1)
		b.WriteString(`{"hi":["शहर में ` + word + `सड़क बनी।"],"en":["A ` + strings.Repeat("large ", i+1) + `road was built in the city."]}` + "\n")
	}
	return b.String()
}

func TestEvalGoesOnWhereItWasInterrupted(t *testing.T) {
	t.Parallel()
	const all, before = 12, 5
	b := evalBench(t, articles(all), "LLM_CONCURRENCY", "1")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	b.instead(func(w http.ResponseWriter, r *http.Request) {
		if b.calls.Load() <= before {
			b.model.ServeHTTP(w, r)
			return
		}
		_, _ = io.Copy(io.Discard, r.Body) // then the server sees that the client has left
		cancel()
		<-r.Context().Done()
	})
	file := filepath.Join(t.TempDir(), "out.jsonl")
	code, out, errs := b.eval(ctx, "--json", "--output", file)
	var r evalResult
	if err := json.Unmarshal([]byte(out), &r); err != nil || code != exitFailed || !r.Interrupted {
		t.Fatalf("exit %d, %v: %s", code, err, errs)
	}
	d := r.Directions[0]
	if d.Segments == 0 || d.Segments > before || d.Failed != 0 || math.Abs(d.ChrF-100) > 1e-9 || len(outputOf(t, file)) != d.Segments {
		t.Errorf("%+v", d)
	}
	if !strings.Contains(errs, "interrupted; ") || !strings.Contains(errs, " of 12 segments are done") || !strings.Contains(errs, "the same command goes on from there") {
		t.Errorf("stderr: %s", errs)
	}
	b.handler.Store(nil)
	b.calls.Store(0)
	again, code, errs := b.figures(t)
	if d := again.Directions[0]; code != exitDone || d.Segments != all || math.Abs(d.ChrF-100) > 1e-9 || d.Usage.Calls != all-before || b.calls.Load() != all-before {
		t.Errorf("exit %d, %d calls: %s %+v", code, b.calls.Load(), errs, d)
	}
}

func TestEvalStopsWhenTheKeyIsRefused(t *testing.T) {
	t.Parallel()
	b := evalBench(t, articles(40), "LLM_CONCURRENCY", "2")
	b.instead(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, `{"error":{"message":"no"}}`, http.StatusUnauthorized)
	})
	code, out, errs := b.eval(context.Background())
	if code != exitFailed || out != "" || !strings.Contains(errs, "stopped: ") || !strings.Contains(errs, "LLM_API_KEY") || !strings.Contains(errs, "0 of 40 segments") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	if n := b.calls.Load(); n > 6 {
		t.Errorf("%d calls with a key that is refused", n)
	}
}

// Once nothing comes back any more, the rest is left for another run and not
// scored as empty.
func TestEvalStopsWhenTheModelIsGone(t *testing.T) {
	t.Parallel()
	const before = 6
	b := evalBench(t, articles(60), "LLM_CONCURRENCY", "1")
	b.instead(func(w http.ResponseWriter, r *http.Request) {
		if b.calls.Load() <= before {
			b.model.ServeHTTP(w, r)
			return
		}
		http.Error(w, "gone", http.StatusInternalServerError)
	})
	r, code, errs := b.figures(t)
	// Of two that are asked at the same time the later may be the last to come through.
	if d := r.Directions[0]; code != exitFailed || !r.Interrupted || d.Segments-d.Failed != before || d.Failed > 1 || !strings.Contains(errs, "stopped: ") {
		t.Errorf("exit %d: %s %+v", code, errs, d)
	}
	if n := b.calls.Load(); n > before+5*lostInARow {
		t.Errorf("%d calls", n)
	}
}

func TestEvalTellsWrongUsageBeforeItAsks(t *testing.T) {
	t.Parallel()
	b := evalBench(t, evalPairs)
	for _, row := range []struct {
		says string
		args []string
	}{
		{"0 or more", []string{"--limit=-1"}},
		{"0 or more", []string{"--sample=-1"}},
		{"--direction", []string{"--direction", "hi-fr"}},
		{"must be a file", []string{"--output", "-"}},
		{"is the file of the pairs", []string{"--output", b.pairs}},
		{"--output", []string{"--output", filepath.Join(b.pairs, "x")}},
	} {
		if code, out, errs := b.eval(context.Background(), row.args...); code != exitUsage || out != "" || !strings.Contains(errs, row.says) {
			t.Errorf("%q: exit %d, stdout %q, stderr %q", row.args, code, out, errs)
		}
	}
	b.pairs += ".not"
	if code, _, errs := b.eval(context.Background()); code != exitUsage || !strings.Contains(errs, "no such file") {
		t.Errorf("exit %d: %s", code, errs)
	}
	if b.calls.Load() != 0 {
		t.Errorf("%d calls", b.calls.Load())
	}
}

// An article whose lines the gateway would join or part is translated line by
// line: each segment has its own translation, whatever is in it.
func TestArticlesKeepTheirSegments(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name     string
		segments []string
		kept     int // 0: not as an article
	}{
		{"paragraphs", []string{"नया पुल खुला", "शहर का नया पुल खुल गया।", "लोग खुश हैं।"}, 3},
		{"an empty one", []string{"नया पुल खुला", " ", "लोग खुश हैं।"}, 2},
		{"a line break", []string{"नया पुल\nखुला", "लोग खुश हैं।\r\nबहुत खुश।"}, 2},
		{"a bullet", []string{"नया पुल", "• पैदल रास्ता", "- बत्तियाँ"}, 3},
		{"nothing at all", []string{"", "\n"}, 0},
	} {
		line := &pairLine{number: 1, hi: row.segments, en: row.segments, article: true}
		text, kept, ok := asArticle(trialsOf([]*pairLine{line}, hindiToEnglish))
		if ok != (row.kept > 0) || len(kept) != row.kept || ok && strings.Count(text, "\n\n") != row.kept-1 {
			t.Errorf("%s: %v, %d kept of %q", row.name, ok, len(kept), text)
		}
	}
}

func TestGroupsAreFullAndBounded(t *testing.T) {
	t.Parallel()
	lone := func(n int) (lines []*pairLine) {
		for i := range n {
			lines = append(lines, &pairLine{number: i + 1, hi: []string{"क"}, en: []string{"a"}})
		}
		return lines
	}
	long := &pairLine{number: 9, hi: []string{strings.Repeat("क", 60), strings.Repeat("ख", 30), "ग"}, en: []string{"a", "b", "c"}, article: true}
	after := &pairLine{number: 10, hi: []string{"घ"}, en: []string{"d"}, article: true}
	for _, row := range []struct {
		name  string
		lines []*pairLine
		want  []int
	}{
		{"lone ones", lone(50), []int{24, 24, 2}},
		{"two articles, the first too long", []*pairLine{long, after}, []int{1, 2, 1}},
		{"mixed", append(append(lone(2), after), lone(1)...), []int{2, 1, 1}},
		{"none", nil, nil},
	} {
		var got []int
		for _, g := range groups(trialsOf(row.lines, hindiToEnglish), 80) {
			got = append(got, len(g.trials))
		}
		if !equal(got, row.want) {
			t.Errorf("%s: %v, want %v", row.name, got, row.want)
		}
	}
}
