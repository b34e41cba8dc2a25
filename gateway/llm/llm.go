package llm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	openai "github.com/sashabaranov/go-openai"
)

// Style is how an upstream's model wants to be asked.
type Style string

// The prompt styles.
const (
	// Segments is for instruct models: JSON in and out.
	Segments Style = "segments"
	// Plain is for translation-tuned models: one text in, its translation out.
	Plain Style = "plain"
)

// Config describes one upstream. A zero number or duration means the default
// beside it; a negative one is an error.
type Config struct {
	// Name is what errors and events call the upstream; it may be empty.
	Name string
	// BaseURL is the part before /chat/completions, e.g. https://api.openai.com/v1.
	BaseURL string
	// APIKey is sent as a bearer token; empty sends none.
	APIKey string `json:"-"`
	// Model may be empty while only [Upstream.Models] is called.
	Model string
	// Style is [Segments] when empty.
	Style Style

	// Concurrency is the most calls in flight (8).
	Concurrency int
	// RPM and TPM are our own limits of requests and tokens a minute (0 = none).
	RPM, TPM int

	// ConnectTimeout bounds name lookup, dial and TLS handshake together (5 s);
	// HeaderTimeout the wait from the sent request to the answer's first byte
	// (30 s), which for an upstream that does not stream holds the generation;
	// IdleTimeout the longest silence inside an answer (20 s); Timeout one call
	// from its sending to its last byte (60 s). Only the first three are tried
	// again: an answer that was too slow as a whole would be so again.
	ConnectTimeout, HeaderTimeout, IdleTimeout, Timeout time.Duration

	// MaxAttempts is the most tries for one [Upstream.Complete], the first
	// included (4).
	MaxAttempts int
	// ContextTokens is the model's budget for prompt and answer together (16000).
	ContextTokens int
	// HedgeAfter asks a second time when a call is slower than this (0 = never).
	HedgeAfter time.Duration

	// PriceIn and PriceOut are US dollars per million tokens; nil = unknown.
	PriceIn, PriceOut *float64

	// Transport replaces the upstream's own connection pool; for tests.
	Transport http.RoundTripper `json:"-"`
	// Observe, if set, is called after every HTTP call to /chat/completions, from
	// the goroutine that made it, several at once. It must not block.
	Observe func(Event) `json:"-"`
}

// String leaves the key out, so that a printed Config does not show it.
func (c Config) String() string {
	return fmt.Sprintf("llm.Config{Name:%q BaseURL:%q Model:%q Style:%q Concurrency:%d}", c.Name, c.BaseURL, c.Model, c.Style, c.Concurrency)
}

// GoString is String, for %#v.
func (c Config) GoString() string { return c.String() }

// Event is one HTTP call, for metrics.
type Event struct {
	Upstream string
	Status   int           // HTTP status, 0 when no answer came
	Kind     Kind          // "" when the call brought an answer
	Duration time.Duration // from sending to the last byte; waits before are left out
	Attempt  int           // the how-manieth HTTP call of this Complete, from 1
	Usage    Usage
}

// Message is one message of a conversation; Role is "system", "user" or
// "assistant".
type Message struct{ Role, Content string }

// Request is one question.
type Request struct {
	Messages []Message
	// Schema is the JSON schema of the wanted answer; nil asks for free text. In
	// the json_object mode some upstreams demand that a message has the word
	// "JSON" in it.
	Schema json.RawMessage
	// SchemaName is 1–64 of a-z A-Z 0-9 _ - ("answer" when empty).
	SchemaName string
	// MaxTokens bounds the answer; 0 sends no bound. A model that thinks gets
	// more, for its thoughts count.
	MaxTokens int
	// Temperature 0 is sent as a number very near 0, since the wire cannot tell
	// 0 from "not set"; below 0 sends none.
	Temperature float32
	// Expect is how long the answer will be, in code points of its raw text. When
	// more than half of it has come, a call is finished although its caller has
	// left; 0 = unknown, such a call is cancelled at once.
	Expect int
	// Spare says that there is another upstream to ask. Then an upstream that is
	// known to fail is not asked, but for one call at a time that tries it, once,
	// after a cool-down of 5 to 40 s; the error of the others is [Unavailable], or
	// [RateLimited] where it lets nothing through, and they cost nothing. Nor is a
	// call tried again when the upstream has become known to fail, or asks to be
	// left alone for longer than 2 s ([RateLimited]); nor is a longer wait for its
	// pace borne; and after a 429 it is tried once more at the most.
	// Without it the upstream is always asked.
	Spare bool
	// Budget is what the article may still cost in calls; nil = unlimited.
	Budget *Budget
	// Keep is how many calls of the Budget are left for another upstream: none is
	// made, not even the first, that would leave fewer. 0 leaves none.
	Keep int
}

