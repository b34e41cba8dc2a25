package jobs

import (
	"context"
	"errors"
	"time"
)

// noRoom reports whether a Put was refused because its bound is reached.
func noRoom(err error) bool {
	var full interface{ NoRoom() bool }
	return errors.As(err, &full) && full.NoRoom()
}

// keep stores a new job, whole or not at all. Its error is ErrFull, ErrExists or
// the store's.
//
// What waits is refused when it has no room. What has ended goes for what is
// new, the oldest first: a caller who fetches results soon is never held up by
// old ones, and loses none of others.
func (m *Manager) keep(ctx context.Context, r *record, items [][]byte) error {
	if err := m.putPayload(ctx, r, items); noRoom(err) {
		return ErrFull
	} else if err != nil {
		return err
	}
	ok, err := m.put(ctx, m.c.Room, r, 0)
	if noRoom(err) && m.makeRoom(ctx, r.Owner) == nil {
		ok, err = m.put(ctx, m.c.Room, r, 0)
	}
	switch {
	case noRoom(err):
		m.takeBack(ctx, r)
		return ErrFull
	case err == nil && !ok:
		return ErrExists
	}
	return err
}

// takeBack deletes the payload of a job that was refused.
func (m *Manager) takeBack(ctx context.Context, r *record) {
	last, done := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer done()
	if _, _, err := m.get(last, r.Owner, r.ID); errors.Is(err, ErrNotFound) { // nobody else's, of the same id
		_, _ = m.c.KV.Delete(last, payloadSpace(r.Owner), r.ID) // else it ends by itself
	}
}

const (
	forgotten = 100  // jobs, to make room for others: not for each new one
	listed    = 1000 // in one page
)

// makeRoom forgets the oldest of an owner's jobs that have ended some time ago.
// It reads all of them to find these; while it does, others are not made to wait
// for it, but refused.
func (m *Manager) makeRoom(ctx context.Context, owner string) error {
	if !m.making.TryLock() {
		return ErrFull
	}
	defer m.making.Unlock()
	var oldest []string
	for cursor, more := "", true; more; more = cursor != "" {
		_, values, next, err := m.c.KV.List(ctx, jobSpace(owner), cursor, listed)
		if err != nil {
			return err
		}
		for _, v := range values {
			r, err := decodeRecord(v)
			if err != nil {
				return err
			}
			told := r.Webhook == nil || r.Notified
			if r.State.Ended() && told && time.Since(r.Finished) >= m.c.timing.fresh {
				oldest = append(oldest, r.ID)
			}
		}
		oldest, cursor = oldest[max(0, len(oldest)-forgotten):], next
	}
	if len(oldest) == 0 {
		return ErrFull
	}
	for _, id := range oldest {
		if err := m.Delete(ctx, owner, id); err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	m.c.Log.Info("old jobs were forgotten to make room for new ones", "owner", owner, "jobs", len(oldest))
	return nil
}
