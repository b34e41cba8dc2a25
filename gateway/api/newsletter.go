package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"time"
)

// NewsletterRequest is the body of POST /v1/newsletters: an issue and what is
// wanted of it.
type NewsletterRequest struct {
	Issue
	Format  string   `json:"format,omitempty"`  // html, text, markdown, eml, atom, jsonfeed, review, json; "" = by the Accept header
	Async   *bool    `json:"async,omitempty"`   // answer with a Job
	Webhook *Webhook `json:"webhook,omitempty"` // to tell of the job's end
}

// Issue is one issue of a newsletter as its editor writes it, in JSON or YAML.
type Issue struct {
	Title     Bilingual      `json:"title" yaml:"title"`
	Subject   Bilingual      `json:"subject,omitzero" yaml:"subject"`     // of the e-mail; default: the title
	Preheader Bilingual      `json:"preheader,omitzero" yaml:"preheader"` // shown behind the subject in a list of mails; default: the first headlines
	Date      string         `json:"date,omitempty" yaml:"date"`          // YYYY-MM-DD; default: today in India
	Intro     Bilingual      `json:"intro,omitzero" yaml:"intro"`         // one or more paragraphs
	Footer    Bilingual      `json:"footer,omitzero" yaml:"footer"`
	Languages []string       `json:"languages,omitempty" yaml:"languages"` // those shown, in their order; default hi, en
	Layout    string         `json:"layout,omitempty" yaml:"layout"`       // stacked, side-by-side, summary-first
	Show      string         `json:"show,omitempty" yaml:"show"`           // of stories that do not say themselves: summary, lead, full
	Order     string         `json:"order,omitempty" yaml:"order"`         // given, newest, oldest
	Sections  []Bilingual    `json:"sections,omitempty" yaml:"sections"`   // their order; stories without a section come first, other sections last
	Contents  *bool          `json:"contents,omitempty" yaml:"contents"`   // the line "in this issue"; default: from three stories on
	Articles  []IssueArticle `json:"articles,omitempty" yaml:"articles"`
	Feeds     []IssueFeed    `json:"feeds,omitempty" yaml:"feeds"`
	Seen      string         `json:"seen,omitempty" yaml:"seen"`         // a name: items of feeds that an issue of an earlier date under it held are left out
	Remember  *bool          `json:"remember,omitempty" yaml:"remember"` // false: a trial, whose items are not counted as seen
	Accept    []string       `json:"accept,omitempty" yaml:"accept"`     // ids of flags that the editor has looked at
	Sender    IssueSender    `json:"sender,omitzero" yaml:"sender"`

	Glossary   map[string]string `json:"glossary,omitempty" yaml:"glossary"` // either direction; the term's script tells which
	GlossaryID string            `json:"glossary_id,omitempty" yaml:"glossary_id"`
	Register   string            `json:"register,omitempty" yaml:"register"` // news, formal, colloquial
	Numerals   string            `json:"numerals,omitempty" yaml:"numerals"` // latin, devanagari, keep
	CacheMode  string            `json:"cache,omitempty" yaml:"cache"`       // use, refresh, only, off
}

// IssueArticle is a story that the editor names. One of File, Text, HTML,
// Markdown and URL is given.
type IssueArticle struct {
	File     string `json:"file,omitempty" yaml:"file"` // of the command alone: a path beside the issue's file
	Text     string `json:"text,omitempty" yaml:"text"`
	HTML     string `json:"html,omitempty" yaml:"html"`
	Markdown string `json:"markdown,omitempty" yaml:"markdown"`
	URL      string `json:"url,omitempty" yaml:"url"`

	Title       Bilingual `json:"title,omitzero" yaml:"title"`              // the editor's own headline
	Summary     Bilingual `json:"summary,omitzero" yaml:"summary"`          // the editor's own summary
	Link        string    `json:"link,omitempty" yaml:"link"`               // where the whole story stands; default: the url
	Publication string    `json:"publication,omitempty" yaml:"publication"` // whose it is
	Date        string    `json:"date,omitempty" yaml:"date"`               // YYYY-MM-DD or RFC 3339
	Image       string    `json:"image,omitempty" yaml:"image"`             // address of a picture; "none": not even the page's own
	Alt         Bilingual `json:"alt,omitzero" yaml:"alt"`                  // what the picture shows
	Section     Bilingual `json:"section,omitzero" yaml:"section"`
	Show        string    `json:"show,omitempty" yaml:"show"` // summary, lead, full
}

// IssueFeed is a feed whose items become stories: RSS, Atom, RDF or JSON Feed.
type IssueFeed struct {
	URL         string    `json:"url,omitempty" yaml:"url"`
	File        string    `json:"file,omitempty" yaml:"file"`   // of the command alone
	Limit       int       `json:"limit,omitempty" yaml:"limit"` // most items; default 5
	Since       string    `json:"since,omitempty" yaml:"since"` // an age (36h, 7d) or a date (YYYY-MM-DD); default: any
	Publication string    `json:"publication,omitempty" yaml:"publication"`
	Section     Bilingual `json:"section,omitzero" yaml:"section"`
	Show        string    `json:"show,omitempty" yaml:"show"`
	FullText    *bool     `json:"full_text,omitempty" yaml:"full_text"` // fetch the page of an item that has a teaser alone; default true
}

// IssueSender is who sends the issue.
type IssueSender struct {
	Name        string `json:"name,omitempty" yaml:"name"`
	Email       string `json:"email,omitempty" yaml:"email"`
	ReplyTo     string `json:"reply_to,omitempty" yaml:"reply_to"`
	Unsubscribe string `json:"unsubscribe,omitempty" yaml:"unsubscribe"` // https, or mailto:
	Address     string `json:"address,omitempty" yaml:"address"`         // postal
	Website     string `json:"website,omitempty" yaml:"website"`         // home page, in the feeds too
}

