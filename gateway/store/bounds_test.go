package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dubhashi/gateway/store"
	"dubhashi/gateway/store/redistest"
)

// within is the same records with bounds.
func within(k records, b store.Bounds) records {
	switch k := k.(type) {
	case *store.KV:
		return k.Within(b)
	case *store.RedisKV:
		return k.Within(b)
	}
	panic("no such keeper")
}

// fits puts a record of so many bytes and tells whether there was room.
func fits(t testing.TB, k records, space, id string, bytes int) bool {
	t.Helper()
	done, err := k.Put(context.Background(), space, id, []byte(strings.Repeat("x", bytes)), time.Hour, -1)
	var full interface{ NoRoom() bool }
	if errors.As(err, &full) && full.NoRoom() {
		if done {
			t.Error("refused, and done")
		}
		return false
	}
	if err != nil || !done {
		t.Fatal(done, err)
	}
	return true
}

func kvBounds(t *testing.T, k records, c *clock) {
	b := within(k, store.Bounds{"bytes": {Bytes: 4000, Records: 1000}, "records": {Bytes: 1 << 20, Records: 16}})
	steps := []struct {
		name, space, id string
		bytes           int
		k               records
		fits            bool
	}{
		{"a quarter is one holder's", "bytes/ann", "1", 900, b, true},
		{"in all spaces of hers together", "bytes/ann/more", "1", 101, b, false},
		{"to the byte", "bytes/ann/more", "1", 100, b, true},
		{"not one more", "bytes/ann", "2", 1, b, false},
		{"but nothing", "bytes/ann", "2", 0, b, true},
		{"what is there may grow", "bytes/ann", "1", 1000, b, true},
		{"by an eighth of the bound", "bytes/ann", "1", 1026, b, false},
		{"it may shrink though it is past it", "bytes/ann", "1", 1001, b, true},
		{"a name that begins alike is another's", "bytes/anna", "1", 1000, b, true},
		{"without bounds there is none", "bytes/bob", "1", 1700, k, true},
		{"what was put without counts", "bytes/bob", "2", 1, b, false},
		{"the family is bounded as a whole", "bytes/cy", "1", 300, b, false},
		{"to the byte as well", "bytes/cy", "1", 199, b, true},
		{"spaces of other families are not", "other/cy", "1", 5000, b, true},
		{"nor spaces without a slash", "bytes", "1", 5000, b, true},
		{"the number 1", "records/ann", "1", 1, b, true},
		{"the number 2", "records/ann", "2", 1, b, true},
		{"the number 3", "records/ann/x", "2", 1, b, true},
		{"the number 4", "records/ann", "4", 1, b, true},
		{"the number 5", "records/ann", "5", 1, b, false},
		{"one that is there again", "records/ann", "4", 2, b, true},
	}
	for _, s := range steps {
		if got := fits(t, s.k, s.space, s.id, s.bytes); got != s.fits {
			t.Fatalf("%s: %s/%s with %d bytes: %v", s.name, s.space, s.id, s.bytes, got)
		}
	}
	if value, _ := mustGet(t, k, "bytes/ann", "1"); len(value) != 1001 {
		t.Errorf("a refused record has %d bytes", len(value))
	}
	for _, id := range []string{"1", "1", "2"} { // what is not there frees nothing
		if _, err := b.Delete(context.Background(), "bytes/ann", id); err != nil {
			t.Fatal(err)
		}
	}
	if fits(t, b, "bytes/ann", "1", 901) || !fits(t, b, "bytes/ann", "1", 900) {
		t.Error("what was deleted counts, or more than that is free")
	}
	c.pass(2 * time.Hour) // all has expired, and is overwritten
	if fits(t, b, "bytes/ann", "1", 1001) || !fits(t, b, "bytes/ann", "1", 900) {
		t.Error("an expired record that is made anew is counted twice or not at all")
	}
}

// However many write, change and delete at once, what counts is what is there.
func kvBoundsRaced(t *testing.T, k records, _ *clock) {
	const room = 30_000
	b := within(k, store.Bounds{"raced": {Bytes: 4 * room, Records: 4 * room}})
	var wg sync.WaitGroup
	var refused atomic.Int32
	for w := range 4 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(w)))
			for range 60 {
				id := fmt.Sprint(r.IntN(40))
				if r.IntN(4) == 0 {
					if _, err := b.Delete(context.Background(), "raced/ann", id); err != nil {
						t.Error(err)
					}
				} else if !fits(t, b, "raced/ann", id, r.IntN(3000)) {
					refused.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if refused.Load() == 0 {
		t.Error("nothing was refused: the test is too small")
	}
	_, values, _, err := k.List(context.Background(), "raced/ann", "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	there := 0
	for _, v := range values {
		there += len(v)
	}
	if there > room+room/8 {
		t.Errorf("%d bytes of %d", there, room)
	}
	if left := max(room-there, 0); fits(t, b, "raced/ann", "last", left+1) || left > 0 && !fits(t, b, "raced/ann", "last", left) {
		t.Errorf("%d bytes are there, and not counted as such", there)
	}
}

// Expired records count until they are swept.
func TestBoundsAfterASweep(t *testing.T) {
	t.Parallel()
	db, _, err := store.OpenSQLite(filepath.Join(t.TempDir(), store.File))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	c := &clock{}
	onDisk := store.NewKVAt(db, c.now, 10*time.Millisecond)
	t.Cleanup(func() { _ = onDisk.Close() })
	inRedis := store.NewRedisKVAt(client(t, redistest.Start(t).URL()), c.now, 10*time.Millisecond)
	t.Cleanup(func() { _ = inRedis.Close() })
	for _, k := range []records{onDisk, inRedis} {
		b := within(k, store.Bounds{"swept": {Bytes: 4000, Records: 8}})
		if !fits(t, b, "swept/ann", "1", 400) || !fits(t, b, "swept/ann", "2", 600) || fits(t, b, "swept/ann", "3", 1) {
			t.Fatal("it is not full")
		}
	}
	c.pass(2 * time.Hour)
	for _, k := range []records{onDisk, inRedis} {
		b := within(k, store.Bounds{"swept": {Bytes: 4000, Records: 8}})
		for i := 0; !fits(t, b, "swept/ann", "3", 1000); i++ {
			if i == 1000 {
				t.Fatalf("%T: what was swept still counts", k)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}
