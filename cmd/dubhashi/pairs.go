package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of a file of pairs.
const (
	longestPairLine = 16 << 20 // bytes; an article of 200,000 code points in both languages fits ten times over
	firstLines      = 20       // a file none of whose first lines is a pair is another kind of file
	shownText       = 80       // characters of a text that --show prints
)

// direction is one way of translating.
type direction struct{ name, from, to string }

var (
	hindiToEnglish = direction{"hi-en", "hi", "en"}
	englishToHindi = direction{"en-hi", "en", "hi"}
)

// directions are those that the flag --direction names.
func directions(flag string) []direction {
	switch flag {
	case hindiToEnglish.name:
		return []direction{hindiToEnglish}
	case englishToHindi.name:
		return []direction{englishToHindi}
	}
	return []direction{hindiToEnglish, englishToHindi}
}

// pairLine is one line of a file of pairs: a pair, or the segments of an article.
type pairLine struct {
	number  int // from 1, as an editor counts
	hi, en  []string
	article bool
}

// sides gives the source's and the target's segments, as many of each.
func (l *pairLine) sides(d direction) (source, target []string) {
	if d.from == "hi" {
		return l.hi, l.en
	}
	return l.en, l.hi
}

// pairFile reads pairs line by line: JSON objects with "hi" and "en", either
// strings or arrays of equal length whose items belong together. Other members
// and blank lines are passed over. What is wrong with a line is told, and the
// next one read.
type pairFile struct {
	name  string
	r     *bufio.Reader
	close func()
	tell  func(format string, args ...any)

	number    int // of the line last read
	good, bad int // lines
}

// openPairs opens a file, or standard input for "-". The error is of usage.
func openPairs(env *runtimeEnv, name string) (*pairFile, error) {
	f := &pairFile{name: name, close: func() {}, tell: func(format string, args ...any) {
		fmt.Fprintf(env.err, "dubhashi: "+format+"\n", args...)
	}}
	in := env.in
	if name == "-" {
		f.name = "standard input"
	} else {
		file, err := os.Open(name)
		if err != nil {
			return nil, usageError{errors.New(strings.TrimPrefix(err.Error(), "open "))}
		}
		in, f.close = file, func() { _ = file.Close() }
	}
	f.r = bufio.NewReaderSize(in, 64<<10)
	if mark, _ := f.r.Peek(2); string(mark) == "\xff\xfe" || string(mark) == "\xfe\xff" {
		f.close()
		return nil, usageError{fmt.Errorf("%s is UTF-16; save it as UTF-8 and try again", f.name)}
	}
	if mark, _ := f.r.Peek(3); string(mark) == "\ufeff" {
		_, _ = f.r.Discard(3) // cannot fail: they have been peeked at
	}
	return f, nil
}

// next gives the next good line; io.EOF behind the last. Any other error is
// the file's own: nothing more can be read.
func (f *pairFile) next() (*pairLine, error) {
	for {
		text, err := f.line()
		if err == io.EOF && f.good == 0 {
			return nil, f.unusable("holds no pairs")
		}
		if err != nil && !errors.Is(err, errLongLine) {
			return nil, err
		}
		if err == nil && len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		var l *pairLine
		if err == nil {
			l, err = parsePair(text)
		}
		if err == nil {
			l.number = f.number
			f.good++
			return l, nil
		}
		f.bad++
		f.tell("%s, line %d: %s", f.name, f.number, err)
		if f.good == 0 && f.bad == firstLines {
			return nil, f.unusable(fmt.Sprintf("holds no pair in its first %d lines", firstLines))
		}
	}
}

func (f *pairFile) unusable(why string) error {
	return usageError{fmt.Errorf(`%s %s; want a JSON object with "hi" and "en" a line`, f.name, why)}
}

var errLongLine = fmt.Errorf("is longer than %d MiB", longestPairLine>>20)

// line reads a line. It is valid until the next call.
func (f *pairFile) line() ([]byte, error) {
	var joined []byte
	long := false
	f.number++
	for {
		part, err := f.r.ReadSlice('\n')
		if err == nil && joined == nil && !long {
			return part, nil
		}
		if long = long || len(joined)+len(part) > longestPairLine; long {
			joined = nil
		} else {
			joined = append(joined, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && err != io.EOF:
			return nil, usageError{fmt.Errorf("%s cannot be read: %s", f.name, reason(err))}
		case long:
			return nil, errLongLine
		case err == io.EOF && len(joined) == 0:
			return nil, io.EOF
		}
		return joined, nil
	}
}

// parsePair reads one line. The error says what is wrong with it.
func parsePair(text []byte) (*pairLine, error) {
	if !utf8.Valid(text) {
		return nil, errors.New("is not valid UTF-8")
	}
	var raw struct{ Hi, En json.RawMessage }
	if err := json.Unmarshal(text, &raw); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			return nil, errors.New("is not a JSON object")
		}
		return nil, fmt.Errorf("is not JSON: %w", err)
	}
	l := &pairLine{}
	var hiList, enList bool
	var err error
	if l.hi, hiList, err = segmentsOf("hi", raw.Hi); err != nil {
		return nil, err
	}
	if l.en, enList, err = segmentsOf("en", raw.En); err != nil {
		return nil, err
	}
	if len(l.hi) != len(l.en) {
		return nil, fmt.Errorf(`"hi" has %d segments and "en" %d; they must be as many`, len(l.hi), len(l.en))
	}
	l.article = hiList || enList
	return l, nil
}

// segmentsOf reads one side: a string, or an array of strings.
func segmentsOf(name string, raw json.RawMessage) (segments []string, list bool, err error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, false, fmt.Errorf("has no %q", name)
	}
	wrong := fmt.Errorf("%q must be a string or an array of strings", name)
	if raw[0] != '[' {
		one := ""
		if json.Unmarshal(raw, &one) != nil {
			return nil, false, wrong
		}
		return []string{one}, false, nil
	}
	var items []*string // null is no string
	if json.Unmarshal(raw, &items) != nil {
		return nil, false, wrong
	}
	for _, s := range items {
		if s == nil {
			return nil, false, wrong
		}
		segments = append(segments, *s)
	}
	if len(segments) == 0 {
		return nil, false, fmt.Errorf("%q is an empty array", name)
	}
	return segments, true, nil
}

// shown is a text on one line, cut, without what could steer a terminal.
func shown(text string) string {
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	n := 0
	for i := range text {
		if n++; n > shownText {
			return text[:i] + "…"
		}
	}
	return text
}

// share is a number of things with its share of all: "4 (0.13 %)".
func share(n, of int) string {
	return fmt.Sprintf("%d (%.2f %%)", n, percent(n, of))
}

// percent is n of so many, in percent; 0 of none.
func percent(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return 100 * float64(n) / float64(of)
}
