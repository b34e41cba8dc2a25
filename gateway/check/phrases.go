package check

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// place is the part of an answer in which a phrase is looked for.
type place uint8

const (
	start    place = iota // its first characters, without quotes, brackets and markup around them
	anywhere              // all of it
	end                   // its last characters
	lines                 // the start of every line but the first
)

const (
	startLen = 240 // bytes, of which a start holds whole characters
	endLen   = 500
)

// phrase is a way in which models talk about their task instead of doing it.
type phrase struct {
	at place
	re *regexp.Regexp
	// excused by a source that matches all of these: then the article says it itself
	unless []*regexp.Regexp
	gate   []string // cheap to look for: without one of them re cannot match
	firsts []string // the same of the first letters of a start
	near   bool     // only the first words of the source excuse it
	hindi  bool     // the pattern has Hindi words; it is not looked for in text without Devanagari
	self   bool     // the model speaks of itself, as no summary does
}

// What a source in either language must say for the answer to say it, too. A word
// may go on behind these beginnings, so that they hold for its inflected forms.
const (
	saysNot       = `नहीं|नही|(?:ना|न|मत)(?:$|[^\pL\pM])|असमर्थ|अक्षम|असंभव|नामुमकिन|इनकार|इंकार|(?:not|no|cannot|never|nothing|none)\b|\w+n't|unable|impossible|refus`
	saysI         = `मैं|मैंने|हम(?:$|[^\pL\pM])|हमने|मुझ|हमें|मेरे बस|मेरे लिए|(?:i|we|me|us|my|our)\b`
	saysSorry     = `क्षमा|माफ|खेद|अफसोस|दुर्भाग्य|दुख|दुःख|शर्मिंदा|सॉरी|sorry|apolog|regret|forgive|pardon|unfortunate|sadly|alas`
	saysHelp      = `मदद|सहायता|सहयोग|हाथ बंटा|help|assist|aid`
	saysRequest   = `अनुरोध|निवेदन|आग्रह|प्रार्थना|दरख्वास्त|request|demand|plea`
	saysTranslate = `अनुवाद|अनूदित|अनुवादित|भाषांतर|तर्जुमा|translat|interpret`
	saysSummary   = `सारांश|संक्षेप|संक्षिप्त|summar|digest|abstract`
	saysAI        = `एआई|ए\.आई|आर्टिफ|आर्टीफ|कृत्रिम|भाषा मॉडल|लैंग्वेज मॉडल|ai\b|a\.i|artificial|language model|chatbot|चैटबॉट`
	saysRules     = `नीति|नीतियों|दिशानिर्देश|दिशा-निर्देश|गाइडलाइन|नियमों|polic|guideline`
	saysText      = `पाठ|टेक्स्ट|लेख|सामग्री|कंटेंट|text|article|content|passage|paragraph`
	saysPlease    = `कृपया|कृपा|मेहरबानी|please|kindly|could you|can you`
	saysHindi     = `हिंदी|हिन्दी|अंग्रेजी|इंग्लिश|hindi|english`
	saysYes       = `जरूर|बेशक|हां|जी(?:$|[^\pL\pM])|निश्चित|निश्चय|निस्संदेह|निःसंदेह|यकीनन|बिल्कुल|बिलकुल|अवश्य|ठीक है|ठीक[,!]|अच्छा[,!]|ओके|पक्का|समझ ग|स्वाभाविक|जाहिर|सच में|sure|certain|of course|absolute|ok\b|okay|alright|all right|yes\b|yeah|got it|understood|definite|indeed`
	saysNote      = `(?:नोट|ध्यान दें|ध्यान रहे|टिप्पणी|सूचना|व्याख्या|स्पष्टीकरण|शाब्दिक अनुवाद|अस्वीकरण|note|notes|remark|explanation|alternatively|literally|literal translation|disclaimer|n\.b\.|nb|breakdown|p\.s\.)[^।:\n]{0,20}[:：–—-]`
	saysTell      = `बता|पूछ|संपर्क|सम्पर्क|बेझिझक|know|tell|ask|inform|contact|feel free|reach`
	saysHope      = `आशा|उम्मीद|hope|wish|expect`
	saysIf        = `यदि|अगर|if`
	saysResult    = `(?:परिणाम|नतीज|उत्तर|जवाब|आउटपुट|result|answer|response|output|reply)[^।:\n]{0,15}[:：–—-]`
	saysHere      = `यहां|ये लीजिए|यह लीजिए|लीजिए|लो(?:$|[^\pL\pM])|here`
)

