package simulator

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// Fault is a way in which an upstream goes wrong, on purpose here.
type Fault string

// The faults. Those of one segment need a segment that allows them (a number
// to drop, two texts to swap); a call that has none is answered rightly and is
// not counted under the fault.
const (
	TooManyRequests  Fault = "429"               // 429 with Retry-After and retry-after-ms, see Config.RetryAfter
	ServerError      Fault = "500"               // 500 with an OpenAI error
	Unavailable      Fault = "503"               // 503 with plain text, as a proxy in front answers
	Reset            Fault = "reset"             // TCP reset before the answer or, of a stream, in its middle
	Stall            Fault = "stall"             // headers, of a stream perhaps some text, then silence for two minutes at most
	Slow             Fault = "slow"              // the right answer, Config.Slow later; a stream trickles meanwhile
	Truncate         Fault = "truncate"          // cut at 60 %, finish_reason "length"
	Garbage          Fault = "garbage"           // finished, but neither JSON nor language
	Prose            Fault = "prose"             // the right answer with chatter around it
	Fence            Fault = "fence"             // the right answer in a ``` fence
	Think            Fault = "think"             // the right answer behind <think>…</think>
	DropSegment      Fault = "drop-segment"      // one id missing; an empty answer where there are no ids
	SwapSegments     Fault = "swap-segments"     // two ids with each other's text
	Untranslated     Fault = "untranslated"      // one text in the source language
	DropNumber       Fault = "drop-number"       // one number, in digits, left out
	Refusal          Fault = "refusal"           // as the content, as message.refusal, or as one text
	Repeat           Fault = "repeat"            // one text that ends in a loop
	EchoInstructions Fault = "echo-instructions" // the system message before the answer, before one text, or instead of it
)

// none is the absence of a fault.
const none Fault = ""

// Faults lists every fault, in the order in which their shares are laid side
// by side when one is drawn.
func Faults() []Fault {
	return []Fault{
		TooManyRequests, ServerError, Unavailable, Reset, Stall, Slow, Truncate, Garbage, Prose, Fence,
		Think, DropSegment, SwapSegments, Untranslated, DropNumber, Refusal, Repeat, EchoInstructions,
	}
}

// ParseFault reads KIND=SHARE, e.g. "drop-number=0.05": five calls in a hundred
// answer with one number missing.
func ParseFault(s string) (Fault, float64, error) {
	kind, share, ok := strings.Cut(s, "=")
	if !ok {
		return none, 0, fmt.Errorf("fault %q: want KIND=SHARE, e.g. %s=0.05", s, DropNumber)
	}
	fault := Fault(strings.TrimSpace(kind))
	if !fault.known() {
		return none, 0, fmt.Errorf("fault %q: no such kind; there are %s", kind, kinds())
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(share), 64)
	if err != nil || !(v >= 0 && v <= 1) { // written so that NaN fails too
		return none, 0, fmt.Errorf("fault %q: share %q is not a number from 0 to 1", kind, share)
	}
	return fault, v, nil
}

func (f Fault) known() bool {
	for _, k := range Faults() {
		if f == k {
			return true
		}
	}
	return false
}

func kinds() string {
	var b strings.Builder
	for i, f := range Faults() {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(f))
	}
	return b.String()
}

// faultPlan draws the fault of each call from the seed and the call's number
// alone. Two runs that ask in the same order meet the same faults; runs that
// ask in parallel meet the same faults at the same numbers, whoever draws them.
type faultPlan struct {
	seed  uint64
	kinds []Fault
	upTo  []float64 // the running sums of the shares
}

func newFaultPlan(seed uint64, shares map[Fault]float64) (faultPlan, error) {
	p := faultPlan{seed: seed}
	for f, v := range shares {
		if !f.known() {
			return p, fmt.Errorf("simulator: no fault %q; there are %s", string(f), kinds())
		}
		if !(v >= 0 && v <= 1) {
			return p, fmt.Errorf("simulator: share %v of fault %s is not from 0 to 1", v, f)
		}
	}
	sum := 0.0
	for _, f := range Faults() {
		if v := shares[f]; v > 0 {
			sum += v
			p.kinds, p.upTo = append(p.kinds, f), append(p.upTo, sum)
		}
	}
	if sum > 1+1e-9 { // 1e-9: shares such as ten times 0.1 add up to a little over
		return p, fmt.Errorf("simulator: the shares of the faults add up to %.3g, more than 1", sum)
	}
	return p, nil
}

// draw gives the fault of call number n, and the dice for whatever else the
// fault has to choose.
func (p faultPlan) draw(n int64) (Fault, *rand.Rand) {
	dice := rand.New(rand.NewPCG(p.seed, uint64(n)))
	v := dice.Float64()
	for i, end := range p.upTo {
		if v < end {
			return p.kinds[i], dice
		}
	}
	return none, dice
}
