package simulator

import (
	"slices"
	"strings"
)

// verb reads a verb group at a.i: finite, it ends the clause; else it becomes a
// participle, an infinitive or an adverbial phrase.
func (a *arranger) verb() {
	start := a.i
	var words [][]reading
	for a.i < len(a.in) {
		it := a.in[a.i]
		if it.class == negation {
			a.neg = true
		} else if it.class != particle && it.class != also && it.class != verbForm {
			break
		}
		if it.class == verbForm {
			if len(words) > 0 && startsNew(words, it.readings) {
				break
			}
			words = append(words, it.readings)
		}
		if it.form == "तो" && len(words) > 0 {
			break
		}
		if it.class == also && len(words) > 0 && a.peek(1) != verbForm {
			break
		}
		a.i++
	}
	v := readGroup(words, "", a.neg)
	v = a.saying(v)
	if last, ok := a.np.lastItem(); ok {
		if last.form == "शामिल" && v.base == "be" && len(words) == 1 {
			a.np.dropLast()
			last.text, last.class = "included", adjective
			a.np.add(last)
		} else if base := a.lexicon.conjunct[last.form+" "+v.verb]; base != "" && (len(words) > 1 || v.form != presentBe && v.form != pastBe || isBe(base) || base == "agree") {
			a.np.dropLast()
			v = readGroup(words, base, a.neg)
			a.adverbFromAdjectives()
		}
	}
	if last, ok := a.np.lastItem(); ok && last.class == adjective && v.base == "do" {
		a.np.dropLast() // चौड़ा करना
		v = readGroup(words, "make "+last.text, a.neg)
	}
	if base := a.borrowed(v); base != "" {
		a.np.dropLast()
		v = readGroup(words, base, a.neg)
	}
	from, to := a.in[start].from, a.in[a.i-1].to
	it := item{from: from, to: to, class: adjective}
	next := a.peek(0)
	finite := v.tense == present && v.form != habitual || v.modal != "" || v.progressive
	switch {
	case v.form == oblique2 || v.form == infinitive && v.tense == untensed && v.modal == "":
		a.infinitive(v, it)
	case v.participle && v.tense <= past && !v.progressive:
		a.participle(v, it)
	case v.form == conjunctive, v.form == root && len(words) == 1 && v.tense == untensed && v.modal == "" && next != punctuation && next != conjunction && next != relative:
		it.text, it.class = v.gerund(), adverb
		a.object(it, adv)
	case len(words) == 1 && nominal(next) && v.form == perfective && v.verb == "होना" && v.base == "be":
		// में हुए हमले में: the attack in …
	case a.afterAgent() && (v.form == perfective || v.tense != untensed) && v.form != oblique2 && v.form != infinitive:
		a.flush(&finiteVerb{v, from, to}) // खोला in a headline: the object follows
	case !finite && len(words) == 1 && nominal(next) && (v.form == perfective || v.form == habitual) && !isBe(v.base):
		it.text = pastParticiple(v.base)
		if v.form == habitual {
			it.text = presentParticiple(v.base)
		}
		a.np.add(it)
	case !finite && v.passive && nominal(next) && v.tense == past && !v.perfect:
		it.text = pastParticiple(v.base)
		a.np.add(it)
	default:
		a.flush(&finiteVerb{v, from, to})
	}
	a.neg = false
}

// adverbFromAdjectives: the adjective of a conjunct verb's noun says how it is
// done; भारी बारिश हुई is "it rained heavily".
func (a *arranger) adverbFromAdjectives() {
	if len(a.np.parts) == 0 || len(a.np.links) == len(a.np.parts) {
		return
	}
	part := a.np.parts[len(a.np.parts)-1]
	if slices.ContainsFunc(part, func(it item) bool { return it.class != adjective }) {
		return
	}
	items := slices.Clone(part)
	items[len(items)-1].text = asAdverb(items[len(items)-1].text)
	for range part {
		a.np.dropLast()
	}
	a.phrases = append(a.phrases, phrase{role: adv, items: a.withPrefix(items...)})
}

// saying reads "X का कहना है" as X says, "X का मानना है" as X believes.
func (a *arranger) saying(v verbPhrase) verbPhrase {
	base, ok := strings.CutPrefix(v.base, "have to ")
	if n := len(a.np.parts); !ok || v.verb != "कहना" && v.verb != "मानना" || n == 0 || len(a.np.links) != n {
		return v
	}
	a.np.links = a.np.links[:len(a.np.links)-1]
	a.close(agent)
	return verbPhrase{base: base, verb: v.verb, form: habitual, tense: v.tense, negative: v.negative}
}

