package llm

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// maxBody bounds an answer, after decompression. The longest answer of use here,
// six segments of 1,500 characters escaped as \uXXXX, is under 100 KiB.
const maxBody = 8 << 20

// newTransport is one upstream's own connection pool. The default transport
// keeps two idle connections a host, so that most parallel calls would dial.
func newTransport(c Config) *http.Transport {
	dialer := &net.Dialer{Timeout: c.ConnectTimeout, KeepAlive: 30 * time.Second}
	idle := max(512, c.Concurrency)
	return &http.Transport{
		Proxy:                 proxy,
		DialContext:           dialer.DialContext,
		TLSHandshakeTimeout:   c.ConnectTimeout,
		MaxIdleConns:          idle,
		MaxIdleConnsPerHost:   idle,
		IdleConnTimeout:       90 * time.Second,
		ExpectContinueTimeout: time.Second,
		ForceAttemptHTTP2:     true,

		MaxResponseHeaderBytes: 1 << 20,
		// A dead HTTP/2 connection would otherwise take every call with it until
		// the kernel gives up.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 10 * time.Second},
	}
}

// proxy follows the proxy settings of the environment but for addresses on this
// machine, whatever form they are written in.
func proxy(r *http.Request) (*url.URL, error) {
	host := strings.ToLower(strings.TrimSuffix(r.URL.Hostname(), "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return nil, nil
	}
	if ip := net.ParseIP(host); ip != nil && (ip.IsLoopback() || ip.IsUnspecified()) {
		return nil, nil
	}
	return http.ProxyFromEnvironment(r)
}

// exchange is what one HTTP call brought, kept beside the client library, which
// drops headers of failures and the body of answers it cannot decode.
type exchange struct {
	sent   bool        // handed to the transport
	hooked atomic.Bool // the transport tells of its connections
	onWire atomic.Bool // and got one
	status int
	header http.Header
	body   []byte // of a stream only its beginning, or the error in it
	err    error  // sanitised: no URL, header or body in its text

	answer   *assembly // of a chat completion; else nil
	streamed bool      // the answer came as a stream
}

type exchangeKey struct{}

// doer makes the library's HTTP calls. It reads the whole body inside the
// limits of the configuration, so that nothing above it can block on a server.
type doer struct {
	transport                           http.RoundTripper
	connectTimeout, headerTimeout, idle time.Duration
}

// Do implements the client library's HTTPDoer.
func (d *doer) Do(req *http.Request) (*http.Response, error) {
	ex, _ := req.Context().Value(exchangeKey{}).(*exchange)
	if ex == nil {
		ex = new(exchange)
	}
	ctx, cancel := context.WithCancelCause(req.Context())
	defer cancel(nil)
	w := &watchdog{cancel: cancel}
	defer w.stop()

	trace := &httptrace.ClientTrace{
		// The pool, a name lookup, the dial and the handshake.
		GetConn: func(string) {
			ex.hooked.Store(true)
			w.watch(phaseConnect, d.connectTimeout, errConnect)
		},
		GotConn: func(httptrace.GotConnInfo) {
			ex.onWire.Store(true)
			w.watch(phaseHeader, d.headerTimeout, errHeader)
		},
		// A long prompt on a slow line is not the server's silence.
		WroteRequest: func(httptrace.WroteRequestInfo) { w.watch(phaseHeader, d.headerTimeout, errHeader) },
	}
	// A transport without these hooks gets the header limit for all of it.
	w.watch(phaseHeader, d.headerTimeout, errHeader)
	req = req.WithContext(httptrace.WithClientTrace(ctx, trace))
	req.Header.Set("User-Agent", "dubhashi")

	ex.sent = true
	res, err := d.transport.RoundTrip(req)
	if err != nil {
		ex.err = sanitise(ctx, err)
		return nil, ex.err
	}
	w.watch(phaseBody, d.idle, errIdle)
	// Not every body ends its reads when the context does; all end at Close.
	body := res.Body
	stop := context.AfterFunc(ctx, func() { body.Close() })
	defer stop()
	defer body.Close()

	ex.status, ex.header = res.StatusCode, res.Header
	if ex.answer != nil && isSuccess(ex.status) {
		err = d.receive(res, ex, w)
		// It has been read here; the library is given what it takes for an answer.
		res.Body = io.NopCloser(strings.NewReader("{}"))
	} else {
		ex.body, err = readBody(res, func() { w.watch(phaseBody, d.idle, errIdle) })
		res.Body = io.NopCloser(bytes.NewReader(ex.body))
	}
	if err != nil {
		ex.err = sanitise(ctx, err)
		return nil, ex.err
	}
	return res, nil
}

// readBody reads the whole body and calls heard after every piece of it. On an
// error it returns what came before it.
func readBody(res *http.Response, heard func()) ([]byte, error) {
	size := int64(4 << 10)
	if n := res.ContentLength; n > 0 && n < 1<<20 {
		size = n + bytes.MinRead
	}
	buf := bytes.NewBuffer(make([]byte, 0, size))
	n, err := buf.ReadFrom(&hearingReader{r: io.LimitReader(res.Body, maxBody+1), heard: heard})
	if err == nil && n > maxBody {
		err = errTooLong
	}
	return buf.Bytes(), err
}

type hearingReader struct {
	r     io.Reader
	heard func()
}

func (h *hearingReader) Read(p []byte) (int, error) {
	n, err := h.r.Read(p)
	if n > 0 {
		h.heard()
	}
	return n, err
}

// The phases of a call, in order; a hook that comes late does not go back.
const (
	phaseConnect = iota
	phaseHeader
	phaseBody
	phaseDone
)

// watchdog cancels a call that stays too long in one phase. One timer serves all
// phases of a call.
type watchdog struct {
	cancel context.CancelCauseFunc

	mu    sync.Mutex
	timer *time.Timer
	phase int
	cause error
	until time.Time
}

// watch enters a phase, or starts its time anew.
func (w *watchdog) watch(phase int, limit time.Duration, cause error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	// From the header's wait a call may go back to connecting once more: that is
	// where it starts, and where the transport goes when a kept connection turns
	// out to be closed. Nothing goes back from the body.
	if w.phase >= phaseBody && phase < w.phase {
		return
	}
	w.phase, w.cause, w.until = phase, cause, time.Now().Add(limit)
	if w.timer == nil {
		w.timer = time.AfterFunc(limit, w.fire)
		return
	}
	w.timer.Reset(limit)
}

func (w *watchdog) fire() {
	w.mu.Lock()
	defer w.mu.Unlock()
	// The timer may have gone off in the moment it was set anew.
	if w.phase != phaseDone && !time.Now().Before(w.until) {
		w.cancel(w.cause)
	}
}

func (w *watchdog) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.phase = phaseDone
	if w.timer != nil {
		w.timer.Stop()
	}
}

// mute says that an answer was begun of which not one character came: comments
// alone, or the white space that keeps a connection alive.
func (ex *exchange) mute() bool {
	return isSuccess(ex.status) && ex.answer != nil && ex.answer.everything.Load() == 0 &&
		(ex.streamed || len(bytes.TrimSpace(ex.body)) == 0)
}

// mayHaveCost tells whether the model can have been at work when the call ended
// without an answer: a status but 2xx comes before that.
func (ex *exchange) mayHaveCost() bool {
	if ex.status != 0 {
		return isSuccess(ex.status)
	}
	return ex.sent && (ex.onWire.Load() || !ex.hooked.Load())
}

func isSuccess(status int) bool { return status >= 200 && status < 300 }

// sanitise keeps of a transport's error what may be logged, and puts the cause
// of a cancelled context in the place of "context canceled".
func sanitise(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var ue *url.Error
	if errors.As(err, &ue) {
		return ue.Err
	}
	return err
}
