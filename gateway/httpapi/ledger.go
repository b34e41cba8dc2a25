package httpapi

import (
	"context"
	"sync"
	"time"
)

const (
	ledgerPause = 500 * time.Millisecond
	ledgerAgain = 5 * time.Second // after one that failed
	ledgerTime  = 2 * time.Second // for one flush
	// maxAccounts is how many callers' numbers wait at most for a store that is
	// down; those of one more are lost.
	maxAccounts = 10_000
)

// ledger gathers what need not be counted at once and gives it to the counter
// twice a second, so that no answer waits for it.
type ledger struct {
	counter Counter
	failed  func(error)

	mu      sync.Mutex
	open    map[account]map[string]int64
	waiting bool // a flush will come
	closed  bool // none will: add at once

	turn sync.Mutex // of flushing
}

type account struct {
	who string
	day int64 // 0: the day of the flush
}

func newLedger(counter Counter, failed func(error)) *ledger {
	return &ledger{counter: counter, failed: failed, open: map[account]map[string]int64{}}
}

// add takes numbers down.
func (l *ledger) add(who string, day int64, add map[string]int64) {
	l.mu.Lock()
	l.put(account{who, day}, add)
	closed := l.closed
	l.mu.Unlock()
	if closed {
		l.flush(context.Background())
		return
	}
	l.schedule(ledgerPause)
}

// schedule sees that a flush comes.
func (l *ledger) schedule(pause time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waiting || l.closed {
		return
	}
	l.waiting = true
	time.AfterFunc(pause, func() {
		l.mu.Lock()
		l.waiting = false
		l.mu.Unlock()
		l.flush(context.Background())
	})
}

// put adds to what is open; l.mu is held.
func (l *ledger) put(a account, add map[string]int64) {
	numbers := l.open[a]
	if numbers == nil {
		if len(l.open) >= maxAccounts {
			return
		}
		numbers = make(map[string]int64, len(add))
		l.open[a] = numbers
	}
	for name, n := range add {
		numbers[name] += n
	}
}

// flush gives all that is open to the counter. What it does not take stays open
// until the next flush.
func (l *ledger) flush(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, ledgerTime)
	defer cancel()
	l.turn.Lock() // so that who comes second finds all counted
	defer l.turn.Unlock()
	l.mu.Lock()
	open := l.open
	l.open = map[account]map[string]int64{}
	l.mu.Unlock()
	var failed error
	for a, numbers := range open {
		if failed == nil {
			_, _, _, failed = l.counter.Add(ctx, a.who, a.day, numbers, nil)
		}
		if failed != nil {
			l.mu.Lock()
			l.put(a, numbers)
			l.mu.Unlock()
		}
	}
	if failed != nil {
		l.failed(failed)
		l.schedule(ledgerAgain)
	}
}

// close counts what is open; what still comes is counted at once.
func (l *ledger) close() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.flush(context.Background())
}
