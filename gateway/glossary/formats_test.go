package glossary_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"dubhashi/gateway/glossary"
)

func list(pairs ...string) glossary.Entries {
	var out glossary.Entries
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, glossary.Entry{Source: pairs[i], Target: pairs[i+1]})
	}
	return out
}

type parser func(text string) (glossary.Entries, error)

var parsers = map[string]parser{
	"tsv":  glossary.ParseTSV,
	"csv":  func(s string) (glossary.Entries, error) { return glossary.ParseCSV(s, "hi", "en") },
	"json": func(s string) (glossary.Entries, error) { return glossary.ParseJSON([]byte(s)) },
}

func TestParse(t *testing.T) {
	t.Parallel()
	long, longer := strings.Repeat("ल", 341)+"x", strings.Repeat("ल", 341)+"xx"
	for _, r := range []struct {
		name, format, text string
		want               glossary.Entries
		err                string // a part of the error
	}{
		{"two lines", "tsv", "नगर निगम\tthe corporation\nमंडी\tmarket\n", list("नगर निगम", "the corporation", "मंडी", "market"), ""},
		{"CRLF", "tsv", "क\ta\r\nख\tb\r\n", list("क", "a", "ख", "b"), ""},
		{"CR", "tsv", "क\ta\rख\tb", list("क", "a", "ख", "b"), ""},
		{"byte order mark", "tsv", "\ufeffक\ta", list("क", "a"), ""},
		{"empty lines", "tsv", "\n\nक\ta\n \n\t\nख\tb\n\n", list("क", "a", "ख", "b"), ""},
		{"space around", "tsv", " क \t a b \u00a0\n", list("क", "a b"), ""},
		{"a tab at the end", "tsv", "क\ta\t\n", list("क", "a"), ""},
		{"no escapes", "tsv", `क\t` + "\t" + `"a"`, list(`क\t`, `"a"`), ""},
		{"composed form", "tsv", "सड\u093cक\tcafe\u0301", list("सड़क", "café"), ""},
		{"symbols", "tsv", "A%=&\tB&=%\n🪨\t🪵", list("A%=&", "B&=%", "🪨", "🪵"), ""},
		{"as long as may be", "tsv", long + "\ta", list(long, "a"), ""},
		{"no tab", "tsv", "क\ta\n\nमंडी market\n", nil, "line 3: there is no tab"},
		{"two tabs", "tsv", "क\ta\tb", nil, "line 1: there is more than one tab"},
		{"empty term", "tsv", "क\ta\n\tb", nil, "line 2: the term is empty"},
		{"empty translation", "tsv", "क\t", nil, "line 1: the translation is empty"},
		{"twice", "tsv", "क\ta\nख\tb\n क\tc", nil, "line 3: the term stands in line 1 already"},
		{"twice, in another Unicode form", "tsv", "स\u095cक\ta\nसड\u093cक\tc", nil, "line 2: the term stands in line 1 already"},
		{"too long", "tsv", "क\ta\n" + longer + "\ta", nil, "line 2: the term has 1025 bytes; at most 1024 are allowed"},
		{"control character", "tsv", "क\ta\u0007b", nil, "line 1: the translation holds a control character"},
		{"NUL", "tsv", "क\x00\ta", nil, "line 1: the term holds a control character"},
		{"line separator", "tsv", "क\u2028ख\ta", nil, "line 1: the term holds a control character or a line break"},
		{"not UTF-8", "tsv", "क\ta\nकार\xa0\tb", nil, "line 2: is not valid UTF-8"},
		{"nothing", "tsv", " \n", nil, "there are no entries"},

		{"two columns", "csv", "नगर निगम,the corporation\r\n\"क, ख\",\"a \"\"b\"\"\"\r\n", list("नगर निगम", "the corporation", "क, ख", `a "b"`), ""},
		{"space behind the comma", "csv", "क, \"a, b\"\n", list("क", "a, b"), ""},
		{"byte order mark of a spreadsheet", "csv", "\ufeff\"क\",a\n", list("क", "a"), ""},
		{"empty lines and records", "csv", "\n,\nक,a\n\n , , ,\n", list("क", "a"), ""},
		{"four columns", "csv", "क,a,hi,en\nbank,बैंक,en,hi\nख,b,HI,EN-US\nग,c,,\n", list("क", "a", "ख", "b", "ग", "c"), ""},
		{"all of another direction", "csv", "bank,बैंक,en,hi\n", nil, "no entry is for hi→en"},
		{"three columns", "csv", "क,a\nख,b,hi\n", nil, "line 2: a record has two columns (term, translation) or four (and the codes of their languages), not 3"},
		{"one column", "csv", "क;a\n", nil, "line 1: a record has two columns"},
		{"a quote too many", "csv", "क,a\nख,b\"c\n", nil, "line 2: a quote"},
		{"a quote that is not closed", "csv", "क,\"a\nख,b\n", nil, "a quote stands"},
		{"line break in a field", "csv", "क,\"a\nb\"\nख,b\n", nil, "line 1: the translation holds a control character or a line break"},
		{"a tab in a field", "csv", "क\tख,a\n", nil, "line 1: the term holds a control character"},
		{"lines are counted as they stand", "csv", "\n\nक,a\nक,b\n", nil, "line 4: the term stands in line 3 already"},
		{"not UTF-8 either", "csv", "\xff,a", nil, "line 1: is not valid UTF-8"},

		{"an object", "json", `{"नगर निगम":"the corporation","\u0915":"a\"b"}`, list("नगर निगम", "the corporation", "क", `a"b`), ""},
		{"marks and space", "json", "\ufeff {\" क \": \"a\"} ", list("क", "a"), ""},
		{"a list", "json", `["क"]`, nil, "must be a JSON object"},
		{"a number", "json", `{"क":"a","ख":2}`, nil, "entry 2: the translation must be a string"},
		{"an object inside", "json", `{"क":{"a":"b"}}`, nil, "entry 1: the translation must be a string"},
		{"nothing inside", "json", `{}`, nil, "there are no entries"},
		{"a name twice", "json", `{"क":"a","ख":"b","क":"c"}`, nil, "entry 3: the term stands in entry 1 already"},
		{"a tab in a term", "json", `{"क\tख":"a"}`, nil, "entry 1: the term holds a control character"},
		{"ends early", "json", `{"क":"a"`, nil, "ends too early"},
		{"broken", "json", `{"क":"a",}`, nil, "entry 2: the JSON is broken"},
		{"more behind it", "json", `{"क":"a"} {}`, nil, "more behind"},
		{"no JSON", "json", "", nil, "must be a JSON object"},
	} {
		t.Run(r.format+" "+r.name, func(t *testing.T) {
			t.Parallel()
			got, err := parsers[r.format](r.text)
			if r.err == "" {
				if err != nil || !slices.Equal(got, r.want) {
					t.Errorf("%q, %v; want %q", got, err, r.want)
				}
				return
			}
			var e *glossary.Error
			if !errors.As(err, &e) || !strings.Contains(err.Error(), r.err) {
				t.Errorf("error %v, want one with %q", err, r.err)
			}
		})
	}
}

