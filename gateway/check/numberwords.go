package check

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// wordClass tells what a word does in a number.
type wordClass uint8

const (
	noNumber     wordClass = iota
	unitWord               // 0 to 99
	hundred                // multiplies what stands in front of it
	scaleWord              // thousand, लाख, million: closes a term of the sum
	shortScale             // m, k, bn: a scale only right behind digits, and perhaps a unit of measure
	multiple               // dozen
	addsPart               // सवा साढ़े पौने: with the number behind them
	withPart               // डेढ़ ढाई: a number with its half
	halfWord               // half, quarter: a part of what follows, or added by "and a"
	ordinal                // third, इक्कीसवीं
	hintWord               // both, century: may be said for a number, is none to ask for
	periodWord             // a decade: a hint, and a measure of others: 20 of "two decades"
	durationWord           // hours, दिन: a measure of others only
	monthWord              // may stand for the month of a date in digits
	articleA               // a, an
	joinAnd
	rangeTo
	clockWord // pm, बजे
	pastWord  // half past ten
	toWord    // quarter to six, and a range
	ofWord
	measure   // miles, किमी
	placeWord // हजारी: with the number in front, the name of a place
	romanWord // II, in capitals
)

// numberWord is what a word means in a number.
type numberWord struct {
	class wordClass
	value decimal
	power int16     // of scales: the power of ten
	more  []decimal // what else the word is said for
	unit  unit      // of measures
	less  bool      // पौने: the part is taken off
}

// The words below a hundred, in order, with the spellings in use. Spellings that
// differ in what foldHindi takes away are one.
const hindiUnits = `शून्य/सिफर/जीरो एक दो तीन चार पांच/पाच छह/छः/छ/छै/छे सात आठ/आठ नौ दस ग्यारह/गयारह बारह तेरह चौदह पंद्रह/पंदरह
	सोलह सत्रह/सतरह अठारह/अट्ठारह/अठ्ठारह उन्नीस बीस इक्कीस बाईस तेईस चौबीस पच्चीस छब्बीस सत्ताईस अट्ठाईस/अठ्ठाईस
	उनतीस/उंतीस तीस इकतीस/इकत्तीस/इकतिस बत्तीस तैंतीस/तेंतीस/तेतीस/तैतीस चौंतीस/चौतीस पैंतीस/पैतीस छत्तीस सैंतीस/सैतीस अड़तीस/अढ़तीस उनतालीस/उंतालीस/उनचालीस
	चालीस इकतालीस/इकतालिस बयालीस/ब्यालीस तैंतालीस/तैतालीस/तिरालीस चौवालीस/चवालीस/चौंवालीस/चौआलीस पैंतालीस/पैतालीस छियालीस/छयालीस/छ्यालीस सैंतालीस/सैतालीस
	अड़तालीस/अढ़तालीस उनचास/उनंचास/उंचास पचास इक्यावन/इकावन बावन तिरपन/तिरेपन/त्रेपन चौवन/चौअन पचपन छप्पन सत्तावन अट्ठावन/अठ्ठावन
	उनसठ/उनसठ साठ इकसठ बासठ तिरसठ/तिरेसठ/त्रेसठ चौंसठ/चौसठ पैंसठ/पैसठ छियासठ/छयासठ/छ्यासठ सड़सठ/सरसठ अड़सठ/अढ़सठ उनहत्तर/उनत्तर सत्तर
	इकहत्तर/इखत्तर बहत्तर तिहत्तर चौहत्तर पचहत्तर/पिचहत्तर छिहत्तर/छियत्तर सतहत्तर/सतत्तर अठहत्तर उनासी/उन्यासी/उनआसी अस्सी इक्यासी बयासी/ब्यासी तिरासी/तेरासी
	चौरासी पचासी/पिचासी छियासी/छ्यासी सत्तासी/सतासी अट्ठासी/अठ्ठासी नवासी नब्बे/नब्बै इक्यानवे/इक्यानबे/इकानवे बानवे/बानबे/बयानवे तिरानवे/तिरानबे
	चौरानवे/चौरानबे पंचानवे/पंचानबे/पचानवे/पचानबे/पिचानवे छियानवे/छियानबे/छ्यानवे सत्तानवे/सत्तानबे/संतानवे अट्ठानवे/अट्ठानबे/अठ्ठानवे निन्यानवे/निन्यानबे/निनानवे`