// afterAgent tells that the phrase before is marked by ने and nothing stands
// between it and the verb.
func (a *arranger) afterAgent() bool {
	n := len(a.phrases)
	return a.np.empty() && n > 0 && a.phrases[n-1].role == agent
}

// participle places करते हुए and किए हुए: before a noun an adjective, else an adverb.
func (a *arranger) participle(v verbPhrase, it item) {
	it.text = v.gerund()
	if v.form == perfective {
		it.text = pastParticiple(v.base)
	}
	if nominal(a.peek(0)) && a.np.empty() {
		a.np.add(it)
		return
	}
	it.class = adverb
	a.object(it, adv)
}

// borrowed makes a verb of an English word before करना or होना: launch किया.
func (a *arranger) borrowed(v verbPhrase) string {
	last, ok := a.np.lastItem()
	if !ok || last.class != name || last.text == "" || last.text[0] < 'a' || last.text[0] > 'z' {
		return ""
	}
	switch v.verb {
	case "करना":
		return last.text
	case "होना":
		return "be " + pastParticiple(last.text)
	}
	return ""
}

// startsNew tells a verb that begins a group of its own behind a finite one.
func startsNew(words [][]reading, next []reading) bool {
	last := words[len(words)-1]
	if len(last) > 0 && last[0].form == infinitive && !slices.ContainsFunc(next, func(r reading) bool {
		return r.verb == "होना" || r.verb == "पड़ना" || r.verb == "चाहिए"
	}) {
		return true // लिखना सिखाया: taught to write
	}
	for _, r := range last {
		if r.form == presentBe || r.form == pastBe || r.form == conjunctive && len(last) == 1 {
			return true
		}
	}
	return false
}

// infinitive places करने by what follows: के लिए → to do, का → to do, में → in doing.
func (a *arranger) infinitive(v verbPhrase, it item) {
	negate := ""
	if v.negative {
		negate = "not "
	}
	next := item{class: punctuation}
	if a.i < len(a.in) {
		next = a.in[a.i]
	}
	switch {
	case next.class == wala:
		a.i++
		it.text = negate + presentParticiple(v.base)
		if v.passive {
			it.text = negate + pastParticiple(v.base)
		}
		a.np.add(it)
	case next.class == post && next.text == "for":
		a.i++
		it.text, it.to = negate+"to "+v.plain(), next.to
		a.object(it, pp)
	case next.class == post:
		a.i++
		it.text, it.to = next.text+" "+negate+v.gerund(), next.to
		a.object(it, pp)
	case next.class == genitive && a.i+1 < len(a.in) && nominal(a.in[a.i+1].class):
		a.i++
		it.text = negate + "to " + v.plain()
		object := a.takeObject()
		a.np.parts, a.np.links = append(a.np.parts, append([]item{it}, object...)), append(a.np.links, verbalLink)
	case next.class == dative:
		a.i++
		it.text = negate + "to " + v.plain()
		a.object(it, pp)
	case next.class == joiner: // निपटने और काम करने का: to deal, and to work
		it.text = negate + "to " + v.plain()
		a.object(it, pp)
	case next.class == verbForm:
		it.text, it.class = negate+"to "+v.plain(), noun
		object := a.takeObject()
		a.np.add(it)
		for _, o := range object {
			a.np.add(o)
		}
	default:
		it.text, it.class = negate+v.gerund(), noun
		object := a.takeObject()
		a.np.add(it)
		for _, o := range object {
			a.np.add(o)
		}
	}
}

// object adds a phrase of the verb and the object before it.
func (a *arranger) object(it item, r role) {
	object := a.takeObject()
	a.phrases = append(a.phrases, phrase{role: r, items: a.withPrefix(append([]item{it}, object...)...)})
}

// takeObject takes the noun phrase before a verb or, when there is none, the
// phrase before it, as what the verb acts on.
func (a *arranger) takeObject() []item {
	if !a.np.empty() {
		object := a.np.render()
		a.np = nounPhrase{}
		resolveOblique(object, true)
		return object
	}
	var object, rest []item
	for range 2 {
		n := len(a.phrases)
		if n == 0 || a.phrases[n-1].role == agent || a.phrases[n-1].role == adv || n == 1 && a.phrases[0].role == bare {
			break
		}
		p := a.phrases[n-1]
		a.phrases = a.phrases[:n-1]
		if p.role != dativeR {
			rest = append(slices.Clone(p.items), rest...)
			continue
		}
		object = slices.DeleteFunc(p.items, func(it item) bool { return it.text == "to" })
		break
	}
	return append(object, rest...)
}
