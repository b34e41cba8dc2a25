package simulator

import (
	"slices"
	"strings"
	"unicode"
)

// glosser translates word for word, with the word order put right where a rule
// can: it is no translation, and is never passed off as one.
type glosser struct {
	lexicon *lexicon
	terms   map[string]string // a call's glossary, by lexicalForm or lower-case English
}

// with is the glosser under a call's glossary, whose terms come before its own.
func (g *glosser) with(terms map[string]string, from language) *glosser {
	if len(terms) == 0 {
		return g
	}
	own := make(map[string]string, len(terms))
	for source, target := range terms {
		if from == hindi {
			own[lexicalForm(source)] = target
		} else {
			own[strings.ToLower(source)] = target
		}
	}
	return &glosser{lexicon: g.lexicon, terms: own}
}

// sentence glosses one sentence. Each word of the answer says which bytes of the
// source it came from. No Devanagari comes out of Hindi and, acronyms aside, no
// Latin letters out of English; every number keeps its value.
func (g *glosser) sentence(s string, from language) []word {
	tokens := tokenise(s)
	var items []item
	if from == hindi {
		if romanised(tokens) {
			g.lexicon.restore(tokens)
		}
		items = arrange(g.lexicon, g.items(tokens))
	} else {
		items = g.hindiItems(tokens)
	}
	out := finish(items, from.other())
	if !slices.ContainsFunc(out, func(w word) bool { return strings.ContainsFunc(w.text, spoken) }) {
		return finish(spelled(tokens), from.other())
	}
	return out
}

