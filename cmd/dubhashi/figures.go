package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"dubhashi/gateway/check"
	"dubhashi/gateway/score"
	"dubhashi/prompts"
)

// evalResult is what --json prints: the figures, and what is needed to make
// them again.
type evalResult struct {
	Models      map[string]int     `json:"models"` // segments that each answered
	Directions  []*directionResult `json:"directions"`
	Signatures  map[string]string  `json:"signatures"` // as sacrebleu writes them
	Version     string             `json:"dubhashi"`
	Prompt      string             `json:"prompt_version"`
	Limit       int                `json:"limit,omitempty"`
	Sample      int                `json:"sample,omitempty"`
	Seed        uint64             `json:"seed,omitempty"` // of the sample
	BadLines    int                `json:"bad_lines"`
	Interrupted bool               `json:"interrupted"` // the figures are of the segments that are done
	Warnings    map[string]string  `json:"warnings"`    // about the gateway: code → message

	all int // segments of the directions that were begun
}

// directionResult is the figures of one direction.
type directionResult struct {
	Direction string         `json:"direction"`
	Segments  int            `json:"segments"` // done
	ChrF      float64        `json:"chrf"`     // chrF++, 0 to 100
	BLEU      float64        `json:"bleu"`     // 0 to 100
	Numbers   numbersResult  `json:"numbers"`
	Failed    int            `json:"failed"` // scored as empty
	Failures  map[string]int `json:"failures"`
	Warned    int            `json:"with_warnings"`
	Warnings  map[string]int `json:"warnings"` // segments by code
	Usage     usageResult    `json:"usage"`
	Hits      int            `json:"cache_hits"`
	Misses    int            `json:"cache_misses"`
	Seconds   float64        `json:"seconds"`
	PerOne    float64        `json:"ms_per_segment"`
}

// numbersResult is how many of the sources' numbers stand in the translations,
// by value.
type numbersResult struct {
	Found   int     `json:"found"`
	Total   int     `json:"total"`
	Percent float64 `json:"percent"`
}

type usageResult struct {
	Calls            int      `json:"calls"`
	PromptTokens     int      `json:"prompt_tokens"`
	CompletionTokens int      `json:"completion_tokens"`
	Cost             *float64 `json:"cost_usd"` // null: no price is set
}

// add scores what is done of a direction.
func (e *evalResult) add(r *directionRun, took time.Duration) {
	d := &directionResult{
		Direction: r.direction.name, Failures: map[string]int{}, Warnings: map[string]int{},
		Usage: usageResult{r.usage.Calls, r.usage.PromptTokens, r.usage.CompletionTokens, r.usage.Cost},
		Hits:  r.usage.Hits, Misses: r.usage.Misses, Seconds: took.Seconds(),
	}
	if e.Models == nil {
		e.Models, e.Warnings = map[string]int{}, map[string]string{}
	}
	var chrf score.ChrF
	var bleu score.BLEU
	for _, t := range r.trials {
		if !t.done {
			continue
		}
		d.Segments++
		chrf.Add(t.hypothesis, t.reference)
		bleu.Add(t.hypothesis, t.reference)
		found, total := check.NumberRecall(t.source, t.hypothesis, t.direction.from, t.direction.to)
		d.Numbers.Found += found
		d.Numbers.Total += total
		if t.failure != "" {
			d.Failed++
			d.Failures[string(t.failure)]++
		}
		if t.model != "" {
			e.Models[t.model]++
		}
		slices.Sort(t.warnings)
		t.warnings = slices.Compact(t.warnings)
		if len(t.warnings) > 0 {
			d.Warned++
		}
		for _, code := range t.warnings {
			d.Warnings[code]++
		}
	}
	d.ChrF, d.BLEU = chrf.Score(), bleu.Score()
	d.Numbers.Percent = percent(d.Numbers.Found, d.Numbers.Total)
	d.PerOne = 1000 * d.Seconds / float64(max(1, d.Segments))
	maps.Copy(e.Warnings, r.notices)
	e.all += len(r.trials)
	e.Directions = append(e.Directions, d)
}

