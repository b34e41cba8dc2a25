package newsletter

import (
	"html/template"
	"net/url"
	"strings"
	"time"

	"github.com/vanng822/go-premailer/premailer"
)

// functions are what templates can call beside the methods of what they get.
var functions = template.FuncMap{
	"both":       func(t Text, languages []string) string { return t.both(languages, " / ") },
	"date":       func(lang string, t time.Time) string { return dateIn(lang, t) },
	"languageOf": languageOf,
	"shown":      func(t Text, languages []string) []string { return t.shown(languages) },
	"lines":      func(s string) []string { return strings.Split(strings.TrimSpace(s), "\n") },
	"mso":        func(name string) template.HTML { return conditional[name] },
	"padding":    func() string { return padding },
	"words":      func(lang string) *Words { return wordsIn(lang) },
}

// conditional are comments that Outlook for Windows, which lays out with Word,
// reads as markup: it knows neither max-width nor inline-block, so that it gets
// tables of fixed width, and the fonts told again, for it does not hand them down
// into tables. html/template drops comments that stand in a template.
var conditional = map[string]template.HTML{
	"head": "<!--[if mso]><xml><o:OfficeDocumentSettings xmlns:o=\"urn:schemas-microsoft-com:office:office\">" +
		"<o:PixelsPerInch>96</o:PixelsPerInch></o:OfficeDocumentSettings></xml>" +
		"<style>td,p,li,h1,h2,h3,h4,blockquote{font-family:'Nirmala UI',Arial,sans-serif!important}</style><![endif]-->",
	"open":   `<!--[if mso]><table role="presentation" width="600"><tr><td><![endif]-->`,
	"close":  `<!--[if mso]></td></tr></table><![endif]-->`,
	"row":    `<!--[if mso]><table role="presentation" width="100%"><tr><td width="50%" valign="top"><![endif]-->`,
	"column": `<!--[if mso]></td><td width="50%" valign="top"><![endif]-->`,
	"end":    `<!--[if mso]></td></tr></table><![endif]-->`,
}

// padding stands behind the preheader, so that a list of mails does not show
// the mail's first lines behind it: a combining grapheme joiner, which is not
// seen, and a space that is not collapsed, many times.
var padding = strings.Repeat("\u034F\u00A0", 90)

// mailHTML is the e-mail.
func (r *Renderer) mailHTML(e *Edition) ([]byte, error) {
	page, err := r.execute("layout.html", e.page())
	if err != nil {
		return nil, err
	}
	return inlineCSS(page)
}

// inlineCSS puts the rules of <style> into the elements, for mail programs that
// read no <style>; media queries stay in one.
func inlineCSS(page []byte) ([]byte, error) {
	p, err := premailer.NewPremailerFromBytes(page, premailer.NewOptions(premailer.WithCssToAttributes(false)))
	if err != nil {
		return nil, &TemplateError{File: "layout.html", Reason: "what it writes cannot be read as HTML"}
	}
	s, err := p.Transform()
	if err != nil {
		return nil, &TemplateError{File: "style.css", Reason: "its rules cannot be put into the elements"}
	}
	return []byte(printable(strings.TrimSpace(s)) + "\n"), nil
}

// Why says in a language why a reader got the mail.
func (e *Edition) Why(lang string) string {
	if e.Sender.Name == "" {
		return wordsIn(lang).WhyUnnamed
	}
	return strings.Replace(wordsIn(lang).Why, "%s", e.Sender.Name, 1)
}

// Home is the sender's website, "" = none.
func (e *Edition) Home() string { return webURL(e.Sender.Website) }

// Leave is where a reader unsubscribes: an address of the web, or a mailto: one;
// "" = none.
func (e *Edition) Leave() string {
	if u, err := url.Parse(strings.TrimSpace(e.Sender.Unsubscribe)); err == nil && u.Scheme == "mailto" {
		return u.String()
	}
	return webURL(e.Sender.Unsubscribe)
}
