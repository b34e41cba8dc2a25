package simulator

import (
	"slices"
	"strings"
)

// form is an inflection of a Hindi verb.
type form uint8

const (
	root form = iota
	habitual
	perfective
	infinitive
	oblique2 // करने
	future
	subjunctive
	imperative
	conjunctive // करके, जाकर
	presentBe   // है
	pastBe      // था
	ought       // चाहिए
)

// reading is one way to read a word as a verb.
type reading struct {
	verb   string // the infinitive, in lexicalForm
	base   string // English
	form   form
	plural bool
}

// addCopula adds the forms of होना that follow no rule.
func (l *lexicon) addCopula() {
	for f, words := range map[form]string{presentBe: "है हूं हैं", pastBe: "था थी थे थीं"} {
		for _, w := range strings.Fields(words) {
			l.verbs[w] = []reading{{"होना", "be", f, w == "हैं" || w == "थे" || w == "थीं"}}
		}
	}
	l.verbs["चाहिए"] = []reading{{"चाहिए", "be wanted", ought, false}}
}

// irregular Hindi perfectives and futures; the rest follows from the stem.
var irregularVerbs = map[string]map[form]string{
	"करना": {perfective: "किया की किए किये कीं", subjunctive: "करे करें"},
	"जाना": {perfective: "गया गई गयी गए गये गईं गयीं जाया"},
	"होना": {perfective: "हुआ हुई हुयी हुए हुये हुईं", future: "होगा होगी होंगे होंगी", subjunctive: "हो हों"},
	"देना": {perfective: "दिया दी दिए दिये दीं", future: "देगा देगी देंगे देंगी दूंगा दूंगी दोगे", subjunctive: "दे दें", imperative: "दीजिए दीजिये"},
	"लेना": {perfective: "लिया ली लीं", future: "लेगा लेगी लेंगे लेंगी लूंगा लूंगी लोगे", subjunctive: "ले लें", imperative: "लीजिए लो"},
	"पीना": {perfective: "पिया पी पिए पिये"},
}

// addVerb makes every inflected form of a verb. Of several words it is a
// conjunct verb, whose last word is a verb of its own.
func (l *lexicon) addVerb(inf, base string) {
	if _, taken := l.bases[base]; !taken {
		l.bases[base] = inf
	}
	if strings.Contains(inf, " ") {
		if _, taken := l.conjunct[inf]; !taken {
			l.conjunct[inf] = base
		}
		return
	}
	if slices.ContainsFunc(l.verbs[inf], func(r reading) bool { return r.verb == inf }) {
		return
	}
	stem := strings.TrimSuffix(inf, "ना")
	add := func(f form, plural bool, words ...string) {
		for _, w := range words {
			r := reading{inf, base, f, plural}
			if !slices.Contains(l.verbs[w], r) {
				l.verbs[w] = append(l.verbs[w], r)
			}
		}
	}
	addAll := func(f form, words ...string) {
		for _, w := range words {
			add(f, strings.HasSuffix(w, "ए") || strings.HasSuffix(w, "े") || strings.HasSuffix(w, "ये") || strings.HasSuffix(w, "ं"), w)
		}
	}
	add(root, false, stem)
	add(infinitive, false, inf, stem+"नी")
	add(oblique2, false, stem+"ने")
	add(habitual, false, stem+"ता", stem+"ती")
	add(habitual, true, stem+"ते", stem+"तीं")
	add(conjunctive, false, stem+"कर", stem+"के")
	end := []rune(stem)[len([]rune(stem))-1]
	open := matra(end) || vowelLatin[end] != ""
	switch own := irregularVerbs[inf]; {
	case own != nil:
		for f, words := range own {
			addAll(f, strings.Fields(words)...)
		}
		if own[future] == "" {
			l.regularFuture(stem, open, addAll)
		}
	case open:
		addAll(perfective, stem+"या", stem+"यी", stem+"ई", stem+"ये", stem+"ए", stem+"ईं", stem+"यीं")
		l.regularFuture(stem, open, addAll)
	default:
		addAll(perfective, stem+"ा", stem+"ी", stem+"े", stem+"ीं")
		l.regularFuture(stem, open, addAll)
	}
}

