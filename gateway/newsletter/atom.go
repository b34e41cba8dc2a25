package newsletter

import (
	"bytes"
	"encoding/xml"
	"time"
)

// The elements of Atom (RFC 4287) that are written.
type (
	atomFeed struct {
		XMLName  xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
		Lang     string      `xml:"xml:lang,attr"`
		ID       string      `xml:"id"`
		Title    atomText    `xml:"title"`
		Subtitle *atomText   `xml:"subtitle"`
		Updated  string      `xml:"updated"`
		Author   atomPerson  `xml:"author"`
		Links    []atomLink  `xml:"link"`
		Tool     string      `xml:"generator"`
		Entries  []atomEntry `xml:"entry"`
	}
	atomEntry struct {
		Lang      string        `xml:"xml:lang,attr,omitempty"`
		ID        string        `xml:"id"`
		Title     atomText      `xml:"title"`
		Updated   string        `xml:"updated"`
		Published string        `xml:"published,omitempty"`
		Author    *atomPerson   `xml:"author"`
		Links     []atomLink    `xml:"link"`
		Category  *atomCategory `xml:"category"`
		Summary   *atomText     `xml:"summary"`
		Content   atomText      `xml:"content"`
	}
	atomText struct {
		Type string `xml:"type,attr"`
		Text string `xml:",chardata"`
	}
	atomPerson struct {
		Name string `xml:"name"`
		URI  string `xml:"uri,omitempty"`
	}
	atomLink struct {
		Rel      string `xml:"rel,attr"`
		Type     string `xml:"type,attr,omitempty"`
		Language string `xml:"hreflang,attr,omitempty"`
		Href     string `xml:"href,attr"`
	}
	atomCategory struct {
		Term string `xml:"term,attr"`
	}
)

// atom is the edition as an Atom feed. Where it will stand is not known, so that
// it has no link to itself (section 4.1.1: it should).
func atom(e *Edition, f Form) ([]byte, error) {
	v, err := e.feed(f)
	if err != nil {
		return nil, err
	}
	feed := atomFeed{
		Lang: v.Language, ID: v.ID, Title: atomText{"text", v.Title}, Updated: v.Updated.Format(time.RFC3339),
		Author: atomPerson{e.author(v), e.Home()}, Tool: "Dubhashi",
	}
	if v.About != "" {
		feed.Subtitle = &atomText{"text", v.About}
	}
	if home := e.Home(); home != "" {
		feed.Links = []atomLink{{Rel: "alternate", Type: "text/html", Href: home}}
	}
	for i, entry := range v.Entries {
		feed.Entries = append(feed.Entries, atomOf(&entry, e.Stories()[i].Language, v.Language))
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	enc := xml.NewEncoder(&b)
	enc.Indent("", "  ")
	if err := enc.Encode(feed); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

func atomOf(entry *feedEntry, original, feedLanguage string) atomEntry {
	out := atomEntry{
		ID: entry.ID, Title: atomText{"text", entry.Title}, Updated: entry.Updated.Format(time.RFC3339),
		Content: atomText{"html", entry.Content},
	}
	if entry.Language != feedLanguage {
		out.Lang = entry.Language
	}
	if !entry.Published.IsZero() {
		out.Published = entry.Published.Format(time.RFC3339)
	}
	if entry.Publication != "" {
		out.Author = &atomPerson{Name: entry.Publication}
	}
	if entry.Link != "" {
		out.Links = []atomLink{{"alternate", "text/html", original, entry.Link}}
	}
	if entry.Section != "" {
		out.Category = &atomCategory{entry.Section}
	}
	if entry.Summary != "" {
		out.Summary = &atomText{"text", entry.Summary}
	}
	return out
}
