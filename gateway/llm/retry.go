package llm

import (
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	backoffBase = 250 * time.Millisecond
	backoffCap  = 8 * time.Second
	// longestAfter bounds what a Retry-After can say; beyond it the number is
	// more likely a mistake (an epoch, milliseconds) than a wish.
	longestAfter = 24 * time.Hour
)

// backoff is the wait after the nth failed attempt (from 1): exponential with
// full jitter, which spreads the retries of many callers best
// (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
func backoff(n int) time.Duration {
	ceiling := backoffCap
	if n < 6 {
		ceiling = min(backoffBase<<(n-1), backoffCap)
	}
	return rand.N(ceiling + 1)
}

// retryAfter reads how long a response asks to be left alone, 0 when it does not
// say or says a time that has passed. retry-after-ms (OpenAI, Azure) is the most
// exact and goes first; Retry-After is seconds, also broken ones, or an HTTP date
// (RFC 9110, 10.2.3), which is read against the server's own Date so that its
// clock need not agree with ours.
func retryAfter(h http.Header, now time.Time) time.Duration {
	if ms, err := strconv.ParseFloat(strings.TrimSpace(h.Get("Retry-After-Ms")), 64); err == nil && ms > 0 {
		return clampAfter(ms / 1000)
	}
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return 0
	}
	if s, err := strconv.ParseFloat(v, 64); err == nil {
		return clampAfter(s)
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return clampAfter(at.Sub(now).Seconds())
}

func clampAfter(seconds float64) time.Duration {
	if !(seconds > 0) { // also NaN
		return 0
	}
	return time.Duration(math.Min(seconds, longestAfter.Seconds()) * float64(time.Second))
}
