package newsletter

import (
	"cmp"
	"context"
	"net/http"
	"sync/atomic"
	"testing"

	"dubhashi/gateway/api"
)

// A feed that has not changed is not sent again, and holds the same stories.
func TestFeedUnchanged(t *testing.T) {
	t.Parallel()
	const etag, date = `"v1"`, "Mon, 23 Nov 2026 09:30:00 GMT"
	for _, row := range []struct {
		name   string
		send   func(http.Header)      // of the feed
		same   func(http.Header) bool // whether a request tells the feed's state
		first  string                 // what is sent first; "": a feed
		second string                 // what the second look finds
		spoil  func(*memory)
		bodies int32
	}{
		{name: "by its ETag", send: func(h http.Header) { h.Set("ETag", etag) }, same: func(h http.Header) bool { return h.Get("If-None-Match") == etag }, second: "पहली", bodies: 1},
		{name: "by its date", send: func(h http.Header) { h.Set("Last-Modified", date) }, same: func(h http.Header) bool { return h.Get("If-Modified-Since") == date }, second: "पहली", bodies: 1},
		{name: "by neither", send: func(http.Header) {}, same: func(h http.Header) bool { return h.Get("If-None-Match")+h.Get("If-Modified-Since") != "" }, second: "दूसरी", bodies: 2},
		{name: "changed", send: func(h http.Header) { h.Set("ETag", etag) }, same: func(http.Header) bool { return false }, second: "दूसरी", bodies: 2},
		{name: "cut off, though all came", send: func(h http.Header) { h.Set("ETag", etag) }, same: func(h http.Header) bool { return h.Get("If-None-Match") != "" }, first: rssHead + one, second: "दूसरी", bodies: 2},
		{name: "the store is damaged", send: func(h http.Header) { h.Set("ETag", etag) }, same: func(h http.Header) bool { return h.Get("If-None-Match") != "" }, second: "दूसरी", bodies: 2,
			spoil: func(m *memory) {
				for id, b := range m.records {
					m.records[id] = b[:len(b)/2]
				}
			}},
		{name: "the store is down", send: func(h http.Header) { h.Set("ETag", etag) }, same: func(h http.Header) bool { return h.Get("If-None-Match") != "" }, second: "दूसरी", bodies: 2,
			spoil: func(m *memory) { m.down = true }},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var bodies atomic.Int32
			at := site{"/feed": func(w http.ResponseWriter, r *http.Request) {
				row.send(w.Header())
				if row.same(r.Header) {
					w.WriteHeader(http.StatusNotModified)
					return
				}
				feed := cmp.Or(row.first, rssOf(one))
				if bodies.Add(1) > 1 {
					feed = rssOf(two)
				}
				is(feedType, feed)(w, r)
			}}.start(t)
			mem := newMemory()
			m := newMaker(mem, nil)
			look := func(owner string) string {
				list, notices := m.gather(context.Background(), &Order{Owner: owner, Issue: api.Issue{Feeds: []api.IssueFeed{{URL: at + "/feed"}}}})
				if len(notices) > 0 && row.first == "" {
					t.Error(notices)
				}
				return titles(list)
			}
			if got := look("ann"); got != "पहली" {
				t.Errorf("first %q", got)
			}
			if row.spoil != nil {
				row.spoil(mem)
			}
			if got := look("ann"); got != row.second || bodies.Load() != row.bodies {
				t.Errorf("second %q, sent %d times", got, bodies.Load())
			}
			if got := look("bob"); got != "दूसरी" {
				t.Errorf("another caller gets what the first one's feed was: %q", got)
			}
		})
	}
}
