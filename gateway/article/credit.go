package article

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A credit or dateline has at most so many words.
const creditWords = 12

// place says where a line stands, for some credits are told by that.
type place uint8

const (
	underTitle      place = 1 << iota // behind the title, near it
	underHindiTitle                   // the same, and the title is Hindi
	atEnd                             // one of the last two blocks
)

// isCredit reports whether a line names who wrote or sent the article: a reporter, a
// bureau, an agency.
func isCredit(s string, p place) bool {
	fields := strings.Fields(s)
	if len(fields) == 0 || len(fields) > creditWords || endsClause(s) {
		return false
	}
	inner := strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsPunct(r) || r == '|' })
	words := creditTokens(inner)
	switch {
	case len(words) == 0:
		return false
	case slugLine.MatchString(s), creditLabel.MatchString(inner), ownReporter.MatchString(inner), englishByline(inner, fields):
		return true
	case allIn(words, agencyWord, mediaWord):
		return !allIn(words, mediaWord)
	case hasFunctionWord(words):
		return false
	case slices.ContainsFunc(words, creditWord.has), endsInAgency(s):
		return true
	case p&atEnd != 0 && agencySlug.has(words[0]) && len(words) <= 5 && !strings.ContainsAny(s, ":,"):
		return true // भाषा वैभव मनीषा: an agency's own sign-off
	case p&(underTitle|atEnd) != 0 && namePlace(inner, words):
		return true
	}
	return p&underHindiTitle != 0 && latinName(inner, words) ||
		latinName(inner, words) && newsHouse.MatchString(inner)
}

// endsClause tells the end of a sentence from the dot of an abbreviation (Nov.).
func endsClause(s string) bool {
	if before, ok := strings.CutSuffix(s, "."); ok && stopAfter(lastToken(before)) != stopPlain {
		return false
	}
	return EndsSentence(s)
}

// creditTokens are the words of a line in lower case, without punctuation.
func creditTokens(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return !isWord(r) && r != '.' && r != '॰' && r != '-'
	})
}

// ownReporter is a representative of the paper's own; alone the word is anybody's.
var ownReporter = regexp.MustCompile(`^(विशेष|हमारे|निज|नगर|स्थानीय|खेल|कार्यालय)\s+प्रतिनिधि([,\s]+\S+){0,3}$`)

func allIn(words []string, sets ...wordSet) bool {
	for _, w := range words {
		found := false
		for _, m := range sets {
			found = found || m.has(strings.Trim(w, ".-"))
		}
		if !found {
			return false
		}
	}
	return true
}

func hasFunctionWord(words []string) bool {
	return slices.ContainsFunc(words, functionWord.has)
}

// endsInAgency: a line such as "नई दिल्ली (भाषा)" or "Mumbai/PTI".
func endsInAgency(s string) bool {
	m := agencyTail.FindStringSubmatchIndex(s)
	if m == nil {
		return false
	}
	return allIn(creditTokens(s[m[2]:m[3]]), agencyWord) && len(strings.Fields(s[:m[0]])) <= 3
}

// namePlace: a name, a comma and a city ("अमित कुमार, लखनऊ").
func namePlace(s string, words []string) bool {
	name, place, ok := strings.Cut(s, ",")
	if !ok || len(words) > 6 || strings.Contains(place, ",") {
		return false
	}
	n := len(strings.Fields(name))
	return n >= 1 && n <= 4 && cityName.has(strings.ToLower(strings.Join(strings.Fields(place), "-")))
}

// latinName: nothing but Latin letters, every word with a capital.
func latinName(s string, words []string) bool {
	if len(words) < 2 {
		return false
	}
	for w := range strings.FieldsSeq(s) {
		r, _ := utf8.DecodeRuneInString(strings.TrimLeft(w, "([&|-–—@"))
		if unicode.IsLetter(r) && !unicode.IsUpper(r) && !latinParticle.has(w) {
			return false
		}
	}
	for _, r := range s {
		if unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r) || unicode.IsDigit(r) {
			return false
		}
	}
	return true
}

// englishByline: "By A. Name", "Name, Staff Reporter", "Name | PTI", "With inputs from …".
func englishByline(s string, fields []string) bool {
	first := strings.ToLower(strings.TrimRight(fields[0], ":"))
	if first == "by" && len(fields) >= 2 && len(fields) <= 8 {
		upper := 0
		for _, w := range fields[1:] {
			if r, _ := utf8.DecodeRuneInString(w); unicode.IsUpper(r) {
				upper++
			}
		}
		return upper > 0 && upper*2 >= len(fields)-1
	}
	return englishCredit.MatchString(s)
}

