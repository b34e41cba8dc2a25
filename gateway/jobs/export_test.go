package jobs

import (
	"context"
	"time"
)

// NewFast is New with times for tests: retries after retry, and a process counts
// as dead when it has been silent for three beats.
func NewFast(c Config, beat, retry time.Duration) *Manager {
	c.timing = timing{
		beat: beat, look: 20 * time.Millisecond, poll: 20 * time.Millisecond, hold: 400 * time.Millisecond,
		retries: []time.Duration{retry}, webhook: []time.Duration{retry, retry},
	}
	return New(c)
}

// NewLasting is NewFast where jobs that have ended make no room for others.
func NewLasting(c Config, beat, retry time.Duration) *Manager {
	m := NewFast(c, beat, retry)
	m.c.timing.fresh = time.Hour
	return m
}

// Retries and WebhookRetries are the waits of the real thing.
func Retries() []time.Duration        { return usualTiming.retries }
func WebhookRetries() []time.Duration { return usualTiming.webhook }

// SendTicket sends another ticket of a job, as one that holds a process for dead
// does.
func (m *Manager) SendTicket(ctx context.Context, owner, id string) error {
	return m.jobs.send(ctx, ticket{Owner: owner, ID: id}, 0)
}