func (l *lexicon) regularFuture(stem string, open bool, add func(form, ...string)) {
	if open {
		add(future, stem+"एगा", stem+"एगी", stem+"एंगे", stem+"एंगी", stem+"येगा", stem+"येगी", stem+"येंगे", stem+"ऊंगा", stem+"ऊंगी", stem+"ओगे")
		add(subjunctive, stem+"ए", stem+"एं")
		add(imperative, stem+"ओ", stem+"इए", stem+"इये")
		return
	}
	add(future, stem+"ेगा", stem+"ेगी", stem+"ेंगे", stem+"ेंगी", stem+"ूंगा", stem+"ूंगी", stem+"ोगे")
	add(subjunctive, stem+"े", stem+"ें")
	add(imperative, stem+"ो", stem+"िए", stem+"िये")
}

// verbPhrase is what a Hindi verb group says.
type verbPhrase struct {
	base                          string
	form                          form // of the last word that shows one
	modal                         string
	tense                         tense
	progressive, perfect, passive bool
	negative                      bool
	plural                        bool
	verb                          string // the main verb's infinitive
	participle                    bool   // करते हुए
}

// impersonal tells the verbs that English gives the subject "it" when there is
// no other.
func (v verbPhrase) impersonal() bool {
	return v.passive || isBe(v.base) && v.base != "be" || slices.Contains([]string{"rain", "seem", "appear", "become known"}, v.base)
}

// plain is the verb phrase behind "to", gerund the one with -ing.
func (v verbPhrase) plain() string {
	if v.passive {
		return "be " + pastParticiple(v.base)
	}
	return v.base
}

func (v verbPhrase) gerund() string { return presentParticiple(v.plain()) }

type tense uint8

const (
	untensed tense = iota
	present
	past
	willBe
)

// light are the verbs that behind a root only say that the act was completed.
var light = []string{"जाना", "देना", "लेना", "डालना", "बैठना", "उठना", "पड़ना", "आना", "ले जाना"}

// readGroup reads a run of verb words. conjunct is the English of the main verb
// with the noun before it, "" if it has none.
func readGroup(words [][]reading, conjunct string, negative bool) verbPhrase {
	v := verbPhrase{negative: negative}
	for i, readings := range words {
		r := choose(readings, words[i+1:], v, i == 0)
		if i == 0 {
			v.base, v.form, v.plural, v.verb = r.base, r.form, r.plural, r.verb
			if conjunct != "" {
				v.base = conjunct
			}
			switch r.form {
			case presentBe:
				v.tense = present
			case pastBe:
				v.tense = past
			case ought:
				v.base, v.tense = "be wanted", present
			}
			continue
		}
		v.plural = r.plural
		v.add(r)
	}
	if v.tense == untensed {
		switch v.form {
		case perfective:
			v.tense = past
		case habitual:
			v.tense = present
		case future:
			v.tense = willBe
		}
	}
	return v
}

// add takes one more word of the group in.
func (v *verbPhrase) add(r reading) {
	switch {
	case r.form == presentBe:
		v.perfect = v.perfect || v.form == perfective && !v.progressive
		v.tense = present
		if v.form == infinitive {
			v.base = "have to " + v.base
		}
	case r.form == pastBe:
		v.perfect = v.perfect || v.form == perfective && !v.progressive
		v.tense = past
		if v.form == infinitive {
			v.base = "have to " + v.base
		}
	case r.form == ought:
		v.modal, v.form = "should", habitual
	case r.verb == "रहना" && v.form == root && r.form == perfective:
		v.progressive, v.form = true, perfective
	case r.verb == "रहना" && v.form == habitual:
		v.progressive, v.form = true, r.form
	case r.verb == "जाना" && v.form == perfective:
		v.passive, v.form = true, r.form
		if v.verb == "पाना" && v.base == "manage" {
			v.base = "find"
		}
	case r.verb == "सकना" || r.verb == "पाना" && v.form == root:
		v.modal, v.form = "can", r.form
	case r.verb == "चुकना":
		v.perfect, v.form, v.tense = true, habitual, present
	case r.verb == "लगना" && v.form == oblique2:
		v.base, v.form = "begin to "+v.base, r.form
	case (r.verb == "पड़ना" || r.verb == "होना") && v.form == infinitive:
		v.base, v.form = "have to "+v.base, r.form
	case v.form == root && slices.Contains(light, r.verb):
		switch {
		case v.base == "be" && r.verb == "जाना":
			v.base = "become"
		case v.verb == "लेना" && r.verb == "जाना":
			v.base = "carry"
		case v.verb == "लेना" && r.verb == "आना":
			v.base = "bring"
		}
		v.form = r.form
	case r.verb == "होना" && r.form == future:
		v.perfect, v.tense = v.form == perfective, willBe
	case r.verb == "होना":
		v.participle = r.form == perfective
	default:
		v.form = r.form
	}
}

