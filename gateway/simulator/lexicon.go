package simulator

import (
	"embed"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/unicode/norm"
)

// The word lists: grammar.tsv, verbs.tsv and english.tsv are what the rules here
// build on, lexicon.tsv is the vocabulary. A line is: Hindi forms parted by "|", a
// tab, the English gloss, a tab, a class. Lines that begin with # are comments.
//
//go:embed *.tsv
var wordLists embed.FS

// class is what a word is for the rules.
type class uint8

const (
	noun      class = iota // and whatever stands inside a noun phrase
	adjective              // likewise
	name                   // of a person, an agency; whatever is transliterated
	place                  // of a country, a city
	adverb
	post // postposition
	genitive
	ergative // ने
	dative   // को
	conjunction
	joiner // and, or
	particle
	also
	negation
	pronoun
	subject     // a pronoun with ने in it
	datPronoun  // a pronoun with को in it
	oblique     // this, that before a noun; him, it before a postposition
	possessive  // my, his: may stand before a postposition too
	determiner  // both, some
	suchAs      // A जैसे B: B such as A
	wala        // the -er of a verb
	makesAdverb // ADJ रूप से
	makesWay    // ADJ तरीके से
	relative    // जो: who or which, by what stands before
	yesterday   // कल: yesterday or tomorrow, by the verb's tense
	oclock
	title
	demonstrative
	verbForm // comes with a verb reading
	punctuation
	weekday // and other times that take "on"
	number
	notAPhrase // keeps a phrase of the vocabulary from being taken as one
	unit       // of money, length, time: what a number counts
)

var classNames = map[string]class{
	"post": post, "postposition": post, "gen": genitive, "ne": ergative, "ko": dative, "conj": conjunction, "conjunction": conjunction,
	"and": joiner, "rel": relative, "part": particle, "particle": particle, "also": also, "neg": negation, "negation": negation, "pron": pronoun, "pronoun": pronoun,
	"subj": subject, "kopron": datPronoun, "obl": oblique, "poss": possessive, "det": determiner, "determiner": determiner,
	"such": suchAs, "wala": wala, "ly": makesAdverb, "way": makesWay, "kal": yesterday, "baje": oclock, "title": title, "this": demonstrative,
	"adv": adverb, "adverb": adverb, "adj": adjective, "adjective": adjective, "name": name, "place": place, "country": place, "city": place, "org": name,
	"state": place, "month": name, "weekday": weekday, "day": weekday, "party": name, "language": name, "honorific": title, "acronym": name,
	"none": notAPhrase, "num": number, "unit": unit,
}

// entry is one word or phrase of the lexicon.
type entry struct {
	gloss string
	class class
}

// lexicon is the vocabulary in both directions.
type lexicon struct {
	hindi    map[string]entry     // by lexicalForm, words parted by one space
	verbs    map[string][]reading // inflected forms of the verbs
	conjunct map[string]string    // "घोषणा करना" → announce
	english  map[string]string    // lower-case English → Hindi
	bases    map[string]string    // English verb base → Hindi infinitive

	soundIndex
	function  map[string]functionWord  // English words of grammar
	inflected map[string]inflectedVerb // forms of the verbs of bases
}

// longestPhrase is the number of words in the longest entry looked for.
const longestPhrase = 4

// lexicalForm is the form in which Hindi words are looked up, so that spellings
// that differ in custom alone meet: no joiners, no nukta but in ड़ and ढ़, a
// chandrabindu as anusvara, a nasal before its own class as anusvara (हिन्दी =
// हिंदी).
func lexicalForm(s string) string {
	simple := true
	for _, r := range s {
		if r == nukta || r == chandrabind || r == virama || r >= 0x0958 && r <= 0x095F || r == '\u200C' || r == '\u200D' ||
			r == '\u0929' || r == '\u0931' || r == '\u0934' {
			simple = false
			break
		}
	}
	if simple {
		return s
	}
	in := []rune(norm.NFD.String(s))
	out := make([]rune, 0, len(in))
	for i := 0; i < len(in); i++ {
		r := in[i]
		switch {
		case r == '\u200C' || r == '\u200D':
			continue
		case r == chandrabind:
			r = anusvara
		case r == nukta && len(out) > 0 && out[len(out)-1] != 'ड' && out[len(out)-1] != 'ढ':
			continue
		case i+2 < len(in) && in[i+1] == virama && i > 0 && homorganic(r, in[i+2]):
			out = append(out, anusvara)
			i++
			continue
		}
		out = append(out, r)
	}
	return string(out)
}

