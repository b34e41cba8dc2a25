package httpapi

import (
	"context"
	"maps"
	"strings"
	"sync"
	"time"
)

// localCounter is a Counter in the memory of this process: for a server that is
// given none, and while the one it was given is out of reach, from what that one
// said last. It keeps the last minute and the last days of at most maxAccounts
// callers.
type localCounter struct {
	mu       sync.Mutex
	accounts map[string]*localAccount
}

// The minute is a window of buckets, each counted until all of it is a minute
// old.
const (
	localBucket  = 500 * time.Millisecond
	localBuckets = int64(time.Minute/localBucket) + 1
	localDays    = 31
)

type localAccount struct {
	bucket int64 // the last that was counted into
	counts [localBuckets]int
	full   time.Time // when the next event is allowed, by the shared counter's word
	days   map[int64]map[string]int64
}

func newLocalCounter() *localCounter { return &localCounter{accounts: map[string]*localAccount{}} }

// account is who's; l.mu is held.
func (l *localCounter) account(who string) *localAccount {
	a := l.accounts[who]
	if a == nil {
		for other := range l.accounts { // any
			if len(l.accounts) < maxAccounts {
				break
			}
			delete(l.accounts, other)
		}
		a = &localAccount{days: map[int64]map[string]int64{}}
		l.accounts[who] = a
	}
	return a
}

func (l *localCounter) Allow(_ context.Context, who string, limit int) (left int, reset time.Duration, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a, now := l.account(who), time.Now()
	if now.Before(a.full) {
		return -1, a.full.Sub(now), nil
	}
	a.advance(now)
	total := 0
	for _, n := range a.counts {
		total += n
	}
	left = limit - total - 1
	free := total // how many count when left grows
	if left < 0 {
		left, free = -1, limit
	} else {
		a.counts[a.bucket%localBuckets]++
		total++
		free = total
	}
	for b := a.bucket - localBuckets + 1; b <= a.bucket; b++ {
		if total -= a.counts[b%localBuckets]; total < free {
			return left, time.UnixMilli((b + localBuckets) * localBucket.Milliseconds()).Sub(now), nil
		}
	}
	return left, 0, nil
}

// advance empties the buckets that have been counted for a minute.
func (a *localAccount) advance(now time.Time) {
	bucket := now.UnixMilli() / localBucket.Milliseconds()
	for b := max(a.bucket, bucket-localBuckets) + 1; b <= bucket; b++ {
		a.counts[b%localBuckets] = 0
	}
	a.bucket = max(a.bucket, bucket)
}

// allowed takes down what the shared counter has answered to Allow.
func (l *localCounter) allowed(who string, left int, reset time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a, now := l.account(who), time.Now()
	if left < 0 {
		a.full = now.Add(reset)
		return
	}
	a.full = time.Time{}
	a.advance(now)
	a.counts[a.bucket%localBuckets]++
}

// added takes down what the shared counter has answered to Add.
func (l *localCounter) added(who string, day int64, now map[string]int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if numbers := l.account(who).day(day); numbers != nil {
		maps.Copy(numbers, now)
	}
}

// day is what is counted on a day; nil: it is not kept.
func (a *localAccount) day(day int64) map[string]int64 {
	today := localToday()
	if a.days[day] == nil && day > today-localDays {
		a.days[day] = map[string]int64{}
		maps.DeleteFunc(a.days, func(d int64, _ map[string]int64) bool { return d <= today-localDays })
	}
	return a.days[day]
}

func (l *localCounter) Add(_ context.Context, who string, day int64, add, limits map[string]int64) (at int64, now map[string]int64, over string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.account(who)
	if day == 0 {
		day = localToday()
	}
	numbers := a.day(day)
	if numbers == nil {
		return day, map[string]int64{}, "", nil // of a day that is not kept
	}
	for name, limit := range limits {
		used := int64(0)
		for part := range strings.SplitSeq(name, "+") {
			used += numbers[part] + add[part]
		}
		if used > limit && (over == "" || name < over) {
			over = name
		}
	}
	if over == "" {
		for name, n := range add {
			numbers[name] = max(numbers[name]+n, 0)
		}
	}
	return day, maps.Clone(numbers), over, nil
}

func (l *localCounter) Days(_ context.Context, who string, n int) (today int64, days []map[string]int64, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	today, days = localToday(), make([]map[string]int64, n)
	for i := range days {
		days[i] = map[string]int64{}
		if a := l.accounts[who]; a != nil {
			for name, number := range a.days[today-int64(i)] {
				days[i][name] = number
			}
		}
	}
	return today, days, nil
}

func (l *localCounter) Keeps(context.Context) error { return nil }

func localToday() int64 { return time.Now().Unix() / (24 * 60 * 60) }
