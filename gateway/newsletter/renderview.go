package newsletter

import (
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"dubhashi/gateway/article"
)

// Page is what the template of the whole mail gets: the edition, with its
// stories and paragraphs as they are shown.
type Page struct {
	*Edition
	Intro, Footer []Block
	Sections      []PageSection
}

// PageSection is some stories under a heading.
type PageSection struct {
	Title     Text
	Languages []string // that the title is shown in; none: there is no heading
	Stories   []PageStory
}

// PageStory is one story as it is shown.
type PageStory struct {
	*Story
	Edition  *Edition
	Shown    string // summary, lead, full: what stands here
	Headline Block
	Parts    []Part
}

// Part is a run of paragraphs: a summary or a body.
type Part struct {
	Summary bool
	Blocks  []Block
}

// Block is one paragraph as it is shown.
type Block struct {
	Pair
	Languages []string // that it is shown in
	Missing   []string // that were ordered and are not there
	First     bool     // the first item of a list
	Last      bool     // the last one
	summary   bool     // in no language is it a text that somebody wrote
}

// page is the edition as the mail shows it: long stories by their summaries.
func (e *Edition) page() Page { return e.pageOf((*Story).InMail, e.Languages, e.Layout) }

// whole is the edition with the stories as they were ordered, however long.
func (e *Edition) whole(languages []string) Page {
	return e.pageOf(func(s *Story) string { return s.Show }, languages, Stacked)
}

func (e *Edition) pageOf(show func(*Story) string, languages []string, layout string) Page {
	p := Page{Edition: e, Intro: blocks(e.Intro, languages), Footer: blocks(e.Footer, languages)}
	for _, s := range e.Sections {
		section := PageSection{Title: s.Title, Languages: s.Title.shown(languages)}
		for _, story := range s.Stories {
			view := PageStory{Story: story, Edition: e, Shown: show(story), Headline: block(story.Headline, languages)}
			view.Parts = parts(story, view.Shown, languages, layout)
			section.Stories = append(section.Stories, view)
		}
		p.Sections = append(p.Sections, section)
	}
	return p
}

// parts is what of a story is shown, in which languages. With the layout
// summary-first, readers of the second language get the summary and readers of
// the first the body below it; a story that has no body to show has its summary
// in both.
func parts(s *Story, show string, languages []string, layout string) []Part {
	summary, body := s.Summary, s.Body
	if show == ShowSummary && len(summary) > 0 {
		body = nil
	}
	above, below := languages, languages
	if layout == SummaryFirst && len(languages) > 1 && len(summary) > 0 {
		above = languages[1:]
		if below = languages[:1]; len(body) == 0 {
			above = append(append([]string{}, above...), below...)
		}
	}
	var list []Part
	if len(summary) > 0 {
		part := Part{true, blocks(summary, above)}
		for i := range part.Blocks {
			part.Blocks[i].summary = true
		}
		list = append(list, part)
	}
	if len(body) > 0 {
		list = append(list, Part{false, blocks(body, below)})
	}
	return list
}

// blocks are the pairs as they are shown, with the ends of lists marked.
func blocks(pairs []Pair, languages []string) []Block {
	list := make([]Block, 0, len(pairs))
	for _, p := range pairs {
		list = append(list, block(p, languages))
	}
	for i := range list {
		if !list[i].item() {
			continue
		}
		list[i].First = i == 0 || !list[i-1].item() || list[i-1].ordered() != list[i].ordered()
		list[i].Last = i == len(list)-1 || !list[i+1].item() || list[i+1].ordered() != list[i].ordered()
	}
	return list
}

// block decides which languages a pair is shown in. What is the same in both is
// shown once; where a translation is missing, the original stands for it.
func block(p Pair, languages []string) Block {
	b := Block{Pair: p.bare()}
	if p.Kind == article.Code || p.Once {
		for _, l := range append([]string{p.Original}, languages...) {
			if p.Has(l) {
				b.Languages = []string{l}
				return b
			}
		}
	}
	for _, l := range languages {
		if p.Has(l) {
			b.Languages = append(b.Languages, l)
		} else {
			b.Missing = append(b.Missing, l)
		}
	}
	if len(b.Languages) == 0 && p.Has(p.Original) {
		b.Languages = []string{p.Original}
	}
	return b
}

// bare is the pair without the marks of lists that plain text carries in its
// words: every form writes its own.
func (p Pair) bare() Pair {
	if p.Kind != article.ListItem {
		return p
	}
	by := make(map[string]article.Inline, len(p.By))
	for lang, in := range p.By {
		by[lang] = article.Block{Kind: p.Kind}.Bare(in)
	}
	p.By = by
	return p
}

func (b Block) item() bool    { return b.Kind == article.ListItem }
func (b Block) ordered() bool { return b.Number > 0 }

// Lang is the value of the attribute lang of a language's text: of a text that
// is the same in both, what its script says.
func (b Block) Lang(lang string) string {
	if b.Once {
		return languageOf(b.Plain(lang))
	}
	return lang
}

