package httpapi

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"dubhashi/gateway"
)

// MCPCaller is who calls a tool, and pays for it.
type MCPCaller = interface {
	// Admit gives an article's Admit, whose errors are *gateway.Error.
	Admit(ctx context.Context, req *gateway.Request) func(chars int) error
	// Glossary gives a stored one of the caller's own, with errors as Admit's.
	Glossary(ctx context.Context, id, source, target string) (*gateway.Glossary, error)
	// Failed tells that the call has failed: its answer says so.
	Failed(code gateway.Code)
}

// MCP answers a POST of the Model Context Protocol's streamable HTTP.
type MCP func(w http.ResponseWriter, r *http.Request, caller MCPCaller)

// mcpGrace is what a call has beyond the time in which its tool must be done, to
// send what is ready.
const mcpGrace = 10 * time.Second

func (s *Server) mcpRoutes(a *fiber.App) {
	if s.c.MCP != nil {
		a.Post("/mcp", s.knownOrigin, s.keyed, s.admit(s.mcp))
	}
}

// knownOrigin lets a web page in only when it is one of CORSOrigins or stands on
// this machine: a page whose name was turned to our address would pass for ours
// (MCP 2025-11-25, transports, "Security Warning").
func (s *Server) knownOrigin(c *fiber.Ctx) error {
	origin := c.Get(fiber.HeaderOrigin)
	if origin == "" || s.allowsOrigin(origin) {
		return c.Next()
	}
	return s.refuse(c, &problem{code: forbidden, detail: "pages of this Origin may not use the tools; the operator can allow it with DUBHASHI_CORS_ORIGINS"})
}

func (s *Server) allowsOrigin(origin string) bool {
	if s.cors.all || slices.Contains(s.cors.named, origin) {
		return true
	}
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	switch u.Hostname() {
	case "localhost", "127.0.0.1", "::1":
		return true
	}
	return false
}

// mcp: POST /mcp.
func (s *Server) mcp(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(s.root, s.c.RequestTimeout+mcpGrace)
	defer atEnd(c, func(int) { cancel() })
	if accept := c.Get(fiber.HeaderAccept); accept != "" && (quality(accept, jsonType) == 0 || quality(accept, eventsType) == 0) {
		return &problem{code: notAcceptable, detail: "accept both application/json and text/event-stream"}
	}
	if _, err := media(c, jsonType); err != nil {
		return err
	}
	caller := &mcpCaller{s: s, tab: tabOf(c), id: requestID(c), owner: callerOf(c).owner()}
	ctx = caller.tab.billed(ctx)
	r, err := netRequest(ctx, c)
	if err != nil {
		return err
	}
	w := &mcpWriter{header: http.Header{}}
	err = s.events(ctx, c, func(read context.Context, out *stream) error {
		w.out, caller.out = out, out
		if s.c.CancelOnDisconnect {
			r = r.WithContext(read)
		}
		s.c.MCP(w, r, caller)
		return w.plain()
	})
	var p *plainAnswer
	switch {
	case errors.As(err, &p) && p.status >= 400 && !strings.HasPrefix(p.header.Get(fiber.HeaderContentType), jsonType):
		return &problem{code: malformed, detail: "the body is no message that a client of the Model Context Protocol sends, or Mcp-Protocol-Version names a version that is not spoken here"}
	case errors.As(err, &p):
		c.Status(p.status).Set(fiber.HeaderContentType, p.header.Get(fiber.HeaderContentType))
		if err = c.Send(p.body); len(p.body) == 0 {
			c.Response().Header.SetNoDefaultContentType(true)
		}
	case err != nil:
		return err
	}
	if id := w.header.Get("Mcp-Session-Id"); id != "" {
		c.Set("Mcp-Session-Id", id)
	}
	return err
}

// mcpCaller is the caller of a request to /mcp, for who knows no problems.
type mcpCaller struct {
	s     *Server
	tab   *tab
	id    string  // of the request
	owner string  // of glossaries
	out   *stream // of its answer
}

func (m *mcpCaller) Admit(ctx context.Context, req *gateway.Request) func(chars int) error {
	admit := m.tab.admit(ctx, req)
	return func(chars int) error { return m.plain(admit(chars)) }
}

func (m *mcpCaller) Glossary(ctx context.Context, id, source, target string) (*gateway.Glossary, error) {
	g, err := m.s.storedGlossary(ctx, m.owner, id, source, target)
	return g, m.plain(err)
}

// plain is an error in the core's words.
func (m *mcpCaller) plain(err error) error {
	if err == nil {
		return nil
	}
	p, k := m.s.failure(err, m.id)
	return &gateway.Error{Code: p.code, Message: cmp.Or(p.detail, k.mend), Fields: p.fields}
}

func (m *mcpCaller) Failed(code gateway.Code) {
	if k, ok := kinds[code]; ok {
		m.out.status = k.status
	}
}

// netRequest is the request as net/http has it, with nothing of c in it.
func netRequest(ctx context.Context, c *fiber.Ctx) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://gateway/mcp", bytes.NewReader(body(c)))
	if err != nil {
		return nil, &problem{code: malformed, cause: err}
	}
	c.Request().Header.VisitAll(func(name, value []byte) {
		r.Header.Add(string(name), string(value))
	})
	r.Header.Set(fiber.HeaderAccept, jsonType+", "+eventsType)
	r.Host = string(c.Request().Host())
	return r, nil
}

// plainAnswer is an answer that is no stream.
type plainAnswer struct {
	status int
	header http.Header
	body   []byte
}

func (*plainAnswer) Error() string { return "a plain answer" }

// mcpWriter gives the SDK's events to a stream as they are, and keeps any other
// answer whole. It may be written from several goroutines at once.
type mcpWriter struct {
	out    *stream
	header http.Header

	mu     sync.Mutex
	status int
	body   bytes.Buffer
	begun  bool // the stream has
}

func (w *mcpWriter) Header() http.Header { return w.header }

func (w *mcpWriter) WriteHeader(status int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.status == 0 {
		w.status = status
	}
}

// streams reports whether the answer is one of events; mu is held.
func (w *mcpWriter) streams() bool {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.status == http.StatusOK && w.header.Get(fiber.HeaderContentType) == eventsType
}

// Write takes an event, whole, or a part of another answer.
func (w *mcpWriter) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.begun && !w.streams() {
		return w.body.Write(b)
	}
	w.begun = true
	return len(b), w.out.put(bytes.Clone(b))
}

// Flush lets the stream begin before there is an event.
func (w *mcpWriter) Flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.begun && w.streams() {
		w.begun = true
		_ = w.out.put([]byte(":\n\n"))
	}
}

// plain is the answer, unless it was a stream.
func (w *mcpWriter) plain() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.begun {
		return nil
	}
	w.streams()
	return &plainAnswer{w.status, w.header, w.body.Bytes()}
}
