package jobs

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"
)

// record is a job as the KV keeps it.
type record struct {
	ID       string          `json:"id"`
	Owner    string          `json:"owner"`
	Kind     string          `json:"kind"`
	State    State           `json:"state"`
	Items    int             `json:"items"`
	Done     int             `json:"done"`
	Total    int             `json:"total"`
	Bad      int             `json:"bad,omitempty"`
	Runs     int             `json:"runs,omitempty"`
	Taken    int             `json:"taken,omitempty"`  // over from processes that died
	Runner   string          `json:"runner,omitempty"` // the token of the process that runs it
	Meta     json.RawMessage `json:"meta,omitempty"`
	Webhook  *Webhook        `json:"webhook,omitempty"`
	Notified bool            `json:"notified,omitempty"` // the webhook is under way
	Error    []byte          `json:"error,omitempty"`
	Created  time.Time       `json:"created"`
	Started  time.Time       `json:"started,omitzero"`
	RetryAt  time.Time       `json:"retry_at,omitzero"`
	Finished time.Time       `json:"finished,omitzero"`
}

// The families of the KV's spaces: what Config.Room bounds. What stands before
// the second slash of a space's name, or at its end, is whose it is.
const (
	WaitingFamily = "waiting" // what is still to be done: the payloads of jobs that have not ended
	JobsFamily    = "jobs"    // the records of all jobs, their results and webhooks
)

// The spaces of an owner, and those of all.
func payloadSpace(owner string) string { return WaitingFamily + "/" + owner + "/payloads" }
func jobSpace(owner string) string     { return JobsFamily + "/" + owner + "/records" }
func resultSpace(owner string) string  { return JobsFamily + "/" + owner + "/results" }
func webhookSpace(owner string) string { return JobsFamily + "/" + owner + "/webhooks" }

const (
	memberSpace = "job-members"
	deadSpace   = "job-members-dead"
)

func resultID(id string, item int) string { return id + "/" + strconv.Itoa(item) }

func decodeRecord(b []byte) (*record, error) {
	r := &record{}
	if err := json.Unmarshal(b, r); err != nil {
		return nil, fmt.Errorf("jobs: a record cannot be read: %w", err)
	}
	return r, nil
}

func (r *record) job(ttl time.Duration) Job {
	j := Job{
		ID: r.ID, Owner: r.Owner, Kind: r.Kind, State: r.State, Items: r.Items, Done: r.Done, Total: r.Total,
		Bad: r.Bad, Runs: r.Runs, Meta: r.Meta, Error: r.Error,
		Created: r.Created, Started: r.Started, RetryAt: r.RetryAt, Finished: r.Finished,
	}
	if r.Webhook != nil {
		j.WebhookURL = r.Webhook.URL
	}
	if !r.Finished.IsZero() {
		j.Expires = r.Finished.Add(ttl)
	}
	return j
}

// get reads a job's record and its version.
func (m *Manager) get(ctx context.Context, owner, id string) (*record, int64, error) {
	b, version, err := m.c.KV.Get(ctx, jobSpace(owner), id)
	if err != nil {
		return nil, 0, err
	}
	if version == 0 {
		return nil, 0, ErrNotFound
	}
	r, err := decodeRecord(b)
	return r, version, err
}

// put stores a record if its version is still the one given. The time to live
// of a job that has not ended is there only for one that nobody could end.
func (m *Manager) put(ctx context.Context, kv KV, r *record, version int64) (bool, error) {
	b, err := json.Marshal(r)
	if err != nil {
		return false, err
	}
	ttl := MaxAge + m.c.TTL
	if r.State.Ended() {
		ttl = m.c.TTL
	}
	return kv.Put(ctx, jobSpace(r.Owner), r.ID, b, ttl, version)
}

// changeTries bounds how often a change is made again because another came
// between: a job has few writers.
const changeTries = 20

