package gateway_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"dubhashi/gateway"
	"dubhashi/gateway/simulator"
)

// speaking is a model that says what it is told to for each segment, and a repair in
// the same words.
func speaking(t *testing.T, answers map[string]string) *model {
	return answering(t, func(_ int, w wire) string {
		out := map[string]string{}
		for id, text := range w.Segments {
			answer, ok := answers[text]
			if !ok {
				t.Errorf("asked for %q", text)
			}
			out[id] = answer
		}
		b, _ := json.Marshal(map[string]any{"segments": out})
		return string(b)
	})
}

// one translates a text.
func one(t *testing.T, g *gateway.Gateway, req gateway.TextsRequest) gateway.Text {
	t.Helper()
	res, err := g.Texts(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if f := res.Texts[0].Failure; f != nil {
		t.Fatalf("failed: %s: %s", f.Code, f.Message)
	}
	return res.Texts[0]
}

func TestMarkup(t *testing.T) {
	t.Parallel()
	answers := map[string]string{
		"Press <1>Continue</1> to go on.":                "आगे बढ़ने के लिए <1>जारी रखें</1> दबाएं।",
		"Press <1/> to go on.":                           "आगे बढ़ने के लिए <1/> दबाएं।",
		"Tom & Jerry said \"hello\" to 3 < 5 friends.":   "टॉम & जेरी ने 3 < 5 दोस्तों से \"नमस्ते\" कहा।",
		"The first line of the rain report.":             "बारिश की ख़बर की पहली पंक्ति।",
		"The second line of it.":                         "उसकी दूसरी पंक्ति।",
		"The minister opened the bridge":                 "मंत्री ने पुल का उद्घाटन किया",
		"It will carry <1>ten <2>thousand</2></1> cars.": "इस पर <1>दस <2>हज़ार</2></1> गाड़ियां चलेंगी।",
		"Rain is likely<1/>in the hills.":                "पहाड़ों में<1/>बारिश के आसार हैं।",
		"He went home.":                                  "वह घर गया।",
	}
	rows := []struct {
		name, text, want string
		req              gateway.TextsRequest
	}{
		{"a whole page", "<!DOCTYPE html>\n<HTML lang=en>\n<head>\n<TITLE>The minister opened the bridge</TITLE><!-- a -->\n<style>p{}</style></head><body class='x'>\n<p>\n  The first line\n  of the rain report.\n</p>\n<pre>The first</pre><p>The second line of it.<br><br></body></HTML>\n",
			"<!DOCTYPE html>\n<HTML lang=en>\n<head>\n<TITLE>मंत्री ने पुल का उद्घाटन किया</TITLE><!-- a -->\n<style>p{}</style></head><body class='x'>\n<p>\n  बारिश की ख़बर की पहली पंक्ति।\n</p>\n<pre>The first</pre><p>उसकी दूसरी पंक्ति।<br><br></body></HTML>\n",
			gateway.TextsRequest{Markup: "html"}},
		{"tags in a sentence", `<div>Press <B CLASS="k">Continue</B > to go on.</div>`, `<div>आगे बढ़ने के लिए <B CLASS="k">जारी रखें</B > दबाएं।</div>`, gateway.TextsRequest{Markup: "html"}},
		{"nested tags", `It will carry <b>ten <i>thousand</i></b> cars.`, `इस पर <b>दस <i>हज़ार</i></b> गाड़ियां चलेंगी।`, gateway.TextsRequest{Markup: "html"}},
		{"not translated", `<p>Press <span translate="no">Continue</span> to go on.</p><p class="a notranslate">He <b>left</b>.</p>`,
			`<p>आगे बढ़ने के लिए <span translate="no">Continue</span> दबाएं।</p><p class="a notranslate">He <b>left</b>.</p>`, gateway.TextsRequest{Markup: "html"}},
		{"references as the text writes them", `Tom &amp; Jerry said &quot;hello&quot; to 3 &lt; 5 friends.`, `टॉम &amp; जेरी ने 3 &lt; 5 दोस्तों से &quot;नमस्ते&quot; कहा।`, gateway.TextsRequest{Markup: "html"}},
		{"quotes as the text writes them", `Tom & Jerry said "hello" to 3 < 5 friends.`, `टॉम &amp; जेरी ने 3 &lt; 5 दोस्तों से "नमस्ते" कहा।`, gateway.TextsRequest{Markup: "html"}},
		{"a break behind a sentence", `The first line of the rain report.<br/>The second line of it.`, `बारिश की ख़बर की पहली पंक्ति।<br/>उसकी दूसरी पंक्ति।`, gateway.TextsRequest{Markup: "html"}},
		{"a break in a sentence", `Rain is likely<br>in the hills.`, `पहाड़ों में<br>बारिश के आसार हैं।`, gateway.TextsRequest{Markup: "html"}},
		{"HTML line by line", "<p>The first line of the rain report.\nThe second line of it.</p>", "<p>बारिश की ख़बर की पहली पंक्ति।\nउसकी दूसरी पंक्ति।</p>", gateway.TextsRequest{Markup: "html", Sentences: "1"}},
		{"an element of the caller's parts", "<x-a>He went home.</x-a><x-b>He went home.</x-b>", "<x-a>वह घर गया।</x-a><x-b>वह घर गया।</x-b>", gateway.TextsRequest{Markup: "html", Splitting: []string{"X-A"}}},
		{"an element does not part", "Rain is likely<hr>in the hills.", "पहाड़ों में<hr>बारिश के आसार हैं।", gateway.TextsRequest{Markup: "html", NonSplitting: []string{"hr"}}},

		{"XML by its structure", "<?xml version=\"1.0\"?>\n<d>\n <t a=\"He went home.\">The minister opened the bridge</t>\n <s>It will carry <b>ten <I>thousand</I></b> cars.</s>\n</d>",
			"<?xml version=\"1.0\"?>\n<d>\n <t a=\"He went home.\">मंत्री ने पुल का उद्घाटन किया</t>\n <s>इस पर <b>दस <I>हज़ार</I></b> गाड़ियां चलेंगी।</s>\n</d>", gateway.TextsRequest{Markup: "xml", Outline: true}},
		{"an ignored element", "Press <x id='1'>Continue</x> to go on.", "आगे बढ़ने के लिए <x id='1'>Continue</x> दबाएं।", gateway.TextsRequest{Markup: "xml", Outline: true, Ignore: []string{"x"}}},
		{"names have case in XML", "Press <X>Continue</X> to go on.", "आगे बढ़ने के लिए <X>जारी रखें</X> दबाएं।", gateway.TextsRequest{Markup: "xml", Outline: true, Ignore: []string{"x"}}},
		{"no case in HTML", "Press <X>Continue</X> to go on.", "आगे बढ़ने के लिए <X>Continue</X> दबाएं।", gateway.TextsRequest{Markup: "html", Ignore: []string{"x"}}},
		{"splitting elements alone", "<d><p>He went home.</p><p>The second line of it.</p></d>", "<d><p>वह घर गया।</p><p>उसकी दूसरी पंक्ति।</p></d>", gateway.TextsRequest{Markup: "xml", Splitting: []string{"p"}}},
		{"CDATA", "<d><![CDATA[Tom & Jerry said \"hello\" to 3 < 5 friends.]]></d><e><![CDATA[The second line of it.]]></e>",
			"<d><![CDATA[Tom & Jerry said \"hello\" to 3 < 5 friends.]]></d><e><![CDATA[उसकी दूसरी पंक्ति।]]></e>", gateway.TextsRequest{Markup: "xml", Outline: true}},
		{"XML line by line", "<d>The first line of the rain report.\n  The second line of it.</d>", "<d>बारिश की ख़बर की पहली पंक्ति।\n  उसकी दूसरी पंक्ति।</d>", gateway.TextsRequest{Markup: "xml", Outline: true}},
		{"XML without line ends", "<d>The first line\n of the rain report.</d>", "<d>बारिश की ख़बर की पहली पंक्ति।</d>", gateway.TextsRequest{Markup: "xml", Outline: true, Sentences: "nonewlines"}},

		{"plain lines", "The first line of the rain report.\r\n  The second line of it.\n", "बारिश की ख़बर की पहली पंक्ति।\r\n  उसकी दूसरी पंक्ति।\n", gateway.TextsRequest{}},
		{"a wrapped paragraph", " The first line\r\nof the rain report.\n\n\nThe second\n line of it.\n", " बारिश की ख़बर की पहली पंक्ति।\n\n\nउसकी दूसरी पंक्ति।\n", gateway.TextsRequest{Sentences: "nonewlines"}},
		{"one piece", "\tRain is likely \r\n in the hills.\n", "\tपहाड़ों में \r\n बारिश के आसार हैं।\n", gateway.TextsRequest{Sentences: "0"}},
		{"one danda", "He went home.", "वह घर गया।", gateway.TextsRequest{}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			g := over(t, memory(), speaking(t, answers))
			row.req.Texts, row.req.Source, row.req.Target = []string{row.text}, "en", "hi"
			for range 2 { // the second time from the cache
				if got := one(t, g, row.req); got.Text != row.want || len(got.Warnings) > 0 {
					t.Errorf("%q with warnings %v, want %q", got.Text, got.Warnings, row.want)
				}
			}
		})
	}
}

