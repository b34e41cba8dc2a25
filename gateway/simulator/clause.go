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

// nounPhrase is a noun phrase while it is read: parts joined by का.
type nounPhrase struct {
	done  []item // phrases joined before it, with their "and"
	parts [][]item
	links []link // links[i] stands between parts[i] and parts[i+1]
}

type link uint8

const (
	ofLink link = iota
	suchLink
	verbalLink // the part before is an infinitive
)

func (n *nounPhrase) empty() bool { return len(n.parts) == 0 }

func (n *nounPhrase) add(it item) {
	if n.empty() {
		n.parts = [][]item{nil}
	}
	if len(n.links) == len(n.parts) {
		n.parts = append(n.parts, nil)
	}
	k := len(n.parts) - 1
	n.parts[k] = append(n.parts[k], it)
}

func (n *nounPhrase) lastItem() (it item, ok bool) {
	if n.empty() || len(n.links) == len(n.parts) {
		return item{}, false
	}
	p := n.parts[len(n.parts)-1]
	if len(p) == 0 {
		return item{}, false
	}
	return p[len(p)-1], true
}

// dropLast takes the last item away, for a conjunct verb.
func (n *nounPhrase) dropLast() {
	k := len(n.parts) - 1
	n.parts[k] = n.parts[k][:len(n.parts[k])-1]
	if len(n.parts[k]) == 0 {
		n.parts = n.parts[:k]
		n.links = n.links[:max(0, min(len(n.links), k-1))]
	}
}

// render puts the parts in English order: Delhi's market, financing of terrorism.
func (n *nounPhrase) render() []item {
	if n.empty() {
		return n.done
	}
	return append(n.done, n.renderParts()...)
}

func (n *nounPhrase) renderParts() []item {
	out := n.parts[0]
	simple := isSimple(out)
	for i, next := range n.parts[1:] {
		switch {
		case n.links[i] == suchLink:
			out = slices.Concat(next, []item{{text: "such as"}}, out)
		case n.links[i] == verbalLink:
			out = slices.Concat(next, out)
		case simple && endsInName(out) && !starts(next[0]) && next[0].class != title:
			out = slices.Clone(out)
			out[len(out)-1].text = possessiveOf(out[len(out)-1].text)
			out = slices.Concat(out, next)
		default:
			out = slices.Concat(next, []item{{text: "of"}}, out)
		}
		simple = false
	}
	if len(n.links) == len(n.parts) && len(n.links) > 0 { // का with nothing behind it
		out = slices.Concat([]item{{text: "of"}}, out)
	}
	return out
}

func isSimple(items []item) bool {
	return len(items) <= 3 && !slices.ContainsFunc(items, func(it item) bool { return it.class == punctuation || it.class == joiner })
}

func endsInName(items []item) bool {
	last := items[len(items)-1]
	return (last.class.named() || last.class == pronoun) && !hasAtom(last.text)
}

func hasAtom(s string) bool { return strings.ContainsFunc(s, isAtom) }

