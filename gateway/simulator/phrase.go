package simulator

import (
	"slices"
	"strings"
)

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

func (n *nounPhrase) empty() bool { return len(n.parts) == 0 && len(n.done) == 0 }

func (n *nounPhrase) add(it item) {
	if len(n.parts) == 0 {
		n.parts = [][]item{nil}
	}
	if len(n.links) == len(n.parts) {
		n.parts = append(n.parts, nil)
	}
	k := len(n.parts) - 1
	n.parts[k] = append(n.parts[k], it)
}

func (n *nounPhrase) lastItem() (it item, ok bool) {
	if len(n.parts) == 0 || len(n.links) == len(n.parts) {
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
	if len(n.parts) == 0 {
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

// set makes a set of words.
func set(words string) map[string]bool {
	m := make(map[string]bool)
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
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

// countNouns gives the plural to the noun behind a number or a word of many:
// Hindi leaves most masculine nouns as they are (तीन दिन).
func (n *nounPhrase) countNouns() {
	for _, part := range n.parts {
		for i := 0; i < len(part); i++ {
			if !many(part[i]) {
				continue
			}
			j := i + 1
			for j < len(part) && (part[j].class == adjective || part[j].class == determiner) {
				j++
			}
			for j+1 < len(part) && part[j].class == noun && part[j+1].class == noun {
				j++
			}
			if j < len(part) && (part[j].class == noun && part[j].text != "date" || part[j].class == unit && spans[part[j].text]) {
				part[j].text, part[j].plural = plural(part[j].text), true
			}
			i = j
		}
	}
}

// spans are the units of time, which the vocabulary has in the singular.
var spans = set("second minute hour day week month year decade century")

func many(it item) bool {
	if it.class == number {
		last := it.text[len(it.text)-1:]
		return it.text != "1" && it.text != "one" && it.text != "0" && (strings.Contains("0123456789", last) || strings.HasSuffix(it.text, "illion") || slices.Contains(englishSmall, it.text))
	}
	return slices.Contains([]string{"many", "both", "these", "those", "several"}, it.text) || strings.HasSuffix(it.text, "s of")
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

// heads are the nouns that a place's name follows: राजधानी दिल्ली.
var heads = set("राजधानी शहर राज्य जिला जिले गांव देश प्रदेश प्रांत महानगर कस्बा कस्बे नगर तहसील स्टेशन हवाईअड्डा टीम विधायक सांसद")

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
