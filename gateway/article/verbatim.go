package article

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// scanWords splits running text into words and the atoms that no translation may
// change: URLs, e-mail addresses, @handles, placeholders ({name}, {{ name }}, ${x},
// %s, %(name)s), and look-alikes of the masks that a Segment uses.
func scanWords(text string) Inline {
	if !strings.ContainsAny(text, "@{%<:/") && !hasWWW(text) {
		if text == "" {
			return nil
		}
		return Inline{{kind: words, text: text}}
	}
	var in Inline
	from := 0
	for i := 0; i < len(text); {
		start, end := verbatimAt(text, from, i)
		if end <= i {
			i++
			continue
		}
		if start > from {
			in = append(in, token{kind: words, text: text[from:start]})
		}
		in = append(in, token{kind: atom, text: text[start:end]})
		from, i = end, end
	}
	if from < len(text) {
		in = append(in, token{kind: words, text: text[from:]})
	}
	return in
}

func hasWWW(s string) bool {
	for i := strings.IndexByte(s, '.'); i >= 0; {
		if i >= 3 && strings.EqualFold(s[i-3:i], "www") {
			return true
		}
		j := strings.IndexByte(s[i+1:], '.')
		if j < 0 {
			return false
		}
		i += 1 + j
	}
	return false
}

// verbatimAt finds the atom that the byte at i betrays. It may start before i, but
// never before from. No atom: end is 0.
func verbatimAt(s string, from, i int) (start, end int) {
	switch s[i] {
	case '<':
		if m, ok := maskAt(s, i); ok {
			return i, m.end
		}
	case '{':
		return i, braces(s, i)
	case '$':
		if strings.HasPrefix(s[i+1:], "{") {
			return i, braces(s, i+1)
		}
	case '%':
		return i, percent(s, i)
	case '@':
		return address(s, from, i)
	case ':':
		return schemeURL(s, from, i)
	case 'w', 'W':
		if len(s) > i+4 && strings.EqualFold(s[i:i+4], "www.") && !wordBefore(s, i) {
			return i, urlEnd(s, i, i+4)
		}
	case '/':
		return bareURL(s, from, i)
	}
	return 0, 0
}

func asciiAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func asciiLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func wordBefore(s string, i int) bool {
	r, _ := utf8.DecodeLastRuneInString(s[:i])
	return isWord(r)
}

// schemeURL: the colon at i is that of "https://…", or of "mailto:…".
func schemeURL(s string, from, i int) (start, end int) {
	start = i
	for start > from && i-start < 12 && asciiLetter(s[start-1]) {
		start--
	}
	switch strings.ToLower(s[start:i]) {
	case "http", "https", "ftp", "ftps", "sftp", "ws", "wss":
		if strings.HasPrefix(s[i:], "://") {
			return start, urlEnd(s, start, i+3)
		}
	case "mailto":
		if at := strings.IndexByte(head(s[i:]), '@'); at > 0 {
			if lo, hi := address(s, i+1, i+at); lo == i+1 && hi > 0 {
				return start, hi
			}
		}
	}
	return 0, 0
}

// urlEnd gives the end of a URL whose host starts at host, or 0 if there is none.
// A host in Latin letters ends where another script starts (Hindi glues its
// postpositions on); a path may hold any letters.
func urlEnd(s string, start, host int) int {
	i := host
	latin := host < len(s) && s[host] < utf8.RuneSelf
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == '/' || r == '?' || r == '#' || !urlRune(r) || latin && r >= utf8.RuneSelf {
			break
		}
		i += n
	}
	if strings.Trim(s[host:i], ".:-") == "" || !isWord(firstRune(s[host:])) {
		return 0
	}
	if i < len(s) && strings.IndexByte("/?#", s[i]) >= 0 {
		for i < len(s) {
			r, n := utf8.DecodeRuneInString(s[i:])
			if !urlRune(r) {
				break
			}
			i += n
		}
	}
	return start + len(trimURL(s[start:i]))
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// urlRune tells what may stand in a URL as people paste it (RFC 3987, without the
// characters that running text puts around one).
func urlRune(r rune) bool {
	if r < utf8.RuneSelf {
		return r > ' ' && r != 0x7F && !strings.ContainsRune("<>\"`|\\^{}", r)
	}
	return isWord(r)
}

// trimURL takes from the end of a URL what belongs to the sentence around it:
// punctuation, and a bracket that was not opened inside.
func trimURL(s string) string {
	round := strings.Count(s, ")") - strings.Count(s, "(")
	square := strings.Count(s, "]") - strings.Count(s, "[")
	for s != "" {
		switch s[len(s)-1] {
		case '.', ',', ';', ':', '!', '?', '\'', '*', '~', '_':
		case ')':
			if round <= 0 {
				return s
			}
			round--
		case ']':
			if square <= 0 {
				return s
			}
			square--
		default:
			return s
		}
		s = s[:len(s)-1]
	}
	return s
}

