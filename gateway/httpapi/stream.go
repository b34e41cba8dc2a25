package httpapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime/debug"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/gofiber/fiber/v2"

	"dubhashi/gateway"
)

const (
	pingEvery  = 10 * time.Second
	maxWaiting = 64 << 10 // bytes that may wait for the reader before the sender has to wait too
)

// stream is an answer of server-sent events (HTML Standard, 9.2), each with a
// running number as its id. One goroutine sends the events; the connection's own
// reads them as the body of its answer, so that no event waits for a buffer to
// fill, and no more than maxWaiting and one event are held for a slow reader.
//
// A reader who has left is noticed within watchEvery, one who takes nothing for
// Config.WriteTimeout is cut; either ends the context of whoever sends.
type stream struct {
	s      *Server
	id     string // of the request
	conn   net.Conn
	raw    syscall.RawConn // of conn; nil: it cannot be looked at
	end    time.Time       // when the last byte must be gone; zero: as long as it takes
	cancel context.CancelFunc
	tick   *time.Ticker // of the pings
	look   *time.Ticker // for a reader who has left
	onEnds []func(status int)

	more chan struct{} // something waits to be read
	room chan struct{} // something was read
	left chan struct{} // closed when nobody reads any more
	done chan struct{} // closed when nothing more is sent

	err    error // once done: why there is no event
	status int   // once done: as the answer would have had, had it not begun

	mu      sync.Mutex
	sent    int // events
	queue   [][]byte
	waiting int // bytes in it
}

var errLeft = errors.New("nobody reads the stream any more")

// events answers with the events that run sends; the answer begins with the
// first. A run that fails before that is an ordinary problem, one that fails later
// sends a last event, error, with the problem. run has a goroutine of its own and
// must touch nothing of c. Its context ends with the given one, and when nobody
// reads any more.
func (s *Server) events(ctx context.Context, c *fiber.Ctx, run func(ctx context.Context, out *stream) error) error {
	if c.Method() == fiber.MethodHead {
		eventHeaders(c)
		return nil
	}
	st := &stream{
		s: s, id: requestID(c), conn: c.Context().Conn(), status: fiber.StatusOK,
		more: make(chan struct{}, 1), room: make(chan struct{}, 1), left: make(chan struct{}), done: make(chan struct{}),
	}
	st.raw = rawConn(st.conn)
	if end, ok := ctx.Deadline(); ok {
		st.end = end.Add(s.c.WriteTimeout)
	}
	ctx, st.cancel = context.WithCancel(ctx)
	go st.run(ctx, run)
	select {
	case <-st.more:
	case <-st.done:
		if st.err != nil {
			st.cancel()
			return st.err
		}
	}
	st.tick, st.look = time.NewTicker(s.c.PingEvery), time.NewTicker(watchEvery)
	c.Locals(streamKey, struct{ streamed }{st}) // fasthttp would close st with the request, too
	c.Locals(bodyKey, nil)                      // it was read, and a stream may last
	eventHeaders(c)
	c.Context().SetBodyStream(st, -1)
	return nil
}

func eventHeaders(c *fiber.Ctx) {
	c.Set(fiber.HeaderContentType, eventsType)
	c.Set(fiber.HeaderCacheControl, "no-cache, no-transform") // a compressor would hold the events back
	c.Set("X-Accel-Buffering", "no")                          // nginx too
}

func (st *stream) run(ctx context.Context, run func(context.Context, *stream) error) {
	defer close(st.done)
	defer func() {
		if r := recover(); r != nil {
			st.fail(&problem{code: gateway.Internal, cause: fmt.Errorf("panic: %v\n%s", r, debug.Stack())})
		}
	}()
	if err := run(ctx, st); err != nil {
		st.fail(err)
	}
}