func possessiveOf(s string) string {
	if strings.HasSuffix(s, "s") {
		return s + "'"
	}
	return s + "'s"
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
	case particle, wala:
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
	counts := next == noun || next == unit || next == adjective
	switch {
	case last.class == pronoun && it.class != genitive,
		starts(it) && (last.class == noun || last.class.named() || last.class == weekday),
		it.class == number && counts && (last.class == noun || last.class.named() && !months[last.text] || last.class == demonstrative),
		it.class == pronoun,
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

var months = func() map[string]bool {
	m := make(map[string]bool)
	for _, w := range strings.Fields("January February March April May June July August September October November December") {
		m[w] = true
	}
	return m
}()

// resolveOblique reads इस, उस before a noun as this, that, and alone before a
// postposition as it, him, them.
func resolveOblique(items []item, object bool) {
	for i := range items {
		if items[i].class != oblique || i+1 < len(items) && nominal(items[i+1].class) {
			continue
		}
		if alone, ok := map[string]string{"इस": "this", "इन": "these", "उस": "him", "उन": "them", "जिस": "which", "जिन": "whom", "किस": "whom"}[items[i].form]; ok && object {
			items[i].text = alone
		}
	}
}

func (a *arranger) postposition(it item) {
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
		if it.text != "" {
			a.phrases = append(a.phrases, phrase{role: adv, items: a.withPrefix(it)})
		}
	default:
		a.close(pp, item{text: it.text, from: it.from, to: it.to})
	}
}

func (a *arranger) genitive(it item) {
	if a.np.empty() || len(a.np.links) == len(a.np.parts) {
		return
	}
	l := ofLink
	if it.class == suchAs {
		l = suchLink
	}
	a.np.splitAtJoiner()
	a.np.links = append(a.np.links, l)
}

// heads are the nouns that a place's name follows: राजधानी दिल्ली.
var heads = func() map[string]bool {
	m := make(map[string]bool)
	for _, w := range strings.Fields("राजधानी शहर राज्य जिला जिले जिला गांव देश प्रदेश प्रांत महानगर कस्बा कस्बे नगर तहसील स्टेशन हवाईअड्डा टीम विधायक सांसद") {
		m[w] = true
	}
	return m
}()

// person tells a word that "who" can stand for.
func person(it item) bool {
	if it.class == name || it.class == title || it.class == pronoun {
		return true
	}
	word := strings.TrimSuffix(it.text, "s")
	for _, end := range []string{"er", "or", "ist", "ian", "man", "men", "people", "citizen", "child", "children", "student", "woman", "minister"} {
		if strings.HasSuffix(word, end) {
			return true
		}
	}
	return false
}

// starts tells the words that only begin a noun phrase: this, both, my.
func starts(it item) bool {
	switch it.class {
	case oblique, demonstrative, possessive:
		return true
	case determiner:
		return it.text != "both" && it.text != "all" && it.text != "self" && it.text != "such"
	}
	return false
}

// splitAtJoiner: in "A's B and C's D" the second genitive starts a phrase of its
// own; in "A and B's C" it belongs to both.
func (n *nounPhrase) splitAtJoiner() {
	k := len(n.parts) - 1
	if k == 0 {
		return
	}
	at := slices.IndexFunc(n.parts[k], func(it item) bool { return it.class == joiner })
	if at <= 0 || at == len(n.parts[k])-1 {
		return
	}
	rest := n.parts[k][at+1:]
	and := n.parts[k][at]
	n.parts[k] = n.parts[k][:at]
	done := append(n.render(), and)
	*n = nounPhrase{done: done, parts: [][]item{rest}}
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
	case it.text == "," && !a.np.empty() && nominal(a.peek(1)) && len(a.np.links) < len(a.np.parts),
		it.text == "-" && it.glued && !a.np.empty() && nominal(a.peek(1)),
		it.text == "%" && !a.np.empty():
		a.np.add(it)
		if it.text == "-" {
			a.in[a.i+1].glued = true
		}
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

// flush ends a clause and writes it; verb is nil for one without a finite verb.
func (a *arranger) flush(v *finiteVerb) {
	a.close(bare)
	phrases := a.phrases
	a.phrases = nil
	at := -1
	if v != nil {
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
	if v != nil && isBe(v.phrase.base) && at >= 0 && at == len(phrases)-1 && phrases[at].role == bare {
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

// fuse makes a conjunct verb of the verb and the last noun of its object.
func (a *arranger) fuse(p *phrase, v *finiteVerb) {
	base := a.lexicon.conjunct[p.last.form+" "+v.phrase.verb]
	i := slices.IndexFunc(p.items, func(it item) bool { return it.from == p.last.from && it.to == p.last.to })
	if base == "" || i < 0 {
		return
	}
	v.phrase.base = base
	p.items = slices.Delete(slices.Clone(p.items), i, i+1)
	if i < len(p.items) && p.items[i].text == "of" {
		p.items = slices.Delete(p.items, i, i+1)
	}
}

func (a *arranger) emitPhrase(p phrase) {
	for k, it := range p.items {
		if k == 0 {
			it.glued = false
		}
		a.emit(it)
	}
}

func subjectOf(phrases []phrase) int {
	if i := slices.IndexFunc(phrases, func(p phrase) bool { return p.role == agent }); i >= 0 {
		return i
	}
	return slices.IndexFunc(phrases, func(p phrase) bool { return p.role == bare })
}

type finiteVerb struct {
	phrase   verbPhrase
	from, to int
}

// writeClause writes what stood before the subject, the subject, the verb, the
// objects and the rest.
func (a *arranger) writeClause(phrases []phrase, at int, v *finiteVerb) {
	third, plural := true, v.phrase.plural
	front := phrases[:max(at, 0)]
	rest := phrases
	if at >= 0 {
		rest = phrases[at+1:]
	}
	if at >= 0 && phrases[at].role == agent {
		// What stands bare before the agent is the object: बैठक की अध्यक्षता राम ने की.
		for i := range front {
			if front[i].role == bare {
				a.fuse(&front[i], v)
				rest = append([]phrase{front[i]}, rest...)
				front = slices.Concat(front[:i], front[i+1:])
				break
			}
		}
	}
	if at >= 0 { // बच्चों को किताब मिली: the person stands behind the verb
		var later []phrase
		front = slices.DeleteFunc(slices.Clone(front), func(p phrase) bool {
			if p.role == dativeR {
				later = append(later, p)
			}
			return p.role == dativeR
		})
		rest = append(rest[:len(rest):len(rest)], later...)
	}
	objects := slices.ContainsFunc(rest, func(p phrase) bool { return p.role == bare })
	for _, p := range front {
		a.emitPhrase(p)
	}
	if at >= 0 {
		s := phrases[at]
		a.emitPhrase(s)
		third, plural = agreement(s, v.phrase)
	} else {
		lead := 0
		for lead < len(rest) && rest[lead].role == adv {
			a.emitPhrase(rest[lead])
			lead++
		}
		rest = rest[lead:]
		if v.phrase.impersonal() {
			a.emit(item{text: "it"})
		}
	}
	if v.phrase.base == "be" && v.phrase.verb == "होना" && v.phrase.form == perfective && !objects && !v.phrase.perfect {
		v.phrase.base = "take place"
	}
	a.emit(item{text: v.phrase.finite(third, plural), from: v.from, to: v.to})
	for _, p := range rest {
		if p.role == bare {
			a.emitPhrase(p)
		}
	}
	for _, p := range rest {
		if p.role == bare {
			continue
		}
		if p.role == dativeR && !objects && !v.phrase.passive && (at < 0 || phrases[at].role == agent || !isBe(v.phrase.base)) && !takesTo(v.phrase.base) {
			p.items = slices.DeleteFunc(slices.Clone(p.items), func(it item) bool { return it.text == "to" })
			objects = true
		}
		if p.role == pp && len(p.items) > 0 && p.items[0].text == "from" && (speaks(v.phrase.base) || v.phrase.base == "meet") {
			p.items = slices.Clone(p.items)
			p.items[0].text = "to"
			if v.phrase.base == "meet" || v.phrase.base == "talk" {
				p.items[0].text = "with"
			}
		}
		a.emitPhrase(p)
	}
}

// speaks lists the verbs whose hearer Hindi marks with से.
func speaks(base string) bool {
	return slices.Contains([]string{"say", "appeal", "talk", "request", "speak"}, base)
}

// takesTo lists the verbs that keep "to" before the person.
func takesTo(base string) bool {
	head, _, _ := strings.Cut(base, " ")
	return slices.Contains([]string{"be", "say", "give", "go", "come", "speak", "talk", "appeal", "happen", "get", "seem", "take", "become", "return", "appear"}, head)
}

// splitComplement parts "weather clear" and "price ₹500" before "is".
func splitComplement(phrases []phrase) []phrase {
	n := len(phrases) - 1
	items := phrases[n].items
	at := len(items)
	tail := func(it item) bool {
		return it.class == adjective || it.class == number || it.class == unit || it.class == determiner || it.text == "₹"
	}
	for at > 0 && tail(items[at-1]) {
		at--
	}
	if at == len(items) && len(items) > 1 && items[at-1].class == noun { // Ram a doctor
		at--
		for at > 0 && items[at-1].class != name {
			at--
		}
	}
	if at <= 0 || at == len(items) {
		return phrases
	}
	rest := phrase{role: bare, items: items[at:], last: items[len(items)-1]}
	phrases[n].items, phrases[n].last = items[:at], items[at-1]
	return append(phrases, rest)
}

// agreement tells what the verb agrees with.
func agreement(s phrase, v verbPhrase) (third, plural bool) {
	text := strings.ToLower(s.last.text)
	switch text {
	case "i":
		return false, v.plural
	case "we", "you", "they", "these", "those", "both", "all", "people", "many":
		return true, true
	}
	if len(s.items) <= 6 && slices.ContainsFunc(s.items, func(it item) bool { return it.class == joiner && it.text == "and" }) {
		return true, true
	}
	switch {
	case s.last.plural:
		return true, true
	case s.last.class == noun && strings.HasSuffix(text, "s") && !strings.HasSuffix(text, "ss") && !strings.HasSuffix(text, "us") && !strings.HasSuffix(text, "news") && !strings.HasSuffix(text, "ics"):
		return true, true
	case s.last.class.named() || s.role == agent:
		return true, false
	}
	for _, it := range s.items {
		if it.class == number && it.text != "one" && it.text != "1" && !strings.HasSuffix(it.text, "th") {
			return true, true
		}
	}
	return true, v.plural && s.last.class != title
}