// bareURL: the slash at i follows a host name without scheme, as in "bit.ly/abc".
func bareURL(s string, from, i int) (start, end int) {
	start = i
	for start > from && i-start < 100 && (asciiAlnum(s[start-1]) || s[start-1] == '-' || s[start-1] == '.') {
		start--
	}
	host := s[start:i]
	dot := strings.LastIndexByte(host, '.')
	if dot < 1 || len(host)-dot-1 < 2 || len(host)-dot-1 > 6 || wordBefore(s, start) || strings.Contains(host, "..") {
		return 0, 0
	}
	for _, c := range []byte(host[dot+1:]) {
		if c < 'a' || c > 'z' {
			return 0, 0
		}
	}
	if i+1 >= len(s) || !asciiAlnum(s[i+1]) || !asciiAlnum(host[0]) {
		return 0, 0
	}
	return start, urlEnd(s, start, start)
}

// address: the @ at i is that of an e-mail address or of a handle.
func address(s string, from, i int) (start, end int) {
	start = i
	for start > from && i-start < 64 && (asciiAlnum(s[start-1]) || strings.IndexByte("._%+-", s[start-1]) >= 0) {
		start--
	}
	for start < i && strings.IndexByte("._%+-", s[start]) >= 0 {
		start++
	}
	if start < i {
		if end := domainEnd(s, i+1); end > 0 && s[i-1] != '.' {
			return start, end
		}
		return 0, 0
	}
	if wordBefore(s, i) { // an address in another script: its parts are words
		for start > from && i-start < reach {
			r, n := utf8.DecodeLastRuneInString(s[from:start])
			if !isWord(r) && r != '.' && r != '-' {
				break
			}
			start -= n
		}
		if end := domainEnd(s, i+1); end > 0 && firstRune(s[i+1:]) >= utf8.RuneSelf {
			return start, end
		}
		return 0, 0
	}
	return i, handleEnd(s, i+1)
}

// domainEnd gives the end of the domain name at i: labels parted by dots, at least
// two, the last of letters. No domain: 0.
func domainEnd(s string, i int) int {
	ascii := i < len(s) && s[i] < utf8.RuneSelf
	last, dots := i, 0 // start of the last label
	end := 0
	for j := i; j <= len(s); {
		r, n := rune(0), 1
		if j < len(s) {
			r, n = utf8.DecodeRuneInString(s[j:])
		}
		if r == '-' || isWord(r) && r != '_' && (r < utf8.RuneSelf) == ascii {
			j += n
			continue
		}
		if label := s[last:j]; dots > 0 && utf8.RuneCountInString(label) >= 2 && unicode.IsLetter(firstRune(label)) {
			end = j
		}
		if r != '.' || j == last {
			break
		}
		dots++
		j++
		last = j
	}
	return end
}

// handleEnd gives the end of the account name at i, or 0. A second part,
// "@name@server.example", belongs to it.
func handleEnd(s string, i int) int {
	j, letter := i, false
	for j < len(s) && (asciiAlnum(s[j]) || s[j] == '_' || s[j] == '.' && j+1 < len(s) && asciiAlnum(s[j+1])) {
		letter = letter || asciiLetter(s[j])
		j++
	}
	if !letter || s[i] == '.' || j-i > 100 {
		return 0
	}
	if j < len(s) && s[j] == '@' {
		if end := domainEnd(s, j+1); end > 0 {
			return end
		}
	}
	return j
}

// braces gives the end of the placeholder whose brace opens at i, or 0: a name or a
// number in one pair, anything short in two or between {% and %}.
func braces(s string, i int) int {
	line := s[i:min(len(s), i+102)]
	for _, pair := range [...][2]string{{"{{", "}}"}, {"{%", "%}"}} {
		if strings.HasPrefix(line, pair[0]) {
			if n := strings.Index(line[2:], pair[1]); n > 0 && !strings.ContainsAny(line[2:2+n], "\n{}") {
				return i + 2 + n + 2
			}
		}
	}
	n := strings.IndexByte(line, '}')
	if n < 2 {
		return 0
	}
	name, _, _ := strings.Cut(line[1:n], ":") // what follows a colon is a format
	name = strings.TrimSpace(name)
	if name == "" {
		return 0
	}
	for k := range len(name) {
		if c := name[k]; !asciiAlnum(c) && strings.IndexByte("_.-$!#@", c) < 0 {
			return 0
		}
	}
	return i + n + 1
}

// percent gives the end of the printf or Python placeholder at i, or 0. A per cent
// sign behind a number is none.
func percent(s string, i int) int {
	if i > 0 && (asciiAlnum(s[i-1]) || s[i-1] == '%') || wordBefore(s, i) {
		return 0
	}
	j := i + 1
	if j < len(s) && (s[j] == '(' || s[j] == '{') {
		shut := map[byte]byte{'(': ')', '{': '}'}[s[j]]
		n := strings.IndexByte(s[j:min(len(s), j+64)], shut)
		if n < 2 {
			return 0
		}
		for k := j + 1; k < j+n; k++ {
			if !asciiAlnum(s[k]) && s[k] != '_' {
				return 0
			}
		}
		if shut == '}' {
			return j + n + 1
		}
		j += n + 1
	}
	for j < len(s) && j-i < 12 && (s[j] >= '0' && s[j] <= '9' || strings.IndexByte(".$+-", s[j]) >= 0) {
		j++
	}
	if j >= len(s) || strings.IndexByte("sdifguxXveEcpqt@", s[j]) < 0 {
		return 0
	}
	if r := firstRune(s[j+1:]); r < utf8.RuneSelf && isWord(r) && j+1 < len(s) {
		return 0
	}
	return j + 1
}
