package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"dubhashi/gateway"
	"dubhashi/gateway/check"
)

type checkCommand struct {
	Pairs     string `arg:"" help:"JSONL with a line {\"hi\":…,\"en\":…} for each pair; arrays of segments are one article. - for standard input."`
	Direction string `help:"Which side is taken for the translation: hi-en the English one; both: each in turn." enum:"hi-en,en-hi,both" default:"both" placeholder:"hi-en|en-hi|both"`
	Show      bool   `help:"Print the two texts too, cut to some 80 characters."`
	JSON      bool   `name:"json" help:"Print a JSON object for each pair with a finding, and one with the summary."`
}

func (checkCommand) example() string {
	return "dubhashi check pairs.jsonl --direction hi-en --show\n  cat pairs.jsonl | dubhashi check - --json | tail -1"
}

func (c checkCommand) run(ctx context.Context, env *runtimeEnv) int {
	fail := func(err error) int {
		fmt.Fprintln(env.err, "dubhashi:", err)
		return exitCode(err)
	}
	f, err := openPairs(env, c.Pairs)
	if err != nil {
		return fail(err)
	}
	defer f.close()
	out := bufio.NewWriter(env.out)
	r := &checkRun{out: out, show: c.Show, json: c.JSON}
	for _, d := range directions(c.Direction) {
		r.tallies = append(r.tallies, &checkTally{direction: d, codes: map[findingKind]int{}})
	}
	warmUp()
	for ctx.Err() == nil {
		var l *pairLine
		if l, err = f.next(); err != nil {
			break
		}
		for _, t := range r.tallies {
			r.check(t, l)
		}
	}
	code := exitDone
	if f.bad > 0 || ctx.Err() != nil {
		code = exitFailed
	}
	if err != nil && err != io.EOF {
		code = fail(err)
	}
	if f.good > 0 {
		r.summary(f.bad, ctx.Err() != nil)
	}
	if err := errors.Join(r.failed, out.Flush()); err != nil {
		return fail(fmt.Errorf("the result cannot be written: %s", reason(err)))
	}
	switch {
	case ctx.Err() != nil:
		fmt.Fprintf(env.err, "dubhashi: interrupted behind line %d\n", f.number)
	case f.bad > 0 && f.good > 0:
		fmt.Fprintf(env.err, "dubhashi: lines that could not be read: %d\n", f.bad)
	}
	return code
}

// warmUp has the checks build their tables, which the time per pair leaves out.
func warmUp() {
	const hi, en = "पुल 12 मई को खुलेगा।", "The bridge opens on 12 May."
	findings([]check.Pair{{Source: hi, Target: en, From: "hi", To: "en"}}, true)
	findings([]check.Pair{{Source: en, Target: hi, From: "en", To: "hi"}}, true)
}

// findingKind is a row of the summary.
type findingKind struct{ code, severity string }

// checkTally is what was found in one direction.
type checkTally struct {
	direction            direction
	pairs, rejected, any int                 // of pairs, names apart
	articles, names      int                 // articles, and those that spell a name in two ways
	codes                map[findingKind]int // pairs with such a finding
	took                 time.Duration
}

// kinds are the rows in the order of the summary: hard ones first, then by
// number.
func kinds(tallies []*checkTally) []findingKind {
	all := map[findingKind]int{}
	for _, t := range tallies {
		for k, n := range t.codes {
			all[k] += n
		}
	}
	out := make([]findingKind, 0, len(all))
	for k := range all {
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b findingKind) int {
		return cmp.Or(cmp.Compare(rank(a.severity), rank(b.severity)), cmp.Compare(all[b], all[a]), cmp.Compare(a.code, b.code))
	})
	return out
}

// severities from what must not be used to what is not worth a call.
var severities = []string{"hard", "soft", "minor"}

func rank(severity string) int { return slices.Index(severities, severity) }

func severity(f check.Finding) string {
	switch {
	case f.Hard:
		return "hard"
	case f.Minor:
		return "minor"
	}
	return "soft"
}

// checkRun is one run of the command.
type checkRun struct {
	out        io.Writer
	show, json bool
	tallies    []*checkTally
	failed     error // of writing
}

