package article

import (
	_ "embed"
	"strconv"
	"strings"
)

// Page is a translated article for readers who want both languages: its title,
// the summary, and each block beside its translation.
type Page struct {
	Document   *Document
	SourceLang string // BCP 47, e.g. "hi"
	TargetLang string
	Targets    []Inline  // by block; nil = not translated
	Notes      []string  // by block, plain text: a warning or an error; "" = none
	Summaries  []Summary // shown before the article
	Footer     string    // plain text at the end
}

// Summary is a summary of an article in one language. With bullets, these are
// shown and Text is not.
type Summary struct {
	Language string
	Text     string
	Bullets  []string
}

// Pair is a block with its translation.
type Pair struct {
	Block         // its Content is the source
	Target Inline // nil if it was not translated
	Note   string
	Once   bool // nothing to show twice: code, or words that are the same in both
}

// Pairs are the blocks of the page with their translations, in order.
func (p Page) Pairs() []Pair {
	pairs := make([]Pair, len(p.Document.Blocks))
	for i, b := range p.Document.Blocks {
		pair := Pair{Block: b}
		if i < len(p.Targets) {
			pair.Target = p.Targets[i]
		}
		if i < len(p.Notes) {
			pair.Note = oneLine(p.Notes[i])
		}
		pair.Once = b.Kind == Code || pair.Target != nil && Fold(pair.Target.String()) == Fold(b.String())
		pairs[i] = pair
	}
	return pairs
}

// phrases are the page's own words in a language.
type phrases struct{ name, summary, missing, note string }

func phrasesOf(lang string) phrases {
	if lang == "hi" {
		return phrases{"हिन्दी", "सारांश", "[अनुवाद नहीं हुआ]", "टिप्पणी"}
	}
	return phrases{"English", "Summary", "[not translated]", "Note"}
}