func TestParseBoundsTheWhole(t *testing.T) {
	t.Parallel()
	half := strings.Repeat("x", 1000)
	var b strings.Builder
	for i := range 5_300 {
		fmt.Fprintf(&b, "%d%s\t%s\n", i, half, half)
	}
	if _, err := glossary.ParseTSV(b.String()); !errors.Is(err, glossary.ErrTooLarge) {
		t.Errorf("%d bytes: %v", b.Len(), err)
	}
	text := b.String()[:len("0\t\n")*10+20_000]
	e, err := glossary.ParseTSV(text)
	if err != nil {
		t.Fatal(err)
	}
	for err == nil && len(e) < 100_000 {
		e = append(e, e...) // as only a test can
		_, err = e.Merge(nil)
	}
	if !errors.Is(err, glossary.ErrTooLarge) {
		t.Errorf("merged: %v", err)
	}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	have := list("क", "a", "ख", "b")
	got, err := have.Merge(list("ग", "c", "क", "new"))
	if want := list("क", "new", "ख", "b", "ग", "c"); err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
	if !slices.Equal(have, list("क", "a", "ख", "b")) {
		t.Errorf("the merged entries were changed: %q", have)
	}
}

func TestName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		" शहर \n": "शहर", "": "", "a\nb": "", strings.Repeat("x", 1024): strings.Repeat("x", 1024), strings.Repeat("x", 1025): "", "\xff": "",
	} {
		if got, err := glossary.Name(in); got != want || (err == nil) != (want != "") {
			t.Errorf("Name(%q) = %q, %v", in, got, err)
		}
	}
}

