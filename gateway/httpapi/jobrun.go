package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"dubhashi/gateway"
	"dubhashi/gateway/api"
	"dubhashi/gateway/jobs"
)

const (
	// jobTime bounds one run of one item. What it did not get is kept in the cache
	// as far as it came, and the next run goes on there.
	jobTime = time.Hour

	// What an item is worth, in runs: when nothing came through, some 100 minutes;
	// when most did, about one. What is missing then is given as missing.
	tries        = 10
	triesPartial = 4
)

// RunJob does one item of a job: for jobs.Manager.Start.
func (s *Server) RunJob(ctx context.Context, t jobs.Task) (o jobs.Outcome) {
	ctx = gateway.Unhurried(ctx)
	var in item
	if err := json.Unmarshal(t.Payload, &in); err != nil {
		return s.badJob(t, err)
	}
	bill := s.redeem(in.Promise)
	within, cancel := context.WithTimeout(bill.billed(ctx), jobTime)
	defer cancel()
	o = jobs.Outcome{Failed: true, Tries: jobs.PanicTries}
	defer func() { // also when it panics
		final, free := ctx.Err() == nil && o.Tries <= t.Run, 0
		if o.Failed {
			free = in.Chars
		}
		if o.Failed || !final {
			bill.refund() // of a page; the next run charges it again
		}
		if final {
			s.release(in.Promise, free)
		}
		bill.leave()
	}()
	switch t.Kind {
	case articleKind, articlesKind, summaryKind:
		o = s.runArticle(within, t, &in, bill)
	case newsletterKind:
		o = s.runNewsletter(within, t, &in, bill)
	case textsKind:
		o = s.runTexts(within, t, &in)
	case documentKind:
		o = s.runDocument(within, t, &in)
	default:
		o = s.badJob(t, fmt.Errorf("a job of kind %q is not known to this version", t.Kind))
	}
	return o
}

// DropJob gives back what was set aside for an item that will not be done: for
// jobs.Manager.OnDrop.
func (s *Server) DropJob(t jobs.Task) {
	var in item
	if json.Unmarshal(t.Payload, &in) == nil {
		s.release(in.Promise, 0)
	}
}

func (s *Server) runArticle(ctx context.Context, t jobs.Task, it *item, bill *tab) jobs.Outcome {
	in, start := &api.ArticleRequest{}, time.Now()
	if err := json.Unmarshal(it.Request, in); err != nil {
		return s.badJob(t, err)
	}
	work := s.articleWork
	if t.Kind == summaryKind {
		work = s.summaryWork
	}
	req, err := work(ctx, t.Owner, in)
	if err != nil {
		return s.badJob(t, err)
	}
	if req.URL != "" { // its length was not known when the job was charged
		req.Admit = bill.admit(ctx, &req)
	}
	req.Progress = t.Progress
	res, err := s.c.Gateway.Article(ctx, req)
	if err != nil {
		return s.badJob(t, err)
	}
	var missed []*gateway.Failure
	for i := range res.Blocks {
		missed = append(missed, res.Blocks[i].Failure)
	}
	for i := range res.Summaries {
		missed = append(missed, res.Summaries[i].Failure)
	}
	if res.Partial && strict(in.Options) {
		return s.partialJob(t, missing(res), missed)
	}
	o := jobs.Outcome{Tries: worth(missed)}
	if t.Kind == summaryKind {
		o.Body = EncodeSummaries(res)
		return o
	}
	id := t.Job
	if t.Items > 1 {
		id = fmt.Sprintf("%s-%d", t.Job, t.Item)
	}
	o.Body = appendArticle(nil, answer{id: id, result: res, asked: req.Translate, ms: time.Since(start).Milliseconds()})
	return o
}

func (s *Server) runTexts(ctx context.Context, t jobs.Task, it *item) jobs.Outcome {
	in := &api.TranslateRequest{}
	if err := json.Unmarshal(it.Request, in); err != nil {
		return s.badJob(t, err)
	}
	req, err := s.textsWork(ctx, t.Owner, in)
	if err != nil {
		return s.badJob(t, err)
	}
	res, err := s.c.Gateway.Texts(ctx, req)
	if err != nil {
		return s.badJob(t, err)
	}
	var missed []*gateway.Failure
	for i := range res.Texts {
		missed = append(missed, res.Texts[i].Failure)
	}
	if res.Partial && strict(in.Options) {
		return s.partialJob(t, missingTexts(res), missed)
	}
	return jobs.Outcome{Body: appendJSON(nil, translations(res)), Tries: worth(missed)}
}

// badJob is the outcome of an item of which nothing came through.
func (s *Server) badJob(t jobs.Task, err error) jobs.Outcome {
	p, k := s.failure(err, jobMeta(t.Meta).RequestID)
	o := jobs.Outcome{Failed: true, Body: problemJSON(p, k, jobMeta(t.Meta).RequestID)}
	switch {
	case p.code == gateway.Rejected, p.code == gateway.Internal:
		o.Tries = 2
	case k.status >= 500 && p.code != gateway.CacheMiss, p.code == gateway.Canceled, p.code == rateLimited:
		o.Tries = tries
	}
	return o
}

// partialJob is the outcome of an item that had to be whole and is not.
func (s *Server) partialJob(t jobs.Task, p *problem, missed []*gateway.Failure) jobs.Outcome {
	o := s.badJob(t, p)
	o.Tries = worth(missed)
	return o
}

// worth is how many runs an item is worth of which some is missing: more than
// one when time may mend it.
func worth(missed []*gateway.Failure) int {
	for _, f := range missed {
		if f == nil {
			continue
		}
		if passing(f.Code) {
			return triesPartial
		}
	}
	return 1
}

// passing reports whether a failure of that code may not come again.
func passing(code gateway.Code) bool {
	switch code {
	case gateway.UpstreamFailed, gateway.UpstreamAuth, gateway.URLUnreachable, gateway.Timeout, gateway.BudgetSpent, gateway.Canceled, gateway.Internal:
		return true
	}
	return false
}