// The patterns are written, and the texts read, in small letters, without nuktas and
// with anusvara for chandrabindu, so that one spelling stands for all (ज़रूर, जरूर;
// हूँ, हूं).
func excuses(patterns ...string) []*regexp.Regexp {
	out := make([]*regexp.Regexp, len(patterns))
	for i, p := range patterns {
		out[i] = regexp.MustCompile(`(?:^|[^\pL\pM])(?:` + p + `)`)
	}
	return out
}

func say(at place, pattern string, unless ...string) phrase {
	anchor := ""
	switch at {
	case start:
		anchor = `^`
	case lines:
		anchor = `\n[\s*_#>("'\[-]*`
	}
	return phrase{at: at, re: regexp.MustCompile(anchor + `(?:` + pattern + `)`), unless: excuses(unless...), hindi: strings.ContainsFunc(pattern, devanagari)}
}

// given adds the gate, alternatives parted by "|".
func (p phrase) given(literals string) phrase {
	p.gate = strings.Split(literals, "|")
	return p
}

// first adds the letters with one of which a start must begin.
func (p phrase) first(literals string) phrase {
	p.firsts = strings.Split(literals, "|")
	return p
}

// own says that the model speaks of itself.
func (p phrase) own() phrase {
	p.self = true
	return p
}

// open reports whether part can hold the phrase.
func (p *phrase) open(part string) bool {
	if len(p.firsts) > 0 && !slices.ContainsFunc(p.firsts, func(lit string) bool { return strings.HasPrefix(part, lit) }) {
		return false
	}
	return part != "" && (len(p.gate) == 0 || slices.ContainsFunc(p.gate, func(lit string) bool { return strings.Contains(part, lit) }))
}

const (
	iCannot = `(?:(?:can't|cannot|can not|could not|couldn't|won't|will not|would not|wouldn't)(?: be able to)?|(?:am|'m|are|'re) (?:unable to|not able to|not comfortable|not permitted to|not allowed to|not in a position to)|(?:must|have to|need to|will have to|'ll have to)? ?(?:respectfully |politely )?(?:decline|refuse)(?: to)?|(?:would|'d) (?:prefer|rather) not(?: to)?|(?:do not|don't) (?:feel comfortable|have the ability to|have permission to))`
	adverbs = `(?: to| directly| accurately| properly| fully| currently| really| or \w+)*`
	canNot  = `(?:नहीं (?:कर|दे|बता|बना|लिख)(?:ने)? ?(?:सकता|सकती|सकते|पाऊंगा|पाऊंगी|पा रहा|पा रही|पाएंगे)|नहीं करूंगा|नहीं करूंगी|असमर्थ|सक्षम नहीं|में सहज नहीं|संभव नहीं)`
	sorry   = `(?:(?:i'm|i am|we're|we are) (?:really |very |so |truly |deeply |terribly )?sorry|sorry|my (?:sincere )?apologies|apologies|i (?:sincerely )?apologi[sz]e|we apologi[sz]e|unfortunately|regrettably|i regret)`
	given   = `(?:provided|given|supplied|included|shared|submitted|entered)`
	sorryHi = `(?:क्षमा|माफ|खेद|अफसोस|दुर्भाग्य|सॉरी)`
)

