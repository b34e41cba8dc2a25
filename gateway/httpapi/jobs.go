package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"time"

	"github.com/gofiber/fiber/v2"

	"dubhashi/gateway"
	"dubhashi/gateway/api"
	"dubhashi/gateway/jobs"
	"dubhashi/gateway/newsletter"
)

func (s *Server) jobsRoutes(a *fiber.App) {
	a.Post("/v1/jobs", s.keyed, s.admit(s.createJob))
	a.Get("/v1/jobs", s.keyed, s.skipBody, s.listJobs)
	a.Get("/v1/jobs/:id", s.keyed, s.skipBody, s.job)
	a.Get("/v1/jobs/:id/result", s.keyed, s.skipBody, s.jobResult)
	a.Get("/v1/jobs/:id/events", s.keyed, s.skipBody, s.jobEvents)
	a.Delete("/v1/jobs/:id", s.keyed, s.skipBody, s.cancelJob)
}

// storeTime bounds what is asked of the store for one answer.
const storeTime = 10 * time.Second

// jobProblem turns what jobs says into a problem.
func jobProblem(err error) error {
	var hook *jobs.WebhookError
	switch {
	case errors.Is(err, jobs.ErrNotFound):
		return &problem{code: notFound, detail: "there is no such job of this caller's; jobs are forgotten some time after their end"}
	case errors.Is(err, jobs.ErrExists):
		return &problem{code: conflict, wait: claimWait, detail: "the first request with this Idempotency-Key is still at work; ask again"}
	case errors.Is(err, jobs.ErrFull):
		return &problem{code: overloaded, wait: 30, detail: "there is no room for this job: those that wait, or the results of those that have ended, take as much as this caller or all together may; submit it later"}
	case errors.As(err, &hook):
		return invalid("webhook."+hook.Field, "%s", hook.Message)
	}
	return kept(err)
}

// keptJobs is the manager of the jobs, or why there is none.
func (s *Server) keptJobs() (*jobs.Manager, error) {
	if s.c.Jobs == nil {
		return nil, &problem{code: storeDown, detail: "this gateway has no store for jobs"}
	}
	return s.c.Jobs, nil
}

// withJobs runs do with the time for the store.
func (s *Server) withJobs(do func(ctx context.Context, m *jobs.Manager) error) error {
	m, err := s.keptJobs()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(s.root, storeTime)
	defer cancel()
	return do(ctx, m)
}

// listJobs: GET /v1/jobs.
func (s *Server) listJobs(c *fiber.Ctx) error {
	if _, err := negotiate(c, jsonType); err != nil {
		return err
	}
	cursor, limit, err := page(c)
	if err != nil {
		return err
	}
	return s.withJobs(func(ctx context.Context, m *jobs.Manager) error {
		list, next, err := m.List(ctx, callerOf(c).owner(), cursor, limit)
		if err != nil {
			return jobProblem(err)
		}
		out := api.Jobs{Jobs: make([]api.Job, len(list)), NextCursor: next}
		for i, j := range list {
			out.Jobs[i] = wireJob(j)
		}
		return send(c, out)
	})
}

// job: GET /v1/jobs/ID.
func (s *Server) job(c *fiber.Ctx) error {
	if _, err := negotiate(c, jsonType); err != nil {
		return err
	}
	return s.withJobs(func(ctx context.Context, m *jobs.Manager) error {
		owner := callerOf(c).owner()
		j, err := m.Job(ctx, owner, c.Params("id"))
		if err != nil {
			return jobProblem(err)
		}
		out := wireJob(j)
		if j.State == jobs.Done && j.Kind != articlesKind && resultForm(j) == newsletter.JSON {
			if out.Result, _, err = m.Result(ctx, owner, j.ID, 0); err != nil {
				return jobProblem(err)
			}
		}
		return send(c, out)
	})
}

// resultForm is the form that a job's result has: JSON, unless it is a newsletter.
func resultForm(j jobs.Job) newsletter.Form {
	if form := jobMeta(j.Meta).Form; form != "" {
		return newsletter.Form(form)
	}
	return newsletter.JSON
}

// cancelJob: DELETE /v1/jobs/ID.
func (s *Server) cancelJob(c *fiber.Ctx) error {
	return s.withJobs(func(ctx context.Context, m *jobs.Manager) error {
		j, err := m.Cancel(ctx, callerOf(c).owner(), c.Params("id"))
		if errors.Is(err, jobs.ErrEnded) {
			return &problem{code: conflict, detail: "the job has ended: it is " + string(j.State)}
		}
		if err != nil {
			return jobProblem(err)
		}
		c.Status(fiber.StatusAccepted)
		return send(c, wireJob(j))
	})
}

