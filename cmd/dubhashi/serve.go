package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"dubhashi/gateway/httpapi"
	"dubhashi/gateway/mcp"
	"dubhashi/gateway/store"
)

type serveCommand struct {
	Addr string `help:"Listen address; overrides DUBHASHI_ADDR." placeholder:"HOST:PORT"`
}

func (serveCommand) example() string { return "dubhashi serve --addr 127.0.0.1:8090" }

// drainTime is how long requests and jobs at work may go on after a signal to
// stop. A job that does not end is handed back.
const drainTime = 20 * time.Second

func (s serveCommand) run(ctx context.Context, env *runtimeEnv) int {
	if s.Addr != "" {
		inner := env.getenv
		env.getenv = func(name string) string {
			if name == "DUBHASHI_ADDR" {
				return s.Addr
			}
			return inner(name)
		}
	}
	c, log, ok := env.configure()
	if !ok {
		return exitUsage
	}
	say := func(format string, args ...any) { fmt.Fprintf(env.err, "dubhashi: "+format+"\n", args...) }
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		say("cannot listen on DUBHASHI_ADDR=%s: %s", c.Addr, reason(err))
		return exitFailed
	}
	p, err := build(ctx, c, log, say)
	if err != nil {
		_ = listener.Close()
		say("%s", err)
		return exitCode(err)
	}
	defer p.close()
	log.Debug("the cache's store", "store", p.store)
	p.warnEvicts(say)
	work, err := p.openJobs(c, log)
	if err != nil {
		_ = listener.Close()
		say("%s", err)
		return exitFailed
	}
	press := p.press()
	server := httpapi.New(httpapi.Config{
		Gateway: p.gateway, MaxBody: c.MaxBody, RequestTimeout: c.RequestTimeout, MaxRequests: c.MaxRequests,
		CancelOnDisconnect: c.CancelOnDisconnect, TrustedProxies: c.TrustedProxies, Metrics: p.metrics, Log: log,
		Keys: c.APIKeys, Limits: c.Limits, CORSOrigins: c.CORSOrigins, ModelTimeout: longestCall(c),
		KV: p.kv, Room: p.room, Counter: p.counter, Prices: p.prices, Jobs: work, Newsletters: press,
		MCP: mcp.New(mcp.Config{Gateway: p.gateway, Newsletters: press, Version: version, Timeout: c.RequestTimeout, Log: log}).Handle,
	})
	work.OnDrop(server.DropJob)
	if err := work.Start(server.RunJob); err != nil {
		_ = listener.Close()
		say("jobs cannot be done: %s", err)
		return exitFailed
	}
	defer endJobs(work)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	fmt.Fprintf(env.err, "listening on http://%s\n", listener.Addr())
	select {
	case err := <-ended:
		say("the server stopped: %s", reason(err))
		return exitFailed
	case <-ctx.Done():
	}
	say("stopping: requests at work have %s", drainTime)
	stop, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	var jobsEnd sync.WaitGroup
	jobsEnd.Go(func() { work.Close(stop) })
	if err := server.Shutdown(stop); err != nil {
		say("some requests did not end in time and were cancelled")
	}
	jobsEnd.Wait()
	return exitDone
}

// warnEvicts tells of a Redis that is a cache and no more. One that does not
// answer is not waited for: what needs it finds out by itself.
func (p *parts) warnEvicts(say func(string, ...any)) {
	if p.keeps == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := p.keeps(ctx); evicts(err) {
		say("WARNING: %s. Translation works; %s", err, evictsMeans)
	}
}

const evictsMeans = "glossaries, jobs, idempotency, usage and cost limits answer 503 store_evicts"

// evicts reports that a store may drop what it is given.
func evicts(err error) bool {
	var e *store.EvictsError
	return errors.As(err, &e)
}

// longestCall is the longest LLM_TIMEOUT of what the gateway may ask.
func longestCall(c *config) time.Duration {
	if len(c.Upstreams) == 0 {
		return c.Plain.Timeout // one that is found
	}
	var longest time.Duration
	for _, u := range c.Upstreams {
		longest = max(longest, u.Timeout)
	}
	return longest
}

// reason is the innermost cause of a network error: the part that helps.
func reason(err error) string {
	if err == nil {
		return "no reason given"
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Err != nil {
		return op.Err.Error()
	}
	return err.Error()
}
