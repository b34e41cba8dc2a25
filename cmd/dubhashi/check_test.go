package main

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const goodPair = `{"hi":"बैठक सोमवार को होगी।","en":"The meeting will be on Monday."}`

// A file with what the checks find, in lines 2 (a preamble) and 3 (its second
// segment is left in Hindi).
const somePairs = goodPair + "\n" +
	`{"hi":"बैठक सोमवार को होगी।","en":"Sure! Here is the translation: The meeting will be on Monday."}` + "\n" +
	`{"id":7,"hi":["पुल बंद है।","मरम्मत अगले हफ़्ते शुरू होगी।"],"en":["The bridge is closed.","मरम्मत अगले हफ़्ते शुरू होगी।"]}` + "\n"

// checked runs the command over pairs.
func checked(t *testing.T, pairs string, args ...string) (code int, out, errs string) {
	t.Helper()
	return dubhashi(t, pairs, append([]string{"check", "-"}, args...)...)
}

func TestCheckTellsWhatIsRejected(t *testing.T) {
	t.Parallel()
	code, out, errs := checked(t, somePairs, "--direction", "hi-en")
	if code != exitDone || errs != "" {
		t.Fatalf("exit %d: %s", code, errs)
	}
	for _, want := range []string{"line 2, hi-en: hard chatter: ", "line 3, segment 2, hi-en: hard script: ", "line 3, segment 2, hi-en: hard copy: "} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	for _, not := range []string{"line 1,", "segment 1", "en-hi", "Here is"} {
		if strings.Contains(out, not) {
			t.Errorf("%q in\n%s", not, out)
		}
	}
	for _, want := range []string{"pairs 4", "rejected 2 (50.00 %)", "any finding 2 (50.00 %)", "chatter (hard) 1 (25.00 %)", "copy (hard) 1 (25.00 %)", "time per pair "} {
		if !strings.Contains(strings.Join(strings.Fields(out), " "), want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

func TestCheckShowsTheTextsWhenAsked(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("बैठक ", 40)
	b, _ := json.Marshal(map[string]string{"hi": long, "en": "\x1b[31m" + long})
	code, out, _ := checked(t, string(b), "--show", "--direction", "hi-en")
	if code != exitDone || !strings.Contains(out, "    hi: "+strings.Repeat("बैठक ", 16)+"…\n") || !strings.Contains(out, "    en: [31m") || strings.Contains(out, "\x1b") {
		t.Errorf("exit %d\n%q", code, out)
	}
}

// summaryLine is the last line of --json.
type summaryLine struct{ Summary checkSummary }

func TestCheckPrintsJSON(t *testing.T) {
	t.Parallel()
	code, out, errs := checked(t, somePairs+"no pair\n", "--json", "--show")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != exitFailed || !strings.Contains(errs, "line 4") {
		t.Fatalf("exit %d: %s", code, errs)
	}
	var first checkedPair
	if err := json.Unmarshal([]byte(lines[0]), &first); err != nil || first.Line != 2 || first.Segment != 0 || first.Direction != "hi-en" || !first.Rejected ||
		first.Findings[0].Code != "chatter" || first.Findings[0].Severity != "hard" || first.Findings[0].Message == "" || *first.Source != "बैठक सोमवार को होगी।" {
		t.Errorf("%v: %s", err, lines[0])
	}
	var last summaryLine
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil {
		t.Fatalf("%v: %s", err, lines[len(lines)-1])
	}
	s := last.Summary
	if len(s.Directions) != 2 || s.BadLines != 1 || s.Directions[0].Pairs != 4 || s.Directions[0].Rejected != 2 || s.Directions[0].RejectedPercent != 50 ||
		s.Directions[1].Direction != "en-hi" || len(s.Directions[0].Codes) != 3 || s.Directions[0].Codes[0].Percent != 25 {
		t.Errorf("%+v", s)
	}
}

func TestCheckGoesOnBehindBadLines(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, line, says string }{
		{"not JSON", `{"hi":"अ","en":`, "is not JSON: unexpected end of JSON input"},
		{"another thing", `["अ","a"]`, "is not a JSON object"},
		{"one side", `{"hi":"अ"}`, `has no "en"`},
		{"null", `{"hi":null,"en":"a"}`, `has no "hi"`},
		{"a number", `{"hi":5,"en":"a"}`, `"hi" must be a string or an array of strings`},
		{"a number inside", `{"hi":["अ",5],"en":["a","b"]}`, `"hi" must be a string or an array of strings`},
		{"null inside", `{"hi":["अ"],"en":[null]}`, `"en" must be a string or an array of strings`},
		{"empty arrays", `{"hi":[],"en":[]}`, `"hi" is an empty array`},
		{"unlike lengths", `{"hi":["अ","ब"],"en":["a"]}`, `"hi" has 2 segments and "en" 1`},
		{"not UTF-8", "{\"hi\":\"\xff\",\"en\":\"a\"}", "is not valid UTF-8"},
		{"too long", `{"hi":"` + strings.Repeat("a", longestPairLine) + `","en":"a"}`, "is longer than 16 MiB"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			code, out, errs := checked(t, goodPair+"\n"+row.line+"\n"+goodPair, "--json")
			var last summaryLine
			if err := json.Unmarshal([]byte(out), &last); err != nil || last.Summary.BadLines != 1 || last.Summary.Directions[0].Pairs != 2 {
				t.Errorf("%v: %s", err, out)
			}
			if code != exitFailed || !strings.Contains(errs, "standard input, line 2: "+row.says) {
				t.Errorf("exit %d: %s", code, errs)
			}
		})
	}
}

func TestCheckReadsWhatEditorsWrite(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "pairs.jsonl")
	text := "\ufeff" + goodPair + "\r\n\r\n  \t\n" + strings.Replace(goodPair, "{", `{"url":"x","n":[1,{}],`, 1) + "\r\n" + goodPair
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs := dubhashi(t, "", "check", file, "--json")
	var last summaryLine
	if err := json.Unmarshal([]byte(out), &last); err != nil || last.Summary.Directions[1].Pairs != 3 || code != exitDone || errs != "" {
		t.Errorf("exit %d, %v: %s%s", code, err, out, errs)
	}
}

