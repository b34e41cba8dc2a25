package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"github.com/schollz/progressbar/v3"

	"dubhashi/gateway"
)

type evalCommand struct {
	Pairs     string `arg:"" help:"JSONL with a line {\"hi\":…,\"en\":…} for each pair; arrays of segments are one article, translated with its context. - for standard input."`
	Direction string `help:"Which way to translate; the other side is the reference." enum:"hi-en,en-hi,both" default:"hi-en" placeholder:"hi-en|en-hi|both"`
	Limit     int    `help:"Read the first N lines alone; 0: all." default:"0" placeholder:"N"`
	Sample    int    `help:"Take N lines of them by chance; 0: all." default:"0" placeholder:"N"`
	Seed      uint64 `help:"Seed of --sample: the same one takes the same lines." default:"1" placeholder:"N"`
	Cache     string `help:"refresh asks anew and stores, only never asks the model; default: use, so that a second run goes on where the first one stopped." enum:"use,refresh,only,off" default:"use" placeholder:"use|refresh|only|off"`
	Output    string `help:"Write the translations to this file, a JSON object a line; \"dubhashi check\" reads it." placeholder:"FILE"`
	JSON      bool   `name:"json" help:"Print the figures as one JSON object."`
}

func (evalCommand) example() string {
	return "dubhashi eval pairs.jsonl --sample 200 --direction both\n  LLM_MODEL=another-model dubhashi eval pairs.jsonl --sample 200 --json --output another.jsonl"
}

// evaluation is one run of the command.
type evaluation struct {
	command evalCommand
	env     *runtimeEnv
	parts   *parts
	workers int // groups at work at once
	chars   int // most code points of a request
	lines   []*pairLine
	bad     int // lines that could not be read
	result  evalResult
	output  []*trial // of all directions
}

func (c evalCommand) run(ctx context.Context, env *runtimeEnv) int {
	fail := func(err error) int {
		fmt.Fprintln(env.err, "dubhashi:", err)
		return exitCode(err)
	}
	e := &evaluation{command: c, env: env}
	if err := e.read(ctx); err != nil {
		return fail(err)
	}
	output, err := e.openOutput()
	if err != nil {
		return fail(err)
	}
	if output != nil {
		defer func() { _ = output.Close() }()
	}
	conf, log, ok := env.configure()
	if !ok {
		return exitUsage
	}
	if conf.LogLevel > slog.LevelDebug { // what is missing is counted below, and would break the bar up
		conf.LogLevel = max(conf.LogLevel, slog.LevelError)
		log = newLog(conf, env.err)
	}
	e.workers, e.chars = conf.Plain.Concurrency, conf.MaxArticleChars
	if len(conf.Upstreams) > 0 {
		e.workers = conf.Upstreams[0].Concurrency
	}
	e.workers = min(max(1, e.workers)+1, mostGroups) // one more, for the time between two calls
	e.parts, err = build(ctx, conf, log, func(format string, args ...any) { fmt.Fprintf(env.err, "dubhashi: "+format+"\n", args...) })
	if err != nil {
		return fail(err)
	}
	defer e.parts.close()
	stopped := e.translate(ctx)
	if err := e.write(output); err != nil {
		return fail(err)
	}
	return e.finish(ctx, stopped)
}

// mostGroups bounds the groups at work: a group is a few calls, and those that
// wait for their turn at the upstream hold memory.
const mostGroups = 64

// read reads the lines that are to be translated.
func (e *evaluation) read(ctx context.Context) error {
	c := e.command
	if c.Limit < 0 || c.Sample < 0 {
		return usageError{errors.New("--limit and --sample must be 0 or more")}
	}
	f, err := openPairs(e.env, c.Pairs)
	if err != nil {
		return err
	}
	defer f.close()
	for ctx.Err() == nil && (c.Limit == 0 || len(e.lines) < c.Limit) {
		l, err := f.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		e.lines = append(e.lines, l)
	}
	if c.Sample > 0 && c.Sample < len(e.lines) {
		chance := rand.New(rand.NewPCG(c.Seed, 0))
		chosen := chance.Perm(len(e.lines))[:c.Sample]
		slices.Sort(chosen) // neighbours in the file stay in order
		lines := make([]*pairLine, len(chosen))
		for i, k := range chosen {
			lines[i] = e.lines[k]
		}
		e.lines = lines
	}
	e.bad = f.bad
	return nil
}