// Refusals are excused by what the whole source says.
var refusals = sync.OnceValue(func() []phrase {
	return []phrase{
		say(start, sorry+`\b.{0,80}?\b(?:i|we)(?: |')?.{0,20}?`+iCannot, saysSorry, saysNot).given("sorry|apolog|unfortunately|regret").own(),
		say(start, sorry+`,? (?:but )?(?:this|that|the) (?:request|content|text|material|passage)`, saysSorry, saysText+`|`+saysRequest).given("sorry|apolog|unfortunately|regret").own(),
		say(start, `(?:i|we) ?`+iCannot, saysI, saysNot).first("i |i'|we |we'").own(),
		say(anywhere, `\b(?:i|we) ?`+iCannot+adverbs+` (?:translat|summari[sz]|provide (?:a |the |an |any |you )*(?:\w+ ){0,2}(?:translation|summary))`, saysNot, saysTranslate+`|`+saysSummary).given("translat|summar"),
		say(anywhere, `\b(?:i|we) ?`+iCannot+adverbs+` (?:assist|help (?:you )?with (?:that|this|your)|fulfil|comply with|complete (?:this|that|the|your) (?:request|task)|process (?:this|that|the|your)|engage with (?:this|that)|respond to (?:this|that)|do (?:this|that) (?:task|request)|generate (?:this|that)|discuss (?:this|that)|render (?:this|that))`, saysNot, saysHelp+`|`+saysRequest+`|`+saysText).given("request|task|assist|fulfil|compl|process|engage|respond|generate|discuss|render|help"),
		say(start, sorry+`\b.{0,40}\bnot something (?:i|we) (?:can|am able)`, saysSorry, saysNot).given("not something").own(),
		say(anywhere, `\b(?:don't|do not|didn't|did not|couldn't|could not|cannot|can't) (?:have enough (?:context|information) to|(?:fully )?understand (?:the|this|your) (?:text|request|question|input|sentence))`, saysNot, saysText+`|समझ|जानकारी|understand|information`).given("enough|understand"),
		say(start, `(?:no|the) (?:translation|summary) (?:is )?(?:not )?(?:available|possible|provided)`, saysTranslate+`|`+saysSummary).first("no |the "),
		say(start, `(?:content|text|response|output|translation|message) (?:was |has been |is )?(?:filtered|removed|blocked|unavailable|withheld|redacted|not available)\W*$`, saysText).given("filtered|removed|blocked|unavailable|withheld|redacted|not available"),
		say(anywhere, `\bunable to (?:translate|summari[sz]e|assist|provide (?:a |the |this )?(?:translation|summary)|process (?:this|the) (?:text|request))`, saysTranslate+`|`+saysSummary+`|`+saysHelp+`|`+saysRequest).given("unable to"),
		say(anywhere, `\bas an? (?:\w+ )?(?:ai|a\.i\.|artificial intelligence|language model|large language model)\b`, saysAI).given("as a"),
		say(anywhere, `\b(?:i'm|i am) (?:just |only )?an? (?:ai|large language model|language model|artificial intelligence)\b`, saysAI).given("i'm |i am "),
		say(anywhere, `\b(?:violat\w+|against|contrary to|breach\w* of|in line with|due to|under|because of) (?:my|our|openai's|the) (?:\w+ )?(?:usage |content |safety |community |ethical )?(?:polic(?:y|ies)|guidelines|programming|safety rules)`, saysRules).given("polic|guideline|programming|safety rules"),
		say(start, `(?:please|kindly|could you|can you)(?: please)? (?:provide|share|send|paste|give|supply|enter)(?: me)?(?: with)? (?:the|a|your|some|more)\b.{0,30}\b(?:text|hindi|english|article|content|sentence|segment|passage|paragraph|context)`, saysPlease, saysText+`|`+saysHindi).first("please|kindly|could|can"),
		say(anywhere, `\b(?:there is|there's|i see|i don't see|i do not see|you (?:have not|haven't|did not|didn't) provided?|no) (?:no |any |the )?(?:text|content|article|source text|input)(?: was| has been| is| were)? ?(?:`+given+`|to translate|to summari[sz]e)`, saysNot, saysText).given("provided|given|supplied|included|shared|submitted|entered|translate|summar"),
		say(start, `(?:the |this |your )?(?:request|content|text|message|passage|article)(?: you)?(?: have| has been| was)? ?`+given+`? ?(?:contains|includes|appears to contain|may contain|seems to contain) .{0,40}(?:harmful|inappropriate|sensitive|offensive|explicit|hateful)`, saysText, `संवेदनशील|आपत्तिजनक|अनुचित|अश्लील|हानिकारक|नफरत|harmful|inappropriate|sensitive|offensive|explicit|hateful`).given("harmful|inappropriate|sensitive|offensive|explicit|hateful"),
		// Hindi
		say(start, `(?:मुझे |हमें )?`+sorryHi+`[^।\n]{0,120}`+canNot, saysSorry, saysNot).given("क्षमा|माफ|खेद|अफसोस|दुर्भाग्य|सॉरी").own(),
		say(start, `(?:क्षमा करें|क्षमा कीजिए|क्षमा चाहता|क्षमा चाहती|माफ करें|माफ कीजिए|खेद है|मुझे खेद है|मुझे अफसोस है|मैं क्षमा|मैं माफी)`, saysSorry).first("क्षमा|माफ|खेद|मुझे|मैं").own(),
		say(start, `(?:मैं|हम|मुझसे|मेरे लिए) [^।\n]{0,120}`+canNot, saysI, saysNot).first("मैं|हम|मुझसे|मेरे").own(),
		say(anywhere, `(?:मैं|हम|मुझसे) [^।\n]{0,60}(?:अनुवाद|सारांश)[^।\n]{0,40}`+canNot, saysNot, saysTranslate+`|`+saysSummary).given("अनुवाद|सारांश"),
		say(start, `(?:इस|यह) (?:अनुरोध|सामग्री|पाठ|लेख)[^।\n]{0,40}नहीं (?:किया|की|दिया|दी) जा सक`, saysNot, saysRequest+`|`+saysText).first("इस|यह").own(),
		say(anywhere, `(?:मैं|हम|मुझसे) [^।\n]{0,60}(?:अनुरोध|सहायता|मदद)[^।\n]{0,40}`+canNot, saysNot, saysHelp+`|`+saysRequest).given("अनुरोध|सहायता|मदद"),
		say(anywhere, `(?:(?:एआई|ए\.आई\.|ai|कृत्रिम बुद्धिमत्ता)(?: भाषा)?(?: मॉडल| सहायक| असिस्टेंट)?|(?:भाषा|लैंग्वेज) मॉडल)(?: के रूप में| होने के नाते| हूं| की हैसियत से)`, saysAI).given("एआई|ए.आई|ai|कृत्रिम|मॉडल"),
		say(start, `(?:कृपया|क्या आप)[^।\n]{0,60}(?:पाठ|टेक्स्ट|लेख|सामग्री|वाक्य|अंश) [^।\n]{0,40}(?:प्रदान कर|दें|दीजिए|भेजें|साझा कर|डालें|उपलब्ध करा)`, saysPlease, saysText).first("कृपया|क्या"),
		say(anywhere, `(?:कोई|अनुवाद (?:के लिए|हेतु))(?: कोई)? (?:पाठ|टेक्स्ट|सामग्री|लेख)[^।\n]{0,20}(?:नहीं दिया|नहीं है|प्रदान नहीं|उपलब्ध नहीं|नहीं मिला)`, saysNot, saysText).given("पाठ|टेक्स्ट|सामग्री|लेख"),
		say(anywhere, `(?:मेरी|मेरे|हमारी|हमारे) (?:\S+ )?(?:नीति|नीतियों|दिशानिर्देशों|दिशा-निर्देशों|सामग्री नीति)(?: का उल्लंघन| के विरुद्ध| के खिलाफ| के अनुसार| के कारण)`, saysRules).given("नीति|दिशानिर्देश|दिशा-निर्देश"),
	}
})

