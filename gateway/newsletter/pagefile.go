package newsletter

import (
	"bytes"
	"errors"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"

	"dubhashi/gateway"
	"dubhashi/gateway/article"
	"dubhashi/gateway/fetch"
)

// maxFile is the longest file that an issue may name, in bytes: as long as a
// page that is fetched may be.
const maxFile = 2 << 20

// fault is what keeps a page, a file or a feed from being read.
type fault struct{ code, message string }

func invalid(message string) *fault { return &fault{string(gateway.Invalid), message} }

// open reads a file that the issue names, as UTF-8 text.
func (m *Maker) open(name string) (string, *fault) {
	if m.c.Open == nil {
		return "", invalid("files are read by the command alone; send the text itself, or a url")
	}
	b, err := m.c.Open(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", invalid("there is no such file: " + brief(name))
	case errors.Is(err, fs.ErrPermission):
		return "", invalid("this file may not be read: " + brief(name))
	case err != nil:
		return "", invalid("this file cannot be read: " + brief(name))
	case len(b) > maxFile:
		return "", &fault{string(gateway.TooLarge), "this file is larger than the 2 MiB allowed: " + brief(name)}
	}
	text, ok := decodeFile(b)
	if kind := noText(b); kind == aPDF || !ok && kind != "" {
		return "", invalid("this is " + kind + "; save its words as plain text (.txt), or put them under text: " + brief(name))
	}
	if !ok {
		return "", invalid("this file is not text in UTF-8 or in the charset that it names; save it as UTF-8: " + brief(name))
	}
	return text, nil
}

const aPDF = "a PDF" // some hold ASCII alone, and look like text

// noText names what a file is that holds no plain text, by its first bytes (WHATWG
// MIME Sniffing); "": it is none of those that editors have.
func noText(b []byte) string {
	switch kind := http.DetectContentType(b); {
	case kind == "application/zip":
		return "a document of a word processor, or an archive"
	case kind == "application/pdf":
		return aPDF
	case strings.HasPrefix(kind, "image/"):
		return "a picture"
	case bytes.HasPrefix(b, []byte("\xD0\xCF\x11\xE0")): // old Word
		return "a document of a word processor"
	}
	return ""
}

// fileFormat tells by a file's name how it is written.
func fileFormat(name string) article.Format {
	switch strings.ToLower(path.Ext(name)) {
	case ".html", ".htm", ".xhtml":
		return article.HTML
	case ".md", ".markdown":
		return article.Markdown
	}
	return article.Text
}

// decodeFile turns a file into UTF-8 without a byte order mark: by that mark; else
// as UTF-8, whatever the file says of itself, if it is; else by what it says.
// A text that says nothing is not guessed at.
func decodeFile(b []byte) (string, bool) {
	text, ok := decoded(b)
	if !ok {
		return "", false
	}
	return fetch.WithoutNUL(strings.TrimPrefix(text, "\uFEFF"))
}

func decoded(b []byte) (string, bool) {
	label := fetch.Declared(b)
	if utf8.Valid(b) && !strings.HasPrefix(label, "utf-16") {
		return string(b), true
	}
	e, name := charset.Lookup(label)
	switch {
	case e == nil || name == "replacement":
		return "", false
	case name == "utf-8": // that, with some bytes broken
		return strings.ToValidUTF8(string(b), "\uFFFD"), true
	}
	out, err := e.NewDecoder().Bytes(b)
	return string(out), err == nil
}
