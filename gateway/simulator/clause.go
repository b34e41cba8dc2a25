package simulator

import (
	"slices"
	"strings"
)

// role is what a phrase does in its clause.
type role uint8

const (
	bare    role = iota // subject, object or complement: no postposition
	agent               // marked by ने
	dativeR             // marked by को
	pp                  // any other postposition, an infinitive
	adv
)

type phrase struct {
	role  role
	items []item
	last  item // the last item of its noun phrase, which says singular or plural
}

// arranger turns the items of a Hindi sentence into English order, clause by
// clause: subject, verb, object, the rest.
type arranger struct {
	lexicon *lexicon
	in      []item
	i       int
	out     []item
	np      nounPhrase
	phrases []phrase
	without *item  // बिना, which waits for its के
	prefix  []item // "and" that waits for the next phrase
	neg     bool
}

func arrange(l *lexicon, in []item) []item {
	a := &arranger{lexicon: l, in: in}
	for a.i < len(in) {
		a.step()
	}
	a.flush(nil)
	return a.out
}

func (a *arranger) peek(k int) class {
	if a.i+k < len(a.in) {
		return a.in[a.i+k].class
	}
	return punctuation
}

// nominal tells the classes that a noun phrase is made of.
func nominal(c class) bool {
	switch c {
	case noun, adjective, name, place, pronoun, possessive, determiner, weekday, number, unit, title, demonstrative, oblique, oclock:
		return true
	}
	return false
}

func (a *arranger) step() {
	it := a.in[a.i]
	switch it.class {
	case punctuation:
		a.punctuation(it)
	case conjunction:
		a.flush(nil)
		a.emit(it)
	case relative:
		a.flush(nil)
		if n := len(a.out); n > 0 && person(a.out[n-1]) || n > 1 && a.out[n-1].text == "," && person(a.out[n-2]) {
			it.text = "who"
		}
		a.emit(it)
	case joiner:
		a.joiner(it)
	case adverb:
		if last, ok := a.np.lastItem(); ok && last.class == joiner { // complexity and constant need
			a.np.add(it)
			break
		}
		a.close(bare)
		a.phrases = append(a.phrases, phrase{role: adv, items: a.withPrefix(it)})
	case yesterday:
		a.close(bare)
		a.phrases = append(a.phrases, phrase{role: adv, items: a.withPrefix(it)})
	case post, dative, ergative:
		a.postposition(it)
	case genitive, suchAs:
		a.genitive(it)
	case subject:
		a.close(bare)
		a.phrases = append(a.phrases, phrase{role: agent, items: a.withPrefix(it), last: it})
	case datPronoun:
		a.close(bare)
		it.text = "to " + it.text
		a.phrases = append(a.phrases, phrase{role: dativeR, items: a.withPrefix(it)})
	case makesAdverb, makesWay:
		a.adverbial(it)
	case wala:
	case particle:
		if it.form == "तो" && a.np.empty() && len(a.phrases) == 0 { // if …, then
			a.prefix = nil
		}
	case also:
		a.also(it)
	case negation:
		a.neg = true
	case verbForm:
		a.verb()
		return
	default:
		a.startPhrase(it)
		a.np.add(it)
	}
	a.i++
}

// startPhrase closes the noun phrase before a word that cannot go on with it: a
// pronoun stands alone, and a number that counts something starts a phrase
// unless it belongs to a date or to the word before (Article 14).
func (a *arranger) startPhrase(it item) {
	last, ok := a.np.lastItem()
	if !ok || last.class == joiner || last.class == punctuation {
		return
	}
	next := a.peek(1)
	counts := next == post && a.peek(2) == number || next == noun || next == unit || next == adjective
	switch {
	case last.class == pronoun && it.class != genitive,
		last.class == demonstrative && starts(it),
		last.class == noun && crowd[it.form],
		starts(it) && (last.class == noun || last.class.named() || last.class == weekday),
		it.class == number && counts && (last.class == noun || last.class.named() && !months[last.text] || last.class == demonstrative),
		it.class == pronoun,
		it.class == number && last.class == noun && a.i+1 < len(a.in) && months[a.in[a.i+1].text],
		it.class == name && months[it.text] && it.text != "March" && last.class == noun,
		last.class == unit && currency[last.text] && (it.class == noun || it.class == adjective || it.class.named()),
		it.class == weekday && (last.class == noun || last.class.named()),
		it.class == place && last.class == noun && !heads[last.form],
		it.class == adjective && last.class == place && it.form != "उच्च",
		it.class == noun && last.class == noun && strings.HasSuffix(it.form, "ों") && a.np.parts[len(a.np.parts)-1][0].class == number:
		a.close(bare)
	}
}

func (a *arranger) withPrefix(items ...item) []item {
	out := append(a.prefix, items...)
	a.prefix = nil
	return out
}

