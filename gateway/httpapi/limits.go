package httpapi

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"dubhashi/gateway"
)

// The numbers that are counted of a caller's day. Money is in nano-dollars.
const (
	numRequests   = "requests"
	numChars      = "characters"
	numCalls      = "calls"
	numPrompt     = "prompt_tokens"
	numCompletion = "completion_tokens"
	numCost       = "cost"
	// numHeld is what requests at work are estimated to cost beyond what they have by
	// now, and jobs in all until they end. A process that is killed leaves the
	// estimates of its requests there until the day ends: their calls have most
	// likely been paid for.
	numHeld = "held"
	numBoth = numCost + "+" + numHeld // what has a limit
)

const nano = 1e9

// Prices are those of the dearest upstream, in US dollars per million tokens.
type Prices struct{ In, Out float64 }

// limitRate counts the request against the caller's minute and tells in the
// headers how that stands. While the counter is out of reach, this process goes
// by what it said last and counts alone.
func (s *Server) limitRate(c *fiber.Ctx, who caller) error {
	limit := s.c.Limits.Requests
	if limit == 0 {
		return nil
	}
	left, reset, err := s.c.Counter.Allow(s.root, who.account(), limit)
	if err != nil {
		s.uncounted(err)
		left, reset, _ = s.local.Allow(s.root, who.account(), limit)
	} else if s.c.Counter != s.local {
		s.local.allowed(who.account(), left, reset)
	}
	wait := seconds(reset)
	// draft-ietf-httpapi-ratelimit-headers-10, and what clients know from GitHub.
	c.Set("RateLimit-Policy", fmt.Sprintf(`"minute";q=%d;w=60`, limit))
	c.Set("RateLimit", fmt.Sprintf(`"minute";r=%d;t=%d`, max(left, 0), wait))
	c.Set("X-RateLimit-Limit", strconv.Itoa(limit))
	c.Set("X-RateLimit-Remaining", strconv.Itoa(max(left, 0)))
	c.Set("X-RateLimit-Reset", strconv.FormatInt(time.Now().Unix()+int64(wait), 10))
	if left >= 0 {
		return nil
	}
	s.c.Metrics.refuse("rate")
	return &problem{code: rateLimited, wait: wait, detail: fmt.Sprintf("%d requests a minute are allowed; ask again in %d s", limit, wait)}
}

// seconds is d in whole ones, at least one.
func seconds(d time.Duration) int { return max(int(math.Ceil(d.Seconds())), 1) }

// load is how much work a request is, as far as it is known beforehand.
type load struct {
	chars     int // code points of what is translated or summarised
	texts     int // pieces it comes in, which are not joined into one call for ever
	summaries int
	others    int  // other translations of each text
	free      bool // no model is asked, come what may
}

// textsLoad is the load of texts that are translated each for itself.
func textsLoad(texts []string) load {
	w := load{texts: len(texts)}
	for _, t := range texts {
		w.chars += utf8.RuneCountInString(t)
	}
	return w
}

// articleLoad is the load of an article of so many code points.
func articleLoad(req *gateway.Request, chars int) load {
	w := load{
		chars: chars,
		texts: max(strings.Count(req.Input, "\n"), strings.Count(req.Input, "</")) + 1,
		free:  req.Cache == gateway.OnlyCache,
	}
	if req.Summary != nil {
		w.summaries = max(len(req.Summary.Languages), 1)
	}
	return w
}

// What a call takes, in tokens, a little high: an estimate that is too low lets
// requests at work spend more than there is.
const (
	tokensPerChar = 0.40 // of Hindi with a current tokenizer; English takes half of that
	tokensPerCall = 450  // instructions, schema, context
	tokensPerText = 8    // ids and quotes
	summaryTokens = 300
	charsPerCall  = 1500 // of neighbouring paragraphs
	textsPerCall  = gateway.MaxSegmentsPerCall
)

