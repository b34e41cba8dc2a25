package score_test

import (
	"bufio"
	"encoding/json"
	"math"
	"os"
	"testing"

	"dubhashi/gateway/score"
)

// row is a small corpus and what sacrebleu 2.6.0 says of it, to six decimals:
// CHRF(word_order=2) and BLEU(), corpus_score of both.
type row struct {
	Name       string
	ChrF, BLEU float64
	Pairs      [][2]string // hypothesis, reference
}

func golden(t *testing.T) (rows []row) {
	t.Helper()
	f, err := os.Open("testdata/sacrebleu.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var r row
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, r)
	}
	if err := lines.Err(); err != nil || len(rows) == 0 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	return rows
}

// scores are chrF++ and BLEU of pairs of hypothesis and reference.
func scores(pairs [][2]string) (chrf, bleu float64) {
	var c score.ChrF
	var b score.BLEU
	for _, p := range pairs {
		c.Add(p[0], p[1])
		b.Add(p[0], p[1])
	}
	return c.Score(), b.Score()
}

func TestScoresAreThoseOfSacrebleu(t *testing.T) {
	t.Parallel()
	for _, r := range golden(t) {
		chrf, bleu := scores(r.Pairs)
		if math.Abs(chrf-r.ChrF) > 1e-6 || math.Abs(bleu-r.BLEU) > 1e-6 {
			t.Errorf("%s: chrF++ %.6f, want %.6f; BLEU %.6f, want %.6f", r.Name, chrf, r.ChrF, bleu, r.BLEU)
		}
	}
}

func TestAnEmptyCorpusScoresNothing(t *testing.T) {
	t.Parallel()
	if chrf, bleu := scores(nil); chrf != 0 || bleu != 0 {
		t.Errorf("chrF++ %v, BLEU %v", chrf, bleu)
	}
}

// A corpus is scored as a whole, in any order, and a score may be read between.
func TestScoreIsOfTheCorpus(t *testing.T) {
	t.Parallel()
	var all [][2]string
	for _, r := range golden(t) {
		all = append(all, r.Pairs...)
	}
	chrf, bleu := scores(all)
	var c score.ChrF
	var b score.BLEU
	for i := len(all) - 1; i >= 0; i-- {
		c.Add(all[i][0], all[i][1])
		b.Add(all[i][0], all[i][1])
		c.Score()
		b.Score()
	}
	if c.Score() != chrf || b.Score() != bleu {
		t.Errorf("backwards: chrF++ %v, want %v; BLEU %v, want %v", c.Score(), chrf, b.Score(), bleu)
	}
}

func FuzzScore(f *testing.F) {
	f.Add("बारिश रुकी, 1,500.50 का नुक़सान।", "“बारिश” रुकी; 1,500 का नुकसान...")
	f.Add("a-\nb &amp;lt; ..5 5-6", "\xff\x1c\u2028🎉")
	f.Add("", " ")
	f.Fuzz(func(t *testing.T, hyp, ref string) {
		chrf, bleu := scores([][2]string{{hyp, ref}, {ref, hyp}})
		for _, s := range []float64{chrf, bleu} {
			if math.IsNaN(s) || s < 0 || s > 100+1e-9 {
				t.Fatalf("chrF++ %v, BLEU %v", chrf, bleu)
			}
		}
		if c, b := scores([][2]string{{ref, ref}}); c != 0 && math.Abs(c-100) > 1e-9 || b != 0 && math.Abs(b-100) > 1e-9 {
			t.Fatalf("of a text against itself: chrF++ %v, BLEU %v", c, b)
		}
		// What a segment leaves behind in the buffers must not change the next.
		var c score.ChrF
		var b score.BLEU
		c.Add(hyp, ref)
		b.Add(hyp, ref)
		c.Add(ref, hyp)
		b.Add(ref, hyp)
		var c2 score.ChrF
		var b2 score.BLEU
		c2.Add(ref, hyp)
		b2.Add(ref, hyp)
		c2.Add(hyp, ref)
		b2.Add(hyp, ref)
		if c.Score() != c2.Score() || b.Score() != b2.Score() {
			t.Fatalf("the order of the segments counts: %v %v, %v %v", c.Score(), c2.Score(), b.Score(), b2.Score())
		}
	})
}
