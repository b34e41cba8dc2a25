package article_test

import (
	"fmt"
	"strings"
	"testing"

	"dubhashi/gateway/article"
)

// kinds writes the kinds of a document's blocks, e.g. "title byline paragraph".
func kinds(d *article.Document) string {
	var out []string
	for _, b := range d.Blocks {
		k := string(b.Kind)
		if b.Number > 0 {
			k += fmt.Sprint(b.Number)
		}
		out = append(out, k)
	}
	return strings.Join(out, " ")
}

const (
	hiTitle = "नगर परिषद में पुल पर फैसला"
	enTitle = "Town council decides on bridge"
	enPara  = "The town council met on the bridge. Work will begin next month."
)

func TestLineKinds(t *testing.T) {
	t.Parallel()
	// Each line stands as block 1, between a Hindi title and two paragraphs.
	rows := map[article.Kind][]string{
		article.Byline: {
			"जागरण संवाददाता, लखनऊ", "संवाददाता, लखनऊ", "विशेष संवाददाता", "विशेष प्रतिनिधि", "हमारे प्रतिनिधि, पटना", "हमारे संवाददाता", "नगर ब्यूरो", "एजेंसी", "(एजेंसी)", "एजेंसियां", "भाषा", "(भाषा)", "वार्ता", "यूनीवार्ता",
			"(इनपुट: भाषा)", "इनपुट: पीटीआई-भाषा", "एजेंसी के इनपुट के साथ", "लेखक: रमा देवी", "लेखिका रमा देवी", "(लेखक वरिष्ठ पत्रकार हैं)", "नई दिल्ली (भाषा)", "नई दिल्ली, एजेंसी", "एजेंसी, नई दिल्ली",
			"अमित कुमार, लखनऊ", "रमा देवी/एएनआई", "साभार: हि.स.", "हि.स.", "फोटो: पीटीआई", "पीटीआई", "आईएएनएस, मुंबई",
			"By Rama Devi", "BY A. B. RAO", "By: Rama Devi and A. B. Rao", "Staff Reporter", "Our Special Correspondent", "Rama Devi, Staff Reporter", "ANI", "PTI", "(IANS)", "PTI | Lucknow",
			"TAASIR HINDI NEWS NETWORK ABHISHEK SINGH", "RAMA DEVI", "Rama Devi", "A. B. Rao | TNN", "Edited by Rama Devi", "With inputs from agencies", "Source: PTI", "Town News Network",
			"1711 1532 इस्लामाबाद", "1711 1532",
		},
		article.Dateline: {
			"इस्लामाबाद, 17 नवंबर", "इस्लामाबाद, 17 नवंबर (भाषा)", "नयी दिल्ली, १७ नवम्बर", "नई दिल्ली, 17 नवंबर 2025, एजेंसी", "लंदन: 5 मई", "नई दिल्ली 17 नवंबर", "17 नवंबर 2025", "१७ नवंबर २०२५, सोमवार",
			"इस्लामाबाद, 17 नवंबर (एपी)", "लखनऊ, 17/11/2025", "17-11-2025, लखनऊ", "सोमवार, 17 नवंबर 2025, 10:30 बजे", "वाशिंगटन, 9 फ़रवरी", "मुंबई/नागपुर, 1 जून", "इस्लामाबाद, 17 नवंबर, भाषा", "इस्लामाबाद 17 नवंबर [एजेंसी] –", "प्रकाशित: 17 नवंबर 2025 10:30 IST",
			"NEW DELHI, Nov 17", "New Delhi, 17 November 2025", "ISLAMABAD, Nov. 17 (PTI)", "London, July 4th", "Mumbai | November 17, 2025", "Updated: Nov 17, 2025, 10:30 am IST", "2025-11-17", "NEW DELHI: 17 Nov '25",
		},
		article.Heading: {
			"– पुल समिति की दसवीं बैठक में फैसला", "- बजट पर चर्चा", "—नगर में हलचल", "-पुल की मरम्मत जल्द", "बजट पर लंबी चर्चा", "पुल की कहानी:", "संवाददाता सम्मेलन में हंगामा", "जांच एजेंसी की छापेमारी", "भाषा विवाद गहराया", "वार्ता विफल",
		},
		article.Paragraph: {
			"इस्लामाबाद, 17 नवंबर (भाषा)। प्रधानमंत्री ने बैठक की।", "इस्लामाबाद, 17 नवंबर।", "17 नवंबर को पुल पर चर्चा होगी।", "इस्लामाबाद, 17 नवंबर (भाषा) प्रधानमंत्री ने कहा,", "एजेंसी ने कहा कि पुल बनेगा।", "(लेखक वरिष्ठ पत्रकार हैं।)", "By then the council had met.",
			"– उन्होंने कहा कि पुल बनेगा।", "2024–25 में पुल बना।", "“पुल बनेगा।”", "‘सब ठीक है।’", "\"पुल बनेगा\"", "उन्होंने कहा,",
		},
		article.ListItem: {"• पहला काम", "* पहला काम", "1. पहला काम", "२) दूसरा काम", "(3) तीसरा", "(क) पहला", "1.पहला काम", "◆ पहला"},
		article.Quote:    {"> पुल बनेगा।", ">पुल"},
	}
	for want, lines := range rows {
		for _, line := range lines {
			d := parse(t, hiTitle+"\n"+line+"\n"+para+"\n"+para+"\n"+para, article.Options{})
			if got := d.Blocks[1].Kind; got != want {
				t.Errorf("%s: got %s, want %s", line, got, want)
			}
			if got := d.Blocks[1].String(); got != line {
				t.Errorf("%s: text is %q", line, got)
			}
			if got := kinds(d); !strings.HasPrefix(got, "title ") || !strings.HasSuffix(got, " paragraph paragraph paragraph") {
				t.Errorf("%s: around it: %s", line, got)
			}
		}
	}
}

