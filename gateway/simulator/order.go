package simulator

import (
	"slices"
	"strings"
)

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
			if p.last.class == place && slices.Contains([]string{"go", "come", "return", "go back"}, v.phrase.base) {
				a.emit(item{text: "to"})
			}
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

// copular tells the verbs that have a complement.
func copular(base string) bool {
	return isBe(base) || base == "remain" || base == "become" || base == "seem" || base == "appear"
}

// owner finds the phrase of के पास: उनके पास पैसा है is "they have money".
func owner(phrases []phrase) *phrase {
	for i := range phrases {
		if p := &phrases[i]; p.role == pp && len(p.items) > 1 && p.items[0].form == "के पास" {
			return p
		}
	}
	return nil
}

// obliged makes a person marked by को the subject: of हमें … चाहिए (we should),
// of मिलना (कारीगरों को कर्ज मिलेगा: they will get) and of a passive that has no
// other (लेखिका को सम्मानित किया जाएगा). With के पास and "is", a person has.
func obliged(phrases []phrase, v *finiteVerb) {
	must := !v.phrase.passive && (v.phrase.modal == "should" || strings.HasPrefix(v.phrase.base, "have to "))
	if p := owner(phrases); p != nil && v.phrase.base == "be" && v.phrase.verb == "होना" && !subjectIsAgent(phrases) {
		v.phrase.base = "have"
		p.items = p.items[1:]
		p.role, p.last = agent, p.items[len(p.items)-1]
		return
	}
	must = must || v.phrase.base == "get" && v.phrase.verb == "मिलना" && !v.phrase.passive
	honoured := v.phrase.passive && !slices.ContainsFunc(phrases, func(p phrase) bool { return p.role == bare })
	if !must && !honoured || subjectIsAgent(phrases) {
		return
	}
	i := slices.IndexFunc(phrases, func(p phrase) bool { return p.role == dativeR })
	if i < 0 {
		return
	}
	items := slices.DeleteFunc(slices.Clone(phrases[i].items), func(it item) bool { return it.text == "to" })
	for k := range items {
		text := strings.TrimPrefix(items[k].text, "to ")
		if nominative, ok := map[string]string{"me": "I", "us": "we", "them": "they", "him": "he", "you": "you", "it": "it"}[text]; ok {
			text = nominative
		}
		items[k].text = text
	}
	if len(items) > 0 {
		phrases[i] = phrase{role: agent, items: items, last: items[len(items)-1]}
	}
}

func subjectIsAgent(phrases []phrase) bool {
	return slices.ContainsFunc(phrases, func(p phrase) bool { return p.role == agent })
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
	case "we", "you", "they", "these", "those", "both", "all", "people", "many", "women", "men", "children", "police":
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
