package redistest_test

import (
	"net"
	"testing"
	"time"

	"dubhashi/gateway/store/redistest"
)

// answers says whether the server answers PING within 200 ms, and whether it
// takes connections at all.
func answers(t *testing.T, addr string) (accepts, answers bool) {
	t.Helper()
	conn, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return false, false
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(200 * time.Millisecond))
	conn.Write([]byte("PING\r\n"))
	var reply [7]byte
	n, _ := conn.Read(reply[:])
	return true, string(reply[:n]) == "+PONG\r\n"
}

func TestServer(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, "--maxmemory", "9mb")
	addr := s.Addr()
	if s.URL() != "redis://"+addr {
		t.Errorf("URL %s for address %s", s.URL(), addr)
	}
	if got := s.Do("CONFIG", "GET", "maxmemory"); got != "2" { // an array of two
		t.Errorf("CONFIG GET: %q", got)
	}
	steps := []struct {
		name             string
		do               func()
		accepts, answers bool
	}{
		{"start", func() {}, true, true},
		{"pause", s.Pause, true, false},
		{"resume", s.Resume, true, true},
		{"stop", s.Stop, false, false},
		{"restart", s.Restart, true, true},
		{"kill", s.Kill, false, false},
		{"kill again", s.Kill, false, false},
		{"restart after kill", s.Restart, true, true},
		{"restart of a paused one", func() { s.Pause(); s.Restart() }, true, true},
	}
	for _, step := range steps {
		step.do()
		if a, b := answers(t, addr); a != step.accepts || b != step.answers || s.Addr() != addr {
			t.Errorf("%s: accepts %t, answers %t at %s; want %t, %t at %s", step.name, a, b, s.Addr(), step.accepts, step.answers, addr)
		}
	}
}