// check runs the checks over a line in one direction and prints what they find.
func (r *checkRun) check(t *checkTally, l *pairLine) {
	source, target := l.sides(t.direction)
	pairs := make([]check.Pair, len(source))
	for i := range source {
		pairs[i] = check.Pair{Source: source[i], Target: target[i], From: t.direction.from, To: t.direction.to}
	}
	start := time.Now()
	found := findings(pairs, l.article)
	t.took += time.Since(start)
	t.pairs += len(pairs)
	if l.article {
		t.articles++
		if slices.ContainsFunc(found, namesDiffer) {
			t.names++
		}
	}
	for i, list := range found {
		if len(list) == 0 {
			continue
		}
		t.add(list)
		segment := 0
		if l.article {
			segment = i + 1
		}
		r.print(t.direction, l.number, segment, pairs[i], list)
	}
}

// findings are those of each pair: of a lone pair its own; of an article's also
// those that only the neighbours of a call, or the whole article, show.
func findings(pairs []check.Pair, article bool) [][]check.Finding {
	if !article {
		return [][]check.Finding{check.Translation(pairs[0])}
	}
	out := make([][]check.Finding, 0, len(pairs))
	calls := (len(pairs) + gateway.MaxSegmentsPerCall - 1) / gateway.MaxSegmentsPerCall
	for i := range calls { // evenly filled, as the gateway's are
		out = append(out, check.Call(pairs[i*len(pairs)/calls:(i+1)*len(pairs)/calls])...)
	}
	for i, list := range check.Spellings(pairs) {
		out[i] = append(out[i], list...)
	}
	for _, list := range out {
		slices.SortStableFunc(list, func(a, b check.Finding) int { return cmp.Compare(rank(severity(a)), rank(severity(b))) })
	}
	return out
}

func namesDiffer(list []check.Finding) bool { return slices.ContainsFunc(list, ofNames) }

func ofNames(f check.Finding) bool { return f.Code == check.NameSpelling }

// ofPair leaves out what is no fault of the pair: a name that other segments spell
// otherwise, of which either may be right.
func ofPair(list []check.Finding) []check.Finding {
	return slices.DeleteFunc(slices.Clone(list), ofNames)
}

func (t *checkTally) add(list []check.Finding) {
	own := ofPair(list)
	if len(own) > 0 {
		t.any++
	}
	if check.Rejected(own) {
		t.rejected++
	}
	seen := map[findingKind]bool{}
	for _, f := range list {
		if k := (findingKind{f.Code, severity(f)}); !seen[k] {
			seen[k] = true
			t.codes[k]++
		}
	}
}

// checkedPair is a pair with a finding, as --json prints it.
type checkedPair struct {
	Line      int            `json:"line"`
	Segment   int            `json:"segment,omitempty"` // from 1; absent for a lone pair
	Direction string         `json:"direction"`
	Rejected  bool           `json:"rejected"`
	Findings  []shownFinding `json:"findings"`
	Source    *string        `json:"source,omitempty"`
	Target    *string        `json:"target,omitempty"`
}

type shownFinding struct {
	Code     string `json:"code"`
	Severity string `json:"severity"` // hard: must not be used; soft: asked for again; minor: a warning
	Message  string `json:"message"`
}

func (r *checkRun) print(d direction, line, segment int, p check.Pair, list []check.Finding) {
	if r.json {
		row := checkedPair{Line: line, Segment: segment, Direction: d.name, Rejected: check.Rejected(ofPair(list))}
		for _, f := range list {
			row.Findings = append(row.Findings, shownFinding{f.Code, severity(f), f.Message})
		}
		if r.show {
			source, target := shown(p.Source), shown(p.Target)
			row.Source, row.Target = &source, &target
		}
		r.printJSON(row)
		return
	}
	place := fmt.Sprintf("line %d", line)
	if segment > 0 {
		place += fmt.Sprintf(", segment %d", segment)
	}
	for _, f := range list {
		r.printf("%s, %s: %s %s: %s\n", place, d.name, severity(f), f.Code, f.Message)
	}
	if r.show {
		r.printf("    %s: %s\n    %s: %s\n", p.From, shown(p.Source), p.To, shown(p.Target))
	}
}

