package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"unsafe"
)

// terminal opens a pseudo-terminal; what is written to it can be read from the
// other end.
func terminal(t *testing.T) (screen, tty *os.File) {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo-terminal: %v", err)
	}
	t.Cleanup(func() { _ = screen.Close() })
	ioctl := func(request, arg uintptr) {
		if _, _, e := syscall.Syscall(syscall.SYS_IOCTL, screen.Fd(), request, arg); e != 0 {
			t.Skipf("no pseudo-terminal: %v", e)
		}
	}
	var unlock, number uint32
	ioctl(syscall.TIOCSPTLCK, uintptr(unsafe.Pointer(&unlock)))
	ioctl(syscall.TIOCGPTN, uintptr(unsafe.Pointer(&number)))
	tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo-terminal: %v", err)
	}
	t.Cleanup(func() { _ = tty.Close() })
	return screen, tty
}

func TestEvalShowsItsProgressOnATerminal(t *testing.T) {
	t.Parallel()
	b := evalBench(t, evalPairs)
	screen, tty := terminal(t)
	shown := make(chan string)
	go func() {
		var all strings.Builder
		buf := make([]byte, 4096)
		for {
			n, err := screen.Read(buf)
			all.Write(buf[:n])
			if err != nil {
				shown <- all.String()
				return
			}
		}
	}()
	var out output
	code := run(context.Background(), []string{"eval", b.pairs}, b.getenv, nil, strings.NewReader(""), &out, tty)
	_ = tty.Close() // ends the reading
	if got := <-shown; code != exitDone || !strings.Contains(got, "translating hi-en") || strings.Contains(out.String(), "translating") {
		t.Errorf("exit %d, on the terminal %q", code, got)
	}
}
