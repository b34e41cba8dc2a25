package llm

import (
	"context"
	"sync"
	"time"
)

// slots bound the calls in flight, by a width that is halved when the upstream is
// overloaded and grows by one each time as many calls as there are slots have
// come through.
type slots struct {
	mu       sync.Mutex
	most     int
	width    int
	held     int
	queue    []chan struct{} // closed when the slot is given
	through  int
	narrowed time.Time
}

func newSlots(n int) *slots { return &slots{most: n, width: n} }

// acquire waits for a slot until ctx ends.
func (s *slots) acquire(ctx context.Context) bool {
	if s.try() {
		return true
	}
	s.mu.Lock()
	mine := make(chan struct{})
	s.queue = append(s.queue, mine)
	s.serve()
	s.mu.Unlock()
	select {
	case <-mine:
		return true
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, q := range s.queue {
		if q == mine {
			s.queue = append(s.queue[:i], s.queue[i+1:]...)
			return false
		}
	}
	s.held-- // it was given in this moment
	s.serve()
	return false
}

// waiting is how many stand in line.
func (s *slots) waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queue)
}

// try takes a slot that is free.
func (s *slots) try() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held >= s.width || len(s.queue) > 0 {
		return false
	}
	s.held++
	return true
}

func (s *slots) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held--
	s.serve()
}

func (s *slots) serve() {
	for s.held < s.width && len(s.queue) > 0 {
		close(s.queue[0])
		s.queue = s.queue[1:]
		s.held++
	}
}

// narrow halves the width, not below least, once for all calls of one round.
func (s *slots) narrow(sent time.Time, least int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sent.Before(s.narrowed) {
		return
	}
	s.narrowed, s.through = time.Now(), 0
	s.width = min(s.width, max(s.width/2, least, 1))
}

// widen notes a call that came through.
func (s *slots) widen() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.width >= s.most {
		return
	}
	if s.through++; s.through >= s.width {
		s.width, s.through = s.width+1, 0
		s.serve()
	}
}
