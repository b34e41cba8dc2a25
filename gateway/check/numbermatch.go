package check

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// mostNumberFindings bounds the findings of a code for one pair.
const mostNumberFindings = 3

// numberFindings tells which numbers of the source are missing from the target, and
// which ones of the target the source does not have.
func numberFindings(source, target []number, to string) []Finding {
	m := matchNumbers(source, target)
	// Units and small numbers are compared each with each, in texts of a bearable length.
	short := len(source)*len(target) <= mostLeft*mostLeft
	// A small number in words is often another word in the other text. One on either
	// side without its like is another number.
	exchanged := short && anySmallLeft(m.source, m.sourceUsed, m.target) && anySmallLeft(m.target, m.targetUsed, m.source)
	var found []Finding
	add := func(side []number, used []bool, other []number, finding func(*number) Finding) {
		n := 0
		for i := range side {
			if n == mostNumberFindings {
				break
			}
			small := exchanged && smallLeft(side, used, other, i)
			if !small && (used[i] || !asked(&side[i]) || side[i].is(yearLike) && hasValue(&side[i], other)) {
				continue
			}
			n++
			found = append(found, finding(&side[i]))
		}
	}
	add(m.source, m.sourceUsed, m.target, func(n *number) Finding {
		return Finding{
			Code: NumberMissing, Message: fmt.Sprintf("the number %s is missing", n.short()),
			Ask: fmt.Sprintf("the number %s is missing: write it with this value", n.told(to)),
		}
	})
	add(m.target, m.targetUsed, m.source, func(n *number) Finding {
		return Finding{
			Code: NumberAdded, Message: fmt.Sprintf("the number %s is not in the source", n.short()),
			Ask: fmt.Sprintf("the number %s is not in the source: put what the source has in its place, if anything", n.short()),
		}
	})
	for i := range m.source {
		if n := &m.source[i]; short && otherUnit(n, m.target) {
			return append(found, Finding{
				Code: NumberMissing, Message: fmt.Sprintf("the number %s has another unit than in the source", n.short()),
				Ask: fmt.Sprintf("write %s with the unit or currency that it has in the source", n.short()),
			})
		}
	}
	return found
}

func anySmallLeft(side []number, used []bool, other []number) bool {
	for i := range side {
		if smallLeft(side, used, other, i) {
			return true
		}
	}
	return false
}

// smallLeft reports whether a number is one in words, up to 12 and above one, that the
// other text does not have.
func smallLeft(side []number, used []bool, other []number, i int) bool {
	n := &side[i]
	v := n.value.float()
	return n.kind == inWords && !used[i] && v > 1 && v <= 12 && !n.is(bareScale|again|ofOther) && !hasValue(n, other)
}

// NumberRecall tells how many of the distinct numbers of source, given in language
// from, target has by value, and how many there are.
func NumberRecall(source, target, from, to string) (found, total int) {
	m := matchNumbers(numbersOf(plain(source), from), numbersOf(plain(target), to))
	for i := range m.source {
		n := &m.source[i]
		if !asked(n) || hasValue(n, m.source[:i]) {
			continue
		}
		total++
		if m.sourceUsed[i] || hasValue(n, m.target) {
			found++
		}
	}
	return found, total
}

// short is the number as written, of a very long one the beginning.
func (n *number) short() string {
	const most = 100 // bytes
	if len(n.text) <= most {
		return n.text
	}
	return strings.ToValidUTF8(n.text[:most], "") + "…"
}

// told is the number as written and, if a scale word is in it, as a language writes it.
func (n *number) told(language string) string {
	if v, ok := n.value.small(math.MaxInt64); ok && n.power >= 3 {
		return fmt.Sprintf("%s (%s)", n.short(), scaled(v, language))
	}
	return n.short()
}

// scaled is v in the largest scale word of a language that needs three decimals at
// most; else in digits.
func scaled(v uint64, language string) string {
	scales := []scale{{1e12, " trillion"}, {1e9, " billion"}, {1e6, " million"}}
	if language == "hi" {
		scales = []scale{{1e12, " लाख करोड़"}, {1e9, " अरब"}, {1e7, " करोड़"}, {1e5, " लाख"}}
	}
	for _, s := range scales {
		if thousandth := s.value / 1000; v >= s.value && v%thousandth == 0 {
			return strconv.FormatFloat(float64(v/thousandth)/1000, 'f', -1, 64) + s.word
		}
	}
	return strconv.FormatUint(v, 10)
}

// scale is a word for a power of ten.
type scale struct {
	value uint64
	word  string
}

// asked reports whether a number must have its counterpart: all in digits, and those
// in words that are no figures of speech.
func asked(n *number) bool {
	if n.is(again) {
		return false
	}
	switch n.kind {
	case inDigits:
		return n.value != decimal{} || !n.is(ofClock) && len(n.text) == 1 // 17:00 is also "5 pm"
	case inWords:
		return !n.is(bareScale) && n.value.float() > 12
	}
	return false
}

