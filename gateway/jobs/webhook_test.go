package jobs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"dubhashi/gateway/fetch"
	"dubhashi/gateway/jobs"
)

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8G"

func accepted(int) (int, error) { return 204, nil }

func (w *world) posting(p *post, run runFunc) *process {
	return w.start(run, func(c *jobs.Config) {
		c.Send = p
		c.Event = func(j jobs.Job) []byte { return []byte(`{"id":"` + j.ID + `","text":"<मौसम> & more"}`) }
	})
}

func hooked(secret string) jobs.Submission {
	return jobs.Submission{Owner: "me", Kind: "test", Items: [][]byte{[]byte("x")}, Webhook: &jobs.Webhook{URL: "https://example.org/hook?x=1", Secret: secret}}
}

func TestWebhook(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		sender := newPost(accepted)
		h := newHang()
		p := w.posting(sender, func(ctx context.Context, task jobs.Task) jobs.Outcome {
			if task.Kind == "hang" {
				return h.run(ctx, task)
			}
			return jobs.Outcome{Body: []byte("x"), Failed: task.Kind == "fail"}
		})
		for _, row := range []struct{ kind, secret, event string }{
			{"test", secret, "job.done"},
			{"fail", "a plain secret of some length", "job.failed"},
			{"hang", secret, "job.cancelled"},
		} {
			s := hooked(row.secret)
			s.Kind = row.kind
			id := p.take(t, s)
			if row.kind == "hang" {
				wait(t, "begin", h.begun)
				if _, err := p.Cancel(t.Context(), "me", id); err != nil {
					t.Fatal(err)
				}
			}
			got := wait(t, "webhook", sender.calls)
			check, err := standardwebhooks.NewWebhookRaw([]byte(row.secret))
			if strings.HasPrefix(row.secret, "whsec_") {
				check, err = standardwebhooks.NewWebhook(row.secret)
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := check.Verify(got.body, got.header); err != nil {
				t.Errorf("%s: %v", row.kind, err)
			}
			if got.url != s.Webhook.URL || got.header.Get("Content-Type") != "application/json" || got.header.Get("webhook-id") != "msg_"+id {
				t.Errorf("%s: %+v", row.kind, got)
			}
			var event struct {
				Type      string
				Timestamp time.Time
				Data      struct{ ID, Text string }
			}
			if err := json.Unmarshal(got.body, &event); err != nil || event.Type != row.event || event.Data.ID != id ||
				event.Data.Text != "<मौसम> & more" || time.Since(event.Timestamp).Abs() > time.Minute {
				t.Errorf("%s: %s, %v", row.kind, got.body, err)
			}
			j := p.job(t, id)
			if j.WebhookURL != s.Webhook.URL {
				t.Errorf("%s: the job has the webhook %q", row.kind, j.WebhookURL)
			}
		}
		if len(sender.calls) > 0 {
			t.Error("more than one call for an event")
		}
	})
}

// The secret is kept until the webhook is delivered, and no longer.
func TestWebhookSecretIsForgotten(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		sender := newPost(accepted)
		p := w.posting(sender, echo)
		id := p.take(t, hooked(secret))
		wait(t, "webhook", sender.calls)
		for {
			job, _, err1 := p.kv.Get(t.Context(), "jobs/me/records", id)
			delivery, _, err2 := p.kv.Get(t.Context(), "jobs/me/webhooks", "msg_"+id)
			if err := errors.Join(err1, err2); err != nil || job == nil {
				t.Fatal(err)
			}
			if string(delivery) == "{}" && !bytes.Contains(job, []byte("whsec_")) {
				break
			}
			time.Sleep(5 * time.Millisecond) // the rest of the work behind the call
		}
	})
}