func TestKinds(t *testing.T) {
	t.Parallel()
	rows := []struct{ name, input, want string }{
		{"title", hiTitle + "\n" + para, "title paragraph"},
		{"a question", "क्या पुल बनेगा?\n" + para, "title paragraph"},
		{"an outcry", "दूसरा पुल?!\n" + para, "title paragraph"},
		{"a long question is no title", strings.Repeat("क्या ", 25) + "पुल बनेगा?\n" + para, "paragraph paragraph"},
		{"a sentence is no title", "पुल बनेगा।\n" + para, "paragraph paragraph"},
		{"30 words", strings.Repeat("पुल ", 30) + "\n" + para, "title paragraph"},
		{"31 words", strings.Repeat("पुल ", 31) + "\n" + para, "paragraph paragraph"},
		{"251 code points", strings.Repeat("पुल", 83) + "कल\n" + para, "paragraph paragraph"},
		{"alone", hiTitle, "paragraph"},
		{"credit alone", "भाषा", "paragraph"},
		{"bullet first", "• पुल\n" + para, "list_item paragraph"},
		{"dateline first", "लखनऊ, 17 नवंबर\n" + para, "dateline paragraph"},
		{"who is quoted", hiTitle + "\n" + para + "\n“हम सबको साथ लेकर चलेंगे।”\n— वित्त मंत्री\n" + para, "title paragraph paragraph paragraph paragraph"},
		{"credit first", "जागरण संवाददाता, लखनऊ\n" + para, "byline paragraph"},
		{"title that names an agency's word", "भाषा विवाद गहराया\n" + para, "title paragraph"},
		{"comma goes on", "नमस्ते दोस्तो,\n" + para, "paragraph paragraph"},
		{"numbers are no title", "2024\n" + para, "paragraph paragraph"},
		{"English", enTitle + "\n\nBy Rama Devi\n\nLUCKNOW, Nov 17 (PTI)\n\n" + enPara + "\n\nWhat comes next\n\n" + enPara,
			"title byline dateline paragraph heading paragraph"},
		{"Latin capitals in an English article", enTitle + "\nWHAT COMES NEXT\n" + enPara + "\n" + enPara, "title heading paragraph paragraph"},
		{"credits at the end", hiTitle + "\n" + strings.Repeat(para+"\n", 5) + "भाषा वैभव मनीषा\n1711 1532 इस्लामाबाद",
			"title paragraph paragraph paragraph paragraph paragraph byline byline"},
		{"credit at the end", hiTitle + "\n" + strings.Repeat(para+"\n", 5) + "(इनपुट: भाषा)", "title paragraph paragraph paragraph paragraph paragraph byline"},
		{"no credit in the middle", hiTitle + "\n" + strings.Repeat(para+"\n", 5) + "विशेष संवाददाता।\n" + strings.Repeat(para+"\n", 3),
			"title paragraph paragraph paragraph paragraph paragraph paragraph paragraph paragraph paragraph"},
		{"one dash in the text is a heading", hiTitle + "\n" + para + "\n– नई समिति\n" + para, "title paragraph heading paragraph"},
		{"several are a list", hiTitle + "\n" + para + "\n– पहला बिंदु\n- दूसरा\n— तीसरा\n" + para, "title paragraph list_item list_item list_item paragraph"},
		{"a dialogue is a list", hiTitle + "\n– तुम आए?\n– हां, आया।\n" + para, "title list_item list_item paragraph"},
		{"bullets", hiTitle + "\n" + para + "\n• पहला\n• दूसरा।\n" + para, "title paragraph list_item list_item paragraph"},
		{"numbers", hiTitle + "\n1. पहला\n२. दूसरा\n10) दसवां\n" + para, "title list_item1 list_item2 list_item10 paragraph"},
		{"a decimal leads no item", hiTitle + "\n3.5 करोड़ रुपये मिले।\n" + para, "title paragraph paragraph"},
		{"headings between paragraphs", hiTitle + "\n" + para + "\n\nबजट की बात\n\n" + para + "\n\nआगे क्या होगा\n\n" + para,
			"title paragraph heading paragraph heading paragraph"},
		{"no heading over a short line", hiTitle + "\n" + para + "\nबजट की बात\nछोटी पंक्ति\n" + para, "title paragraph paragraph paragraph paragraph"},
		{"no heading behind an open line", hiTitle + "\n" + para + "\nपहली पंक्ति\nदूसरी पंक्ति\n" + para, "title paragraph paragraph paragraph paragraph"},
		{"no heading at the end", hiTitle + "\n" + para + "\nबजट की बात", "title paragraph paragraph"},
		{"quotes", hiTitle + "\n> पुल बनेगा।\n" + para, "title quote paragraph"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if got := kinds(parse(t, row.input, article.Options{})); got != row.want {
				t.Errorf("got  %s\nwant %s", got, row.want)
			}
		})
	}
}

