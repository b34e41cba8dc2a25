package fetch

import (
	"bytes"
	"cmp"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"
)

// decode turns a page into UTF-8 without a byte order mark. The charset is the
// one of the byte order mark; else of the header; else of the page itself
// (XML's prolog, HTML's meta); else UTF-8 where the bytes are, and windows-1252
// where they are not (WHATWG Encoding and HTML, "determining the character
// encoding"). Two labels lie so often that they are not believed: windows-1252
// (iso-8859-1 to the web) over bytes that are UTF-8, and UTF-8 over bytes of
// which none beyond ASCII is.
//
// False: the charset is one that must not be read (WHATWG's "replacement").
func decode(b []byte, header string, isHTML bool) (string, bool) {
	label := bomOf(b)
	if label == "" {
		label = known(header)
	}
	if label == "" {
		label = declared(b, isHTML)
	}
	plain := utf8.Valid(b)
	switch {
	case label == "" && plain, label == "windows-1252" && plain:
		label = "utf-8"
	case label == "", label == "utf-8" && !plain && !anyMultibyte(b):
		label = "windows-1252"
	}
	if label == "replacement" {
		return "", false
	}
	e, _ := charset.Lookup(label)
	out, err := e.NewDecoder().Bytes(b)
	if err != nil {
		return "", false
	}
	return strings.TrimPrefix(strings.ToValidUTF8(string(out), "\uFFFD"), "\uFEFF"), true
}

// WithoutNUL is a decoded text without its NULs, which HTML's parsers leave out as
// well. False: it has so many control characters beside them, more than one in a
// hundred, that whatever was decoded is no text.
func WithoutNUL(s string) (string, bool) {
	if !strings.Contains(s, "\x00") {
		return s, true
	}
	controls := 0
	for _, r := range s {
		if r < ' ' && !strings.ContainsRune("\t\n\v\f\r", r) {
			controls++
		}
	}
	if controls*100 > utf8.RuneCountInString(s) {
		return "", false
	}
	return strings.ReplaceAll(s, "\x00", ""), true
}

// known is a label's canonical name, "" when it is none.
func known(label string) string {
	_, name := charset.Lookup(label)
	return name
}

// bomOf is the charset that a byte order mark names.
func bomOf(b []byte) string {
	switch {
	case bytes.HasPrefix(b, []byte("\xEF\xBB\xBF")):
		return "utf-8"
	case bytes.HasPrefix(b, []byte("\xFE\xFF")):
		return "utf-16be"
	case bytes.HasPrefix(b, []byte("\xFF\xFE")):
		return "utf-16le"
	}
	return ""
}

// prescan is how many bytes of a page may hold its declaration. Browsers want
// it in the first 1024; pages do not keep to that.
const prescan = 4096

var prolog = regexp.MustCompile(`^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._:-]+)["']`)

// Declared is the charset that a file names itself, by a byte order mark, XML's prolog
// or HTML's meta, as WHATWG Encoding calls it; "": none. UTF-16 is named by bytes that
// are that.
func Declared(b []byte) string { return cmp.Or(bomOf(b), declared(b, true)) }

// declared is the charset that a page names itself.
func declared(b []byte, isHTML bool) string {
	b = b[:min(len(b), prescan)]
	switch { // a prolog in UTF-16 without a mark (XML 1.0, appendix F)
	case bytes.HasPrefix(b, []byte("<\x00?\x00x\x00")):
		return "utf-16le"
	case bytes.HasPrefix(b, []byte("\x00<\x00?\x00x")):
		return "utf-16be"
	}
	label := ""
	if m := prolog.FindSubmatch(b); m != nil {
		label = known(string(m[1]))
	}
	if label == "" && isHTML {
		label = metaCharset(b)
	}
	switch label { // who reads the label as ASCII cannot be reading that
	case "utf-16le", "utf-16be":
		return "utf-8"
	}
	return label
}

// metaCharset is what <meta charset> or <meta http-equiv=content-type> says.
func metaCharset(b []byte) string {
	z := html.NewTokenizer(bytes.NewReader(b))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return ""
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			if t.Data != "meta" {
				continue
			}
			attrs := map[string]string{}
			for _, a := range t.Attr {
				attrs[a.Key] = a.Val
			}
			label := attrs["charset"]
			if label == "" && strings.EqualFold(attrs["http-equiv"], "content-type") {
				_, label = mediaType(attrs["content"])
			}
			if label = known(label); label == "x-user-defined" {
				return "windows-1252" // as the HTML standard has it
			} else if label != "" {
				return label
			}
		}
	}
}

// anyMultibyte reports whether a part of b is UTF-8 beyond ASCII.
func anyMultibyte(b []byte) bool {
	for len(b) > 0 {
		_, size := utf8.DecodeRune(b)
		if size > 1 {
			return true
		}
		b = b[size:]
	}
	return false
}