func (r *checkRun) printf(format string, args ...any) {
	if _, err := fmt.Fprintf(r.out, format, args...); err != nil && r.failed == nil {
		r.failed = err
	}
}

func (r *checkRun) printJSON(v any) {
	b, err := json.Marshal(v)
	if err != nil && r.failed == nil {
		r.failed = err
	}
	r.printf("%s\n", b)
}

// checkSummary is the last object of --json.
type checkSummary struct {
	Directions  []directionSummary `json:"directions"`
	BadLines    int                `json:"bad_lines"`
	Interrupted bool               `json:"interrupted,omitempty"`
}

type directionSummary struct {
	Direction       string        `json:"direction"`
	Pairs           int           `json:"pairs"`
	Rejected        int           `json:"rejected"`
	RejectedPercent float64       `json:"rejected_percent"`
	Any             int           `json:"with_findings"`
	AnyPercent      float64       `json:"with_findings_percent"`
	Articles        int           `json:"articles"`
	NamesDiffer     int           `json:"articles_with_name_in_two_spellings"`
	Codes           []codeSummary `json:"codes"`
	Microseconds    float64       `json:"microseconds_per_pair"`
}

type codeSummary struct {
	Code     string  `json:"code"`
	Severity string  `json:"severity"`
	Pairs    int     `json:"pairs"`
	Percent  float64 `json:"percent"`
}

// summary prints the table at the end.
func (r *checkRun) summary(bad int, interrupted bool) {
	rows := kinds(r.tallies)
	if r.json {
		s := checkSummary{BadLines: bad, Interrupted: interrupted}
		for _, t := range r.tallies {
			d := directionSummary{
				Direction: t.direction.name, Pairs: t.pairs, Rejected: t.rejected, RejectedPercent: percent(t.rejected, t.pairs),
				Any: t.any, AnyPercent: percent(t.any, t.pairs), Articles: t.articles, NamesDiffer: t.names, Codes: []codeSummary{}, Microseconds: t.perPair(),
			}
			for _, k := range rows {
				if n := t.codes[k]; n > 0 {
					d.Codes = append(d.Codes, codeSummary{k.code, k.severity, n, percent(n, t.pairs)})
				}
			}
			s.Directions = append(s.Directions, d)
		}
		r.printJSON(map[string]checkSummary{"summary": s})
		return
	}
	if slices.ContainsFunc(r.tallies, func(t *checkTally) bool { return t.any > 0 }) {
		r.printf("\n")
	}
	table := tabwriter.NewWriter(r.out, 0, 0, 3, ' ', 0)
	row := func(name string, cell func(t *checkTally) string) {
		cells := []string{name}
		for _, t := range r.tallies {
			cells = append(cells, cell(t))
		}
		fmt.Fprintln(table, strings.Join(cells, "\t"))
	}
	row("", func(t *checkTally) string { return t.direction.name })
	row("pairs", func(t *checkTally) string { return fmt.Sprint(t.pairs) })
	row("rejected", func(t *checkTally) string { return share(t.rejected, t.pairs) })
	row("any finding", func(t *checkTally) string { return share(t.any, t.pairs) })
	for _, k := range rows {
		row("  "+k.code+" ("+k.severity+")", func(t *checkTally) string { return share(t.codes[k], t.pairs) })
	}
	if slices.ContainsFunc(r.tallies, func(t *checkTally) bool { return t.articles > 0 }) {
		row("articles", func(t *checkTally) string { return fmt.Sprint(t.articles) })
		row("  a name in two spellings", func(t *checkTally) string { return share(t.names, t.articles) })
	}
	row("time per pair", func(t *checkTally) string { return fmt.Sprintf("%.0f µs", t.perPair()) })
	if err := table.Flush(); err != nil && r.failed == nil {
		r.failed = err
	}
}

// perPair is the time that the checks of a pair took, in microseconds.
func (t *checkTally) perPair() float64 {
	return float64(t.took.Microseconds()) / float64(max(1, t.pairs))
}
