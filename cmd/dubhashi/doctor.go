package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"dubhashi/cache"
	"dubhashi/gateway/llm"
	"dubhashi/gateway/store"
	"dubhashi/prompts"
)

type doctorCommand struct{}

func (doctorCommand) example() string { return "dubhashi doctor" }

// doctor counts what is wrong.
type doctor struct {
	env *runtimeEnv
	bad int
}

func (d *doctor) good(format string, args ...any) {
	fmt.Fprintf(d.env.out, "ok    "+format+"\n", args...)
}

func (d *doctor) note(format string, args ...any) {
	fmt.Fprintf(d.env.out, "note  "+format+"\n", args...)
}

func (d *doctor) wrong(mend, format string, args ...any) {
	d.bad++
	fmt.Fprintf(d.env.out, "BAD   "+format+"\n      → %s\n", append(args, mend)...)
}

func (doctorCommand) run(ctx context.Context, env *runtimeEnv) int {
	d := &doctor{env: env}
	c, bad := readConfig(env.getenv, env.environ, env.dotenv)
	for _, line := range bad {
		d.wrong("mend it in the environment or .env; .env.example lists every setting", "configuration: %s", line)
	}
	for _, w := range c.Warnings {
		d.note("configuration: %s", w)
	}
	if len(bad) == 0 {
		d.good("configuration")
		d.upstreams(ctx, c)
		d.store(ctx, c)
	}
	if d.bad > 0 {
		fmt.Fprintf(env.out, "%d to mend\n", d.bad)
		return exitFailed
	}
	return exitDone
}

func (d *doctor) upstreams(ctx context.Context, c *config) {
	p := &parts{}
	defer p.close()
	say := func(format string, args ...any) { d.note(format, args...) }
	found, err := p.findUpstreams(ctx, c, say)
	if err != nil {
		d.wrong("check LLM_BASE_URL and LLM_API_KEY, or name the model in LLM_MODEL", "upstream: %s", err)
		return
	}
	for _, u := range found.configs {
		d.upstream(ctx, u)
	}
}

// upstream asks for the models and has one word translated.
func (d *doctor) upstream(ctx context.Context, c llm.Config) {
	name := strings.TrimSpace("upstream " + c.Name)
	c.MaxAttempts = 1
	u, err := llm.New(c)
	if err != nil {
		d.wrong("mend it in the environment or .env", "%s: %s", name, err)
		return
	}
	defer u.Close()
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if models, err := u.Models(ctx); err != nil {
		d.note("%s: does not tell its models", name)
	} else if !slices.Contains(models, c.Model) {
		d.note("%s: %s is not among the %d models it tells (%s)", name, c.Model, len(models), few(models))
	}
	p := prompts.Translate(prompts.Translation{Source: "hi", Target: "en", Segments: []string{"नमस्ते"}, Register: "news"})
	if u.Style() == llm.Plain {
		p = prompts.TranslatePlain(prompts.Translation{Source: "hi", Target: "en", Segments: []string{"नमस्ते"}, Register: "news"})
	}
	messages := make([]llm.Message, len(p.Messages))
	for i, m := range p.Messages {
		messages[i] = llm.Message{Role: m.Role, Content: m.Content}
	}
	start := time.Now()
	if _, err := u.Complete(ctx, llm.Request{Messages: messages, Schema: p.Schema, SchemaName: p.SchemaName, MaxTokens: 200}); err != nil {
		d.wrong(mend(err), "%s: %s at %s gives no translation: %s", name, c.Model, c.BaseURL, err)
		return
	}
	d.good("%s: %s at %s answers (%d ms)", name, c.Model, c.BaseURL, time.Since(start).Milliseconds())
}

func few(names []string) string {
	if len(names) > 5 {
		return strings.Join(names[:5], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}

// mend is what to do about an upstream's error.
func mend(err error) string {
	e, ok := err.(*llm.Error)
	if !ok {
		return "see the error"
	}
	switch e.Kind {
	case llm.Auth:
		return "check LLM_API_KEY"
	case llm.Quota:
		return "the account has no quota or credit left"
	case llm.BadRequest:
		return "check LLM_MODEL, and that LLM_BASE_URL ends where /chat/completions begins (often /v1)"
	case llm.Timeout:
		return "the model is slow or not reachable; check LLM_BASE_URL, or raise LLM_HEADER_TIMEOUT and LLM_TIMEOUT"
	case llm.PromptCut:
		return "raise the server's context length (OLLAMA_CONTEXT_LENGTH for Ollama), or lower LLM_CONTEXT_TOKENS to it"
	case llm.RateLimited:
		return "wait, or set LLM_RPM below the upstream's limit"
	}
	return "check that the server at LLM_BASE_URL runs and can be reached"
}

func (d *doctor) store(ctx context.Context, c *config) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if c.RedisURL != "" {
		d.redis(ctx, c)
		return
	}
	path := filepath.Join(c.Data, store.File)
	db, moved, err := store.OpenSQLite(path)
	if err != nil {
		d.wrong("make the folder writable, or set DUBHASHI_DATA to another", "embedded store %s: %s", path, store.Explain(err))
		return
	}
	if moved != "" {
		d.note("the embedded store was damaged; it was moved to %s", moved)
	}
	defer func() { _ = db.Close() }()
	kept := cache.NewSQLite(db)
	defer func() { _ = kept.Close() }()
	d.tryStore(ctx, kept, "embedded store "+path, "make the folder writable and see that the disk has room")
}

func (d *doctor) redis(ctx context.Context, c *config) {
	client, err := store.OpenRedis(c.RedisURL)
	if err != nil {
		d.wrong("mend REDIS_URL", "redis: %s", err)
		return
	}
	defer func() { _ = client.Close() }()
	kept := cache.NewRedis(client)
	defer func() { _ = kept.Close() }()
	if !d.tryStore(ctx, kept, "redis", "check that Redis runs at REDIS_URL and that its user may read and write") {
		return
	}
	if err := store.KeepsAll(ctx, client); evicts(err) {
		d.note("redis: %s. It is fine for the cache; %s", err, evictsMeans)
	} else if err != nil {
		d.note("redis: whether it evicts cannot be found out: %s", err)
	}
}

// tryStore writes a value and reads it back.
func (d *doctor) tryStore(ctx context.Context, s cache.Store, name, mend string) bool {
	key := cache.Key{0: 'd', 1: 'o', 2: 'c'}
	start := time.Now()
	err := s.SetMany(ctx, []cache.Entry{{Key: key, Value: []byte("ok"), TTL: time.Second}})
	var back [][]byte
	if err == nil {
		back, err = s.GetMany(ctx, []cache.Key{key})
	}
	if err != nil || len(back) != 1 || string(back[0]) != "ok" {
		d.wrong(mend, "%s: cannot be written and read: %v", name, err)
		return false
	}
	d.good("%s: written and read (%.1f ms)", name, float64(time.Since(start).Microseconds())/1000)
	return true
}