// Bilingual is a text in Hindi, English or both. Written as one string it is in
// either language, or in both, parted by " / " or " | " ("सप्ताह / The week");
// as an object it has the members hi and en. What is missing is translated.
type Bilingual struct {
	Text   string // as one string
	Hi, En string // as an object
}

// IsZero reports whether there is no text.
func (b Bilingual) IsZero() bool { return b == Bilingual{} }

// notBilingual is an error that encoding/json completes with the field's name.
func notBilingual(data []byte) error {
	value := "a number"
	switch data[0] {
	case '{':
		value = "an object with other members"
	case '[':
		value = "a list"
	case 't', 'f':
		value = "true or false"
	}
	return &json.UnmarshalTypeError{Value: value, Type: reflect.TypeFor[Bilingual]()}
}

type bilingualObject struct {
	Hi string `json:"hi,omitempty" yaml:"hi"`
	En string `json:"en,omitempty" yaml:"en"`
}

// MarshalJSON is the string, or the object.
func (b Bilingual) MarshalJSON() ([]byte, error) {
	if b.Hi == "" && b.En == "" {
		return json.Marshal(b.Text)
	}
	return json.Marshal(bilingualObject{b.Hi, b.En})
}

// UnmarshalJSON reads either form.
func (b *Bilingual) UnmarshalJSON(data []byte) error {
	*b = Bilingual{}
	if bytes.HasPrefix(data, []byte(`"`)) || bytes.Equal(data, []byte("null")) {
		return json.Unmarshal(data, &b.Text)
	}
	var o bilingualObject
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&o); err != nil {
		return notBilingual(data)
	}
	b.Hi, b.En = o.Hi, o.En
	return nil
}

// UnmarshalYAML reads either form, for the YAML libraries that know this method.
func (b *Bilingual) UnmarshalYAML(unmarshal func(any) error) error {
	*b = Bilingual{}
	if unmarshal(&b.Text) == nil {
		return nil
	}
	m := map[string]string{}
	if err := unmarshal(&m); err != nil {
		return errBilingual
	}
	for k, v := range m {
		switch k {
		case "hi":
			b.Hi = v
		case "en":
			b.En = v
		default:
			return errBilingual
		}
	}
	return nil
}

var errBilingual = fmt.Errorf("must be a text, or an object with the texts hi and en")

// Newsletter is an issue that was made, as data: what every other form is
// written from.
type Newsletter struct {
	ID        string              `json:"id"` // the same for the same title and date
	Title     map[string]string   `json:"title"`
	Subject   string              `json:"subject"`
	Preheader string              `json:"preheader"`
	Date      string              `json:"date"` // YYYY-MM-DD
	Languages []string            `json:"languages"`
	Layout    string              `json:"layout"`
	Status    string              `json:"status"` // complete, partial: see the notices
	Intro     []NewsletterPair    `json:"intro"`
	Footer    []NewsletterPair    `json:"footer"`
	Sections  []NewsletterSection `json:"sections"`
	Notices   []NewsletterNotice  `json:"notices"`
	Flags     int                 `json:"flags"` // that the editor has not accepted
	MailBytes int                 `json:"mail_bytes"`
	Usage     Usage               `json:"usage"`
}

// NewsletterSection is some stories under one heading; the first section may
// have none.
type NewsletterSection struct {
	Title   map[string]string `json:"title,omitempty"`
	Stories []NewsletterStory `json:"stories"`
}

// NewsletterStory is one story.
type NewsletterStory struct {
	ID          string           `json:"id"`
	Language    string           `json:"language"` // that it was written in
	Link        string           `json:"link,omitempty"`
	Publication string           `json:"publication,omitempty"`
	Published   *time.Time       `json:"published,omitempty"`
	Headline    NewsletterPair   `json:"headline"`
	Image       *NewsletterImage `json:"image,omitempty"`
	Summary     []NewsletterPair `json:"summary"`
	Show        string           `json:"show"`    // summary, lead, full
	InMail      string           `json:"in_mail"` // the same, or summary where the e-mail would have been too long
	Body        []NewsletterPair `json:"body"`
	Minutes     map[string]int   `json:"minutes,omitempty"` // to read the whole story, by language
}

// NewsletterImage is a picture, by its address.
type NewsletterImage struct {
	URL string            `json:"url"`
	Alt map[string]string `json:"alt"`
}

// NewsletterPair is one paragraph in each language. A language that is missing
// has no translation: see the flags.
type NewsletterPair struct {
	Kind     string            `json:"kind"`
	Level    int               `json:"level,omitempty"`
	Original string            `json:"original"` // the language that was translated from
	Text     map[string]string `json:"text"`
	HTML     map[string]string `json:"html,omitempty"` // where there are links or emphasis
	Flags    []NewsletterFlag  `json:"flags,omitempty"`
}

// NewsletterFlag marks a paragraph that an editor has to look at.
type NewsletterFlag struct {
	ID       string `json:"id"` // of this flag on these words; for the issue's accept
	Code     string `json:"code"`
	Message  string `json:"message"`
	Accepted bool   `json:"accepted,omitempty"`
}

// NewsletterNotice tells of something that is not as it was ordered: a feed that
// could not be read, a story that was left out or shortened.
type NewsletterNotice struct {
	Where   string `json:"where,omitempty"` // e.g. feeds[1], articles[0]
	URL     string `json:"url,omitempty"`
	Code    string `json:"code"`
	Message string `json:"message"`

	// Flag is the id of a flag on words where no mark can stand, as in the title;
	// for Accept.
	Flag     string `json:"flag,omitempty"`
	Accepted bool   `json:"accepted,omitempty"`
}
