package newsletter_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"dubhashi/gateway"
	"dubhashi/gateway/api"
	"dubhashi/gateway/newsletter"
)

const issueFile = `title: सप्ताह की ख़बरें / The week
date: 2026-11-24
intro: |
  इस सप्ताह की ख़बरें।
languages: [hi, en]
layout: side-by-side
articles:
  - file: story1.txt
    link: https://example.org/1
    show: summary
  - text: "एक ख़बर।"
    title: {hi: ख़बर, en: News}
feeds:
  - url: https://example.org/rss
    limit: 5
    since: 24h
contents: false
glossary:
  निगम: the corporation
sender: {name: डेस्क, email: desk@example.org, unsubscribe: https://example.org/u}
`

func TestIssueFile(t *testing.T) {
	t.Parallel()
	i, err := newsletter.ParseIssue([]byte(issueFile))
	if err != nil {
		t.Fatalf("%+v", fieldsOf(err))
	}
	if i.Title.Text != "सप्ताह की ख़बरें / The week" || i.Date != "2026-11-24" || i.Articles[1].Title != (api.Bilingual{Hi: "ख़बर", En: "News"}) ||
		i.Feeds[0].Since != "24h" || i.Contents == nil || *i.Contents || i.Sender.Email != "desk@example.org" || i.Glossary["निगम"] != "the corporation" {
		t.Errorf("%+v", i)
	}
	b, err := json.Marshal(i) // the same issue as the API takes it
	if err != nil {
		t.Fatal(err)
	}
	var again api.Issue
	if err := json.Unmarshal(b, &again); err != nil {
		t.Fatal(err)
	}
	if c, _ := json.Marshal(again); string(c) != string(b) {
		t.Errorf("%s\n%s", b, c)
	}
	if j, err := newsletter.ParseIssue(b); err != nil || j.Articles[1].Title.En != "News" {
		t.Errorf("as JSON: %v %+v", err, fieldsOf(err))
	}
}

// Each row changes the good file; the field and what is said of it must be told.
func TestIssueFileThatIsWrong(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, from, to, field, says string }{
		{"no YAML", "title: ", "title: [", "the file", "not YAML: line "},
		{"a tab", "  limit: 5", "\tlimit: 5", "the file", "line "},
		{"unknown", "layout: side-by-side", "layuot: side-by-side", "layuot", "is not known; allowed are accept, articles, "},
		{"unknown in a story", "    show: summary", "    shwo: summary", "articles[0].shwo", "(line 10)"},
		{"twice", "date: 2026-11-24", "date: 2026-11-24\ndate: 2026-11-25", "date", "twice"},
		{"no list", "languages: [hi, en]", "languages: hi", "languages", "must be a list"},
		{"another language", "[hi, en]", "[hi, ta]", "languages", `"ta" is neither`},
		{"a language twice", "[hi, en]", "[hi, hi]", "languages", "once"},
		{"layout", "side-by-side", "columns", "layout", "must be one of stacked, side-by-side, summary-first; it is “columns” (line 6)"},
		{"show", "show: summary", "show: short", "articles[0].show", "must be one of summary, lead, full; it is “short” (line 10)"},
		{"date", "2026-11-24", "24 Nov", "date", "like 2026-11-24 (line 2)"},
		{"limit is a word", "limit: 5", "limit: five", "feeds[0].limit", "whole number (line 15)"},
		{"limit is too much", "limit: 5", "limit: 500", "feeds[0].limit", "from 1 to 50"},
		{"since", "since: 24h", "since: yesterday", "feeds[0].since", "an age like 36h"},
		{"yes for true", "contents: false", "contents: nein", "contents", "true or false"},
		{"two inputs", "file: story1.txt", "file: story1.txt\n    url: https://example.org/1", "articles[0]", "it has 2"},
		{"no input", "  - text: \"एक ख़बर।\"\n", "  - show: lead\n", "articles[1]", "it has 0"},
		{"link", "link: https://example.org/1", "link: javascript:alert(1)", "articles[0].link", "http:// or https://"},
		{"mail", "desk@example.org", "Desk <desk@example.org>", "sender.email", "alone"},
		{"unsubscribe", "https://example.org/u", "http://example.org/u", "sender.unsubscribe", "https"},
		{"no title", "title: सप्ताह की ख़बरें / The week", "title:", "title", "is missing"},
		{"title of two lines", "title: सप्ताह की ख़बरें / The week", "title: \"a\\nb\"", "title", "one line"},
		{"title has a third language", "title: {hi: ख़बर, en: News}", "title: {hi: ख़बर, ta: News}", "articles[1].title.ta", "allowed are en, hi"},
		{"paragraphs that do not pair", "  इस सप्ताह की ख़बरें।\n", "  x\nfooter: {hi: \"क\\n\\nख\", en: one}\n", "footer", "2 paragraphs in Hindi and 1 in English"},
		{"deep", "glossary:", "articles:\n  - [[[[[[[[[[[[[1]]]]]]]]]]]]]\nx:", "articles", "twice"},
		{"a colon in the title", "title: सप्ताह की ख़बरें / The week", "title: सप्ताह: दो", "the file", "line 1: a colon stands within a text"},
		{"a name without a colon", "layout: side-by-side", "layout side-by-side", "the file", "lacks its colon"},
		{"a line that stands too far left", "    show: summary", "   show: summary", "the file", "are not indented as"},
		{"an open bracket", "[hi, en]", "[hi, en", "the file", "a bracket is not closed"},
		{"an address without its scheme", "url: https://example.org/rss", "url: example.org/rss", "feeds[0].url", "http:// or https://"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(issueFile, row.from) {
				t.Fatal("the row changes nothing")
			}
			_, err := newsletter.ParseIssue([]byte(strings.Replace(issueFile, row.from, row.to, 1)))
			var e *gateway.Error
			if !errors.As(err, &e) || e.Code != gateway.Invalid {
				t.Fatalf("%v", err)
			}
			for _, f := range e.Fields {
				if f.Field == row.field && strings.Contains(f.Message, row.says) {
					return
				}
			}
			t.Errorf("%+v", e.Fields)
		})
	}
}