func TestCheckKnowsLongLines(t *testing.T) {
	t.Parallel()
	var hi, en []string
	for i := range 20_000 {
		hi, en = append(hi, "बस "+strconv.Itoa(i)+" बजे नहीं, दोपहर में चली।"), append(en, "Bus "+strconv.Itoa(i)+" left at noon.")
	}
	b, _ := json.Marshal(map[string][]string{"hi": hi, "en": en})
	var errs output
	f, err := openPairs(&runtimeEnv{stdio: stdio{strings.NewReader(goodPair + "\n" + string(b) + "\n" + goodPair), nil, &errs}}, "-")
	if err != nil || len(b) < 1<<20 {
		t.Fatalf("%v, %d bytes", err, len(b))
	}
	for n, want := range []int{1, 20_000, 1} {
		if l, err := f.next(); err != nil || len(l.en) != want || l.article != (want > 1) || l.number != n+1 {
			t.Fatalf("line %d: %v", n+1, err)
		}
	}
	if _, err := f.next(); err != io.EOF || errs.String() != "" {
		t.Errorf("%v, %s", err, errs.String())
	}
}

func TestCheckRefusesOtherFiles(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, stdin, says string }{
		{"empty", "", "standard input holds no pairs"},
		{"blank", "\ufeff\n \r\n", "standard input holds no pairs"},
		{"UTF-16", "\xff\xfe{\x00", "UTF-16"},
		{"a table", strings.Repeat("hi,en\n", 1000), "holds no pair in its first 20 lines"},
		{"short table", "hi,en\nअ,a\n", "holds no pairs"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			code, out, errs := checked(t, row.stdin)
			if code != exitUsage || out != "" || !strings.Contains(errs, row.says) || strings.Count(errs, "\n") > firstLines+1 {
				t.Errorf("exit %d, stdout %q, stderr %q", code, out, errs)
			}
		})
	}
	for _, args := range [][]string{{"check", "no-such-file.jsonl"}, {"check", t.TempDir()}, {"check"}, {"check", "-", "--direction", "fr-en"}} {
		if code, out, errs := dubhashi(t, "", args...); code != exitUsage || out != "" || errs == "" {
			t.Errorf("%q: exit %d, stdout %q, stderr %q", args, code, out, errs)
		}
	}
}

func TestCheckTellsWhereItWasInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	in := readerFunc(func(p []byte) (int, error) { // the second read is behind the interruption
		if ctx.Err() != nil {
			return copy(p, goodPair+"\n"), nil
		}
		cancel()
		return copy(p, goodPair+"\n"), nil
	})
	var out, errs output
	code := run(ctx, []string{"check", "-"}, env(), nil, in, &out, &errs)
	if code != exitFailed || !strings.Contains(errs.String(), "interrupted") {
		t.Errorf("exit %d\n%s%s", code, out.String(), errs.String())
	}
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestCheckFailsWhenNothingCanBeWritten(t *testing.T) {
	t.Parallel()
	var errs output
	code := run(context.Background(), []string{"check", "-"}, env(), nil, strings.NewReader(goodPair), full{}, &errs)
	if code != exitFailed || !strings.Contains(errs.String(), "cannot be written") {
		t.Errorf("exit %d: %s", code, errs.String())
	}
}

// full is a disk with no room left.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, os.ErrClosed }

func FuzzPairs(f *testing.F) {
	f.Add([]byte(somePairs), 16)
	f.Add([]byte("\ufeff"+`{"hi":["अ",""],"en":["a","b"]}`+"\r\n\n[]"), 1)
	f.Add([]byte("\xff\xfe\x00"), 3)
	f.Fuzz(func(t *testing.T, text []byte, chunk int) {
		chunk = max(1, chunk&0xff)
		rest := text
		in := readerFunc(func(p []byte) (int, error) {
			n := copy(p, rest[:min(len(rest), chunk)])
			rest = rest[n:]
			if n == 0 {
				return 0, io.EOF
			}
			return n, nil
		})
		var errs output
		file, err := openPairs(&runtimeEnv{stdio: stdio{in, nil, &errs}}, "-")
		if err != nil {
			return
		}
		for last := 0; ; {
			l, err := file.next()
			if err != nil {
				break
			}
			if l.number <= last || len(l.hi) == 0 || len(l.hi) != len(l.en) || !l.article && len(l.hi) != 1 {
				t.Fatalf("line %d behind %d: %+v", l.number, last, l)
			}
			last = l.number
		}
		if got := strings.Count(errs.String(), ", line "); got != file.bad {
			t.Fatalf("%d bad lines, %d told", file.bad, got)
		}
	})
}
