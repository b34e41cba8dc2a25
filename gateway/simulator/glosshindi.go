package simulator

import (
	"slices"
	"strings"
	"unicode"
)

// functionWord is an English word of grammar: what it is in Hindi, and what it does.
type functionWord struct{ hindi, does string }

// hindiGloss turns the tokens of an English sentence into Hindi order as far as a
// rule can: postpositions behind their noun phrase, "X of Y" as Y का X, the verb
// at the end of its clause.
type hindiGloss struct {
	g       *glosser
	tokens  []token
	i       int
	out     []item
	np      []item
	behind  []item // the postposition that waits for its noun phrase
	of      bool
	phrases [][]item
	verb    []item
	aux     auxiliaries
}

// auxiliaries are the helping words before a verb.
type auxiliaries struct {
	be, have, will, can, should, not, to bool
	bePast                               bool
	word                                 item // a form of be, in case no verb follows
}

func (g *glosser) hindiItems(tokens []token) []item {
	h := &hindiGloss{g: g, tokens: tokens}
	for h.i < len(tokens) {
		h.step()
	}
	h.flush()
	return h.out
}

func (h *hindiGloss) step() {
	t := h.tokens[h.i]
	switch t.kind {
	case markToken:
		h.mark(t)
		return
	case wordToken, atomToken, verbatimToken:
		h.add(t.text, t, 1)
		return
	case numberToken:
		h.number()
		return
	}
	if h.initials() {
		return
	}
	if n, f := h.function(); n > 0 && !(n == 1 && acronym(t.text)) {
		h.grammar(f, n)
		return
	}
	if h.numberWord() || h.rupees() {
		return
	}
	h.content()
}

// add puts a word of n tokens into the noun phrase.
func (h *hindiGloss) add(text string, t token, n int) {
	h.np = append(h.np, item{text: text, from: t.from, to: h.tokens[h.i+n-1].to, glued: !t.spaced && len(h.np) > 0})
	h.i += n
}

// function finds the longest function word that begins here.
func (h *hindiGloss) function() (int, functionWord) {
	for n := min(3, len(h.tokens)-h.i); n > 0; n-- {
		key := h.key(n)
		if f, ok := h.g.lexicon.function[key]; ok {
			return n, f
		}
	}
	return 0, functionWord{}
}

// key is the next n tokens in lower case, "" if they are not all words.
func (h *hindiGloss) key(n int) string {
	var b strings.Builder
	for k := range n {
		if h.i+k >= len(h.tokens) || h.tokens[h.i+k].kind != latinToken {
			return ""
		}
		if k > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strings.ToLower(strings.ReplaceAll(h.tokens[h.i+k].text, "’", "'")))
	}
	return b.String()
}

func (h *hindiGloss) grammar(f functionWord, n int) {
	t := h.tokens[h.i]
	it := item{text: f.hindi, from: t.from, to: h.tokens[h.i+n-1].to}
	lone := strings.ToLower(t.text)
	h.i += n
	switch f.does {
	case "prep":
		if lone == "about" && h.i < len(h.tokens) && h.tokens[h.i].kind == numberToken {
			h.np = append(h.np, item{text: "लगभग", from: it.from, to: it.to})
			return
		}
		h.close()
		h.behind = []item{it}
	case "of":
		h.close()
		h.of = true
	case "to":
		if base, how := h.g.verbBase(h.next()); base != "" && how == baseForm {
			h.aux.to = true
			return
		}
		h.close()
		h.behind = []item{it}
	case "conj", "that":
		if f.does == "that" && len(h.verb) == 0 && !h.clauseBegun() {
			h.np = append(h.np, item{text: "वह", from: it.from, to: it.to})
			return
		}
		h.flush()
		h.out = append(h.out, it)
	case "is":
		h.aux.be, h.aux.bePast, h.aux.word = true, strings.HasPrefix(f.hindi, "थ"), it
	case "will":
		h.aux.will = true
	case "can":
		h.aux.can = true
	case "should":
		h.aux.should = true
	case "not":
		h.aux.not = true
	case "drop":
		switch lone {
		case "has", "have", "had":
			h.aux.have = true
		case "be", "been", "being":
			h.aux.be = true
		}
	default:
		h.np = append(h.np, it)
	}
	if strings.HasSuffix(lone, "n't") {
		h.aux.not = true
	}
}

func (h *hindiGloss) clauseBegun() bool { return len(h.np) > 0 || len(h.phrases) > 0 }

func (h *hindiGloss) next() string {
	if h.i < len(h.tokens) && h.tokens[h.i].kind == latinToken {
		return strings.ToLower(h.tokens[h.i].text)
	}
	return ""
}

// close ends the noun phrase: a postposition goes behind it, and after "of" it
// goes before the phrase that was read before.
func (h *hindiGloss) close() {
	if len(h.np) == 0 && len(h.behind) == 0 {
		return
	}
	if len(h.behind) == 1 && h.behind[0].text == "पर" && slices.ContainsFunc(h.np, func(it item) bool { return hindiDay[it.text] || strings.HasSuffix(it.text, "वार") }) {
		h.behind[0].text = "को"
	}
	phrase := append(h.np, h.behind...)
	h.np, h.behind = nil, nil
	if h.of && len(h.phrases) > 0 && len(phrase) > 0 {
		last := h.phrases[len(h.phrases)-1]
		last[0].glued = false
		h.phrases[len(h.phrases)-1] = slices.Concat(phrase, []item{{text: "का"}}, last)
	} else if len(phrase) > 0 {
		h.phrases = append(h.phrases, phrase)
	}
	h.of = false
}

