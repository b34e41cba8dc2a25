package newsletter

import (
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"dubhashi/gateway"
	"dubhashi/gateway/api"
	"dubhashi/gateway/article"
)

// Bounds of an issue.
const (
	MaxArticles  = 50
	MaxFeeds     = 20
	MaxItems     = 50 // of one feed
	MaxSections  = 20
	maxLine      = 500  // code points of a title, a headline, the name of a section
	maxParagraph = 5000 // code points of an intro, a footer, a summary
)

// india is the time that dates without one are of: IST has no summer time.
var india = time.FixedZone("IST", 5*3600+1800)

// Check says what is wrong with an issue, without fetching or asking anybody.
// The error is a *gateway.Error of code Invalid.
func (m *Maker) Check(issue *api.Issue) error {
	c := checkIssue(issue)
	for i, a := range issue.Articles {
		c.input(fmt.Sprintf("articles[%d]", i), a.File, a.URL, m)
	}
	for i, f := range issue.Feeds {
		c.input(fmt.Sprintf("feeds[%d]", i), f.File, f.URL, m)
	}
	if issue.Seen != "" && m.c.Memory == nil {
		c.add("seen", "cannot be kept: there is no store to remember in")
	}
	return c.err()
}

// checker gathers what is wrong with an issue.
type checker struct{ bad []gateway.FieldError }

func (c *checker) add(field, format string, args ...any) {
	c.bad = append(c.bad, gateway.FieldError{Field: field, Message: fmt.Sprintf(format, args...)})
}

func (c *checker) err() error {
	if len(c.bad) == 0 {
		return nil
	}
	return &gateway.Error{Code: gateway.Invalid, Message: "the issue is not valid", Fields: c.bad}
}

// told reports whether something is wrong with a field already, or with what it
// holds.
func (c *checker) told(field string) bool {
	return slices.ContainsFunc(c.bad, func(b gateway.FieldError) bool {
		rest, ok := strings.CutPrefix(b.Field, field)
		return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
	})
}

// input checks what only a Maker knows: whether it can read files and fetch.
func (c *checker) input(where, file, address string, m *Maker) {
	if file != "" && m.c.Open == nil {
		c.add(where+".file", "is read by the command alone; send the text itself, or a url")
	}
	if address == "" || c.told(where+".url") {
		return
	}
	if m.c.Fetch == nil {
		c.add(where+".url", "is not fetched by this gateway; send the text itself")
	} else if m.c.Fetch.Check(address) != nil {
		c.add(where+".url", "is an address that is not fetched: it must begin with http:// or https:// and name a public host, at a port that the web uses, without user name or password")
	}
}

var (
	seenName = regexp.MustCompile(`^[\pL\pN][\pL\pM\pN._-]{0,63}$`)
	sinceAge = regexp.MustCompile(`^[1-9][0-9]{0,4}[hdw]$`)
)

// checkIssue tells everything that is wrong with an issue's text.
func checkIssue(issue *api.Issue) *checker {
	c := &checker{}
	if issue.Title.IsZero() {
		c.add("title", "is missing: an issue needs one, in Hindi, English or both")
	}
	c.line("title", issue.Title)
	c.line("subject", issue.Subject)
	c.line("preheader", issue.Preheader)
	c.prose("intro", issue.Intro)
	c.prose("footer", issue.Footer)
	c.day("date", issue.Date)
	c.languages(issue.Languages)
	c.choice("layout", issue.Layout, Stacked, SideBySide, SummaryFirst)
	c.choice("show", issue.Show, ShowSummary, ShowLead, ShowFull)
	c.choice("order", issue.Order, "given", "newest", "oldest")
	c.choice("register", issue.Register, "news", "formal", "colloquial")
	c.choice("numerals", issue.Numerals, "latin", "devanagari", "keep")
	c.choice("cache", issue.CacheMode, "use", "refresh", "only", "off")
	c.atMost("sections", len(issue.Sections), MaxSections)
	for i, s := range issue.Sections {
		c.line(fmt.Sprintf("sections[%d]", i), s)
	}
	if issue.Seen != "" && !seenName.MatchString(issue.Seen) {
		c.add("seen", "must be a name of letters, digits, dots, _ and -, at most 64")
	}
	if len(issue.Articles)+len(issue.Feeds) == 0 {
		c.add("articles", "is missing: an issue needs articles, feeds or both")
	}
	c.atMost("articles", len(issue.Articles), MaxArticles)
	c.atMost("feeds", len(issue.Feeds), MaxFeeds)
	for i := range issue.Articles {
		c.article(fmt.Sprintf("articles[%d]", i), &issue.Articles[i])
	}
	for i := range issue.Feeds {
		c.feed(fmt.Sprintf("feeds[%d]", i), &issue.Feeds[i])
	}
	c.sender(&issue.Sender)
	return c
}