// openOutput opens the file of --output before anything is paid for. What is
// in it stays until there is something to write.
func (e *evaluation) openOutput() (*os.File, error) {
	name := e.command.Output
	if name == "" {
		return nil, nil
	}
	if name == "-" {
		return nil, usageError{errors.New("--output -: must be a file; the figures go to standard output")}
	}
	if in, err := os.Stat(e.command.Pairs); err == nil {
		if out, err := os.Stat(name); err == nil && os.SameFile(in, out) {
			return nil, usageError{fmt.Errorf("--output %s: is the file of the pairs", name)}
		}
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, usageError{fmt.Errorf("--output: %w", err)}
	}
	return f, nil
}

// translate translates every direction. The error is why it gave up before the
// end, or nil.
func (e *evaluation) translate(ctx context.Context) error {
	for _, d := range directions(e.command.Direction) {
		r := &directionRun{evaluation: e, direction: d, notices: map[string]string{}, trials: trialsOf(e.lines, d)}
		start := time.Now()
		stop := e.progress(r)
		err := r.run(ctx)
		stop()
		e.result.add(r, time.Since(start))
		e.output = append(e.output, r.trials...)
		if err != nil || ctx.Err() != nil {
			return err
		}
	}
	return nil
}

// progress shows a bar on a terminal, until the function it gives is called.
func (e *evaluation) progress(r *directionRun) (stop func()) {
	if !isTerminal(e.env.err) {
		r.done = func(int) {}
		return func() {}
	}
	bar := progressbar.NewOptions(len(r.trials), progressbar.OptionSetWriter(e.env.err), progressbar.OptionSetDescription("translating "+r.direction.name),
		progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(30))
	r.done = func(n int) { _ = bar.Add(n) } // a bar that cannot be drawn is no reason to stop
	_ = bar.RenderBlank()
	return func() { _ = bar.Finish() }
}

// outputLine is a line of --output: "hi" and "en" are the source and the
// translation, so that "dubhashi check" can be run over it.
type outputLine struct {
	Line      int      `json:"line"`
	Segment   int      `json:"segment,omitempty"` // from 1; absent for a lone pair
	Direction string   `json:"direction"`
	Hi        string   `json:"hi"`
	En        string   `json:"en"`
	Reference string   `json:"reference"`
	Model     string   `json:"model,omitempty"`
	Warnings  []string `json:"warnings,omitempty"` // codes
	Failure   string   `json:"failure,omitempty"`  // code; the translation is then empty
}

// write writes the translations that there are, in the order of the file.
func (e *evaluation) write(f *os.File) error {
	if f == nil {
		return nil
	}
	out := bufio.NewWriter(f)
	err := f.Truncate(0)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for _, t := range e.output {
		if !t.done {
			continue
		}
		l := outputLine{t.line, t.segment, t.direction.name, t.source, t.hypothesis, t.reference, t.model, t.warnings, string(t.failure)}
		if t.direction.from == "en" {
			l.Hi, l.En = l.En, l.Hi
		}
		err = errors.Join(err, encoder.Encode(l))
	}
	if err := errors.Join(err, out.Flush()); err != nil {
		return fmt.Errorf("--output %s: %s", f.Name(), reason(err))
	}
	return nil
}

// finish prints the figures and gives the exit code.
func (e *evaluation) finish(ctx context.Context, stopped error) int {
	for _, w := range e.result.gatewayWarnings() {
		fmt.Fprintln(e.env.err, "dubhashi: warning:", w)
	}
	code := exitDone
	if e.bad > 0 {
		fmt.Fprintf(e.env.err, "dubhashi: lines that could not be read: %d\n", e.bad)
		code = exitFailed
	}
	e.result.Interrupted = ctx.Err() != nil || stopped != nil
	if e.result.Interrupted {
		done, all := e.result.progress(len(directions(e.command.Direction)))
		code = exitFailed
		why := "interrupted"
		var ge *gateway.Error
		if errors.As(stopped, &ge) {
			why = "stopped: " + ge.Message
		}
		fmt.Fprintf(e.env.err, "dubhashi: %s; %d of %d segments are done, and the figures are of those\n", why, done, all)
		fmt.Fprintln(e.env.err, "dubhashi: what the model has answered is in the cache: the same command goes on from there")
		if done == 0 {
			return code
		}
	}
	out := bufio.NewWriter(e.env.out)
	if err := errors.Join(e.result.print(out, e), out.Flush()); err != nil {
		fmt.Fprintln(e.env.err, "dubhashi: the figures cannot be written:", reason(err))
		return exitFailed
	}
	return code
}