// flush ends a clause: its phrases, then its verb.
func (h *hindiGloss) flush() {
	h.close()
	if len(h.phrases) > 0 && slices.Contains([]string{"हम", "वे", "आप", "ये", "लोग"}, h.phrases[0][len(h.phrases[0])-1].text) {
		for i := range h.verb {
			h.verb[i].text = pluralVerb.Replace(h.verb[i].text)
		}
	}
	for _, p := range h.phrases {
		p[0].glued = false
		h.out = append(h.out, p...)
	}
	if h.aux.not && len(h.verb) == 0 {
		h.out = append(h.out, item{text: "नहीं"})
	}
	if h.aux.be && len(h.verb) == 0 && h.aux.word.text != "" {
		h.out = append(h.out, h.aux.word)
	}
	h.out = append(h.out, h.verb...)
	h.phrases, h.verb, h.aux, h.of = nil, nil, auxiliaries{}, false
}

// pluralVerb makes the plural of the verb forms that hindiForm gives.
var pluralVerb = strings.NewReplacer("ता है", "ते हैं", "ता", "ते", "रहा है", "रहे हैं", "रहा था", "रहे थे", "ेगा", "ेंगे", "एगा", "एंगे", "होगा", "होंगे", "गया", "गए")

func (h *hindiGloss) mark(t token) {
	rest := h.tokens[h.i+1:]
	h.i++
	it := item{text: t.text, from: t.from, to: t.to, glued: !t.spaced, tight: strings.Contains("([{“‘", t.text)}
	switch t.text {
	case ".":
		last := !slices.ContainsFunc(rest, func(t token) bool { return t.kind != markToken })
		if !last {
			return // an abbreviation's
		}
		h.flush()
		it.text, it.glued = "।", true
		h.out = append(h.out, it)
	case "$", "£", "€":
		if len(rest) > 0 && rest[0].kind == numberToken {
			h.number()
			h.np = append(h.np, item{text: map[string]string{"$": "डॉलर", "£": "पाउंड", "€": "यूरो"}[t.text], from: t.from, to: t.to})
			return
		}
	case "-", "/", "₹", "%", "&", "#":
		it.tight = t.text != "%" && len(rest) > 0 && !rest[0].spaced
		h.np = append(h.np, it)
	case ",":
		if len(h.np) > 0 && len(rest) > 0 && len(h.verb) == 0 && len(h.behind) == 0 {
			h.np = append(h.np, it)
			return
		}
		h.flush()
		h.out = append(h.out, it)
	default:
		h.flush()
		if strings.Contains("\"'“‘([{", t.text) && len(rest) > 0 && !rest[0].spaced && t.spaced {
			it.tight = true
		}
		h.out = append(h.out, it)
	}
}

func spellLetter(letter string) string {
	for _, l := range letterNames {
		if l.letter == letter {
			return l.name
		}
	}
	return letter
}

// content reads a word of the vocabulary, a verb, an acronym or a name.
func (h *hindiGloss) content() {
	t := h.tokens[h.i]
	for n := min(longestPhrase, len(h.tokens)-h.i); n > 0; n-- {
		key := h.key(n)
		if key == "" {
			continue
		}
		if term, ok := h.g.terms[key]; ok {
			h.add(term, t, n)
			return
		}
		if n == 1 && h.asVerb(key) {
			return
		}
		if hindi := h.g.englishWord(key); hindi != "" {
			h.add(hindi, t, n)
			return
		}
	}
	word := strings.ReplaceAll(t.text, "’", "'")
	if base, own := strings.CutSuffix(word, "'s"); own {
		h.tokens[h.i].text = base
		h.content()
		h.np = append(h.np, item{text: "का", from: t.from, to: t.to})
		return
	}
	switch {
	case acronym(word):
		h.add(word, t, 1)
	case !latinOnly(word):
		h.add(word, t, 1) // another script
	default:
		h.add(Devanagarise(strings.ReplaceAll(word, "'", "")), t, 1)
	}
}

// acronym tells a word that may stay in Latin letters: two to six capitals,
// with digits or a plural s.
func acronym(w string) bool {
	w = strings.TrimSuffix(w, "s")
	if len(w) < 2 || len(w) > 6 {
		return false
	}
	capitals := 0
	for _, r := range w {
		switch {
		case r >= 'A' && r <= 'Z':
			capitals++
		case r < '0' || r > '9':
			return false
		}
	}
	return capitals > 0
}

func latinOnly(w string) bool {
	return strings.ContainsFunc(w, func(r rune) bool { return unicode.Is(unicode.Latin, r) })
}

