package check

import "strings"

// hint reads a word that may stand for a number, and "tens of thousands".
func (p *numberReader) hint() {
	t := p.tokens[p.i]
	p.i++
	if p.class(p.i) == ofWord && p.class(p.i+1) == scaleWord {
		scale := &p.tokens[p.i+1]
		t.value, t.to = t.value.shifted(scale.power), scale.to
		p.i += 2
	}
	p.single(&t, hinted)
}

// half reads what begins with half or quarter: with the hour ("half past ten"), or as
// a part of a scale ("half a million"); else it is a hint. It reports false if the
// phrase goes on behind it.
func (p *numberReader) half() bool {
	t := &p.tokens[p.i]
	k := p.i + 1
	if c := p.class(k); c == pastWord || c == toWord {
		if h := p.class(k + 1); h == unitWord || h == digitsToken {
			hour := p.tokens[k+1].value
			minutes := whole(30)
			if t.value != parseDecimal("0.5") {
				minutes = whole(15)
			}
			if c == toWord {
				hour, minutes = hour.minus(whole(1)), whole(60).minus(minutes)
			}
			p.out = append(p.out, number{
				text: p.text[t.from:p.tokens[k+1].to], from: t.from, to: p.tokens[k+1].to, kind: inWords,
				value: clockValue(hour, minutes), flags: ofClock | hasParts, parts: [2]decimal{hour, minutes},
			})
			p.i = k + 2
			return true
		}
	}
	if p.class(k) == ofWord {
		k++
	}
	if p.class(k) == articleA {
		k++
	}
	switch p.class(k) {
	case hundred, scaleWord, multiple:
		return false
	}
	p.i++
	kind := hinted
	if t.sign() {
		kind = inDigits
	}
	p.single(t, kind)
	return true
}

// thirds lets "one-third" and एक तिहाई be 33 %, and two thirds 66 or 67 %; of is the
// value of the word behind.
func (n *number) thirds(of decimal) {
	if n.kind != inWords || of != whole(3) {
		return
	}
	switch n.value {
	case whole(1):
		n.also(whole(33))
	case whole(2):
		n.also(whole(66))
		n.also(whole(67))
	}
}

// sign reports whether a token of class halfWord is no word: ½, 1/2.
func (t *numberToken) sign() bool { return t.more == nil }

// clockValue is a time as hours: 5:45 is 5.75. Minutes other than quarters give the
// hour alone.
func clockValue(hour, minutes decimal) decimal {
	v := hour
	switch minutes {
	case whole(15):
		v, _ = hour.plus(parseDecimal("0.25"))
	case whole(30):
		v, _ = hour.plus(parseDecimal("0.5"))
	case whole(45):
		v, _ = hour.plus(parseDecimal("0.75"))
	}
	return v
}

// article reads "a": the one of "a million", or of "a kilometre"; other ones are no
// number. It reports false if a phrase follows.
func (p *numberReader) article() bool {
	t := &p.tokens[p.i]
	p.i++
	switch p.class(p.i) {
	case hundred, scaleWord, multiple:
		return false
	case halfWord:
		return p.half()
	case measure, periodWord, durationWord:
		n := number{text: p.text[t.from:t.to], from: t.from, to: t.to, value: whole(1), kind: hinted}
		if behind := &p.tokens[p.i]; behind.class != measure {
			n.also(behind.value) // a day may be 24 hours
		}
		p.out = append(p.out, n)
	}
	return true
}

// context notes what stands behind the number: a measure, or the mark of a time.
func (p *numberReader) context(n *number) {
	rest := p.text[n.to:min(len(p.text), n.to+8)]
	trimmed := strings.TrimLeft(rest, " \u00A0°º-")
	switch {
	case len(trimmed) < 1:
	case trimmed[0] == '%':
		n.unit = percent
	case trimmed[0] == 'C' && len(trimmed) < len(rest):
		n.unit = celsius
	case trimmed[0] == 'F' && len(trimmed) < len(rest):
		n.unit = fahrenheit
	case strings.HasPrefix(trimmed, "a.m") || strings.HasPrefix(trimmed, "p.m"):
		n.flags |= ofClock
	}
	if n.unit == noUnit {
		n.unit = currencyBefore(p.text[max(0, n.from-8):n.from])
	}
	switch p.classBehind(n) {
	case measure:
		if n.unit == noUnit {
			n.unit = p.tokens[p.i].unit
		}
	case clockWord:
		n.flags |= ofClock
	case halfWord: // three-quarters may be 75 %
		if half := &p.tokens[p.i]; n.kind == inWords && !half.sign() {
			for _, d := range [...]decimal{half.value, half.more[0]} {
				if part, ok := n.value.product(d); ok {
					n.also(part)
				}
			}
		}
	case ordinal, hintWord:
		n.thirds(p.tokens[p.i].value)
	case placeWord:
		if n.kind == inWords {
			n.flags |= bareScale
		}
	case periodWord, durationWord:
		n.unit = p.tokens[p.i].unit
		if d, ok := n.value.product(p.tokens[p.i].value); ok {
			n.also(d)
		}
	}
}

// ranges lets the first number of "2 से 3 लाख" and "two to three million" be scaled as
// the second one, too, and finds numbers that are
// said twice: for "each" in Hindi, and in names such as Twenty20.
func (p *numberReader) ranges(hindi bool) {
	for i := len(p.out) - 2; i >= 0; i-- {
		a, b := &p.out[i], &p.out[i+1]
		if a.kind == hinted || b.kind == hinted || b.from-a.to > 16 || a.is(ofClock|ofDate) {
			continue
		}
		gap := strings.Trim(p.text[a.to:b.from], " \u00A0₹$£€")
		if hindi && (gap == "-" || gap == "") && (a.value == b.value || a.value.shifted(b.power) == b.value) {
			a.flags |= again
		}
		if a.kind == inWords && b.kind == inDigits && a.value == b.value && (gap == "-" || gap == "") { // Twenty20
			a.flags |= again
		}
		if a.power >= b.power {
			continue
		}
		switch gap {
		case "-", "–", "to", "or", "and", "से", "या", "और":
			a.also(a.value.shifted(b.power))
		}
	}
}

// classBehind is the class of the token behind the number; the ending of an ordinal in
// digits may stand between, as in 19th century, 19वीं सदी.
func (p *numberReader) classBehind(n *number) wordClass {
	if c := p.class(p.i); c != noNumber || p.i == len(p.tokens) || n.kind != inDigits {
		return c
	}
	gap := p.text[n.to:p.tokens[p.i].from]
	if len(gap) > 12 {
		return noNumber
	}
	switch strings.TrimRight(gap, " -") {
	case "st", "nd", "rd", "th", "वीं", "वां", "वें", "वाँ":
		return p.tokens[p.i].class
	}
	return noNumber
}
