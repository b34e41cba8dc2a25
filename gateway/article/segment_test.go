package article_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"dubhashi/gateway/article"
)

// block parses Markdown of one block.
func block(t testing.TB, markdown string) article.Block {
	t.Helper()
	d := parse(t, markdown, article.Options{Format: article.Markdown})
	if len(d.Blocks) != 1 {
		t.Fatalf("%d blocks in %q", len(d.Blocks), markdown)
	}
	return d.Blocks[0]
}

func TestSegmentText(t *testing.T) {
	t.Parallel()
	rows := []struct{ name, markdown, text, plain string }{
		{"words", "नगर की बैठक।", "नगर की बैठक।", "नगर की बैठक।"},
		{"pair", "नगर की **बैठक** हुई।", "नगर की <1>बैठक</1> हुई।", "नगर की बैठक हुई।"},
		{"link in emphasis", "पढ़ें *[यह खबर](https://a.example) अभी* भी।", "पढ़ें <1><2>यह खबर</2> अभी</1> भी।", "पढ़ें यह खबर अभी भी।"},
		{"code and URL", "लिखें `go test` और https://a.example/x।", "लिखें <1/> और <2/>।", "लिखें और ।"},
		{"whole block in a pair", "**पूरा वाक्य।**", "पूरा वाक्य।", "पूरा वाक्य।"},
		{"whole block in two pairs", "***[पूरा](/x)***", "पूरा", "पूरा"},
		{"image at the edge", "![चित्र](a.png) नगर में", "नगर में", "नगर में"},
		{"image inside", "नगर ![चित्र](a.png) में", "नगर <1/> में", "नगर में"},
		{"look-alike", "मान \\<3> और \\<1/> हैं", "मान <1/> और <2/> हैं", "मान और हैं"},
		{"look-alike and bracket", "क \\<\\<3>3> ख", "क <<1/>3> ख", "क < 3> ख"},
		{"placeholder", "नमस्ते {name}, आइए", "नमस्ते <1/>, आइए", "नमस्ते , आइए"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			b := block(t, row.markdown)
			s := b.Segments(1500)
			if len(s) != 1 || s[0].Text != row.text {
				t.Fatalf("got %q, want %q", texts(s), row.text)
			}
			if s[0].Masked() != strings.Contains(row.text, "1") {
				t.Errorf("Masked is %v", s[0].Masked())
			}
			if row.name != "look-alike and bracket" && s[0].Plain() != row.plain {
				t.Errorf("Plain is %q, want %q", s[0].Plain(), row.plain)
			}
			identity(t, b, 1500)
		})
	}
}

