package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"

	"dubhashi/gateway/simulator"
)

// initCommand writes an issue file to begin with.
type initCommand struct {
	File string `arg:"" optional:"" help:"The file to write; one that is there is left alone." default:"issue.yaml" placeholder:"ISSUE.yaml"`
}

func (initCommand) example() string {
	return "dubhashi newsletter init issue.yaml\n  dubhashi newsletter issue.yaml -o out/ --open"
}

func (n initCommand) run(_ context.Context, env *runtimeEnv) int {
	d := &dispatch{env: env}
	file, err := os.OpenFile(n.File, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	switch {
	case errors.Is(err, fs.ErrExist):
		d.say("%s: is there already and is left as it is; name another file", n.File)
		return exitUsage
	case err != nil:
		d.say("%s: cannot be written: %s", n.File, cause(err))
		return exitUsage
	}
	_, err = file.WriteString(firstIssue())
	if end := file.Close(); err == nil {
		err = end
	}
	if err != nil {
		d.say("%s: cannot be written: %s", n.File, cause(err))
		return exitFailed
	}
	d.say("wrote %s; make it with: dubhashi newsletter %s -o out/ --open", n.File, n.File)
	return exitDone
}

// firstIssue is an issue that works as it is, also with the demo model: its
// stories are examples that the model knows.
func firstIssue() string {
	text := map[string]string{}
	for _, e := range simulator.Examples() {
		text[e.Name+".hi"], text[e.Name+".en"] = e.Hindi, e.English
	}
	block := func(name string) string {
		lines := strings.Split(strings.TrimSpace(text[name]), "\n")
		for i, l := range lines {
			if l != "" {
				lines[i] = "      " + l
			}
		}
		return strings.Join(lines, "\n")
	}
	return strings.NewReplacer("<metro>", block("metro.hi"), "<rain>", block("rain-alert.en")).Replace(issueTemplate)
}

const issueTemplate = `# An issue of a bilingual newsletter. Make it with:
#   dubhashi newsletter issue.yaml -o out/ --open
# Every text may be in Hindi, in English, or in both, parted by " / " (or as
# {hi: …, en: …}). What is missing is translated.

title: सप्ताह की ख़बरें / The week
# subject: …          # of the mail; default: the title
# preheader: …        # behind the subject in a list of mails; default: the first headlines
# date: 2026-11-24    # default: today in India. Title and date (with seen: its name and
#                     # the date) tell an issue: a draft at listmonk is renewed by them

intro:
  hi: इस अंक में दो ख़बरें हैं।
  en: There are two stories in this issue.
# footer: …

languages: [hi, en]   # those shown, in their order
layout: stacked       # stacked: a pair under each other | side-by-side | summary-first
show: summary         # of each story: summary | lead (the first paragraphs) | full
# order: given        # given | newest | oldest
# contents: true      # the line "in this issue"; default: from three stories on
# sections: [शहर / City, मौसम / Weather]   # their order; stories without one come first

# Stories by hand. Each has one of file: (a path beside this file), text:, html:,
# markdown: and url:. All else may be left out:
#   title:, summary:    your own headline and summary, kept as they are
#   link:               where the whole story stands; default: the url
#   publication:, date:, section:
#   image:, alt:        address of a picture, and what it shows; image: none for none
#   show:               summary | lead | full
articles:
  - text: |
<metro>
    show: lead
  - text: |
<rain>
    show: lead

# Stories from feeds: RSS, Atom, RDF or JSON Feed.
# feeds:
#   - url: https://news.example.org/rss
#     limit: 5          # most items
#     since: 24h        # an age (36h, 7d) or a date
#     full_text: true   # fetch the page of an item that has a teaser alone
#     section: देश / Nation
#     show: lead
#     publication: …    # default: the feed's title
#   - file: saved.xml   # instead of a url

# What an issue under this name has held is left out of the next ones.
# seen: weekly
# remember: false     # a trial: what it takes does not count as seen

# Ids of flags that you have looked at and found right; "dubhashi newsletter"
# tells them.
# accept: []

# Who sends it. Needed for a mail.
# sender:
#   name: …
#   email: desk@example.org
#   reply_to: editor@example.org
#   unsubscribe: https://example.org/unsubscribe   # or mailto:…; an https page has to take
#                     # the POST of a mail program's button, too (RFC 8058)
#   address: …
#   website: https://example.org

# Terms that have to be translated so, in either direction.
# glossary:
#   नगर निगम: municipal corporation
# glossary_id: …      # one that the gateway keeps

# register: news      # news | formal | colloquial
# numerals: keep      # latin | devanagari | keep; default: latin into English
# cache: use          # use | refresh | only | off
`