// Whatever a model does to the masks, no tag and no word is lost, and the answer warns.
func TestMarkupDamaged(t *testing.T) {
	t.Parallel()
	const text = `See <a href="/a">the plan</a> and <b>the map</b> of it.`
	const masked = `See <1>the plan</1> and <2>the map</2> of it.`
	rows := []struct{ name, answer, want string }{
		{"none of them", "योजना और उसका नक्शा देखें।", `<a href="/a"><b>योजना और उसका नक्शा देखें।</b></a>`},
		{"one of them", "<1>योजना</1> और उसका नक्शा देखें।", `<b><a href="/a">योजना</a> और उसका नक्शा देखें।</b>`},
		{"half of one", "<1>योजना</1> और <2>उसका नक्शा देखें।", `<b><a href="/a">योजना</a> और उसका नक्शा देखें।</b>`},
		{"crossing", "<1>योजना <2>और</1> उसका नक्शा</2> देखें।", `<b><a href="/a">योजना और</a> उसका नक्शा देखें।</b>`},
		{"tags of its own", "<1>योजना</1> और <2>उसका नक्शा</2> <script>देखें।", `<a href="/a">योजना</a> और <b>उसका नक्शा</b> &lt;script&gt;देखें।`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			g := over(t, memory(), speaking(t, map[string]string{masked: row.answer}))
			got := one(t, g, gateway.TextsRequest{Texts: []string{text}, Markup: "html", Options: gateway.Options{Source: "en", Target: "hi"}})
			warned := slices.ContainsFunc(got.Warnings, func(w gateway.Warning) bool { return w.Code == "placeholder" })
			if got.Text != row.want || warned == (row.name == "tags of its own") {
				t.Errorf("%q with warnings %v, want %q", got.Text, got.Warnings, row.want)
			}
		})
	}
}