// Nothing is told of what only follows from another fault.
func TestIssueFileFollowing(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ file, want string }{
		"a story that is a word": {"title: पत्र\narticles:\n  - story.txt\n", "articles[0]"},
		"a field of a story":     {"title: पत्र\narticles:\n  - flie: story.txt\n", "articles[0].flie"},
		"two titles":             {"title: पत्र\ntitle: पत्र\narticles:\n  - file: story.txt\n", "title"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := newsletter.ParseIssue([]byte(row.file))
			if f := fieldsOf(err); len(f) != 1 || f[0].Field != row.want {
				t.Errorf("%+v", f)
			}
		})
	}
}

// All that is wrong is told at once, in the order of the file.
func TestIssueFileWithManyFaults(t *testing.T) {
	t.Parallel()
	_, err := newsletter.ParseIssue([]byte("titel: पत्र\nlayout: columns\nfeeds:\n  - url: example.org/rss\n    limit: five\n    show: all\ndate: 24.11.2026\n"))
	var got []string
	for _, f := range fieldsOf(err) {
		got = append(got, f.Field)
	}
	if want := "title titel layout feeds[0].url feeds[0].limit feeds[0].show date"; strings.Join(got, " ") != want {
		t.Errorf("%+v\nwant %s", fieldsOf(err), want)
	}
}

func TestIssueFileBytes(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{
		"empty": "", "a comment": "# nothing\n", "UTF-16": "\xff\xfet\x00i\x00", "too long": strings.Repeat("#", newsletter.MaxIssueFile+1),
		"a list": "- title: x\n", "a word": "title", "aliases without end": "a: &a [*a]\n",
		"a bomb": "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\narticles: *d\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := newsletter.ParseIssue([]byte(file)); len(fieldsOf(err)) == 0 {
				t.Errorf("%v", err)
			}
		})
	}
}

func FuzzParseIssue(f *testing.F) {
	f.Add(issueFile)
	f.Add(`{"title":{"hi":"क"},"articles":[{"text":"x"}]}`)
	f.Add("title: &a x\nintro: *a\narticles: [{text: *a}]\n")
	f.Add("title: 2026\ndate: 2026-11-24\nfeeds: [{file: a, limit: 0x10}]\n? [a]\n: b\n")
	f.Fuzz(func(t *testing.T, file string) {
		i, err := newsletter.ParseIssue([]byte(file))
		if err != nil {
			if len(fieldsOf(err)) == 0 {
				t.Errorf("%v says nothing", err)
			}
			for _, e := range fieldsOf(err) {
				if strings.Contains(e.Message, "unmarshal") || strings.Contains(e.Message, "api.") {
					t.Errorf("%s", e.Message)
				}
			}
			return
		}
		b, err := json.Marshal(i)
		if err != nil {
			t.Fatal(err)
		}
		var again api.Issue
		if err := json.Unmarshal(b, &again); err != nil {
			t.Errorf("%v\n%s", err, b)
		}
	})
}

// A second issue in one file would be lost without a word.
func TestIssueFileIsOneIssue(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		behind string
		wrong  bool
	}{{"---\n", false}, {"...\n", false}, {"---\n# the end\n", false}, {"---\ntitle: Another\n", true}, {"---\n[", true}} {
		_, err := newsletter.ParseIssue([]byte(strings.TrimRight(issueFile, "\n") + "\n" + row.behind))
		if (err != nil) != row.wrong || row.wrong && !strings.Contains(fieldsOf(err)[0].Message, "must be one issue") {
			t.Errorf("%q: %v %v", row.behind, err, fieldsOf(err))
		}
	}
}
