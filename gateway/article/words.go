package article

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// How many bytes behind and before a mark are looked at to decide about it: room for
// the clause that follows and for any word in front, and a bound that keeps the work
// linear whatever the text is.
const (
	reach = 256
	grasp = 96
)

// head is at most reach bytes of s, cut between runes.
func head(s string) string {
	if len(s) <= reach {
		return s
	}
	i := reach
	for i > 0 && !utf8.RuneStart(s[i]) {
		i--
	}
	return s[:i]
}

// tail is at most grasp bytes of the end of s, cut between runes.
func tail(s string) string {
	if len(s) <= grasp {
		return s
	}
	i := len(s) - grasp
	for i < len(s) && !utf8.RuneStart(s[i]) {
		i++
	}
	return s[i:]
}

// endMark tells the marks that can end a sentence.
func endMark(r rune) bool { return r == '.' || r == '|' || r == '…' || hardEnd(r) }

// hardEnd tells the marks that end a sentence whatever stands in front.
func hardEnd(r rune) bool {
	switch r {
	case '।', '॥', '?', '!', '۔', '؟', '。', '？', '！':
		return true
	}
	return false
}

// closes tells closing quotes and brackets, but for the straight quotes, which
// open as well.
func closes(r rune) bool {
	if r < 0x80 {
		return r == ')' || r == ']' || r == '}'
	}
	return r >= 0x2000 && r < 0x3100 && (unicode.Is(unicode.Pe, r) || unicode.Is(unicode.Pf, r)) || r == '»'
}

// extends tells what belongs to the grapheme cluster in front of it (Unicode Annex
// 29: Extend, SpacingMark, ZWJ).
func extends(r rune) bool {
	switch {
	case r < 0x300:
		return false
	case unicode.Is(unicode.M, r), r == '\u200C', r == '\u200D':
		return true
	}
	return r >= 0x1F3FB && r <= 0x1F3FF || r >= 0xE0020 && r <= 0xE007F
}

// devanagari tells the letters, marks and digits of the script. The dandas are
// not among them: Unicode shares them between scripts.
func devanagari(r rune) bool {
	return r >= 0x0900 && r <= 0x097F && r != '।' && r != '॥' && r != '॰' || r >= 0xA8E0 && r <= 0xA8FF
}

func isWord(r rune) bool {
	if r < 0x80 {
		return r == '_' || r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z'
	}
	if r >= 0x900 && r <= 0x97F {
		return r != '।' && r != '॥' && r != '॰'
	}
	return r == '\u200C' || r == '\u200D' ||
		unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r)
}

// devanagariBefore reports whether the last visible character of s, closing quotes
// aside, is Devanagari.
func devanagariBefore(s string) bool {
	s = strings.TrimRightFunc(tail(s), func(r rune) bool {
		return unicode.IsSpace(r) || invisible(r) || closes(r) || r == '"' || r == '\'' || endMark(r)
	})
	r, _ := utf8.DecodeLastRuneInString(s)
	return devanagari(r)
}

// skipSpace gives the first position at or behind i that is no white space (nor
// what extends it).
func skipSpace(s string, i int) int {
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		if !unicode.IsSpace(r) && !extends(r) {
			break
		}
		i += n
	}
	return i
}

func skipDigits(s string, i int) int {
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		if !unicode.IsDigit(r) {
			break
		}
		i += n
	}
	return i
}

// lastToken is what stands at the end of s without white space, brackets or quotes
// in it: a word, or an abbreviation with its inner dots.
func lastToken(s string) string {
	s = tail(s)
	i := strings.LastIndexFunc(s, func(r rune) bool {
		return r != '.' && r != '\'' && r != '’' && r != '॰' && !isWord(r)
	})
	if i >= 0 {
		_, n := utf8.DecodeRuneInString(s[i:])
		s = s[i+n:]
	}
	return strings.TrimLeft(s, ".'’")
}

// lastWord is the word at the end of s.
func lastWord(s string) string {
	s = tail(s)
	i := strings.LastIndexFunc(s, func(r rune) bool { return !isWord(r) })
	if i < 0 {
		return s
	}
	_, n := utf8.DecodeRuneInString(s[i:])
	return s[i+n:]
}

// firstWord is the word at the start of s, behind opening quotes and brackets.
func firstWord(s string) string {
	s = strings.TrimLeftFunc(head(s), func(r rune) bool { return !isWord(r) && !unicode.IsSpace(r) })
	if i := strings.IndexFunc(s, func(r rune) bool { return !isWord(r) }); i >= 0 {
		return s[:i]
	}
	return s
}

// firstWords are the first n words of s, with their punctuation.
func firstWords(s string, n int) []string {
	out := make([]string, 0, n)
	for w := range strings.FieldsSeq(head(s)) {
		if len(out) == n {
			break
		}
		out = append(out, w)
	}
	return out
}

// abbreviated reports whether the word at the start of s ends in a dot that goes on:
// the "एच" of "एच.ओ".
func abbreviated(s string) bool {
	w := firstWord(s)
	rest := s[strings.Index(s, w)+len(w):]
	r, _ := utf8.DecodeRuneInString(strings.TrimPrefix(rest, "."))
	return strings.HasPrefix(rest, ".") && isWord(r)
}