// fail ends the stream with a problem, if there is still a reader to tell.
func (st *stream) fail(err error) {
	if closed(st.left) {
		return
	}
	if errors.Is(err, context.Canceled) && st.s.draining.Load() {
		err = &problem{code: draining, cause: err}
	}
	st.mu.Lock()
	begun := st.sent > 0
	st.mu.Unlock()
	if !begun {
		st.err = err
		return
	}
	p, k := st.s.failure(err, st.id)
	st.status = k.status
	_ = st.send("error", problemJSON(p, k, st.id))
}

// send gives an event to the reader; data is one line. It waits while too much is
// waiting already. Its error is errLeft.
func (st *stream) send(event string, data []byte) error {
	return st.add(func() []byte {
		b := make([]byte, 0, len(data)+len(event)+40)
		b = append(b, "id: "...)
		b = strconv.AppendInt(b, int64(st.sent), 10)
		b = append(append(append(b, "\nevent: "...), event...), "\ndata: "...)
		return append(append(b, data...), "\n\n"...)
	})
}

// put is send for an event, or a comment, that is written already; b is kept.
func (st *stream) put(b []byte) error { return st.add(func() []byte { return b }) }

func (st *stream) add(event func() []byte) error {
	for {
		st.mu.Lock()
		if st.waiting < maxWaiting || closed(st.left) {
			break
		}
		st.mu.Unlock()
		select {
		case <-st.room:
		case <-st.left:
		}
	}
	defer st.mu.Unlock()
	if closed(st.left) {
		return errLeft
	}
	st.sent++
	st.push(event())
	ring(st.more)
	return nil
}

// push puts an event, or a comment, behind what waits; mu is held.
func (st *stream) push(b []byte) {
	st.queue, st.waiting = append(st.queue, b), st.waiting+len(b)
}

// Read gives what waits, with a comment when it is time for one. fasthttp writes it
// out at once. An error other than io.EOF makes it close the connection without a
// last chunk.
func (st *stream) Read(p []byte) (int, error) {
	for {
		done := closed(st.done) // before the look at what waits: it is the last then
		if n := st.take(p); n > 0 {
			st.writeBy()
			return n, nil
		}
		if done {
			return 0, io.EOF
		}
		select {
		case <-st.more:
		case <-st.done:
		case <-st.tick.C:
			st.mu.Lock()
			st.push([]byte(":\n\n"))
			st.mu.Unlock()
		case <-st.look.C:
			if st.raw != nil && gone(st.raw) {
				return 0, io.ErrUnexpectedEOF
			}
		}
	}
}

// take moves what waits into p, as far as it has room.
func (st *stream) take(p []byte) (n int) {
	st.mu.Lock()
	defer st.mu.Unlock()
	for n < len(p) && len(st.queue) > 0 {
		k := copy(p[n:], st.queue[0])
		n += k
		if st.queue[0] = st.queue[0][k:]; len(st.queue[0]) == 0 {
			st.queue[0] = nil
			st.queue = st.queue[1:]
		}
	}
	if n > 0 {
		st.waiting -= n
		ring(st.room)
	}
	return n
}

// writeBy sets the time by which the next write must be done. fasthttp sets it
// once, for the whole answer.
func (st *stream) writeBy() {
	by := time.Now().Add(st.s.c.WriteTimeout)
	if !st.end.IsZero() && st.end.Before(by) {
		by = st.end
	}
	_ = st.conn.SetWriteDeadline(by)
}

func (st *stream) onEnd(f func(status int)) { st.onEnds = append(st.onEnds, f) }

// Close runs when the answer is sent, or can not be.
func (st *stream) Close() error {
	st.tick.Stop()
	st.look.Stop()
	st.mu.Lock()
	whole := closed(st.done) && len(st.queue) == 0
	close(st.left)
	st.mu.Unlock()
	st.cancel()
	<-st.done
	if !whole {
		st.status = kinds[gateway.Canceled].status
	}
	for _, f := range st.onEnds {
		f(st.status)
	}
	return nil
}

func ring(bell chan struct{}) {
	select {
	case bell <- struct{}{}:
	default: // it rings already
	}
}

func closed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