func TestSameKindsInEveryFormat(t *testing.T) {
	t.Parallel()
	lines := []string{hiTitle, "RAMA DEVI NEWS", "– पुल समिति की बैठक", "लखनऊ, 17 नवंबर", para, "बजट की बात", para, "(इनपुट: भाषा)"}
	const want = "title byline heading dateline paragraph heading paragraph byline"
	inputs := map[string]struct {
		format article.Format
		input  string
	}{
		"text":                  {article.Text, strings.Join(lines, "\n")},
		"Markdown, title led":   {article.Markdown, "# " + strings.Join(lines, "\n\n")},
		"Markdown, title plain": {article.Markdown, strings.Join(lines, "\n\n")},
		"HTML fragment":         {article.HTML, "<h1>" + lines[0] + "</h1><p>" + strings.Join(lines[1:], "</p><p>") + "</p>"},
		"HTML, title plain":     {article.HTML, "<p>" + strings.Join(lines, "</p><p>") + "</p>"},
		"HTML, heading":         {article.HTML, "<h2>" + lines[0] + "</h2><p>" + strings.Join(lines[1:], "</p><p>") + "</p>"},
	}
	for name, in := range inputs {
		d := parse(t, in.input, article.Options{Format: in.format})
		if got := kinds(d); got != want {
			t.Errorf("%s: got  %s\nwant %s", name, got, want)
		}
		if got := strings.Join(blockTexts(d), "\n"); got != strings.Join(lines, "\n") {
			t.Errorf("%s: got %q", name, got)
		}
	}
	d := parse(t, strings.Join(lines[1:], "\n"), article.Options{Title: lines[0]})
	if got := kinds(d); got != want {
		t.Errorf("title apart: got %s", got)
	}
}

func TestKindsDoNotDependOnFarText(t *testing.T) {
	t.Parallel()
	lines := []string{hiTitle, "RAMA DEVI", "लखनऊ, 17 नवंबर", para, "बजट की बात", para, para, "– नई समिति", para, "(इनपुट: भाषा)"}
	before := strings.Fields(kinds(parse(t, strings.Join(lines, "\n"), article.Options{})))
	for i := range lines {
		edited := append([]string(nil), lines...)
		edited[i] = "यह वाक्य नया है और पहले से कुछ लंबा भी है। इसके बाद एक और आता है।"
		d := parse(t, strings.Join(edited, "\n"), article.Options{})
		after := strings.Fields(kinds(d))
		for j := range lines {
			far := j < i-1 || j > i+1
			if far && i > 0 && before[j] != after[j] {
				t.Errorf("line %d edited: block %d was %s, is %s", i, j, before[j], after[j])
			}
			if j != i && d.Blocks[j].String() != lines[j] {
				t.Errorf("line %d edited: block %d is %q", i, j, d.Blocks[j])
			}
		}
	}
}