// Talk before the text is excused by the first words of the source, talk behind it
// by the whole of it.
var chatters = sync.OnceValue(func() []phrase {
	const thing = `(?:translat\w+|summar\w+|english|hindi|version|rendering|rendition|bullet\w*|key points|output|json)`
	const textWord = `(?:text|sentence|passage|segment|paragraph|phrase|article|headline|statement|message)`
	list := []phrase{
		say(start, `(?:sure|sure thing|certainly|of course|absolutely|definitely|okay|ok|alright|all right|got it|understood|no problem|yes|happy to help|glad to help|my pleasure|with pleasure)\s*(?:[,!.:–—]|-\s)`, saysYes).first("sure|certainly|of course|absolutely|definitely|ok|al|got it|understood|no problem|yes|happy|glad|my pleasure|with pleasure"),
		say(start, `(?:great|perfect|excellent)!`, `बढिया|शानदार|महान|वाह|बहुत खूब|उत्तम|उत्कृष्ट|great|perfect|excellent|wow`).first("great|perfect|excellent"),
		say(start, `(?:here|below|here below|following)(?:'s| is| are| you go| you are|:|,)?.{0,60}?\b`+thing, saysTranslate+`|`+saysSummary+`|`+saysHindi+`|संस्करण|version`).first("here|below|following"),
		say(start, `(?:here you go|here you are|here you have it|here it is|here goes)\b`, saysHere).first("here"),
		say(start, `(?:the |my |your |a |final |full |complete |suggested |possible |english |hindi |literal |direct |accurate )*(?:translation|translated text|translated version|translated \w+|summary|output|answer|result|response)(?: \((?:english|hindi|en|hi)\)| (?:in|into|to) (?:english|hindi))?(?: (?:of|for) [^:\n]{0,50})?(?: is| reads| would be)?(?: as follows| below)?`+colon, saysTranslate+`|`+saysSummary+`|`+saysResult).given("translat|summary|output|answer|result|response"),
		say(start, `[^:\n]{0,60}\b(?:translation|translated text|translated version|summary)`+colon, saysTranslate+`|`+saysSummary).given("translat|summary"),
		say(start, `(?:english|hindi|target|translated|source|original|input|en|hi)(?: text| version)?[*_\])]*\s*[:：]`, saysHindi+`|लक्ष्य|स्रोत|सूत्र|मूल|इनपुट|target|source|original|input`).first("english|hindi|target|translated|source|original|input|en|hi"),
		say(start, `(?:i have|i've|i will|i'll|i am going to|i'm going to|let me|let's|let us|allow me to|i would be happy to|i'd be happy to|i can help|i am happy to|i'm happy to|i would|i'd) .{0,30}?\b(?:translat|summari[sz]|help you|assist)`, saysTranslate+`|`+saysSummary+`|`+saysHelp).given("translat|summari|help you|assist"),
		say(start, `(?:this|the|your|this hindi|the hindi|the given|the provided|the following|the above) (?:hindi |english |given |provided |source )?`+textWord+`(?: you)?(?: have)?(?: provided)? (?:translates|can be translated|is translated|translated|reads in|means|in english|in hindi|says in)`, saysTranslate+`|`+saysText).first("th|your"),
		say(start, `(?:translated|translating|in english|in hindi)(?: from [^:\n]{0,20}| to [^:\n]{0,20}| into [^:\n]{0,20}| text)?[*_]*,?\s*[:：]`, saysTranslate+`|`+saysHindi).first("translat|in "),
		say(start, `(?:यहां|नीचे|निम्नलिखित|निम्न|प्रस्तुत है|ये रहा|यह रहा|लीजिए|यह है|इस|दिए गए|दिये गए|आपके|उपरोक्त)[^।:\n]{0,60}(?:अनुवाद|सारांश|अनूदित|रूपांतर|रूपान्तर|हिंदी संस्करण|हिन्दी संस्करण)`, saysTranslate+`|`+saysSummary+`|version`).given("अनुवाद|सारांश|अनूदित|रूपांतर|रूपान्तर|संस्करण"),
		say(start, `(?:[^।:\n]{0,40} )?(?:अनुवाद|अनुवादित पाठ|अनूदित पाठ|अनुवादित|सारांश|उत्तर|आउटपुट|परिणाम|जवाब|अनुवाद यह है)(?: है| इस प्रकार है| निम्नलिखित है| यह है| नीचे दिया गया है)?`+colon, saysTranslate+`|`+saysSummary+`|`+saysResult).given("अनुवाद|अनूदित|सारांश|उत्तर|आउटपुट|परिणाम|जवाब"),
		say(start, `(?:हिंदी|हिन्दी|अंग्रेजी)(?: में)?[*_]*\s*[:：]`, saysHindi).first("हि|अंग्रेजी"),
		say(start, `(?:जरूर|निश्चित रूप से|निश्चित तौर पर|निश्चित ही|निश्चय ही|अवश्य|बिल्कुल|बिलकुल|ठीक है|जी हां|जी जरूर|बेशक|समझ गया|समझ गई)\s*(?:[,!।:–—]|-\s)`, saysYes).first("जरूर|निश्च|अवश्य|बिल|ठीक|जी |बेशक|समझ"),
		say(start, `(?:मैंने|मैं|मुझे)[^।\n]{0,60}(?:अनुवाद|सारांश)`, saysTranslate+`|`+saysSummary).first("मैं|मुझे"),
		// the task itself, given back
		say(start, `(?:please )?translate (?:the|this|these|each|every) (?:following|text|segments?|sentences?|paragraphs?|article|hindi|english|below|given)`, saysTranslate).given("translate"),
		say(start, `(?:निम्नलिखित|निम्न|दिए गए|नीचे दिए गए|इस)[^।\n]{0,40}(?:का|को)[^।\n]{0,30}अनुवाद (?:करें|कीजिए|करो)`, saysTranslate).given("अनुवाद"),
		say(start, `you are an? (?:\w+ ){0,3}(?:translator|interpreter|editor)`, `translator|interpreter|editor|अनुवादक|दुभाषि|संपादक`).first("you are"),
		say(anywhere, `आप एक [^।\n]{0,30}अनुवादक हैं`, saysTranslate).given("अनुवादक"),
		// behind it
		say(lines, `(?:please )?(?:note|notes|translator's? notes?|translation notes?|translator's? comments?|explanation|disclaimer|alternatively|alternative translation|literal translation|literally|breakdown|n\.b\.|nb|p\.s\.)\b[^:\n]{0,30}[:：–—]`, saysNote),
		say(lines, `(?:कृपया )?(?:नोट|टिप्पणी|ध्यान दें|अनुवादक की टिप्पणी|अनुवादक का नोट|अनुवाद टिप्पणी|व्याख्या|स्पष्टीकरण|शाब्दिक अनुवाद|अस्वीकरण)[*_]*\s*[:：–—-]`, saysNote),
		say(lines, `(?:(?:here(?:'s| is| are)|below is|the above|this) .{0,40}`+thing+`|(?:key points|here are|is there anything|end of translation))`, saysTranslate+`|`+saysSummary),
		say(end, `\((?:this is )?(?:a |the )?(?:literal|direct|free|rough) translation[^)]*\)`, saysTranslate).given("translation"),
		say(anywhere, `[(\[]\s*[*_]*(?:translator's? note|translation note|translators? note|note|t/n|tn|n\.b\.)[*_]*\s*[:：.–—-]`, saysNote).given("(|["),
		say(anywhere, `[(\[]\s*[*_]*(?:नोट|टिप्पणी|अनुवादक की टिप्पणी|अनुवादक का नोट|ध्यान दें)[*_]*\s*[:：.–—-]`, saysNote).given("(|["),
		say(anywhere, `(?:translator's? note|translation note)`, saysTranslate).given("note"),
		say(anywhere, `अनुवादक की टिप्पणी|अनुवादक का नोट`, saysTranslate).given("अनुवादक"),
		say(end, `[.!?।"')\]]\s+[*_(]*(?:please note|note|p\.s\.)[*_]*\s*[:：]`, saysNote).given("note|p.s."),
		say(end, `[.!?।"')\]]\s+[*_(]*(?:नोट|टिप्पणी|कृपया ध्यान दें|ध्यान दें)[*_]*\s*[:：]`, saysNote).given("नोट|टिप्पणी|ध्यान दें"),
		say(end, `(?:^|[.!?\n"])\s*(?:please )?(?:let me know|feel free to (?:ask|reach|let|contact)|don't hesitate to (?:ask|reach|contact))\b`, saysTell).given("know|feel free|hesitate"),
		say(end, `\b(?:i )?hope (?:this|that|it) (?:helps|is helpful|translation|summary|meets)`, saysHope).given("hope"),
		say(end, `\b(?:would you like|do you want|shall i|should i) (?:me )?(?:to )?(?:translate|summari[sz]e|provide|continue|adjust|refine|explain|help)`, `क्या`).given("would you|do you|shall|should"),
		say(end, `\bif you (?:need|have|would like|want|require) (?:any |some |me |more |further |additional |another |help |the )+(?:translation|help|assistance|questions|changes|to translate|adjustments|clarification|information|details|text)`, saysIf).given("if you"),
		say(end, `(?:^|[।.!?\n])\s*(?:कृपया )?(?:मुझे (?:बताएं|बताइए)|बेझिझक (?:पूछें|बताएं))`, saysTell).given("मुझे|बेझिझक"),
		say(end, `(?:^|[।.!?\n])\s*(?:मुझे )?(?:आशा|उम्मीद) (?:है|करता हूं|करती हूं)(?: कि)?,? (?:यह|ये|इससे|इस)[^।\n]{0,40}(?:मदद|सहाय|उपयोगी|अनुवाद|काम आ)`, saysHope).given("आशा|उम्मीद"),
		say(end, `(?:^|[।.!?\n])\s*(?:यदि|अगर) (?:आपको|आप)[^।\n]{0,60}(?:सहायता|मदद|अनुवाद|बदलाव|सुधार|प्रश्न|सवाल)[^।\n]{0,30}(?:चाहिए|चाहते|आवश्यकता|जरूरत|बताएं|पूछें|हो)`, saysIf).given("आपको|आप "),
	}
	for i := range list {
		list[i].near = list[i].at == start
	}
	return list
})

