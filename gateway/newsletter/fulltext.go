package newsletter

import (
	"context"
	"html"
	"regexp"
	"strings"
	"unicode"

	"dubhashi/gateway/api"
	"dubhashi/gateway/article"
)

// Bounds of a teaser, in code points.
const (
	shortStory    = 400  // less than that is no whole story
	longDescribed = 1500 // a description, which is meant for a teaser, is a whole story from here on
	longestEnding = 40
)

// isTeaser reports whether a text only leads to a page with the story.
func isTeaser(s string, described bool) bool {
	n := len([]rune(s))
	return n < shortStory || described && n < longDescribed || endsInMore(s)
}

// moreWords end a text that goes on elsewhere.
var moreWords = func() (list []string) {
	for _, s := range []string{"read more", "continue reading", "read full story", "read the full story", "full story", "read on",
		"और पढ़ें", "आगे पढ़ें", "पूरी खबर पढ़ें", "पूरी ख़बर पढ़ें", "पूरा पढ़ें", "विस्तार से पढ़ें", "अधिक पढ़ें"} {
		list = append(list, letters(s))
	}
	return list
}()

func endsInMore(s string) bool {
	end := strings.TrimRight(s, " \n\t])>»→")
	if strings.HasSuffix(end, "…") || strings.HasSuffix(end, "...") {
		return true
	}
	tail := []rune(s)
	end = letters(string(tail[max(0, len(tail)-longestEnding):]))
	for _, w := range moreWords {
		if strings.HasSuffix(end, w) {
			return true
		}
	}
	return false
}

// letters are what of a text tells two texts apart: its letters, marks and
// digits in lower case.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) {
			return plainDigit(unicode.ToLower(r))
		}
		return -1
	}, article.Fold(s))
}

// own reads an item's own text, as the feed has it.
func (f *found) own() {
	body, format := f.item.body()
	f.full = false
	t, fault := readText(body, format, f.base)
	if fault != nil {
		return
	}
	f.input, f.format, f.text = t.input, t.format, t.plain
	f.full = !isTeaser(t.plain, f.item.content == "")
	f.lead()
}

// called is the story in a notice: by its title where no address tells which it is.
func (f *found) called() string {
	if f.link == "" && f.title != "" {
		return "“" + brief(f.title) + "”"
	}
	return "this story"
}

// whole gets the page of an item of which the feed holds a teaser alone, and
// takes it if it holds more of the same story.
func (m *Maker) whole(ctx context.Context, f *found) *Notice {
	n := &Notice{Where: f.where, URL: f.link, Code: "teaser"}
	has := "the feed holds only the beginning of " + f.called() + ", which is used: "
	if f.text == "" {
		n.Code, has = "no_text", "the feed holds no text of "+f.called()+", which is left out: "
	}
	if f.link == "" {
		n.Message = has + "there is no link to its page"
		return n
	}
	t, fault := m.page(ctx, f.link)
	switch {
	case fault != nil:
		n.Message = has + fault.message
		return n
	case len(t.plain) <= len(f.text):
		n.Message = has + "its page holds no more"
		return n
	case !sameStory(f.title, f.text, t.title+"\n"+t.plain):
		n.Message = has + "its page holds another text"
		return n
	}
	f.input, f.format, f.base, f.text, f.full, f.page, f.grams = t.input, t.format, t.base, t.plain, true, true, nil
	if f.image == "" {
		f.image, f.alt = t.meta.image, spoken(t.meta.alt)
	}
	if f.publication == "" {
		f.publication = t.meta.publication
	}
	if f.published.IsZero() {
		f.published = t.meta.published
	}
	f.addLink(t.base)
	f.addLink(t.meta.canonical)
	f.lead()
	return nil
}

// headed puts the feed's title over an item's text. Without it the first short
// line of the text would be taken for the title, and left out beside it.
func (f *found) headed() {
	if f.item == nil || f.title == "" {
		return
	}
	if f.format != article.HTML {
		d, err := article.Parse(f.input, article.Options{Format: f.format, Base: f.base})
		if err != nil {
			return
		}
		f.input, f.format = incoming.Sanitize(d.Render(article.HTML, nil)), article.HTML
	}
	if m := firstLine.FindStringSubmatch(f.input); m != nil {
		// What a page has for its headline is the same in other words.
		if own := letters(plainText(m[2])); own == letters(f.title) || f.page && m[1] == "h1" {
			f.input = strings.TrimPrefix(f.input, m[0])
		}
	}
	f.input = "<h1>" + html.EscapeString(f.title) + "</h1>\n" + strings.TrimSpace(f.input)
}

// sameStory reports whether a page holds what a teaser is from: at least half
// of its words, or of the title's.
func sameStory(title, teaser, page string) bool {
	held := wordSet(page)
	for _, s := range []string{teaser, title} {
		words := wordSet(s)
		if len(words) < 3 {
			continue
		}
		n := 0
		for w := range words {
			if held[w] {
				n++
			}
		}
		return 2*n >= len(words)
	}
	return true // nothing to compare
}

// wordSet are the words of a text that have three letters or more.
func wordSet(s string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.FieldsFunc(strings.ToLower(article.Fold(s)), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r)
	}) {
		if len([]rune(w)) >= 3 {
			set[w] = true
		}
	}
	return set
}

var (
	srcOf     = regexp.MustCompile(` src="([^"]*)"`)
	altOf     = regexp.MustCompile(` alt="([^"]*)"`)
	firstLine = regexp.MustCompile(`^\s*<(h[1-6]|p)>([^<]*(?:<[^/>]+>[^<]*</[^>]+>[^<]*)*)</(?:h[1-6]|p)>`)
	emptyTag  = regexp.MustCompile(`<(p|div|figure|a)( [^>]*)?>\s*</(p|div|figure|a)>`)
)

// lead takes a picture that stands before the text for the story's, so that it
// is not shown twice. Another one stays where it is.
func (f *found) lead() {
	if f.format != article.HTML {
		return
	}
	at := imageTag.FindStringIndex(f.input)
	if at == nil || plainText(f.input[:at[0]]) != "" && plainText(f.input[:at[0]]) != f.title {
		return
	}
	tag := f.input[at[0]:at[1]]
	src := srcOf.FindStringSubmatch(tag)
	if src == nil {
		return
	}
	address := html.UnescapeString(src[1])
	if f.image != "" && !samePicture(f.image, address) {
		return
	}
	if f.image == "" {
		f.image = address
	}
	if alt := altOf.FindStringSubmatch(tag); alt != nil && f.alt == (api.Bilingual{}) {
		f.alt = spoken(plainText(alt[1]))
	}
	rest := f.input[:at[0]] + f.input[at[1]:]
	for range 3 {
		rest = emptyTag.ReplaceAllString(rest, "")
	}
	if strings.TrimSpace(rest) != "" {
		f.input = rest
	}
}

// samePicture reports whether two addresses are of one picture, in whatever
// size.
func samePicture(a, b string) bool {
	one, _, _ := strings.Cut(a, "?")
	two, _, _ := strings.Cut(b, "?")
	return one == two
}
