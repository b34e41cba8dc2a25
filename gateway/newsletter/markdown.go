package newsletter

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"dubhashi/gateway/article"
)

// frontMatter is the head of the Markdown form, as site generators and
// newsletter services read it.
type frontMatter struct {
	Title       string    `yaml:"title"`
	TitleHindi  string    `yaml:"title_hi,omitempty"`
	TitleEng    string    `yaml:"title_en,omitempty"`
	Date        time.Time `yaml:"date"`
	Languages   []string  `yaml:"languages,flow"`
	Description string    `yaml:"description,omitempty"`
	Draft       bool      `yaml:"draft,omitempty"` // so that Hugo does not publish what the demo model wrote
}

// markdown is the edition as Markdown (CommonMark). The
// title stands in the front matter alone, and there is no line about leaving:
// what the text is brought into writes both itself.
func markdown(e *Edition) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("---\n")
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	err := enc.Encode(frontMatter{
		Title: e.Title.both(e.Languages, " / "), TitleHindi: oneLine(e.Title["hi"]), TitleEng: oneLine(e.Title["en"]),
		Date: e.Date, Languages: e.Languages, Description: oneLine(e.Preheader), Draft: e.Demo(),
	})
	if err == nil {
		err = enc.Close()
	}
	if err != nil {
		return nil, err
	}
	b.WriteString("---\n\n")
	w := &mdWriter{languages: e.Languages}
	w.edition(e)
	b.WriteString(printable(w.b.String()))
	return b.Bytes(), nil
}

// mdWriter writes blocks of Markdown, parted by empty lines.
type mdWriter struct {
	b         strings.Builder
	languages []string
	tight     bool  // the next item stands under the last one without an empty line
	marks     []int // widths of the marks of the list items that are open
}

func (w *mdWriter) edition(e *Edition) {
	p := e.whole(e.Languages)
	if e.Demo() {
		for _, l := range e.Languages {
			w.block("**" + words2md(wordsIn(l).Demo) + "**")
		}
	}
	w.blocks(p.Intro, 2)
	if e.Contents {
		w.contents(p)
	}
	for _, s := range p.Sections {
		level := 2
		if len(s.Languages) > 0 {
			w.heading(2, texts(s.Title, s.Languages), "")
			level = 3
		}
		for _, story := range s.Stories {
			w.story(story, level)
		}
	}
	w.block("---")
	w.blocks(p.Footer, 2)
	if name := oneLine(e.Sender.Name); name != "" {
		w.block(mdLink(words2md(name), e.Home()))
	}
}

// block writes one block and parts it from what stands before.
func (w *mdWriter) block(s string) {
	if strings.TrimSpace(s) == "" {
		return
	}
	if w.b.Len() > 0 && !w.tight {
		w.b.WriteByte('\n')
	}
	w.tight = false
	w.b.WriteString(s + "\n")
}

// words2md are words of no markup, as Markdown.
func words2md(s string) string {
	return inert(strings.ReplaceAll(article.Plain(s).Markdown(), "\\\n", " "))
}

// inert is Markdown in which no braces of a template language are left, for
// what the text is handed to may run one: {{ is the same as \{\{, but in code.
func inert(s string) string {
	var b strings.Builder
	for {
		open := codeMark.FindStringIndex(s)
		if open == nil {
			break
		}
		mark := s[open[0]:open[1]]
		end := strings.Index(s[open[1]:], mark)
		if end < 0 || mark[0] == '\\' {
			b.WriteString(escapeBraces(s[:open[1]]))
			s = s[open[1]:]
			continue
		}
		end += open[1] + len(mark)
		b.WriteString(escapeBraces(s[:open[0]]) + inertCode(s[open[0]:end]))
		s = s[end:]
	}
	return b.String() + escapeBraces(s)
}

// codeMark is where a span of code starts, or a mark that stands for itself.
var codeMark = regexp.MustCompile("\\\\.|`+")

func escapeBraces(s string) string {
	return strings.NewReplacer("{{", `\{\{`, "}}", `\}\}`, "{%", `{\%`).Replace(s)
}

// mdLink is a link, or its words alone where there is no address.
func mdLink(words, href string) string {
	if href == "" || words == "" {
		return words
	}
	return "[" + words + "]" + mdTarget(href)
}