// choose picks the reading that the words around allow.
func choose(readings []reading, next [][]reading, v verbPhrase, first bool) reading {
	wants := func(f form) (reading, bool) {
		for _, r := range readings {
			if r.form == f {
				return r, true
			}
		}
		return reading{}, false
	}
	order := []form{presentBe, pastBe, ought, perfective, habitual, future, oblique2, infinitive, subjunctive, root, conjunctive, imperative}
	if len(next) > 0 && len(next[0]) > 0 {
		n := next[0][0]
		takesRoot := n.verb == "रहना" && n.form == perfective || n.verb == "सकना" || n.verb == "चुकना" || n.verb == "पाना" || slices.Contains(light, n.verb)
		if takesRoot && (first || !v.passive) {
			order = []form{root, perfective, oblique2, infinitive, habitual, presentBe, pastBe, ought, future, subjunctive, conjunctive, imperative}
			if n.verb == "जाना" { // किया गया, but हो गया
				order = append([]form{perfective}, order...)
				if _, ok := wants(root); ok && len(readings) == 1 {
					order = order[1:]
				}
			}
		}
	}
	for _, f := range order {
		if r, ok := wants(f); ok {
			return r
		}
	}
	return readings[0]
}

// finite is the English verb phrase of a clause: "has been held". third tells a
// subject that takes -s.
func (v verbPhrase) finite(third, plural bool) string {
	var chain []string // auxiliaries, each of which says how the next is inflected
	switch {
	case v.modal == "can" && v.tense == willBe:
		chain = append(chain, "will be able to")
	case v.modal == "can" && v.tense == past:
		chain = append(chain, "could")
	case v.modal != "":
		chain = append(chain, v.modal)
	case v.tense == willBe:
		chain = append(chain, "will")
	}
	modal := len(chain) > 0
	if v.perfect {
		chain = append(chain, "have")
	}
	if v.progressive {
		chain = append(chain, "be+ing")
	}
	if v.passive {
		chain = append(chain, "be+en")
	}
	chain = append(chain, v.base)
	return assemble(chain, modal, v.tense, v.negative, third, plural)
}

func assemble(chain []string, modal bool, t tense, negative, third, plural bool) string {
	var out []string
	how := "finite"
	for i, link := range chain {
		word, next := link, "bare"
		switch link {
		case "have":
			next = "en"
		case "be+ing":
			word, next = "be", "ing"
		case "be+en":
			word, next = "be", "en"
		}
		if modal && i == 0 {
			how = "asis"
		}
		last := i == len(chain)-1
		if last && how == "finite" && negative && !isBe(word) {
			out = append(out, finiteForm("do", t, third, plural), "not", word)
			break
		}
		switch how {
		case "finite":
			word = finiteForm(word, t, third, plural)
		case "en":
			word = pastParticiple(word)
		case "ing":
			word = presentParticiple(word)
		}
		out = append(out, word)
		if negative && i == 0 {
			head, tail, more := strings.Cut(out[0], " ")
			out[0] = head + " not"
			if more {
				out[0] += " " + tail
			}
		}
		how = next
	}
	return strings.Join(out, " ")
}

func isBe(s string) bool { return s == "be" || strings.HasPrefix(s, "be ") }

func finiteForm(base string, t tense, third, plural bool) string {
	head, tail, _ := strings.Cut(base, " ")
	switch {
	case t == past && head == "be" && plural:
		head = "were"
	case t == past && head == "be":
		head = "was"
	case t == past:
		head = pastTense(head)
	case head == "be" && plural:
		head = "are"
	case head == "be" && third:
		head = "is"
	case head == "be":
		head = "am"
	case third && !plural && t == present:
		head = thirdPerson(head)
	}
	return strings.TrimSpace(head + " " + tail)
}