// colon is what parts a label from the text behind it.
const colon = `[*_"'\])]*\s*(?:[:：–—]|-\s)`

// wrappers are syntax that models put around an answer.
var wrappers = regexp.MustCompile("(?i)```|~~~|</?(?:think|thinking|thought|reasoning|reflection|translation|translated|output|answer|response|target|result)>|<\\|[a-z_]+\\|>|\\[/?INST\\]|^\\s*\\{\\s*\"[^\"\n]{1,40}\"\\s*:|\"task\"\\s*:\\s*\"")

// loose gives s in the one spelling of the patterns.
func loose(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		switch {
		case r >= 'A' && r <= 'Z':
			r |= 0x20
		case r < utf8.RuneSelf:
		case r == 'ँ':
			r = 'ं'
		case r == nukta:
			continue
		case withNukta(r):
			r = baseLetter(r)
		case r >= 0x0900 && r <= 0x097F, r >= 0x2010 && r <= 0x203A:
		default:
			return looseAny(s)
		}
		b.WriteRune(r)
	}
	return b.String()
}

// looseAny is loose for text with letters that NFC composes.
func looseAny(s string) string { return strings.ToLower(looseSpelling.Replace(norm.NFC.String(s))) }

var looseSpelling = strings.NewReplacer("\u093c", "", "ँ", "ं", "\u0929", "न", "\u0931", "र", "\u0934", "ळ")