// Usage counts HTTP calls and tokens. Where the upstream tells no tokens they
// are estimated at a third of the characters; calls that it turned away before
// the model ran count no tokens.
type Usage struct{ Calls, PromptTokens, CompletionTokens int }

// Add returns the sum of both.
func (u Usage) Add(v Usage) Usage {
	return Usage{u.Calls + v.Calls, u.PromptTokens + v.PromptTokens, u.CompletionTokens + v.CompletionTokens}
}

// Response is a whole answer.
type Response struct {
	// Text is the answer without the model's thinking; never empty.
	Text string
	// Model is the model that answered by the upstream's word, else the one asked.
	Model string
	// Finish is "stop", or "" when the upstream did not say why the model ended.
	Finish string
	// Usage is that of every attempt, failed and hedged ones by estimate.
	Usage Usage
}

// Upstream is one model at one address. All methods may be called by several
// goroutines at once.
type Upstream struct {
	cfg       Config
	host      string
	client    *openai.Client
	closeIdle func()
	gate      gate
	slots     *slots
	pacer     *pacer
	limits    *limits
	learner   *learner
	breaker   *breaker
}

// New returns the upstream that c describes. It makes no call. The error tells
// all that is wrong with c, a line each, and never the key.
func New(c Config) (*Upstream, error) {
	c.BaseURL = strings.TrimRight(strings.TrimSpace(c.BaseURL), "/")
	c.BaseURL = strings.TrimSuffix(c.BaseURL, "/chat/completions") // pasted whole from a manual
	c.APIKey = strings.TrimSpace(c.APIKey)
	c.Model = strings.TrimSpace(c.Model)
	base, err := c.check()
	if err != nil {
		return nil, err
	}
	c.fill()

	u := &Upstream{
		cfg:       c,
		host:      strings.ToLower(base.Hostname()),
		closeIdle: func() {},
		breaker:   newBreaker(),
		slots:     newSlots(c.Concurrency),
		pacer:     newPacer(),
		limits:    newLimits(c.Concurrency, c.RPM, c.TPM),
	}
	d := &doer{transport: c.Transport, connectTimeout: c.ConnectTimeout, headerTimeout: c.HeaderTimeout, idle: c.IdleTimeout}
	if d.transport == nil {
		t := newTransport(c)
		d.transport, u.closeIdle = t, t.CloseIdleConnections
	}
	cc := openai.DefaultConfig(c.APIKey)
	cc.BaseURL, cc.HTTPClient = c.BaseURL, d
	u.client = openai.NewClientWithConfig(cc)
	// Without what the client library would refuse to send to this model.
	_, first := u.build(Request{Schema: json.RawMessage("{}")}, u.firstTraits(), 1)
	u.learner = newLearner(first)
	return u, nil
}