// close ends the noun phrase that is being read.
func (a *arranger) close(r role, before ...item) {
	if a.np.empty() && len(before) == 0 {
		return
	}
	a.np.countNouns()
	last, _ := a.np.lastItem()
	items := a.np.render()
	a.np = nounPhrase{}
	resolveOblique(items, r != bare || len(before) > 0)
	if r == dativeR {
		to := "to"
		if slices.ContainsFunc(items, func(it item) bool { return it.class == weekday || it.class == name && months[it.text] }) {
			to, r = "on", pp
		}
		before = append([]item{{text: to}}, before...)
	}
	a.phrases = append(a.phrases, phrase{role: r, items: a.withPrefix(slices.Concat(before, items)...), last: last})
}

var currency = set("rupees paise dollars euros pounds yen yuan dirhams taka riyals roubles")

// crowd are the people that a noun before them rarely qualifies: टीका बच्चों को.
var crowd = set("लोगों बच्चों किसानों महिलाओं युवाओं नागरिकों ग्रामीणों मतदाताओं गरीबों मरीजों")

var months = set("January February March April May June July August September October November December")

func (a *arranger) postposition(it item) {
	if a.rangeTo(it) {
		return
	}
	if it.form == "बिना" || it.form == "बगैर" { // बिना जमानत के
		a.close(bare)
		a.without = &it
		return
	}
	switch {
	case it.class == ergative:
		a.close(agent)
	case it.class == dative:
		if a.np.empty() {
			return
		}
		it.text = ""
		a.close(dativeR)
	case a.np.empty():
		if n := len(a.phrases); n > 0 && it.text != "" && a.phrases[n-1].role == adv {
			a.phrases[n-1].role = pp // अब तक: until now
			a.phrases[n-1].items = append([]item{it}, a.phrases[n-1].items...)
		} else if it.text != "" {
			a.phrases = append(a.phrases, phrase{role: adv, items: a.withPrefix(it)})
		}
	default:
		a.close(pp, item{text: it.text, form: it.form, from: it.from, to: it.to})
	}
}

// rangeTo reads "X से Y" of two numbers or two adjectives as X to Y, "X से Y तक" as
// from X to Y, and "X से Y के बीच" as between X and Y.
func (a *arranger) rangeTo(it item) bool {
	if last, ok := a.np.lastItem(); ok && it.text == "from" && (last.class == number || last.class == adjective) && a.peek(1) == last.class {
		a.np.add(item{text: "to", class: joiner, from: it.from, to: it.to})
		return true
	}
	n := len(a.phrases)
	if n == 0 || a.np.empty() || a.phrases[n-1].role != pp || len(a.phrases[n-1].items) > 4 || a.phrases[n-1].items[0].text != "from" {
		return false
	}
	switch it.text {
	case "until":
		it.text = "to"
		a.close(pp, it)
	case "between":
		first := a.phrases[n-1].items
		a.phrases = a.phrases[:n-1]
		a.close(pp, slices.Concat([]item{it}, first[1:], []item{{text: "and"}})...)
	default:
		return false
	}
	return true
}

func (a *arranger) genitive(it item) {
	if a.without != nil && !a.np.empty() {
		a.close(pp, *a.without)
		a.without = nil
		return
	}
	if len(a.np.parts) == 0 || len(a.np.links) == len(a.np.parts) {
		return
	}
	l := ofLink
	if it.class == suchAs {
		l = suchLink
	}
	a.np.splitAtJoiner()
	a.np.links = append(a.np.links, l)
}

func (a *arranger) adverbial(it item) {
	last, ok := a.np.lastItem()
	if !ok {
		return
	}
	var items []item
	if it.class == makesAdverb {
		a.np.dropLast()
		a.close(bare)
		last.text = asAdverb(last.text)
		items = []item{last}
	} else {
		items = slices.Concat([]item{{text: "in a"}}, a.np.render(), []item{{text: "way", from: it.from, to: it.to}})
		a.np = nounPhrase{}
	}
	a.phrases = append(a.phrases, phrase{role: adv, items: a.withPrefix(items...)})
}

func (a *arranger) also(it item) {
	it.class = adverb
	if !a.np.empty() {
		a.np.add(it)
	} else if n := len(a.phrases); n > 0 {
		a.phrases[n-1].items = append(a.phrases[n-1].items, it)
	}
}

// joiner: "and" stays inside a noun phrase that goes on, and otherwise waits for
// the next phrase or starts a clause.
func (a *arranger) joiner(it item) {
	switch {
	case !a.np.empty() && (nominal(a.peek(1)) || a.peek(1) == adverb && nominal(a.peek(2))) && len(a.np.links) < len(a.np.parts):
		a.np.add(it)
	case a.np.empty() && len(a.phrases) > 0:
		a.prefix = append(a.prefix, it)
	default:
		a.flush(nil)
		a.emit(it)
	}
}

