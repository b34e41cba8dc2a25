package simulator_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"dubhashi/gateway/article"
	"dubhashi/gateway/simulator"
)

func TestMasksComeBack(t *testing.T) {
	t.Parallel()
	memory := []simulator.Pair{
		{Hindi: "मंत्री ने गुरुवार को नई दिल्ली में रिपोर्ट जारी की।", English: "The minister released the report in New Delhi on Thursday."},
		{Hindi: "शिकायत @jalvibhag पर या help@jal.example पर भेजें।", English: "Send complaints to help@jal.example or @jalvibhag."},
		{Hindi: "नदी का पानी घट रहा है।", English: "The river is receding."},
	}
	m := start(t, simulator.Config{Memory: memory, Demo: true})
	for _, row := range []struct{ name, from, text, want string }{
		{"a pair around a name", "hi", "मंत्री ने गुरुवार को <1>नई दिल्ली</1> में रिपोर्ट जारी की।", "The minister released the report in <1>New Delhi</1> on Thursday."},
		{"a pair around one word", "hi", "मंत्री ने <1>गुरुवार</1> को नई दिल्ली में रिपोर्ट जारी की।", "The minister released the report in New Delhi on <1>Thursday</1>."},
		{"two pairs change places", "hi", "<1>मंत्री</1> ने <2>गुरुवार</2> को नई दिल्ली में <3>रिपोर्ट</3> जारी की।", "The <1>minister</1> released the <3>report</3> in New Delhi on <2>Thursday</2>."},
		{"nested pairs", "hi", "मंत्री ने गुरुवार को <1><2>नई दिल्ली</2></1> में रिपोर्ट जारी की।", "The minister released the report in <1><2>New Delhi</2></1> on Thursday."},
		{"the whole text", "hi", "<1>नदी का पानी घट रहा है।</1>", "<1>The river is receding.</1>"},
		{"atoms of the memory's own words", "hi", "शिकायत <1/> पर या <2/> पर भेजें।", "Send complaints to <2/> or <1/>."},
		{"atoms, the other way", "en", "Send complaints to <1/> or <2/>.", "शिकायत <2/> पर या <1/> पर भेजें।"},
		{"an atom that the memory has not", "hi", "नदी का <1/> पानी घट रहा है।", "The <1/> river is receding."},
		{"an atom at the end", "hi", "नदी का पानी घट रहा है। <1/>", "The river is receding. <1/>"},
		{"english pair", "en", "The minister released the report in <1>New Delhi</1> on Thursday.", "मंत्री ने गुरुवार को <1>नई दिल्ली</1> में रिपोर्ट जारी की।"},
		{"unknown text", "hi", "राम ने <1>दिल्ली</1> में <2/> देखा।", "Ram saw <2/> in <1>Delhi</1>."},
		{"an opener alone", "hi", "नदी का <1>पानी घट रहा है।", "The <1> river is receding."},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			to := map[string]string{"hi": "en", "en": "hi"}[row.from]
			got := m.translate(t, translation{Source: row.from, Target: to, texts: []string{row.text}})[0]
			if got != row.want {
				t.Errorf("\ngave %s\nwant %s", got, row.want)
			}
		})
	}
}

// TestMarkupSurvivesMemory masks the words of every article in turn, as Markdown
// would have them, and wants every mark back once and the reference with it.
func TestMarkupSurvivesMemory(t *testing.T) {
	t.Parallel()
	articles := sharedArticles(t)
	m := start(t, simulator.Config{Memory: sharedMemory(t, articles)})
	for n, a := range articles {
		if testing.Short() && n%8 > 0 {
			continue
		}
		i := n % len(a.Hi)
		words := strings.Fields(a.Hi[i])
		if len(words) < 8 || strings.ContainsAny(a.Hi[i], "<>*_[]`@#") {
			continue
		}
		k := n % (len(words) - 6)
		words[k], words[k+1] = "**"+words[k], words[k+1]+"**"
		words[k+3] = fmt.Sprintf("[%s](https://news.example/%d)", words[k+3], n)
		words[k+5] += " ![](https://news.example/a.png)"
		d, err := article.Parse(strings.Join(words, " "), article.Options{Format: article.Markdown})
		if err != nil || len(d.Blocks) != 1 || !strings.Contains(words[k+3], "](") {
			continue
		}
		s := d.Blocks[0].Segments(1500)[0]
		got := m.translate(t, translation{Source: "hi", Target: "en", texts: []string{s.Text}})[0]
		content, lost := s.Restore(got)
		if len(lost) > 0 {
			t.Errorf("%s: lost %v\nasked %s\ngave  %s", a.ID, lost, s.Text, got)
		}
		if article.Fold(content.String()) != article.Fold(a.En[i]) {
			t.Errorf("%s\ngave %q\nwant %q", a.ID, content.String(), a.En[i])
		}
	}
}

var mark = regexp.MustCompile(`</?\d{1,4}/?>`)

// FuzzMasks: whatever the marks, each comes back exactly once.
func FuzzMasks(f *testing.F) {
	for _, s := range []string{"<1>राम</1> ने <2/> देखा", "<1><2></2></1>", "<1>a<2>b</1>c</2>", "</1><1>", "<1/><1/>", "<1>।</1><2>,</2><3/>", "<9999/>"} {
		f.Add(s, true)
		f.Add(s, false)
	}
	m, err := simulator.New(simulator.Config{Demo: true, Memory: []simulator.Pair{{Hindi: "राम ने देखा", English: "Ram saw"}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string, hindi bool) {
		source, target := "hi", "en"
		if !hindi {
			source, target = target, source
		}
		q := translation{Source: source, Target: target, texts: []string{strings.ToValidUTF8(text, "")}}
		out := segmentsOf(t, direct(t, m, q.body()), 1)[0]
		want, got := count(q.texts[0]), count(out)
		for k, n := range want {
			if got[k] != n {
				t.Errorf("%q: %d of %s in %q", text, got[k], k, out)
			}
		}
	})
}

func count(s string) map[string]int {
	n := make(map[string]int)
	for _, k := range mark.FindAllString(s, -1) {
		n[k]++
	}
	return n
}