// A model that mends its masks when asked gives no warning.
func TestMarkupMended(t *testing.T) {
	t.Parallel()
	m := answering(t, func(call int, w wire) string {
		if len(w.Fix) == 0 {
			return `{"segments":{"1":"योजना देखें।"}}`
		}
		return `{"segments":{"1":"<1>योजना</1> देखें।"}}`
	})
	got := one(t, over(t, memory(), m), gateway.TextsRequest{Texts: []string{`See <a href="/a">the plan</a>.`}, Markup: "html", Options: gateway.Options{Source: "en", Target: "hi"}})
	if got.Text != `<a href="/a">योजना</a> देखें।` || len(got.Warnings) > 0 || m.count() != 2 {
		t.Errorf("%q, %v", got.Text, got.Warnings)
	}
}

func TestMarkupNotWellFormed(t *testing.T) {
	t.Parallel()
	g := over(t, memory(), simulated(t, simulator.Config{}))
	rows := []struct{ text, want string }{
		{"<p>The plan <b>is out.</p>", "at character 23, an end tag closes <p>, but <b> is to be closed first"},
		{"The plan <b>is out.", "at character 10, the element <b> begins and is never closed"},
		{"The plan</b> is out.", "at character 9, an end tag closes <b>, which was not opened"},
		{"Tom & Jerry", "at character 5, an & stands that begins no reference; write &amp;"},
		{"हाथ & पैर", "at character 5, an & stands that begins no reference; write &amp;"},
		{"3 < 5", "at character 3, a < stands that begins no tag; write &lt;"},
		{"<p a=b>x</p>", "at character 6, an attribute of <p> has no value in quotes"},
		{"<p a='1' a='2'>x</p>", "at character 10, an attribute of <p> stands twice"},
		{"<p a='<'>x</p>", "at character 6, a < stands in an attribute of <p>; write &lt;"},
		{"<p a='&'>x</p>", "at character 7, an & stands that begins no reference; write &amp;"},
		{"<p 1>x</p>", "at character 4, the tag of <p> holds something that is no attribute"},
		{"x <p", "at character 3, the tag of <p> does not end"},
		{"x ]]> y", "at character 3, ]]> stands outside of a CDATA section; write ]]&gt;"},
		{"x <!-- y", "at character 3, a comment begins and does not end"},
		{"<!ELEMENT p>x", "at character 1, a declaration stands that is none of a document type"},
		{"a\x01b", "at character 2, a character stands that XML does not allow"},
	}
	for _, row := range rows {
		_, err := g.Texts(t.Context(), gateway.TextsRequest{Texts: []string{row.text}, Markup: "xml"})
		var e *gateway.Error
		if !errors.As(err, &e) || e.Code != gateway.Invalid || !strings.HasSuffix(e.Message, ": "+row.want) {
			t.Errorf("%q: %v", row.text, err)
		}
	}
	res, err := g.Texts(t.Context(), gateway.TextsRequest{Texts: []string{"<p>Good morning.</p>", "<p>Bad morning."}, Markup: "xml"})
	if err != nil || res.Texts[0].Failure != nil || res.Texts[1].Failure == nil || res.Texts[1].Failure.Code != gateway.Invalid {
		t.Errorf("of a good and a bad text: %+v, %v", res, err)
	}
}

