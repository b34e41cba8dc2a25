package jobs

import (
	"context"
	"iter"
	"time"
)

// Watch gives a job as it is and then whenever it has changed, until it has
// ended or ctx has. Changes come within a second; between two of them that
// follow each other faster some may be left out, never the last. The job with
// an error is what was known before.
func (m *Manager) Watch(ctx context.Context, owner, id string) iter.Seq2[Job, error] {
	return func(yield func(Job, error) bool) {
		var before int64
		var j Job
		tick := time.NewTicker(m.c.timing.look)
		defer tick.Stop()
		for {
			r, version, err := m.get(ctx, owner, id)
			switch {
			case ctx.Err() != nil:
				return
			case err != nil:
				if !yield(j, err) {
					return
				}
			case version != before:
				before, j = version, r.job(m.c.TTL)
				if !yield(j, nil) || j.State.Ended() {
					return
				}
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}
}
