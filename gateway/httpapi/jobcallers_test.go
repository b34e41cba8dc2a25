package httpapi_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"dubhashi/gateway/api"
	"dubhashi/gateway/httpapi"
	"dubhashi/gateway/jobs"
)

// account is what GET /v1/usage says.
func (s *server) account(t testing.TB) api.Account {
	t.Helper()
	r := s.do(t, "GET", "/v1/usage", "")
	var a api.Account
	if err := json.Unmarshal(r.body, &a); err != nil || r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	return a
}

// Characters are taken when a job is taken in, for all of it or not at all.
func TestJobsAreCharged(t *testing.T) {
	t.Parallel()
	s := desked(t, demo(t), true, func(c *httpapi.Config, _ *jobs.Config) { c.Limits.DailyChars = 100 })
	left := func(want int64) {
		t.Helper()
		if got := *s.account(t).Remaining.Characters; got != want {
			t.Errorf("%d characters are left, want %d", got, want)
		}
	}
	one := `{"text":"` + strings.Repeat("क", 39) + `।","source":"hi","outputs":["translation"]}` // 40 characters
	s.ended(t, jobOf(t, s.post(t, "/v1/articles?async=true", one), 202).ID)
	left(60)
	if r := s.post(t, "/v1/jobs", `{"articles":[`+one+`,`+one+`]}`); r.status != 429 || r.problem(t).Code != "rate_limited" || r.header.Get("Retry-After") == "" {
		t.Errorf("two at once: %d %s", r.status, r.body)
	}
	if r := s.post(t, "/v1/jobs", `{"articles":[`+one+`,{"text":""}]}`); r.status != 422 {
		t.Errorf("one that is wrong: %d %s", r.status, r.body)
	}
	left(60)
	j := s.ended(t, jobOf(t, s.post(t, "/v1/jobs", `{"articles":[`+one+`,{"url":"`+missingPage(t)+`"}]}`), 202).ID)
	if j.Progress.Failed != 1 {
		t.Errorf("%+v", j)
	}
	left(20)
}

// What was set aside for a job that is cancelled before it began is free again.
func TestCancelledJobsSetNothingAside(t *testing.T) {
	t.Parallel()
	s := desked(t, demo(t), false, func(c *httpapi.Config, _ *jobs.Config) {
		c.Limits.DailyCost = 1
		c.Prices = &httpapi.Prices{In: 100, Out: 100}
	})
	full := *s.account(t).Remaining.CostUSD
	id := jobOf(t, s.post(t, "/v1/articles?async=true", rain), 202).ID
	if aside := *s.account(t).Remaining.CostUSD; aside >= full {
		t.Errorf("$%v are left of $%v while the job waits", aside, full)
	}
	s.do(t, "DELETE", "/v1/jobs/"+id, "")
	if now := *s.account(t).Remaining.CostUSD; now != full {
		t.Errorf("$%v are left of $%v when it is cancelled", now, full)
	}
}

// A job is its key's alone.
func TestJobsOfOthers(t *testing.T) {
	t.Parallel()
	s := desked(t, demo(t), true, func(c *httpapi.Config, _ *jobs.Config) { c.Keys = keys(t) })
	const first, second = "first-secret", "second-secret"
	as := func(key, method, path, body string) reply {
		return s.do(t, method, path, body, "X-API-Key", key, "Content-Type", "application/json")
	}
	id := jobOf(t, as(first, "POST", "/v1/articles?async=true", rain), 202).ID
	for range 500 {
		if jobOf(t, as(first, "GET", "/v1/jobs/"+id, ""), 200).State == "done" {
			break
		}
		time.Sleep(10 * time.Millisecond) // another goroutine's work
	}
	for _, row := range []struct{ method, path string }{
		{"GET", ""}, {"GET", "/result"}, {"GET", "/events"}, {"DELETE", ""},
	} {
		if r := as(second, row.method, "/v1/jobs/"+id+row.path, ""); r.status != 404 {
			t.Errorf("the other's %s %s: %d", row.method, row.path, r.status)
		}
		if r := s.do(t, row.method, "/v1/jobs/"+id+row.path, ""); r.status != 401 {
			t.Errorf("%s %s without a key: %d", row.method, row.path, r.status)
		}
	}
	if r := as(first, "GET", "/v1/jobs/"+id+"/result", ""); r.status != 200 {
		t.Errorf("the owner's result: %d %s", r.status, r.body)
	}
	var list api.Jobs
	if r := as(second, "GET", "/v1/jobs", ""); json.Unmarshal(r.body, &list) != nil || len(list.Jobs) != 0 {
		t.Errorf("the other's list: %s", r.body)
	}
	// The same Idempotency-Key of another caller is another key.
	once := func(key string) reply {
		return s.do(t, "POST", "/v1/articles", rain, "X-API-Key", key, "Content-Type", "application/json", "Idempotency-Key", "k", "Prefer", "respond-async")
	}
	if one, two := jobOf(t, once(first), 202), jobOf(t, once(second), 202); one.ID == two.ID {
		t.Error("two callers share an Idempotency-Key")
	}
}
