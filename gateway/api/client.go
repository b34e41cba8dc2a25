package api

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Client calls a gateway. Its zero value but for Base is ready to use, and it is
// safe for concurrent use.
//
// An answer that is an error comes back as a [*Problem]. A 429 or 503 is tried
// again after as long as its Retry-After says, at most Retries times.
type Client struct {
	Base    string       // e.g. http://127.0.0.1:8090
	Key     string       // "" where no key is asked for
	HTTP    *http.Client // nil: http.DefaultClient
	Retries int          // of a request that was told to come again; 0: none
}

// Error is the problem's detail with its code.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// maxWait bounds a Retry-After that is heeded: a longer one is the caller's
// business.
const maxWait = time.Minute

// Article translates and summarises an article.
func (c *Client) Article(ctx context.Context, in ArticleRequest) (*Article, error) {
	return call[Article](ctx, c, http.MethodPost, "/v1/articles", in)
}

// Summarize summarises an article.
func (c *Client) Summarize(ctx context.Context, in ArticleRequest) (*Summaries, error) {
	return call[Summaries](ctx, c, http.MethodPost, "/v1/summarize", in)
}

// Translate translates up to 128 texts, each for itself.
func (c *Client) Translate(ctx context.Context, in TranslateRequest) (*Translations, error) {
	return call[Translations](ctx, c, http.MethodPost, "/v1/translate", in)
}

// Detect tells a text's language.
func (c *Client) Detect(ctx context.Context, text string) (*Detection, error) {
	return call[Detection](ctx, c, http.MethodPost, "/v1/detect", DetectRequest{Text: &text})
}

// Usage tells what the caller has used, by day.
func (c *Client) Usage(ctx context.Context) (*Account, error) {
	return call[Account](ctx, c, http.MethodGet, "/v1/usage", nil)
}

// Newsletter makes an issue, as data.
func (c *Client) Newsletter(ctx context.Context, in NewsletterRequest) (*Newsletter, error) {
	in.Format = "json"
	return call[Newsletter](ctx, c, http.MethodPost, "/v1/newsletters", in)
}

// NewsletterForm makes an issue and writes it in the form of in.Format: html, text,
// eml, …; the bytes are what a mail program, a site or a feed reader takes.
func (c *Client) NewsletterForm(ctx context.Context, in NewsletterRequest) ([]byte, error) {
	resp, err := c.send(ctx, http.MethodPost, "/v1/newsletters", in, "*/*")
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}

// SubmitNewsletter makes a job of an issue.
func (c *Client) SubmitNewsletter(ctx context.Context, in NewsletterRequest) (*Job, error) {
	yes := true
	in.Async = &yes
	in.Format = cmp.Or(in.Format, "json")
	return call[Job](ctx, c, http.MethodPost, "/v1/newsletters", in)
}

// Result is the result of a job that is done, in the form that was asked for.
func (c *Client) Result(ctx context.Context, id string) ([]byte, error) {
	resp, err := c.send(ctx, http.MethodGet, "/v1/jobs/"+url.PathEscape(id)+"/result", nil, "*/*")
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}

// Submit makes a job of an article, which is done in the background.
func (c *Client) Submit(ctx context.Context, in ArticleRequest) (*Job, error) {
	yes := true
	in.Async = &yes
	return call[Job](ctx, c, http.MethodPost, "/v1/articles", in)
}

// Job tells how a job stands; once it is done, its Result is the answer that
// [Client.Article] would have given.
func (c *Client) Job(ctx context.Context, id string) (*Job, error) {
	return call[Job](ctx, c, http.MethodGet, "/v1/jobs/"+url.PathEscape(id), nil)
}

// Cancel ends a job. One that has ended is a Problem with the code conflict.
func (c *Client) Cancel(ctx context.Context, id string) (*Job, error) {
	return call[Job](ctx, c, http.MethodDelete, "/v1/jobs/"+url.PathEscape(id), nil)
}

// Wait waits until a job has ended, by its events, and gives its last state with
// its result. A job that failed is no error here: see its State.
func (c *Client) Wait(ctx context.Context, id string) (*Job, error) {
	for {
		for e, err := range c.events(ctx, http.MethodGet, "/v1/jobs/"+url.PathEscape(id)+"/events", nil) {
			if err != nil {
				var p *Problem
				if errors.As(err, &p) || ctx.Err() != nil {
					return nil, err
				}
				break // the connection broke, the job goes on
			}
			if e.Name == "done" || e.Name == "failed" || e.Name == "cancelled" {
				return c.Job(ctx, id)
			}
		}
		if j, err := c.Job(ctx, id); err != nil || j.FinishedAt != nil {
			return j, err
		}
		if err := sleep(ctx, time.Second); err != nil {
			return nil, err
		}
	}
}

