package mcp

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// Serve speaks the protocol over a pair of streams, one message a line, until
// the client closes in or ctx ends. Calls that are at work when in ends are
// answered first. Only one Serve may run on a stream.
func (s *Server) Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	return s.sdk.Run(ctx, patient{&sdk.IOTransport{Reader: io.NopCloser(in), Writer: writeCloser{out}, MaxLineLength: s.c.MaxBody}})
}

type writeCloser struct{ io.Writer }

func (writeCloser) Close() error { return nil }

// patient tells the end of the input only when every call has its answer. The
// SDK drops what is at work at the end, and with it the answers to lines that
// were piped in.
type patient struct{ sdk.Transport }

func (p patient) Connect(ctx context.Context) (sdk.Connection, error) {
	c, err := p.Transport.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &patientConn{Connection: c, open: map[any]bool{}, change: make(chan struct{}, 1), closed: make(chan struct{})}, nil
}

type patientConn struct {
	sdk.Connection
	mu     sync.Mutex
	open   map[any]bool // ids of calls without an answer
	change chan struct{}
	once   sync.Once
	closed chan struct{}
}

func (c *patientConn) Read(ctx context.Context) (jsonrpc.Message, error) {
	m, err := c.Connection.Read(ctx)
	if r, ok := m.(*jsonrpc.Request); ok {
		c.note(r)
	}
	if !errors.Is(err, io.EOF) {
		return m, err
	}
	for c.working() {
		select {
		case <-c.change:
		case <-c.closed:
			return nil, err
		}
	}
	return nil, err
}

// note remembers a call, and forgets one that the client cancels: it may get no
// answer.
func (c *patientConn) note(r *jsonrpc.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r.IsCall() {
		c.open[r.ID.Raw()] = true
		return
	}
	var p struct {
		RequestID any `json:"requestId"`
	}
	if r.Method == cancelled && json.Unmarshal(r.Params, &p) == nil {
		if id, err := jsonrpc.MakeID(p.RequestID); err == nil {
			delete(c.open, id.Raw())
		}
	}
}

func (c *patientConn) working() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.open) > 0
}

func (c *patientConn) Write(ctx context.Context, m jsonrpc.Message) error {
	err := c.Connection.Write(ctx, m)
	if r, ok := m.(*jsonrpc.Response); ok {
		c.mu.Lock()
		delete(c.open, r.ID.Raw())
		c.mu.Unlock()
		select {
		case c.change <- struct{}{}:
		default:
		}
	}
	return err
}

func (c *patientConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Connection.Close()
}
