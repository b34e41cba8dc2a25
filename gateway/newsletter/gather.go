package newsletter

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"dubhashi/gateway/api"
)

// fetchesAtOnce is how many pages and feeds are fetched at the same time.
const fetchesAtOnce = 4

// gather gives the stories of an issue, each once, in the order of the issue's
// articles and feeds, and tells what could not be had.
func (m *Maker) gather(ctx context.Context, o *Order) ([]source, []Notice) {
	if end, ok := ctx.Deadline(); ok { // the other half is the translation's
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(end)/2)
		defer cancel()
	}
	articles := len(o.Issue.Articles)
	slots := articles + len(o.Issue.Feeds)
	stories, notices := make([][]*found, slots), make([][]Notice, slots)
	tell := func(slot int, n Notice) { notices[slot] = append(notices[slot], n) }
	sideBySide(slots, func(i int) {
		if i < articles {
			stories[i], notices[i] = m.named(ctx, i, &o.Issue.Articles[i])
		} else {
			r := feedReader{m: m, o: o, where: fmt.Sprintf("feeds[%d]", i-articles), feed: &o.Issue.Feeds[i-articles]}
			stories[i] = r.read(ctx)
			notices[i] = r.notices
		}
		for _, f := range stories[i] {
			f.slot = i
		}
	})
	list := once(slices.Concat(stories...), tell) // before pages are fetched for two of the same
	m.complete(ctx, o, list, tell)
	list = slices.DeleteFunc(list, func(f *found) bool { return strings.TrimSpace(f.input) == "" })
	list = once(list, tell)
	return sources(list), slices.Concat(notices...)
}

// named is an article that the issue names.
func (m *Maker) named(ctx context.Context, i int, a *api.IssueArticle) ([]*found, []Notice) {
	where := fmt.Sprintf("articles[%d]", i)
	t, f := m.article(ctx, a)
	if f != nil {
		return nil, []Notice{{Where: where, URL: a.URL, Code: f.code, Message: "the article is left out: " + f.message}}
	}
	return []*found{fromArticle(where, a, t)}, nil
}

// complete fetches the pages of the items that are teasers.
func (m *Maker) complete(ctx context.Context, o *Order, list []*found, tell func(int, Notice)) {
	failed := make([]*Notice, len(list))
	sideBySide(len(list), func(i int) {
		f := list[i]
		if f.full || f.item == nil {
			return
		}
		feed := &o.Issue.Feeds[f.slot-len(o.Issue.Articles)]
		if feed.FullText == nil || *feed.FullText {
			failed[i] = m.whole(ctx, f)
		} else if f.text == "" {
			failed[i] = &Notice{Where: f.where, URL: f.link, Code: "no_text",
				Message: "the feed holds no text of " + f.called() + ", which is left out; with full_text its page would be read"}
		}
	})
	for i, n := range failed {
		if n != nil {
			tell(list[i].slot, *n)
		}
	}
}

// sources are the stories as they go on, each with a key of its own.
func sources(list []*found) []source {
	out := make([]source, 0, len(list))
	used := map[string]bool{}
	for _, f := range list {
		f.addLink(f.given)
		f.addText(f.title, f.text)
		f.headed()
		s := f.source
		s.ids, s.key = f.ids, f.where
		for _, kind := range []string{idOfLink, idOfFeed, idOfText} {
			i := slices.IndexFunc(f.ids, func(id string) bool { return strings.HasPrefix(id, kind) && !used[id] })
			if i >= 0 {
				s.key = f.ids[i]
				break
			}
		}
		used[s.key] = true
		out = append(out, s)
	}
	return out
}

// sideBySide does n things, a few at the same time.
func sideBySide(n int, do func(i int)) {
	places := make(chan struct{}, fetchesAtOnce)
	var all sync.WaitGroup
	for i := range n {
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			do(i)
		})
	}
	all.Wait()
}
