package newsletter

import (
	"context"
	"time"

	"dubhashi/gateway"
	"dubhashi/gateway/api"
	"dubhashi/gateway/article"
	"dubhashi/gateway/fetch"
)

// Core translates; gateway.Gateway is one.
type Core interface {
	Article(ctx context.Context, req gateway.Request) (*gateway.Result, error)
	Texts(ctx context.Context, req gateway.TextsRequest) (*gateway.TextsResult, error)
}

// Fetcher gets pages and feeds; fetch.Fetcher is one, and guards what it reaches.
type Fetcher interface {
	GetChanged(ctx context.Context, url string, known fetch.Page, accept ...string) (fetch.Page, error)
	Check(url string) error
}

// Memory keeps which items of feeds were in which issue, and feeds as they last were.
// Put stores a value if the record's version is still the one given (0: there is none,
// -1: any).
type Memory interface {
	Get(ctx context.Context, space, id string) (value []byte, version int64, err error)
	Put(ctx context.Context, space, id string, value []byte, ttl time.Duration, version int64) (bool, error)
}

// Config is what a Maker is made of.
type Config struct {
	Gateway  Core
	Fetch    Fetcher
	Open     func(name string) ([]byte, error) // reads a file that an issue names; nil: an issue may name none
	Memory   Memory                            // nil: an issue may have no seen, and feeds are got anew
	Renderer *Renderer                         // writes the e-mail whose length is bounded; nil: the built-in templates
	Now      func() time.Time                  // nil: time.Now
}

// Maker makes editions of issues. It is safe for concurrent use.
type Maker struct {
	c Config
}

// New makes a Maker.
func New(c Config) *Maker {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Renderer == nil {
		c.Renderer = builtin
	}
	return &Maker{c}
}

// Order is one issue to be made.
type Order struct {
	Issue  api.Issue
	Owner  string            // whose seen it is
	Stored *gateway.Glossary // of the issue's glossary_id

	// Admit, when set, is asked for the Admit of every article's request.
	Admit func(*gateway.Request) func(chars int) error
	// Progress, when set, is told after each story, from one goroutine at a time.
	Progress func(done, total int)
}

// source is a story before anybody has translated it.
type source struct {
	where  string // articles[0], feeds[1]
	key    string // what its identity is made of: the feed's id, the link, or a hash of the text
	input  string // sanitised, if it is HTML
	format article.Format
	base   string // where a page was in the end

	title, summary    api.Bilingual
	link, publication string
	published         time.Time
	image             string
	alt               api.Bilingual
	section           api.Bilingual
	show              string   // "" = the issue's
	ids               []string // by which a later issue knows that this one held it
	cut               bool     // its feed ended in the middle: what is older may be new to a later issue
}
