package glossary_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dubhashi/gateway/glossary"
	"dubhashi/gateway/store"
	"dubhashi/gateway/store/redistest"
)

// backends open one more keeper of the same records.
var backends = map[string]func(t *testing.T) func() glossary.KV{
	"disk": func(t *testing.T) func() glossary.KV {
		path := filepath.Join(t.TempDir(), store.File)
		return func() glossary.KV {
			db, _, err := store.OpenSQLite(path)
			if err != nil {
				t.Fatal(err)
			}
			k := store.NewKV(db)
			t.Cleanup(func() { _ = k.Close(); _ = db.Close() })
			return k
		}
	},
	"redis": func(t *testing.T) func() glossary.KV {
		url := redistest.Start(t).URL()
		return func() glossary.KV {
			client, err := store.OpenRedis(url)
			if err != nil {
				t.Fatal(err)
			}
			k := store.NewRedisKV(client)
			t.Cleanup(func() { _ = k.Close(); _ = client.Close() })
			return k
		}
	},
}

func TestShelf(t *testing.T) {
	t.Parallel()
	for name, backend := range backends {
		for row, test := range map[string]func(t *testing.T, open func() glossary.KV){
			"life": life, "owners": owners, "pages": pages, "edits": edits, "too much": tooMuch,
		} {
			t.Run(name+" "+row, func(t *testing.T) {
				t.Parallel()
				test(t, backend(t))
			})
		}
	}
}

func hindi(e glossary.Entries) glossary.Dictionary {
	return glossary.Dictionary{Source: "hi", Target: "en", Entries: e}
}