func TestTranslatable(t *testing.T) {
	t.Parallel()
	rows := map[string]bool{
		"नगर": true, "a 1": true, "https://a.example/x": false, "2024 – 25": false, "\\*\\*\\*": false,
		"`code`": false, "xxxxxxxx": false, "ननननननननन 12": false, "हा हा": true, "aaah": true, "[कड़ी](/x)": true, "@someone 5": false, "😀": false, "👍 हां": true,
	}
	for text, want := range rows {
		if got := block(t, text).Segments(0)[0].Translatable(); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestSameSegmentsInEveryFormat(t *testing.T) {
	t.Parallel()
	const sentence = "नगर की बैठक https://a.example/x पर देखें।"
	want := "नगर की बैठक <1/> पर देखें।"
	for format, input := range map[article.Format]string{
		article.Text:     " " + sentence + "\u00A0\n",
		article.Markdown: "**" + sentence + "**",
		article.HTML:     "<p> <b>" + sentence + "</b><img src=a.png> </p>",
	} {
		d := parse(t, input, article.Options{Format: format})
		if got := d.Blocks[0].Segments(1500)[0].Text; got != want {
			t.Errorf("%s: got %q, want %q", format, got, want)
		}
	}
}

func texts(segments []article.Segment) []string {
	var out []string
	for _, s := range segments {
		out = append(out, s.Text)
	}
	return out
}

func TestSegmentsCut(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, markdown string
		limit          int
		want           []string
	}{
		{"fits", "एक दो।", 6, []string{"एक दो।"}},
		{"at sentences", "एक दो। तीन। चार पांच।", 12, []string{"एक दो। तीन।", "चार पांच।"}},
		{"without space", "एक दो।तीन।चार पांच।", 12, []string{"एक दो।तीन।", "चार पांच।"}},
		{"never after an abbreviation", "वह आया। डॉ. राम. मोहन गए।", 22, []string{"वह आया।", "डॉ. राम. मोहन गए।"}},
		{"never in a number", "कुल मिलाकर 3.5 करोड़ रुपये", 13, []string{"कुल मिलाकर", "3.5 करोड़", "रुपये"}},
		{"at a clause mark", "एक दो तीन, चार पांच छह सात", 16, []string{"एक दो तीन,", "चार पांच छह सात"}},
		{"at a space", "एकदो तीनचार पांचछह सात", 12, []string{"एकदो तीनचार", "पांचछह सात"}},
		{"at a grapheme cluster", "क्षक्षक्षक्षक्ष", 8, []string{"क्षक्ष", "क्षक्ष", "क्ष"}},
		{"a pair stays whole", "एक दो तीन। **चार** पांच। छह सात आठ।", 24, []string{"एक दो तीन।", "<1>चार</1> पांच।", "छह सात आठ।"}},
		{"a pair around a piece", "एक दो तीन। **चार पांच।** छह सात आठ।", 24, []string{"एक दो तीन।", "चार पांच।", "छह सात आठ।"}},
		{"a pair is parted", "एक **दो तीन। चार** पांच।", 16, []string{"एक <1/>दो तीन।", "चार<1/> पांच।"}},
		{"a pair around all", "**एक दो। तीन चार।**", 14, []string{"एक दो।", "तीन चार।"}},
		{"an atom stays whole", "एक https://a.example/very/long/path। दो तीन चार।", 12, []string{"एक <1/>।", "दो तीन चार।"}},
		{"masks start anew", "`a` एक दो। `b` तीन चार।", 15, []string{"<1/> एक दो।", "<1/> तीन चार।"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			b := block(t, row.markdown)
			got := texts(b.Segments(row.limit))
			if !slices.Equal(got, row.want) {
				t.Errorf("got  %q\nwant %q", got, row.want)
			}
			identity(t, b, row.limit)
		})
	}
}

func TestSegmentsOfLongBlocks(t *testing.T) {
	t.Parallel()
	sentence := "नगर परिषद की बैठक में पुल पर चर्चा हुई और काम अगले महीने शुरू होगा। "
	rows := []struct {
		name, text  string
		least, most int // pieces
	}{
		{"sentences", strings.Repeat(sentence, 290), 14, 15},
		{"no sentence end", strings.Repeat("नगर परिषद की बैठक में पुल पर चर्चा ", 580), 14, 15},
		{"no space", strings.Repeat("क्षत्रियकिताब", 1540), 14, 15},
		{"one letter", strings.Repeat("x", 20000), 14, 14},
		{"no end, with masks", strings.Repeat("नगर `x` परिषद *की* बैठक ", 900), 15, 30},
		{"one mark on many letters", "क" + strings.Repeat("\u0301", 20000), 14, 15},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			b := block(t, row.text)
			segments := b.Segments(1500)
			if n := len(segments); n < row.least || n > row.most {
				t.Errorf("%d pieces of %d characters", n, utf8.RuneCountInString(row.text))
			}
			identity(t, b, 1500)
			for i, s := range segments[:len(segments)-1] {
				if row.name == "sentences" && !article.EndsSentence(s.Text) {
					t.Errorf("piece %d ends in %q", i, s.Text[len(s.Text)-40:])
				}
			}
		})
	}
}

func TestLateEditKeepsEarlierCuts(t *testing.T) {
	t.Parallel()
	sentence := "नगर परिषद की बैठक में पुल पर चर्चा हुई। "
	before := texts(block(t, strings.Repeat(sentence, 200)).Segments(1500))
	after := texts(block(t, strings.Repeat(sentence, 180)+"नया वाक्य यहां जोड़ा गया। "+strings.Repeat(sentence, 20)).Segments(1500))
	for i := range len(before) - 1 {
		if (i+1)*1500 > utf8.RuneCountInString(sentence)*180 {
			break
		}
		if before[i] != after[i] {
			t.Errorf("piece %d changed", i)
		}
	}
}

func TestJoinOfCutsWithoutSpace(t *testing.T) {
	t.Parallel()
	b := block(t, "बैठक सफल रही।उन्होंने कहा।")
	segments := b.Segments(14)
	if len(segments) != 2 {
		t.Fatalf("%q", texts(segments))
	}
	answers := func(a, b string) []article.Inline {
		x, _ := segments[0].Restore(a)
		y, _ := segments[1].Restore(b)
		return []article.Inline{x, y}
	}
	if got := b.Join(answers("It went well.", "They spoke.")).String(); got != "It went well. They spoke." {
		t.Errorf("English: %q", got)
	}
	if got := b.Join(answers("बैठक अच्छी रही।", "वे बोले।")).String(); got != "बैठक अच्छी रही।वे बोले।" {
		t.Errorf("Hindi: %q", got)
	}
}