func TestID(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"96ab91fd-e715-41a1-adeb-5d701f84a483": "96ab91fd-e715-41a1-adeb-5d701f84a483",
		"96AB91FD-E715-41A1-ADEB-5D701F84A483": "96ab91fd-e715-41a1-adeb-5d701f84a483",
		"96ab91fde71541a1adeb5d701f84a483":     "", "invalid_glossary_id": "", "": "",
		"96ab91fd-e715-41a1-adeb-5d701f84a48g": "", "96ab91fd-e715-41a1-adeb-5d701f84a4833": "", "96ab91fdxe715-41a1-adeb-5d701f84a483": "",
	} {
		if got, ok := glossary.ID(in); got != want || ok != (want != "") {
			t.Errorf("ID(%q) = %q, %v", in, got, ok)
		}
	}
}

// What is written is read again as it was, in every form.
func hold(t *testing.T, e glossary.Entries) {
	t.Helper()
	for _, x := range e {
		for _, s := range []string{x.Source, x.Target} {
			if s == "" || len(s) > glossary.MaxTerm || s != strings.TrimSpace(s) || !utf8.ValidString(s) || strings.ContainsAny(s, "\t\n\r\x00") {
				t.Errorf("a term that may not be: %q", s)
			}
		}
	}
	for form, text := range map[string]string{"tsv": e.TSV(), "csv": e.CSV(), "json": string(e.AppendJSON(nil))} {
		again, err := parsers[form](text)
		if err != nil || !slices.Equal(again, e) {
			t.Errorf("%s %q\nis read as %q, %v\nnot as     %q", form, text, again, err, e)
		}
	}
	if object := e.AppendJSON([]byte("x")); object[0] != 'x' || !json.Valid(object[1:]) {
		t.Errorf("no JSON: %s", object)
	}
}

func FuzzParseTSV(f *testing.F) {
	for _, s := range []string{"नगर निगम\tthe corporation\r\nमंडी\tmarket", "\ufeffक\t\"a\"\n\n", "क\ta\nक\tb", "\\.\t-", "\ufeff\ufeffक\t\ufeff,"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if e, err := glossary.ParseTSV(text); err == nil {
			hold(t, e)
		}
	})
}

func FuzzParseCSV(f *testing.F) {
	for _, s := range []string{"नगर निगम,the corporation\r\n\"क, ख\",\"a \"\"b\"\"\"", "क,a,hi,en\nx,y,en,hi", "\"", "a,b,c", "\\.,-\n#,'"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if e, err := glossary.ParseCSV(text, "hi", "en"); err == nil {
			hold(t, e)
		}
	})
}

func FuzzParseJSON(f *testing.F) {
	for _, s := range []string{`{"नगर निगम":"the corporation"}`, `{"a":"\u2029b"}`, `{"<&>":"\"\\"}`, `{"a":1}`, `{`, `{"a":"b"}x`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if e, err := glossary.ParseJSON(text); err == nil {
			hold(t, e)
		}
	})
}