// estimate is what a load is likely to cost, in nano-dollars.
func (p *Prices) estimate(w load) int64 {
	if p == nil || w.free {
		return 0
	}
	chars, texts := float64(w.chars), float64(max(w.texts, 1))
	calls := math.Ceil(max(chars/charsPerCall, texts/textsPerCall))
	in := tokensPerCall*(calls+float64(w.summaries)) + tokensPerChar*chars*float64(1+w.summaries) + tokensPerText*texts
	out := tokensPerChar*chars + tokensPerText*texts + summaryTokens*float64(w.summaries)
	if w.others > 0 { // a call a text, as far as texts have any
		again := min(texts, gateway.MostReworded)
		chars = min(chars, again*gateway.MaxReworded)
		in += tokensPerCall*again + 2*tokensPerChar*chars
		out += float64(w.others) * tokensPerChar * chars
	}
	return int64((in*p.In + out*p.Out) / 1e6 * nano)
}

// count is Counter.Add. While the counter is out of reach, characters are counted
// by this process alone, from where they were; money is not spent uncounted.
func (s *Server) count(ctx context.Context, who string, add, limits map[string]int64) (day int64, now map[string]int64, over string, err error) {
	_, money := limits[numBoth]
	if money {
		err = s.c.Counter.Keeps(ctx)
	}
	if err == nil {
		day, now, over, err = s.c.Counter.Add(ctx, who, 0, add, limits)
	}
	if err == nil && s.c.Counter != s.local {
		s.local.added(who, day, now)
	}
	if err == nil || ctx.Err() != nil {
		return day, now, over, kept(err)
	}
	s.uncounted(err)
	if money {
		s.c.Metrics.refuse("store")
		p := problemOf(kept(err))
		p.detail = "what was spent today can not be counted now, and there is a limit to it: nothing is spent until it can"
		return 0, nil, "", p
	}
	_, now, over, err = s.local.Add(ctx, who, 0, add, limits)
	if over == "" {
		s.ledger.add(who, 0, add) // until the store is back
	}
	return 0, now, over, err
}

// workingWait is when to ask again for money that is set aside for requests at
// work and may come back, in seconds.
const workingWait = 5

// exceeded is the problem of a charge that does not fit.
func (s *Server) exceeded(over string, now, add map[string]int64) error {
	p := &problem{code: rateLimited, quota: true, wait: seconds(untilMidnight(time.Now()))}
	if over == numChars {
		s.c.Metrics.refuse("characters")
		p.detail = fmt.Sprintf("the request has %d characters, and %d of the %d a day are used; the next day begins at 00:00 UTC",
			add[numChars], now[numChars], s.c.Limits.DailyChars)
		return p
	}
	s.c.Metrics.refuse("cost")
	limit, estimate := s.c.Limits.DailyCost, float64(add[numHeld])/nano
	spent := float64(now[numCost]) / nano
	p.detail = fmt.Sprintf("the request would cost about $%.4f, and $%.4f of the $%.2f a day are spent; the next day begins at 00:00 UTC", estimate, spent, limit)
	if spent+estimate <= limit {
		p.quota, p.wait = false, workingWait
		p.detail = fmt.Sprintf("what is left of the $%.2f a day is set aside for requests at work; ask again in %d s", limit, workingWait)
	}
	return p
}

func untilMidnight(now time.Time) time.Duration {
	return now.UTC().Truncate(24 * time.Hour).Add(24 * time.Hour).Sub(now)
}

// charsToday is how many characters the caller has been charged today.
func (s *Server) charsToday(c *fiber.Ctx) (int64, error) {
	s.ledger.flush(s.root)
	_, days, err := s.c.Counter.Days(s.root, callerOf(c).account(), 1)
	if err != nil {
		return 0, kept(err)
	}
	return days[0][numChars], nil
}

// uncounted logs that the counter cannot be reached, once a minute.
func (s *Server) uncounted(err error) {
	now, last := time.Now().Unix(), s.warned.Load()
	if now-last >= 60 && s.warned.CompareAndSwap(last, now) {
		s.c.Log.Warn("callers' limits cannot be counted in the store: requests and characters are counted by this process alone, and nothing is spent under a cost limit", "error", err)
	}
}
