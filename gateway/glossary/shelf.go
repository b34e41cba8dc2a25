package glossary

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"time"
)

// KV is what glossaries are kept in: records by space and id, each with a version
// that grows (0: there is none). Put stores a record if its version is still the
// one given; List gives a space's records, the newest first.
type KV interface {
	Get(ctx context.Context, space, id string) (value []byte, version int64, err error)
	Put(ctx context.Context, space, id string, value []byte, ttl time.Duration, version int64) (bool, error)
	Delete(ctx context.Context, space, id string) (bool, error)
	List(ctx context.Context, space, cursor string, limit int) (ids []string, values [][]byte, next string, err error)
}

// Errors of a Shelf. Any other is the KV's.
var (
	ErrNotFound     = errors.New("glossary: the owner has no such glossary")
	ErrNoDictionary = errors.New("glossary: it has no dictionary of that direction")
	ErrTooMany      = errors.New("glossary: the owner has as many as may be kept")
	ErrBusy         = errors.New("glossary: others are changing it all the time")
)

// Shelf keeps the glossaries of all owners. It is safe for concurrent use, also
// beside other Shelves over the same KV.
type Shelf struct {
	kv       KV
	compiled *compiled
}

// NewShelf keeps glossaries in kv.
func NewShelf(kv KV) *Shelf { return &Shelf{kv: kv, compiled: newCompiled(maxCompiled)} }

// heads is the space of an owner's glossaries, bodies that of one's entries.
func heads(owner string) string { return "glossaries:" + owner }
func bodies(id string) string   { return "glossary:" + id }

// Create keeps a new glossary. The name has been through [Name], the entries
// come from a Parse function, and no direction is given twice.
func (s *Shelf) Create(ctx context.Context, owner, name string, dictionaries ...Dictionary) (*Glossary, error) {
	n, err := s.count(ctx, owner)
	if err != nil {
		return nil, err
	}
	if n >= MaxGlossaries {
		return nil, ErrTooMany
	}
	v := s.draft(&Glossary{ID: newID(), Created: time.Now().UTC().Truncate(time.Millisecond)})
	v.Name = name
	for _, d := range dictionaries {
		v.Set(d.Source, d.Target, d.Entries)
	}
	g, err := v.glossary()
	if err != nil {
		return nil, err
	}
	// The head first: what a process leaves behind that dies between the two is
	// seen in the list and can be deleted.
	if _, err := s.kv.Put(ctx, heads(owner), g.ID, g.encode(), 0, 0); err != nil {
		return nil, err
	}
	if err := v.write(ctx); err != nil {
		ctx, cancel := afterwards(ctx)
		defer cancel()
		_ = s.Delete(ctx, owner, g.ID) // at best
		return nil, err
	}
	return g, nil
}

// afterwards is a little time for clearing up; the caller's may have ended.
func afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
}

func (s *Shelf) count(ctx context.Context, owner string) (n int, err error) {
	for cursor := ""; ; {
		ids, _, next, err := s.kv.List(ctx, heads(owner), cursor, MaxGlossaries)
		if n += len(ids); err != nil || next == "" || n >= MaxGlossaries {
			return n, err
		}
		cursor = next
	}
}

// Get gives a glossary without its entries.
func (s *Shelf) Get(ctx context.Context, owner, id string) (*Glossary, error) {
	g, _, err := s.get(ctx, owner, id)
	return g, err
}

func (s *Shelf) get(ctx context.Context, owner, id string) (*Glossary, int64, error) {
	b, version, err := s.kv.Get(ctx, heads(owner), id)
	if err != nil {
		return nil, 0, err
	}
	if version == 0 {
		return nil, 0, ErrNotFound
	}
	g, err := decodeHead(id, b)
	return g, version, err
}

// List gives at most limit glossaries, the newest first, from behind the cursor
// ("" = the start); next is "" at the end.
func (s *Shelf) List(ctx context.Context, owner, cursor string, limit int) (list []*Glossary, next string, err error) {
	ids, values, next, err := s.kv.List(ctx, heads(owner), cursor, limit)
	if err != nil {
		return nil, "", err
	}
	for i, id := range ids {
		g, err := decodeHead(id, values[i])
		if err != nil {
			return nil, "", err
		}
		list = append(list, g)
	}
	return list, next, nil
}

// Whole gives a glossary with all its entries, in the order of its dictionaries.
func (s *Shelf) Whole(ctx context.Context, owner, id string) (g *Glossary, list []Dictionary, err error) {
	err = s.whole(ctx, owner, id, func(now *Glossary) error {
		g, list = now, nil
		for _, d := range now.Dictionaries {
			e, err := s.body(ctx, id, d.body)
			if err != nil {
				return err
			}
			list = append(list, Dictionary{d.Source, d.Target, e})
		}
		return nil
	})
	return g, list, err
}

// Entries gives the entries of one dictionary.
func (s *Shelf) Entries(ctx context.Context, owner, id, source, target string) (e Entries, err error) {
	err = s.whole(ctx, owner, id, func(g *Glossary) error {
		d, ok := g.Of(source, target)
		if !ok {
			return ErrNoDictionary
		}
		e, err = s.body(ctx, id, d.body)
		return err
	})
	return e, err
}

var errGone = errors.New("glossary: the entries are not there any more")

// whole has f read a glossary's entries by its head; f may run again, when the
// glossary was changed meanwhile.
func (s *Shelf) whole(ctx context.Context, owner, id string, f func(*Glossary) error) error {
	for range maxTries {
		g, err := s.Get(ctx, owner, id)
		if err == nil {
			err = f(g)
		}
		if !errors.Is(err, errGone) {
			return err
		}
	}
	return ErrNotFound // it is half deleted, or half made
}