// HTML is the words in a language with their marks, links and pictures.
func (b Block) HTML(lang string) template.HTML {
	return template.HTML(sanitizeOut(b.By[lang].HTML()))
}

// Element is the words in a language as an element of its kind: a paragraph, a
// heading, a quotation, code. An item of a list is a paragraph: see Open.
func (b Block) Element(lang string) template.HTML {
	class := b.Lang(lang)
	if len(b.Languages) > 0 && lang != b.Languages[0] {
		class += " s"
	}
	switch b.Kind {
	case article.Caption, article.Byline, article.Dateline:
		class += " small"
	}
	return b.element(lang, ` class="`+class+`"`)
}

func (b Block) element(lang, class string) template.HTML {
	tag := "p"
	switch b.Kind {
	case article.Title, article.Heading:
		tag = "h" + strconv.Itoa(min(max(b.Level+1, 3), 6)) // below the story's headline, which is h2
	case article.Quote:
		tag = "blockquote"
	case article.Code:
		return template.HTML("<pre><code>" + template.HTMLEscapeString(b.Plain(lang)) + "</code></pre>")
	}
	return template.HTML("<" + tag + ` lang="` + b.Lang(lang) + `"` + class + ">" + string(b.HTML(lang)) + b.Dagger(lang) + "</" + tag + ">")
}

// unchecked reports whether words are shown that nobody has checked.
func (b Block) unchecked() bool {
	return slices.ContainsFunc(b.Languages, func(l string) bool { return b.Dagger(l) != "" })
}

// Dagger marks words in a language that nobody has checked: a translation, or a
// summary. A note under them says so.
func (b Block) Dagger(lang string) string {
	if b.Doubtful() && len(b.Missing) == 0 && (b.summary || lang != b.Original) {
		return " †"
	}
	return ""
}

// Open is the tags before an item of a list, "" before all else. Items that
// follow each other are one list.
func (b Block) Open() template.HTML {
	return b.open(` class="d` + strconv.Itoa(min(max(b.Depth, 1), 4)) + `"`)
}

func (b Block) open(class string) template.HTML {
	if !b.item() {
		return ""
	}
	s := ""
	if b.First {
		s = "<ul>"
		if b.ordered() {
			s = "<ol>"
		}
	}
	s += "<li" + class
	if b.ordered() {
		s += ` value="` + strconv.Itoa(b.Number) + `"`
	}
	return template.HTML(s + ">")
}

// Close is the tags behind an item of a list.
func (b Block) Close() template.HTML {
	switch {
	case !b.item():
		return ""
	case b.Last && b.ordered():
		return "</li></ol>"
	case b.Last:
		return "</li></ul>"
	}
	return "</li>"
}

// Alone is the block as a list of itself: for layouts whose rows part a list.
func (b Block) Alone() Block {
	b.First, b.Last = true, true
	return b
}

// Beside reports whether the block is shown in two languages: columns are wanted.
func (b Block) Beside() bool { return len(b.Languages) == 2 }

// Notes are the lines by language that a reader must know of: the translation
// was not checked, or is missing.
func (b Block) Notes() []Note {
	var notes []Note
	for _, l := range b.Missing {
		notes = append(notes, Note{l, wordsIn(l).Missing})
	}
	if b.unchecked() {
		for _, l := range b.Languages {
			notes = append(notes, Note{l, wordsIn(l).Unchecked})
		}
	}
	return notes
}

// Note is a line in a language.
type Note struct{ Lang, Text string }

// ReadMore reports whether there is more of the story behind its link.
func (s PageStory) ReadMore() bool {
	return s.Href() != "" && (s.More || s.Shown == ShowSummary)
}

// Href is the story's link if it can stand in a mail, else "".
func (s *Story) Href() string { return webURL(s.Link) }

// Src is the picture's address if it can stand in a mail, else "".
func (i *Image) Src() string {
	if i == nil {
		return ""
	}
	return webURL(i.URL)
}

// AltIn is what the picture shows, in the languages, parted by a stroke.
func (i *Image) AltIn(languages []string) string { return i.Alt.both(languages, " / ") }

// webURL is an absolute address of the web, as it can stand in an attribute
// and a header; "" for anything else.
func webURL(s string) string {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return ""
	}
	return u.String()
}

// Dateline is when the story was published and how long the whole of it takes
// to read, in words, as far as it is known.
func (s PageStory) Dateline(lang string) string {
	date, minutes := dateIn(lang, s.Published), ""
	if s.Minutes[lang] > 0 {
		minutes = strings.Replace(wordsIn(lang).Minutes, "%d", strconv.Itoa(s.Minutes[lang]), 1)
	}
	return strings.Trim(date+" · "+minutes, " ·")
}

// Datelines reports whether there is a dateline in any language.
func (s PageStory) Datelines() bool { return !s.Published.IsZero() || len(s.Minutes) > 0 }