func TestWebhookIsTriedAgain(t *testing.T) {
	down := errors.New("connection refused")
	rows := []struct {
		name   string
		answer func(n int) (int, error)
		calls  int
	}{
		{"delivered at the second", func(n int) (int, error) { return []int{503, 200}[n-1], nil }, 2},
		{"no answer at first", func(n int) (int, error) {
			if n == 1 {
				return 0, down
			}
			return 200, nil
		}, 2},
		{"a redirect is no delivery", func(int) (int, error) { return 302, nil }, 3},
		{"given up in the end", func(int) (int, error) { return 500, nil }, 3},
		{"gone", func(int) (int, error) { return 410, nil }, 1},
	}
	onBoth(t, func(t *testing.T, w *world) {
		for _, row := range rows {
			sender := newPost(row.answer)
			p := w.posting(sender, echo)
			id := p.take(t, hooked(secret))
			first := wait(t, row.name, sender.calls)
			for range row.calls - 1 {
				next := wait(t, row.name, sender.calls)
				if next.header.Get("webhook-id") != first.header.Get("webhook-id") || !bytes.Equal(next.body, first.body) {
					t.Errorf("%s: the next try is another event", row.name)
				}
			}
			for { // until it is over
				b, _, err := p.kv.Get(t.Context(), "jobs/me/webhooks", "msg_"+id)
				if err != nil {
					t.Fatal(err)
				}
				if string(b) == "{}" {
					break
				}
				time.Sleep(5 * time.Millisecond)
			}
			if len(sender.calls) != 0 {
				t.Errorf("%s: more than %d calls", row.name, row.calls)
			}
			closed, cancel := context.WithCancel(t.Context())
			cancel()
			p.Close(closed)
		}
	})
}

// A webhook outlives the process that tries it.
func TestWebhookSurvives(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.beat = quick
		first := newPost(func(int) (int, error) { return 500, nil })
		p := w.posting(first, echo)
		p.take(t, hooked(secret))
		wait(t, "first try", first.calls)
		closed, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		p.Close(closed)
		p.kill()
		second := newPost(accepted)
		w.posting(second, echo)
		wait(t, "try by the next process", second.calls)
	})
}

func TestCheckWebhook(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	p, mute := w.posting(newPost(accepted), nil), w.start(nil, nil)
	for _, row := range []struct{ url, secret, field string }{
		{"https://example.org", secret, ""},
		{"http://127.0.0.1:8080/a?b=c", "sixteen letters!", ""}, // whether it may be reached is the sender's to say
		{"", secret, "url"},
		{"example.org/hook", secret, "url"},
		{"ftp://example.org", secret, "url"},
		{"https://user:pass@example.org", secret, "url"},
		{"https://example.org/#x", secret, "url"},
		{"https:///path", secret, "url"},
		{"https://example.org/%zz", secret, "url"},
		{"https://example.org/" + strings.Repeat("x", 2048), secret, "url"},
		{"https://example.org", "", "secret"},
		{"https://example.org", "short", "secret"},
		{"https://example.org", strings.Repeat("x", 257), "secret"},
		{"https://example.org", "with a line\nbreak in it", "secret"},
		{"https://example.org", "whsec_", "secret"},
		{"https://example.org", "whsec_c2hvcnQ=", "secret"},
		{"https://example.org", "whsec_not base64 at all, that is", "secret"},
	} {
		err := p.CheckWebhook(jobs.Webhook{URL: row.url, Secret: row.secret})
		var wrong *jobs.WebhookError
		if row.field == "" && err != nil || row.field != "" && (!errors.As(err, &wrong) || wrong.Field != row.field) {
			t.Errorf("%q, %q: %v", row.url, row.secret, err)
		}
		if err != nil && len(row.secret) > 6 && strings.Contains(err.Error(), row.secret) {
			t.Errorf("the error shows the secret: %v", err)
		}
		if row.field != "" {
			s := hooked(row.secret)
			s.Webhook.URL = row.url
			if _, err := p.Submit(t.Context(), s); !errors.As(err, &wrong) {
				t.Errorf("%q, %q was taken: %v", row.url, row.secret, err)
			}
		}
	}
	guarded := w.start(nil, func(c *jobs.Config) { c.Send = fetch.New(fetch.Config{}) })
	for url, want := range map[string]bool{"https://example.org/hook": true, "http://127.0.0.1/": false, "http://169.254.169.254/": false, "http://example.org:6379/": false} {
		if err := guarded.CheckWebhook(jobs.Webhook{URL: url, Secret: secret}); (err == nil) != want {
			t.Errorf("the guarded fetcher's %s: %v", url, err)
		}
	}
	if err := mute.CheckWebhook(*hooked(secret).Webhook); err == nil {
		t.Error("a webhook is taken by one who sends none")
	}
}

func TestSchedules(t *testing.T) {
	t.Parallel()
	sum := func(list []time.Duration) (all time.Duration) {
		for i, d := range list {
			if all += d; i > 0 && d < list[i-1] {
				t.Errorf("%v after %v", d, list[i-1])
			}
		}
		return all
	}
	if all := sum(jobs.WebhookRetries()); all < 24*time.Hour || all > 36*time.Hour {
		t.Errorf("webhooks are tried for %v", all)
	}
	if all := sum(jobs.Retries()); all < time.Hour || all > jobs.MaxAge/2 {
		t.Errorf("jobs are tried for %v", all)
	}
}
