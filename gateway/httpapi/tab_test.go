package httpapi_test

import (
	"context"
	"io"
	"math"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dubhashi/gateway/api"
	"dubhashi/gateway/httpapi"
	"dubhashi/gateway/jobs"
)

// settled waits until a day's work is told of and nothing is set aside any more,
// and gives the day.
func settled(t testing.TB, s *server, limit float64, told func(api.UsageDay) bool) api.UsageDay {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		a := account(t, s)
		if aside := limit - *a.Today.CostUSD - *a.Remaining.CostUSD; math.Abs(aside) < limit*0.0001 && told(a.Today) {
			return a.Today
		} else if time.Now().After(end) {
			t.Fatalf("%+v: $%.4f spent, $%.4f left of $%.2f: $%.4f set aside for nobody", a.Today, *a.Today.CostUSD, *a.Remaining.CostUSD, limit, aside)
		}
	}
}

func anyDay(api.UsageDay) bool { return true }

// Whatever way work goes, what it costs is told, an error gives its characters
// back, and in the end nothing is set aside.
func TestTabs(t *testing.T) {
	t.Parallel()
	const limit = 1.0
	site, _ := pages(t)
	ferry, page := int64(len([]rune(ferryHindi))), int64(len([]rune("आज बारिश होगी।\n\nकल धूप निकलेगी।")))
	text := `{"text":"` + ferryHindi + `","outputs":["translation"],"cache":"off"}`
	link := `{"url":"` + site.URL + `/note.txt","outputs":["translation"],"cache":"off"}`
	gone := `{"url":"` + site.URL + `/empty","outputs":["translation"]}`
	post := func(path, body string, status int) func(*testing.T, *server, *gate) {
		return func(t *testing.T, s *server, _ *gate) {
			kind := jsonBody
			if strings.HasPrefix(path, "/translate") {
				kind = formType
			}
			if r := s.do(t, "POST", path, body, "Content-Type", kind); r.status != status {
				t.Errorf("%d %s", r.status, r.body)
			}
		}
	}
	job := func(state, body string) func(*testing.T, *server, *gate) {
		return func(t *testing.T, s *server, _ *gate) {
			if j := s.ended(t, jobOf(t, s.post(t, "/v1/jobs", body), 202).ID); j.State != state {
				t.Errorf("%+v", j)
			}
		}
	}
	stream := func(t *testing.T, s *server, _ *gate) {
		r := s.do(t, "POST", "/v1/articles", text, "Content-Type", jsonBody, "Accept", "text/event-stream")
		if !strings.Contains(string(r.body), "event: article") {
			t.Errorf("%d %s", r.status, r.body)
		}
	}
	for _, row := range []struct {
		name   string
		model  http.Handler // nil: one that works
		shut   bool         // a gate is before the model
		do     func(*testing.T, *server, *gate)
		chars  int64
		called bool
	}{
		{"an answer", nil, false, post("/v1/articles", text, 200), ferry, true},
		{"an answer that fails", failing, false, post("/v1/articles", text, 502), 0, true},
		{"a stream", nil, false, stream, ferry, true},
		{"a stream that fails", failing, false, stream, 0, true},
		{"LibreTranslate", nil, false, post("/translate", ferryForm, 200), ferry, true},
		{"LibreTranslate, and it fails", failing, false, post("/translate", ferryForm, 502), 0, true},
		{"a page", nil, false, post("/v1/articles", link, 200), page, true},
		{"a page without text", nil, false, post("/v1/articles", gone, 422), 0, false},
		{"a job", nil, false, job("done", `{"articles":[`+text+`,`+text+`]}`), 2 * ferry, true},
		{"a job of a page", nil, false, job("done", `{"articles":[`+link+`]}`), page, true},
		{"a job that fails", nil, false, job("failed", `{"articles":[`+gone+`]}`), 0, false},
		{"a job that is cancelled", nil, true, func(t *testing.T, s *server, g *gate) {
			id := jobOf(t, s.post(t, "/v1/jobs", `{"articles":[`+text+`]}`), 202).ID
			<-g.begun
			jobOf(t, s.do(t, "DELETE", "/v1/jobs/"+id, ""), 202)
		}, ferry, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			model := row.model
			if model == nil {
				model = translator(t)
			}
			g := newGate(model)
			if !row.shut {
				close(g.open)
			}
			change := priced(t, g, 20)
			s := desked(t, demo(t), true, func(c *httpapi.Config, _ *jobs.Config) {
				change(c)
				c.Limits, c.Counter = httpapi.Limits{DailyCost: limit, DailyChars: 10_000}, onDisk(t)
			})
			row.do(t, s, g)
			day := settled(t, s, limit, func(d api.UsageDay) bool { return !row.called || d.LLMCalls > 0 })
			if day.Characters != row.chars || (day.LLMCalls > 0) != row.called {
				t.Errorf("told of %+v, want %d characters, calls %v", day, row.chars, row.called)
			}
			if row.called && row.model == nil && *day.CostUSD == 0 {
				t.Errorf("%d calls cost nothing", day.LLMCalls)
			}
		})
	}
}

