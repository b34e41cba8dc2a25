package simulator

import (
	"slices"
	"strings"
)

// number reads a number and what stands by it: an ordinal's ending, बजे.
func (g *glosser) number(tokens []token, i int) (int, []item) {
	v, ok := readValue(tokens[i:])
	t := tokens[i]
	if !ok {
		return 0, nil
	}
	it := item{text: v.english(), class: number, from: t.from, to: tokens[i+v.tokens-1].to, glued: !t.spaced, form: lexicalForm(t.text)}
	n := v.tokens
	form := func(k int) string {
		if k < len(tokens) {
			return lexicalForm(tokens[k].text)
		}
		return ""
	}
	next := form(i + n)
	switch {
	case next == "बजे":
		it.text = clockText(v, it.text)
		n++
		if p := dayParts[form(i+n)]; p != "" && (i == 0 || dayParts[form(i-1)] == "") {
			it.text = withHalf(v, it.text, p)
			n++
		} else if i > 0 && dayParts[form(i-1)] != "" {
			it.text = withHalf(v, it.text, dayParts[form(i-1)])
		}
		it.class = number
	case next == "बजकर" && i+n+2 < len(tokens) && form(i+n+2) == "मिनट":
		if m, ok := readValue(tokens[i+n+1:]); ok && m.tokens == 1 {
			it.text = v.number.String() + ":" + pad(m.number.String())
			n += 3
		}
	case t.kind == numberToken && v.tokens == 1 && slices.Contains([]string{"वां", "वीं", "वें", "वाँ", "ठा", "ठी", "ठे"}, next) && !tokens[i+n].spaced:
		it.text = ordinalDigits(it.text)
		n++
	case t.kind == wordToken && v.tokens == 1 && lexicalForm(t.text) == "एक":
		it.text, it.class = "a", determiner
		if g.lexicon.hindi[next].class == unit {
			it.text, it.class = "one", number
		}
	}
	it.to = tokens[i+n-1].to
	return n, []item{it}
}

func clockText(v value, plain string) string {
	if v.digits != "" { // 7.55 बजे is five to eight
		if strings.Contains(plain, ".") {
			return strings.Replace(plain, ".", ":", 1)
		}
		return plain + " o'clock"
	}
	if v.number.exponent < 0 {
		return v.clock()
	}
	return v.number.String() + " o'clock"
}

func withHalf(v value, text, part string) string {
	hour := int64(0)
	if whole, ok := parseDecimal(strings.Split(v.number.String(), ".")[0]); ok && whole.mantissa.IsInt64() {
		hour = whole.mantissa.Int64()
	}
	if hour > 12 {
		return text
	}
	return strings.TrimSuffix(text, " o'clock") + " " + half(part, hour)
}

func pad(s string) string {
	if len(s) == 1 {
		return "0" + s
	}
	return s
}

// abbreviations are written with dots.
var abbreviations = []struct{ hindi, english string }{
	{"ई.पू.", "BCE"}, {"ई. पू.", "BCE"}, {"कि.मी.", "km"}, {"किमी.", "km"}, {"कि.ग्रा.", "kg"}, {"से.मी.", "cm"}, {"मि.मी.", "mm"}, {"मि.ली.", "ml"}, {"रु.", "Rs"},
	{"उ.प्र.", "UP"}, {"म.प्र.", "MP"}, {"वि.सं.", "Vikram Samvat"}, {"क्र.", "No."}, {"सं.", "No."}, {"पृ.", "p."}, {"बी.ए.", "BA"}, {"एम.ए.", "MA"}, {"पीएच.डी.", "PhD"},
}

func abbreviation(tokens []token, i int) (int, []item) {
	for _, a := range abbreviations {
		rest, n := a.hindi, 0
		for i+n < len(tokens) && rest != "" {
			cut, ok := strings.CutPrefix(rest, tokens[i+n].text)
			if !ok || n > 0 && tokens[i+n].spaced {
				break
			}
			rest, n = cut, n+1
		}
		if rest == "" {
			return n, []item{{text: a.english, class: noun, from: tokens[i].from, to: tokens[i+n-1].to, glued: !tokens[i].spaced}}
		}
	}
	return 0, nil
}