// check tells all errors of a configuration at once.
func (c Config) check() (*url.URL, error) {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf("llm: "+format, args...)) }
	base, err := url.Parse(c.BaseURL)
	switch {
	case err != nil: // its text repeats the URL, which may hold a password
		bad("base URL: not a URL")
	case base.User != nil:
		bad("base URL: holds a user or password; use the API key")
	case (base.Scheme != "http" && base.Scheme != "https") || base.Host == "":
		bad("base URL %q: want http:// or https:// and a host", c.BaseURL)
	case base.RawQuery != "" || base.Fragment != "":
		bad("base URL: want no query and no fragment")
	}
	if strings.ContainsFunc(c.APIKey, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		bad("API key: holds a control character or line break")
	}
	if c.Style != "" && c.Style != Segments && c.Style != Plain {
		bad("style %q: want %q or %q", c.Style, Segments, Plain)
	}
	for _, n := range []struct {
		name string
		v    int
	}{{"concurrency", c.Concurrency}, {"RPM", c.RPM}, {"TPM", c.TPM}, {"max attempts", c.MaxAttempts}, {"context tokens", c.ContextTokens}} {
		if n.v < 0 {
			bad("%s %d: want 0 or more", n.name, n.v)
		}
	}
	for _, d := range []struct {
		name string
		v    time.Duration
	}{{"connect timeout", c.ConnectTimeout}, {"header timeout", c.HeaderTimeout}, {"idle timeout", c.IdleTimeout}, {"timeout", c.Timeout}, {"hedge after", c.HedgeAfter}} {
		if d.v < 0 {
			bad("%s %s: want 0 or more", d.name, d.v)
		}
	}
	for _, p := range []*float64{c.PriceIn, c.PriceOut} {
		if p != nil && !(*p >= 0) {
			bad("price %v: want 0 or more", *p)
		}
	}
	return base, errors.Join(errs...)
}

func (c *Config) fill() {
	if c.Style == "" {
		c.Style = Segments
	}
	orInt := func(v *int, def int) {
		if *v == 0 {
			*v = def
		}
	}
	orTime := func(v *time.Duration, def time.Duration) {
		if *v == 0 {
			*v = def
		}
	}
	orInt(&c.Concurrency, 8)
	orInt(&c.MaxAttempts, 4)
	orInt(&c.ContextTokens, 16000)
	orTime(&c.ConnectTimeout, 5*time.Second)
	orTime(&c.HeaderTimeout, 30*time.Second)
	orTime(&c.IdleTimeout, 20*time.Second)
	orTime(&c.Timeout, time.Minute)
}

// Name is the name in [Config].
func (u *Upstream) Name() string { return u.cfg.Name }

// Model is the model in [Config].
func (u *Upstream) Model() string { return u.cfg.Model }

// Style is how the model wants to be asked.
func (u *Upstream) Style() Style { return u.cfg.Style }

// Concurrency is the most calls in flight.
func (u *Upstream) Concurrency() int { return u.cfg.Concurrency }

// ContextTokens is the model's budget for prompt and answer together.
func (u *Upstream) ContextTokens() int { return u.cfg.ContextTokens }

// Cost is the price of v in US dollars; false when a price is not set.
func (u *Upstream) Cost(v Usage) (usd float64, ok bool) {
	if u.cfg.PriceIn == nil || u.cfg.PriceOut == nil {
		return 0, false
	}
	return (float64(v.PromptTokens)**u.cfg.PriceIn + float64(v.CompletionTokens)**u.cfg.PriceOut) / 1e6, true
}

// Close closes the idle connections. Calls in flight go on.
func (u *Upstream) Close() { u.closeIdle() }

// Models lists the ids of GET /models in the upstream's order. It is one try,
// outside the limits; the error is an [*Error].
func (u *Upstream) Models(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, u.cfg.Timeout, errWhole)
	defer cancel()
	ex := new(exchange)
	list, err := u.client.ListModels(context.WithValue(ctx, exchangeKey{}, ex))
	if f := exchangeFailure(ctx, ex); f.kind != "" {
		return nil, u.fail(f, Usage{})
	}
	var ids []string
	if err == nil {
		for _, m := range list.Models {
			ids = append(ids, m.ID)
		}
	}
	if len(ids) == 0 {
		ids, err = salvageModels(ex.body)
	}
	if err != nil {
		return nil, u.fail(failure{kind: Unavailable, status: ex.status, reason: "no list of models in the answer"}, Usage{})
	}
	return ids, nil
}
