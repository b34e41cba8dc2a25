package newsletter

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"dubhashi/gateway/api"
	"dubhashi/gateway/fetch"
)

// loopbackOnly answers at once for hosts that do not exist.
type loopbackOnly struct{ Fetcher }

func (f loopbackOnly) GetChanged(ctx context.Context, url string, known fetch.Page, accept ...string) (fetch.Page, error) {
	if !strings.HasPrefix(url, "http://127.0.0.1:") {
		return fetch.Page{}, &fetch.Error{Kind: fetch.Unreachable, Message: "the server could not be reached"}
	}
	return f.Fetcher.GetChanged(ctx, url, known, accept...)
}

// memory keeps records as a store does; down: it does not answer.
type memory struct {
	mu      sync.Mutex
	records map[string][]byte
	version map[string]int64
	ttl     time.Duration
	down    bool
}

func newMemory() *memory { return &memory{records: map[string][]byte{}, version: map[string]int64{}} }

func (m *memory) Get(_ context.Context, space, id string) ([]byte, int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.down {
		return nil, 0, errors.New("down")
	}
	return m.records[space+id], m.version[space+id], nil
}

func (m *memory) Put(_ context.Context, space, id string, value []byte, ttl time.Duration, version int64) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.down {
		return false, errors.New("down")
	}
	if version >= 0 && m.version[space+id] != version {
		return false, nil
	}
	m.records[space+id], m.ttl = value, ttl
	m.version[space+id]++
	return true, nil
}

// week is one issue after another from a feed that changes.
type week struct {
	t    *testing.T
	m    *Maker
	body string
	url  string
	cut  bool
	made int // issues: each has a title of its own, which is nothing to the memory
}

func newWeek(t *testing.T, mem Memory) *week {
	w := &week{t: t}
	w.url = site{"/feed": func(rw http.ResponseWriter, r *http.Request) { is("text/xml", w.body)(rw, r) }}.start(t)
	w.m = newMaker(mem, nil)
	return w
}

// issue makes the issue of a day of some items, and remembers it.
func (w *week) issue(owner, date string, items ...int) (got string, notices []Notice) {
	w.t.Helper()
	w.made++
	var b strings.Builder
	for _, i := range items {
		day := fmt.Sprintf("<pubDate>%d Nov 2026 08:00:00 IST</pubDate><guid", i)
		b.WriteString(strings.Replace(rssItem(fmt.Sprint(i), fmt.Sprint("ख़बर ", i), paragraphsOf(longStory(things[i]))), "<guid", day, 1))
	}
	w.body = rssHead + b.String() + rssFoot
	if w.cut {
		w.body = rssHead + b.String()
	}
	o := &Order{Owner: owner, Issue: api.Issue{Title: api.Bilingual{Hi: fmt.Sprint("सप्ताह ", w.made)}, Date: date, Seen: "weekly", Feeds: []api.IssueFeed{{URL: w.url + "/feed", Limit: 3}}}}
	list, notices := w.m.gather(context.Background(), o)
	notices = append(notices, w.m.remember(context.Background(), o, list)...)
	return titles(list), notices
}

var things = []string{"", "नदी का पुल", "नया विद्यालय", "मेट्रो लाइन", "पुराना किला", "जल योजना", "सब्ज़ी मंडी", "रेल फाटक", "खेल मैदान"}

// An issue holds what none before it held, and the same again when it is made
// again.
func TestSeen(t *testing.T) {
	t.Parallel()
	mem := newMemory()
	w := newWeek(t, mem)
	for _, step := range []struct {
		name, owner, date string
		items             []int
		want              string
	}{
		{"the first", "a", "2026-11-03", []int{1, 2, 3, 4}, "ख़बर 4; ख़बर 3; ख़बर 2"},
		{"the first again", "a", "2026-11-03", []int{1, 2, 3, 4}, "ख़बर 4; ख़बर 3; ख़बर 2"},
		{"the next: what is new, and nothing that was old already", "a", "2026-11-10", []int{1, 2, 3, 4, 5}, "ख़बर 5"},
		{"the next again", "a", "2026-11-10", []int{1, 2, 3, 4, 5}, "ख़बर 5"},
		{"nothing new", "a", "2026-11-11", []int{1, 2, 3, 4, 5}, ""},
		{"another owner", "b", "2026-11-11", []int{1, 2, 3, 4, 5}, "ख़बर 5; ख़बर 4; ख़बर 3"},
		{"the first once more", "a", "2026-11-03", []int{2, 3, 4}, "ख़बर 4; ख़बर 3; ख़बर 2"},
		{"more than fit", "a", "2026-11-17", []int{8, 7, 6, 5, 4}, "ख़बर 8; ख़बर 7; ख़बर 6"},
	} {
		if got, notices := w.issue(step.owner, step.date, step.items...); got != step.want || len(notices) > 0 {
			t.Errorf("%s: %q, want %q; %v", step.name, got, step.want, notices)
		}
	}
	if mem.ttl != 365*24*time.Hour {
		t.Errorf("kept for %v", mem.ttl)
	}
	for id, b := range mem.records {
		if strings.Contains(id+string(b), "http") || strings.Contains(id, "weekly") {
			t.Errorf("the store holds %s %s", id, b)
		}
	}
}