var errBusy = errors.New("jobs: the record changes all the time")

// change makes one change of a record, whole or not at all. What do returns is
// returned with the record as it is.
func (m *Manager) change(ctx context.Context, owner, id string, do func(*record) error) (*record, error) {
	for range changeTries {
		r, version, err := m.get(ctx, owner, id)
		if err != nil {
			return nil, err
		}
		if err := do(r); err != nil {
			return r, err
		}
		if ok, err := m.put(ctx, m.c.KV, r, version); ok || err != nil {
			return r, err
		}
	}
	return nil, errBusy
}

// putPayload keeps what has to be done, packed: each item with its length before it.
func (m *Manager) putPayload(ctx context.Context, r *record, items [][]byte) error {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	for _, item := range items {
		_, _ = w.Write(binary.AppendUvarint(nil, uint64(len(item)))) // into memory
		_, _ = w.Write(item)
	}
	if err := w.Close(); err != nil {
		return err
	}
	ok, err := m.c.Room.Put(ctx, payloadSpace(r.Owner), r.ID, b.Bytes(), MaxAge+time.Hour, 0)
	if ok || err != nil {
		return err
	}
	switch _, _, err = m.get(ctx, r.Owner, r.ID); {
	case err == nil:
		return ErrExists
	case errors.Is(err, ErrNotFound): // who put the payload died before the record
		_, err = m.c.Room.Put(ctx, payloadSpace(r.Owner), r.ID, b.Bytes(), MaxAge+time.Hour, -1)
	}
	return err
}

// payload gives the items; nil when there is none.
func (m *Manager) payload(ctx context.Context, r *record) ([][]byte, error) {
	packed, version, err := m.c.KV.Get(ctx, payloadSpace(r.Owner), r.ID)
	if err != nil || version == 0 {
		return nil, err
	}
	b, err := unzip(packed)
	if err != nil {
		return nil, err
	}
	var items [][]byte
	for len(b) > 0 {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > uint64(len(b)-size) {
			return nil, errors.New("jobs: a payload is cut short")
		}
		items, b = append(items, b[size:size+int(n)]), b[size+int(n):]
	}
	return items, nil
}

// putResult keeps what became of an item for as long as the job's record will
// be kept, which may end long after the item. What another process has put
// first counts, and is given back. The bounds count it and do not refuse it: it
// is paid for.
func (m *Manager) putResult(ctx context.Context, r *record, item int, o *Outcome) (*Outcome, error) {
	var b bytes.Buffer
	b.WriteByte(map[bool]byte{false: 'r', true: 'e'}[o.Failed])
	w := gzip.NewWriter(&b)
	_, _ = w.Write(o.Body) // into memory
	if err := w.Close(); err != nil {
		return nil, err
	}
	ttl := m.c.TTL + time.Hour
	if r.Items > 1 {
		ttl = m.c.TTL + MaxAge
	}
	ok, err := m.c.KV.Put(ctx, resultSpace(r.Owner), resultID(r.ID, item), b.Bytes(), ttl, 0)
	if ok || err != nil {
		return o, err
	}
	first, err := m.result(ctx, r, item)
	if first == nil && err == nil {
		err = errBusy // deleted this moment
	}
	return first, err
}

// result is what became of an item; nil when nothing is known.
func (m *Manager) result(ctx context.Context, r *record, item int) (*Outcome, error) {
	b, version, err := m.c.KV.Get(ctx, resultSpace(r.Owner), resultID(r.ID, item))
	if err != nil || version == 0 || len(b) == 0 {
		return nil, err
	}
	body, err := unzip(b[1:])
	if err != nil {
		return nil, err
	}
	return &Outcome{Body: body, Failed: b[0] == 'e'}, nil
}

func unzip(b []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("jobs: a stored text is damaged: %w", err)
	}
	out, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("jobs: a stored text is damaged: %w", err)
	}
	return slices.Clip(out), nil
}
