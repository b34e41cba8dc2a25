package jobs

import (
	"context"
	"encoding/json"
	"time"
)

// ticket says that a job, or a webhook, may want work.
type ticket struct {
	Owner string `json:"owner,omitempty"`
	ID    string `json:"id"`
}

func (t ticket) encode() []byte {
	b, _ := json.Marshal(t) // strings: cannot fail
	return b
}

func decodeTicket(b []byte) (t ticket, err error) {
	err = json.Unmarshal(b, &t)
	return t, err
}

// handler works on what a ticket is for. It says when the ticket has to come
// again; keep false: it is done with. The context ends when the ticket may be
// given to somebody else.
type handler func(ctx context.Context, t ticket) (again time.Duration, keep bool)

// queue hands tickets to the handlers of all processes. Each comes at least
// once: again when its handler said so, and when its handler's process died.
type queue interface {
	send(ctx context.Context, t ticket, delay time.Duration) error
	// start calls handle for tickets, for so many at once.
	start(atOnce int, handle handler) error
	// stop takes no more tickets and waits for the handlers. Without start it
	// does nothing.
	stop()
	// held are tickets that somebody has taken and that will not soon come back by
	// themselves if that was a process which died the moment after.
	held(ctx context.Context) ([]ticket, error)
	// size is how many tickets there are.
	size(ctx context.Context) (int, error)
}