// homorganic tells a nasal that stands before a stop of its own place.
func homorganic(nasal, next rune) bool {
	switch nasal {
	case 'ङ':
		return next >= 'क' && next <= 'घ'
	case 'ञ':
		return next >= 'च' && next <= 'झ'
	case 'ण':
		return next >= 'ट' && next <= 'ढ'
	case 'न':
		return next >= 'त' && next <= 'ध'
	case 'म':
		return next >= 'प' && next <= 'भ'
	}
	return false
}

// demoGlosser is the glosser with the whole vocabulary, read once a process.
var demoGlosser = sync.OnceValue(func() *glosser { return &glosser{lexicon: readLexicon(true)} })

// plainGlosser knows the rules' words alone.
var plainGlosser = sync.OnceValue(func() *glosser { return &glosser{lexicon: readLexicon(false)} })

// readLexicon reads the word lists; without vocabulary, those of the rules alone.
// A form keeps its first entry, and the rules' lists come first.
func readLexicon(vocabulary bool) *lexicon {
	l := &lexicon{
		hindi: make(map[string]entry), verbs: make(map[string][]reading), conjunct: make(map[string]string),
		english: make(map[string]string), bases: make(map[string]string),
	}
	eachRow("grammar.tsv", func(forms []string, gloss, tag string) {
		for _, f := range forms {
			l.hindi[f] = entry{gloss, classNames[tag]}
		}
	})
	eachRow("verbs.tsv", func(forms []string, gloss, _ string) {
		for _, f := range forms {
			l.addVerb(f, gloss)
		}
	})
	if vocabulary {
		eachRow("lexicon.tsv", l.addWord)
	}
	l.addCopula()
	l.function = make(map[string]functionWord)
	eachRow("english.tsv", func(forms []string, gloss, tag string) {
		for _, f := range forms {
			l.function[f] = functionWord{gloss, tag}
		}
	})
	l.inflectEnglish()
	return l
}

// addWord adds a row of the vocabulary. Of verbs only the infinitives count: the
// rules of verb.go make the other forms.
func (l *lexicon) addWord(forms []string, gloss, tag string) {
	if tag == "verb" {
		base, ok := strings.CutPrefix(gloss, "to ")
		for _, f := range forms {
			if ok && strings.HasSuffix(f, "ना") {
				l.addVerb(f, base)
			}
		}
		return
	}
	if strings.HasPrefix(gloss, "'") {
		return // the genitive is the rules' business
	}
	c := classNames[tag]
	if c == weekday && strings.HasPrefix(gloss, "on ") {
		return // सोमवार को: the rule for को says "on"
	}
	if first, _, two := strings.Cut(gloss, " "); c == pronoun && two && slices.Contains([]string{"from", "in", "of", "to", "on", "with"}, first) {
		c = adverb // उनमें, जिनसे
	}
	for _, f := range forms {
		if _, taken := l.hindi[f]; !taken {
			l.hindi[f] = entry{gloss, c}
		}
	}
	if key := strings.ToLower(gloss); key != "" && len(forms) > 0 {
		if _, taken := l.english[key]; !taken {
			l.english[key] = forms[0]
		}
	}
}

// eachRow reads a word list; a list that is not there is empty.
func eachRow(file string, row func(forms []string, gloss, tag string)) {
	data, _ := wordLists.ReadFile(file)
	for line := range strings.Lines(string(data)) {
		line = strings.TrimRight(line, "\r\n ")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		columns := append(strings.Split(line, "\t"), "", "")
		forms := strings.Split(columns[0], "|")
		for i := range forms {
			forms[i] = lexicalForm(strings.TrimSpace(forms[i]))
		}
		row(forms, strings.TrimSpace(columns[1]), strings.TrimSpace(columns[2]))
	}
}

// named tells the names.
func (c class) named() bool { return c == name || c == place }
