package glossary

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// ParseTSV reads a term, a tab and its translation a line. There are no escapes,
// so that a term can hold neither tab nor line break; empty lines are passed
// over. The error is an *Error or ErrTooLarge.
func ParseTSV(text string) (Entries, error) {
	text, err := plainText(text)
	if err != nil {
		return nil, err
	}
	r, at := newReader("line"), 0
	for line := range strings.SplitSeq(text, "\n") {
		at++
		if strings.TrimSpace(line) == "" {
			continue
		}
		source, target, ok := strings.Cut(line, "\t")
		if !ok {
			return nil, r.wrong(at, "there is no tab between a term and its translation")
		}
		if strings.Contains(strings.TrimSpace(target), "\t") {
			return nil, r.wrong(at, "there is more than one tab")
		}
		if err := r.add(at, source, target); err != nil {
			return nil, err
		}
	}
	return r.done()
}

// ParseCSV reads records of two columns, a term and its translation, or of four
// with the two languages' codes behind them (RFC 4180, parted by commas). A
// record for another direction than source→target is passed over. The error is
// an *Error or ErrTooLarge.
func ParseCSV(text, source, target string) (Entries, error) {
	text, err := plainText(text)
	if err != nil {
		return nil, err
	}
	r, other := newReader("line"), false
	c := csv.NewReader(strings.NewReader(text))
	c.FieldsPerRecord, c.TrimLeadingSpace, c.ReuseRecord = -1, true, true
	for {
		record, err := c.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			at := 0
			var p *csv.ParseError
			if errors.As(err, &p) {
				at = p.Line
			}
			return nil, r.wrong(at, `a quote stands where none may, or is not closed; put a field with quotes in quotes and double those inside`)
		}
		at, _ := c.FieldPos(0)
		switch {
		case strings.TrimSpace(strings.Join(record, "")) == "":
			continue
		case len(record) != 2 && len(record) != 4:
			return nil, r.wrong(at, "a record has two columns (term, translation) or four (and the codes of their languages), not %d", len(record))
		case len(record) == 4 && (!sameLanguage(record[2], source) || !sameLanguage(record[3], target)):
			other = true
			continue
		}
		if err := r.add(at, record[0], record[1]); err != nil {
			return nil, err
		}
	}
	if len(r.entries) == 0 && other {
		return nil, r.wrong(0, "no entry is for %s→%s", source, target)
	}
	return r.done()
}

// sameLanguage tells whether a code of a CSV file, which may be left out or name
// a region (en-US), is for a language.
func sameLanguage(code, language string) bool {
	code, _, _ = strings.Cut(strings.TrimSpace(code), "-")
	return code == "" || strings.EqualFold(code, language)
}

// ParseJSON reads an object of translations by term. The error is an *Error or
// ErrTooLarge.
func ParseJSON(text []byte) (Entries, error) {
	r := newReader("entry")
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if !utf8.Valid(text) {
		return nil, r.wrong(0, "the text is not valid UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, r.wrong(0, "must be a JSON object of translations by term")
	}
	for at := 1; d.More(); at++ {
		term, err := d.Token()
		if err != nil {
			return nil, r.wrong(at, "the JSON is broken")
		}
		target, err := d.Token()
		if err != nil {
			return nil, r.wrong(at, "the JSON is broken")
		}
		to, ok := target.(string)
		if !ok {
			return nil, r.wrong(at, "the translation must be a string")
		}
		if err := r.add(at, term.(string), to); err != nil {
			return nil, err
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, r.wrong(0, "the JSON ends too early")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, r.wrong(0, "there is more behind the JSON object")
	}
	return r.done()
}

// plainText is text with \n as line ends and without a byte order mark.
func plainText(text string) (string, error) {
	if !utf8.ValidString(text) {
		return "", &Error{"line", firstBroken(text), "is not valid UTF-8; save the file as UTF-8"}
	}
	text = strings.TrimPrefix(text, "\ufeff")
	if strings.Contains(text, "\r") {
		text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	}
	return text, nil
}

// firstBroken is the line in which text is no UTF-8.
func firstBroken(text string) int {
	at := 0
	for line := range strings.Lines(text) {
		if at++; !utf8.ValidString(line) {
			break
		}
	}
	return at
}

// TSV writes the entries as [ParseTSV] reads them, without a line end behind the
// last.
func (e Entries) TSV() string {
	var b strings.Builder
	b.Grow(e.Bytes())
	for i, x := range e {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(x.Source)
		b.WriteByte('\t')
		b.WriteString(x.Target)
	}
	return b.String()
}

// CSV writes the entries as two columns, with a line end (\n) behind each.
func (e Entries) CSV() string {
	var b strings.Builder
	b.Grow(e.Bytes())
	w := csv.NewWriter(&b)
	for _, x := range e {
		_ = w.Write([]string{x.Source, x.Target}) // a Builder takes everything
	}
	w.Flush()
	return b.String()
}

// AppendJSON writes the entries as an object, in their order.
func (e Entries) AppendJSON(b []byte) []byte {
	w := bytes.NewBuffer(b)
	j := json.NewEncoder(w)
	j.SetEscapeHTML(false)
	text := func(s string) {
		_ = j.Encode(s) // a string can be encoded, and a Buffer takes everything
		w.Truncate(w.Len() - 1)
	}
	w.WriteByte('{')
	for i, x := range e {
		if i > 0 {
			w.WriteByte(',')
		}
		text(x.Source)
		w.WriteByte(':')
		text(x.Target)
	}
	w.WriteByte('}')
	return w.Bytes()
}
