package newsletter

import (
	"cmp"
	"fmt"
	"html"
	"slices"
	"strings"
	"time"

	"dubhashi/gateway"
)

// feedView is an edition as a feed tells it: an entry a story, whole.
type feedView struct {
	ID        string
	Language  string // of what does not say its own
	Title     string
	About     string
	Languages []string
	Updated   time.Time
	Entries   []feedEntry
}

// feedEntry is one story in a feed.
type feedEntry struct {
	ID, Title, Link    string
	Language           string // "" = two
	Publication        string
	Section            string
	Summary            string // words, where there is more; else ""
	Content            string // HTML
	Image              string
	Published, Updated time.Time // Published zero: unknown
}

// feedLanguages are those that a form of feed is in.
func feedLanguages(e *Edition, f Form) ([]string, error) {
	want := map[Form]string{AtomHindi: "hi", FeedHindi: "hi", AtomEng: "en", FeedEng: "en"}[f]
	switch {
	case want == "":
		return e.Languages, nil
	case !slices.Contains(e.Languages, want):
		return nil, &gateway.Error{Code: gateway.Invalid, Message: fmt.Sprintf(
			"the form %s needs the language %s, which this issue does not have: add it to languages", f, want)}
	}
	return []string{want}, nil
}

// feed is the edition as a feed. Its ids are those of the edition and of its
// stories; of a feed in one of two languages, ids of their own, which are as
// stable: a reader may well have both feeds.
func (e *Edition) feed(f Form) (*feedView, error) {
	languages, err := feedLanguages(e, f)
	if err != nil {
		return nil, err
	}
	own := func(id string) string {
		if f == Atom || f == JSONFeed {
			return id
		}
		return urn(id, languages[0])
	}
	v := &feedView{
		ID: own(e.ID), Language: languages[0], Languages: languages, Updated: e.Date,
		Title: e.Title.both(languages, " / "), About: words(blocks(e.Intro, languages)),
	}
	v.Title = cmp.Or(v.Title, "—") // no feed is without one
	seen := map[string]int{}
	for _, section := range e.whole(languages).Sections {
		for _, s := range section.Stories {
			entry := e.entry(s, languages)
			entry.Title = cmp.Or(entry.Title, v.Title)
			entry.Section = section.Title.both(languages, " / ")
			id := own(s.ID)
			if seen[id]++; seen[id] > 1 {
				id = urn(id, fmt.Sprint(seen[id])) // an id twice is no feed (RFC 4287 section 4.1.1)
			}
			entry.ID = id
			if entry.Updated.After(v.Updated) {
				v.Updated = entry.Updated
			}
			v.Entries = append(v.Entries, entry)
		}
	}
	return v, nil
}

func (e *Edition) entry(s PageStory, languages []string) feedEntry {
	entry := feedEntry{
		Title: strings.Join(s.Headline.lines(), " / "), Link: s.Href(), Publication: oneLine(s.Publication),
		Content: printable(e.entryHTML(s, languages)), Image: s.Image.Src(), Published: s.Published, Updated: e.Date,
	}
	if len(s.Headline.Languages) == 1 {
		entry.Language = s.Headline.Lang(s.Headline.Languages[0])
	}
	if len(s.Parts) > 1 {
		entry.Summary = words(s.Parts[0].Blocks)
	}
	if s.Published.After(entry.Updated) { // on the day of the issue
		entry.Updated = s.Published
	}
	return entry
}

// entryHTML is what a feed holds of a story: HTML without styles, for those are
// the reading program's.
func (e *Edition) entryHTML(s PageStory, languages []string) string {
	var b strings.Builder
	if e.Demo() {
		for _, l := range languages {
			fmt.Fprintf(&b, "<p lang=\"%s\"><strong>%s</strong></p>\n", l, html.EscapeString(wordsIn(l).Demo))
		}
	}
	if src := s.Image.Src(); src != "" {
		fmt.Fprintf(&b, "<p><img src=\"%s\" alt=\"%s\"></p>\n", html.EscapeString(src), html.EscapeString(s.Image.AltIn(languages)))
	}
	b.WriteString(notesHTML(s.Headline))
	for _, part := range s.Parts {
		for _, block := range part.Blocks {
			b.WriteString(string(block.open("")))
			for _, l := range block.Languages {
				b.WriteString(string(block.element(l, "")))
			}
			b.WriteString(notesHTML(block) + string(block.Close()) + "\n")
		}
	}
	if b.Len() == 0 { // all there is, is the headline
		for _, l := range s.Headline.Languages {
			fmt.Fprintf(&b, "<p lang=\"%s\">%s</p>\n", s.Headline.Lang(l), html.EscapeString(s.Headline.Plain(l)))
		}
	}
	return strings.TrimSpace(b.String())
}

func notesHTML(b Block) string {
	s := ""
	for _, n := range b.Notes() {
		s += fmt.Sprintf("<p lang=\"%s\"><small>%s</small></p>", n.Lang, html.EscapeString(n.Text))
	}
	return s
}

// words are the words of paragraphs, one behind the other: each language for
// itself.
func words(list []Block) string {
	by := map[string][]string{}
	var order []string
	for _, b := range list {
		for _, l := range b.Languages {
			if by[l] == nil {
				order = append(order, l)
			}
			by[l] = append(by[l], oneLine(b.Plain(l))+b.Dagger(l))
		}
	}
	var lines []string
	for _, l := range order {
		lines = append(lines, strings.Join(by[l], " "))
	}
	return strings.Join(lines, "\n")
}

// author is who a feed is by: the sender, or the newsletter itself.
func (e *Edition) author(v *feedView) string {
	if name := oneLine(e.Sender.Name); name != "" {
		return name
	}
	return v.Title
}
