package mcp

import (
	"context"
	"encoding/json"
	"sync"
)

// running knows the calls over HTTP that a client may cancel by a notification,
// which comes in a request of its own.
type running struct {
	mu    sync.Mutex
	calls map[string]*context.CancelFunc
}

// add notes a call; done takes it out. Without a session there is nothing to find
// a call by.
func (r *running) add(session string, id json.RawMessage, cancel context.CancelFunc) (done func()) {
	if session == "" || len(id) == 0 {
		return func() {}
	}
	key, mine := session+"\x00"+string(id), &cancel
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.calls == nil {
		r.calls = map[string]*context.CancelFunc{}
	}
	r.calls[key] = mine
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.calls[key] == mine { // and not a later one with the same id
			delete(r.calls, key)
		}
	}
}

func (r *running) cancel(session string, id json.RawMessage) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if cancel := r.calls[session+"\x00"+string(id)]; cancel != nil {
		(*cancel)()
	}
}
