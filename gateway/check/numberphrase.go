package check

import (
	"strings"
	"unicode/utf8"
)

// numbersOf gives the numbers of a plain text in lang ("hi" or "en"), in the order of
// the text. It reads the words of either language, for the two mix; Hindi in Latin
// letters is read as such, for its "do" and "so" are numbers.
func numbersOf(text, lang string) []number {
	hindi := lang == "hi"
	p := numberReader{text: text, tokens: numberTokens(text, hindi && !strings.ContainsFunc(text, devanagariLetter))}
	if len(p.tokens) == 0 {
		return nil
	}
	p.out = make([]number, 0, len(p.tokens))
	for p.i < len(p.tokens) {
		p.next()
	}
	p.ranges(hindi)
	return p.out
}

// numberReader composes numbers of tokens: "दो लाख पचास हज़ार", "two and a half million".
type numberReader struct {
	text   string
	tokens []numberToken
	i      int // the token to read
	out    []number
}

// phrase is a number while its words are read.
type numberPhrase struct {
	sum     decimal // the terms that a scale has closed
	low     int16   // the power of the last of those scales
	closed  bool    // there is a sum
	current decimal // what is not multiplied yet
	open    bool    // there is a current
	at      int     // the token at which current began

	hundreds, tens bool // current ends in a hundred, in an English ten
	scaled         bool // the last token was a scale
	bare           bool
	digits         bool
	flags          numberFlags
	parts          [2]decimal
	other          []decimal
	thousands      []decimal // what the digits mean if their point parts thousands
	power          int16
}

// class is the class of token i, if no other word stands between it and the one
// in front.
func (p *numberReader) class(i int) wordClass {
	if i >= len(p.tokens) || i > 0 && !p.touches(i) {
		return noNumber
	}
	return p.tokens[i].class
}

// touches reports whether nothing but a space or a hyphen stands in front of token i.
func (p *numberReader) touches(i int) bool {
	gap := p.text[p.tokens[i-1].to:p.tokens[i].from]
	if len(gap) > 4 {
		return false
	}
	switch gap {
	case "", " ", "-", "\u00A0", "\u202F", "\u2009", "‑", "–":
		return true
	}
	gap = strings.Trim(gap, " \u00A0")
	return gap == "" || gap == "-" || gap == "+" // "300+ million"
}

// next reads the number that begins at token i, if one does.
func (p *numberReader) next() {
	start := p.i
	t := &p.tokens[start]
	switch t.class {
	case monthWord, periodWord:
		p.i++
		p.single(t, hinted)
		return
	case hintWord:
		p.hint()
		return
	case clockWord:
		p.i++
		if strings.HasSuffix(p.text[:t.from], "round the ") || strings.HasSuffix(p.text[:t.from], "round-the-") {
			n := *t
			n.value = whole(24) // hours
			p.single(&n, hinted)
		}
		return
	case halfWord:
		if p.half() {
			return
		}
	case articleA:
		if p.article() {
			return
		}
	case addsPart, withPart, unitWord, digitsToken, hundred, scaleWord, multiple, ordinal:
	default:
		p.i++
		return
	}
	var n numberPhrase
	for p.i < len(p.tokens) && (p.i == start || p.touches(p.i)) && p.take(&n) {
	}
	if p.i == start {
		p.i++
	}
	p.finish(&n, start)
}

// single adds the number of one word.
func (p *numberReader) single(t *numberToken, kind numberKind) {
	n := number{text: p.text[t.from:t.to], from: t.from, to: t.to, value: t.value, kind: kind, flags: t.flags}
	for _, d := range t.more {
		n.also(d)
	}
	if t.class == monthWord {
		n.flags |= ofMonth
	}
	p.out = append(p.out, n)
}