// CreateGlossary stores a glossary; its ID goes into Options.GlossaryID.
func (c *Client) CreateGlossary(ctx context.Context, in GlossaryRequest) (*Glossary, error) {
	return call[Glossary](ctx, c, http.MethodPost, "/v1/glossaries", in)
}

// DeleteGlossary deletes a glossary.
func (c *Client) DeleteGlossary(ctx context.Context, id string) error {
	_, err := call[struct{}](ctx, c, http.MethodDelete, "/v1/glossaries/"+url.PathEscape(id), nil)
	return err
}

// StreamEvent is one event of a stream.
type StreamEvent struct {
	Name string          // article, paragraph, summary, done
	Data json.RawMessage // a [Paragraph], a [Summary]; of done the whole [Article]
}

// Stream translates an article and gives what is ready as it comes. The loop may
// end it at any time. An error is the last thing that comes.
func (c *Client) Stream(ctx context.Context, in ArticleRequest) iter.Seq2[StreamEvent, error] {
	return c.events(ctx, http.MethodPost, "/v1/articles", in)
}

func (c *Client) events(ctx context.Context, method, path string, in any) iter.Seq2[StreamEvent, error] {
	return func(yield func(StreamEvent, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		resp, err := c.send(ctx, method, path, in, "text/event-stream")
		if err != nil {
			yield(StreamEvent{}, err)
			return
		}
		defer resp.Body.Close()
		var e StreamEvent
		lines := bufio.NewReader(resp.Body)
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				if !errors.Is(err, io.EOF) || line != "" {
					yield(StreamEvent{}, err)
				}
				return
			}
			name, value, _ := strings.Cut(strings.TrimRight(line, "\r\n"), ":")
			value = strings.TrimPrefix(value, " ")
			switch {
			case name == "event":
				e.Name = value
			case name == "data":
				e.Data = append(e.Data, value...)
			case name == "" && value == "" && e.Data != nil:
				if e.Name == "error" {
					p := &Problem{}
					_ = json.Unmarshal(e.Data, p) // what is no problem is an empty one
					yield(StreamEvent{}, p)
					return
				}
				if !yield(e, nil) {
					return
				}
				e = StreamEvent{}
			}
		}
	}
}

// call makes a request whose answer is JSON.
func call[T any](ctx context.Context, c *Client, method, path string, in any) (*T, error) {
	resp, err := c.send(ctx, method, path, in, "application/json")
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	out := new(T)
	if resp.StatusCode == http.StatusNoContent {
		return out, nil
	}
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		return nil, fmt.Errorf("%s %s: the answer is not the JSON that was expected: %w", method, path, err)
	}
	return out, nil
}

// send makes a request and gives its answer when that is no error.
func (c *Client) send(ctx context.Context, method, path string, in any, accept string) (*http.Response, error) {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return nil, err
		}
	}
	for try := 0; ; try++ {
		req, err := http.NewRequestWithContext(ctx, method, strings.TrimRight(c.Base, "/")+path, bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		req.Header.Set("Accept", accept)
		if in != nil {
			req.Header.Set("Content-Type", "application/json")
		}
		if c.Key != "" {
			req.Header.Set("Authorization", "Bearer "+c.Key)
		}
		client := c.HTTP
		if client == nil {
			client = http.DefaultClient
		}
		resp, err := client.Do(req)
		if err != nil {
			return nil, err
		}
		if resp.StatusCode < 300 {
			return resp, nil
		}
		err = problemOf(resp)
		resp.Body.Close()
		wait, werr := strconv.Atoi(resp.Header.Get("Retry-After"))
		again := resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable
		if !again || try >= c.Retries || werr != nil || time.Duration(wait)*time.Second > maxWait {
			return nil, err
		}
		if sleep(ctx, time.Duration(wait)*time.Second) != nil {
			return nil, err
		}
	}
}

// problemOf is an error answer; one in another form, of a proxy perhaps, has its
// status alone.
func problemOf(resp *http.Response) error {
	p := &Problem{Status: resp.StatusCode, Title: http.StatusText(resp.StatusCode), Detail: "the server answered " + resp.Status}
	if kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); kind == "application/problem+json" {
		_ = json.NewDecoder(io.LimitReader(resp.Body, 8<<20)).Decode(p)
	}
	return p
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
