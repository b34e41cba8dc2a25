package llm

import "time"

// 429s that go on through so many cuts of the rate may have another cause. Then
// none is blamed on it for a while, unless more than an eighth of so many calls is
// turned away without a pace, or later a fifth: then it was to blame after all, and
// that is not tried again for long.
const (
	futileCuts   = 7
	futileAsked  = 12 // where each 429 says how long to wait
	trialCalls   = 50
	mistrustFor  = time.Minute
	convincedFor = 2 * time.Minute
)

// trial finds out whether 429s are about the rate at all, by doing without a pace.
type trial struct {
	cuts    int // of the rate in a row, none of which was enough
	lastCut time.Time

	until     time.Time // no 429 is believed to be about the rate
	convinced time.Time // until when each is, in any case
	left      int       // calls still to be seen; 0 = no trial is going on
	turned    int       // of those seen were turned away
	passed    bool      // once before
}

// row is how many cuts there were of late.
func (t *trial) row(now time.Time) int {
	if now.Sub(t.lastCut) > seconds(holdFor) {
		return 0
	}
	return t.cuts
}

// cut notes a cut of the rate, and says whether a trial begins.
func (t *trial) cut(now time.Time, asked bool) bool {
	t.cuts, t.lastCut = t.row(now)+1, now
	futile := futileCuts
	if asked {
		futile = futileAsked
	}
	if t.cuts < futile || !now.After(t.convinced) {
		return false
	}
	t.until, t.left, t.turned, t.passed, t.cuts = now.Add(mistrustFor), trialCalls, 0, false, 0
	return true
}

// on says that no 429 is believed to be about the rate.
func (t *trial) on(now time.Time) bool { return now.Before(t.until) }

// count counts a call of the trial, and says whether it has shown that the rate was
// to blame.
func (t *trial) count(now time.Time, turned bool) bool {
	if t.left == 0 {
		return false
	}
	if turned {
		t.turned++
	}
	if t.left--; t.left > 0 {
		return false
	}
	most := trialCalls / 8
	if t.passed {
		most = trialCalls / 5
	}
	if t.turned <= most {
		t.left, t.turned, t.passed = trialCalls, 0, true
		return false
	}
	t.until, t.convinced = now, now.Add(convincedFor)
	return true
}
