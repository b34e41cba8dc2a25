package jobs

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// The bounds of a webhook's secret: in characters when it is plain, in bytes
// behind whsec_ (https://www.standardwebhooks.com).
const (
	minSecret = 16
	maxSecret = 256
	minKey    = 24
	maxKey    = 64
	maxURL    = 2048
)

// WebhookError says which member of a webhook is wrong, and how.
type WebhookError struct{ Field, Message string }

func (e *WebhookError) Error() string { return "jobs: webhook." + e.Field + " " + e.Message }

// CheckWebhook reports what is wrong with a webhook: a *WebhookError or nil. A
// secret is whsec_ and the base64 of 24 to 64 bytes, or 16 to 256 plain
// characters, whose bytes are then the key.
func (m *Manager) CheckWebhook(w Webhook) error {
	u, err := url.Parse(w.URL)
	switch {
	case m.c.Send == nil:
		return &WebhookError{"url", "cannot be called: this gateway sends no webhooks"}
	case w.URL == "":
		return &WebhookError{"url", "is missing; give the http or https address to call"}
	case len(w.URL) > maxURL:
		return &WebhookError{"url", "must have at most " + strconv.Itoa(maxURL) + " characters"}
	case err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || u.Scheme != "http" && u.Scheme != "https":
		return &WebhookError{"url", "must be an http:// or https:// address without user, password and #"}
	case m.refused(w.URL):
		return &WebhookError{"url", "must name a public host, at a port that the web uses"}
	case w.Secret == "":
		return &WebhookError{"secret", "is missing; it signs the calls"}
	case !valid(w.Secret):
		return &WebhookError{"secret", "must be whsec_ and the base64 of 24 to 64 bytes, or 16 to 256 characters"}
	}
	return nil
}

// refused reports that the Sender would not call a URL, as far as its text tells:
// better now than after a day of tries.
func (m *Manager) refused(url string) bool {
	c, ok := m.c.Send.(interface{ Check(url string) error })
	return ok && c.Check(url) != nil
}

const secretPrefix = "whsec_"

func valid(secret string) bool {
	if coded, ok := strings.CutPrefix(secret, secretPrefix); ok {
		key, err := base64.StdEncoding.DecodeString(coded)
		return err == nil && minKey <= len(key) && len(key) <= maxKey
	}
	printable := !strings.ContainsFunc(secret, func(r rune) bool { return r < ' ' || r == 0x7f })
	return printable && minSecret <= len(secret) && len(secret) <= maxSecret
}

func signer(secret string) (*standardwebhooks.Webhook, error) {
	if strings.HasPrefix(secret, secretPrefix) {
		return standardwebhooks.NewWebhook(secret)
	}
	return standardwebhooks.NewWebhookRaw([]byte(secret))
}

// delivery is a webhook on its way, or, with nothing in it, one that has been
// delivered or given up: who sends it again is told so by that.
type delivery struct {
	Job    string          `json:"job"`
	URL    string          `json:"url"`
	Secret string          `json:"secret"`
	Body   json.RawMessage `json:"body"`
	Tries  int             `json:"tries"`
	Due    time.Time       `json:"due"` // nobody tries it before; set ahead by who does
}

// event is the body of a webhook.
type event struct {
	Type      string          `json:"type"` // job.done, job.failed, job.cancelled
	Timestamp time.Time       `json:"timestamp"`
	Data      json.RawMessage `json:"data"`
}

// encode is JSON with <, > and & as they are.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// deliveryLife is how long a delivery is kept: longer than it is tried.
const deliveryLife = 72 * time.Hour

// notify sends a webhook on its way. Done twice it is the same webhook, under
// the same id.
func (m *Manager) notify(ctx context.Context, r *record) error {
	body, err := encode(event{"job." + string(r.State), r.Finished, m.c.Event(r.job(m.c.TTL))})
	if err != nil {
		return err
	}
	t := ticket{Owner: r.Owner, ID: "msg_" + r.ID}
	if _, err := m.putDelivery(ctx, t, &delivery{Job: r.ID, URL: r.Webhook.URL, Secret: r.Webhook.Secret, Body: body}, 0); err != nil {
		return err
	}
	return m.webhooks.send(ctx, t, 0)
}

// webhookTime bounds one call of a webhook.
const webhookTime = 20 * time.Second

// deliver makes one try with a webhook.
func (m *Manager) deliver(ctx context.Context, t ticket) (again time.Duration, keep bool) {
	ctx, cancel := context.WithTimeout(ctx, webhookTime+lastWords)
	defer cancel()
	b, version, err := m.c.KV.Get(ctx, webhookSpace(t.Owner), t.ID)
	if err != nil {
		return pauseOnError, true
	}
	var d delivery
	if version == 0 || json.Unmarshal(b, &d) != nil || d.URL == "" {
		return 0, false
	}
	if wait := time.Until(d.Due); wait > m.c.timing.poll {
		return wait, true
	}
	d.Due = time.Now().UTC().Add(webhookTime + lastWords)
	if ok, err := m.putDelivery(ctx, t, &d, version); err != nil || !ok {
		return pauseOnError, true // another ticket's holder is at it
	}
	status, err := m.post(ctx, t.ID, &d)
	list := m.c.timing.webhook
	switch {
	case err == nil && status/100 == 2:
		m.c.Log.Debug("a webhook was delivered", "job", d.Job, "tries", d.Tries+1)
	case status == http.StatusGone:
		m.c.Log.Info("a webhook is not wanted any more", "job", d.Job, "status", status)
	case m.root.Err() == nil && d.Tries >= len(list):
		m.c.Log.Warn("a webhook is given up", "job", d.Job, "status", status, "tries", d.Tries+1)
	default:
		wait := time.Duration(0)
		if m.root.Err() == nil { // else this process ended it, and that was no try
			m.c.Log.Debug("a webhook failed", "job", d.Job, "status", status, "cause", err)
			wait = list[d.Tries]
			d.Tries++
		}
		d.Due = time.Now().UTC().Add(wait)
		_, _ = m.putDelivery(ctx, t, &d, -1) // else it is due when our time is over
		return wait, true
	}
	if _, err := m.c.KV.Put(ctx, webhookSpace(t.Owner), t.ID, []byte("{}"), deliveryLife, -1); err != nil {
		return pauseOnError, true
	}
	return 0, false
}

func (m *Manager) putDelivery(ctx context.Context, t ticket, d *delivery, version int64) (bool, error) {
	b, err := encode(d)
	if err != nil {
		return false, err
	}
	return m.c.KV.Put(ctx, webhookSpace(t.Owner), t.ID, b, deliveryLife, version)
}

func (m *Manager) post(ctx context.Context, id string, d *delivery) (status int, err error) {
	s, err := signer(d.Secret)
	if err != nil {
		return 0, err
	}
	now := time.Now()
	signature, err := s.Sign(id, now, d.Body)
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, webhookTime)
	defer cancel()
	defer context.AfterFunc(m.root, cancel)()
	header := http.Header{}
	header.Set("Content-Type", "application/json")
	header.Set(standardwebhooks.HeaderWebhookID, id)
	header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	return m.c.Send.Post(ctx, d.URL, header, d.Body)
}
