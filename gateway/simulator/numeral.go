package simulator

import (
	"math/big"
	"strings"
)

// value is a Hindi number as read from the words and digits of a sentence.
type value struct {
	number   decimal
	tokens   int    // how many it took
	digits   string // as written, when it is digits alone
	scaled   bool   // a word from thousand upwards was in it
	fraction bool   // a fraction word was in it
}

// readValue reads the number that begins at a token: digits or words, fraction
// words (सवा, डेढ़, ढाई, साढ़े, पौने), units that multiply (2.5 लाख करोड़) and
// parts that add up (दो लाख पचास हजार). ok is false where none begins.
func readValue(tokens []token) (v value, ok bool) {
	v.number = whole(0)
	last := decimal{big.NewInt(1), 1 << 10} // the scale of the part before
	for {
		part, scale, ok := readPart(tokens[v.tokens:])
		if !ok || v.tokens > 0 && (!last.above(part.number) || part.digits != "" && part.tokens == 1) {
			break
		}
		v.number = v.number.plus(part.number)
		v.digits = part.digits
		if v.tokens > 0 || part.tokens > 1 {
			v.digits = ""
		}
		v.tokens += part.tokens
		v.scaled = v.scaled || part.scaled
		v.fraction = v.fraction || part.fraction
		if scale == 0 || v.tokens >= len(tokens) {
			break
		}
		last = decimal{big.NewInt(1), scale}
	}
	return v, v.tokens > 0
}

func (d decimal) above(e decimal) bool { return d.exponent > 1000 || !e.atLeast(d) }

// readPart reads one number with its units, and gives the power of ten of those.
func readPart(tokens []token) (v value, power int, ok bool) {
	form := func(i int) string {
		if i < len(tokens) && tokens[i].kind == wordToken && (i == 0 || tokens[i].spaced) {
			return lexicalForm(tokens[i].text)
		}
		return ""
	}
	n := 0
	switch first := form(0); {
	case len(tokens) > 0 && tokens[0].kind == numberToken:
		plain := strings.ReplaceAll(asciiDigits(tokens[0].text), ",", "")
		d, ok := parseDecimal(plain)
		if !ok || strings.ContainsAny(plain, ":/") || strings.Count(plain, ".") > 1 {
			return v, 0, false // a clock time, a date
		}
		v.number, v.digits, n = d, tokens[0].text, 1
	case fractionAlone[first].mantissa != nil:
		v.number, v.fraction, n = fractionAlone[first], true, 1
	case fractionAdds[first].mantissa != nil:
		v.number, v.fraction, n = fractionAdds[first], true, 1
		base := whole(1)
		if small, ok := numberWords[form(1)]; ok {
			base, n = whole(small), 2
		} else if len(tokens) > 1 && tokens[1].kind == numberToken {
			d, ok := parseDecimal(strings.ReplaceAll(asciiDigits(tokens[1].text), ",", ""))
			if !ok {
				return v, 0, false
			}
			base, n = d, 2
		} else if first != lexicalForm("सवा") && first != lexicalForm("पौने") || unitWords[form(1)] == 0 {
			return v, 0, false
		}
		v.number = v.number.plus(base)
	default:
		small, ok := numberWords[first]
		if !ok {
			return v, 0, false
		}
		v.number, n = whole(small), 1
	}
	for {
		p := unitWords[form(n)]
		if p == 0 {
			break
		}
		v.number = v.number.times(decimal{big.NewInt(1), p})
		v.scaled = v.scaled || p >= 3
		power += p
		n++
	}
	v.tokens = n
	return v, power, true
}

// english writes a number as an English paper does: one to ten in words, the
// rest in digits, from a million on by name when a unit was named.
func (v value) english() string {
	switch {
	case v.digits != "":
		return regroup(asciiDigits(v.digits))
	case v.scaled:
		return v.number.scaledBy(westernScales)
	case v.number.exponent == 0 && v.number.mantissa.IsInt64() && v.number.mantissa.Int64() < int64(len(englishSmall)) && v.tokens == 1:
		return englishSmall[v.number.mantissa.Int64()]
	}
	return v.number.grouped()
}

// clock writes a number of hours as a time of day: 10.5 → 10:30.
func (v value) clock() string {
	minutes := v.number.times(whole(60)).String()
	m, ok := parseDecimal(minutes)
	if !ok || m.exponent != 0 || !m.mantissa.IsInt64() || m.mantissa.Int64() >= 25*60 {
		return v.number.String()
	}
	n := m.mantissa.Int64()
	return whole(n/60).String() + ":" + string('0'+rune(n%60/10)) + string('0'+rune(n%10))
}

// dayParts say which half of the day an hour belongs to.
var dayParts = map[string]string{"सुबह": "am", "सवेरे": "am", "तड़के": "am", "दोपहर": "pm", "शाम": "pm", "रात": "night", "देर रात": "night", "आधी रात": "night"}

// half is am or pm for an hour of a part of the day.
func half(part string, hour int64) string {
	switch {
	case part == "night" && (hour >= 12 || hour < 5):
		return "am"
	case part == "night":
		return "pm"
	case part == "pm" && hour == 11:
		return "am"
	}
	return part
}
