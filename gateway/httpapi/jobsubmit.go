package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"dubhashi/gateway"
	"dubhashi/gateway/api"
	"dubhashi/gateway/jobs"
)

// What a job does: its kind.
const (
	articleKind  = "article"
	articlesKind = "articles"
	summaryKind  = "summary"
	textsKind    = "translations"
)

const (
	linesType    = "application/x-ndjson"
	linesTypeToo = "application/jsonl"

	maxArticles = 1000 // of one job
	maxTold     = 100  // wrong fields of a job
)

// meta is what the face keeps with a job.
type meta struct {
	RequestID string `json:"request_id"`     // of the submission
	Form      string `json:"form,omitempty"` // of a newsletter
}

func jobMeta(b []byte) (m meta) {
	_ = json.Unmarshal(b, &m) // our own, or another face's
	return m
}

// respondAsync reports whether the Prefer header says so (RFC 7240, 4.1).
func respondAsync(c *fiber.Ctx) bool {
	for _, line := range c.GetReqHeaders()["Prefer"] {
		for p := range strings.SplitSeq(line, ",") {
			name, _, _ := strings.Cut(p, ";")
			if strings.EqualFold(strings.TrimSpace(name), "respond-async") {
				return true
			}
		}
	}
	return false
}

// later answers a request that is to be done in the background, and tells
// whether it was one. The member async weighs more than the header.
func (s *Server) later(ctx context.Context, c *fiber.Ctx, kind string, in any, async *bool, hook *api.Webhook) (bool, error) {
	prefers := respondAsync(c)
	if async != nil && !*async || async == nil && !prefers {
		if hook != nil {
			return false, invalid("webhook", "tells of a job's end, and this request makes none; set async to true")
		}
		return false, nil
	}
	if s.c.Jobs == nil && async == nil {
		return false, nil // a preference that cannot be met is ignored (RFC 7240, 2)
	}
	if prefers {
		c.Set("Preference-Applied", "respond-async")
	}
	w, err := s.precheck(ctx, c, in)
	if err != nil {
		return false, err
	}
	return true, s.submit(ctx, c, kind, []any{in}, []load{w}, hook)
}

// precheck tells what is wrong with a request before it waits, and how much work
// it is: nothing yet when its text is still to be fetched.
func (s *Server) precheck(ctx context.Context, c *fiber.Ctx, in any) (w load, err error) {
	owner := callerOf(c).owner()
	switch in := in.(type) {
	case *api.TranslateRequest:
		req, err := s.textsWork(ctx, owner, in)
		if err != nil {
			return w, err
		}
		w = textsLoad(req.Texts)
		w.free = req.Cache == gateway.OnlyCache
		_, err = s.c.Gateway.CheckTexts(req)
		return w, err
	case *api.NewsletterRequest:
		_, err := s.newsletterWork(ctx, owner, in)
		return issueLoad(&in.Issue), err
	case *api.ArticleRequest:
		work := s.articleWork
		if in.Outputs == nil && c.Route().Path == "/v1/summarize" {
			work = s.summaryWork
		}
		req, err := work(ctx, owner, in)
		if err != nil {
			return w, err
		}
		chars, err := s.c.Gateway.Check(req)
		if err != nil {
			return w, err
		}
		w = articleLoad(&req, chars)
		w.free = w.free || req.URL != ""
		return w, nil
	}
	return w, errors.New("not a request that can wait")
}

// item is what a job keeps of a request: what was charged for it, and itself.
type item struct {
	Promise string          `json:"promise,omitempty"` // see redeem
	Chars   int             `json:"chars"`             // charged; 0: not yet, of a URL
	Request json.RawMessage `json:"request"`
}

// forJob is a request without what made a job of it, a secret above all.
func forJob(in any) any {
	switch in := in.(type) {
	case *api.ArticleRequest:
		plain := *in
		plain.Async, plain.Webhook = nil, nil
		return plain
	case *api.TranslateRequest:
		plain := *in
		plain.Async, plain.Webhook = nil, nil
		return plain
	case *api.NewsletterRequest:
		plain := *in
		plain.Async, plain.Webhook = nil, nil
		return plain
	}
	return in
}

