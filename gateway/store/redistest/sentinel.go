package redistest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// StartSentinel starts one Sentinel that watches master under the given name
// and needs no second one to agree.
func StartSentinel(t testing.TB, master *Server, name string) *Server {
	t.Helper()
	s := newServer(t, nil)
	config := filepath.Join(s.folder, "sentinel.conf") // Sentinel writes to it
	s.command = func() []string {
		text := fmt.Sprintf("port %d\nbind 127.0.0.1\ndir %s\nsentinel monitor %s 127.0.0.1 %d 1\nsentinel down-after-milliseconds %s 1000\n",
			s.port, s.folder, name, master.port, name)
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return []string{config, "--sentinel"}
	}
	s.startOnFreePort()
	return s
}
