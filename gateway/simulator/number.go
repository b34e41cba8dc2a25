package simulator

import (
	"math/big"
	"strings"
)

// decimal is an exact decimal number: mantissa × 10^exponent. Values of news
// need exactness, not speed: 2.675 crore is 26,750,000 to the last digit.
type decimal struct {
	mantissa *big.Int
	exponent int
}

func whole(n int64) decimal { return decimal{big.NewInt(n), 0} }

// parseDecimal reads ASCII digits with at most one point.
func parseDecimal(s string) (decimal, bool) {
	integer, fraction, _ := strings.Cut(s, ".")
	m, ok := new(big.Int).SetString(integer+fraction, 10)
	return decimal{m, -len(fraction)}, ok
}

func (d decimal) times(e decimal) decimal {
	return decimal{new(big.Int).Mul(d.mantissa, e.mantissa), d.exponent + e.exponent}
}

func (d decimal) plus(e decimal) decimal {
	low := min(d.exponent, e.exponent)
	return decimal{new(big.Int).Add(d.scaled(low), e.scaled(low)), low}
}

// scaled is the mantissa for a smaller exponent.
func (d decimal) scaled(exponent int) *big.Int {
	ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(d.exponent-exponent)), nil)
	return ten.Mul(ten, d.mantissa)
}

func (d decimal) atLeast(e decimal) bool {
	low := min(d.exponent, e.exponent)
	return d.scaled(low).Cmp(e.scaled(low)) >= 0
}

// String writes the number plainly, without grouping and trailing zeros behind
// the point.
func (d decimal) String() string {
	if d.exponent >= 0 {
		return d.scaled(0).String()
	}
	digits := d.mantissa.String()
	for len(digits) <= -d.exponent {
		digits = "0" + digits
	}
	point := len(digits) + d.exponent
	return strings.TrimSuffix(strings.TrimRight(digits[:point]+"."+digits[point:], "0"), ".")
}

// grouped is String with the Western thousands mark.
func (d decimal) grouped() string { return groupWestern(d.String()) }

func groupWestern(s string) string {
	integer, fraction, point := strings.Cut(s, ".")
	var b strings.Builder
	for i, r := range integer {
		if i > 0 && (len(integer)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	if point {
		b.WriteString("." + fraction)
	}
	return b.String()
}

// scale is a power of ten with a name.
type scale struct {
	name  string
	power int
}

// scaledBy writes the number in the largest unit in which at most three digits
// stand behind the point ("2.675 crore" → "26.75 million"), else in full.
func (d decimal) scaledBy(units []scale) string {
	for _, u := range units {
		if !d.atLeast(decimal{big.NewInt(1), u.power}) {
			continue
		}
		s := decimal{d.mantissa, d.exponent - u.power}.String()
		if _, fraction, _ := strings.Cut(s, "."); len(fraction) <= 3 {
			return groupWestern(s) + " " + u.name
		}
		break
	}
	return d.grouped()
}

var (
	westernScales = []scale{{"trillion", 12}, {"billion", 9}, {"million", 6}}
	indianScales  = []scale{{"लाख करोड़", 12}, {"अरब", 9}, {"करोड़", 7}, {"लाख", 5}}
)

// numberWords are the Hindi numbers below a hundred, with the spellings in use;
// the index is the value.
var numberWords = func() map[string]int64 {
	rows := strings.Fields(`शून्य/सिफर एक दो तीन चार पांच/पाँच छह/छः/छ/छै सात आठ नौ दस ग्यारह बारह तेरह चौदह पंद्रह/पन्द्रह
		सोलह सत्रह/सतरह अठारह/अट्ठारह उन्नीस बीस इक्कीस बाईस/बाइस तेईस/तेइस चौबीस पच्चीस छब्बीस सत्ताईस/सत्ताइस अट्ठाईस/अठाईस/अट्ठाइस
		उनतीस/उन्तीस तीस इकतीस/इकत्तीस बत्तीस तैंतीस/तेंतीस चौंतीस पैंतीस छत्तीस सैंतीस अड़तीस उनतालीस/उन्तालीस चालीस इकतालीस बयालीस
		तैंतालीस चौवालीस/चवालीस पैंतालीस छियालीस सैंतालीस अड़तालीस उनचास/उनंचास पचास इक्यावन बावन तिरपन/तिरेपन चौवन पचपन छप्पन सत्तावन
		अट्ठावन/अठावन उनसठ साठ इकसठ बासठ तिरसठ/तिरेसठ चौंसठ/चौसठ पैंसठ छियासठ सड़सठ अड़सठ उनहत्तर सत्तर इकहत्तर बहत्तर तिहत्तर चौहत्तर
		पचहत्तर छिहत्तर सतहत्तर अठहत्तर उनासी/उन्नासी अस्सी इक्यासी बयासी तिरासी चौरासी पचासी छियासी सत्तासी अट्ठासी/अठासी नवासी नब्बे
		इक्यानवे बानवे तिरानवे/तिरानबे चौरानवे/चौरानबे पचानवे/पंचानवे/पंचानबे छियानवे सत्तानवे अट्ठानवे/अठानवे निन्यानवे/निन्यानबे`)
	words := make(map[string]int64, 150)
	for n, row := range rows {
		for _, w := range strings.Split(row, "/") {
			words[lexicalForm(w)] = int64(n)
		}
	}
	return words
}()

// unitWords are the Hindi words that multiply, as powers of ten.
var unitWords = map[string]int{"सौ": 2, "हजार": 3, "लाख": 5, "करोड़": 7, "अरब": 9, "खरब": 11}

// fraction words: value, or what they add to the number behind them.
var (
	fractionAlone = map[string]decimal{"डेढ़": {big.NewInt(15), -1}, "ढाई": {big.NewInt(25), -1}, "अढ़ाई": {big.NewInt(25), -1}}
	fractionAdds  = map[string]decimal{"सवा": {big.NewInt(25), -2}, "साढ़े": {big.NewInt(5), -1}, "पौने": {big.NewInt(-25), -2}}
)

// englishSmall are the numbers that an English sentence writes as words.
var englishSmall = []string{"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"}

// ordinalDigits adds st, nd, rd or th to a number in digits.
func ordinalDigits(s string) string {
	switch {
	case strings.HasSuffix(s, "11"), strings.HasSuffix(s, "12"), strings.HasSuffix(s, "13"):
	case strings.HasSuffix(s, "1"):
		return s + "st"
	case strings.HasSuffix(s, "2"):
		return s + "nd"
	case strings.HasSuffix(s, "3"):
		return s + "rd"
	}
	return s + "th"
}

// regroup turns the Indian grouping of a number in digits (2,50,000) into the
// Western one (250,000); anything else stays as it is, so that years, phone
// numbers, clock times and decimals keep every character.
func regroup(s string) string {
	integer, fraction, point := strings.Cut(s, ".")
	parts := strings.Split(integer, ",")
	if len(parts) < 3 || len(parts[0]) > 2 || len(parts[len(parts)-1]) != 3 {
		return s
	}
	for _, p := range parts[1 : len(parts)-1] {
		if len(p) != 2 {
			return s
		}
	}
	out := groupWestern(strings.Join(parts, ""))
	if point {
		out += "." + fraction
	}
	return out
}

// asciiDigits maps Devanagari digits to ASCII ones.
func asciiDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '०' && r <= '९' {
			return '0' + r - '०'
		}
		return r
	}, s)
}