func wrapper(target string) string {
	if !strings.ContainsAny(target, "`~<[{\"") {
		return ""
	}
	return wrappers.FindString(target)
}

// talk is an answer and its source in the spelling of the patterns.
type talk struct {
	source, target string        // as they are
	asked          func() string // the source, loose; few answers need it
	said           string        // the target, loose
}

func heard(source, target string) talk {
	return talk{source, target, sync.OnceValue(func() string { return loose(source) }), loose(target)}
}

func (t talk) refusal() (Finding, bool) {
	if t.holds(refusals()) {
		return refused, true
	}
	return Finding{}, false
}

// refusesAsSummary finds a refusal at the start of a summary. The whole article would
// excuse nearly every one, but a summary speaks of nobody in the first person, unless
// it begins with a quotation.
func (t talk) refusesAsSummary() (Finding, bool) {
	part := head(bare(t.said), startLen)
	for _, p := range refusals() {
		if p.self && !strings.HasPrefix(t.target, `"`) && p.open(part) && p.re.MatchString(part) {
			return refused, true
		}
	}
	return t.refusal()
}

var refused = Finding{
	Code: Refusal, Hard: true, Message: "the model refused the task or talked about it",
	Ask: "this refuses the task or talks about it: give only the text that is asked for",
}

func (t talk) chatter() (Finding, bool) {
	if w := wrapper(t.target); w != "" && !strings.Contains(strings.ToLower(t.source), strings.ToLower(strings.TrimSpace(w))) {
		return Finding{Code: Chatter, Hard: true, Message: "there is code or markup around the text that is not the article's",
			Ask: "give the text alone, without the code, fences or tags that you put around it"}, true
	}
	if t.holds(chatters()) {
		return Finding{Code: Chatter, Hard: true, Message: "the model added words of its own, such as a preamble or a note",
			Ask: "give the text alone, without a preamble, label, note or remark of your own"}, true
	}
	return Finding{}, false
}

