package article

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Detection is what Detect says of a text.
type Detection struct {
	Language   string  // "hi" or "en"; "" for any other language, or for none
	Script     string  // "Deva", "Latn", "mixed" (both, each with a real share), another's ISO 15924 code, or "" without letters
	Confidence float64 // 0 (nothing to go by) to 1 (certain) that Language is right
}

// Supported reports whether the language is one that is translated.
func (d Detection) Supported() bool { return d.Language != "" }

// Detect tells Hindi (Devanagari or romanised) from English and both from every
// other language. It counts scripts first, which is cheap and sure, and then
// function words among the languages that share the script. URLs, e-mail
// addresses, @handles and masks are not looked at.
//
// Devanagari without a sign of Marathi, Nepali or Konkani is Hindi; Sanskrit,
// Maithili and Bhojpuri therefore are, too. Short Latin text without any known
// word is taken for English with a low confidence.
func Detect(text string) Detection {
	var e evidence
	e.read(text)
	deva, latin := e.deva, e.latin
	if other, n := e.foreignScript(); n > deva && n > latin {
		return Detection{Script: other, Confidence: share(n, deva+latin+n)}
	}
	if deva+latin == 0 {
		return Detection{}
	}
	d := share(deva, deva+latin)
	switch {
	case latin == 0 || d > mostly && e.english <= e.devaHindi+e.devaOther():
		return e.devanagari("Deva")
	case deva == 0:
		return e.roman()
	}
	return e.mixed(d)
}

// Shares of one script among the letters of a text that has two.
const (
	mostly = 0.75 // from here on the other script is names and acronyms
	hardly = 0.25
)

// Share gives the shares of Devanagari and of Latin among the letters of text,
// 0 to 1 each; the rest is in other scripts. Vowel signs and other marks count
// as letters, dandas and digits do not. Both are 0 for text without letters.
func Share(text string) (deva, latin float64) {
	var nDeva, nLatin, nOther int
	for _, r := range text {
		switch {
		case isDevanagari(r):
			nDeva++
		case r < utf8.RuneSelf:
			if r|0x20 >= 'a' && r|0x20 <= 'z' {
				nLatin++
			}
		case !unicode.IsLetter(r):
		case unicode.Is(unicode.Latin, r):
			nLatin++
		default:
			nOther++
		}
	}
	total := nDeva + nLatin + nOther
	return share(nDeva, total), share(nLatin, total)
}

func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

// isDevanagari tells letters and marks of the three Devanagari blocks (Unicode
// 0900–097F, A8E0–A8FF, 1CD0–1CFF). The dandas, which all Indic scripts share,
// the digits and the abbreviation sign are none.
func isDevanagari(r rune) bool {
	switch {
	case r < 0x0900 || r > 0xA8FF:
		return false
	case r <= 0x097F:
		return r < 0x0964 || r > 0x0970
	}
	return r >= 0xA8E0 || r >= 0x1CD0 && r <= 0x1CFF
}

// evidence is what one pass over a text has counted.
type evidence struct {
	deva, latin int            // letters and marks
	scripts     map[string]int // letters of the other scripts by ISO 15924 code

	// words in Devanagari
	devaWords, devaHindi float64
	devaOthers           tally

	// words in Latin script; capitalised ones within a sentence, names mostly, weigh less
	words, lower, hinglish, hinglishWeak, english float64
	foreign                                       tally
	particle                                      uint32 // a foreign word behind a capital: part of a name if another follows
	afterCapital                                  bool
	broken                                        float64 // words that look like UTF-8 read in a wrong charset
	accents                                       float64 // words with letters that neither English nor romanised Hindi has
	allCaps                                       bool
}

// read splits text into words and weighs each.
func (e *evidence) read(text string) {
	e.allCaps = !hasLower(text)
	start := true // of a sentence
	for chunk := range strings.FieldsSeq(text) {
		if opaque(chunk) {
			continue
		}
		rest := chunk
		for rest != "" {
			var word string
			word, rest = cutWord(rest)
			if word != "" {
				e.word(word, start)
				start = false
			}
		}
		if strings.ContainsAny(chunk[len(chunk)-1:], ".?!:\"'") || strings.HasSuffix(chunk, "।") || strings.HasSuffix(chunk, "”") {
			start = true
		}
	}
	e.settle(false)
}

// opaque tells chunks that are written the same in every language.
func opaque(chunk string) bool {
	return strings.Contains(chunk, "://") || strings.HasPrefix(chunk, "www.") || strings.ContainsRune(chunk, '@')
}

// cutWord gives the next word of s, a run of letters and marks with hyphens and
// apostrophes inside it, and what follows.
func cutWord(s string) (word, rest string) {
	start := -1
	for i, r := range s {
		inside := r < utf8.RuneSelf && (r|0x20 >= 'a' && r|0x20 <= 'z') || r >= utf8.RuneSelf && (isDevanagari(r) || unicode.IsLetter(r) || unicode.IsMark(r))
		if start >= 0 && (r == '\'' || r == '’' || r == '-' || r == 0x200C || r == 0x200D) {
			continue
		}
		switch {
		case inside && start < 0:
			start = i
		case !inside && start >= 0:
			return s[start:i], s[i:]
		}
	}
	if start < 0 {
		return "", ""
	}
	return s[start:], ""
}

