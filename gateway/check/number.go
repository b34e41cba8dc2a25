package check

import (
	"hash/fnv"
	"math"
)

// number is one number of a text, in digits or in words.
type number struct {
	text     string  // as written, with its scale words: "3.5 करोड़"
	from, to int     // its bytes in the text
	value    decimal // what it is worth
	kind     numberKind

	other [6]decimal // what else it may be: 5 of "5m", 2 million of "2 to 3 million"
	parts [2]decimal // if it may be a time: hours and minutes of "10.30", पौने छह
	flags numberFlags
	power int16 // of its last scale word, else 0
	unit  unit  // the measure behind it
	given uint8 // how many of other are given
}

// numberKind tells how a number is written.
type numberKind uint8

const (
	inDigits numberKind = iota // 25, २५, 2.5 लाख
	inWords                    // twenty-five, ढाई लाख, third
	hinted                     // a word that may stand for a number: both, century, half
)

type numberFlags uint16

const (
	ofClock       numberFlags = 1 << iota // part of a time: 17:45, 5 pm, दस बजे
	hasParts                              // parts are given
	ofDate                                // 11 of 17/11/2025
	ofMonth                               // the name of a month
	bareScale                             // a scale without a number: a million, सौ
	twoDigits                             // two digits, so perhaps a year: 08, 25
	yearLike                              // four digits without grouping
	behindCapital                         // 20 of G20, 2 of SARS-CoV-2
	again                                 // said once more behind, for "each": the first 5 of 5-5 लाख
	ofOther                               // दूसरे, which is also "other"
	ofSeason                              // 2023 of 2023-24, whose year may be told by its second part alone: FY24
)

func (n *number) is(f numberFlags) bool { return n.flags&f != 0 }

func (n *number) also(d decimal) {
	if int(n.given) < len(n.other) {
		n.other[n.given] = d
		n.given++
	}
}

// may reports whether d is one of the values that n may have.
func (n *number) may(d decimal) bool {
	if n.value == d {
		return true
	}
	for _, o := range n.other[:n.given] {
		if o == d {
			return true
		}
	}
	return false
}

// decimal is an exact decimal number: mantissa × 10^exponent, the mantissa
// without zeros at its end, so that equal values are equal structs. What does not
// fit into 19 digits is a hash of the digits with an exponent that no number has.
type decimal struct {
	mantissa uint64
	exponent int16
}

const hashed = math.MaxInt16

func whole(n uint64) decimal { return decimal{n, 0}.trimmed() }

func (d decimal) trimmed() decimal {
	if d.mantissa == 0 {
		return decimal{}
	}
	for d.mantissa%10 == 0 {
		d.mantissa /= 10
		d.exponent++
	}
	return d
}

// parseDecimal reads ASCII digits with at most one point.
func parseDecimal(s string) decimal {
	var d decimal
	fraction, n := false, 0
	for i := range len(s) {
		c := s[i]
		if c == '.' {
			fraction = true
			continue
		}
		if d.mantissa == 0 && c == '0' {
			if fraction {
				d.exponent--
			}
			continue
		}
		if n++; n > 18 || i > 100 {
			return longDigits(s)
		}
		d.mantissa = d.mantissa*10 + uint64(c-'0')
		if fraction {
			d.exponent--
		}
	}
	return d.trimmed()
}

// longDigits is the value of a number of more than 18 digits.
func longDigits(s string) decimal {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s))
	return decimal{h.Sum64(), hashed}
}

// shifted is d × 10^power.
func (d decimal) shifted(power int16) decimal {
	if d.mantissa == 0 || d.exponent == hashed || d.exponent > 100 {
		return d
	}
	d.exponent += power
	return d
}

// plus is d + e; if the sum has no exact place, d and false.
func (d decimal) plus(e decimal) (decimal, bool) {
	low := min(d.exponent, e.exponent)
	a, aOK := d.scaled(low)
	b, bOK := e.scaled(low)
	if !aOK || !bOK {
		return d, false
	}
	return decimal{a + b, low}.trimmed(), true
}

// minus is d − e for e up to d; else d.
func (d decimal) minus(e decimal) decimal {
	low := min(d.exponent, e.exponent)
	a, aOK := d.scaled(low)
	b, bOK := e.scaled(low)
	if !aOK || !bOK || b > a {
		return d
	}
	return decimal{a - b, low}.trimmed()
}

// product is d × e, if it has room.
func (d decimal) product(e decimal) (decimal, bool) {
	if d.exponent == hashed || e.mantissa == 0 || d.mantissa > math.MaxUint64/2/e.mantissa {
		return d, false
	}
	return decimal{d.mantissa * e.mantissa, d.exponent + e.exponent}.trimmed(), true
}

// scaled is the mantissa for a smaller exponent, if it has room.
func (d decimal) scaled(exponent int16) (uint64, bool) {
	m := d.mantissa
	if d.exponent == hashed {
		return 0, false
	}
	for e := d.exponent; e > exponent; e-- {
		if m > math.MaxUint64/20 {
			return 0, false
		}
		m *= 10
	}
	return m, m <= math.MaxUint64/2
}

// float is about d; NaN for a hash.
func (d decimal) float() float64 {
	if d.exponent == hashed {
		return math.NaN()
	}
	return float64(d.mantissa) * math.Pow10(int(d.exponent))
}

// small reports whether d is a whole number below n.
func (d decimal) small(n uint64) (uint64, bool) {
	if d.exponent < 0 {
		return 0, false
	}
	m, ok := d.scaled(0)
	return m, ok && m < n
}