// labelled finds talk by its form, whatever its words: over a source of one line, a
// first line that ends in a colon or is a Markdown heading, or a last one in
// brackets or, where the source asks nothing, with a question.
func labelled(source, target string) (Finding, bool) {
	return Finding{Code: Chatter, Hard: true, Message: "there is a line before or after the text that is not the article's",
		Ask: "give the text alone, without the line that you put before or after it"}, label(source, target)
}

func label(source, target string) bool {
	first, rest, several := strings.Cut(target, "\n")
	if !several || strings.Contains(source, "\n") {
		return false
	}
	first = strings.TrimRight(first, " *_\"'")
	last := strings.Trim(rest[strings.LastIndexByte(rest, '\n')+1:], " *_")
	switch {
	case strings.HasSuffix(first, ":") || strings.HasSuffix(first, "："):
		return !strings.ContainsAny(source, ":：")
	case strings.HasPrefix(first, "#"):
		return !strings.HasPrefix(source, "#")
	case strings.HasPrefix(last, "(") && strings.HasSuffix(last, ")"), strings.HasPrefix(last, "[") && strings.HasSuffix(last, "]"):
		return !strings.ContainsAny(source, "([")
	}
	return strings.HasSuffix(last, "?") && !strings.Contains(source, "?")
}

// holds reports whether the answer holds one of the phrases of its own, not because
// the source does.
func (t talk) holds(list []phrase) bool {
	var parts [4]string
	parts[start] = head(bare(t.said), startLen)
	parts[anywhere] = t.said
	parts[end] = tail(t.said)
	if i := strings.IndexByte(t.said, '\n'); i >= 0 {
		parts[lines] = t.said[i:]
	}
	// A line of its own that the source does not have is no part of the text.
	ownLine := parts[lines] != "" && !strings.Contains(t.source, "\n")
	hindi, english := strings.ContainsFunc(t.said, devanagari), strings.ContainsFunc(t.said, latin)
	for i := range list {
		p := &list[i]
		if p.hindi && !hindi || !p.hindi && !english || !p.open(parts[p.at]) {
			continue
		}
		found := p.re.FindStringIndex(parts[p.at])
		if found == nil {
			continue
		}
		if ownLine && inOwnLine(p.at, parts[p.at], found) {
			return true
		}
		if !p.excused(t.asked()) {
			return true
		}
	}
	return false
}

