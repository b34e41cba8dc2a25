package httpapi

import (
	"context"
	"fmt"
	"io"
	"net"
	"runtime/debug"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"dubhashi/gateway"
)

// How an answer that takes long begins: see API.md, "Heartbeat".
const (
	heartbeatAfter = 3500 * time.Millisecond // deepl-node gives up when nothing came for 5 s
	heartbeatEvery = 2 * time.Second         // deepl-python when nothing came for 10 s
)

// patientWork makes a surface's answer: its JSON, and what it cost. It runs in
// a goroutine of its own and touches nothing of the fiber.Ctx, which may be
// gone by then; an error becomes the surface's own error.
type patientWork func(ctx context.Context) (body []byte, cost gateway.Usage, err error)

// patient admits a handler of a surface whose clients hang up after 5 to 10 s
// and ask again. The work goes on without them, up to Config.ModelTimeout, so
// that the next try joins it or finds it in the cache. An answer that takes
// longer than 3.5 s begins then, as 200 with white space (which JSON may begin
// with: RFC 8259, 2); when its work fails after that, the connection is closed
// in the middle of it.
//
// h decodes, checks and charges the request; what it refuses is refused with
// the right status. The request keeps its place among those at work until the
// work has ended. Half of the places at most are kept by callers who have left;
// the work of one more is cancelled.
func (s *Server) patient(h func(c *fiber.Ctx) (patientWork, error)) fiber.Handler {
	return func(c *fiber.Ctx) error {
		leave, err := s.enter(c)
		if err != nil {
			return err
		}
		begun := false
		defer func() {
			if !begun {
				leave()
			}
		}()
		if err := s.readBody(c); err != nil {
			return err
		}
		work, err := h(c)
		if err != nil {
			return err
		}
		t := s.begin(requestID(c), work, tabOf(c), leave)
		begun = true
		start := time.NewTimer(s.c.HeartbeatAfter)
		defer start.Stop()
		select {
		case <-t.done:
			return s.whole(c, t)
		case <-start.C:
		}
		stop := watch(c.Context().Conn(), t.desert)
		if !c.Request().Header.IsHTTP11() { // knows no chunks, so that a cut answer would pass for a short one
			defer stop()
			<-t.done
			return s.whole(c, t)
		}
		s.stream(c, t, stop)
		return nil
	}
}

// task is the work of a request, which may outlive its caller.
type task struct {
	server *Server
	id     string // of the request
	cancel context.CancelFunc

	done chan struct{}
	body []byte // once done, as are the next two
	cost gateway.Usage
	err  error

	mu    sync.Mutex
	ended bool
	gone  chan struct{} // closed when the caller has left before the end
}

// begin starts the work; leave gives its place up when it has ended.
func (s *Server) begin(id string, work patientWork, bill *tab, leave func()) *task {
	ctx, cancel := context.WithTimeout(s.root, s.c.RequestTimeout)
	t := &task{server: s, id: id, cancel: cancel, done: make(chan struct{}), gone: make(chan struct{})}
	bill.join()
	go func() {
		defer leave()
		defer bill.leave()
		defer t.end()
		defer func() {
			if r := recover(); r != nil {
				s.c.Log.Error("a request's work panicked", "request_id", id, "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
				t.err = &problem{code: gateway.Internal, cause: fmt.Errorf("panic: %v", r)}
			}
		}()
		t.body, t.cost, t.err = work(bill.billed(ctx))
		t.err = s.stopped(t.err)
	}()
	return t
}

// end runs when the work has ended.
func (t *task) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
	if t.deserted() {
		t.server.deserted.Add(-1)
		if t.err != nil {
			t.server.failure(t.err, t.id) // nobody else will tell
		}
	}
	t.cancel()
	close(t.done)
}

// desert tells that the caller has left. It is without effect on a work that
// has ended.
func (t *task) desert() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended || t.deserted() {
		return
	}
	close(t.gone)
	if int(t.server.deserted.Add(1)) > max(t.server.c.MaxRequests/2, 1) {
		t.cancel()
		return
	}
	time.AfterFunc(t.server.c.ModelTimeout, t.cancel)
}

func (t *task) deserted() bool {
	select {
	case <-t.gone:
		return true
	default:
		return false
	}
}

// whole is the answer of a work that has ended in time, or its error.
func (s *Server) whole(c *fiber.Ctx, t *task) error {
	if t.err != nil {
		return t.err
	}
	s.stamp(c, t.cost)
	c.Set(fiber.HeaderContentType, "application/json; charset=utf-8")
	return c.Send(t.body)
}

// stream lets the answer begin.
func (s *Server) stream(c *fiber.Ctx, t *task, unwatch func()) {
	b := &heartbeat{s: s, task: t, conn: c.Context().Conn(), unwatch: unwatch, tick: time.NewTicker(s.c.HeartbeatEvery)}
	c.Locals(streamKey, struct{ streamed }{b}) // fasthttp would close b with the request, too
	c.Set(fiber.HeaderContentType, "application/json; charset=utf-8")
	c.Set(fiber.HeaderCacheControl, "no-transform") // a compressor would hold the white space back
	c.Set("X-Accel-Buffering", "no")                // nginx too
	c.Context().SetBodyStream(b, -1)
}

// heartbeat is the body of an answer that has begun before it was ready. Its
// connection's goroutine reads it, so that there is no other one to end.
type heartbeat struct {
	s       *Server
	task    *task
	conn    net.Conn
	unwatch func()
	record  func(status int)
	tick    *time.Ticker
	begun   bool
	status  int    // as it should have been; 0 as long as it is not known
	rest    []byte // of the answer, what is still to be sent
}

func (b *heartbeat) onEnd(record func(status int)) { b.record = record }

// Read gives white space until the work has ended, then its answer. Its error,
// other than io.EOF, makes fasthttp close the connection without a last chunk.
// Whether a caller who seems to have gone has closed only its own side, the next
// write will tell.
func (b *heartbeat) Read(p []byte) (int, error) {
	_ = b.conn.SetWriteDeadline(time.Now().Add(b.s.c.WriteTimeout)) // else the first one is for the whole answer
	if !b.begun {
		b.begun = true
		return copy(p, " "), nil
	}
	if b.status == 0 {
		select {
		case <-b.tick.C:
			return copy(p, " "), nil
		case <-b.task.done:
		}
		if err := b.task.err; err != nil {
			_, k := b.s.failure(err, b.task.id)
			b.status = k.status
			return 0, io.ErrUnexpectedEOF
		}
		b.status, b.rest = 200, b.task.body
	}
	if len(b.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

// Close runs when the answer is sent, or can not be.
func (b *heartbeat) Close() error {
	b.unwatch()
	b.tick.Stop()
	if b.status == 0 || len(b.rest) > 0 {
		b.status = kinds[gateway.Canceled].status
	}
	b.task.desert()
	if b.record != nil {
		b.record(b.status)
	}
	return nil
}
