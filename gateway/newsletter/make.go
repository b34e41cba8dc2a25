package newsletter

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"dubhashi/gateway"
	"dubhashi/gateway/api"
)

// storiesAtOnce is how many stories are at work at the same time. Each sends
// its calls in parallel already; more would only make the first ones wait.
const storiesAtOnce = 4

// Make makes an edition: it gathers the stories, has them translated and
// summarised, and shortens what would make the e-mail too long. The error is a
// *gateway.Error, or what Admit said; when some of the stories came through there
// is none, and Partial says that something is missing.
func (m *Maker) Make(ctx context.Context, o Order) (*Edition, error) {
	if err := m.Check(&o.Issue); err != nil {
		return nil, err
	}
	w := m.begin(&o)
	sources, notices := m.gather(ctx, &o)
	w.e.Notices = append(w.e.Notices, notices...)
	w.e.Partial = slices.ContainsFunc(notices, func(n Notice) bool { return !slices.Contains(nothingLost, n.Code) })
	if ctx.Err() != nil {
		return nil, &gateway.Error{Code: gateway.Canceled, Message: "the request ended before the issue was made"}
	}
	if len(sources) == 0 {
		return nil, noStories(w.e.Notices)
	}
	stories, err := w.stories(ctx, sources)
	if err != nil {
		return nil, err
	}
	if err := w.frame(ctx, stories); err != nil {
		return nil, err
	}
	if err := w.fit(ctx); err != nil {
		return nil, err
	}
	w.accept()
	if o.Issue.Seen != "" && (o.Issue.Remember == nil || *o.Issue.Remember) {
		w.e.Notices = append(w.e.Notices, m.remember(ctx, &o, sources)...)
	}
	return w.e, nil
}

// nothingLost are the codes of what gather tells although all is there that there
// is to have.
var nothingLost = []string{"duplicate", "teaser", "no_date", "feed_found", "feed_empty", "seen_unknown"}

// noStories is the error for an issue that would be empty: each notice says why.
func noStories(notices []Notice) error {
	e := &gateway.Error{Code: gateway.Invalid, Message: "there is no story for the issue"}
	for _, n := range notices {
		e.Fields = append(e.Fields, gateway.FieldError{Field: cmp.Or(n.Where, "the issue"), Message: n.Message})
	}
	if len(notices) == 0 {
		e.Message += ": its feeds hold nothing new"
	}
	return e
}

// work is one edition in the making.
type work struct {
	m     *Maker
	o     *Order
	issue *api.Issue
	e     *Edition

	mu     sync.Mutex // guards what follows, and e's notices and usage, while stories are at work
	drafts map[*Story]*draft
	said   map[string]bool // codes of notices about the whole issue
}

func (m *Maker) begin(o *Order) *work {
	issue := &o.Issue
	e := &Edition{
		ID: editionID(issue, m.c.Now()), Languages: issue.Languages, Layout: cmp.Or(issue.Layout, Stacked),
		Date: issueDate(issue, m.c.Now()), Sender: issue.Sender,
	}
	if len(e.Languages) == 0 {
		e.Languages = []string{"hi", "en"}
	}
	return &work{m: m, o: o, issue: issue, e: e, drafts: map[*Story]*draft{}, said: map[string]bool{}}
}

func issueDate(issue *api.Issue, now time.Time) time.Time {
	if t, err := time.ParseInLocation(time.DateOnly, issue.Date, india); err == nil {
		return t
	}
	y, mo, d := now.In(india).Date()
	return time.Date(y, mo, d, 0, 0, 0, 0, india)
}

// editionID is the id of an issue's edition: a URN (RFC 9562, a UUID of version
// 5). With seen it is that of the name and the day, so that a slip mended in the
// title makes the same edition again, and the same draft; else that of title and
// day.
func editionID(issue *api.Issue, now time.Time) string {
	if issue.Seen != "" {
		return seenEdition(issue, now)
	}
	t := issue.Title
	return urn("newsletter", t.Text, t.Hi, t.En, issueDate(issue, now).Format(time.DateOnly))
}

func urn(parts ...string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(strings.Join(parts, "\x00"))).URN()
}

// stories makes the stories, some at a time, in the order of the sources. One
// that fails is a notice; the error is for when all did, or none may go on.
func (w *work) stories(ctx context.Context, sources []source) ([]*Story, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	made, fails := make([]*Story, len(sources)), make([]error, len(sources))
	places, done := make(chan struct{}, storiesAtOnce), 0
	var all sync.WaitGroup
	for i := range sources {
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			made[i], fails[i] = w.story(ctx, &sources[i])
			if refused(fails[i]) {
				stop(fails[i])
			}
			w.mu.Lock()
			defer w.mu.Unlock()
			done++
			if w.o.Progress != nil {
				w.o.Progress(done, len(sources))
			}
		})
	}
	all.Wait()
	if err := context.Cause(ctx); refused(err) {
		return nil, err
	}
	var first error
	for i, err := range fails {
		if err == nil {
			continue
		}
		first = cmp.Or(first, err)
		w.e.Partial = true
		w.e.Notices = append(w.e.Notices, failed(&sources[i], err))
	}
	made = slices.DeleteFunc(made, func(s *Story) bool { return s == nil })
	if len(made) == 0 {
		return nil, first
	}
	return made, nil
}