// submit makes a job of checked requests and answers with it.
func (s *Server) submit(ctx context.Context, c *fiber.Ctx, kind string, list []any, loads []load, hook *api.Webhook) error {
	m, err := s.keptJobs()
	if err != nil {
		return err
	}
	about := meta{RequestID: requestID(c)}
	if n, ok := list[0].(*api.NewsletterRequest); ok {
		about.Form = n.Format
	}
	job := jobs.Submission{Owner: callerOf(c).owner(), Kind: kind, Meta: appendJSON(nil, about)}
	if hook != nil {
		job.Webhook = &jobs.Webhook{URL: hook.URL, Secret: hook.Secret}
		if err := m.CheckWebhook(*job.Webhook); err != nil {
			return jobProblem(err)
		}
	}
	if id, ok := c.Locals(jobIDKey).(string); ok {
		switch j, err := m.Job(ctx, job.Owner, id); {
		case err == nil && time.Since(j.Created) < idempotencyLife:
			return accepted(c, j)
		case errors.Is(err, jobs.ErrNotFound):
			job.ID = id
		case err != nil:
			return jobProblem(err)
		}
	}
	t := tabOf(c)
	if err := t.charge(ctx, loads...); err != nil {
		return err
	}
	for i, in := range list {
		job.Items = append(job.Items, appendJSON(nil, item{t.promise(loads[i]), loads[i].chars, appendJSON(nil, forJob(in))}))
	}
	j, err := m.Submit(ctx, job)
	if err != nil {
		return jobProblem(err)
	}
	t.handOver()
	return accepted(c, j)
}

// accepted answers with a job that was taken in.
func accepted(c *fiber.Ctx, j jobs.Job) error {
	c.Location(jobPath(j.ID))
	c.Status(fiber.StatusAccepted)
	return send(c, wireJob(j))
}

// createJob: POST /v1/jobs.
func (s *Server) createJob(c *fiber.Ctx) error {
	if _, err := negotiate(c, jsonType); err != nil {
		return err
	}
	raw, name, hook, err := decodeArticles(c)
	if err != nil {
		return err
	}
	switch {
	case len(raw) == 0:
		return invalid("articles", "must hold at least one article")
	case len(raw) > maxArticles:
		return invalid("articles", "holds %d articles; at most %d are allowed in one job", len(raw), maxArticles)
	}
	ctx, cancel := context.WithTimeout(s.root, s.c.RequestTimeout)
	defer cancel()
	list, loads, wrong := make([]any, len(raw)), make([]load, len(raw)), &problem{code: gateway.Invalid, detail: "the job is not valid; nothing of it was begun"}
	for i, b := range raw {
		in := &api.ArticleRequest{}
		w, err := s.checkArticle(ctx, c, b, in)
		if err != nil {
			if err := wrong.collect(name(i), err); err != nil {
				return err
			}
		}
		list[i], loads[i], raw[i] = in, w, nil
	}
	if n := len(wrong.fields); n > maxTold {
		wrong.detail += fmt.Sprintf(" (%d things are wrong; the first %d are told)", n, maxTold)
		wrong.fields = wrong.fields[:maxTold]
	}
	if len(wrong.fields) > 0 {
		return wrong
	}
	return s.submit(ctx, c, articlesKind, list, loads, hook)
}

// decodeArticles parts the body of POST /v1/jobs into its articles. name is what
// an error calls them.
func decodeArticles(c *fiber.Ctx) (raw []json.RawMessage, name func(i int) string, hook *api.Webhook, err error) {
	kind, err := media(c, jsonType, linesType, linesTypeToo)
	if err != nil {
		return nil, nil, nil, err
	}
	if kind == jsonType {
		var in api.JobsRequest
		err := unmarshal(c, &in, map[string]bool{})
		return in.Articles, func(i int) string { return fmt.Sprintf("articles[%d]", i) }, in.Webhook, err
	}
	var places []int
	number := 0
	for line := range bytes.Lines(bytes.TrimPrefix(body(c), []byte("\ufeff"))) {
		number++
		if line = bytes.TrimSpace(line); len(line) > 0 {
			raw, places = append(raw, line), append(places, number)
		}
	}
	return raw, func(i int) string { return fmt.Sprintf("line %d", places[i]) }, nil, nil
}

// checkArticle reads one article of a job.
func (s *Server) checkArticle(ctx context.Context, c *fiber.Ctx, b []byte, in *api.ArticleRequest) (w load, err error) {
	given := map[string]bool{}
	if err := strictJSON(b, in, given); err != nil {
		return w, err
	}
	if err := queryOptions(c, in, given); err != nil {
		return w, err
	}
	if in.Async != nil || in.Webhook != nil {
		return w, invalid("async", "and webhook have no meaning for one article of a job")
	}
	return s.precheck(ctx, c, in)
}

// collect adds what is wrong with a part of the request to the fields that are
// wrong. An error that is no fault of the caller's comes back.
func (p *problem) collect(part string, err error) error {
	q := problemOf(err)
	if status := kinds[q.code].status; status < 400 || status >= 500 || q.code == rateLimited {
		return err
	}
	if len(q.fields) == 0 {
		p.fields = append(p.fields, gateway.FieldError{Field: part, Message: q.detail})
	}
	for _, f := range q.fields {
		p.fields = append(p.fields, gateway.FieldError{Field: part + "." + f.Field, Message: f.Message})
	}
	return nil
}
