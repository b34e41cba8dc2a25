package article_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"dubhashi/gateway/article"
)

// longText is an article of about n code points: paragraphs of four sentences, with a
// URL, sub-headings, a list and wrapped lines among them.
func longText(n int) string {
	const piece = "नगर परिषद की बैठक में पुल पर लंबी चर्चा हुई और डॉ. राम ने 3.5 करोड़ रुपये मांगे। काम अगले महीने शुरू होगा। " +
		"देखें https://a.example/x?y=1। “सब ठीक होगा।” मंत्री ने कहा।\n\n" +
		"– बजट पर फैसला\n\n• पहला काम\n• दूसरा काम\n\n" + wrap1 + "\n" + wrap2 + "\n" + wrap3 + "\n\n"
	return strings.Repeat(piece, n/utf8.RuneCountInString(piece)+1)
}

func BenchmarkParseText(b *testing.B) {
	input := longText(200_000)
	b.SetBytes(int64(len(input)))
	for b.Loop() {
		if _, err := article.Parse(input, article.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSegments(b *testing.B) {
	d, err := article.Parse(longText(200_000), article.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(len(d.Blocks)), "blocks")
	for b.Loop() {
		for _, block := range d.Blocks {
			block.Segments(1500)
		}
	}
}

func BenchmarkSegmentsOfOneParagraph(b *testing.B) {
	for name, text := range map[string]string{
		"sentences": strings.ReplaceAll(longText(20_000), "\n", " "),
		"no-end":    strings.Repeat("नगर परिषद की बैठक में पुल पर चर्चा ", 580),
		"no-space":  strings.Repeat("क्षत्रियकिताब", 1540),
		"200k":      strings.Repeat("नगर परिषद की बैठक में पुल पर चर्चा ", 5800),
	} {
		d, err := article.Parse(text, article.Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				d.Blocks[0].Segments(1500)
			}
		})
	}
}

func BenchmarkFold(b *testing.B) {
	text := longText(1500)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		article.Fold(text)
	}
}

func BenchmarkRestore(b *testing.B) {
	s := block(b, "नगर की **बैठक** https://a.example/x पर [यहां](/y) देखें। "+strings.Repeat("काम शुरू होगा। ", 20)).Segments(1500)[0]
	answer := "See the <1>council meeting</1> at <2/>, <3>here</3>. " + strings.Repeat("Work will begin. ", 20)
	for b.Loop() {
		s.Restore(answer)
	}
}