// langOf is the language of a text that is the same in both: what its script says.
func (p Page) langOf(in Inline) string {
	lang := "en"
	if strings.ContainsFunc(in.String(), devanagari) {
		lang = "hi"
	}
	if lang == p.TargetLang {
		return p.TargetLang
	}
	return p.SourceLang
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// titleFirst puts the title, if it is not at the top already, in front of the
// others: the summary comes right after it.
func titleFirst(pairs []Pair) (title []Pair, rest []Pair) {
	for i := range pairs {
		if pairs[i].Kind == Title {
			rest = append(append(rest, pairs[:i]...), pairs[i+1:]...)
			return pairs[i : i+1], rest
		}
	}
	return nil, pairs
}

// Text is the page as plain text: each source with its translation on the next
// line, blocks parted by blank lines.
func (p Page) Text() string {
	title, rest := titleFirst(p.Pairs())
	var parts []string
	for _, pair := range title {
		parts = append(parts, p.textPair(pair))
	}
	for _, s := range p.Summaries {
		lines := []string{phrasesOf(s.Language).summary + ":"}
		if len(s.Bullets) == 0 {
			lines = append(lines, s.Text)
		}
		for _, b := range s.Bullets {
			lines = append(lines, "• "+oneLine(b))
		}
		parts = append(parts, strings.Join(lines, "\n"))
	}
	for _, pair := range rest {
		parts = append(parts, p.textPair(pair))
	}
	if p.Footer != "" {
		parts = append(parts, p.Footer)
	}
	return strings.Join(parts, "\n\n") + "\n"
}

func (p Page) textPair(pair Pair) string {
	mark := p.Document.textMark(pair.Block, pair.Content)
	lines := []string{mark + pair.Content.String()}
	if !pair.Once {
		target := phrasesOf(p.TargetLang).missing
		if pair.Target != nil {
			target = pair.Target.String()
		}
		if mark != "" {
			target = strings.Repeat(" ", len([]rune(mark))) + target
		}
		lines = append(lines, target)
	}
	if pair.Note != "" {
		lines = append(lines, "["+phrasesOf(p.TargetLang).note+": "+pair.Note+"]")
	}
	return strings.Join(lines, "\n")
}

// Markdown is the page as Markdown.
func (p Page) Markdown() string {
	title, rest := titleFirst(p.Pairs())
	var w markdownWriter
	for _, pair := range title {
		p.markdownPair(&w, pair)
	}
	for _, s := range p.Summaries {
		w.block(Block{Kind: Paragraph}, marks(Strong, phrasesOf(s.Language).summary))
		if len(s.Bullets) == 0 {
			w.block(Block{Kind: Paragraph}, scanWords(s.Text))
		}
		for _, b := range s.Bullets {
			w.block(Block{Kind: ListItem, Depth: 1}, scanWords(oneLine(b)))
		}
	}
	if len(p.Summaries) > 0 {
		w.b.WriteString("\n\n---")
		w.last = Block{}
	}
	for _, pair := range rest {
		p.markdownPair(&w, pair)
	}
	if p.Footer != "" {
		w.b.WriteString("\n\n---")
		w.block(Block{Kind: Paragraph}, marks(Emphasis, oneLine(p.Footer)))
	}
	return w.b.String() + "\n"
}

func (p Page) markdownPair(w *markdownWriter, pair Pair) {
	contents := []Inline{bareItem(pair.Block, pair.Content)}
	switch {
	case pair.Once:
	case pair.Target == nil:
		contents = append(contents, marks(Emphasis, phrasesOf(p.TargetLang).missing))
	default:
		contents = append(contents, bareItem(pair.Block, pair.Target))
	}
	w.block(pair.Block, contents...)
	if pair.Note != "" {
		w.block(Block{Kind: Paragraph, Depth: pair.Depth}, marks(Emphasis, phrasesOf(p.TargetLang).note+": "+pair.Note))
	}
}

// marks is one text in a pair of marks.
func marks(k MarkKind, s string) Inline {
	m := Mark{Kind: k}
	return Inline{{kind: opener, mark: m}, {kind: words, text: s}, {kind: closer, mark: m}}
}

//go:embed page.css
var pageCSS string

// HTML is the page as one self-contained HTML document: no script, nothing loaded
// from elsewhere but the article's own images, the languages marked. The two
// languages stand side by side where there is room, one under the other where not.
func (p Page) HTML() string {
	title, rest := titleFirst(p.Pairs())
	var b strings.Builder
	b.WriteString("<!doctype html>\n<html lang=\"" + escapeHTML(p.TargetLang) + "\">\n<head>\n<meta charset=\"utf-8\">\n" +
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n" +
		"<meta name=\"color-scheme\" content=\"light dark\">\n<title>" + escapeHTML(p.name(title)) + "</title>\n<style>\n" + pageCSS + "</style>\n</head>\n<body>\n<main>\n")
	for _, pair := range title {
		b.WriteString("<header class=\"head\">\n<h1" + lang(p.sourceLang(pair)) + ">" + writeHTML(pair.Content, false) + "</h1>\n")
		if !pair.Once {
			b.WriteString("<p class=\"second\"" + lang(p.TargetLang) + ">" + p.targetHTML(pair) + "</p>\n")
		}
		b.WriteString(p.noteHTML(pair) + "</header>\n")
	}
	for _, s := range p.Summaries {
		b.WriteString(summaryHTML(s))
	}
	b.WriteString("<article>\n<p class=\"columns\" aria-hidden=\"true\"><span" + lang(p.SourceLang) + ">" + phrasesOf(p.SourceLang).name +
		"</span><span" + lang(p.TargetLang) + ">" + phrasesOf(p.TargetLang).name + "</span></p>\n")
	for _, pair := range rest {
		b.WriteString(p.pairHTML(pair))
	}
	b.WriteString("</article>\n")
	if p.Footer != "" {
		b.WriteString("<footer>" + escapeHTML(p.Footer) + "</footer>\n")
	}
	b.WriteString("</main>\n</body>\n</html>\n")
	return b.String()
}

// name is what the browser calls the page.
func (p Page) name(title []Pair) string {
	if len(title) > 0 {
		source := oneLine(title[0].Content.String())
		if target := oneLine(title[0].Target.String()); target != "" && !title[0].Once {
			return target + " · " + source
		}
		return source
	}
	if len(p.Document.Blocks) > 0 {
		return firstRunes(oneLine(p.Document.Blocks[0].String()), 80)
	}
	return ""
}

// firstRunes is at most n code points of s, cut at a space.
func firstRunes(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	s = string(r[:n])
	if i := strings.LastIndexByte(s, ' '); i > 0 {
		s = s[:i]
	}
	return s + "…"
}

func (p Page) pairHTML(pair Pair) string {
	class := "pair " + strings.ReplaceAll(string(pair.Kind), "_", "-")
	if pair.Once {
		class += " once"
	}
	if pair.Kind == ListItem && pair.Depth > 1 {
		class += " d" + strconv.Itoa(min(pair.Depth, 5))
	}
	before, after := pageTags(pair.Block)
	s := "<div class=\"" + class + "\">\n<div class=\"source\"" + lang(p.sourceLang(pair)) + ">" +
		before + writeHTML(bareItem(pair.Block, pair.Content), false) + after + "</div>\n"
	if !pair.Once {
		s += "<div class=\"target\"" + lang(p.TargetLang) + ">" + before + p.targetHTML(pair) + after + "</div>\n"
	}
	return s + p.noteHTML(pair) + "</div>\n"
}

func (p Page) sourceLang(pair Pair) string {
	switch {
	case pair.Kind == Code:
		return ""
	case pair.Once:
		return p.langOf(pair.Content)
	}
	return p.SourceLang
}

// pageTags are the tags around a block's content in the page.
func pageTags(b Block) (before, after string) {
	switch b.Kind {
	case ListItem:
		return "<p><span class=\"mark\">" + itemMark(b) + "</span>", "</p>"
	case Quote:
		return "<blockquote>", "</blockquote>"
	case Title:
		return htmlTags(Block{Kind: Heading})
	}
	return htmlTags(b)
}

func (p Page) targetHTML(pair Pair) string {
	if pair.Target == nil {
		return "<span class=\"missing\">" + escapeHTML(phrasesOf(p.TargetLang).missing) + "</span>"
	}
	return writeHTML(bareItem(pair.Block, pair.Target), false)
}

// noteHTML is the note to a block; the wording comes from the gateway in English.
func (p Page) noteHTML(pair Pair) string {
	if pair.Note == "" {
		return ""
	}
	return "<p class=\"note\" lang=\"en\">" + escapeHTML(pair.Note) + "</p>\n"
}

func summaryHTML(s Summary) string {
	var b strings.Builder
	b.WriteString("<section class=\"summary\"" + lang(s.Language) + ">\n<h2>" + phrasesOf(s.Language).summary + "</h2>\n")
	if len(s.Bullets) > 0 {
		b.WriteString("<ul>\n")
		for _, item := range s.Bullets {
			b.WriteString("<li>" + escapeHTML(oneLine(item)) + "</li>\n")
		}
		b.WriteString("</ul>\n")
	} else {
		for _, para := range strings.Split(s.Text, "\n") {
			if !blank(para) {
				b.WriteString("<p>" + escapeHTML(para) + "</p>\n")
			}
		}
	}
	b.WriteString("</section>\n")
	return b.String()
}

func lang(code string) string {
	if code == "" {
		return ""
	}
	return ` lang="` + escapeHTML(code) + `"`
}
