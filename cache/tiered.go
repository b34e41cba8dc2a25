package cache

import (
	"context"
	"errors"
)

// Tiered is a [Store] of two levels: memory in front of a store that is
// slower, larger and shared. What the second has is kept in the first for the
// first's greatest age, so what another process overwrites is seen here within
// that age, and an entry may be read for that much longer than its TTL.
type Tiered struct {
	first  *Memory
	second Store
}

// NewTiered returns first in front of second. A nil first means second alone.
func NewTiered(first *Memory, second Store) *Tiered {
	if first == nil {
		first = NewMemory(0, 0)
	}
	return &Tiered{first, second}
}

// GetMany implements [Store]: what the first level has not is asked of the
// second at once, each key one time.
func (t *Tiered) GetMany(ctx context.Context, keys []Key) ([][]byte, error) {
	values, err := t.first.GetMany(ctx, keys)
	if err != nil {
		return values, err
	}
	var missing []Key
	var at map[Key]int // place in missing
	for i, v := range values {
		if v != nil {
			continue
		}
		if at == nil {
			at = make(map[Key]int, len(keys)-i)
			missing = make([]Key, 0, len(keys)-i)
		}
		if _, seen := at[keys[i]]; !seen {
			at[keys[i]] = len(missing)
			missing = append(missing, keys[i])
		}
	}
	if len(missing) == 0 {
		return values, nil
	}
	found, err := t.second.GetMany(ctx, missing)
	for i, v := range found {
		if v != nil {
			t.first.fill(missing[i], v)
		}
	}
	for i, v := range values {
		if v == nil {
			values[i] = found[at[keys[i]]]
		}
	}
	return values, err
}

// SetMany implements [Store]. The entries are in the first level when it
// returns, whatever becomes of the second, whose error it returns.
func (t *Tiered) SetMany(ctx context.Context, entries []Entry) error {
	if err := t.first.SetMany(ctx, entries); err != nil {
		return err
	}
	return t.second.SetMany(ctx, entries)
}

// Down says whether the second level is known to be down.
func (t *Tiered) Down() bool {
	d, ok := t.second.(interface{ Down() bool })
	return ok && d.Down()
}

// Close implements [Store] and closes both levels.
func (t *Tiered) Close() error {
	return errors.Join(t.first.Close(), t.second.Close())
}
