package newsletter

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"dubhashi/gateway"
	"dubhashi/gateway/api"
)

// defaultItems is how many items of a feed become stories if the issue does not
// say.
const defaultItems = 5

// early is how far in the future a date may lie and still be believed: clocks
// differ, and so do zones that were told wrongly.
const early = 36 * time.Hour

// feedAccept are the media types in which feeds come, those of lying servers
// among them.
var feedAccept = []string{
	"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml", "application/json",
	"application/xml", "text/xml", "application/x-rss+xml", "text/rss+xml", "text/html", "application/xhtml+xml", "text/plain", "text/json",
}

// feedReader reads one feed of an issue.
type feedReader struct {
	m       *Maker
	o       *Order
	where   string
	feed    *api.IssueFeed
	notices []Notice
}

func (r *feedReader) tell(url, code, format string, args ...any) {
	r.notices = append(r.notices, Notice{Where: r.where, URL: url, Code: code, Message: fmt.Sprintf(format, args...)})
}

// read gives the items that become stories, the newest first.
func (r *feedReader) read(ctx context.Context) []*found {
	parts, base, f := r.load(ctx)
	if f != nil {
		r.tell(r.feed.URL, f.code, "the feed is left out: %s", f.message)
		return nil
	}
	list := r.items(parts, base)
	list = r.since(list)
	void(list)
	newestFirst(list)
	list = r.unseen(ctx, list)
	list = list[:min(len(list), cmp.Or(r.feed.Limit, defaultItems))]
	for _, f := range list {
		f.own()
	}
	return list
}

// load gets the feed and takes it apart. Of a page it takes the feed that the
// page names, once.
func (r *feedReader) load(ctx context.Context) (*feedParts, string, *fault) {
	if r.feed.File != "" {
		s, f := r.m.open(r.feed.File)
		if f != nil {
			return nil, "", f
		}
		parts, ok := splitFeed(legal(s))
		if !ok {
			return nil, "", invalid("the file is no feed: it must be RSS, Atom, RDF or JSON Feed")
		}
		return parts, "", nil
	}
	address := r.feed.URL
	for followed := false; ; followed = true {
		known := r.known(ctx, address)
		p, f := r.m.get(ctx, address, known, feedAccept)
		parts, ok := splitFeed(legal(p.Body))
		if ok && f == nil && !parts.cut && p != known { // what is broken may be whole the next time
			r.keep(ctx, address, p)
		}
		switch {
		case f != nil && ok && len(parts.items) > 0: // it broke off, but each item that came is whole
			parts.off = f
			return parts, p.FinalURL, nil
		case f != nil:
			f.message = strings.Replace(f.message, strings.Join(feedAccept, ", "), "RSS, Atom, RDF and JSON Feed", 1)
			return nil, "", f
		case ok:
			return parts, p.FinalURL, nil
		}
		address = readMeta(p.Body, p.FinalURL).feed
		if followed || address == "" {
			return nil, "", &fault{string(gateway.URLUnreadable),
				"what came is no feed: it must be RSS, Atom, RDF or JSON Feed; look on the site for the address of its feed"}
		}
		r.tell(r.feed.URL, "feed_found", "the address is a page; its feed was read instead: %s", address)
	}
}

// items are all items of the feed that can be read.
func (r *feedReader) items(parts *feedParts, base string) []*found {
	parser := newFeedParser()
	publication, site := r.feed.Publication, cmp.Or(base, r.feed.File)
	if head := parsePiece(parser, parts.head); head != nil {
		publication = cmp.Or(publication, plainText(head.Title))
		if base == "" {
			base = linkFrom("", head.Link)
			site = cmp.Or(base, site)
		}
	}
	var list []*found
	broken := parts.dropped
	for _, piece := range parts.items {
		it := itemOf(parsePiece(parser, piece), base)
		if it == nil {
			broken++
			continue
		}
		if it.published.After(r.m.c.Now().Add(early)) {
			it.published = time.Time{}
		}
		f := r.found(it, publication, site)
		f.cut = parts.cut
		list = append(list, f)
	}
	switch {
	case parts.cut:
		code := "feed_damaged"
		if parts.off != nil {
			code = parts.off.code // so that it is known that another try may help
		}
		r.tell(r.feed.URL, code, "the feed ends in the middle; %s before the end could be read", items(len(list)))
	case len(list)+broken == 0:
		r.tell(r.feed.URL, "feed_empty", "the feed holds no items")
	}
	if broken > 0 {
		r.tell(r.feed.URL, "feed_damaged", "%s of the feed could not be read: broken, or too large", items(broken))
	}
	return list
}

func items(n int) string {
	if n == 1 {
		return "1 item"
	}
	return fmt.Sprintf("%d items", n)
}

// found makes a story of an item; its text is read later. site is where the feed is
// from: an id counts there alone.
func (r *feedReader) found(it *feedItem, publication, site string) *found {
	f := &found{item: it, title: it.title, source: source{
		where: r.where, link: it.link, publication: publication, published: it.published,
		image: it.image, alt: spoken(it.alt), section: r.feed.Section, show: r.feed.Show, base: it.link,
	}}
	f.addID(it.id, cmp.Or(it.link, site))
	f.addLink(it.link)
	f.addText(it.title, plainText(cmp.Or(it.content, it.description)))
	return f
}

// since leaves out what is older than the issue wants.
func (r *feedReader) since(list []*found) []*found {
	if r.feed.Since == "" {
		return list
	}
	from, ok := parseSince(r.feed.Since, r.m.c.Now())
	if !ok {
		r.tell(r.feed.URL, string(gateway.Invalid), "since is neither an age like 36h, 7d or 2w nor a date like 2026-11-24; items of any age are taken")
		return list
	}
	undated := 0
	list = slices.DeleteFunc(list, func(f *found) bool {
		if f.published.IsZero() {
			undated++
			return false
		}
		return f.published.Before(from)
	})
	if undated > 0 {
		r.tell(r.feed.URL, "no_date", "taken whatever the age: %s of the feed without a date that can be read", items(undated))
	}
	return list
}

// newestFirst orders items by their dates. One without stays behind the one
// that it stands behind in the feed.
func newestFirst(list []*found) {
	type dated struct {
		f *found
		t time.Time
	}
	order := make([]dated, len(list))
	for i, f := range list {
		order[i] = dated{f, f.published}
		if f.published.IsZero() && i > 0 {
			order[i].t = order[i-1].t
		}
	}
	for i := len(order) - 2; i >= 0; i-- { // those at the top of the feed
		if order[i].t.IsZero() {
			order[i].t = order[i+1].t
		}
	}
	slices.SortStableFunc(order, func(a, b dated) int { return b.t.Compare(a.t) })
	for i := range order {
		list[i] = order[i].f
	}
}
