package api

// GlossaryRequest is the JSON body of POST /v1/glossaries and PUT
// /v1/glossaries/ID. Instead of it the entries can be sent as
// text/tab-separated-values or text/csv, with name, source and target in the
// query.
type GlossaryRequest struct {
	Name    string            `json:"name"`
	Source  string            `json:"source"`            // hi, en
	Target  string            `json:"target"`            // the other one
	Entries map[string]string `json:"entries"`           // source term → target term
	Reverse map[string]string `json:"reverse,omitempty"` // entries from the target into the source
}

// Glossary is a stored glossary. Entries and Reverse stand in the answer of GET
// /v1/glossaries/ID alone.
type Glossary struct {
	ID           string            `json:"id"`
	Name         string            `json:"name"`
	Source       string            `json:"source,omitempty"` // none: it has no entries
	Target       string            `json:"target,omitempty"`
	EntryCount   int               `json:"entry_count"`
	ReverseCount int               `json:"reverse_count"` // entries of the other direction
	Created      string            `json:"created"`       // RFC 3339, in UTC
	Entries      map[string]string `json:"entries,omitempty"`
	Reverse      map[string]string `json:"reverse,omitempty"`
}

// Glossaries is a page of GET /v1/glossaries, the newest first.
type Glossaries struct {
	Glossaries []Glossary `json:"glossaries"`
	NextCursor string     `json:"next_cursor,omitempty"` // none: this is the last page
}
