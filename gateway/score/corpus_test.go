package score_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// references are the segments of a file of the shared data in both languages,
// or the test is skipped.
func references(t testing.TB, name string) (hi, en []string) {
	t.Helper()
	root := os.Getenv("SHARED_DATA")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "data")
	}
	f, err := os.Open(filepath.Join(root, filepath.FromSlash(name)))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no %s: set SHARED_DATA to the folder of the data", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		var pair struct{ Hi, En segments }
		if err := json.Unmarshal(lines.Bytes(), &pair); err != nil {
			t.Fatal(err)
		}
		hi, en = append(hi, pair.Hi...), append(en, pair.En...)
	}
	if err := lines.Err(); err != nil || len(hi) != len(en) {
		t.Fatalf("%d Hindi and %d English segments, %v", len(hi), len(en), err)
	}
	return hi, en
}

// segments is a text, or the texts of an article.
type segments []string

func (s *segments) UnmarshalJSON(b []byte) error {
	if b[0] == '[' {
		return json.Unmarshal(b, (*[]string)(s))
	}
	*s = segments{""}
	return json.Unmarshal(b, &(*s)[0])
}

// damage makes a hypothesis of segment i of the references.
var damage = map[string]func(refs, other []string, i int) string{
	"every third word dropped": func(refs, _ []string, i int) string {
		var out []string
		for k, w := range strings.Fields(refs[i]) {
			if k%3 != 2 {
				out = append(out, w)
			}
		}
		return strings.Join(out, " ")
	},
	"words swapped": func(refs, _ []string, i int) string {
		w := strings.Fields(refs[i])
		for k := 0; k+1 < len(w); k += 2 {
			w[k], w[k+1] = w[k+1], w[k]
		}
		return strings.Join(w, " ")
	},
	"cut to two thirds": func(refs, _ []string, i int) string {
		w := strings.Fields(refs[i])
		return strings.Join(w[:len(w)*2/3], " ")
	},
	"shifted by one": func(refs, _ []string, i int) string { return refs[(i+1)%len(refs)] },
	"every fifth empty": func(refs, _ []string, i int) string {
		if i%5 == 0 {
			return ""
		}
		return refs[i]
	},
	"every seventh character dropped": func(refs, _ []string, i int) string {
		var out []rune
		for k, r := range []rune(refs[i]) {
			if k%7 != 3 {
				out = append(out, r)
			}
		}
		return string(out)
	},
	"left in the source language": func(_, other []string, i int) string { return other[i] },
}

func TestScoresOfACorpusAreThoseOfSacrebleu(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		file, language, damage string
		chrf, bleu             float64 // of sacrebleu 2.6.0, as it prints them with two decimals
	}{
		{"ntrex/articles.jsonl", "hi", "every third word dropped", 53.39, 8.85},
		{"ntrex/articles.jsonl", "hi", "words swapped", 52.77, 4.14},
		{"ntrex/articles.jsonl", "hi", "cut to two thirds", 70.03, 59.50},
		{"ntrex/articles.jsonl", "hi", "shifted by one", 15.83, 2.12},
		{"ntrex/articles.jsonl", "hi", "every fifth empty", 83.70, 78.47},
		{"ntrex/articles.jsonl", "hi", "every seventh character dropped", 42.76, 1.66},
		{"ntrex/articles.jsonl", "hi", "left in the source language", 1.73, 0.63},
		{"ntrex/articles.jsonl", "en", "every third word dropped", 56.30, 12.49},
		{"ntrex/articles.jsonl", "en", "words swapped", 58.55, 6.59},
		{"ntrex/articles.jsonl", "en", "cut to two thirds", 67.72, 55.25},
		{"ntrex/articles.jsonl", "en", "shifted by one", 17.13, 1.69},
		{"ntrex/articles.jsonl", "en", "every fifth empty", 83.73, 78.59},
		{"ntrex/articles.jsonl", "en", "every seventh character dropped", 43.01, 2.06},
		{"ntrex/articles.jsonl", "en", "left in the source language", 1.83, 0.63},
		{"tico19/sentences.jsonl", "hi", "every third word dropped", 54.63, 10.52},
		{"tico19/sentences.jsonl", "hi", "words swapped", 55.61, 5.82},
		{"tico19/sentences.jsonl", "hi", "cut to two thirds", 70.61, 59.80},
		{"tico19/sentences.jsonl", "hi", "shifted by one", 17.44, 2.48},
		{"tico19/sentences.jsonl", "hi", "every fifth empty", 83.46, 78.11},
		{"tico19/sentences.jsonl", "hi", "every seventh character dropped", 42.39, 2.04},
		{"tico19/sentences.jsonl", "hi", "left in the source language", 3.92, 2.16},
		{"tico19/sentences.jsonl", "en", "every third word dropped", 57.53, 13.54},
		{"tico19/sentences.jsonl", "en", "words swapped", 61.30, 7.92},
		{"tico19/sentences.jsonl", "en", "cut to two thirds", 68.30, 55.99},
		{"tico19/sentences.jsonl", "en", "shifted by one", 19.23, 2.10},
		{"tico19/sentences.jsonl", "en", "every fifth empty", 83.48, 78.17},
		{"tico19/sentences.jsonl", "en", "every seventh character dropped", 42.41, 1.82},
		{"tico19/sentences.jsonl", "en", "left in the source language", 3.96, 2.16},
	} {
		t.Run(row.file+" "+row.language+" "+row.damage, func(t *testing.T) {
			t.Parallel()
			hi, en := references(t, row.file)
			refs, other := hi, en
			if row.language == "en" {
				refs, other = en, hi
			}
			pairs := make([][2]string, len(refs))
			for i := range refs {
				pairs[i] = [2]string{damage[row.damage](refs, other, i), refs[i]}
			}
			chrf, bleu := scores(pairs)
			if two(chrf) != row.chrf || two(bleu) != row.bleu {
				t.Errorf("chrF++ %.4f, want %.2f; BLEU %.4f, want %.2f", chrf, row.chrf, bleu, row.bleu)
			}
		})
	}
}

func two(x float64) float64 { return math.Round(x*100) / 100 }

// Ten thousand segments are to take less than two seconds, both scores together.
func BenchmarkScoresOfTenThousand(b *testing.B) {
	hi, en := references(b, "ntrex/articles.jsonl")
	pairs := make([][2]string, 10_000)
	for i := range pairs {
		refs := hi
		if i%2 == 1 {
			refs = en
		}
		pairs[i] = [2]string{refs[(i+2)%len(refs)], refs[i%len(refs)]}
	}
	b.ReportAllocs()
	for b.Loop() {
		scores(pairs)
	}
}