// hasValue reports whether others have the value of n, matched or not.
func hasValue(n *number, others []number) bool {
	for i := range others {
		if others[i].kind != hinted && (others[i].may(n.value) || n.may(others[i].value)) {
			return true
		}
	}
	return false
}

// numberMatch is which numbers of two texts have a counterpart.
type numberMatch struct {
	source, target         []number
	sourceUsed, targetUsed []bool
}

// mostLeft bounds the numbers without an equal that are compared each with each.
const mostLeft = 100

// matchNumbers gives every number at most one counterpart, the surest first.
func matchNumbers(source, target []number) *numberMatch {
	used := make([]bool, len(source)+len(target))
	m := &numberMatch{source: source, target: target, sourceUsed: used[:len(source)], targetUsed: used[len(source):]}
	m.equal()
	left, right := unused(m.sourceUsed), unused(m.targetUsed)
	if len(left)+len(right) == 0 {
		return m
	}
	m.alike(likenesses[:sureLikenesses], left, right)
	split(m.source, m.sourceUsed, left, m.target, m.targetUsed, right)
	split(m.target, m.targetUsed, right, m.source, m.sourceUsed, left)
	m.alike(likenesses[sureLikenesses:], left, right)
	seasons(m.source, m.sourceUsed, left, m.target)
	seasons(m.target, m.targetUsed, right, m.source)
	hintedBy(m.source, m.sourceUsed, left, m.target)
	hintedBy(m.target, m.targetUsed, right, m.source)
	return m
}

func unused(used []bool) []int {
	var out []int
	for i, u := range used {
		if !u {
			out = append(out, i)
			if len(out) == mostLeft {
				break
			}
		}
	}
	return out
}

// equal matches numbers of one value: digits with digits, words with words, then
// across.
func (m *numberMatch) equal() {
	if len(m.source)*len(m.target) > mostLeft*mostLeft {
		m.equalMany()
		return
	}
	for round := range 6 { // the first 20 of 20-20 only takes what the second leaves
		for i := range m.source {
			s := &m.source[i]
			if m.sourceUsed[i] || s.kind == hinted || round < 3 && s.is(again) {
				continue
			}
			for j := range m.target {
				t := &m.target[j]
				if !m.targetUsed[j] && t.kind != hinted && t.value == s.value && !(round < 3 && t.is(again)) && fits(s, t, round%3) {
					m.sourceUsed[i], m.targetUsed[j] = true, true
					break
				}
			}
		}
	}
}

// fits reports whether two numbers of one value may be matched in a round. The 2 of
// SARS-CoV-2 is none of the numbers that a sentence counts with.
func fits(s, t *number, round int) bool {
	if round == 2 {
		return !s.named() && !t.named()
	}
	return s.kind == t.kind && (s.kind == inDigits) == (round == 0)
}

// named reports whether n is a small number in digits at the end of a name in capitals.
func (n *number) named() bool {
	_, small := n.value.small(4)
	return small && n.is(behindCapital)
}

// equalMany is equal for long texts, in time that grows with their length.
func (m *numberMatch) equalMany() {
	for round := range 3 {
		kind := func(n *number) numberKind {
			if round == 2 {
				return inDigits
			}
			return n.kind
		}
		type key struct {
			decimal
			numberKind
		}
		places := make(map[key][]int)
		for j := range m.target {
			if t := &m.target[j]; !m.targetUsed[j] && t.kind != hinted && !(round == 2 && t.named()) {
				k := key{t.value, kind(t)}
				places[k] = append(places[k], j)
			}
		}
		for i := range m.source {
			s := &m.source[i]
			if m.sourceUsed[i] || s.kind == hinted || round == 2 && s.named() {
				continue
			}
			k := key{s.value, kind(s)}
			if at := places[k]; len(at) > 0 {
				m.sourceUsed[i], m.targetUsed[at[0]] = true, true
				places[k] = at[1:]
			}
		}
	}
}

// likeness is a way in which two numbers that differ may be the same. Each is tried
// with the two in either order.
type likeness func(a, b *number) bool

// likenesses are all of them, the surest first. Behind the first sureLikenesses, numbers
// that are split are put together before the others are tried.
var likenesses = []likeness{anyReading, sameTime, yearTail, rounded, converted, monthOfDate}

const sureLikenesses = 2

// alike matches what is left.
func (m *numberMatch) alike(how []likeness, left, right []int) {
	for _, alike := range how {
		for _, i := range left {
			for _, j := range right {
				if m.sourceUsed[i] || m.targetUsed[j] {
					continue
				}
				if alike(&m.source[i], &m.target[j]) || alike(&m.target[j], &m.source[i]) {
					m.sourceUsed[i], m.targetUsed[j] = true, true
				}
			}
		}
	}
}