// refused reports whether an error is no failure of a story but an order to
// stop: what Admit said, or that the caller has gone.
func refused(err error) bool {
	if err == nil {
		return false
	}
	var e *gateway.Error
	return !errors.As(err, &e) || e.Code == gateway.Canceled
}

func failed(s *source, err error) Notice {
	n := Notice{Where: s.where, URL: s.link, Code: string(gateway.Internal), Message: "internal error"}
	var e *gateway.Error
	if errors.As(err, &e) {
		n.Code, n.Message = string(e.Code), e.Message
		for _, f := range e.Fields {
			n.Message += fmt.Sprintf("; %s %s", f.Field, f.Message)
		}
	}
	n.Message = "the story is left out: " + n.Message
	return n
}

// frame puts the stories into their sections and makes what stands around them.
func (w *work) frame(ctx context.Context, stories []*Story) error {
	e, issue := w.e, w.issue
	l := w.newLines()
	title, subject, preheader := l.line(issue.Title), l.line(issue.Subject), l.line(issue.Preheader)
	told := map[string]*asked{"title": title, "subject": subject, "preheader": preheader}
	names := make([]*asked, len(issue.Sections))
	for i, s := range issue.Sections {
		names[i] = l.line(s)
		told[fmt.Sprintf("sections[%d]", i)] = names[i]
	}
	sections := map[*Story]*asked{}
	for _, s := range stories {
		if src := w.drafts[s].source; !src.section.IsZero() {
			sections[s] = l.line(src.section)
			told[src.where+".section"] = sections[s]
		}
	}
	if err := l.ask(ctx); err != nil {
		return err
	}
	for _, where := range slices.Sorted(maps.Keys(told)) {
		w.tell(where, told[where])
	}
	e.Title = title.texts()
	e.Sections = arrange(stories, sections, names)
	w.sort()
	e.Contents = len(stories) >= 3
	if issue.Contents != nil {
		e.Contents = *issue.Contents
	}
	e.Subject = w.subject(subject.texts())
	e.Preheader = w.preheader(preheader.texts())
	var err error
	if e.Intro, err = w.prose(ctx, issue.Intro); err == nil {
		e.Footer, err = w.prose(ctx, issue.Footer)
	}
	return err
}

// tell tells the editor of what is doubtful in a text that has no place for a
// mark: readers could not see it, so the flag is the notice's.
func (w *work) tell(where string, a *asked) {
	for _, f := range a.flags {
		w.notice(Notice{Where: where, Code: f.Code, Message: f.Message, Flag: f.ID})
	}
}

// arrange puts stories under the names of their sections: those without one
// first, then the sections in the issue's order, then others as they come.
func arrange(stories []*Story, of map[*Story]*asked, order []*asked) []Section {
	list := []Section{{}}
	for _, name := range order {
		list = append(list, Section{Title: name.texts()})
	}
	for _, s := range stories {
		at := 0
		if name := of[s]; name != nil {
			title := name.texts()
			at = slices.IndexFunc(list, func(o Section) bool { return o.Title != nil && same(o.Title, title) })
			if at < 0 {
				at = len(list)
				list = append(list, Section{Title: title})
			}
		}
		list[at].Stories = append(list[at].Stories, s)
	}
	return slices.DeleteFunc(list, func(s Section) bool { return len(s.Stories) == 0 })
}

// same reports whether two names of sections are one: in either language.
func same(a, b Text) bool {
	for lang, s := range a {
		if s != "" && strings.EqualFold(s, b[lang]) {
			return true
		}
	}
	return false
}

// sort orders the stories of each section as the issue wants. Those without a
// date come last.
func (w *work) sort() {
	newest := w.issue.Order == "newest"
	if !newest && w.issue.Order != "oldest" {
		return
	}
	for _, s := range w.e.Sections {
		slices.SortStableFunc(s.Stories, func(a, b *Story) int {
			switch {
			case a.Published.IsZero() || b.Published.IsZero():
				return cmp.Compare(boolInt(a.Published.IsZero()), boolInt(b.Published.IsZero()))
			case newest:
				return b.Published.Compare(a.Published)
			}
			return a.Published.Compare(b.Published)
		})
	}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// accept marks the flags that the editor has looked at. An id that no flag has
// is told: the words it was about have changed.
func (w *work) accept() {
	known := map[string]bool{}
	w.e.eachPair(func(p *Pair) {
		for i := range p.Flags {
			f := &p.Flags[i]
			if slices.Contains(w.issue.Accept, f.ID) {
				f.Accepted, known[f.ID] = true, true
			}
		}
	})
	for i := range w.e.Notices {
		n := &w.e.Notices[i]
		if n.Flag != "" && slices.Contains(w.issue.Accept, n.Flag) {
			n.Accepted, known[n.Flag] = true, true
		}
	}
	for i, id := range w.issue.Accept {
		if !known[id] {
			w.e.Notices = append(w.e.Notices, Notice{Where: fmt.Sprintf("accept[%d]", i), Code: "unknown_flag",
				Message: fmt.Sprintf("there is no flag %q in this issue, or the words it was about have changed: look at the review page again", brief(id))})
		}
	}
}

func brief(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// codeOf is what an error of the gateway says.
func codeOf(err error) (gateway.Code, string) {
	var e *gateway.Error
	if !errors.As(err, &e) {
		return gateway.Internal, "internal error"
	}
	return e.Code, e.Message
}
