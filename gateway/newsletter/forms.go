package newsletter

// Form names a form that an edition is written in.
type Form string

// The forms.
const (
	HTML       Form = "html"     // the e-mail
	PlainText  Form = "text"     // its text/plain part
	Markdown   Form = "markdown" // with front matter
	EML        Form = "eml"      // multipart/alternative of the two (RFC 5322, RFC 2046)
	Atom       Form = "atom"     // RFC 4287, an entry a story, both languages
	AtomHindi  Form = "atom-hi"  // in one language
	AtomEng    Form = "atom-en"
	JSONFeed   Form = "jsonfeed" // JSON Feed 1.1
	FeedHindi  Form = "jsonfeed-hi"
	FeedEng    Form = "jsonfeed-en"
	JSON       Form = "json"   // api.Newsletter
	ReviewPage Form = "review" // HTML for the editor's eyes: what is flagged and why
)

// Forms are all forms with their media types and file extensions, in the order
// in which they are told.
var Forms = []struct {
	Form            Form
	Type, Extension string
}{
	{HTML, "text/html", "html"},
	{PlainText, "text/plain", "txt"},
	{Markdown, "text/markdown", "md"},
	{EML, "message/rfc822", "eml"},
	{Atom, "application/atom+xml", "atom.xml"},
	{AtomHindi, "application/atom+xml", "hi.atom.xml"},
	{AtomEng, "application/atom+xml", "en.atom.xml"},
	{JSONFeed, "application/feed+json", "feed.json"},
	{FeedHindi, "application/feed+json", "hi.feed.json"},
	{FeedEng, "application/feed+json", "en.feed.json"},
	{JSON, "application/json", "json"},
	{ReviewPage, "text/html", "review.html"},
}