// postposition reports whether s starts with a Hindi postposition, which never
// starts a sentence.
func postposition(s string) bool {
	switch firstWord(s) {
	case "का", "के", "की", "ने", "में", "से", "पर", "को", "तक":
		return true
	}
	return false
}

// aksharas counts the written syllables of a Devanagari word: its letters, those of
// a conjunct together.
func aksharas(s string) int {
	n, joined := 0, false
	for _, r := range s {
		if unicode.IsLetter(r) && !joined {
			n++
		}
		switch r {
		case '्':
			joined = true
		case '\u200C', '\u200D', '़':
		default:
			joined = false
		}
	}
	return n
}

// wordSet holds words in NFC, for a nukta may be written in two ways.
type wordSet map[string]struct{}

func set(words string) wordSet {
	m := make(wordSet)
	for w := range strings.FieldsSeq(words) {
		m[norm.NFC.String(w)] = struct{}{}
	}
	return m
}

func (m wordSet) has(word string) bool {
	_, ok := m[norm.NFC.String(word)]
	return ok
}

// Hindi abbreviations that are written with a dot, without the last one.
var hindiAbbreviation = set(`डॉ डा डाॅ श्री श्रीमती सुश्री कु कुं पं प्रो प्रा स्व मो मु रु रू सं क्र नं पृ अ उ म न
	उ.प्र म.प्र आं.प्र हि.प्र कि.मी कि.ग्रा से.मी मि.मी मि.ली मि.ग्रा वर्ग.मी ई.पू ई वि.सं बी.ए एम.ए पी.एच.डी बी.एड
	लि प्रा.लि कं चि सौ आयु ले ले.जन कै मे जन कर्नल ब्रिगे इंजी एड अधि हि.स उप सुप्र डि कि मी मि से पू सु`)

// Names of the Latin letters in Devanagari, as initials and acronyms spell them,
// and the vowels and consonants that stand as initials themselves.
var letterName = set(`ए बी सी डी ई एफ जी एच आई जे के एल एम एन ओ पी क्यू आर एस टी यू वी डब्ल्यू डब्लू एक्स वाई वाय जेड ज़ेड
	अ आ इ उ ऊ ऐ औ ऋ क ख ग घ च छ ज झ ट ठ ड ढ त थ द ध न प फ ब भ म य र ल व श ष स ह`)

// Words that Hindi sentences end with; several have one syllable, like abbreviations.
var finalVerb = set(`है हैं हूं हूँ हो था थे थी थीं गया गए गये गई गयी गईं गयीं रहा रहे रही रहीं हुआ हुए हुई हुईं होगा होगी होंगे होंगी
	किया किए किये की दिया दिए दिये दी दीं लिया लिए लिये ली लीं कहा कही कहे बताया बताई बताए सका सके सकी सकता सकते सकती पाया पाए पाई आया आए आई आईं
	जाएगा जाएगी जाएंगे जाएंगी जायेगा जायेगी जाता जाते जाती करेगा करेगी करेंगे करता करते करती करें करे करो चाहिए चाहिये नहीं लगा लगे लगी लगता
	रहेगा रहेगी रहेंगे देगा देगी देंगे लेगा लेगी लेंगे मिला मिली मिले मिलेगा मिलेगी मिलेंगे बोला बोले बोली पूछा लिखा देखा देखी चला चली चले
	आएगा आएगी आएंगे पहुंचा पहुंचे पहुंची पहुँचा पहुँचे पहुँची निकला निकले निकली मारा मारे गिरा गिरे गिरी माना मानी बना बने बनी बनाया बनाई
	होता होते होती रखा रखी रखे डाला डाली डाले उठा उठी उठे पड़ा पड़े पड़ी पड़ा पड़े पड़ी बढ़ा बढ़ी बढ़े बढ़ा बढ़ी बढ़े जी भी ही`)

// Verbs of saying, in the short clause behind a quotation.
var speechVerb = set(`कहा कहते कहती बोला बोले बोली बोलीं पूछा बताया लिखा चिल्लाया चिल्लाई जोड़ा जोड़ा दोहराया
	said says asked told added replied wrote tweeted explained`)

// English abbreviations that always lead to what follows, with the case they have.
var englishTitle = set(`Mr Mrs Ms Mx Dr Prof Rev Fr St Hon Pres Gov Sen Rep Gen Maj Col Lt Capt Cmdr Adm Sgt Cpl Pvt Smt Shri Sri Km Kum Pt
	Rs No Nos Fig Figs Eq Vol Art Sec Ch cf vs Vs viz eg ie e.g i.e M/s Messrs Mt Ft`)

// English abbreviations that may also end a sentence, in lower case.
var englishAbbreviation = set(`inc ltd co corp llc plc bros jr sr esq etc al dept univ assn est approx min max tel ext ave blvd rd
	jan feb mar apr jun jul aug sept sep oct nov dec calif fla mass pa tex wash ill minn conn pvt govt`)

// Words that start English sentences and are seldom part of a name.
var sentenceStarter = set(`The A An He She It They We I You This That These Those There Here In On At By For From With But And Or So If When While
	After Before Since Although Though However Meanwhile Also As Its His Her Their Our My Your Who What Why How Where Some Many Most Both All No Not
	Now Then Later Earlier According Under Over During To Of`)