func (s *Shelf) body(ctx context.Context, id, body string) (Entries, error) {
	b, version, err := s.kv.Get(ctx, bodies(id), body)
	switch {
	case err != nil:
		return nil, err
	case version == 0:
		return nil, errGone
	}
	return decodeEntries(b)
}

// Delete removes a glossary.
func (s *Shelf) Delete(ctx context.Context, owner, id string) error {
	was, err := s.kv.Delete(ctx, heads(owner), id)
	if err != nil {
		return err
	}
	if !was {
		return ErrNotFound
	}
	// Edits that are at work find no head any more and clear up after themselves.
	for more := true; more; {
		ids, _, _, err := s.kv.List(ctx, bodies(id), "", len(directions))
		if err != nil {
			return err
		}
		more = false
		for _, body := range ids {
			was, err := s.kv.Delete(ctx, bodies(id), body)
			if err != nil {
				return err
			}
			more = more || was
		}
	}
	return nil
}

var directions = [...][2]string{{"hi", "en"}, {"en", "hi"}}

const (
	maxTries = 20
	pause    = 5 * time.Millisecond // the longest before the second try; longer before each other
)

// Edit changes a glossary as f changes the draft, unless f gives an error. It may
// run f several times, for another edit may come in between; then f sees what
// that one made of the glossary.
func (s *Shelf) Edit(ctx context.Context, owner, id string, f func(*Draft) error) (*Glossary, error) {
	for try := range maxTries {
		if try > 0 {
			select {
			case <-time.After(rand.N(time.Duration(try) * pause)):
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		g, version, err := s.get(ctx, owner, id)
		if err != nil {
			return nil, err
		}
		v := s.draft(g)
		if err = f(v); errors.Is(err, errGone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		next, err := v.glossary()
		if err != nil {
			return nil, err
		}
		if done, err := s.turn(ctx, owner, v, next, version); err != nil || done {
			return next, err
		}
	}
	return nil, ErrBusy
}

// turn writes the draft's new entries and turns the head to them, if it is still
// of that version. Entries that are of no use then are deleted.
func (s *Shelf) turn(ctx context.Context, owner string, v *Draft, next *Glossary, version int64) (done bool, err error) {
	useless := slices.Collect(maps.Keys(v.entries))
	if err = v.write(ctx); err == nil {
		if done, err = s.kv.Put(ctx, heads(owner), next.ID, next.encode(), 0, version); err != nil {
			return false, err // the head may have turned or not: nothing is useless yet
		}
	}
	if done {
		useless = useless[:0]
		for _, d := range v.of.Dictionaries {
			if now, ok := next.Of(d.Source, d.Target); !ok || now.body != d.body {
				useless = append(useless, d.body)
			}
		}
	}
	ctx, cancel := afterwards(ctx)
	defer cancel()
	for _, body := range useless {
		_, _ = s.kv.Delete(ctx, bodies(next.ID), body) // else it goes with the glossary
	}
	return done, err
}

// Draft is a glossary as an edit is making it.
type Draft struct {
	Name string

	shelf     *Shelf
	of        *Glossary
	summaries []Summary
	entries   map[string]Entries // by body: those that are new
}

func (s *Shelf) draft(g *Glossary) *Draft {
	return &Draft{Name: g.Name, shelf: s, of: g, summaries: slices.Clone(g.Dictionaries), entries: map[string]Entries{}}
}

// Merge sets the entries of a dictionary among those it has, or makes it.
func (v *Draft) Merge(ctx context.Context, source, target string, more Entries) error {
	d, ok := v.of.Of(source, target)
	if !ok {
		v.Set(source, target, more)
		return nil
	}
	have, err := v.shelf.body(ctx, v.of.ID, d.body)
	if err != nil {
		return err
	}
	if have, err = have.Merge(more); err != nil {
		return err
	}
	v.Set(source, target, have)
	return nil
}

// Set makes the entries a dictionary's, in place of those it has.
func (v *Draft) Set(source, target string, e Entries) {
	d := Summary{Source: source, Target: target, Count: len(e), bytes: e.Bytes(), body: newID()}
	v.entries[d.body] = e
	for i, old := range v.summaries {
		if old.Source == source && old.Target == target {
			delete(v.entries, old.body)
			v.summaries[i] = d
			return
		}
	}
	v.summaries = append(v.summaries, d)
}

// Remove takes a dictionary out; false: there is none of that direction.
func (v *Draft) Remove(source, target string) bool {
	n := len(v.summaries)
	v.summaries = slices.DeleteFunc(v.summaries, func(d Summary) bool { return d.Source == source && d.Target == target })
	return len(v.summaries) < n
}

// Clear takes all dictionaries out.
func (v *Draft) Clear() { v.summaries = nil }

// glossary is what the draft makes.
func (v *Draft) glossary() (*Glossary, error) {
	g := &Glossary{ID: v.of.ID, Name: v.Name, Created: v.of.Created, Dictionaries: v.summaries}
	total := 0
	for _, d := range v.summaries {
		total += d.bytes
	}
	if total > MaxBytes {
		return nil, ErrTooLarge
	}
	return g, nil
}

// write keeps the new entries.
func (v *Draft) write(ctx context.Context) error {
	for body, e := range v.entries {
		if _, err := v.shelf.kv.Put(ctx, bodies(v.of.ID), body, e.encode(), 0, 0); err != nil {
			return err
		}
	}
	return nil
}
