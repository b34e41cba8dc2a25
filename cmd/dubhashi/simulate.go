package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"dubhashi/gateway/simulator"
)

type simulateCommand struct {
	Addr            string        `help:"Listen address." default:"127.0.0.1:9090" placeholder:"HOST:PORT"`
	Memory          []string      `help:"Translation memory: JSONL of {\"hi\":…,\"en\":…} a line, or arrays of sentences. May be repeated." type:"existingfile" placeholder:"FILE" sep:"none"`
	Latency         time.Duration `help:"Time before an answer begins." default:"0ms"`
	TokensPerSecond float64       `help:"Pace of an answer; 0 = at once." default:"0"`
	Fault           []string      `help:"Share of the calls with a fault, e.g. 429=0.1. May be repeated." placeholder:"KIND=SHARE" sep:"none"`
	Seed            uint64        `help:"Seed of the faults." default:"1"`
	Demo            bool          `help:"Know the example articles and gloss unknown text." default:"true" negatable:""`
}

func (simulateCommand) example() string {
	return "dubhashi simulate --memory pairs.jsonl --latency 300ms --fault 429=0.05"
}

func (s simulateCommand) run(ctx context.Context, env *runtimeEnv) int {
	fail := func(code int, format string, args ...any) int {
		fmt.Fprintf(env.err, "dubhashi: "+format+"\n", args...)
		return code
	}
	c := simulator.Config{Latency: s.Latency, TokensPerSecond: s.TokensPerSecond, Seed: s.Seed, Demo: s.Demo, Faults: map[simulator.Fault]float64{}}
	for _, f := range s.Fault {
		kind, share, err := simulator.ParseFault(f)
		if err != nil {
			return fail(exitUsage, "--fault %s: %s", f, err)
		}
		c.Faults[kind] = share
	}
	for _, name := range s.Memory {
		f, err := os.Open(name)
		if err != nil {
			return fail(exitUsage, "--memory: %s", err)
		}
		pairs, err := simulator.LoadMemory(f)
		_ = f.Close()
		if err != nil {
			return fail(exitUsage, "--memory %s: %s", name, err)
		}
		c.Memory = append(c.Memory, pairs...)
	}
	sim, err := simulator.New(c)
	if err != nil {
		return fail(exitUsage, "%s", err)
	}
	l, err := net.Listen("tcp", s.Addr)
	if err != nil {
		return fail(exitFailed, "cannot listen on %s: %s", s.Addr, reason(err))
	}
	server := &http.Server{Handler: sim, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	fmt.Fprintf(env.err, "listening on http://%s\n", l.Addr())
	fmt.Fprintf(env.err, "dubhashi: set LLM_BASE_URL=http://%s/v1\n", l.Addr())
	select {
	case err := <-ended:
		return fail(exitFailed, "the server stopped: %s", reason(err))
	case <-ctx.Done():
		_ = server.Close()
		return exitDone
	}
}
