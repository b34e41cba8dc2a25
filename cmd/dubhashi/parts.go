package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/term"

	"dubhashi/cache"
	"dubhashi/gateway"
	"dubhashi/gateway/fetch"
	"dubhashi/gateway/httpapi"
	"dubhashi/gateway/jobs"
	"dubhashi/gateway/llm"
	"dubhashi/gateway/newsletter"
	"dubhashi/gateway/simulator"
	"dubhashi/gateway/store"
)

// parts is the gateway and what it is made of, as the configuration says.
type parts struct {
	gateway *gateway.Gateway
	metrics *httpapi.Metrics
	fetch   *fetch.Fetcher // of the URLs that callers give
	store   string         // what holds the cache: redis or embedded
	leases  gateway.Leases // nil without Redis: one process has its store for itself
	db      *sql.DB        // the embedded store; nil with Redis
	kv      httpapi.KV
	room    httpapi.KV // the same records, within bounds
	counter httpapi.Counter
	keeps   func(context.Context) error // says why the store may drop what it is given; nil: it does not
	prices  *httpapi.Prices             // nil: none is set
	observe func(gateway.Event)         // told of every request beside metrics; set before the first one
	closers []func()
}

func (p *parts) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if p.gateway != nil {
		_ = p.gateway.Close(ctx) // what is not written by then is asked for again
	}
	for i := len(p.closers) - 1; i >= 0; i-- {
		p.closers[i]()
	}
}

// newsletters is what makes issues. open reads the files that an issue names; nil:
// it may name none.
func (p *parts) newsletters(r *newsletter.Renderer, open func(name string) ([]byte, error)) *newsletter.Maker {
	return newsletter.New(newsletter.Config{Gateway: p.gateway, Fetch: p.fetch, Open: open, Memory: p.room, Renderer: r})
}

// press makes issues and writes them by the built-in templates; no issue may name
// a file.
func (p *parts) press() *press {
	r, _ := newsletter.NewRenderer(nil) // only own templates can be wrong
	return &press{p.newsletters(r, nil), r}
}

type press struct {
	*newsletter.Maker
	*newsletter.Renderer
}

// configure reads the configuration and tells what is wrong with it.
func (env *runtimeEnv) configure() (*config, *slog.Logger, bool) {
	c, bad := readConfig(env.getenv, env.environ, env.dotenv)
	for _, line := range bad {
		fmt.Fprintln(env.err, "dubhashi:", line)
	}
	if len(bad) > 0 {
		return nil, nil, false
	}
	for _, w := range c.Warnings {
		fmt.Fprintln(env.err, "dubhashi: warning:", w)
	}
	return c, newLog(c, env.err), true
}

