package newsletter

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"dubhashi/gateway/article"
)

// MailLimit is how long the HTML of an e-mail may be, in bytes. Gmail cuts a mail
// off at 102 KB, and what is cut is the end, with the unsubscribe link; what sends
// the mail adds links and pixels of its own.
const MailLimit = 80_000

// fit shortens the longest stories in the e-mail to their summaries until it is
// short enough. Every other form keeps them whole.
func (w *work) fit(ctx context.Context) error {
	e := w.e
	for {
		mail, err := w.m.c.Renderer.Render(e, HTML)
		if err != nil {
			return err
		}
		e.mailBytes = len(mail)
		over := len(mail) - MailLimit
		if over <= 0 {
			return nil
		}
		short := longest(e.Stories(), float64(over)/float64(len(mail)))
		if len(short) == 0 {
			e.Notices = append(e.Notices, Notice{Code: "mail_too_long", Message: fmt.Sprintf(
				"the e-mail has %d bytes, and mail programs cut one off at about 100,000: take stories out, or make two issues of it", len(mail))})
			return nil
		}
		for _, s := range short {
			if err := w.shortenStory(ctx, s, len(mail)); err != nil {
				return err
			}
		}
	}
}

// longest are the stories whose bodies are the longest, as many as hold a share
// of all text that is shown; at least one if there is any.
func longest(stories []*Story, share float64) []*Story {
	var list []*Story
	all := 0
	for _, s := range stories {
		if s.InMail() != ShowSummary {
			list = append(list, s)
			all += s.size()
		}
	}
	bytes := int(share * float64(all))
	slices.SortStableFunc(list, func(a, b *Story) int { return cmp.Compare(b.size(), a.size()) })
	for i, s := range list {
		if bytes -= s.size(); bytes <= 0 {
			return list[:i+1]
		}
	}
	return list
}

// size is about how many bytes of an e-mail the body takes, markup not counted.
func (s *Story) size() int {
	n := 0
	for _, p := range s.Body {
		for _, in := range p.By {
			n += len(in.String())
		}
	}
	return n
}

// shortenStory has a summary stand for the story's body in the e-mail.
func (w *work) shortenStory(ctx context.Context, s *Story, mail int) error {
	d := w.drafts[s]
	if len(s.Summary) == 0 {
		req := w.request(d)
		req.Summary, req.Admit = w.wantSummary(d), nil
		res, err := w.article(ctx, d, req)
		if refused(err) {
			return err
		}
		if err == nil {
			l := w.newLines()
			summary := w.summary(l, res.Summaries)
			if err := l.ask(ctx); err != nil {
				return err
			}
			for _, a := range summary {
				s.Summary = append(s.Summary, a.pair(article.Paragraph))
			}
		}
	}
	s.Short = true
	w.notice(Notice{Where: d.source.where, URL: s.Link, Code: "shortened", Message: fmt.Sprintf(
		"in the e-mail its summary stands for the whole text: with it the e-mail would have %d bytes, of at most %d", mail, MailLimit)})
	return nil
}
