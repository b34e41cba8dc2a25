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
