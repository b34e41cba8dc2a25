package httpapi

import "syscall"

// gone peeks at the socket without taking anything from it: an end of file, or
// an error other than "nothing there yet", means that the peer has closed.
func gone(raw syscall.RawConn) (yes bool) {
	err := raw.Control(func(fd uintptr) {
		var b [1]byte
		n, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		yes = n == 0 && err == nil || err != nil && err != syscall.EAGAIN && err != syscall.EINTR
	})
	return yes || err != nil
}