const englishUnits = `zero/nil/nought one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen
	twenty - - - - - - - - - thirty - - - - - - - - - forty/fourty - - - - - - - - - fifty - - - - - - - - - sixty - - - - - - - - - seventy - - - - - - - - -
	eighty - - - - - - - - - ninety`

const englishOrdinals = `zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth
	eighteenth nineteenth twentieth - - - - - - - - - thirtieth - - - - - - - - - fortieth - - - - - - - - - fiftieth - - - - - - - - - sixtieth - - - - - - - - -
	seventieth - - - - - - - - - eightieth - - - - - - - - - ninetieth`

// Months in order, January first. The Hindi year has other ones, which have no number
// in a date.
const hindiMonths = `जनवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर/सितम्बर अक्टूबर/अक्तूबर नवंबर दिसंबर`
const englishMonths = `january/jan february/feb march/mar april/apr may june/jun july/jul august/aug september/sep/sept october/oct november/nov december/dec`

// Words of the other classes: a line is the class, the values that the word may stand
// for (a power of ten for scales), and the words of both languages.
const numberLines = `
hundred 2 सौ hundred
scale 3 हजार thousand thousands
scale 5 लाख लैख lakh lac lakhs lacs
scale 7 करोड़ crore crores
scale 9 अरब billion billions bln बिलियन
scale 11 खरब
scale 6 million millions mln मिलियन मीलियन
scale 12 trillion trillions trn ट्रिलियन
scale 15 quadrillion
short 3 k
short 6 m mn
short 9 b bn
short 12 t tn
short 7 cr
short 5 l
multiple 12 दर्जन dozen
adds 0.25 सवा
adds 0.5 साढ़े साढे
adds -0.25 पौने
part 1.5 डेढ़ डेढ
part 2.5 ढाई अढ़ाई
half 0.5,50,2,30,1 half आधा आधे आधी अर्ध halves halved halving
half 0.25,25,4,15,3,1 quarter quarters चौथाई
hint 0.75,45 पौन पौना
hint 0.25 पाव
hint 1,2 double doubles doubled doubling twofold डबल
hint 1 once single singles sole solitary lone alone अकेला अकेले अकेली इकलौता इकलौते इकलौती एकमात्र एकल एकमुश्त प्रथम पहले वन solo एकबार singly एकतरफा
hint 2 twice both pair pairs couple duo twin twins either दोनों जोड़ी जोड़ा जोड़े दुगना दुगुना दुगनी दुगुनी दोगुना दोगुनी दोगुने दुगने दोबारा दुबारा जुड़वां द्वितीय टू टूजी युगल दोहरा दोहरे दोहरी द्वि bilateral द्विपक्षीय
hint 3 thrice triple triples tripled treble trio threefold triplet triplets तिगुना तिगुनी तिगुने तृतीय थ्री थ्रीडी थ्रीजी तिकड़ी हैट्रिक तिहाई trilateral त्रिपक्षीय ट्रिपल तिहरा तिहरे तिहरी
hint 4 quadruple quadrupled quartet fourfold चौगुना चौगुनी चौगुने चतुर्थ फोर फोरजी चौका चतुष्कोणीय quadrilateral
hint 5 quintet fivefold पंचम फाइव फाइवजी पंच
hint 6 सिक्स छक्का
hint 7 सेवन
hint 8 एट
hint 9 नाइन
hint 10 टेन tens दहाई
hint 11 इलेवन
hint 12 dozens दर्जनों noon midday midnight दोपहर मध्यरात्रि आधीरात ट्वेल्व
hint 20 ट्वेंटी ट्वेन्टी score
hint 30 थर्टी
hint 40 forties फोर्टी
hint 50 fifties अर्धशतक फिफ्टी
hint 60 sixties
hint 70 seventies
hint 80 eighties
hint 90 nineties
hint 20 twenties
hint 30 thirties
hint 100 centenary शतक शत सैकड़ा सैंकड़ा सैकड़ों सैंकड़ों hundreds शतप्रतिशत हंड्रेड
hint 1000 हजारों थाउजेंड
hint 100000 लाखों
hint 10000000 करोड़ों
hint 1000000000 अरबों
hint 10 दसियों
period 10 decade दशक
duration 10 decades दशकों
period 100 century शताब्दी सदी
duration 100 centuries शताब्दियों सदियों
period 1000 millennium सहस्राब्दी
period 15,14,2 fortnight fortnights पखवाड़ा पखवाड़े
roman 2 ii
roman 3 iii
roman 4 iv
roman 5 v
roman 6 vi
roman 7 vii
roman 8 viii
roman 9 ix
roman 10 x
roman 11 xi
roman 12 xii
roman 13 xiii
roman 14 xiv
roman 15 xv
roman 16 xvi
roman 17 xvii
roman 18 xviii
roman 19 xix
roman 20 xx
roman 21 xxi
ordinal 1 पहला पहली
ordinal 2 दूसरा दूसरी दूसरे secondly
ordinal 3 तीसरा तीसरी तीसरे thirds thirdly
ordinal 4 चौथा चौथी चौथे fourths
ordinal 5 fifths
ordinal 6 छठा छठी छठे छठवां छठवीं छठवें sixths
ordinal 9 नवां नवीं नवें नवम
ordinal 7 सप्तम
ordinal 8 अष्टम eighths
ordinal 10 दशम tenths
ordinal 100 hundredth hundredths सौवां सौवीं सौवें
ordinal 1000 thousandth
a 0 a an
name 0 हजारी घाट
and 0 and
range 0 से तथा और या or through until
to 0 to till
of 0 of
past 0 past
clock 0 बजे बजकर am pm gmt ist hrs clock
`