// englishWord looks an English word or phrase up, in the plural too.
func (g *glosser) englishWord(key string) string {
	if hindi := g.lexicon.english[key]; hindi != "" {
		return hindi
	}
	for _, end := range [][2]string{{"ies", "y"}, {"es", ""}, {"es", "e"}, {"s", ""}, {"'s", ""}} {
		if stem, ok := strings.CutSuffix(key, end[0]); ok && len(stem) > 2 {
			if hindi := g.lexicon.english[stem+end[1]]; hindi != "" {
				if end[0] == "'s" {
					return hindi + " का"
				}
				return hindi
			}
		}
	}
	return ""
}

// asVerb reads a verb, if the word is one and is not better known as a noun.
func (h *hindiGloss) asVerb(key string) bool {
	base, how := h.g.verbBase(key)
	if base == "" {
		return false
	}
	if how == baseForm && h.aux.be {
		return false // was present
	}
	helped := h.aux.be || h.aux.have || h.aux.will || h.aux.can || h.aux.should || h.aux.to
	if how != pastForm && !helped && h.g.englishWord(key) != "" {
		return false
	}
	t := h.tokens[h.i]
	inf := h.g.lexicon.bases[base]
	it := item{from: t.from, to: t.to}
	h.i++
	a := h.aux
	switch {
	case a.to:
		h.aux.to = false
		h.close()
		it.text = hindiForm(inf, oblique2) + " के लिए"
		h.behind = []item{it}
		return true
	case how == ingForm && !a.be && len(h.behind) > 0 && len(h.np) == 0:
		it.text = hindiForm(inf, oblique2) + " " + h.behind[0].text
		h.behind = []item{it}
		return true
	case how == ingForm && !a.be:
		h.close()
		it.text = hindiForm(inf, oblique2)
		h.behind = []item{it}
		return true
	case a.can:
		it.text = hindiForm(inf, root) + " सकता है"
	case a.should:
		it.text = hindiForm(inf, infinitive) + " चाहिए"
	case a.will:
		it.text = hindiForm(inf, future)
	case how == ingForm && a.bePast:
		it.text = hindiForm(inf, root) + " रहा था"
	case how == ingForm:
		it.text = hindiForm(inf, root) + " रहा है"
	case a.be && how == pastForm:
		it.text = hindiForm(inf, perfective) + " गया"
	case a.have:
		it.text = hindiForm(inf, perfective) + " है"
	case how == pastForm:
		it.text = hindiForm(inf, perfective)
	default:
		it.text = hindiForm(inf, habitual) + " है"
	}
	if a.not {
		it.text = "नहीं " + it.text
	}
	if len(h.verb) > 0 { // a second verb: the first clause has ended
		pending := h.np
		h.np = nil
		h.flush()
		h.np = pending
	}
	h.aux = auxiliaries{}
	h.close()
	h.verb = []item{it}
	return true
}

type englishForm uint8

const (
	baseForm englishForm = iota
	pastForm
	ingForm
	thirdForm
)

// verbBase finds the base of an English verb's form, "" if it is no known verb.
func (g *glosser) verbBase(word string) (string, englishForm) {
	if v, ok := g.lexicon.inflected[word]; ok {
		return v.base, v.how
	}
	return "", baseForm
}

type inflectedVerb struct {
	base string
	how  englishForm
}

// inflectEnglish makes the forms of every English verb that has a Hindi one.
func (l *lexicon) inflectEnglish() {
	l.inflected = make(map[string]inflectedVerb, 5*len(l.bases))
	for base := range l.bases {
		if strings.Contains(base, " ") {
			continue
		}
		l.inflected[thirdPerson(base)] = inflectedVerb{base, thirdForm}
		l.inflected[presentParticiple(base)] = inflectedVerb{base, ingForm}
		l.inflected[pastTense(base)] = inflectedVerb{base, pastForm}
		l.inflected[pastParticiple(base)] = inflectedVerb{base, pastForm}
	}
	for base := range l.bases { // last: "put" and "read" are bases first
		if !strings.Contains(base, " ") {
			l.inflected[base] = inflectedVerb{base, baseForm}
		}
	}
}

// hindiForm inflects a Hindi verb, of a conjunct verb its last word.
func hindiForm(inf string, f form) string {
	head, last := "", inf
	if i := strings.LastIndexByte(inf, ' '); i >= 0 {
		head, last = inf[:i+1], inf[i+1:]
	}
	stem := strings.TrimSuffix(last, "ना")
	end := []rune(stem)
	open := len(end) > 0 && (matra(end[len(end)-1]) || vowelLatin[end[len(end)-1]] != "")
	switch f {
	case root:
		return head + stem
	case infinitive:
		return head + last
	case oblique2:
		return head + stem + "ने"
	case habitual:
		return head + stem + "ता"
	case perfective:
		if own := irregularVerbs[last][perfective]; own != "" {
			return head + strings.Fields(own)[0]
		}
		if open {
			return head + stem + "या"
		}
		return head + stem + "ा"
	case future:
		if own := irregularVerbs[last][future]; own != "" {
			return head + strings.Fields(own)[0]
		}
		if open {
			return head + stem + "एगा"
		}
		return head + stem + "ेगा"
	}
	return inf
}
