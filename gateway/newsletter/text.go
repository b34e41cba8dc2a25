package newsletter

import (
	"slices"
	"strconv"
	"strings"

	"dubhashi/gateway/article"
)

// mailText is the edition as plain text, from its data and never from HTML: the
// languages of a paragraph on lines of their own under each other, paragraphs
// parted by empty lines. Lines are as long as paragraphs are, for a reader's
// window wraps better than a column that suits no phone.
func mailText(e *Edition) string {
	w := &textWriter{}
	p := e.page()
	if e.Demo() {
		w.paragraph(e.each(func(l string) string { return wordsIn(l).Demo })...)
	}
	w.heading('=', texts(e.Title, e.Languages)...)
	w.paragraph(strings.Join(e.each(func(l string) string { return dateIn(l, e.Date) }), " / "))
	w.blocks(p.Intro)
	if e.Contents {
		w.contents(e, p)
	}
	for _, s := range p.Sections {
		if len(s.Languages) > 0 {
			w.paragraph("## " + strings.Join(texts(s.Title, s.Languages), " / ") + " ##")
		}
		for _, story := range s.Stories {
			w.story(story)
		}
	}
	w.footer(e, p)
	return printable(w.String())
}

// texts are a text's languages, each as one line.
func texts(t Text, languages []string) []string {
	var list []string
	for _, l := range t.shown(languages) {
		list = append(list, oneLine(t[l]))
	}
	return list
}

// each is what f says in each language of the edition.
func (e *Edition) each(f func(lang string) string) []string {
	var list []string
	for _, l := range e.Languages {
		list = append(list, f(l))
	}
	return list
}

type textWriter struct {
	strings.Builder
	tight bool // the last paragraph was an item of a list
}

// paragraph writes lines and parts them from what stands before.
func (w *textWriter) paragraph(lines ...string) {
	w.tight = false
	w.lines(lines)
}

func (w *textWriter) lines(lines []string) {
	text := strings.Join(lines, "\n")
	if strings.TrimSpace(text) == "" {
		return
	}
	switch {
	case w.Len() == 0:
	case w.tight:
	default:
		w.WriteString("\n")
	}
	w.WriteString(text + "\n")
}

// rule is the length of the lines under headings, in characters.
const rule = 40

func (w *textWriter) heading(under rune, lines ...string) {
	if len(lines) > 0 {
		w.paragraph(append(lines, strings.Repeat(string(under), rule))...)
	}
}

func (w *textWriter) contents(e *Edition, p Page) {
	w.paragraph(strings.Join(e.each(func(l string) string { return wordsIn(l).Contents }), " / ") + ":")
	n := 0
	for _, s := range p.Sections {
		for _, story := range s.Stories {
			n++
			number := strconv.Itoa(n) + ". "
			w.tight = n > 1
			w.lines(hang(number, story.Headline.lines()))
		}
	}
	w.tight = false
}

func (w *textWriter) story(s PageStory) {
	w.heading('-', s.Headline.lines()...)
	w.notes(s.Headline)
	var meta []string
	if s.Publication != "" {
		meta = append(meta, oneLine(s.Publication))
	}
	for _, l := range s.Edition.Languages {
		if d := s.Dateline(l); d != "" {
			meta = append(meta, d)
		}
	}
	w.paragraph(strings.Join(meta, " · "))
	if s.Image.Src() != "" {
		w.picture(s.Image.AltIn(s.Edition.Languages), s.Image.Src())
	}
	for _, part := range s.Parts {
		w.blocks(part.Blocks)
	}
	if s.ReadMore() {
		w.paragraph(strings.Join(s.Edition.each(func(l string) string { return wordsIn(l).More }), " / ")+":", s.Href())
	} else {
		w.paragraph(s.Href())
	}
}

// picture tells what a picture shows; one of which nothing is known is left out.
func (w *textWriter) picture(alt, src string) {
	if alt != "" && src != "" {
		w.paragraph("["+alt+"]", src)
	}
}

func (w *textWriter) blocks(list []Block) {
	for _, b := range list {
		lines := b.lines()
		if b.picture() {
			for _, m := range b.By[b.Original].Images() {
				w.picture(oneLine(m.Title), webURL(m.URL))
			}
			continue
		}
		if len(lines) == 0 {
			continue
		}
		switch {
		case b.item():
			w.tight = !b.First
			w.lines(hang(strings.Repeat("  ", min(max(b.Depth, 1), 6)-1)+b.bullet(), lines))
		case b.Kind == article.Quote:
			w.paragraph(hang("> ", lines)...)
		case b.Kind == article.Code:
			w.paragraph(hang("    ", strings.Split(strings.Trim(b.Plain(b.Languages[0]), "\n"), "\n"))...)
		default:
			w.paragraph(lines...)
		}
		w.notes(b)
		w.tight = false
		w.paragraph(b.addresses()...)
	}
}

func (w *textWriter) notes(b Block) {
	var lines []string
	for _, n := range b.Notes() {
		lines = append(lines, n.Text)
	}
	w.tight = true
	w.lines(lines)
	w.tight = false
}

// addresses are where the links and pictures in the words lead to, each once,
// unless the words are the address.
func (b Block) addresses() []string {
	var list []string
	words := strings.Join(b.plain(), "\n")
	for _, l := range b.Languages {
		for _, mark := range append(b.By[l].Links(), b.By[l].Images()...) {
			if a := webURL(mark.URL); a != "" && !slices.Contains(list, a) && !strings.Contains(words, a) {
				list = append(list, a)
			}
		}
	}
	return list
}

func (b Block) bullet() string {
	if b.ordered() {
		return strconv.Itoa(b.Number) + ". "
	}
	return "* "
}

// plain is the words in each language that is shown, line by line.
func (b Block) plain() []string {
	var lines []string
	for _, l := range b.Languages {
		lines = append(lines, b.plainIn(l)...)
	}
	return lines
}

// lines is plain with words marked that nobody has checked.
func (b Block) lines() []string {
	var lines []string
	for _, l := range b.Languages {
		if in := b.plainIn(l); len(in) > 0 {
			in[len(in)-1] += b.Dagger(l)
			lines = append(lines, in...)
		}
	}
	return lines
}

func (b Block) plainIn(lang string) []string {
	var lines []string
	for _, line := range strings.Split(b.Plain(lang), "\n") {
		if line = oneLine(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// hang puts a mark before the first line and as much space before the others;
// a quotation's mark stands before all.
func hang(mark string, lines []string) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		if i > 0 && strings.TrimSpace(mark) != ">" {
			mark = strings.Repeat(" ", len(mark))
		}
		out[i] = mark + line
	}
	return out
}

func (w *textWriter) footer(e *Edition, p Page) {
	w.paragraph(strings.Repeat("=", rule))
	w.blocks(p.Footer)
	var lines []string
	if e.Sender.Name != "" {
		lines = append(lines, oneLine(e.Sender.Name))
	}
	for _, line := range strings.Split(e.Sender.Address, "\n") {
		if line = oneLine(line); line != "" {
			lines = append(lines, line)
		}
	}
	w.paragraph(lines...)
	w.paragraph(e.each(e.Why)...)
	if e.Home() != "" {
		w.paragraph(strings.Join(e.each(func(l string) string { return wordsIn(l).Website }), " / ")+":", e.Home())
	}
	if e.Leave() != "" {
		w.paragraph(strings.Join(e.each(func(l string) string { return wordsIn(l).Leave }), " / ")+":", e.Leave())
	}
}