// An item does not come back when its id or its link changes.
func TestSeenByAnyID(t *testing.T) {
	t.Parallel()
	w := newWeek(t, newMemory())
	w.issue("a", "2026-11-03", 1, 2)
	old := w.m.c.Fetch
	w.m.c.Fetch = changed{old, strings.NewReplacer(`isPermaLink="false">1<`, `isPermaLink="false">neu<`, "/2<", "/andere<", `isPermaLink="false">2<`, `isPermaLink="false">zwei<`)}
	if got, _ := w.issue("a", "2026-11-10", 1, 2, 3); got != "ख़बर 3" {
		t.Errorf("%q", got)
	}
}

type changed struct {
	Fetcher
	in *strings.Replacer
}

func (c changed) GetChanged(ctx context.Context, url string, _ fetch.Page, accept ...string) (fetch.Page, error) {
	p, err := c.Fetcher.GetChanged(ctx, url, fetch.Page{}, accept...)
	p.Body = c.in.Replace(p.Body)
	return p, err
}

// What stood behind the place where a feed was cut is new to the next issue, though it
// is older than what this one held.
func TestSeenOfACutFeed(t *testing.T) {
	t.Parallel()
	w := newWeek(t, newMemory())
	w.cut = true
	if got, notices := w.issue("a", "2026-11-03", 5, 4); got != "ख़बर 5; ख़बर 4" || codes(notices) != "feed_damaged" {
		t.Errorf("%q %v", got, notices)
	}
	w.cut = false
	if got, _ := w.issue("a", "2026-11-10", 5, 4, 3, 2); got != "ख़बर 3; ख़बर 2" {
		t.Errorf("the rest: %q", got)
	}
	if got, _ := w.issue("a", "2026-11-17", 6, 5, 4, 3, 2, 1); got != "ख़बर 6" {
		t.Errorf("what is older than all: %q", got)
	}
}

// What is not known is told, and nothing is lost.
func TestSeenUnknown(t *testing.T) {
	t.Parallel()
	mem := newMemory()
	w := newWeek(t, mem)
	mem.down = true
	got, notices := w.issue("a", "2026-11-03", 1)
	if got != "ख़बर 1" || codes(notices) != "seen_unknown seen_unknown" {
		t.Errorf("%q %v", got, notices)
	}
	w = newWeek(t, nil)
	got, notices = w.issue("a", "2026-11-03", 1)
	if got != "ख़बर 1" || codes(notices) != "seen_unknown" {
		t.Errorf("without a store: %q %v", got, notices)
	}
}

// Two that remember at once both get into the record.
func TestRememberAtOnce(t *testing.T) {
	t.Parallel()
	mem := newMemory()
	m := newMaker(mem, nil)
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			o := &Order{Owner: "a", Issue: api.Issue{Seen: "x", Date: fmt.Sprint("2026-11-0", i+1)}}
			if n := m.remember(context.Background(), o, []source{{ids: []string{"link:a", "link:b"}}}); len(n) > 0 {
				t.Error(n)
			}
		})
	}
	all.Wait()
	for id := range mem.records {
		r, _, err := m.seenRecord(context.Background(), "a", strings.TrimPrefix(id, seenSpace("a")))
		if err != nil || len(r.Editions) != 4 {
			t.Errorf("%v %v", r, err)
		}
	}
	if len(mem.records) != 2 {
		t.Errorf("%d records", len(mem.records))
	}
}
