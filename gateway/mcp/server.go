package mcp

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"dubhashi/gateway"
)

// Config is what a Server is made of.
type Config struct {
	Gateway     *gateway.Gateway
	Newsletters Newsletters   // nil: there is no such tool
	Version     string        // of the product
	Timeout     time.Duration // of one tool call; then what is ready is given; 0: 5 minutes
	MaxBody     int           // bytes of one message over stdio; 0: 4 MiB
	Log         *slog.Logger  // nil: silent
}

// Caller is who calls a tool over HTTP, and pays for it.
type Caller = interface {
	// Admit gives an article's Admit (see gateway.Request). An error of it that is
	// a *gateway.Error is told to the caller.
	Admit(ctx context.Context, req *gateway.Request) func(chars int) error
	// Glossary gives a stored one of the caller's own. Source and target are those
	// asked for, "" or "auto" where that is open. Its errors are told like Admit's.
	Glossary(ctx context.Context, id, source, target string) (*gateway.Glossary, error)
	// Failed tells that the call has failed: its answer, which is none of HTTP's
	// errors, says so with this code.
	Failed(code gateway.Code)
}

// Server is the protocol's server. It is safe for concurrent use.
type Server struct {
	c       Config
	sdk     *sdk.Server
	http    http.Handler
	running running
}

const instructions = "Dubhashi translates and summarises Hindi and English articles. " +
	"Give an article whole, with its title, in one call of translate: its paragraphs are translated in context, checked, and cached, " +
	"so that asking again costs nothing. Text in any other language is refused."

// New makes a Server with its tools.
func New(c Config) *Server {
	c.Timeout = cmp.Or(c.Timeout, 5*time.Minute)
	c.MaxBody = cmp.Or(c.MaxBody, 4<<20)
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{c: c}
	s.sdk = sdk.NewServer(
		&sdk.Implementation{Name: "dubhashi", Title: "Dubhashi", Version: c.Version},
		&sdk.ServerOptions{Instructions: instructions, Capabilities: &sdk.ServerCapabilities{Tools: &sdk.ToolCapabilities{}}},
	)
	s.addTools()
	s.http = sdk.NewStreamableHTTPHandler(func(*http.Request) *sdk.Server { return s.sdk }, &sdk.StreamableHTTPOptions{
		Stateless:                    true,
		MaxRequestBodyBytes:          -1,   // who serves us has bounded it
		PropagateRequestCancellation: true, // of the versions that have no other way to cancel
		DisableLocalhostProtection:   true, // who serves us judges the Origin; a proxy's Host is not ours
	})
	return s
}

// sessionHeader names the client's session (MCP 2025-11-25, "Session
// Management"); cancelled is the notification of a call that it wants no more.
const (
	sessionHeader = "Mcp-Session-Id"
	cancelled     = "notifications/cancelled"
)

// httpCall is what a tool needs of the HTTP request that it was called by.
type httpCall struct {
	ctx    context.Context // ends when the request does; the SDK hides that from the tool's own
	caller Caller          // nil: nobody's
	begin  func()          // lets the answer's header go out
}

type httpCallKey struct{}

// message is what of a client's message is looked at here.
type message struct {
	Method string          `json:"method"`
	ID     json.RawMessage `json:"id"`
	Params struct {
		RequestID json.RawMessage `json:"requestId"`
	} `json:"params"`
}

// Handle answers a POST of the streamable HTTP transport. The body must be
// bounded, and w fit for streaming. The end of r's context ends the call, whose own
// context holds the same values.
func (s *Server) Handle(w http.ResponseWriter, r *http.Request, caller Caller) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		refuse(w, codeParse, "the body did not come whole")
		return
	}
	var msg message
	switch trimmed := bytes.TrimSpace(body); {
	case bytes.HasPrefix(trimmed, []byte("[")):
		refuse(w, codeInvalid, "a batch is not read; send one message in each request")
		return
	case json.Unmarshal(trimmed, &msg) != nil && !json.Valid(trimmed):
		refuse(w, codeParse, "the body is not valid JSON; send one JSON-RPC message")
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	session := r.Header.Get(sessionHeader)
	switch msg.Method {
	case "initialize":
		w.Header().Set(sessionHeader, rand.Text())
	case cancelled:
		s.running.cancel(session, msg.Params.RequestID)
	case "tools/call":
		defer s.running.add(session, msg.ID, cancel)()
	}
	call := &httpCall{ctx: ctx, caller: caller, begin: func() { _ = http.NewResponseController(w).Flush() }}
	r = r.WithContext(context.WithValue(ctx, httpCallKey{}, call))
	r.Body = io.NopCloser(bytes.NewReader(body))
	s.http.ServeHTTP(waited{w, ctx}, r)
}

// waited writes as long as its call is waited for: one that was cancelled gets no
// answer (MCP 2025-11-25, "Cancellation").
type waited struct {
	http.ResponseWriter
	ctx context.Context
}

func (w waited) Write(b []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController.
func (w waited) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Codes of JSON-RPC 2.0, 5.1.
const (
	codeParse   = -32700
	codeInvalid = -32600
)

// refuse answers a body in which there is no message.
func refuse(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(map[string]any{"jsonrpc": "2.0", "id": nil, "error": map[string]any{"code": code, "message": text}})
}
