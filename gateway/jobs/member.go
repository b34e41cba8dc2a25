package jobs

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"
)

// beatsToLive is how many beats may be missed before a process counts as dead.
const beatsToLive = 3

// membersAtMost bounds how many processes are looked at.
const membersAtMost = 1000

// member is this process among those that share the store.
type member struct {
	mu      sync.Mutex
	token   string
	beats   int
	jobs    []ticket // at work here
	written bool     // there is a record of us
}

// sign is what a process says of itself at each beat. Its record is there only
// while it has jobs.
type sign struct {
	Beat int      `json:"beat"`
	Jobs []ticket `json:"jobs"`
}

// enlist adds a job to what this process has at work, for others to see.
func (m *Manager) enlist(ctx context.Context, t ticket) (token string, err error) {
	me := &m.member
	me.mu.Lock()
	defer me.mu.Unlock()
	me.jobs = append(me.jobs, t)
	if err := m.sign(ctx); err != nil {
		me.drop(t)
		return "", err
	}
	return me.token, nil
}

// delist takes a job off; the next beat tells so.
func (m *Manager) delist(t ticket) {
	m.member.mu.Lock()
	defer m.member.mu.Unlock()
	m.member.drop(t)
}

func (me *member) drop(t ticket) {
	if i := slices.Index(me.jobs, t); i >= 0 {
		me.jobs = slices.Delete(me.jobs, i, i+1)
	}
}

// sign writes the sign of life; member.mu is held.
func (m *Manager) sign(ctx context.Context) error {
	me := &m.member
	if len(me.jobs) == 0 {
		if !me.written {
			return nil
		}
		_, err := m.c.KV.Delete(ctx, memberSpace, me.token)
		me.written = me.written && err != nil
		return err
	}
	me.beats++
	b, _ := json.Marshal(sign{me.beats, me.jobs}) // strings and numbers: cannot fail
	me.written = true
	_, err := m.c.KV.Put(ctx, memberSpace, me.token, b, MaxAge, -1)
	return err
}

// alive reports whether the process that runs a job is there to do so.
func (m *Manager) alive(ctx context.Context, token, id string) (bool, error) {
	m.member.mu.Lock()
	mine := token == m.member.token
	m.member.mu.Unlock()
	if mine {
		m.mu.Lock()
		defer m.mu.Unlock()
		return m.runs[id] != nil, nil
	}
	if _, version, err := m.c.KV.Get(ctx, deadSpace, token); err != nil || version != 0 {
		return false, err
	}
	_, version, err := m.c.KV.Get(ctx, memberSpace, token)
	return version != 0, err
}

// beats says at every beat that this process lives, and looks who does not.
func (m *Manager) beats() {
	seen := make(map[string]*seen)
	tick := time.NewTicker(m.c.timing.beat)
	defer tick.Stop()
	for {
		select {
		case <-m.life.Done():
			last, done := context.WithTimeout(context.Background(), lastWords)
			defer done()
			m.member.mu.Lock()
			defer m.member.mu.Unlock()
			_ = m.sign(last) // else the others find out
			return
		case <-tick.C:
		}
		ctx, cancel := context.WithTimeout(m.life, m.c.timing.beat)
		if err := m.beat(ctx); err != nil {
			m.c.Log.Debug("no sign of life could be given", "error", err)
		}
		if err := m.lookAround(ctx, seen); err != nil {
			clear(seen) // nobody is dead because the store is away
		}
		cancel()
	}
}

// beat gives a sign of life. Who finds its token in deadSpace is held for dead:
// it lets go of its jobs, and goes on under a new one.
func (m *Manager) beat(ctx context.Context) error {
	me := &m.member
	me.mu.Lock()
	defer me.mu.Unlock()
	if len(me.jobs) > 0 {
		_, version, err := m.c.KV.Get(ctx, deadSpace, me.token)
		if err != nil {
			return err
		}
		if version != 0 {
			m.c.Log.Warn("other processes held this one for dead: its jobs are theirs", "jobs", len(me.jobs))
			m.mu.Lock()
			for _, r := range m.runs {
				r.cancel(errTaken)
			}
			m.mu.Unlock()
			_, _ = m.c.KV.Delete(ctx, memberSpace, me.token) // it ends by itself
			me.token, me.written = newID(), false
		}
	}
	return m.sign(ctx)
}

// seen is what another process last said, and at how many beats the same.
type seen struct {
	sign string
	same int
}

// lookAround finds the processes that have not given a sign for too long, by
// our beats alone: clocks are not compared.
func (m *Manager) lookAround(ctx context.Context, known map[string]*seen) error {
	var tokens []string
	var signs [][]byte
	for cursor := ""; ; { // a page may be shorter than it could
		ids, values, next, err := m.c.KV.List(ctx, memberSpace, cursor, membersAtMost)
		if err != nil {
			return err
		}
		tokens, signs, cursor = append(tokens, ids...), append(signs, values...), next
		if cursor == "" || len(tokens) >= membersAtMost {
			break
		}
	}
	for token := range known {
		if !slices.Contains(tokens, token) {
			delete(known, token)
		}
	}
	m.member.mu.Lock()
	mine := m.member.token
	m.member.mu.Unlock()
	for i, token := range tokens {
		if token == mine {
			continue
		}
		k := known[token]
		if k == nil || k.sign != string(signs[i]) {
			known[token] = &seen{sign: string(signs[i])}
			continue
		}
		if k.same++; k.same < beatsToLive {
			continue
		}
		if err := m.bury(ctx, token, signs[i]); err != nil {
			return err
		}
		delete(known, token)
	}
	return nil
}

// bury marks a process as dead and sends new tickets for its jobs. Two may do
// it at once, and one that dies over it is followed by another.
func (m *Manager) bury(ctx context.Context, token string, last []byte) error {
	var s sign
	if err := json.Unmarshal(last, &s); err != nil {
		return err
	}
	m.c.Log.Warn("a process that had jobs is gone: others take them over", "jobs", len(s.Jobs))
	if _, err := m.c.KV.Put(ctx, deadSpace, token, []byte{}, 2*MaxAge, -1); err != nil {
		return err
	}
	// It may have died between taking a ticket and saying so.
	held, err := m.jobs.held(ctx)
	if err != nil {
		return err
	}
	for _, t := range held {
		r, _, err := m.get(ctx, t.Owner, t.ID)
		if err == nil && r.State == Queued && r.RetryAt.IsZero() && !slices.Contains(s.Jobs, t) {
			s.Jobs = append(s.Jobs, t)
		}
	}
	for _, t := range s.Jobs {
		if err := m.jobs.send(ctx, t, 0); err != nil {
			return err
		}
	}
	_, err = m.c.KV.Delete(ctx, memberSpace, token)
	return err
}
