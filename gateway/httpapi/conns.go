package httpapi

import (
	"net"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
)

// phase is what a connection that is not idle is waited for.
type phase int

const (
	silent  phase = iota // its request's header, or the first bytes of it
	sending              // the rest of its request's body
	working              // the answer, until it is written
)

// idleWorker is how long a goroutine of fasthttp waits for its next connection; its
// default of 10 s keeps those of a burst of callers for half a minute.
const idleWorker = 2 * time.Second

// patience is how long Shutdown waits for a request that is not yet whole.
const patience = time.Second

// conns knows what each connection is at. fasthttp itself calls one that has
// never sent a byte active, and would wait for it.
type conns struct {
	mu sync.Mutex
	at map[net.Conn]place
}

type place struct {
	phase phase
	since time.Time
}

func (c *conns) set(conn net.Conn, p phase) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at == nil {
		c.at = map[net.Conn]place{}
	}
	c.at[conn] = place{p, time.Now()}
}

// state is fasthttp's hook.
func (c *conns) state(conn net.Conn, s fasthttp.ConnState) {
	switch s {
	case fasthttp.StateNew, fasthttp.StateActive:
		c.set(conn, silent)
	default: // fasthttp closes the idle ones; a hijacked one has a deadline
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.at, conn)
	}
}

func (c *conns) working() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.anyWorking()
}

func (c *conns) anyWorking() bool {
	for _, p := range c.at {
		if p.phase == working {
			return true
		}
	}
	return false
}

// endStalled ends the time of the connections whose request does not come: the
// silent ones, and those in the middle of a body once no request is at work.
// It does not close them, for fasthttp panics over a connection closed under it.
func (c *conns) endStalled() {
	c.mu.Lock()
	defer c.mu.Unlock()
	busy := c.anyWorking()
	for conn, p := range c.at {
		if p.phase == working || p.phase == sending && busy || time.Since(p.since) < patience {
			continue
		}
		_ = conn.SetReadDeadline(time.Unix(1, 0)) // its own goroutine answers and closes
	}
}