func newLog(c *config, w io.Writer) *slog.Logger {
	o := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogFormat == "text" || c.LogFormat == "" && isTerminal(w) {
		return slog.New(slog.NewTextHandler(w, o))
	}
	return slog.New(slog.NewJSONHandler(w, o))
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// build makes the gateway. What it has to say to the user goes to say.
func build(ctx context.Context, c *config, log *slog.Logger, say func(format string, args ...any)) (*parts, error) {
	p := &parts{metrics: httpapi.NewMetrics(), fetch: fetch.New(fetch.Config{Version: version, Allow: c.FetchAllow, MaxBody: c.MaxBody})}
	ok := false
	defer func() {
		if !ok {
			p.close()
		}
	}()
	found, err := p.findUpstreams(ctx, c, say)
	if err != nil {
		return nil, err
	}
	var upstreams []*llm.Upstream
	for _, uc := range found.configs {
		found.demo = found.demo || uc.Model == simulator.DefaultModel // a simulate of somebody's is no translator either
		uc.Observe = func(e llm.Event) {
			result := "ok"
			if e.Kind != "" {
				result = string(e.Kind)
			}
			name := e.Upstream
			if name == "" {
				name = "default"
			}
			p.metrics.Call(name, result)
			log.Debug("upstream call", "upstream", name, "status", e.Status, "result", result, "ms", e.Duration.Milliseconds(), "attempt", e.Attempt)
		}
		u, err := llm.New(uc)
		if err != nil {
			return nil, err
		}
		p.closers = append(p.closers, u.Close)
		upstreams = append(upstreams, u)
	}
	p.prices = dearest(found.configs)
	kept, err := p.openCache(c, log, say)
	if err != nil {
		return nil, err
	}
	p.gateway = gateway.New(gateway.Config{
		Upstreams: upstreams, Demo: found.demo, Cache: kept, Fetch: p.fetch, Leases: p.leases, StoreName: p.store, CacheTTL: c.CacheTTL,
		MaxChars: c.MaxArticleChars, Log: log, Spend: p.metrics.Spend,
		Observe: func(e gateway.Event) {
			p.metrics.Gateway(e)
			if p.observe != nil {
				p.observe(e)
			}
		},
	})
	ok = true
	return p, nil
}

// upstreamsFound is what the gateway will ask.
type upstreamsFound struct {
	configs []llm.Config
	demo    bool
}

// findUpstreams settles what to ask: those that are set; else OpenAI by its
// own key; else a model server on this machine; else the demo model.
func (p *parts) findUpstreams(ctx context.Context, c *config, say func(string, ...any)) (upstreamsFound, error) {
	if !c.ForceDemo {
		switch {
		case len(c.Upstreams) > 0:
			for i := range c.Upstreams {
				if err := nameModel(ctx, &c.Upstreams[i], say); err != nil {
					return upstreamsFound{}, err
				}
			}
			return upstreamsFound{configs: c.Upstreams}, nil
		case c.OpenAIKey != "":
			u := c.Plain
			u.BaseURL, u.APIKey = openAIBase, c.OpenAIKey
			if u.Model == "" {
				u.Model = openAIModel
			}
			say("OPENAI_API_KEY is set: asking OpenAI's %s; LLM_MODEL chooses another", u.Model)
			return upstreamsFound{configs: []llm.Config{u}}, nil
		}
		if u, ok := findLocal(ctx, c.Plain, say); ok {
			return upstreamsFound{configs: []llm.Config{u}}, nil
		}
	}
	u, err := p.startDemo(c)
	if err != nil {
		return upstreamsFound{}, err
	}
	say("WARNING: no model is configured. The built-in demo model answers: it knows its example articles and gives a word-for-word gloss of any other text, which is NOT a translation.")
	say("WARNING: for real translations set LLM_BASE_URL, LLM_API_KEY and LLM_MODEL (see .env.example).")
	return upstreamsFound{configs: []llm.Config{u}, demo: true}, nil
}

// nameModel asks an upstream without a model for its first.
func nameModel(ctx context.Context, u *llm.Config, say func(string, ...any)) error {
	if u.Model != "" {
		return nil
	}
	probe, err := llm.New(*u)
	if err != nil {
		return err
	}
	defer probe.Close()
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	names, err := probe.Models(ctx)
	if err != nil || len(names) == 0 {
		return fmt.Errorf("LLM_MODEL is not set and %s does not tell its models; set LLM_MODEL (%w)", u.BaseURL, errors.Join(err))
	}
	u.Model = names[0]
	say("LLM_MODEL is not set: using %s, the first model of %s", u.Model, u.BaseURL)
	return nil
}

// localServers are where the common model servers listen.
var localServers = []struct{ name, base string }{
	{"Ollama", "http://127.0.0.1:11434/v1"},
	{"llama.cpp", "http://127.0.0.1:8080/v1"},
}

// findLocal looks for a model server on this machine.
func findLocal(ctx context.Context, plain llm.Config, say func(string, ...any)) (llm.Config, bool) {
	ctx, cancel := context.WithTimeout(ctx, 150*time.Millisecond)
	defer cancel()
	models := make([]chan []string, len(localServers))
	for i, s := range localServers {
		models[i] = make(chan []string, 1)
		go func() {
			u := plain
			u.BaseURL = s.base
			probe, err := llm.New(u)
			if err != nil {
				models[i] <- nil
				return
			}
			defer probe.Close()
			names, _ := probe.Models(ctx) // an error means that there is none
			models[i] <- names
		}()
	}
	for i, s := range localServers {
		if names := <-models[i]; len(names) > 0 {
			u := plain
			u.BaseURL = s.base
			if u.Model == "" {
				u.Model = names[0]
			}
			say("no upstream is set: using %s of the %s server on this machine (%s)", u.Model, s.name, s.base)
			return u, true
		}
	}
	return llm.Config{}, false
}

// startDemo serves the demo model on a port of its own, on loopback.
func (p *parts) startDemo(c *config) (llm.Config, error) {
	sim, err := simulator.New(simulator.Config{Demo: true})
	if err != nil {
		return llm.Config{}, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return llm.Config{}, fmt.Errorf("the demo model finds no port on 127.0.0.1: %w", err)
	}
	server := &http.Server{Handler: sim, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(l) }() // ends with Close
	p.closers = append(p.closers, func() { _ = server.Close() })
	u := c.Plain
	u.BaseURL, u.APIKey, u.Model, u.Style = "http://"+l.Addr().String()+"/v1", "", simulator.DefaultModel, llm.Segments
	u.PriceIn, u.PriceOut, u.RPM, u.TPM = nil, nil, 0, 0
	return u, nil
}

// openCache opens the store that the configuration names, behind a breaker,
// with the first level in front.
func (p *parts) openCache(c *config, log *slog.Logger, say func(string, ...any)) (cache.Store, error) {
	second, name, err := p.openStore(c, say)
	if err != nil {
		return nil, err
	}
	p.store = name
	guarded := cache.Guard(second, cache.GuardOptions{Notify: func(s cache.State, err error) {
		if s == cache.Up {
			log.Info("the cache's store answers again", "store", name)
			return
		}
		log.Warn("the cache's store is "+s.String()+"; translation goes on, slower and dearer", "store", name, "error", err)
	}})
	var kept cache.Store = guarded
	if c.L1Bytes > 0 {
		kept = cache.NewTiered(cache.NewMemory(c.L1Bytes, firstLevelAge), guarded)
	}
	p.closers = append(p.closers, func() { _ = kept.Close() })
	return kept, nil
}

// bounds are for what callers leave in the store, packed, of which one caller
// may have a quarter. They are no settings, for few would know a better number:
// a small machine has the 2 GiB, and an article takes some 4 KB, so that one
// caller's is the room for 60,000 finished jobs and 40,000 answers a day. Who
// has less gives Redis its own maxmemory.
var bounds = store.Bounds{
	jobs.WaitingFamily:     {Bytes: 512 << 20, Records: 40_000}, // 10,000 of one caller are a day's work of a model
	jobs.JobsFamily:        {Bytes: 1 << 30, Records: 1_000_000},
	httpapi.AnswersFamily:  {Bytes: 512 << 20, Records: 1_000_000},
	newsletter.SeenFamily:  {Bytes: 256 << 20, Records: 1_000_000}, // a year of 50 feeds' items, for one caller
	newsletter.FeedsFamily: {Bytes: 256 << 20, Records: 10_000},    // some 1,000 feeds, for one caller
}

// firstLevelAge bounds how long a replica can miss another's correction.
const firstLevelAge = time.Minute

func (p *parts) openStore(c *config, say func(string, ...any)) (cache.Store, string, error) {
	if c.RedisURL != "" {
		client, err := store.OpenRedis(c.RedisURL)
		if err != nil {
			return nil, "", err
		}
		leases := store.NewLease[cache.Key](client, store.LeaseOptions{})
		p.closers = append(p.closers, func() { _ = leases.Close(); _ = client.Close() })
		p.leases = leases
		kv, counter := store.NewRedisKV(client), store.NewRedisCounter(client, countedDays(c))
		p.closers = append(p.closers, func() { _ = kv.Close(); _ = counter.Close() })
		p.kv, p.room, p.counter = kv, kv.Within(bounds), counter
		p.keeps = func(ctx context.Context) error { return store.KeepsAll(ctx, client) }
		return cache.NewRedis(client), "redis", nil
	}
	db, moved, err := store.OpenSQLite(filepath.Join(c.Data, store.File))
	if err != nil {
		return nil, "", fmt.Errorf("the embedded store in DUBHASHI_DATA=%s: %w", c.Data, err)
	}
	p.closers = append(p.closers, func() { _ = db.Close() })
	if moved != "" {
		say("WARNING: the embedded store was damaged; it was moved to %s and a new one made", moved)
	}
	kv, counter := store.NewKV(db), store.NewCounter(db, countedDays(c))
	p.closers = append(p.closers, func() { _ = kv.Close(); _ = counter.Close() })
	p.db, p.kv, p.room, p.counter = db, kv, kv.Within(bounds), counter
	return cache.NewSQLite(db), "embedded", nil
}

// countedDays is how long the counts of a caller's day are kept: as long as
// /v1/usage tells of them, with a few days' room. Of a gateway that is open to
// the world they are those of addresses, as many as come along, and are kept
// for the day's limits alone.
func countedDays(c *config) int {
	if len(c.APIKeys) == 0 && c.AllowAnonymous {
		return 2
	}
	return 35
}

// usageError is an error of how a command was called.
type usageError struct{ error }

func exitCode(err error) int {
	var u usageError
	if errors.As(err, &u) {
		return exitUsage
	}
	return exitFailed
}
