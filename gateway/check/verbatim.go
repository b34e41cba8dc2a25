package check

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// verbatimFindings compares what a translation keeps letter by letter: URLs, e-mail
// addresses and @handles must be the same on both sides, as often. What a mask
// stands for is in neither text; a model that writes an address made it up. A #tag
// may be translated, so that only their number counts, and only for a warning.
func verbatimFindings(source, target string) []Finding {
	if !keepsAny(source) && !keepsAny(target) {
		return nil
	}
	have, tags := verbatim(source)
	got, gotTags := verbatim(target)
	if !slices.Equal(have, got) {
		return []Finding{{Code: Placeholder, Message: "a link, e-mail address or account name is not as in the source",
			Ask: "copy each URL, e-mail address and @name of the source letter by letter, and add none"}}
	}
	if tags != gotTags {
		return []Finding{{Code: Placeholder, Minor: true, Message: "the translation has more or fewer #tags than the source"}}
	}
	return nil
}

func keepsAny(s string) bool {
	return strings.ContainsAny(s, "@#") || strings.Contains(s, "://") || strings.Contains(s, "www.")
}

// verbatim gives the addresses of a text in order of their letters, and how many
// #tags it has.
func verbatim(text string) (addresses []string, tags int) {
	for field := range strings.FieldsSeq(text) {
		if a := address(field); a != "" {
			addresses = append(addresses, a)
			continue
		}
		for i := strings.IndexByte(field, '#'); i >= 0; {
			if before, _ := utf8.DecodeLastRuneInString(field[:i]); !wordRune(before) || i == 0 {
				if r, _ := utf8.DecodeRuneInString(field[i+1:]); unicode.IsLetter(r) {
					tags++
				}
			}
			next := strings.IndexByte(field[i+1:], '#')
			if next < 0 {
				break
			}
			i += 1 + next
		}
	}
	slices.Sort(addresses)
	return addresses, tags
}

// address gives the URL, e-mail address or handle in a field of text, in the form in
// which it is compared: small letters, without what the sentence puts around it or
// Hindi glues on. It is "" if there is none.
func address(field string) string {
	start := strings.Index(field, "://")
	switch {
	case start >= 0:
		for start > 0 && asciiLetter(field[start-1]) {
			start--
		}
	case strings.Contains(field, "www."):
		start = strings.Index(field, "www.")
	default:
		if start = strings.IndexByte(field, '@'); start < 0 {
			return ""
		}
		for start > 0 && (asciiLetter(field[start-1]) || strings.IndexByte("0123456789._%+-", field[start-1]) >= 0) {
			start--
		}
	}
	end := start
	for end < len(field) && field[end] > ' ' && field[end] < utf8.RuneSelf && strings.IndexByte("<>\"'`|\\^{}", field[end]) < 0 {
		end++
	}
	a := strings.ToLower(strings.TrimRight(field[start:end], ".,;:!?)]*~_/-"))
	if !strings.ContainsFunc(a, latin) {
		return "" // "5 @ 20"
	}
	return a
}

func asciiLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// markup finds HTML tags and Markdown that a model has put into the text. Whoever
// shows it as it is would show them as words. What the source has as well may stay.
func markup(source, target string) (Finding, bool) {
	if !strings.ContainsAny(target, "<*_[`") || len(markupSigns.FindAllStringIndex(target, -1)) <= len(markupSigns.FindAllStringIndex(source, -1)) {
		return Finding{}, false
	}
	return Finding{Code: Chatter, Message: "there are HTML tags or signs of Markdown in it that the source does not have",
		Ask: "give the words alone: put no HTML tags and no signs of Markdown into them that the source does not have"}, true
}

// An HTML tag (masks are numbers, "<1>"), bold text, a link, code. Single stars and
// lines are left out: they stand for what is censored, multiplied or to be filled in.
var markupSigns = regexp.MustCompile("</?[A-Za-z][A-Za-z0-9]*(?:\\s[^<>]{0,300})?/?>|\\*\\*[^*\\s][^*\\n]*\\*\\*|\\b__[^_\\s][^_\\n]*__\\b|\\]\\([a-z]+:[^)\\s]*\\)|`[^`\\n]+`")