func (e *evidence) word(word string, start bool) {
	word = strings.TrimRight(word, "'’-\u200c\u200d")
	deva, latin := e.letters(word)
	switch {
	case deva > latin:
		e.devaWord(word)
	case latin > 0:
		e.latinWord(word, start)
	}
}

// letters counts the scripts of a word.
func (e *evidence) letters(word string) (deva, latin int) {
	for _, r := range word {
		switch {
		case r < utf8.RuneSelf:
			if r != '\'' && r != '-' {
				latin++
			}
		case isDevanagari(r):
			deva++
		case !unicode.IsLetter(r):
		case unicode.Is(unicode.Latin, r):
			latin++
		default:
			if e.scripts == nil {
				e.scripts = map[string]int{}
			}
			e.scripts[scriptCode(r)]++
		}
	}
	e.deva += deva
	e.latin += latin
	return deva, latin
}

func (e *evidence) devaWord(word string) {
	e.devaWords++
	info := lexicon()[word]
	switch {
	case info.hindi:
		e.devaHindi++
	case info.hindiWeak:
		e.devaHindi += 0.5
	}
	if info.others != 0 {
		e.devaOthers.add(info.others, 1)
		return
	}
	if !info.hindi && !info.hindiWeak {
		e.devaOthers.add(neighbourForms.of(word), 0.7)
	}
}

func (e *evidence) latinWord(word string, start bool) {
	capital := isUpper(word)
	e.settle(capital)
	weight := 1.0
	switch {
	case !capital || e.allCaps:
		e.lower++
	case start:
		weight = 0.7
	default:
		weight = 0.4
	}
	low := strings.ToLower(strings.ReplaceAll(word, "’", "'"))
	e.words++
	plain := isASCII(low)
	if !plain && (strings.Contains(low, "à¤") || strings.Contains(low, "à¥")) {
		e.broken++
	}
	info := lexicon()[low]
	switch {
	case info.hindi && info.name && weight < 1:
		e.hinglish += min(weight, 0.3)
	case info.hindi:
		e.hinglish += weight
	case info.hindiWeak && !info.english:
		e.hinglishWeak += weight
	case !capital && hinglishForms.of(low) != 0:
		e.hinglish += 0.7
	}
	if info.english {
		e.english += weight
	}
	e.foreignWord(info, capital, weight)
	e.afterCapital = capital
	if i := strings.IndexByte(low, '\''); info.others == 0 && i >= 1 && i <= 5 {
		e.foreign.add(elided(low[:i+1]), weight)
	}
	if !capital && info.others == 0 && !info.english {
		e.foreign.add(foreignForms.of(low), 0.7)
	}
	if !plain && !capital && !info.loan && accented(low) {
		e.accents++
	}
}

// foreignWord counts a word of another language. Behind a capital it waits for
// the next word, since "Rio de Janeiro" and "Ludwig van Beethoven" are English, too.
func (e *evidence) foreignWord(info wordInfo, capital bool, weight float64) {
	switch {
	case info.others == 0:
	case info.faint:
		e.foreign.add(info.others, 0.3*weight)
	case !capital && e.afterCapital:
		e.particle = info.others
	default:
		e.foreign.add(info.others, weight)
	}
}

// settle counts the word that waited, now that the next word or the end is known.
func (e *evidence) settle(capital bool) {
	if e.particle == 0 {
		return
	}
	weight := 1.0
	if capital {
		weight = 0.3
	}
	e.foreign.add(e.particle, weight)
	e.particle = 0
}

// elided tells French, Italian and Catalan by an article or pronoun before an apostrophe.
func elided(head string) uint32 {
	const french, italian = 1 << 0, 1 << 3
	switch head {
	case "l'", "d'", "c'", "s'", "n'", "m'", "t'", "qu'", "j'":
		return french | italian
	case "dell'", "nell'", "all'", "sull'", "dall'", "un'":
		return italian
	}
	return 0
}

// accented tells words with a letter beyond those of English and its usual loans.
func accented(word string) bool {
	for _, r := range word {
		if r >= 0xC0 && unicode.IsLetter(r) {
			return true
		}
	}
	return false
}

// devanagari decides among the languages of Devanagari.
func (e *evidence) devanagari(script string) Detection {
	hindi, other := e.devaHindi, e.devaOther()
	if other >= 1 && other > 1.2*hindi && other >= 0.08*e.devaWords {
		return Detection{Script: script, Confidence: certain(0.5, other) * other / (other + hindi)}
	}
	c := certain(0.7, hindi) * (hindi + 1) / (hindi + 0.8*other + 1)
	return Detection{Language: "hi", Script: script, Confidence: c}
}

func (e *evidence) devaOther() float64 { return e.devaOthers.best() }

