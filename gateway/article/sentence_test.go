package article_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"

	"dubhashi/gateway/article"
)

func TestSentences(t *testing.T) {
	t.Parallel()
	// A row is a text with its sentences parted by ¦.
	rows := []struct{ name, text string }{
		{"danda without space", "बैठक सफल रही।¦उन्होंने कहा।"},
		{"double danda", "राम वन गए ॥ ¦सीता भी गईं ॥"},
		{"verse number", "राम वन गए ॥१॥ ¦सीता भी गईं ॥२॥"},
		{"titles before names", "डॉ. मनमोहन सिंह ने रु. 500 दिए। ¦श्री. शर्मा आए।"},
		{"titles, full stops only", "डॉ. मनमोहन सिंह ने रु. 500 दिए. ¦श्री. शर्मा आए."},
		{"era", "यह 326 ई.पू. की घटना है। ¦सिकंदर आया।"},
		{"era before a noun", "यह मूर्ति 326 ई.पू. कालीन मानी गई. ¦मंदिर नया है."},
		{"initial", "एस. जयशंकर ने कहा। ¦वे आए।"},
		{"initials, full stops only", "ए. पी. जे. अब्दुल कलाम आए. ¦वे बोले."},
		{"joined initials", "के.के. वेणुगोपाल ने कहा. ¦सब सुनते रहे."},
		{"state", "उ.प्र. सरकार ने आदेश दिया. ¦म.प्र. में भी यही हुआ."},
		{"unit", "सड़क 12 कि.मी. लंबी है. ¦पुल 3 कि.मी. दूर है."},
		{"pipe as danda", "बैठक सफल रही| ¦उन्होंने कहा|"},
		{"pipe set apart", "बैठक सफल रही | ¦उन्होंने यह कहा |"},
		{"table is none", "| नाम | उम्र | शहर |"},
		{"Latin pipe is none", "Home | News | Sport"},
		{"decimal", "मूल्य 3.5 करोड़ रुपये है। ¦ठीक है।"},
		{"Devanagari decimal", "मूल्य ३.५ करोड़ है. ¦ठीक है."},
		{"grouped number", "कुल 1,500.50 रुपये मिले. ¦सब खुश हैं."},
		{"after a number", "कीमत 500। ¦फिर बढ़ी।"},
		{"year at the end", "यह साल 2024. ¦फिर 2025 आया."},
		{"quoted speech and its tag", "'मैं आऊंगा।' उसने कहा।"},
		{"curly quotes and tag", "“मैं आऊंगा।” मंत्री ने कहा। ¦सब हंसे।"},
		{"quotation, then a new sentence", "उसने कहा, “मैं आऊंगा।” ¦इसके बाद सभा समाप्त हो गई।"},
		{"straight quotes without spaces", "\"मैं आऊंगा।\"¦सभा समाप्त हो गई।"},
		{"quote opens behind the danda", "सभा हुई।¦\"अब हम चलते हैं।\""},
		{"bracket", "(यह पहला वाक्य है।) ¦यह दूसरा है।"},
		{"quote set apart", "“वह गया। ” ¦सब चुप थे।"},
		{"question and exclamation", "क्या वह आएगा? ¦हां! ¦वह आ गया।"},
		{"question without space", "क्या वह आएगा?¦हां।"},
		{"question in mid-sentence", "क्या? की बात नहीं, कब? की बात है।"},
		{"run of marks", "सच में?! ¦हां..."},
		{"Hindi ellipsis goes on", "वह... नहीं आया। ¦फिर…शाम हुई।"},
		{"ellipsis behind a verb", "वह चला गया... ¦फिर कोई नहीं आया."},
		{"full stops", "बैठक सफल रही. ¦उन्होंने कहा. ¦राम घर चला गया."},
		{"full stop without space", "बैठक सफल रही.¦उन्होंने यह कहा."},
		{"full stop behind a noun", "नए अध्यक्ष हैं अजय शर्मा. ¦वह कल पद संभालेंगे."},
		{"full stops are not ends where dandas are", "वि. सं. 2082 में प्रो. मिश्र आए। ¦सब मिले।"},
		{"both marks", "पहली बात यह है. ¦दूसरी बात वह है।"},
		{"abbreviation sign", "डॉ॰ शर्मा आए। ¦प्रो॰ सिंह गए।"},
		{"URL", "पता https://a.example/x.html है। ¦देखें।"},
		{"combining mark behind the end", "है।\u0301 ¦वह"},
		{"empty line", "शीर्षक\n\n¦पहला वाक्य।"},
		{"single line end goes on", "पहला\nवाक्य।"},
		{"Urdu", "یہ ٹھیک ہے۔ ¦کیا؟ ¦ہاں"},

		{"English", "It rained. ¦They left."},
		{"English titles", "Mr. Rao met Dr. Khan. ¦They spoke."},
		{"country", "The U.S. Senate met. ¦It rained."},
		{"country ends", "He left the U.S. ¦The rest stayed."},
		{"rupees", "It costs Rs. 500. ¦He paid."},
		{"number word", "See No. 5 today. ¦No. ¦He refused."},
		{"month", "On Jan. 5 it snowed. ¦By Feb. 6 it was gone."},
		{"time", "He came at 5 p.m. on Monday. ¦She came at 6 a.m. ¦They met."},
		{"company", "Acme Inc. shares fell. ¦Acme Ltd. ¦The rest rose."},
		{"English initial", "J. R. Rao spoke. ¦All clapped."},
		{"lower case goes on", "He said \"Why?\" and left. ¦Then i.e. nothing. ¦\"Go!\" he said."},
		{"capital behind a quotation", "\"We go now.\" ¦The crowd cheered."},
		{"no space, no sentence", "Node.js and Yahoo!Mail work. ¦Yes."},
		{"list number", "1. First item here. ¦It is good."},
		{"digit starts", "It fell. ¦500 people came."},
		{"English, then Hindi", "It works. ¦यह चलता है."},
		{"white space stays behind", "  One.  ¦Two.\t¦Three. "},
		{"one sentence", "शीर्षक बिना विराम"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			want := strings.Split(row.text, "¦")
			if got := article.Sentences(strings.Join(want, "")); !slices.Equal(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
	if got := article.Sentences(""); len(got) != 0 {
		t.Errorf("of no text: %q", got)
	}
}

func TestEndsSentence(t *testing.T) {
	t.Parallel()
	rows := []struct {
		text string
		want bool
	}{
		{"वह आया।", true}, {"वह आया॥ ", true}, {"वह आया?", true}, {"वह आया!", true}, {"वह आया.", true}, {"वह आया…", true},
		{"वह आया|", true}, {"वह आया |", true}, {"A | B |", false}, {"वह आया।”", true}, {"(वह आया।)", true}, {"वह आया। ”", true}, {"“वह आया.’", true},
		{"ठीक है.", true}, {"वह चला...", true}, {"राम शर्मा.", true}, {"साल 2024.", true},
		{"डॉ.", false}, {"श्री.", false}, {"कुल रु.", false}, {"यह 326 ई.पू.", false}, {"एस.", false}, {"म.प्र.", false}, {"12 कि.मी.", false},
		{"It rained.", true}, {"in the U.S.", true}, {"Acme Inc.", true}, {"Mr.", false}, {"J.", false}, {"He said,", false},
		{"शीर्षक", false}, {"कहा:", false}, {"", false}, {"डॉ॰", false},
	}
	for _, row := range rows {
		if got := article.EndsSentence(row.text); got != row.want {
			t.Errorf("EndsSentence(%q) = %v", row.text, got)
		}
	}
}

func TestFirstSentences(t *testing.T) {
	t.Parallel()
	const text = "पहला वाक्य है। दूसरा वाक्य भी है। तीसरा।"
	rows := []struct {
		name string
		text string
		max  int
		want string
	}{
		{"one fits", text, 5, "पहला वाक्य है।"},
		{"two fit exactly", text, 7, "पहला वाक्य है। दूसरा वाक्य भी है।"},
		{"all fit", text, 8, text},
		{"the first is longer", text, 2, "पहला वाक्य…"},
		{"cut at a comma", "One, two three.", 1, "One…"},
		{"no sentence end", "one two three", 2, "one two…"},
		{"no sentence end, fits", " one two three ", 3, "one two three"},
		{"nothing asked", text, 0, ""},
		{"no text", "", 5, ""},
	}
	for _, row := range rows {
		if got := article.FirstSentences(row.text, row.max); got != row.want {
			t.Errorf("%s: got %q, want %q", row.name, got, row.want)
		}
	}
}

func FuzzSentences(f *testing.F) {
	for _, s := range []string{"", "वह आया।उसने कहा॥१॥ ठीक|", "Mr. A. said \"No.\" He left...", "?!\u200D।\u0301 \u0301a", "\n\n.\n \n", "1. २.५ ई.पू. “।” ’"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		pieces := article.Sentences(s)
		if got := strings.Join(pieces, ""); got != s {
			t.Fatalf("pieces make %q of %q", got, s)
		}
		if slices.Contains(pieces, "") {
			t.Fatalf("an empty piece in %q", pieces)
		}
		if utf8.ValidString(s) {
			inGrapheme(t, s, pieces)
		}
		article.EndsSentence(s)
		if first := article.FirstSentences(s, 5); len(strings.Fields(first)) > 5 {
			t.Fatalf("%q has more than 5 words", first)
		}
	})
}

// inGrapheme fails if a piece of s ends inside a grapheme cluster.
func inGrapheme(t *testing.T, s string, pieces []string) {
	t.Helper()
	ends := map[int]bool{}
	for g := graphemes.FromString(s); g.Next(); {
		ends[g.End()] = true
	}
	at := 0
	for _, p := range pieces {
		if at += len(p); !ends[at] {
			t.Fatalf("%q ends inside a grapheme cluster of %q", p, s)
		}
	}
}
