package glossary

import (
	"bytes"
	"compress/flate"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"
)

// Glossary is one as it is listed: without its entries.
type Glossary struct {
	ID           string // a UUID in lower case
	Name         string
	Created      time.Time // in UTC, to the millisecond
	Dictionaries []Summary // at most one a direction, in the order in which they were made
}

// Summary is what is known of a dictionary without reading its entries.
type Summary struct {
	Source, Target string // hi and en, or the other way about
	Count          int    // entries
	bytes          int    // of them as TSV
	body           string // id of the record that holds them
}

// Dictionary is one with its entries.
type Dictionary struct {
	Source, Target string
	Entries        Entries
}

// Of gives the summary of the dictionary from source to target; false: there is
// none.
func (g *Glossary) Of(source, target string) (Summary, bool) {
	for _, d := range g.Dictionaries {
		if d.Source == source && d.Target == target {
			return d, true
		}
	}
	return Summary{}, false
}

// head is a Glossary's record.
type head struct {
	Name         string        `json:"name"`
	Created      int64         `json:"created"` // Unix milliseconds
	Dictionaries []headSummary `json:"dictionaries"`
}

type headSummary struct {
	Source string `json:"source"`
	Target string `json:"target"`
	Count  int    `json:"count"`
	Bytes  int    `json:"bytes"`
	Body   string `json:"body"`
}

func (g *Glossary) encode() []byte {
	h := head{Name: g.Name, Created: g.Created.UnixMilli()}
	for _, d := range g.Dictionaries {
		h.Dictionaries = append(h.Dictionaries, headSummary{d.Source, d.Target, d.Count, d.bytes, d.body})
	}
	b, _ := json.Marshal(h) // strings and numbers: cannot fail
	return b
}

func decodeHead(id string, b []byte) (*Glossary, error) {
	var h head
	if err := json.Unmarshal(b, &h); err != nil {
		return nil, errors.New("glossary: a record that cannot be read")
	}
	g := &Glossary{ID: id, Name: h.Name, Created: time.UnixMilli(h.Created).UTC()}
	for _, d := range h.Dictionaries {
		g.Dictionaries = append(g.Dictionaries, Summary{d.Source, d.Target, d.Count, d.Bytes, d.Body})
	}
	return g, nil
}

// The first byte of an entries record says how the TSV behind it is written.
const (
	asItIs   = '0'
	deflated = '1'
)

const smallBody = 1 << 10 // bytes of TSV that are not worth packing

func (e Entries) encode() []byte {
	tsv := e.TSV()
	if len(tsv) < smallBody {
		return append([]byte{asItIs}, tsv...)
	}
	var b bytes.Buffer
	b.WriteByte(deflated)
	w, _ := flate.NewWriter(&b, flate.BestSpeed) // the level is a valid one
	_, _ = io.WriteString(w, tsv)                // a Buffer takes everything
	_ = w.Close()
	return b.Bytes()
}

var errBroken = errors.New("glossary: an entries record that cannot be read")

// decodeEntries reads what encode wrote; it has been checked before that.
func decodeEntries(b []byte) (Entries, error) {
	if len(b) < 2 {
		return nil, errBroken
	}
	var tsv strings.Builder
	switch b[0] {
	case asItIs:
		tsv.Write(b[1:])
	case deflated:
		if n, err := io.Copy(&tsv, io.LimitReader(flate.NewReader(bytes.NewReader(b[1:])), MaxBytes+1)); err != nil || n > MaxBytes {
			return nil, errBroken
		}
	default:
		return nil, errBroken
	}
	out := make(Entries, 0, strings.Count(tsv.String(), "\n")+1)
	for line := range strings.SplitSeq(tsv.String(), "\n") {
		source, target, ok := strings.Cut(line, "\t")
		if !ok {
			return nil, errBroken
		}
		out = append(out, Entry{source, target})
	}
	return out, nil
}

// newID is a random UUID (RFC 9562, version 4).
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// ID gives a glossary's id as it is kept; false: it is no UUID, and so no id.
func ID(s string) (string, bool) {
	if len(s) != 36 {
		return "", false
	}
	s = strings.ToLower(s)
	for i := range len(s) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (s[i] == '-') || !dash && !strings.Contains("0123456789abcdef", s[i:i+1]) {
			return "", false
		}
	}
	return s, true
}
