package httpapi

import (
	"context"
	"crypto/rand"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"dubhashi/gateway"
)

const tabKey localsKey = "tab"

// tab is what one request runs up on its caller's account: it turns an
// estimate into the costs of its calls as they end. The answer and work that
// goes on without it share it; with the last of them, what is left of the
// estimate is given back. A nil tab is one of nobody's.
type tab struct {
	s   *Server
	who string

	mu    sync.Mutex
	users int
	day   int64 // that was charged; 0: today
	chars int64 // charged
	held  int64 // of the estimate, what has not been spent
}

// tabOf is the request's tab, nil when it has none.
func tabOf(c *fiber.Ctx) *tab {
	t, _ := c.Locals(tabKey).(*tab)
	return t
}

// charge takes the source characters of some work, and an estimate of what they
// will cost, off what the caller has left of the day, all or nothing. Call it
// when the request is known to be valid and before a model is asked. An answer
// that is an error gives the characters back. Its problem is rateLimited, or,
// where a cost limit is set, storeDown or storeEvicts.
func (t *tab) charge(ctx context.Context, work ...load) error {
	if t == nil {
		return nil
	}
	s, add, limits := t.s, map[string]int64{}, map[string]int64{}
	for _, w := range work {
		add[numChars] += int64(w.chars)
	}
	if n := s.c.Limits.DailyChars; n > 0 {
		limits[numChars] = int64(n)
	}
	if usd := s.c.Limits.DailyCost; usd > 0 {
		for _, w := range work {
			add[numHeld] += s.c.Prices.estimate(w)
		}
		add[numCost] += 0 // named, so that a refusal knows what is spent
		limits[numBoth] = int64(usd * nano)
	}
	if len(limits) == 0 {
		t.charged(0, add)
		s.ledger.add(t.who, 0, add)
		return nil
	}
	day, now, over, err := s.count(ctx, t.who, add, limits)
	switch {
	case err != nil:
		return err
	case over != "":
		return s.exceeded(over, now, add)
	}
	t.charged(day, add)
	return nil
}

// admit gives an article's Admit: it charges what the article turns out to be.
func (t *tab) admit(ctx context.Context, req *gateway.Request) func(chars int) error {
	w := articleLoad(req, 0)
	return func(chars int) error {
		w.chars = chars
		return t.charge(ctx, w)
	}
}

// billed gives a context whose calls go on the tab.
func (t *tab) billed(ctx context.Context) context.Context {
	if t == nil {
		return ctx
	}
	return gateway.Billed(ctx, t.spent)
}

// join keeps the tab open for work that may outlive the answer, until its leave.
func (t *tab) join() {
	if t != nil {
		t.mu.Lock()
		t.users++
		t.mu.Unlock()
	}
}

// leave ends what join, or the request itself, began.
func (t *tab) leave() {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.users--; t.users == 0 && t.held > 0 {
		t.s.ledger.add(t.who, t.day, map[string]int64{numHeld: -t.held})
		t.held = 0
	}
}

// answered takes down the answer's status: an error costs no characters, unless
// it is the caller who has gone.
func (t *tab) answered(status int) {
	if t == nil {
		return
	}
	if status >= 400 && status != kinds[gateway.Canceled].status {
		t.refund()
	}
	t.leave()
}

// refund gives back the characters that were charged to the tab.
func (t *tab) refund() {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.chars > 0 {
		t.s.giveBack(t.who, t.day, t.chars)
		t.chars = 0
	}
}

// giveBack takes characters off a caller's day, where there is a limit at once,
// so that the next request has them.
func (s *Server) giveBack(who string, day, chars int64) {
	add := map[string]int64{numChars: -chars}
	if s.c.Limits.DailyChars > 0 {
		if at, now, _, err := s.c.Counter.Add(context.WithoutCancel(s.root), who, day, add, nil); err == nil {
			s.local.added(who, at, now)
			return
		}
		_, _, _, _ = s.local.Add(s.root, who, day, add, nil) // it was counted here, most likely
	}
	s.ledger.add(who, day, add)
}

func (t *tab) charged(day int64, add map[string]int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.day = day
	t.chars += add[numChars]
	t.held += add[numHeld]
}

// spent takes down what a call has cost.
func (t *tab) spent(v gateway.Spending) {
	cost := int64(math.Round(v.Cost * nano))
	t.mu.Lock()
	defer t.mu.Unlock()
	covered := min(cost, t.held)
	t.held -= covered
	t.s.ledger.add(t.who, t.day, map[string]int64{
		numCalls: int64(v.Calls), numPrompt: int64(v.PromptTokens), numCompletion: int64(v.CompletionTokens),
		numCost: cost, numHeld: -covered,
	})
}

// promise is a piece of the work that was charged, to be kept with it when it is
// done later, perhaps by another process: see redeem and release. Once all promises
// are in safe hands, call handOver.
func (t *tab) promise(w load) string {
	if t == nil {
		return ""
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	p := promise{id: rand.Text(), who: t.who, day: t.day}
	if t.s.c.Limits.DailyCost > 0 {
		p.held = t.s.c.Prices.estimate(w)
	}
	return p.String()
}

// handOver leaves the charge to promises: neither the request's end nor its
// status gives anything back.
func (t *tab) handOver() {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.chars, t.held = 0, 0
}

// promise tells on whose day what was charged for some work.
type promise struct {
	id   string // its own
	who  string
	day  int64
	held int64
}

func (p promise) String() string { return fmt.Sprintf("%s %d %d %s", p.id, p.day, p.held, p.who) }

func readPromise(s string) (p promise, ok bool) {
	fields := strings.SplitN(s, " ", 4)
	if len(fields) != 4 {
		return p, false
	}
	p.id, p.who = fields[0], fields[3]
	p.day, _ = strconv.ParseInt(fields[1], 10, 64)
	p.held, _ = strconv.ParseInt(fields[2], 10, 64)
	return p, true
}

// redeem opens a tab for a run of work that has a promise: bill its calls to it, and
// leave it at the run's end. What was promised stays set aside whole, whatever the
// runs cost, until release: no process knows what the runs of others have cost.
func (s *Server) redeem(kept string) *tab {
	p, ok := readPromise(kept)
	if !ok {
		return nil
	}
	return &tab{s: s, who: p.who, day: p.day, users: 1}
}

const (
	releasedSpace = "released"
	releasedLife  = 48 * time.Hour // longer than the day of a promise
	releaseTime   = 5 * time.Second
)

// release gives back what was set aside for work that has ended for good, and
// characters that it is not to cost. It is done once for a promise, whoever else finds
// the work ended: a run, who cancels it, another process. Without a store to tell
// that, what was set aside stays so until the day ends.
func (s *Server) release(kept string, chars int) {
	p, ok := readPromise(kept)
	if !ok || p.held == 0 && chars == 0 || s.c.KV == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.root), releaseTime)
	defer cancel()
	if first, err := s.c.KV.Put(ctx, releasedSpace, p.id, []byte("1"), releasedLife, 0); err != nil || !first {
		return
	}
	if p.held > 0 {
		s.ledger.add(p.who, p.day, map[string]int64{numHeld: -p.held})
	}
	if chars > 0 {
		s.giveBack(p.who, p.day, int64(chars))
	}
}