// take adds token i to the phrase, and reports false if it does not belong to it, or
// ends it.
func (p *numberReader) take(n *numberPhrase) bool {
	t := &p.tokens[p.i]
	wasScaled := n.scaled
	n.scaled = false
	switch t.class {
	case unitWord, digitsToken:
		return p.takeUnit(n, t)
	case addsPart, withPart:
		return p.takePart(n, t)
	case hundred:
		switch {
		case !n.open && n.closed && (n.bare || n.low <= 2):
			return false
		case !n.open:
			n.bare = n.bare || !n.closed
			n.current, n.open, n.at = whole(100), true, p.i
		case n.hundreds || n.current.float() >= 100:
			return false
		default:
			n.current = n.current.shifted(2)
		}
		n.hundreds, n.tens, n.power = true, false, 2
		p.i++
		return true
	case scaleWord:
		return p.takeScale(n, t, wasScaled)
	case shortScale:
		gap := t.from - p.tokens[p.i-1].to
		if !n.open || n.closed || !n.digits || gap > 0 && t.to-t.from < 2 {
			return false
		}
		n.other = append(n.other, n.current)
		n.sum, n.closed, n.open, n.power = n.current.shifted(t.power), true, false, t.power
		p.i++
		return false
	case multiple:
		if !n.open {
			n.bare, n.current, n.open = true, whole(1), true
		}
		if d, ok := n.current.product(t.value); ok {
			n.current = d
		}
		p.i++
		return false
	case halfWord:
		if n.open || n.closed {
			if !n.digits || !n.open || t.from != p.tokens[p.i-1].to && !t.sign() {
				return false
			}
			n.current, _ = n.current.plus(t.value) // 2½, 2 1/2
			p.i++
			return true
		}
		n.current, n.open, n.at = t.value, true, p.i
		p.i++
		for c := p.class(p.i); c == ofWord || c == articleA; c = p.class(p.i) {
			p.i++
		}
		return true
	case joinAnd:
		return p.takeAnd(n, wasScaled)
	case ordinal:
		p.takeOrdinal(n, t)
	}
	return false
}

// takeUnit adds a number below a hundred, or one in digits.
func (p *numberReader) takeUnit(n *numberPhrase, t *numberToken) bool {
	v := t.value
	switch {
	case v.exponent == hashed && (n.open || n.closed):
		return false
	case n.open && n.tens && t.class == unitWord && v.float() >= 1 && v.float() < 10:
		n.current, _ = n.current.plus(v)
		n.tens = false
	case n.open && n.hundreds && v.float() < 100 && p.class(p.i+1) != hundred && !n.bare:
		n.current, _ = n.current.plus(v)
		n.hundreds = false
	case n.open:
		return false
	case n.closed && (n.bare || v.float() >= decimal{1, n.low}.float() || p.scaleAhead(p.i) >= n.low && n.low > 3):
		return false
	case n.closed && (t.class == digitsToken) != n.digits && p.scaleAhead(p.i) == 0: // "1.7 million four years ago"
		return false
	default:
		if n.closed && t.class == digitsToken && p.scaleAhead(p.i) == 0 {
			n.other = append(n.other, n.sum)
		}
		n.current, n.open, n.at, n.hundreds = v, true, p.i, false
	}
	n.tens = t.class == unitWord && t.to-t.from > 2 && p.text[t.from] < utf8.RuneSelf && v.exponent == 1 && v.float() >= 20
	if t.class == digitsToken {
		n.digits = true
		n.flags |= t.flags
		n.parts = t.parts
		n.thousands = t.more
	}
	p.i++
	return true
}

// scaleAhead is the power of the scale that multiplies the number at token i, 0 if none.
func (p *numberReader) scaleAhead(i int) int16 {
	for k := i + 1; k < i+4; k++ {
		switch p.class(k) {
		case unitWord, digitsToken, hundred:
		case scaleWord:
			return p.tokens[k].power
		default:
			return 0
		}
	}
	return 0
}

// takePart adds a fraction word.
func (p *numberReader) takePart(n *numberPhrase, t *numberToken) bool {
	if n.open || n.closed {
		return false
	}
	n.at, n.open = p.i, true
	p.i++
	if t.class == withPart {
		n.current, n.flags = t.value, hasParts
		n.parts = [2]decimal{t.value.minus(parseDecimal("0.5")), whole(30)}
		return true
	}
	base, timed := whole(1), false
	if c := p.class(p.i); c == unitWord || c == digitsToken {
		base, timed = p.tokens[p.i].value, true
		n.digits = c == digitsToken
		p.i++
	}
	minutes := t.value
	if t.less {
		n.current = base.minus(minutes)
	} else {
		n.current, _ = base.plus(minutes)
	}
	if timed {
		n.flags |= hasParts
		switch {
		case t.less:
			n.parts = [2]decimal{base.minus(whole(1)), whole(45)}
		case minutes == parseDecimal("0.5"):
			n.parts = [2]decimal{base, whole(30)}
		default:
			n.parts = [2]decimal{base, whole(15)}
		}
	}
	return true
}