// mdTarget is where a link or a picture leads.
func mdTarget(href string) string {
	return "(<" + strings.NewReplacer("<", "%3C", ">", "%3E", "{", "%7B", "}", "%7D", `\`, "%5C").Replace(href) + ">)"
}

// heading writes the languages of a heading in one line.
func (w *mdWriter) heading(level int, lines []string, href string) {
	list := make([]string, len(lines))
	for i, line := range lines {
		list[i] = words2md(line)
	}
	if len(list) > 0 {
		w.block(mdHeading(level, mdLink(strings.Join(list, " / "), href)))
	}
}

// closing are numbers signs at the end of a heading, which would be taken for a
// part of its markup.
var closing = regexp.MustCompile(`(^|\s)#+$`)

func mdHeading(level int, words string) string {
	words = closing.ReplaceAllStringFunc(words, func(s string) string { return strings.Replace(s, "#", `\#`, 1) })
	return strings.Repeat("#", min(level, 6)) + " " + words
}

func (w *mdWriter) contents(p Page) {
	var names []string
	for _, l := range w.languages {
		names = append(names, wordsIn(l).Contents)
	}
	w.block("**" + strings.Join(names, " / ") + "**")
	n := 0
	for _, s := range p.Sections {
		for _, story := range s.Stories {
			n++
			w.tight = n > 1
			mark := strconv.Itoa(n) + ". "
			var lines []string
			for _, line := range story.Headline.lines() {
				lines = append(lines, words2md(line))
			}
			w.block(mark + hanging(lineBreaks(lines), strings.Repeat(" ", len(mark))))
		}
	}
}

func (w *mdWriter) story(s PageStory, level int) {
	w.heading(level, s.Headline.lines(), s.Href())
	w.notes(s.Headline, "")
	var meta []string
	if s.Publication != "" {
		meta = append(meta, words2md(oneLine(s.Publication)))
	}
	for _, l := range w.languages {
		if d := s.Dateline(l); d != "" {
			meta = append(meta, words2md(d))
		}
	}
	w.block(strings.Join(meta, " · "))
	if src := s.Image.Src(); src != "" {
		w.block("![" + words2md(s.Image.AltIn(w.languages)) + "]" + mdTarget(src))
	}
	for _, part := range s.Parts {
		w.blocks(part.Blocks, level)
	}
	if s.ReadMore() {
		var names []string
		for _, l := range w.languages {
			names = append(names, wordsIn(l).More)
		}
		w.block(mdLink(strings.Join(names, " / "), s.Href()))
	}
}

// blocks writes paragraphs under a heading of a level.
func (w *mdWriter) blocks(list []Block, level int) {
	w.marks = nil
	for _, b := range list {
		indent := w.indent(b)
		contents := w.contentsOf(b)
		if len(contents) == 0 {
			continue
		}
		switch {
		case b.item():
			mark := b.mdMark()
			w.marks = append(w.marks, len(mark))
			w.tight = !b.First && w.tight
			inner := indent + strings.Repeat(" ", len(mark))
			w.block(indent + mark + hanging(lineBreaks(contents), inner))
			w.notes(b, inner)
			w.tight = !b.Last && len(b.Notes()) == 0
			continue
		case b.Kind == article.Heading || b.Kind == article.Title:
			for i := range contents {
				contents[i] = strings.ReplaceAll(contents[i], "\\\n", " ")
			}
			w.block(mdHeading(max(level+1, b.Level+1), strings.Join(contents, " / ")))
		case b.Kind == article.Quote:
			w.block("> " + hanging(strings.Join(contents, "\n\n"), "> "))
		case b.Kind == article.Code:
			w.block(mdCode(b.Plain(b.Languages[0])))
		default:
			w.block(strings.Join(contents, "\n\n"))
		}
		w.notes(b, "")
	}
}

// indent is the space before an item of a list, and closes those that it does
// not stand in.
func (w *mdWriter) indent(b Block) string {
	depth := 0
	if b.item() {
		depth = min(max(b.Depth, 1)-1, len(w.marks))
	}
	w.marks = w.marks[:depth]
	n := 0
	for _, width := range w.marks {
		n += width
	}
	return strings.Repeat(" ", n)
}

func (b Block) mdMark() string {
	if b.ordered() {
		return strconv.Itoa(b.Number) + ". "
	}
	return "- "
}

// contentsOf are the languages of a paragraph.
func (w *mdWriter) contentsOf(b Block) []string {
	var list []string
	for _, l := range b.Languages {
		if s := strings.TrimSpace(b.By[l].Markdown()); s != "" {
			list = append(list, inert(s)+b.Dagger(l))
		}
	}
	return list
}

func (w *mdWriter) notes(b Block, indent string) {
	for _, n := range b.Notes() {
		w.tight = false
		w.block(indent + "*" + words2md(n.Text) + "*")
	}
}

// lineBreaks are lines that stand under each other in one paragraph. Parsers
// differ in how they read the mark of a break behind another backslash.
func lineBreaks(lines []string) string {
	s := ""
	for i, line := range lines {
		switch {
		case i == 0:
		case strings.HasSuffix(s, `\`):
			s += "  \n"
		default:
			s += "\\\n"
		}
		s += line
	}
	return s
}

// hanging puts a prefix before every line but the first.
func hanging(s, prefix string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\n", "\n"+prefix), "\n"+prefix+"\n", "\n"+strings.TrimRight(prefix, " ")+"\n")
}

// inertCode is code in which a word joiner, which is not seen, parts the braces of
// template languages: in code there is no other way to write them.
func inertCode(s string) string {
	return strings.NewReplacer("{{", "{\u2060{", "{%", "{\u2060%").Replace(s)
}

// mdCode is a fenced block of code.
func mdCode(s string) string {
	s = inertCode(strings.Trim(s, "\n"))
	fence := "```"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	return fence + "\n" + s + "\n" + fence
}