// spoken tells what makes a gloss more than punctuation.
func spoken(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// spelled is what becomes of a text of function words alone ("the", "का"), which
// have no counterpart: an answer of no words would be no answer.
func spelled(tokens []token) []item {
	out := make([]item, len(tokens))
	for i, t := range tokens {
		text := t.text // Devanagari is romanised at the end
		if t.kind == latinToken {
			if text = spellLetter(strings.ToUpper(t.text)); text == strings.ToUpper(t.text) {
				text = Devanagarise(t.text)
			}
		}
		out[i] = item{text: text, from: t.from, to: t.to, glued: !t.spaced}
	}
	return out
}

// item is a word or phrase on its way from a sentence to its gloss.
type item struct {
	text     string // the gloss
	form     string // the Hindi words, in lexicalForm
	class    class
	from, to int
	glued    bool // no space before it
	readings []reading
	plural   bool
	tight    bool // no space after it: an opening bracket
}

// items looks the tokens of a Hindi sentence up.
func (g *glosser) items(tokens []token) []item {
	var out []item
	for i := 0; i < len(tokens); {
		n, found := g.item(tokens, i, out)
		if len(out) > 0 && found[0].class == number && dayParts[out[len(out)-1].form] != "" && (strings.HasSuffix(found[0].text, " am") || strings.HasSuffix(found[0].text, " pm")) {
			found[0].from = out[len(out)-1].from
			out = out[:len(out)-1] // शाम 6 बजे: said by pm
		}
		out = append(out, found...)
		i += n
	}
	return out
}

// item looks up what begins at token i, and gives the number of tokens that it took.
func (g *glosser) item(tokens []token, i int, before []item) (int, []item) {
	t := tokens[i]
	one := func(text string, c class) (int, []item) {
		return 1, []item{{text: text, form: lexicalForm(t.text), class: c, from: t.from, to: t.to, glued: !t.spaced}}
	}
	switch t.kind {
	case atomToken, latinToken, verbatimToken:
		return one(t.text, name)
	case numberToken:
		if n, it := g.number(tokens, i); n > 0 {
			return n, it
		}
		return one(asciiDigits(t.text), number)
	case markToken:
		return one(asciiMark(t.text), punctuation)
	}
	if n, it := abbreviation(tokens, i); n > 0 {
		return n, it
	}
	if v, ok := readValue(tokens[i:]); ok && v.tokens > 1 { // दो सौ पचास, before any phrase that begins it
		return g.number(tokens, i)
	}
	if n, it := g.phrase(tokens, i, 2); n > 0 {
		return n, it
	}
	if n, it := g.number(tokens, i); n > 0 {
		return n, it
	}
	if n, it := g.pronounWithPost(tokens, i); n > 0 {
		return n, it
	}
	form := lexicalForm(t.text)
	if letter, ok := letterName(form); ok && i+1 < len(tokens) && tokens[i+1].text == "." && !tokens[i+1].spaced {
		it := item{text: letter + ".", form: form, class: name, from: t.from, to: tokens[i+1].to, glued: !t.spaced}
		return 2, []item{it}
	}
	n, it := g.single(tokens, i, form, before)
	it.from, it.to, it.glued, it.form = t.from, tokens[i+n-1].to, !t.spaced, form
	if it.class == title && i+n < len(tokens) && (tokens[i+n].text == "." || tokens[i+n].text == "॰") && !tokens[i+n].spaced {
		n++ // डॉ.
	}
	return n, []item{it}
}

// phrase matches the longest entry of at least least words.
func (g *glosser) phrase(tokens []token, i, least int) (int, []item) {
	var b strings.Builder
	words, best := 0, 0
	var found item
	for j := i; j < len(tokens) && words < longestPhrase; j++ {
		t := tokens[j]
		switch {
		case t.kind == wordToken && (j == i || t.spaced):
			if j > i {
				b.WriteByte(' ')
			}
		case t.kind == wordToken && tokens[j-1].text == "-":
		case t.text == "-" && !t.spaced && j > i:
			b.WriteByte('-')
			continue
		default:
			j = len(tokens)
			continue
		}
		words++
		b.WriteString(lexicalForm(t.text))
		if term, ok := g.terms[b.String()]; ok {
			best = j + 1 - i
			found = item{text: term, form: b.String(), class: name, from: tokens[i].from, to: t.to, glued: !tokens[i].spaced}
			continue
		}
		if words < least && !strings.Contains(b.String(), "-") {
			continue
		}
		if e, ok := g.lexicon.hindi[b.String()]; ok && e.class != notAPhrase {
			best = j + 1 - i
			found = item{text: e.gloss, form: b.String(), class: e.class, from: tokens[i].from, to: t.to, glued: !tokens[i].spaced}
		}
	}
	if best == 0 {
		return 0, nil
	}
	return best, []item{found}
}

// pronounWithPost reads उनके साथ as उन + के साथ.
func (g *glosser) pronounWithPost(tokens []token, i int) (int, []item) {
	t := tokens[i]
	if nextForm(tokens, i) == "पहले" {
		return 0, nil // उनके पहले उपन्यास: their first novel
	}
	form := lexicalForm(t.text)
	for _, p := range []string{"उस", "उन", "इस", "इन", "जिस", "जिन", "किस"} {
		for _, k := range []string{"के", "की"} {
			if form != p+k {
				continue
			}
			key := k
			for j := i + 1; j < len(tokens) && j <= i+2 && tokens[j].kind == wordToken; j++ {
				key += " " + lexicalForm(tokens[j].text)
				if e, ok := g.lexicon.hindi[key]; ok && e.class == post {
					return j + 1 - i, []item{
						{text: g.lexicon.hindi[p].gloss, form: p, class: oblique, from: t.from, to: t.to, glued: !t.spaced},
						{text: e.gloss, form: key, class: post, from: tokens[i+1].from, to: tokens[j].to},
					}
				}
			}
		}
	}
	return 0, nil
}

// single glosses one word: rules' list, verb, vocabulary, an inflected form of
// either, and at last letter by letter.
func (g *glosser) single(tokens []token, i int, form string, before []item) (int, item) {
	e, known := g.lexicon.hindi[form]
	readings := g.lexicon.verbs[form]
	if verb := g.asVerb(form, readings, known, e, tokens, i, before); verb {
		return 1, item{class: verbForm, readings: readings, text: readings[0].base}
	}
	if c, next := g.lexicon.hindi[nextForm(tokens, i)]; form == "पहले" && next && (c.class == noun || c.class == adjective) {
		return 1, item{text: "first", class: adjective} // पहले चरण: the first stage
	}
	if known {
		return 1, item{text: e.gloss, class: e.class}
	}
	if letters, ok := spelledLetters(form); ok {
		return 1, item{text: letters, class: name}
	}
	if e, many, ok := g.stem(form); ok {
		if many {
			return 1, item{text: plural(e.gloss), class: e.class, plural: true}
		}
		return 1, item{text: e.gloss, class: e.class}
	}
	return 1, item{text: capitalised(Romanise(tokens[i].text)), class: name}
}

// asVerb decides between a verb's form and a noun that is spelled alike.
func (g *glosser) asVerb(word string, readings []reading, known bool, e entry, tokens []token, i int, before []item) bool {
	if len(readings) == 0 {
		return false
	}
	next := nextForm(tokens, i)
	verbal := slices.ContainsFunc(readings, func(r reading) bool { return r.form == oblique2 || r.form == infinitive })
	if c := g.lexicon.hindi[next].class; next != "" && !verbal && (c == post || c == dative || c == ergative || c == genitive && next != "की") {
		return false // सीता को: a name, not "sews"
	}
	if word == "की" || word == "के" || word == "पर" || word == "ही" || word == "न" {
		// की is "of", but "did" at the end of a clause.
		if i+1 < len(tokens) && tokens[i+1].kind != wordToken && tokens[i+1].kind != markToken {
			return false // की 5 तारीख
		}
		return word == "की" && g.endsClause(next, tokens, i) && len(before) > 0 && before[len(before)-1].class != verbForm
	}
	if !known {
		return true
	}
	has := func(forms ...form) bool {
		return slices.ContainsFunc(readings, func(r reading) bool { return slices.Contains(forms, r.form) })
	}
	switch {
	case has(presentBe, pastBe, ought):
		return true
	case e.class != noun && e.class != adjective && e.class != name && e.class != unit:
		return false // a function word, an adverb
	case g.auxiliary(next), has(root) && g.completes(next):
		return true
	case has(perfective, habitual, future, conjunctive):
		return g.endsClause(next, tokens, i) || e.class != adjective && !has(root, infinitive, oblique2) && e.class != noun
	}
	return false
}

// auxiliary tells the words that follow a verb alone.
func (g *glosser) auxiliary(next string) bool {
	for _, r := range g.lexicon.verbs[next] {
		switch r.verb {
		case "रहना", "सकना", "चुकना":
			return r.form == perfective || r.form == habitual || r.form == future || r.form == subjunctive
		case "चाहिए":
			return true
		}
	}
	return false
}

// completes tells the light verbs that stand behind a root: जीत ली.
func (g *glosser) completes(next string) bool {
	return slices.ContainsFunc(g.lexicon.verbs[next], func(r reading) bool {
		return (r.form == perfective || r.form == future) && slices.Contains(light, r.verb)
	})
}

// endsClause tells whether a finite verb may end here: before punctuation, the
// sentence's end, a conjunction or an auxiliary.
func (g *glosser) endsClause(next string, tokens []token, i int) bool {
	if next == "" {
		return true
	}
	for _, r := range g.lexicon.verbs[next] {
		switch {
		case r.form == presentBe, r.form == pastBe:
			return true
		case r.verb == "जाना" || r.verb == "रहना" || r.verb == "होना" || r.verb == "सकना":
			return true
		}
	}
	e := g.lexicon.hindi[next]
	return e.class == conjunction || e.class == relative || e.class == joiner
}

// nextForm is the next word, "" before anything else.
func nextForm(tokens []token, i int) string {
	if i+1 < len(tokens) && tokens[i+1].kind == wordToken {
		return lexicalForm(tokens[i+1].text)
	}
	return ""
}

// endings are what a noun or an adjective may have lost or changed, longest
// first: the ending, what stands there in the lexicon, whether it marks many.
var endings = []struct {
	ending string
	stems  []string
	many   bool
}{
	{"ियों", []string{"ी", "ि"}, true}, {"ियां", []string{"ी", "ि"}, true}, {"ुओं", []string{"ू", "ु"}, true}, {"ाओं", []string{"ा"}, true}, {"ाएं", []string{"ा"}, true},
	{"ुएं", []string{"ू", "ु"}, true}, {"ओं", []string{"", "ा"}, true}, {"एं", []string{""}, true}, {"ों", []string{"", "ा", "ी"}, true}, {"ें", []string{""}, true},
	{"े", []string{"ा", ""}, false}, {"ी", []string{"ा", ""}, false}, {"ीं", []string{"ा"}, false}, {"ए", []string{"ा", "या"}, false},
	{"वासियों", []string{""}, true}, {"पूर्वक", []string{""}, false},
}

// stem finds the entry of which a form is an inflection.
func (g *glosser) stem(form string) (e entry, many, ok bool) {
	for _, end := range endings {
		base, cut := strings.CutSuffix(form, end.ending)
		if !cut || base == "" {
			continue
		}
		for _, s := range end.stems {
			if e, ok := g.lexicon.hindi[base+s]; ok && (e.class == noun || e.class == adjective || e.class == unit || e.class == title) && e.gloss != "" {
				return e, end.many && e.class == noun, true
			}
		}
	}
	return entry{}, false, false
}

// asciiMark is a mark as English writes it.
func asciiMark(s string) string {
	switch s {
	case "।", "॥", "|":
		return "."
	case "॰":
		return "."
	}
	return s
}

// finish joins the items into words: spaces, capitals at the start, and the last
// sweep that lets no letter of the source's script through.
func finish(items []item, to language) []word {
	var out []word
	tight := false
	for _, it := range items {
		text := it.text
		if to == english {
			text = sweep(asciiDigits(text), func(s string) string { return capitalised(Romanise(s)) }, devanagariWord)
			text = sweep(text, func(string) string { return "" }, func(r rune) bool { return unicode.Is(unicode.Devanagari, r) })
		}
		if text == "" {
			continue
		}
		space := " "
		if it.glued || tight || len(out) == 0 {
			space = ""
		}
		tight = it.tight
		if space == "" && len(out) > 0 { // one word: the punctuation goes with it
			out[len(out)-1].text += text
			if out[len(out)-1].from == out[len(out)-1].to {
				out[len(out)-1].from, out[len(out)-1].to = it.from, it.to
			}
			continue
		}
		parts := strings.Fields(text)
		for k, p := range parts {
			w := word{space: " ", text: p, from: it.from, to: it.to}
			if k == 0 {
				w.space = space
			}
			out = append(out, w)
		}
	}
	if to == english {
		articles(out)
	}
	if to == english && len(out) > 0 {
		out[0].text = capitalised(out[0].text)
	}
	return out
}

// articles writes "an" before a vowel and "one" where no noun follows.
func articles(words []word) {
	for i := range words {
		if words[i].text != "a" {
			continue
		}
		next := ""
		if i+1 < len(words) {
			next = words[i+1].text
		}
		switch {
		case next == "" || slices.Contains([]string{"is", "are", "was", "were", "in", "of", "to", "from", "and"}, next):
			words[i].text = "one"
		case strings.ContainsRune("aeiouAEIO", rune(next[0])) && !strings.HasPrefix(next, "uni") && !strings.HasPrefix(next, "eu"):
			words[i].text = "an"
		}
	}
}

// sweep rewrites each run of the runes that in tells.
func sweep(s string, rewrite func(string) string, in func(rune) bool) string {
	if !strings.ContainsFunc(s, in) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		if end := runEnd(s, i, in); end > i {
			b.WriteString(rewrite(s[i:end]))
			i = end
			continue
		}
		end := runEnd(s, i, func(r rune) bool { return !in(r) })
		b.WriteString(s[i:end])
		i = end
	}
	return b.String()
}
