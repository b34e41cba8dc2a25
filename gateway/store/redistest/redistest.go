package redistest

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	startWait  = 15 * time.Second // a server answers PING within some 20 ms on a quiet machine
	answerWait = 10 * time.Second // a machine busy with other tests has been seen to take over a second
	portTries  = 5                // a free port may be taken by somebody else before the server binds it
)

// Server is one redis-server process that belongs to a test. Its methods fail
// the test when they cannot do what they say; they may be called from the
// test's goroutine only.
type Server struct {
	t       testing.TB
	program string
	folder  string
	port    int
	args    []string
	command func() []string // the whole command line; nil: an ordinary server with args

	cmd    *exec.Cmd // nil while it does not run
	exited chan struct{}
	guard  *exec.Cmd
	output syncBuffer
}

// Start starts a server and waits until it answers. args are added to its
// command line, as in Start(t, "--maxmemory", "4mb"). The server ends with the
// test, or with the test program if that is killed.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	s := newServer(t, args)
	s.startOnFreePort()
	return s
}

func newServer(t testing.TB, args []string) *Server {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv("REQUIRE_REDIS") == "1" {
			t.Fatal("REQUIRE_REDIS=1, but there is no redis-server in PATH")
		}
		t.Skip("no redis-server in PATH: the rows that need a real Redis are skipped")
	}
	s := &Server{t: t, program: program, folder: t.TempDir(), args: args}
	t.Cleanup(s.Kill)
	return s
}

func (s *Server) startOnFreePort() {
	s.t.Helper()
	var err error
	for range portTries {
		s.port = freePort(s.t)
		if err = s.start(); err == nil {
			return
		}
	}
	s.t.Fatalf("redis-server does not start: %v\n%s", err, s.output.String())
}

// Addr is the server's address, 127.0.0.1:PORT. It stays the same over Restart.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// URL is redis://ADDR.
func (s *Server) URL() string { return "redis://" + s.Addr() }

// Stop ends the server as an operator does: it closes its connections and
// exits. The port then refuses connections.
func (s *Server) Stop() { s.end(syscall.SIGTERM) }

// Kill ends the server as kill -9 does. It may be called when it does not run.
func (s *Server) Kill() { s.end(syscall.SIGKILL) }

// Pause freezes the process (SIGSTOP): the kernel still accepts connections
// for it, and nothing is answered.
func (s *Server) Pause() { s.signal(pauseSignal) }

// Resume ends a Pause.
func (s *Server) Resume() { s.signal(resumeSignal) }

// Restart starts the server again on the same port, empty; a running one is
// stopped first.
func (s *Server) Restart() {
	s.t.Helper()
	s.Stop()
	deadline := time.Now().Add(startWait)
	for {
		err := s.start()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("redis-server does not start again: %v\n%s", err, s.output.String())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// start runs the server on s.port and waits for its first answer.
func (s *Server) start() error {
	s.output.Reset()
	var args []string
	if s.command != nil {
		args = s.command()
	} else {
		args = append([]string{
			"--port", strconv.Itoa(s.port), "--bind", "127.0.0.1", "--dir", s.folder,
			"--save", "", "--appendonly", "no", "--daemonize", "no", "--loglevel", "warning",
		}, s.args...)
	}
	cmd := exec.Command(s.program, args...)
	cmd.Stdout, cmd.Stderr = &s.output, &s.output
	if err := cmd.Start(); err != nil {
		return err
	}
	exited := make(chan struct{})
	go func() { defer close(exited); cmd.Wait() }()
	s.cmd, s.exited = cmd, exited
	s.watch()

	for deadline := time.Now().Add(startWait); time.Now().Before(deadline); {
		// The reply must come from our process, not from whoever has the port.
		if reply, err := s.ask("INFO", "server"); err == nil && strings.Contains(reply, "process_id:"+strconv.Itoa(cmd.Process.Pid)+"\r") {
			return nil
		}
		select {
		case <-exited:
			s.end(syscall.SIGKILL)
			return fmt.Errorf("it exits at once")
		case <-time.After(5 * time.Millisecond):
		}
	}
	s.end(syscall.SIGKILL)
	return fmt.Errorf("no answer within %v", startWait)
}

// watch starts a small process that kills the server if this program ends
// without having done so (go test's timeout, a crash): its input then ends.
func (s *Server) watch() {
	guard := exec.Command("sh", "-c", `read _; kill -9 "$0"`, strconv.Itoa(s.cmd.Process.Pid))
	if _, err := guard.StdinPipe(); err != nil || guard.Start() != nil {
		return // best effort: the test's own clean-up remains
	}
	s.guard = guard
}

func (s *Server) end(sig syscall.Signal) {
	if s.cmd == nil {
		return
	}
	if s.guard != nil { // before the server, whose process id may be given to another
		s.guard.Process.Kill()
		s.guard.Wait()
		s.guard = nil
	}
	s.cmd.Process.Signal(resumeSignal) // a paused process would not see SIGTERM
	s.cmd.Process.Signal(sig)
	select {
	case <-s.exited:
	case <-time.After(startWait):
		s.cmd.Process.Kill()
		<-s.exited
	}
	s.cmd = nil
}

func (s *Server) signal(sig syscall.Signal) {
	s.t.Helper()
	if s.cmd == nil {
		s.t.Fatal("redistest: the server does not run")
	}
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}

// Do sends one command on a connection of its own and returns the reply's
// text: the contents of a bulk string, or the line of any other reply.
func (s *Server) Do(args ...string) string {
	s.t.Helper()
	reply, err := s.ask(args...)
	if err != nil {
		s.t.Fatalf("%s: %v", strings.Join(args, " "), err)
	}
	return reply
}

func (s *Server) ask(args ...string) (string, error) {
	conn, err := net.DialTimeout("tcp", s.Addr(), answerWait)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(answerWait))
	r := bufio.NewReader(conn)
	if i := slices.Index(s.args, "--requirepass"); i >= 0 && i+1 < len(s.args) {
		if _, err := roundTrip(conn, r, "AUTH", s.args[i+1]); err != nil {
			return "", err
		}
	}
	return roundTrip(conn, r, args...)
}

// roundTrip speaks RESP: https://redis.io/docs/latest/develop/reference/protocol-spec/
func roundTrip(w io.Writer, r *bufio.Reader, args ...string) (string, error) {
	var req bytes.Buffer
	fmt.Fprintf(&req, "*%d\r\n", len(args))
	for _, a := range args {
		fmt.Fprintf(&req, "$%d\r\n%s\r\n", len(a), a)
	}
	if _, err := w.Write(req.Bytes()); err != nil {
		return "", err
	}
	line, err := r.ReadString('\n')
	if err != nil {
		return "", err
	}
	line = strings.TrimRight(line, "\r\n")
	switch {
	case strings.HasPrefix(line, "-"):
		return "", fmt.Errorf("%s", line[1:])
	case strings.HasPrefix(line, "$") && line != "$-1":
		n, err := strconv.Atoi(line[1:])
		if err != nil {
			return "", err
		}
		body := make([]byte, n+len("\r\n"))
		if _, err := io.ReadFull(r, body); err != nil {
			return "", err
		}
		return string(body[:n]), nil
	}
	return line[1:], nil
}

// freePort asks the kernel for a port that is free now.
func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// syncBuffer is what a server printed; the server writes while a test may read.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func (b *syncBuffer) Reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.buf.Reset()
}