// A text whose lines are joined keeps them where nothing is translated.
func TestJoinedAlready(t *testing.T) {
	t.Parallel()
	g := over(t, memory(), simulated(t, simulator.Config{}))
	const text = " यह ख़बर पहले से\n हिन्दी में है, सच।\r\n\r\n१२\n ३४ "
	for _, sentences := range []string{"0", "1", "nonewlines"} {
		got := one(t, g, gateway.TextsRequest{Texts: []string{text}, Sentences: sentences, Options: gateway.Options{Target: "hi"}})
		if got.Text != text {
			t.Errorf("%q: %q became %q", sentences, text, got.Text)
		}
	}
	got := one(t, g, gateway.TextsRequest{Texts: []string{"१२\n ३४"}, Sentences: "nonewlines", Options: gateway.Options{Target: "en"}})
	if got.Text != "12 34" && got.Text != "12\n 34" {
		t.Errorf("digits became %q", got.Text)
	}
}

// A sentence ends as its language ends one, once.
func TestSentenceEnds(t *testing.T) {
	t.Parallel()
	g := over(t, memory(), speaking(t, map[string]string{"वह घर गया।": "He went home.", "He went home.": "वह घर गया।"}))
	for _, row := range [][3]string{{"hi", "वह घर गया।", "He went home."}, {"en", "He went home.", "वह घर गया।"}} {
		for _, markup := range []string{"", "html", "xml"} {
			got := one(t, g, gateway.TextsRequest{Texts: []string{row[1]}, Markup: markup, Options: gateway.Options{Source: row[0]}})
			if got.Text != row[2] || len(got.Warnings) > 0 {
				t.Errorf("%s: %q, %v", row[1], got.Text, got.Warnings)
			}
		}
	}
}

// What needs no translation comes back byte for byte, whatever it is.
func TestMarkupAlready(t *testing.T) {
	t.Parallel()
	m := simulated(t, simulator.Config{})
	g := over(t, memory(), m)
	for _, text := range []string{
		"<p>यह ख़बर <B>पहले</b> से हिन्दी&nbsp;में है &mdash; \n सच।<br></P", "<p>2024 &amp; 25</p>", " \n", "<img alt='x'>", "<!-- comment -->",
	} {
		got := one(t, g, gateway.TextsRequest{Texts: []string{text}, Markup: "html", Options: gateway.Options{Target: "hi"}})
		if got.Text != text {
			t.Errorf("%q became %q", text, got.Text)
		}
	}
	if n := m.count(); n > 0 {
		t.Errorf("%d calls", n)
	}
}