// jobResult: GET /v1/jobs/ID/result.
func (s *Server) jobResult(c *fiber.Ctx) error {
	return s.withJobs(func(ctx context.Context, m *jobs.Manager) error {
		owner := callerOf(c).owner()
		j, err := m.Job(ctx, owner, c.Params("id"))
		if err != nil {
			return jobProblem(err)
		}
		if j.State != jobs.Done {
			return &problem{code: conflict, detail: "the job has no result: it is " + string(j.State)}
		}
		if j.Kind != articlesKind {
			form := resultForm(j)
			if _, err := negotiate(c, newsletterType(form)); err != nil {
				return err
			}
			body, _, err := m.Result(ctx, owner, j.ID, 0)
			if err != nil {
				return jobProblem(err)
			}
			return sendNewsletter(c, form, body)
		}
		form, err := negotiate(c, linesType, linesTypeToo)
		if err != nil {
			return err
		}
		c.Set(fiber.HeaderContentType, form+"; charset=utf-8")
		lines := &resultLines{s: s, m: m, job: j, conn: c.Context().Conn()}
		if err := lines.fill(); err != nil { // what can be told as a problem, is
			return jobProblem(err)
		}
		c.Context().SetBodyStream(lines, -1)
		return nil
	})
}

// resultLines reads the results of several articles one after the other, so that
// they need not all be in memory.
type resultLines struct {
	s    *Server
	m    *jobs.Manager
	job  jobs.Job
	conn net.Conn
	next int
	line []byte // what is left of the one before
}

// Read is called by the goroutine of the connection alone.
func (r *resultLines) Read(p []byte) (n int, err error) {
	for len(r.line) == 0 {
		if r.next == r.job.Items {
			return 0, io.EOF
		}
		if err := r.fill(); err != nil {
			r.s.c.Log.Error("a job's result broke off", "job", r.job.ID, "cause", err)
			return 0, io.ErrUnexpectedEOF // the reader sees that there should be more
		}
	}
	n = copy(p, r.line)
	r.line = r.line[n:]
	_ = r.conn.SetWriteDeadline(time.Now().Add(r.s.c.WriteTimeout)) // of this piece, not of all
	return n, nil
}

func (r *resultLines) fill() error {
	ctx, cancel := context.WithTimeout(r.s.root, storeTime)
	defer cancel()
	body, bad, err := r.m.Result(ctx, r.job.Owner, r.job.ID, r.next)
	if err != nil {
		return err
	}
	if bad {
		body = appendJSON(nil, struct {
			Error *api.Problem `json:"error"`
		}{jobFailure(r.job, body)})
	}
	r.line, r.next = append(body, '\n'), r.next+1
	return nil
}

// maxLooks is how many failed looks at a job in a row end its events.
const maxLooks = 10

// jobEvents: GET /v1/jobs/ID/events. The job is told as it is now, and whenever
// that changes: as state or progress, and at last under the name of its end.
func (s *Server) jobEvents(c *fiber.Ctx) error {
	if _, err := negotiate(c, eventsType); err != nil {
		return err
	}
	m, err := s.keptJobs()
	if err != nil {
		return err
	}
	owner, id := callerOf(c).owner(), c.Params("id")
	return s.events(s.serving, c, func(ctx context.Context, out *stream) error {
		state, failed := jobs.State(""), 0
		for j, err := range m.Watch(ctx, owner, id) {
			if err != nil {
				if failed++; state == "" || failed == maxLooks || errors.Is(err, jobs.ErrNotFound) {
					return jobProblem(err)
				}
				continue
			}
			event := "progress"
			if failed = 0; j.State != state {
				if event = "state"; j.State.Ended() {
					event = string(j.State)
				}
			}
			state = j.State
			if err := out.send(event, appendJSON(nil, wireJob(j))); err != nil {
				return err
			}
		}
		return nil
	})
}

// wireJob is a job without its result.
func wireJob(j jobs.Job) api.Job {
	out := api.Job{
		ID: j.ID, Kind: j.Kind, State: string(j.State), Attempts: j.Runs,
		Progress:  api.Progress{Done: j.Done, Total: j.Total, Failed: j.Bad},
		CreatedAt: j.Created, RetryAt: moment(j.RetryAt), StartedAt: moment(j.Started), FinishedAt: moment(j.Finished), ExpiresAt: moment(j.Expires),
	}
	if j.Items == 1 {
		out.Progress.Failed = 0
	}
	if j.State == jobs.Done {
		out.ResultURL = jobPath(j.ID) + "/result"
	}
	if j.State == jobs.Failed {
		out.Error = jobFailure(j, j.Error)
	}
	if j.WebhookURL != "" {
		out.Webhook = &api.Webhook{URL: j.WebhookURL}
	}
	return out
}

func jobPath(id string) string { return "/v1/jobs/" + id }

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// jobFailure is why a job, or one of its articles, failed.
func jobFailure(j jobs.Job, said []byte) *api.Problem {
	p := &api.Problem{}
	if json.Unmarshal(said, p) == nil && p.Code != "" {
		return p
	}
	why := &problem{code: gateway.Internal}
	if !j.Finished.IsZero() && j.Finished.Sub(j.Created) >= jobs.MaxAge {
		why = &problem{code: gateway.Timeout, detail: "the job was not done within " + jobs.MaxAge.String()}
	}
	_ = json.Unmarshal(problemJSON(why, kinds[why.code], jobMeta(j.Meta).RequestID), p) // our own
	return p
}

// JobEvent is the data of a job's webhook.
func JobEvent(j jobs.Job) []byte { return appendJSON(nil, wireJob(j)) }
