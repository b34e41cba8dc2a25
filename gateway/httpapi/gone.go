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
	sc, ok := conn.(syscall.Conn)
	if !ok {
		return func() {}
	}
	raw, err := sc.SyscallConn()
	if err != nil {
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
