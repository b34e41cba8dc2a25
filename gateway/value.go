package gateway

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"time"
)

// value is what the cache holds of a segment or a summary. Its text is kept
// JSON-escaped, so that a hit is pasted into an answer and not encoded again.
//
// Layout: version 2, flags, then as uvarint the Unix second it was made; then,
// each behind its length as uvarint, the model, the prompt version, the
// warnings as JSON (empty when there are none) and the text as a JSON string
// (of bullets, a JSON array of strings), and at the end a CRC-32C of it all,
// little-endian: a text that is pasted must be the one that was stored.
type value struct {
	made     time.Time
	model    string
	version  string // of the prompt
	digits   byte   // which digits stand in the text
	fallback bool   // a fallback upstream answered
	doubtful bool   // its warnings shorten its life; not stored
	warnings []Warning
	text     []byte // JSON
}

const (
	valueVersion  = 2
	sumBytes      = 4
	flagLatin     = 1
	flagDeva      = 2
	flagFallback  = 4
	maxValueBytes = 16 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var errValue = errors.New("gateway: a cached value is not readable")

func (v *value) encode() []byte {
	var warnings []byte
	if len(v.warnings) > 0 {
		warnings, _ = json.Marshal(v.warnings) // strings alone: cannot fail
	}
	b := make([]byte, 0, len(v.text)+len(v.model)+len(v.version)+len(warnings)+24)
	flags := v.digits // flagLatin, flagDeva are hasLatin, hasDevanagari
	if v.fallback {
		flags |= flagFallback
	}
	b = append(b, valueVersion, flags)
	b = binary.AppendUvarint(b, uint64(v.made.Unix()))
	for _, part := range [][]byte{[]byte(v.model), []byte(v.version), warnings, v.text} {
		b = binary.AppendUvarint(b, uint64(len(part)))
		b = append(b, part...)
	}
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// decodeValue reads what encode wrote. The value keeps b.
func decodeValue(b []byte) (*value, error) {
	body := len(b) - sumBytes
	if body < 2 || b[0] != valueVersion || len(b) > maxValueBytes || crc32.Checksum(b[:body], castagnoli) != binary.LittleEndian.Uint32(b[body:]) {
		return nil, errValue
	}
	b = b[:body]
	v := &value{digits: b[1] & (flagLatin | flagDeva), fallback: b[1]&flagFallback != 0}
	b = b[2:]
	made, n := binary.Uvarint(b)
	if n <= 0 {
		return nil, errValue
	}
	v.made, b = time.Unix(int64(made), 0), b[n:]
	var parts [4][]byte
	for i := range parts {
		size, n := binary.Uvarint(b)
		if n <= 0 || size > uint64(len(b)-n) {
			return nil, errValue
		}
		parts[i], b = b[n:n+int(size)], b[n+int(size):]
	}
	if len(b) > 0 || len(parts[3]) < 2 {
		return nil, errValue
	}
	v.model, v.version, v.text = string(parts[0]), string(parts[1]), parts[3]
	if len(parts[2]) > 0 && json.Unmarshal(parts[2], &v.warnings) != nil {
		return nil, errValue
	}
	return v, nil
}

// quote is s as JSON, with &, < and > as they are: the text goes into
// application/json, never into a page.
func quote(s any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // strings and slices of them: cannot fail
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func unquote(b []byte) string {
	var s string
	if json.Unmarshal(b, &s) != nil {
		return ""
	}
	return s
}

func (v *value) string() string { return unquote(v.text) }

func (v *value) bullets() []string {
	var list []string
	_ = json.Unmarshal(v.text, &list)
	return list
}
