package simulator

import (
	"math/big"
	"slices"
	"strings"
	"unicode"
)

// number reads digits with the scale behind them: 35 million → 3.5 करोड़.
func (h *hindiGloss) number() {
	t := h.tokens[h.i]
	n := 1
	text := asciiDigits(t.text)
	if h.i+1 < len(h.tokens) {
		next := h.tokens[h.i+1]
		word := strings.ToLower(next.text)
		if d, ok := parseDecimal(strings.ReplaceAll(text, ",", "")); ok {
			if p := scaleWords[word]; p > 0 {
				text = decimal{d.mantissa, d.exponent + p}.scaledBy(indianScales)
				n = 2
			} else if slices.Contains([]string{"st", "nd", "rd", "th"}, word) && !next.spaced {
				text, n = text+"वां", 2
			}
		}
	}
	h.add(text, t, n)
}

// rupees reads Rs 200 as 200 रुपये.
func (h *hindiGloss) rupees() bool {
	t := h.tokens[h.i]
	if t.text != "Rs" && t.text != "INR" {
		return false
	}
	k := 1
	if h.i+k < len(h.tokens) && h.tokens[h.i+k].text == "." {
		k++
	}
	if h.i+k >= len(h.tokens) || h.tokens[h.i+k].kind != numberToken {
		return false
	}
	h.i += k
	h.number()
	h.np = append(h.np, item{text: "रुपये", from: t.from, to: t.to})
	return true
}

// hindiDay are the months, which take को for "on".
var hindiDay = set("जनवरी फरवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर अक्तूबर नवंबर दिसंबर")

// scaleWords are the English units that multiply, as powers of ten.
var scaleWords = map[string]int{"hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12, "lakh": 5, "lakhs": 5, "crore": 7, "crores": 7, "mn": 6, "bn": 9, "m": 6}

var englishUnits = strings.Fields("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")

var englishTens = strings.Fields("- - twenty thirty forty fifty sixty seventy eighty ninety")

// numberWord reads two, twenty-five, three million.
func (h *hindiGloss) numberWord() bool {
	t := h.tokens[h.i]
	v := slices.Index(englishUnits, strings.ToLower(t.text))
	n := 1
	if tens := slices.Index(englishTens, strings.ToLower(t.text)); tens > 0 {
		v = tens * 10
		if h.i+2 < len(h.tokens) && h.tokens[h.i+1].text == "-" {
			if u := slices.Index(englishUnits, strings.ToLower(h.tokens[h.i+2].text)); u > 0 && u < 10 {
				v, n = v+u, 3
			}
		}
	}
	if v < 0 {
		return false
	}
	text := whole(int64(v)).String()
	if h.i+n < len(h.tokens) {
		if p := scaleWords[strings.ToLower(h.tokens[h.i+n].text)]; p > 0 {
			text = decimal{big.NewInt(int64(v)), p}.scaledBy(indianScales)
			n++
		} else if v <= 10 {
			text = hindiSmall[v]
		}
	} else if v <= 10 {
		text = hindiSmall[v]
	}
	h.add(text, t, n)
	return true
}

var hindiSmall = strings.Fields("शून्य एक दो तीन चार पांच छह सात आठ नौ दस")

// initials reads U.S. and J. P. and spells single letters.
func (h *hindiGloss) initials() bool {
	t := h.tokens[h.i]
	if half := map[string]string{"a": "पूर्वाह्न", "p": "अपराह्न"}[t.text]; half != "" && h.i+3 < len(h.tokens) && h.tokens[h.i+1].text == "." && h.tokens[h.i+2].text == "m" && h.tokens[h.i+3].text == "." {
		h.add(half, t, 4)
		return true
	}
	if len(t.text) != 1 || !unicode.IsUpper(rune(t.text[0])) || h.i+1 >= len(h.tokens) || h.tokens[h.i+1].text != "." || h.tokens[h.i+1].spaced {
		return false
	}
	letters, n := t.text, 2
	for h.i+n+1 < len(h.tokens) && len(h.tokens[h.i+n].text) == 1 && !h.tokens[h.i+n].spaced && h.tokens[h.i+n].kind == latinToken && h.tokens[h.i+n+1].text == "." {
		letters += h.tokens[h.i+n].text
		n += 2
	}
	if h.i+n == len(h.tokens) && n > 2 { // U.S. at the sentence's end: the full stop is the sentence's too
		n--
	}
	if known := h.g.lexicon.english[strings.ToLower(letters)]; known != "" {
		h.add(known, t, n)
		return true
	}
	spelled := ""
	for _, l := range letters {
		spelled += spellLetter(string(l))
	}
	if len(letters) == 1 {
		spelled += "."
	}
	h.add(spelled, t, n)
	return true
}