// A job that is tried again pays for each run, and what was set aside for it is
// given back once: what is for another job stays where it is.
func TestTabOfRuns(t *testing.T) {
	t.Parallel()
	const limit = 1.0
	site, _ := pages(t)
	babble := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", jsonBody)
		_, _ = io.WriteString(w, `{"choices":[{"message":{"role":"assistant","content":"no"},"finish_reason":"stop"}],"usage":{"prompt_tokens":400,"completion_tokens":1}}`)
	})
	for name, row := range map[string]struct {
		article string
		chars   int // charged when it is sent
	}{
		"a text": {`{"text":"` + ferryHindi + `","outputs":["translation"]}`, len([]rune(ferryHindi))},
		"a page": {`{"url":"` + site.URL + `/note.txt","outputs":["translation"]}`, 0},
	} {
		article, waiting := row.article, int64(row.chars)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			change := priced(t, babble, 20)
			var config *httpapi.Config
			s := desked(t, demo(t), false, func(c *httpapi.Config, _ *jobs.Config) {
				change(c)
				config = c
				c.Limits, c.Counter = httpapi.Limits{DailyCost: limit, DailyChars: 10_000}, onDisk(t)
			})
			var runs atomic.Int64
			var busy atomic.Bool
			other := make(chan struct{})                                                      // a job is at work that does not end
			err := config.Jobs.Start(func(ctx context.Context, task jobs.Task) jobs.Outcome { // without the pauses
				if busy.CompareAndSwap(false, true) {
					close(other)
					<-ctx.Done()
				}
				o := s.http.RunJob(ctx, task)
				for runs.Add(1); task.Run < o.Tries; runs.Add(1) {
					task.Run++
					o = s.http.RunJob(ctx, task)
				}
				s.http.DropJob(task) // as somebody who cancels it at this moment
				o.Tries = 1
				return o
			})
			if err != nil {
				t.Fatal(err)
			}
			waits := jobOf(t, s.post(t, "/v1/jobs", `{"articles":[`+article+`]}`), 202)
			<-other
			aside := *account(t, s).Remaining.CostUSD
			if j := s.ended(t, jobOf(t, s.post(t, "/v1/jobs", `{"articles":[`+article+`]}`), 202).ID); j.State != "failed" {
				t.Errorf("%+v", j)
			}
			if day := settled(t, s, aside, anyDay); runs.Load() != 10 || day.LLMCalls < 10 || *day.CostUSD < 10*400*20e-6 || day.Characters != waiting {
				t.Errorf("%d runs: %+v", runs.Load(), day)
			}
			jobOf(t, s.do(t, "DELETE", "/v1/jobs/"+waits.ID, ""), 202)
			settled(t, s, limit, anyDay)
		})
	}
}

// A day's money that jobs will want is not there for others.
func TestJobsSetMoneyAside(t *testing.T) {
	t.Parallel()
	change := priced(t, translator(t), 20)
	s := desked(t, demo(t), false, func(c *httpapi.Config, _ *jobs.Config) { // they wait for ever
		change(c)
		c.Limits, c.Counter = httpapi.Limits{DailyCost: 0.1}, onDisk(t)
	})
	text := `{"text":"` + ferryHindi + `","outputs":["translation"]}`
	batch := `{"articles":[` + text + strings.Repeat(","+text, 3) + `]}`
	var ids []string
	for range 2 {
		ids = append(ids, jobOf(t, s.post(t, "/v1/jobs", batch), 202).ID)
	}
	left := *account(t, s).Remaining.CostUSD
	if left > 0.04 || left < 0 {
		t.Errorf("$%.4f are left", left)
	}
	if r := s.post(t, "/v1/jobs", batch); r.status != 429 || refusal(t, r) != "rate_limited" {
		t.Errorf("%d %s", r.status, r.body)
	}
	for _, id := range ids {
		jobOf(t, s.do(t, "DELETE", "/v1/jobs/"+id, ""), 202)
	}
	if day := settled(t, s, 0.1, anyDay); *day.CostUSD != 0 {
		t.Errorf("cancelled before it began, and cost %v", *day.CostUSD)
	}
}