var (
	slugLine   = regexp.MustCompile(`^[0-9०-९]{4}[\s/]+[0-9०-९]{4}(\s+\p{L}[\p{L}\p{M}]*){0,3}$`)
	newsHouse  = regexp.MustCompile(`(?i)\bnews (network|service|desk|bureau|agency)\b`)
	agencyTail = regexp.MustCompile(`[(/|\[,]\s*([^()\[\]|/,]+?)\s*[)\]]?\s*$`)

	// creditLabel leads a credit whatever follows it.
	creditLabel = regexp.MustCompile(`(?i)^(फोटो|फ़ोटो|छाया|photo|image|photo credit|credit|इनपुट|लेखक|लेखिका|रिपोर्ट|रिपोर्टर|संवाददाता|प्रस्तुति|संपादन|संकलन|अनुवाद|साभार|स्रोत|सौजन्य|edited by|written by|reported by|reporting by|story by|compiled by|translated by|author|source|agency|agencies|inputs?|with inputs? from|posted by)\s*[:：\-–—]` +
		`|^(edited|written|reported|reporting|compiled|translated|posted) by\s` +
		`|^with (agency |agencies )?inputs?\b|^(एजेंसी|एजेंसियों|एजेंसियां|भाषा|वार्ता|पीटीआई|एएनआई|आईएएनएस|समाचार एजेंसी)\s*(से|के|की)\s+इनपुट` +
		`|(के|से) इनपुट( के साथ| सहित)?$|^इनपुट\s|^(लेखक|लेखिका)\s.*\sहैं?$`)

	englishCredit = regexp.MustCompile(`(?i)\b(staff|special|senior|chief|our|own|city|political|legal|sports|principal) (reporter|correspondent|writer)\b` +
		`|\b(web desk|online desk|news18|correspondent|bureau)$` +
		`|^[\p{Lu}][\p{L}. ]{2,40}\s*[|/]\s*(TNN|PTI|ANI|IANS|UNI|AFP|AP|Reuters)$`)

	agencyWord = set(`भाषा वार्ता यूनीवार्ता एजेंसी एजेंसियां एजेंसियाँ एजेंसीज एजेंसीज़ आईएएनएस एएनआई पीटीआई यूएनआई एपी एएफपी रायटर रॉयटर्स रॉयटर हि.स हिस एसएनबी ब्यूरो
		डेस्क इनपुट हिन्दुस्थान हिंदुस्थान pti ani ians uni afp ap reuters tnn bhasha agencies agency varta univarta bloomberg`)
	mediaWord  = set(`न्यूज न्यूज़ समाचार hindustan samachar news and एवं व तथा`)
	agencySlug = set(`भाषा वार्ता`)
	// creditWord makes a credit of a line without grammar.
	creditWord = set(`लेखक लेखिका संवाददाता संवादाता संवाददाताओं ब्यूरो डेस्क यूनीवार्ता आईएएनएस एएनआई पीटीआई यूएनआई हि.स हि.स. इनपुट संवाद-सूत्र संवादसूत्र
		tnn pti ani ians`)
	latinParticle = set(`and of the for de van von bin al & by in`)
	// functionWord shows that a line is a clause and no name.
	functionWord = set(`ने में से को पर का के की है हैं था थे थी और या नहीं भी तो कि गया गई गए हुआ हुई हुए होगा करेंगे करेगा किया तक लिए साथ बाद सम्मेलन
		is are was were to of the in on for with has have will after over as from at and`)

	// cityName are cities that stand behind a reporter's name; several words are
	// joined by a hyphen.
	cityName = set(`दिल्ली नई-दिल्ली नयी-दिल्ली मुंबई मुम्बई कोलकाता चेन्नई बेंगलुरु बेंगलूरु बैंगलोर हैदराबाद लखनऊ कानपुर वाराणसी प्रयागराज इलाहाबाद आगरा मेरठ
		गाजियाबाद गाज़ियाबाद नोएडा ग्रेटर-नोएडा गुरुग्राम गुड़गांव फरीदाबाद चंडीगढ़ चण्डीगढ़ अमृतसर लुधियाना जालंधर शिमला देहरादून हरिद्वार ऋषिकेश नैनीताल हल्द्वानी जयपुर
		जोधपुर उदयपुर कोटा अजमेर बीकानेर भोपाल इंदौर इन्दौर ग्वालियर जबलपुर उज्जैन रायपुर बिलासपुर भिलाई पटना गया मुजफ्फरपुर भागलपुर दरभंगा रांची राँची जमशेदपुर
		धनबाद बोकारो भुवनेश्वर कटक गुवाहाटी शिलांग इंफाल अगरतला आइजोल कोहिमा ईटानगर गंगटोक अहमदाबाद सूरत वडोदरा राजकोट गांधीनगर पुणे नागपुर नासिक
		औरंगाबाद ठाणे पणजी गोरखपुर बरेली मुरादाबाद अलीगढ़ मथुरा झांसी अयोध्या फैजाबाद सहारनपुर श्रीनगर जम्मू लेह तिरुवनंतपुरम कोच्चि विशाखापत्तनम विजयवाड़ा
		इस्लामाबाद लाहौर कराची काठमांडू ढाका कोलंबो लंदन वाशिंगटन न्यूयॉर्क मॉस्को बीजिंग दुबई
		delhi new-delhi mumbai kolkata chennai bengaluru bangalore hyderabad lucknow kanpur varanasi prayagraj agra noida gurugram chandigarh
		amritsar shimla dehradun jaipur jodhpur udaipur bhopal indore raipur patna ranchi bhubaneswar guwahati ahmedabad surat pune nagpur
		srinagar jammu kochi islamabad lahore karachi kathmandu dhaka london washington`)
)
