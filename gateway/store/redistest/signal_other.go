//go:build !unix

package redistest

import "syscall"

// Where there are no such signals, sending them fails, and so does the test
// that needs them.
const pauseSignal, resumeSignal = syscall.Signal(19), syscall.Signal(18)