func (c *checker) article(where string, a *api.IssueArticle) {
	given := 0
	for _, in := range []string{a.File, a.Text, a.HTML, a.Markdown, a.URL} {
		if in != "" {
			given++
			c.text(where, in, 0)
		}
	}
	if given != 1 {
		c.add(where, "must have one of file, text, html, markdown and url; it has %d", given)
	}
	c.line(where+".title", a.Title)
	c.line(where+".section", a.Section)
	c.line(where+".alt", a.Alt)
	c.prose(where+".summary", a.Summary)
	c.choice(where+".show", a.Show, ShowSummary, ShowLead, ShowFull)
	c.text(where+".publication", a.Publication, maxLine)
	c.web(where+".url", a.URL)
	c.web(where+".link", a.Link)
	if a.Image != "none" {
		c.web(where+".image", a.Image)
	}
	if _, err := time.Parse(time.RFC3339, a.Date); err != nil {
		c.day(where+".date", a.Date)
	}
}

func (c *checker) feed(where string, f *api.IssueFeed) {
	if (f.URL == "") == (f.File == "") {
		c.add(where, "must have a url, or a file")
	}
	c.web(where+".url", f.URL)
	if f.Limit < 0 || f.Limit > MaxItems {
		c.add(where+".limit", "must be from 1 to %d; it is %d", MaxItems, f.Limit)
	}
	if f.Since != "" && !sinceAge.MatchString(f.Since) {
		if _, err := time.Parse(time.DateOnly, f.Since); err != nil {
			c.add(where+".since", "must be an age like 36h, 7d or 2w, or a date like 2026-11-24")
		}
	}
	c.line(where+".section", f.Section)
	c.text(where+".publication", f.Publication, maxLine)
	c.choice(where+".show", f.Show, ShowSummary, ShowLead, ShowFull)
}

func (c *checker) sender(s *api.IssueSender) {
	c.text("sender.name", s.Name, maxLine)
	c.text("sender.address", s.Address, maxLine)
	c.mail("sender.email", s.Email)
	c.mail("sender.reply_to", s.ReplyTo)
	c.web("sender.website", s.Website)
	if to, ok := strings.CutPrefix(s.Unsubscribe, "mailto:"); ok {
		to, _, _ = strings.Cut(to, "?")
		c.mail("sender.unsubscribe", to)
	} else if u, err := url.Parse(s.Unsubscribe); s.Unsubscribe != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
		c.add("sender.unsubscribe", "must be an https address, or mailto: and one (RFC 8058 wants https)")
	}
}

func (c *checker) languages(list []string) {
	for _, l := range list {
		if l != "hi" && l != "en" {
			c.add("languages", "must be hi, en or both; %q is neither", l)
			return
		}
	}
	if len(list) > 2 || len(list) == 2 && list[0] == list[1] {
		c.add("languages", "must name each language once")
	}
}

func (c *checker) choice(field, value string, allowed ...string) {
	if value != "" && !slices.Contains(allowed, value) {
		c.add(field, "must be one of %s; it is “%s”", strings.Join(allowed, ", "), brief(value))
	}
}

func (c *checker) atMost(field string, n, most int) {
	if n > most {
		c.add(field, "has %d entries; at most %d are allowed", n, most)
	}
}

func (c *checker) day(field, s string) {
	if _, err := time.Parse(time.DateOnly, s); s != "" && err != nil {
		c.add(field, "must be a date like 2026-11-24")
	}
}

func (c *checker) mail(field, s string) {
	if s == "" {
		return
	}
	if a, err := mail.ParseAddress(s); err != nil || a.Address != s {
		c.add(field, "must be an e-mail address alone, without a name")
	}
}

func (c *checker) web(field, s string) {
	if s == "" {
		return
	}
	if u, err := url.Parse(s); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		c.add(field, "must be a whole address that begins with http:// or https://, without user name or password")
	}
}

// text checks what every text must be; most is in code points, 0: any.
func (c *checker) text(field, s string, most int) {
	switch n := utf8.RuneCountInString(s); {
	case !utf8.ValidString(s) || strings.ContainsRune(s, 0):
		c.add(field, "must be UTF-8 text without NUL characters")
	case most > 0 && n > most:
		c.add(field, "has %d characters; at most %d are allowed", n, most)
	}
}

// line checks a text that is one line in a mail.
func (c *checker) line(field string, b api.Bilingual) {
	for _, s := range []string{b.Text, b.Hi, b.En} {
		c.text(field, s, maxLine)
		if strings.ContainsAny(strings.TrimSpace(s), "\r\n") {
			c.add(field, "must be one line")
			return
		}
	}
	c.filled(field, b)
}

// prose checks a text of paragraphs. In both languages there must be as many.
func (c *checker) prose(field string, b api.Bilingual) {
	for _, s := range []string{b.Text, b.Hi, b.En} {
		c.text(field, s, maxParagraph)
	}
	c.filled(field, b)
	if hi, en := len(paragraphs(b.Hi)), len(paragraphs(b.En)); hi > 0 && en > 0 && hi != en {
		c.add(field, "has %d paragraphs in Hindi and %d in English; they stand in pairs, so give as many in both", hi, en)
	}
}

func (c *checker) filled(field string, b api.Bilingual) {
	if !b.IsZero() && strings.TrimSpace(b.Text+b.Hi+b.En) == "" {
		c.add(field, "must hold some text, or be left out")
	}
}

// paragraphs are the blocks of a text that an editor wrote, as Markdown.
func paragraphs(s string) []article.Block {
	if strings.TrimSpace(s) == "" {
		return nil
	}
	d, err := article.Parse(s, article.Options{Format: article.Markdown})
	if err != nil {
		return nil
	}
	return d.Blocks
}
