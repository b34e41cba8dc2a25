package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// policyAge is how long the word of Redis about its policy is believed.
const policyAge = 30 * time.Second

// EvictsError says that Redis may drop what it is given when its memory is
// full, or does not let us see whether it does: it is a cache and no more.
type EvictsError struct{ reason string }

func (e *EvictsError) Error() string {
	return e.reason + "; what must not be lost needs maxmemory-policy noeviction or volatile-*"
}

// Evicts tells this error from that of a store which cannot be reached.
func (e *EvictsError) Evicts() bool { return true }

// policy knows whether Redis may be trusted with more than a cache.
type policy struct {
	client redis.UniversalClient

	mu      sync.Mutex
	asked   time.Time
	verdict error
}

// KeepsAll gives an [*EvictsError] unless the server of client, or each master
// of its cluster, keeps what has no time to live until it is deleted: with
// maxmemory 0, noeviction or a volatile policy. It asks with INFO, which works
// where CONFIG is switched off. Any other error means that Redis did not answer.
func KeepsAll(ctx context.Context, client redis.UniversalClient) error {
	if cluster, ok := client.(*redis.ClusterClient); ok {
		return cluster.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error { return keepsAll(ctx, node) })
	}
	return keepsAll(ctx, client)
}

func keepsAll(ctx context.Context, node redis.Cmdable) error {
	info, err := node.Info(ctx, "memory").Result()
	if err = explainCtx(ctx, err); errors.Is(err, ErrDenied) && redis.IsPermissionError(err) {
		return &EvictsError{"Redis does not tell its maxmemory-policy: its user may not run INFO"}
	}
	if err != nil {
		return err
	}
	fields := map[string]string{}
	for line := range strings.Lines(info) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		fields[name] = value
	}
	switch name := fields["maxmemory_policy"]; {
	case fields["maxmemory"] == "0", name == "noeviction", strings.HasPrefix(name, "volatile-"):
		return nil
	case name == "":
		return &EvictsError{"Redis does not tell its maxmemory-policy"}
	default:
		return &EvictsError{fmt.Sprintf("Redis has maxmemory-policy %s", name)}
	}
}

// check is KeepsAll, remembered for a while. That Redis does not answer is not
// remembered.
func (p *policy) check(ctx context.Context) error {
	p.mu.Lock()
	fresh, verdict := !p.asked.IsZero() && time.Since(p.asked) < policyAge, p.verdict
	p.mu.Unlock()
	if fresh {
		return verdict
	}
	asked := time.Now()
	err := KeepsAll(ctx, p.client)
	var evicts *EvictsError
	if err == nil || errors.As(err, &evicts) {
		p.mu.Lock()
		p.asked, p.verdict = asked, err
		p.mu.Unlock()
	}
	return err
}