// gatewayWarnings are the messages, in a settled order.
func (e *evalResult) gatewayWarnings() (list []string) {
	for _, code := range slices.Sorted(maps.Keys(e.Warnings)) {
		list = append(list, e.Warnings[code])
	}
	return list
}

// progress is how many of all segments are done; each direction has as many.
func (e *evalResult) progress(directions int) (done, all int) {
	for _, d := range e.Directions {
		done += d.Segments
	}
	return done, e.all / max(1, len(e.Directions)) * directions
}

// print prints the figures as a table, or as JSON.
func (e *evalResult) print(w io.Writer, of *evaluation) error {
	if of.command.JSON {
		c := of.command
		e.Signatures = map[string]string{"chrf": score.ChrFSignature, "bleu": score.BLEUSignature}
		e.Version, e.Prompt, e.BadLines = version, prompts.Version, of.bad
		if e.Limit, e.Sample = c.Limit, c.Sample; c.Sample > 0 {
			e.Seed = c.Seed
		}
		b, err := json.Marshal(e)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(w, indent(of.env, b))
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	row := func(name string, cell func(d *directionResult) string) {
		cells := []string{name}
		for _, d := range e.Directions {
			cells = append(cells, cell(d))
		}
		fmt.Fprintln(table, strings.Join(cells, "\t"))
	}
	fmt.Fprintf(w, "%s\n\n", e.models())
	row("", func(d *directionResult) string { return d.Direction })
	row("segments", func(d *directionResult) string { return fmt.Sprint(d.Segments) })
	row("chrF++", func(d *directionResult) string { return fmt.Sprintf("%.2f", d.ChrF) })
	row("BLEU", func(d *directionResult) string { return fmt.Sprintf("%.2f", d.BLEU) })
	row("numbers kept", func(d *directionResult) string {
		return fmt.Sprintf("%.2f %% (%d of %d)", d.Numbers.Percent, d.Numbers.Found, d.Numbers.Total)
	})
	e.byCode(row, "failed, scored as empty", func(d *directionResult) (int, map[string]int) { return d.Failed, d.Failures })
	e.byCode(row, "with warnings", func(d *directionResult) (int, map[string]int) { return d.Warned, d.Warnings })
	row("from the cache", func(d *directionResult) string { return fmt.Sprintf("%d of %d", d.Hits, d.Hits+d.Misses) })
	row("calls", func(d *directionResult) string { return fmt.Sprint(d.Usage.Calls) })
	row("tokens", func(d *directionResult) string {
		return fmt.Sprintf("%d in, %d out", d.Usage.PromptTokens, d.Usage.CompletionTokens)
	})
	row("cost", func(d *directionResult) string {
		if d.Usage.Cost == nil {
			return "no price set"
		}
		return fmt.Sprintf("$%.4f", *d.Usage.Cost)
	})
	row("time", func(d *directionResult) string {
		return fmt.Sprintf("%.1f s (%.1f ms a segment)", d.Seconds, d.PerOne)
	})
	return table.Flush()
}

// byCode prints a number of segments, and under it those of each code.
func (e *evalResult) byCode(row func(string, func(*directionResult) string), name string, of func(*directionResult) (int, map[string]int)) {
	row(name, func(d *directionResult) string { n, _ := of(d); return share(n, d.Segments) })
	codes := map[string]bool{}
	for _, d := range e.Directions {
		_, list := of(d)
		for code := range list {
			codes[code] = true
		}
	}
	for _, code := range slices.Sorted(maps.Keys(codes)) {
		row("  "+code, func(d *directionResult) string { _, list := of(d); return share(list[code], d.Segments) })
	}
}

// models is the first line: the models that answered, the busiest first.
func (e *evalResult) models() string {
	names := slices.SortedFunc(maps.Keys(e.Models), func(a, b string) int {
		if e.Models[a] != e.Models[b] {
			return e.Models[b] - e.Models[a]
		}
		return strings.Compare(a, b)
	})
	switch len(names) {
	case 0:
		return "no model answered"
	case 1:
		return "model " + names[0]
	}
	for i, n := range names {
		names[i] = fmt.Sprintf("%s (%d segments)", n, e.Models[n])
	}
	return "models " + strings.Join(names, ", ")
}
