package newsletter

import (
	"time"

	"dubhashi/gateway"
	"dubhashi/gateway/api"
	"dubhashi/gateway/article"
)

// Edition is an issue that was made: everything that its forms are written
// from, and what own templates get.
type Edition struct {
	ID        string   // a URN, the same for the same date and seen name, or title
	Languages []string // those shown, in their order: "hi", "en"
	Layout    string
	Title     Text
	Subject   string // of the e-mail
	Preheader string
	Date      time.Time
	Intro     []Pair
	Footer    []Pair
	Contents  bool // the line "in this issue" is wanted
	Sections  []Section
	Sender    api.IssueSender
	Notices   []Notice
	Partial   bool // something that was ordered is missing: see Notices
	Usage     gateway.Usage

	mailBytes int // of the HTML, when it was last fitted
}

// Text is a short text by language.
type Text map[string]string

// Section is some stories under a heading.
type Section struct {
	Title   Text // nil: no heading
	Stories []*Story
}

// Story is one story of an edition.
type Story struct {
	ID          string // a URN, the same for the same source
	Language    string // that it was written in
	Link        string // "" = none
	Publication string
	Published   time.Time // zero: unknown
	Headline    Pair
	Image       *Image
	Summary     []Pair
	Body        []Pair // of lead and full
	Show        string // summary, lead, full
	Short       bool   // in the e-mail a summary stands for the body, which would be too long
	More        bool   // the body is not the whole story
	Minutes     map[string]int
}

// Image is a picture, by its address.
type Image struct {
	URL string
	Alt Text
}

// Pair is one paragraph in each language.
type Pair struct {
	Kind     article.Kind
	Level    int // of a heading
	Depth    int // of a list item
	Number   int // of an item of an ordered list
	Original string
	By       map[string]article.Inline // by language; missing: not translated
	Once     bool                      // nothing to show twice: code, or words that are the same in both
	Flags    []Flag
}

// Flag marks a paragraph that an editor has to look at.
type Flag struct {
	ID            string // of this flag on these words
	Code, Message string
	Accepted      bool
}

// Notice tells the editor of something that is not as it was ordered.
type Notice struct {
	Where   string // e.g. feeds[1]; "" = the whole issue
	URL     string
	Code    string
	Message string

	// Flag is the id of a flag on words where no mark can stand, as in the title;
	// else "".
	Flag     string
	Accepted bool
}

// Stories are all stories, in order.
func (e *Edition) Stories() []*Story {
	var list []*Story
	for _, s := range e.Sections {
		list = append(list, s.Stories...)
	}
	return list
}

// Demo reports whether the built-in demo model had a hand in it: such an
// edition is not to be published.
func (e *Edition) Demo() bool {
	for _, n := range e.Notices {
		if n.Code == "demo_model" {
			return true
		}
	}
	return false
}

// Open is how many flags the editor has not accepted.
func (e *Edition) Open() int {
	n := 0
	for _, notice := range e.Notices {
		if notice.open() {
			n++
		}
	}
	e.eachPair(func(p *Pair) {
		for _, f := range p.Flags {
			if !f.Accepted {
				n++
			}
		}
	})
	return n
}

// open reports whether the notice is a flag that the editor has not accepted.
func (n Notice) open() bool { return n.Flag != "" && !n.Accepted }

// eachPair calls f with every pair of the edition.
func (e *Edition) eachPair(f func(*Pair)) {
	all := func(pairs []Pair) {
		for i := range pairs {
			f(&pairs[i])
		}
	}
	all(e.Intro)
	for _, s := range e.Stories() {
		f(&s.Headline)
		all(s.Summary)
		all(s.Body)
	}
	all(e.Footer)
}

// picture reports whether the pair is an image alone.
func (p Pair) picture() bool {
	in := p.By[p.Original]
	return p.Once && p.Kind != article.Code && len(in.Images()) > 0 && in.String() == ""
}

// Plain is the words in a language, without marks; "" where they are missing.
func (p Pair) Plain(lang string) string { return p.By[lang].String() }

// Has reports whether there is text in a language.
func (p Pair) Has(lang string) bool { return len(p.By[lang]) > 0 }

// Doubtful reports whether a flag is open: the e-mail says so.
func (p Pair) Doubtful() bool {
	for _, f := range p.Flags {
		if !f.Accepted {
			return true
		}
	}
	return false
}

// InMail is what the e-mail shows of the story: summary, lead or full.
func (s *Story) InMail() string {
	if s.Short {
		return ShowSummary
	}
	return s.Show
}

// How much of a story is shown.
const (
	ShowSummary = "summary"
	ShowLead    = "lead"
	ShowFull    = "full"
)

// How the languages stand.
const (
	Stacked      = "stacked"
	SideBySide   = "side-by-side"
	SummaryFirst = "summary-first"
)