func anyReading(a, b *number) bool {
	if a.kind == hinted || b.kind == hinted {
		return false
	}
	for _, d := range a.other[:a.given] {
		if b.may(d) {
			return true
		}
	}
	return false
}

// sameTime matches 17:45 with 5:45 pm, and पौने छह with both.
func sameTime(a, b *number) bool {
	if a.kind == hinted || b.kind == hinted || !(a.is(ofClock|hasParts) || b.is(ofClock|hasParts)) {
		return false
	}
	if a.is(hasParts) && b.is(hasParts) && a.parts[1] == b.parts[1] && halfDay(a.parts[0], b.parts[0]) {
		return true
	}
	return a.is(ofClock) && halfDay(a.value, b.value)
}

// halfDay reports whether two hours are the same on a dial of twelve.
func halfDay(a, b decimal) bool {
	x, okX := a.small(25)
	y, okY := b.small(25)
	return okX && okY && x%12 == y%12
}

// yearTail matches 25 with 2025, 90 of "90 के दशक" with the 1990s, and the 19th century
// with the 1800s.
func yearTail(a, b *number) bool {
	if a.kind == hinted || !b.is(yearLike) {
		return false
	}
	short, ok := a.value.small(100)
	long, ok2 := b.value.small(2200)
	if ok && ok2 && long >= 1100 && long%100 == 0 && a.value != whole(short*100) && a.may(whole(short*100)) { // "19th century", 1800s
		return short == long/100+1
	}
	return ok && ok2 && (a.is(twoDigits) || a.kind == inWords && short > 12) && long >= 1100 && long%100 == short
}

// rounded matches 1.2 million with 12.3 लाख: one of them is the other with fewer
// digits, at most 5 % off, as happens between the scales of the two languages.
func rounded(a, b *number) bool {
	if a.kind == hinted || b.kind == hinted || a.power < 3 && b.power < 3 || a.power == b.power || a.value.mantissa < 10 || b.value.mantissa <= a.value.mantissa {
		return false
	}
	x, y := a.value.float(), b.value.float()
	step := decimal{1, a.value.exponent}.float()
	return x >= 1000 && x-y <= step*0.5001 && y-x < step && x-y <= 0.05*x && y-x <= 0.05*x
}

func monthOfDate(a, b *number) bool {
	return a.is(ofDate) && b.is(ofMonth) && a.value == b.value
}

// split matches a number with two neighbours of the other text: 10.30 with 10 and 30,
// 1984 with "nineteen eighty-four", 98765 43210 with 9876543210.
func split(one []number, oneUsed []bool, left []int, two []number, twoUsed []bool, right []int) {
	for _, i := range left {
		a := &one[i]
		if oneUsed[i] || a.kind == hinted {
			continue
		}
		for _, j := range right {
			if j+1 == len(two) || twoUsed[j] || twoUsed[j+1] && !(a.is(hasParts) && two[j+1].value == a.parts[1]) || two[j].kind == hinted || two[j+1].kind == hinted {
				continue
			}
			if joins(a, &two[j], &two[j+1]) {
				oneUsed[i], twoUsed[j], twoUsed[j+1] = true, true, true
				break
			}
		}
	}
}

func joins(a, b, c *number) bool {
	if a.is(hasParts) && a.parts[1] == c.value && (a.parts[0] == b.value || b.is(ofClock) && halfDay(a.parts[0], b.value)) {
		return true
	}
	n, ok := c.value.small(100000)
	if !ok {
		return false
	}
	digits := int16(2) // that the second one has
	for p := uint64(100); p <= n; p *= 10 {
		digits++
	}
	if c.kind == inDigits && len(c.text) < 12 {
		digits = int16(len(c.text))
	}
	if sum, ok := b.value.shifted(digits).plus(c.value); ok && sum == a.value {
		return true
	}
	sum, ok := b.value.plus(c.value.shifted(-digits)) // "1,5", "1 point 5"
	return ok && sum == a.value
}

// seasons excuses the first year of 2023-24 if the other text has the second one alone,
// as in FY24 and FY2024.
func seasons(side []number, used []bool, left []int, other []number) {
	for _, i := range left {
		if side[i].is(ofSeason) && i+1 < len(side) && used[i+1] {
			used[i] = slices.ContainsFunc(other, func(n number) bool {
				return n.is(behindCapital) && (n.value == side[i+1].value || yearTail(&side[i+1], &n))
			})
		}
	}
}

// hintedBy excuses numbers for which the other text has a word that may say them. One
// word may excuse several.
func hintedBy(side []number, used []bool, left []int, other []number) {
	if len(other) > mostLeft {
		other = other[:mostLeft]
	}
	for _, i := range left {
		for j := range other {
			if used[i] {
				break
			}
			used[i] = other[j].kind == hinted && !side[i].named() && !other[j].is(ofMonth) && other[j].may(side[i].value)
		}
	}
}