// A glossary from its making to its end; each step is seen by another process.
func life(t *testing.T, open func() glossary.KV) {
	ctx := t.Context()
	here, there := glossary.NewShelf(open()), glossary.NewShelf(open())
	made, err := here.Create(ctx, "a", "शहर", hindi(list("निगम", "corporation", "मंडी", "market")))
	if err != nil {
		t.Fatal(err)
	}
	if id, ok := glossary.ID(made.ID); !ok || id != made.ID || time.Since(made.Created) > time.Minute {
		t.Errorf("made %+v", made)
	}
	got, err := there.Get(ctx, "a", made.ID)
	if err != nil || got.Name != "शहर" || !got.Created.Equal(made.Created) || len(got.Dictionaries) != 1 || got.Dictionaries[0].Count != 2 {
		t.Errorf("%+v, %v", got, err)
	}
	want := func(source, target string, e glossary.Entries) {
		t.Helper()
		if got, err := there.Entries(ctx, "a", made.ID, source, target); err != nil || !slices.Equal(got, e) {
			t.Errorf("%s→%s: %q, %v; want %q", source, target, got, err, e)
		}
	}
	want("hi", "en", list("निगम", "corporation", "मंडी", "market"))

	// Changed there, seen here.
	if _, err := there.Edit(ctx, "a", made.ID, func(d *glossary.Draft) error {
		d.Name = "नगर"
		d.Set("en", "hi", list("market", "बाज़ार"))
		return d.Merge(ctx, "hi", "en", list("मंडी", "mandi", "चौक", "square"))
	}); err != nil {
		t.Fatal(err)
	}
	want("hi", "en", list("निगम", "corporation", "मंडी", "mandi", "चौक", "square"))
	want("en", "hi", list("market", "बाज़ार"))
	if got, err = here.Get(ctx, "a", made.ID); err != nil || got.Name != "नगर" || len(got.Dictionaries) != 2 || !got.Created.Equal(made.Created) {
		t.Errorf("%+v, %v", got, err)
	}

	// An edit that ends in an error changes nothing.
	wrong := errors.New("no")
	if _, err := here.Edit(ctx, "a", made.ID, func(d *glossary.Draft) error { d.Remove("hi", "en"); return wrong }); !errors.Is(err, wrong) {
		t.Errorf("error %v", err)
	}
	want("hi", "en", list("निगम", "corporation", "मंडी", "mandi", "चौक", "square"))

	if _, err := here.Edit(ctx, "a", made.ID, func(d *glossary.Draft) error {
		if !d.Remove("hi", "en") || d.Remove("hi", "en") {
			t.Error("a dictionary can be removed once")
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := there.Entries(ctx, "a", made.ID, "hi", "en"); !errors.Is(err, glossary.ErrNoDictionary) {
		t.Errorf("error %v", err)
	}
	want("en", "hi", list("market", "बाज़ार"))

	if err := there.Delete(ctx, "a", made.ID); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"get": second(here.Get(ctx, "a", made.ID)), "compiled": second(here.Compiled(ctx, "a", made.ID)), "delete": here.Delete(ctx, "a", made.ID),
		"edit": second(here.Edit(ctx, "a", made.ID, func(*glossary.Draft) error { return nil })),
	} {
		if !errors.Is(err, glossary.ErrNotFound) {
			t.Errorf("%s of what is deleted: %v", name, err)
		}
	}
	// Nothing is left behind.
	if ids, _, _, err := open().List(ctx, "glossary:"+made.ID, "", 10); err != nil || len(ids) > 0 {
		t.Errorf("left behind: %q, %v", ids, err)
	}
}

func second[T any](_ T, err error) error { return err }

func owners(t *testing.T, open func() glossary.KV) {
	ctx := t.Context()
	s := glossary.NewShelf(open())
	g, err := s.Create(ctx, "a", "x", hindi(list("क", "a")))
	if err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"get": second(s.Get(ctx, "b", g.ID)), "compiled": second(s.Compiled(ctx, "b", g.ID)), "delete": s.Delete(ctx, "b", g.ID),
		"edit": second(s.Edit(ctx, "b", g.ID, func(*glossary.Draft) error { return nil })),
	} {
		if !errors.Is(err, glossary.ErrNotFound) {
			t.Errorf("%s of another's: %v", name, err)
		}
	}
	if list, _, err := s.List(ctx, "b", "", 10); err != nil || len(list) != 0 {
		t.Errorf("another's list: %v, %v", list, err)
	}
	if _, err := s.Get(ctx, "a", g.ID); err != nil {
		t.Error(err)
	}
}

func pages(t *testing.T, open func() glossary.KV) {
	ctx := t.Context()
	s := glossary.NewShelf(open())
	for i := range 7 {
		if _, err := s.Create(ctx, "a", fmt.Sprint("name ", i), hindi(list("क", "a"))); err != nil {
			t.Fatal(err)
		}
	}
	var names []string
	for cursor, n := "", 0; n < 10; n++ {
		list, next, err := s.List(ctx, "a", cursor, 3)
		if err != nil || len(list) > 3 {
			t.Fatalf("%d glossaries, %v", len(list), err)
		}
		for _, g := range list {
			names = append(names, g.Name)
		}
		if cursor = next; next == "" {
			break
		}
	}
	if got := strings.Join(names, ","); got != "name 6,name 5,name 4,name 3,name 2,name 1,name 0" {
		t.Errorf("the newest first: %s", got)
	}
}

// edits: many at once, from two processes, and none is lost.
func edits(t *testing.T, open func() glossary.KV) {
	ctx := t.Context()
	shelves := []*glossary.Shelf{glossary.NewShelf(open()), glossary.NewShelf(open())}
	g, err := shelves[0].Create(ctx, "a", "x", hindi(list("क", "a")))
	if err != nil {
		t.Fatal(err)
	}
	const writers = 6
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			_, err := shelves[i%2].Edit(ctx, "a", g.ID, func(d *glossary.Draft) error {
				return d.Merge(ctx, "hi", "en", list(fmt.Sprint("term ", i), "x"))
			})
			if err != nil {
				t.Errorf("writer %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	got, list, err := shelves[1].Whole(ctx, "a", g.ID)
	if err != nil || len(list) != 1 || len(list[0].Entries) != writers+1 || got.Dictionaries[0].Count != writers+1 {
		t.Errorf("%d dictionaries, %+v, %v", len(list), got, err)
	}
	if ids, _, _, err := open().List(ctx, "glossary:"+g.ID, "", 50); err != nil || len(ids) != 1 {
		t.Errorf("records of entries: %q, %v; want the one that counts", ids, err)
	}
}

func tooMuch(t *testing.T, open func() glossary.KV) {
	ctx := t.Context()
	s := glossary.NewShelf(open())
	var big glossary.Entries
	for i := range 6_000 {
		big = append(big, glossary.Entry{Source: fmt.Sprint(i, strings.Repeat("x", 900)), Target: "y"})
	}
	g, err := s.Create(ctx, "a", "x", hindi(big))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Entries(ctx, "a", g.ID, "hi", "en"); err != nil || !slices.Equal(got, big) {
		t.Errorf("%d entries came back, %v", len(got), err)
	}
	if _, err := s.Edit(ctx, "a", g.ID, func(d *glossary.Draft) error { d.Set("en", "hi", big); return nil }); !errors.Is(err, glossary.ErrTooLarge) {
		t.Errorf("both directions of more than 10 MiB together: %v", err)
	}
	if got, err := s.Get(ctx, "a", g.ID); err != nil || len(got.Dictionaries) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

// memory is a KV that can be told to fail or to count.
type memory struct {
	mu      sync.Mutex
	records map[string][]byte
	version map[string]int64
	order   []string
	last    int64
	reads   atomic.Int64
	bytes   atomic.Int64 // read
	fail    func(op, space string) error
}

func newMemory() *memory { return &memory{records: map[string][]byte{}, version: map[string]int64{}} }

func (m *memory) failing(op, space string) error {
	if m.fail != nil {
		return m.fail(op, space)
	}
	return nil
}

func (m *memory) Get(_ context.Context, space, id string) ([]byte, int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.records[space+"/"+id]
	m.reads.Add(1)
	m.bytes.Add(int64(len(b)))
	return b, m.version[space+"/"+id], m.failing("get", space)
}

func (m *memory) Put(_ context.Context, space, id string, value []byte, _ time.Duration, version int64) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.failing("put", space); err != nil {
		return false, err
	}
	key := space + "/" + id
	if version >= 0 && version != m.version[key] {
		return false, nil
	}
	if m.version[key] == 0 {
		m.order = append([]string{key}, m.order...)
	}
	m.last++
	m.records[key], m.version[key] = value, m.last
	return true, nil
}

func (m *memory) Delete(_ context.Context, space, id string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := space + "/" + id
	if m.version[key] == 0 {
		return false, m.failing("delete", space)
	}
	delete(m.records, key)
	delete(m.version, key)
	m.order = slices.DeleteFunc(m.order, func(s string) bool { return s == key })
	return true, m.failing("delete", space)
}

func (m *memory) List(_ context.Context, space, cursor string, limit int) (ids []string, values [][]byte, next string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, key := range m.order {
		if id, ok := strings.CutPrefix(key, space+"/"); ok && len(ids) < limit {
			ids, values = append(ids, id), append(values, m.records[key])
		}
	}
	return ids, values, "", m.failing("list", space)
}

func TestOwnerHasABound(t *testing.T) {
	t.Parallel()
	ctx, kv := t.Context(), newMemory()
	for i := range glossary.MaxGlossaries - 1 {
		if _, err := kv.Put(ctx, "glossaries:a", fmt.Sprint(i), []byte(`{}`), 0, 0); err != nil {
			t.Fatal(err)
		}
	}
	s := glossary.NewShelf(kv)
	if _, err := s.Create(ctx, "a", "the last", hindi(list("क", "a"))); err != nil {
		t.Error(err)
	}
	if _, err := s.Create(ctx, "a", "one more", hindi(list("क", "a"))); !errors.Is(err, glossary.ErrTooMany) {
		t.Errorf("one more: %v", err)
	}
	if _, err := s.Create(ctx, "b", "another's", hindi(list("क", "a"))); err != nil {
		t.Error(err)
	}
}

// A store that fails in between leaves nothing half done to be seen.
func TestStoreFails(t *testing.T) {
	t.Parallel()
	ctx, down := t.Context(), errors.New("down")
	kv := newMemory()
	s := glossary.NewShelf(kv)
	g, err := s.Create(ctx, "a", "x", hindi(list("क", "a")))
	if err != nil {
		t.Fatal(err)
	}
	records := len(kv.records)
	failOn := func(op, space string) {
		kv.mu.Lock()
		defer kv.mu.Unlock()
		kv.fail = func(o, s string) error {
			if o == op && strings.HasPrefix(s, space) {
				return down
			}
			return nil
		}
	}
	change := func(d *glossary.Draft) error { d.Set("hi", "en", list("क", "b")); return nil }

	failOn("put", "glossary:") // the entries
	if _, err := s.Create(ctx, "a", "y", hindi(list("क", "a"))); !errors.Is(err, down) {
		t.Errorf("create: %v", err)
	}
	if _, err := s.Edit(ctx, "a", g.ID, change); !errors.Is(err, down) {
		t.Errorf("edit: %v", err)
	}
	failOn("put", "glossaries:") // the head
	if _, err := s.Edit(ctx, "a", g.ID, change); !errors.Is(err, down) {
		t.Errorf("edit: %v", err)
	}
	failOn("get", "glossaries:")
	if _, err := s.Compiled(ctx, "a", g.ID); !errors.Is(err, down) {
		t.Errorf("compiled: %v", err)
	}
	failOn("get", "glossary:")
	if _, err := s.Compiled(ctx, "a", g.ID); !errors.Is(err, down) {
		t.Errorf("compiled: %v", err)
	}
	failOn("", "")
	if e, err := s.Entries(ctx, "a", g.ID, "hi", "en"); err != nil || !slices.Equal(e, list("क", "a")) {
		t.Errorf("%q, %v", e, err)
	}
	if _, err := s.Compiled(ctx, "a", g.ID); err != nil {
		t.Errorf("a failure is remembered: %v", err)
	}
	// One record may be left of the edit whose end nobody knows; it goes with the
	// glossary.
	if n := len(kv.records); n > records+1 {
		t.Errorf("%d records, %d before", n, records)
	}
	if err := s.Delete(ctx, "a", g.ID); err != nil || len(kv.records) > 0 {
		t.Errorf("%v; left: %v", err, kv.order)
	}
}

// A glossary whose maker died half-way can be seen and deleted, and is no use.
func TestHalfMade(t *testing.T) {
	t.Parallel()
	ctx, kv := t.Context(), newMemory()
	s := glossary.NewShelf(kv)
	g, err := s.Create(ctx, "a", "x", hindi(list("क", "a")))
	if err != nil {
		t.Fatal(err)
	}
	if was, err := kv.Delete(ctx, "glossary:"+g.ID, strings.TrimPrefix(kv.order[0], "glossary:"+g.ID+"/")); !was || err != nil {
		t.Fatalf("%v %v: %v", was, err, kv.order)
	}
	if _, err := s.Compiled(ctx, "a", g.ID); !errors.Is(err, glossary.ErrNotFound) {
		t.Errorf("compiled: %v", err)
	}
	if _, err := s.Entries(ctx, "a", g.ID, "hi", "en"); !errors.Is(err, glossary.ErrNotFound) {
		t.Errorf("entries: %v", err)
	}
	if list, _, err := s.List(ctx, "a", "", 10); err != nil || len(list) != 1 {
		t.Errorf("list: %v, %v", list, err)
	}
	if err := s.Delete(ctx, "a", g.ID); err != nil {
		t.Error(err)
	}
}

// The entries are read once a change, however often and by however many the
// glossary is used; a look at the head is all that a request costs.
func TestCompiledOnce(t *testing.T) {
	t.Parallel()
	ctx, kv := t.Context(), newMemory()
	s, other := glossary.NewShelf(kv), glossary.NewShelf(kv)
	var e glossary.Entries
	for i := range 2000 {
		e = append(e, glossary.Entry{Source: fmt.Sprint("term ", i), Target: fmt.Sprint("शब्द ", i)})
	}
	g, err := s.Create(ctx, "a", "x", glossary.Dictionary{Source: "en", Target: "hi", Entries: e})
	if err != nil {
		t.Fatal(err)
	}
	use := func() {
		t.Helper()
		got, err := s.Compiled(ctx, "a", g.ID)
		if err != nil || !got.Has("en", "hi") || got.Has("hi", "en") {
			t.Errorf("%v, %v", got, err)
		}
	}
	kv.reads.Store(0)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(use)
	}
	wg.Wait()
	if n := kv.reads.Load(); n != 21 {
		t.Errorf("20 uses at once made %d reads, want a head each and the entries once", n)
	}
	kv.bytes.Store(0)
	use()
	if n := kv.bytes.Load(); n > 500 {
		t.Errorf("a use reads %d bytes", n)
	}
	if _, err := other.Edit(ctx, "a", g.ID, func(d *glossary.Draft) error {
		d.Set("hi", "en", list("क", "a"))
		d.Remove("en", "hi")
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	got, err := s.Compiled(ctx, "a", g.ID)
	if err != nil || got.Has("en", "hi") || !got.Has("hi", "en") {
		t.Errorf("a change elsewhere is not seen at once: %v, %v", got, err)
	}
}

// The memory for compiled glossaries has a bound; the least recently used go.
func TestCompiledIsBounded(t *testing.T) {
	t.Parallel()
	ctx, kv := t.Context(), newMemory()
	s := glossary.NewShelfOf(kv, 100<<10)
	var e glossary.Entries
	for i := range 300 {
		e = append(e, glossary.Entry{Source: fmt.Sprint("term ", i), Target: "शब्द"})
	}
	var ids []string
	for range 12 {
		g, err := s.Create(ctx, "a", "x", glossary.Dictionary{Source: "en", Target: "hi", Entries: e})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, g.ID)
	}
	reads := func(id string) int64 {
		before := kv.reads.Load()
		if _, err := s.Compiled(ctx, "a", id); err != nil {
			t.Fatal(err)
		}
		return kv.reads.Load() - before
	}
	for _, id := range ids {
		reads(id)
		reads(ids[0]) // stays, for it is used
	}
	if n := s.CompiledBytes(); n > 100<<10 || n < 40<<10 {
		t.Errorf("%d bytes are kept", n)
	}
	if n := reads(ids[0]); n != 1 {
		t.Errorf("what is used most took %d reads", n)
	}
	if n := reads(ids[1]); n != 2 {
		t.Errorf("what was not used for long took %d reads", n)
	}
}
