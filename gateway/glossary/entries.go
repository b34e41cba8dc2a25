package glossary

import (
	"errors"
	"fmt"
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bounds of what is kept; those of DeepL's glossaries.
const (
	MaxTerm       = 1024     // bytes of a term or of its translation, in UTF-8
	MaxName       = 1024     // bytes of a glossary's name
	MaxBytes      = 10 << 20 // of a glossary's entries, written as TSV
	MaxGlossaries = 1000     // of one owner
)

// Entry is a source term and what to write for it.
type Entry struct{ Source, Target string }

// Entries are those of one direction, in the order in which they were given. No
// source term stands in them twice.
type Entries []Entry

// All gives the source terms, each with its translation.
func (e Entries) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, x := range e {
			if !yield(x.Source, x.Target) {
				return
			}
		}
	}
}

// Bytes is the size of the entries as TSV.
func (e Entries) Bytes() int {
	n := 0
	for _, x := range e {
		n += x.bytes()
	}
	return n
}

func (x Entry) bytes() int { return len(x.Source) + len(x.Target) + 2 }

// Merge gives e with more in it: a term that e has gets the translation of more,
// one that it has not stands behind the others.
func (e Entries) Merge(more Entries) (Entries, error) {
	at := make(map[string]int, len(e)+len(more))
	out := make(Entries, len(e), len(e)+len(more))
	for i, x := range e {
		out[i], at[x.Source] = x, i
	}
	for _, x := range more {
		if i, ok := at[x.Source]; ok {
			out[i] = x
		} else {
			out = append(out, x)
		}
	}
	if out.Bytes() > MaxBytes {
		return nil, ErrTooLarge
	}
	return out, nil
}

// ErrTooLarge is the error of entries of more than MaxBytes.
var ErrTooLarge = errors.New("glossary: more than 10 MiB of entries")

// Error is what is wrong with the text of a glossary, and where. It says nothing
// of the text itself.
type Error struct {
	Place   string // "line" of TSV and CSV, "entry" of JSON
	At      int    // its number, from 1; 0: the text as a whole
	Message string
}

func (e *Error) Error() string {
	if e.At == 0 {
		return e.Message
	}
	return fmt.Sprintf("%s %d: %s", e.Place, e.At, e.Message)
}

// reader takes in the entries of one text.
type reader struct {
	place   string
	entries Entries
	seen    map[string]int // source term → where it stands
	bytes   int
}

func newReader(place string) *reader { return &reader{place: place, seen: map[string]int{}} }

func (r *reader) wrong(at int, format string, args ...any) error {
	return &Error{r.place, at, fmt.Sprintf(format, args...)}
}

func (r *reader) add(at int, source, target string) error {
	x := Entry{tidy(source), tidy(target)}
	if why := faultOf(x.Source); why != "" {
		return r.wrong(at, "the term %s", why)
	}
	if why := faultOf(x.Target); why != "" {
		return r.wrong(at, "the translation %s", why)
	}
	if first, ok := r.seen[x.Source]; ok {
		return r.wrong(at, "the term stands in %s %d already; a term has one translation", r.place, first)
	}
	if r.bytes += x.bytes(); r.bytes > MaxBytes {
		return ErrTooLarge
	}
	r.seen[x.Source] = at
	r.entries = append(r.entries, x)
	return nil
}

// done gives the entries; a glossary without any is of no use.
func (r *reader) done() (Entries, error) {
	if len(r.entries) == 0 {
		return nil, r.wrong(0, "there are no entries")
	}
	return r.entries, nil
}

// tidy takes white space and byte order marks off a term's edges and gives it
// Unicode's composed form (NFC, Unicode Annex 15).
func tidy(s string) string {
	s = strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' })
	if !norm.NFC.IsNormalString(s) {
		s = norm.NFC.String(s)
	}
	return s
}

// faultOf says why a term or a name can not be kept; "": it can.
func faultOf(s string) string {
	switch {
	case s == "":
		return "is empty"
	case len(s) > MaxTerm:
		return fmt.Sprintf("has %d bytes; at most %d are allowed", len(s), MaxTerm)
	case !utf8.ValidString(s):
		return "is not valid UTF-8"
	case strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }):
		return "holds a control character or a line break"
	}
	return ""
}

// Name gives a glossary's name as it is kept; the error says what is wrong with
// it.
func Name(s string) (string, error) {
	s = tidy(s)
	if why := faultOf(s); why != "" { // MaxName is MaxTerm
		return "", errors.New(why)
	}
	return s, nil
}