// roman decides among the languages of the Latin script.
func (e *evidence) roman() Detection {
	const script = "Latn"
	n := max(e.words, 1)
	hindi := e.hinglish
	if hindi > 0 {
		hindi += 0.5 * e.hinglishWeak
	}
	english, foreign := e.english, e.foreign.best()
	if e.accents > 0 {
		foreign += min(e.accents, foreign) * 0.5
	}
	switch {
	case e.broken > 0.3*n:
		return Detection{Script: script, Confidence: 0.5}
	case e.isHinglish(hindi, foreign):
		return Detection{Language: "hi", Script: script, Confidence: certain(0.4, hindi) * hindi / (hindi + 0.3*english)}
	case foreign > 1.3*english && foreign >= 0.12*n && (foreign >= 1.6 || e.accents > 0 && foreign >= 1):
		return Detection{Script: script, Confidence: certain(0.3, foreign) * foreign / (foreign + english)}
	case english == 0 && hindi == 0 && foreign >= 0.9 && foreign >= 0.15*n && e.lower >= 0.5*n && float64(e.latin) > e.words: // single letters (Y, x_y) are no Spanish or Polish words
		return Detection{Script: script, Confidence: 0.4}
	case english < 0.06*n && e.lower >= 12:
		return Detection{Script: script, Confidence: 0.4}
	case english == 0 && e.accents >= 2 && e.accents >= 0.3*n:
		return Detection{Script: script, Confidence: 0.5}
	}
	return Detection{Language: "en", Script: script, Confidence: certain(0.35, english) * (english + 0.5) / (english + 0.5 + hindi + 0.3*max(0, foreign-english/2))}
}

// isHinglish tells romanised Hindi. A sentence of it may hold more English words
// than Hindi ones, but no English sentence holds Hindi function words.
func (e *evidence) isHinglish(hindi, foreign float64) bool {
	return e.hinglish >= 0.7 && hindi >= 0.1*e.words && hindi > 0.3*e.english && hindi >= foreign
}

// mixed decides for a text with a real share of each script, d of it Devanagari.
func (e *evidence) mixed(d float64) Detection {
	roman := e.roman()
	script := "mixed"
	switch {
	case d > mostly:
		script = "Deva"
	case d < hardly:
		script = "Latn"
	}
	deva := e.devaHindi + e.devaOther()
	if roman.Language == "hi" {
		deva += e.hinglish
		if script == "Latn" {
			script = "mixed"
		}
	}
	switch {
	case d >= 0.5 && e.english <= 2*deva+1, d < 0.5 && deva > e.english, d >= 0.4 && deva >= e.english:
		if script == "Latn" {
			script = "mixed"
		}
		found := e.devanagari(script)
		found.Confidence *= math.Max(0.6, d)
		return found
	}
	roman.Script = script
	roman.Confidence *= 1 - d/2
	return roman
}

// certain grows from floor towards 1 with the number of words that speak for a decision.
func certain(floor, hits float64) float64 {
	return 1 - (1-floor)*math.Pow(0.6, hits)
}

func hasLower(s string) bool {
	for _, r := range s {
		if r < utf8.RuneSelf {
			if r >= 'a' && r <= 'z' {
				return true
			}
		} else if unicode.IsLower(r) {
			return true
		}
	}
	return false
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func isUpper(word string) bool {
	r, _ := utf8.DecodeRuneInString(word)
	return unicode.IsUpper(r)
}

// foreignScript gives the most frequent script besides Devanagari and Latin.
func (e *evidence) foreignScript() (code string, letters int) {
	for c, n := range e.scripts {
		if n > letters || n == letters && c < code {
			code, letters = c, n
		}
	}
	return code, letters
}

// scriptCodes are the scripts told by name; any other is "Zyyy", undetermined.
var scriptCodes = []struct {
	table *unicode.RangeTable
	code  string
}{
	{unicode.Bengali, "Beng"}, {unicode.Gujarati, "Gujr"}, {unicode.Gurmukhi, "Guru"}, {unicode.Tamil, "Taml"}, {unicode.Telugu, "Telu"},
	{unicode.Kannada, "Knda"}, {unicode.Malayalam, "Mlym"}, {unicode.Oriya, "Orya"}, {unicode.Sinhala, "Sinh"}, {unicode.Arabic, "Arab"},
	{unicode.Cyrillic, "Cyrl"}, {unicode.Greek, "Grek"}, {unicode.Hebrew, "Hebr"}, {unicode.Thai, "Thai"}, {unicode.Han, "Hani"},
	{unicode.Hiragana, "Jpan"}, {unicode.Katakana, "Jpan"}, {unicode.Hangul, "Hang"}, {unicode.Tibetan, "Tibt"}, {unicode.Myanmar, "Mymr"},
	{unicode.Armenian, "Armn"}, {unicode.Georgian, "Geor"}, {unicode.Ethiopic, "Ethi"}, {unicode.Khmer, "Khmr"}, {unicode.Lao, "Laoo"},
	{unicode.Ol_Chiki, "Olck"}, {unicode.Meetei_Mayek, "Mtei"},
}

func scriptCode(r rune) string {
	for _, s := range scriptCodes {
		if unicode.Is(s.table, r) {
			return s.code
		}
	}
	return "Zyyy"
}
