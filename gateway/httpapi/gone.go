package httpapi

import (
	"context"
	"net"
	"sync"
	"syscall"
	"time"
)

// watchEvery is how often a waiting request's connection is looked at.
const watchEvery = 250 * time.Millisecond

// watch cancels when the peer of the connection has gone; fasthttp itself
// never tells. A connection that cannot be looked at (TLS, tests without
// sockets) is not watched. stop ends the watch.
func watch(conn net.Conn, cancel context.CancelFunc) (stop func()) {
	raw := rawConn(conn)
	if raw == nil {
		return func() {}
	}
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(watchEvery)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				if gone(raw) {
					cancel()
					return
				}
			}
		}
	})
	return func() { close(done); wg.Wait() }
}

// rawConn is the socket of a connection; nil when it cannot be had.
func rawConn(conn net.Conn) syscall.RawConn {
	sc, ok := conn.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return nil
	}
	return raw
}