var (
	hindiNumbers     = hindiNumberWords()
	englishNumbers   = englishNumberWords()
	romanisedNumbers = romanisedNumberWords()
)

// romanisedLines are Hindi numbers as they are spelled in Latin letters: the Hindi word
// and the spellings.
const romanisedLines = `
शून्य shunya
एक ek
दो do
तीन teen tin
चार char chaar
पांच panch paanch
छह chhah chhe chheh chah
सात saat sat
आठ aath ath
नौ nau
दस das dus
ग्यारह gyarah gyaarah
बारह barah baarah
तेरह terah
चौदह chaudah
पंद्रह pandrah pandra
सोलह solah
सत्रह satrah
अठारह atharah athaarah
उन्नीस unnis unnees
बीस bees bis
पच्चीस pachchis pachchees pachis pachees
तीस tees tis
पैंतीस paintis
चालीस chalis chaalis chalees
पैंतालीस paintalis
पचास pachas pachaas
सत्तर sattar
पचहत्तर pachhattar
अस्सी assi
नब्बे nabbe
सौ sau so
हजार hazar hazaar hajar hajaar
लाख laakh
करोड़ karod karor
अरब arab
सवा sava sawa
साढ़े sadhe saadhe
पौने paune
डेढ़ dedh derh
ढाई dhai dhaai
आधा aadha adha
दोनों dono donon
बजे baje
पहला pehla pahla pehli pahli
दूसरा dusra doosra dusri doosri dusre
तीसरा teesra tisra teesri
दर्जन darjan
से se
या ya
और aur
`

func romanisedNumberWords() map[string]numberWord {
	words := make(map[string]numberWord, 120)
	for line := range strings.Lines(romanisedLines) {
		fields := strings.Fields(line)
		for k, w := range fields {
			if k > 0 {
				words[w] = hindiNumbers[wordKey(fields[0])]
			}
		}
	}
	return words
}

var wordClasses = map[string]wordClass{
	"hundred": hundred, "scale": scaleWord, "short": shortScale, "multiple": multiple, "adds": addsPart, "part": withPart, "half": halfWord,
	"hint": hintWord, "ordinal": ordinal, "a": articleA, "and": joinAnd, "range": rangeTo, "to": toWord, "of": ofWord, "past": pastWord, "period": periodWord, "duration": durationWord, "roman": romanWord, "name": placeWord, "clock": clockWord,
}

