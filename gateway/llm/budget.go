package llm

import (
	"math"
	"sync/atomic"
)

// Budget is the number of calls an article may still cost. One budget is shared
// by all calls of an article; retries and hedges draw on it like first tries. A
// call that the upstream refused because of a parameter passes its unit on to
// the call that replaces it; one that cannot be sent after all gives its unit
// back. A nil *Budget is without limit.
//
// All methods may be called by several goroutines at once.
type Budget struct{ left atomic.Int64 }

// NewBudget returns a budget of n calls; n < 0 counts as 0.
func NewBudget(n int) *Budget {
	b := new(Budget)
	b.left.Store(int64(max(n, 0)))
	return b
}

// Take draws one call and reports whether there was one left.
func (b *Budget) Take() bool { return b.takeAbove(0) }

// takeAbove draws one call if more than keep are left.
func (b *Budget) takeAbove(keep int) bool {
	if b == nil {
		return true
	}
	for {
		n := b.left.Load()
		if n <= int64(max(keep, 0)) {
			return false
		}
		if b.left.CompareAndSwap(n, n-1) {
			return true
		}
	}
}

// Left is the number of calls that may still be made; math.MaxInt for a nil
// budget.
func (b *Budget) Left() int {
	if b == nil {
		return math.MaxInt
	}
	return int(b.left.Load())
}

// give puts back a call that was drawn but not sent.
func (b *Budget) give() {
	if b != nil {
		b.left.Add(1)
	}
}