// inOwnLine reports whether what was found at [from,to) of a part is in the first
// line of several, or behind the first.
func inOwnLine(at place, part string, span []int) bool {
	line := strings.IndexByte(part, '\n')
	switch at {
	case start:
		return line >= span[1]-1
	case end:
		return line >= 0 && line < span[1]-1
	}
	return at == lines
}

func latin(r rune) bool { return r >= 'a' && r <= 'z' }

// excused reports whether the source says the like itself; of what stands before a
// text, only at its own start.
func (p phrase) excused(source string) bool {
	if p.near {
		source = head(source, nearLen(source))
	}
	for _, re := range p.unless {
		if !re.MatchString(source) {
			return false
		}
	}
	return len(p.unless) > 0
}

// nearLen is the length in bytes of the first 70 characters.
func nearLen(s string) int {
	n := 0
	for i := range s {
		if n == 70 {
			return i
		}
		n++
	}
	return len(s)
}

// bare takes quotes, brackets and markup from the front.
func bare(s string) string { return strings.TrimLeft(s, " \t\n*_#>\"'“”‘’([{-–—•") }

func head(s string, size int) string {
	if len(s) <= size {
		return s
	}
	for size > 0 && !utf8.RuneStart(s[size]) {
		size--
	}
	return s[:size]
}

func tail(s string) string {
	if len(s) <= endLen {
		return s
	}
	i := len(s) - endLen
	for i < len(s) && !utf8.RuneStart(s[i]) {
		i++
	}
	return s[i:]
}