func hindiNumberWords() map[string]numberWord {
	words := make(map[string]numberWord, 400)
	addLists(words, unitWord, hindiUnits)
	addLists(words, monthWord, hindiMonths)
	addLines(words, func(word string) bool { return word[0] >= utf8.RuneSelf })
	return words
}

func englishNumberWords() map[string]numberWord {
	words := make(map[string]numberWord, 300)
	addLists(words, unitWord, englishUnits)
	addLists(words, ordinal, englishOrdinals)
	addLists(words, monthWord, englishMonths)
	addLines(words, func(word string) bool { return word[0] < utf8.RuneSelf })
	return words
}

// addLists enters lists whose place is the value; months begin at 1.
func addLists(words map[string]numberWord, class wordClass, list string) {
	first := 0
	if class == monthWord {
		first = 1
	}
	for n, row := range strings.Fields(list) {
		for _, w := range strings.Split(row, "/") {
			if w != "-" {
				words[wordKey(w)] = numberWord{class: class, value: whole(uint64(n + first))}
			}
		}
	}
}

func addLines(words map[string]numberWord, of func(string) bool) {
	for line := range strings.Lines(numberLines) {
		fields := strings.Fields(line)
		if len(fields) < 3 {
			continue
		}
		entry := numberWord{class: wordClasses[fields[0]], less: strings.HasPrefix(fields[1], "-")}
		for i, v := range strings.Split(fields[1], ",") {
			switch d := parseDecimal(strings.TrimPrefix(v, "-")); {
			case i == 0:
				entry.value = d
			default:
				entry.more = append(entry.more, d)
			}
		}
		if entry.class == hundred || entry.class == scaleWord || entry.class == shortScale {
			n, _ := strconv.Atoi(fields[1])
			entry.power, entry.value = int16(n), whole(1).shifted(int16(n))
		}
		for _, w := range fields[2:] {
			if of(w) {
				if key := wordKey(w); words[key].class == noNumber {
					words[key] = entry
				}
			}
		}
	}
	for n, row := range measureWords {
		for w := range strings.FieldsSeq(row) {
			if of(w) && words[wordKey(w)].class == noNumber {
				entry := numberWord{class: measure, unit: unit(n)}
				if parts := inParts[entry.unit]; parts > 0 {
					entry.class, entry.value = durationWord, whole(parts)
				}
				words[wordKey(w)] = entry
			}
		}
	}
}

// longestNumberWord bounds, in bytes of its folded form, the words that are looked up.
const longestNumberWord = 48

func wordKey(word string) string {
	var b [longestNumberWord]byte
	if word[0] < utf8.RuneSelf {
		return word
	}
	return string(foldHindi(b[:0], word))
}

// foldHindi appends to b the form of a Devanagari word in which spellings of numbers
// are compared: without nukta and joiners, chandrabindu and half nasals as anusvara,
// doubled consonants single, i and u short. A word too long for a number gives what
// no entry has.
func foldHindi(b []byte, word string) []byte {
	var last, before rune // the letters that b ends with
	for _, r := range word {
		switch {
		case r == nukta || r == '\u200C' || r == '\u200D':
			continue
		case withNukta(r):
			r = baseLetter(r)
		case r == 'ँ':
			r = anusvara
		case r == 'ई':
			r = 'इ'
		case r == 'ऊ':
			r = 'उ'
		case r == 'ी':
			r = 'ि'
		case r == 'ू':
			r = 'ु'
		}
		if last == virama && hindiConsonant(r) {
			switch {
			case before == r, before == 'ट' && r == 'ठ', before == 'ठ' && r == 'ठ', before == 'च' && r == 'छ':
				b = b[:len(b)-6]
			case before == 'न' || before == 'म' || before == 'ण' || before == 'ञ' || before == 'ङ':
				if r != 'य' && r != 'र' && r != 'व' && r != 'ह' {
					b = utf8.AppendRune(b[:len(b)-6], anusvara)
				}
			}
		}
		if len(b)+4 > longestNumberWord {
			return append(b[:0], '?')
		}
		b = utf8.AppendRune(b, r)
		before, last = last, r
	}
	return b
}
