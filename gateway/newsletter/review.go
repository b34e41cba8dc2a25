package newsletter

import (
	"fmt"
	"slices"
	"strconv"

	"dubhashi/gateway/article"
)

// Review is what the template of the review page gets: the edition as its
// editor checks it, each paragraph with what it was translated from beside it.
type Review struct {
	*Edition
	MailBytes, MailLimit int
	Shortened            []*Story // whose summaries stand for them in the mail
	OpenFlags            []ReviewFlag
	Parts                []ReviewPart
}

// ReviewPart is a story, or the text before or behind the stories.
type ReviewPart struct {
	Name    string // in the editor's words: Intro, Story 3
	Section Text   // that starts here; nil: none does
	Story   *Story // nil: it is no story
	Groups  []ReviewGroup
}

// ReviewGroup is a run of paragraphs.
type ReviewGroup struct {
	Name  string // Headline, Summary, Text
	Note  string // "" = none
	Pairs []ReviewPair
}

// ReviewPair is one paragraph, its original first.
type ReviewPair struct {
	Block
	Columns []ReviewColumn
	Flags   []ReviewFlag
}

// ReviewColumn is a paragraph in one language.
type ReviewColumn struct {
	Lang              string
	Original, Missing bool
}

// ReviewFlag is a flag with its place on the page.
type ReviewFlag struct {
	Flag
	Anchor string
	Where  string
}

// review is the editor's page: what is wrong, and every paragraph in full.
func (r *Renderer) review(e *Edition) ([]byte, error) {
	view := Review{Edition: e, MailBytes: e.mailBytes, MailLimit: MailLimit}
	if view.MailBytes == 0 {
		mail, err := r.mailHTML(e)
		if err != nil {
			return nil, err
		}
		view.MailBytes = len(mail)
	}
	for i, n := range e.Notices {
		if n.open() {
			view.OpenFlags = append(view.OpenFlags, ReviewFlag{Flag{ID: n.Flag, Code: n.Code, Message: n.Message}, view.NoticeAnchor(i), n.Where})
		}
	}
	view.add("Intro", nil, ReviewGroup{Pairs: e.checked(e.Intro)})
	n := 0
	for _, section := range e.Sections {
		for i, s := range section.Stories {
			n++
			if s.Short {
				view.Shortened = append(view.Shortened, s)
			}
			view.add("Story "+strconv.Itoa(n), s, e.groups(s)...)
			if i == 0 {
				view.Parts[len(view.Parts)-1].Section = section.Title
			}
		}
	}
	view.add("Footer", nil, ReviewGroup{Pairs: e.checked(e.Footer)})
	page, err := r.execute("review.html", view)
	if err != nil {
		return nil, err
	}
	return []byte(printable(string(page))), nil
}

// add adds a part and numbers its flags.
func (v *Review) add(name string, s *Story, groups ...ReviewGroup) {
	part := ReviewPart{Name: name, Story: s}
	for _, g := range groups {
		if len(g.Pairs) == 0 {
			continue
		}
		for i := range g.Pairs {
			for _, f := range g.Pairs[i].Pair.Flags {
				flag := ReviewFlag{Flag: f, Where: name}
				if !f.Accepted {
					flag.Anchor = "flag-" + strconv.Itoa(len(v.OpenFlags)+1)
					v.OpenFlags = append(v.OpenFlags, flag)
				}
				g.Pairs[i].Flags = append(g.Pairs[i].Flags, flag)
			}
		}
		part.Groups = append(part.Groups, g)
	}
	if len(part.Groups) > 0 {
		v.Parts = append(v.Parts, part)
	}
}

func (e *Edition) groups(s *Story) []ReviewGroup {
	body := ReviewGroup{Name: "Text", Pairs: e.checked(s.Body)}
	summary := ReviewGroup{Name: "Summary", Pairs: e.checked(s.Summary)}
	if s.Short {
		body.Note = "Not in the e-mail, which would be too long: its summary stands there."
		if len(s.Summary) == 0 {
			body.Note = ""
		}
	}
	return []ReviewGroup{{Name: "Headline", Pairs: e.checked([]Pair{s.Headline})}, summary, body}
}

// checked are paragraphs as an editor compares them: with the original, also in
// an edition of the other language alone.
func (e *Edition) checked(pairs []Pair) []ReviewPair {
	var list []ReviewPair
	for _, b := range blocks(pairs, e.Languages) {
		p := ReviewPair{Block: b.Alone()}
		once := b.Once || b.Kind == article.Code
		switch {
		case once && len(b.Languages) > 0:
			p.Columns = []ReviewColumn{{Lang: b.Languages[0]}}
		default:
			order := e.Languages
			if b.Original != "" {
				order = []string{b.Original, other(b.Original)}
			}
			for _, l := range order {
				if b.Has(l) || slices.Contains(b.Missing, l) {
					p.Columns = append(p.Columns, ReviewColumn{l, l == b.Original, !b.Has(l)})
				}
			}
		}
		if len(p.Columns) > 0 {
			list = append(list, p)
		}
	}
	return list
}

// Mark is what stands before an item of a list, "" before all else.
func (p ReviewPair) Mark() string {
	switch {
	case !p.item():
		return ""
	case p.ordered():
		return strconv.Itoa(p.Number) + "."
	}
	return "•"
}

// Open reports whether the pair has a flag that the editor has not accepted.
func (p ReviewPair) Open() bool { return p.Doubtful() }

// NoticeAnchor is where the notice with that index stands on the page.
func (v Review) NoticeAnchor(i int) string { return "notice-" + strconv.Itoa(i+1) }

// Percent is how full the mail is, of what fits.
func (v Review) Percent() int { return v.MailBytes * 100 / v.MailLimit }

// Bytes is a number of bytes with its thousands parted.
func (v Review) Bytes(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%s,%03d", v.Bytes(n/1000), n%1000)
}
