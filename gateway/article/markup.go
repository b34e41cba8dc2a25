package article

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// ElementName reports whether s can be the name of an element of HTML or XML
// (XML 1.0, production 5, somewhat widened), at most 100 code points.
func ElementName(s string) bool {
	if s == "" || utf8.RuneCountInString(s) > 100 || !utf8.ValidString(s) {
		return false
	}
	first, _ := utf8.DecodeRuneInString(s)
	if !unicode.IsLetter(first) && first != '_' && first != ':' {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && !strings.ContainsRune("_:.-\u00B7", r)
	})
}