func (a *arranger) punctuation(it item) {
	switch {
	case it.text == "," && !a.np.empty() && nominal(a.peek(1)) && len(a.np.links) < len(a.np.parts) && !a.agentFollows(),
		strings.Contains("-–—/", it.text) && it.glued && !a.np.empty() && nominal(a.peek(1)) && a.in[a.i+1].glued,
		it.text == "%" && !a.np.empty():
		a.np.add(it)
	case strings.Contains("([{“‘", it.text) || (it.text == "\"" || it.text == "'") && !it.glued:
		if n := a.bracketed(); n > 0 {
			for k := range n {
				a.np.add(a.in[a.i+k])
			}
			a.i += n - 1
			return
		}
		a.flush(nil)
		it.tight = true
		a.emit(it)
		if a.i+1 < len(a.in) {
			a.in[a.i+1].glued = false
		}
	case strings.Contains("₹$£€#@", it.text) && a.i+1 < len(a.in):
		it.tight = true
		a.np.add(it)
	default:
		a.flush(nil)
		if strings.Contains(".,;:!?)]}”’…\"'", it.text) {
			it.glued = true
		}
		a.emit(it)
	}
}

// agentFollows tells whether the words behind a comma are the subject of a clause
// of their own: … मौत, रेलवे ने …; a list has an "and".
func (a *arranger) agentFollows() bool {
	for _, it := range a.in[a.i+1:] {
		if it.class == ergative {
			return true
		}
		if !nominal(it.class) && it.class != genitive {
			return false
		}
	}
	return false
}

// bracketed gives the length of a short bracket or quotation without a verb,
// which stays where it stands in its noun phrase; 0 if it is none.
func (a *arranger) bracketed() int {
	closer := map[string]string{"(": ")", "[": "]", "{": "}", "“": "”", "‘": "’", "\"": "\"", "'": "'"}[a.in[a.i].text]
	for k := 1; k <= 7 && a.i+k < len(a.in); k++ {
		it := a.in[a.i+k]
		if it.text == closer {
			if k == 1 {
				return 0
			}
			a.in[a.i].tight = true
			a.in[a.i+k].glued = true
			for j := 1; j < k; j++ {
				if a.in[a.i+j].text == "," {
					a.in[a.i+j].glued = true
				}
			}
			return k + 1
		}
		if !nominal(it.class) && it.class != joiner && it.text != "," && it.text != "-" {
			return 0
		}
	}
	return 0
}

func (a *arranger) emit(items ...item) {
	for _, it := range items {
		if len(a.out) == 0 && it.text != "" && !it.tight {
			it.glued = false
		}
		a.out = append(a.out, it)
	}
}

// splitTail parts what is said of a thing from the thing, before a finite verb:
// लोन सस्ते होंगे, प्रक्रिया सरल रखी जाए.
func (a *arranger) splitTail() {
	if len(a.np.parts) == 0 || len(a.np.links) == len(a.np.parts) {
		return
	}
	k := len(a.np.parts) - 1
	part := a.np.parts[k]
	at := len(part)
	for at > 0 && part[at-1].class == adjective {
		at--
	}
	if at == 0 || at == len(part) || part[at-1].class == joiner || part[at-1].class == punctuation {
		return
	}
	tail := slices.Clone(part[at:])
	a.np.parts[k] = part[:at]
	a.close(bare)
	a.np.parts = [][]item{tail}
}

// flush ends a clause and writes it; verb is nil for one without a finite verb.
func (a *arranger) flush(v *finiteVerb) {
	if v != nil {
		a.splitTail()
	}
	if a.without != nil {
		a.close(pp, *a.without)
		a.without = nil
	}
	a.close(bare)
	phrases := a.phrases
	a.phrases = nil
	at := -1
	if v != nil {
		obliged(phrases, v)
		at = subjectOf(phrases)
	}
	t := untensed
	if v != nil {
		t = v.phrase.tense
	}
	for i := range phrases {
		for j := range phrases[i].items {
			if it := &phrases[i].items[j]; it.class == yesterday && (t == willBe || t == untensed) {
				it.text = "tomorrow"
			}
		}
	}
	if v != nil && copular(v.phrase.base) && at >= 0 && at == len(phrases)-1 && phrases[at].role == bare {
		phrases = splitComplement(phrases)
	}
	if v == nil {
		for _, p := range phrases {
			a.emitPhrase(p)
		}
		if a.neg {
			a.emit(item{text: "not"})
			a.neg = false
		}
		a.emit(a.prefix...)
		a.prefix = nil
		return
	}
	a.writeClause(phrases, at, v)
	a.emit(a.prefix...)
	a.prefix, a.neg = nil, false
}

func (a *arranger) emitPhrase(p phrase) {
	for k, it := range p.items {
		if k == 0 {
			it.glued = false
		}
		a.emit(it)
	}
}
