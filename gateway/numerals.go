package gateway

import "strings"

const (
	hasLatin = 1 << iota
	hasDevanagari
)

// digits tells which digits stand in s.
func digits(s string) (set byte) {
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			set |= hasLatin
		case r >= '०' && r <= '९':
			set |= hasDevanagari
		}
	}
	return set
}

func toLatin(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '०' && r <= '९' {
			return r - '०' + '0'
		}
		return r
	}, s)
}

func toDevanagari(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r - '0' + '०'
		}
		return r
	}, s)
}

// numeralMap gives the function that writes an answer's digits as asked, or
// nil when they stand so already. mode "keep" is the digits of the source; of
// a source that mixes them, the answer's own.
func numeralMap(mode string, source, answer byte) func(string) string {
	if mode == "keep" {
		switch source {
		case hasLatin:
			mode = "latin"
		case hasDevanagari:
			mode = "devanagari"
		}
	}
	switch {
	case mode == "latin" && answer&hasDevanagari != 0:
		return toLatin
	case mode == "devanagari" && answer&hasLatin != 0:
		return toDevanagari
	}
	return nil
}
