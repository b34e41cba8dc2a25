package check_test

import "testing"

func TestVerbatim(t *testing.T) {
	t.Parallel()
	for _, r := range []row{
		{"all kept", "देखें https://example.org/a, लिखें info@example.org को या @jalmission को।", "See https://example.org/a, write to info@example.org or @jalmission.", "en", ""},
		{"glued", "योजना के लिए @jalmissionको लिखें और जवाब पाएँ।", "For the scheme write to @jalmission and get an answer.", "en", ""},
		{"case and bracket", "पानी की योजना यहाँ देखें (https://Example.org/a)।", "See the water scheme here: https://example.org/A.", "en", ""},
		{"another address", "पानी की योजना यहाँ देखें: https://example.org/a", "See the water scheme here: https://example.org/b", "en", "placeholder"},
		{"an address lost", "पानी की योजना के लिए info@example.org को लिखें।", "For the water scheme write to the address given.", "en", "placeholder"},
		{"an address made up", "पानी की योजना के लिए मंत्रालय को लिखें।", "For the water scheme write to the ministry at www.example.org.", "en", "placeholder"},
		{"a handle translated", "पानी की योजना के लिए @jalmission को लिखें।", "For the water scheme write to @watermission now.", "en", "placeholder"},
		{"a tag translated", "पानी की योजना पर #जलमिशन के साथ लिखें।", "Write about the water scheme with #WaterMission.", "en", ""},
		{"a tag lost", "पानी की योजना पर #जलमिशन के साथ लिखें।", "Write about the water scheme with the water mission.", "en", "~placeholder"},
		{"a number sign", "वह गीत सूची में पहले स्थान पर है।", "That song is #1 on the list.", "en", ""},
		{"a price", "पाँच किलो, 20 @ रुपये के भाव से", "Five kilos, 20 @ the rate in rupees", "en", ""},
	} {
		r.check(t, nil)
	}
}

func TestMarkup(t *testing.T) {
	t.Parallel()
	const hi, en = "मंत्री ने सोमवार को पटना में नए पुल का उद्घाटन किया।", "The minister inaugurated a new bridge in Patna on Monday."
	for _, r := range []row{
		{"a bold word", hi, "The <b>minister</b> inaugurated a new bridge in Patna on Monday.", "en", "chatter"},
		{"a line break", hi, "The minister inaugurated<br/> a new bridge in Patna on Monday.", "en", "chatter"},
		{"with an attribute", hi, `The minister inaugurated a <span class="x">new bridge</span> in Patna on Monday.`, "en", "chatter"},
		{"a script", hi, "The minister inaugurated a new <script>bridge</script> in Patna on Monday.", "en", "chatter"},
		{"Markdown's bold", hi, "The **minister** inaugurated a new bridge in Patna on Monday.", "en", "chatter"},
		{"Markdown's link", hi, "The minister inaugurated a [new bridge](https://example.org) in Patna on Monday.", "en", "placeholder chatter"},
		{"code", hi, "The minister inaugurated a `new bridge` in Patna on Monday.", "en", "chatter"},
		{"into Hindi", en, "मंत्री ने सोमवार को <b>पटना</b> में नए पुल का उद्घाटन किया।", "hi", "chatter"},
		{"the source has it, too", "मंत्री ने <b>सोमवार</b> को पटना में **नए पुल** का उद्घाटन किया।", "The minister inaugurated a **new bridge** in Patna on <b>Monday</b>.", "en", ""},
		{"less than", "अगर a < b है और c > d है, तो सूत्र सही माना जाता है।", "If a < b and c > d, the formula is taken to be right.", "en", ""},
		{"censored words", "उसने गुस्से में ह*** कहा और चला गया।", "He said b*** in anger and f** and left.", "en", ""},
		{"a blank to fill in", "खाली जगह भरें: भारत की राजधानी ____ है।", "Fill in the blank: the capital of India is ____ now.", "en", ""},
		{"an address in angle brackets", "लिखें <info@example.org> पर और जवाब पाएँ।", "Write to <info@example.org> and get an answer.", "en", ""},
	} {
		r.check(t, nil)
	}
}