// takeScale multiplies: what is open, or, right behind another scale, all of it.
func (p *numberReader) takeScale(n *numberPhrase, t *numberToken, wasScaled bool) bool {
	switch {
	case n.open && n.closed && t.power >= n.low:
		if n.low > 3 { // "दो लाख तीन लाख": two numbers
			p.i, n.open = n.at, false
			return false
		}
		sum, _ := n.sum.plus(n.current)
		n.sum = sum.shifted(t.power)
	case n.open && n.closed:
		n.sum, _ = n.sum.plus(n.current.shifted(t.power))
	case n.open:
		n.sum = n.current.shifted(t.power)
	case n.closed && wasScaled && t.power > n.low:
		n.sum = n.sum.shifted(t.power)
	case n.closed:
		return false
	default:
		n.sum, n.bare = whole(1).shifted(t.power), true
	}
	if n.power < 3 || !wasScaled {
		n.power = 0
	}
	n.power += t.power
	n.closed, n.open, n.low, n.scaled = true, false, t.power, true
	n.hundreds, n.tens = false, false
	n.flags &^= hasParts
	p.i++
	return true
}

// takeAnd reads "and" inside a number: "and a half", "two hundred and five".
func (p *numberReader) takeAnd(n *numberPhrase, wasScaled bool) bool {
	k := p.i + 1
	if p.class(k) == articleA {
		k++
	}
	if p.class(k) == halfWord && !n.hundreds {
		part := p.tokens[k].value
		switch {
		case n.open:
			n.current, _ = n.current.plus(part)
		case wasScaled:
			n.sum, _ = n.sum.plus(part.shifted(n.low))
		}
		p.i = k + 1
		return n.open
	}
	k = p.i + 1
	if !(n.open && n.hundreds || wasScaled) || p.class(k) != unitWord && p.class(k) != ordinal {
		return false
	}
	for j := k; j < k+3; j++ { // "two hundred and three hundred" is two numbers
		if c := p.class(j); c == hundred || c == scaleWord && !(n.open && !n.closed) {
			return false
		}
	}
	p.i++
	if t := &p.tokens[p.i]; t.class == ordinal {
		p.takeOrdinal(n, t)
		return false
	}
	n.bare = false
	return p.takeUnit(n, &p.tokens[p.i])
}

// takeOrdinal ends a number with its last word: twenty-first.
func (p *numberReader) takeOrdinal(n *numberPhrase, t *numberToken) {
	v := t.value.float()
	switch {
	case n.open && (n.tens && v < 10 || n.hundreds && v < 100):
		n.current, _ = n.current.plus(t.value)
	case n.open, n.closed && (n.bare || n.digits || v >= 100):
		return
	default:
		n.current, n.open = t.value, true
		if t.value == whole(2) {
			n.flags |= ofOther
		}
	}
	p.i++
}

// finish adds the number that was read from token start on.
func (p *numberReader) finish(n *numberPhrase, start int) {
	if !n.open && !n.closed {
		return
	}
	first, last := &p.tokens[start], &p.tokens[p.i-1]
	if first.class == articleA && start+1 < p.i {
		first = &p.tokens[start+1]
	}
	value := n.sum
	switch {
	case !n.closed:
		value = n.current
	case n.open:
		value, _ = n.sum.plus(n.current)
	}
	out := number{
		text: p.text[first.from:last.to], from: first.from, to: last.to, value: value, kind: inWords, flags: n.flags, power: n.power,
		parts: n.parts,
	}
	if n.digits {
		out.kind = inDigits
	}
	if n.bare {
		out.flags |= bareScale
	}
	for _, d := range n.other {
		out.also(d)
	}
	if n.power == 0 {
		for _, d := range n.thousands {
			out.also(d)
		}
	}
	p.context(&out)
	p.out = append(p.out, out)
}
