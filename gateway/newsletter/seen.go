package newsletter

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"slices"
	"sync/atomic"
	"time"

	"dubhashi/gateway/api"
)

// SeenFamily is the family of the spaces in which a Memory keeps what was seen,
// each held by its owner, for a store that bounds it.
const SeenFamily = "newsletters"

func seenSpace(owner string) string { return SeenFamily + "/" + owner + "/seen" }

const (
	seenFor    = 365 * 24 * time.Hour
	seenAtMost = 16 // editions that a record names: those that held the item
	seenTries  = 5
	seenChecks = 200 // items of a feed that are looked up

	// rememberTime is what an edition that is made may take to be remembered,
	// whether or not its caller still waits: else the next one would repeat it.
	rememberTime = 15 * time.Second
)

// seenRecord tells which editions held an item.
type seenRecord struct {
	Editions []string `json:"editions"`
	Cut      bool     `json:"cut,omitempty"` // its feed ended in the middle
}

// seenEdition is the edition that an issue is to its memory: that of its day. Not
// of its title, so that a slip mended in it makes the same edition again.
func seenEdition(issue *api.Issue, now time.Time) string {
	return urn("seen", issue.Seen, issueDate(issue, now).Format(time.DateOnly))
}

// seenID is the record of one of an item's ids, under a name.
func seenID(name, id string) string {
	h := sha256.New()
	for _, s := range []string{name, id} {
		_, _ = h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(s))))
		_, _ = h.Write([]byte(s))
	}
	return hex.EncodeToString(h.Sum(nil)[:20])
}

func (m *Maker) seenRecord(ctx context.Context, owner, id string) (r seenRecord, version int64, err error) {
	b, version, err := m.c.Memory.Get(ctx, seenSpace(owner), id)
	if err != nil || b == nil {
		return r, version, err
	}
	if json.Unmarshal(b, &r) != nil {
		return seenRecord{}, version, nil // damaged: written anew
	}
	return r, version, nil
}

// unseen leaves out the items that an earlier edition under the issue's name
// held, and those that are older than all of these: they were not new then, if the
// feed was whole.
func (r *feedReader) unseen(ctx context.Context, list []*found) []*found {
	name := r.o.Issue.Seen
	if name == "" {
		return list
	}
	if r.m.c.Memory == nil {
		r.tell(r.feed.URL, "seen_unknown", "it is not known what earlier issues held, for there is no store to remember in; all items are taken")
		return list
	}
	edition := seenEdition(&r.o.Issue, r.m.c.Now())
	var fresh []*found
	var oldest time.Time
	for _, f := range list[:min(len(list), seenChecks)] {
		before, cut, err := r.m.heldBefore(ctx, r.o.Owner, name, edition, f.ids)
		if err != nil {
			r.tell(r.feed.URL, "seen_unknown", "it is not known what earlier issues held, for the store does not answer; all items are taken")
			return list
		}
		if !before {
			fresh = append(fresh, f)
		} else if !cut && !f.published.IsZero() && (oldest.IsZero() || f.published.Before(oldest)) {
			oldest = f.published
		}
	}
	return slices.DeleteFunc(fresh, func(f *found) bool { return !f.published.IsZero() && f.published.Before(oldest) })
}

// heldBefore reports whether another edition held what has one of these ids,
// and this one did not, and whether its feed was cut then.
func (m *Maker) heldBefore(ctx context.Context, owner, name, edition string, ids []string) (before, cut bool, err error) {
	for _, id := range ids {
		r, _, err := m.seenRecord(ctx, owner, seenID(name, id))
		if err != nil {
			return false, false, err
		}
		if slices.Contains(r.Editions, edition) {
			return false, false, nil
		}
		before, cut = before || len(r.Editions) > 0, cut || r.Cut
	}
	return before, cut, nil
}

// remember takes down that an issue's edition holds these stories. It is told when
// that fails, for the next issue will hold them again.
func (m *Maker) remember(ctx context.Context, o *Order, sources []source) []Notice {
	if m.c.Memory == nil || o.Issue.Seen == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rememberTime)
	defer cancel()
	var ids []string
	cut := map[string]bool{}
	for i := range sources {
		for _, id := range sources[i].ids {
			id = seenID(o.Issue.Seen, id)
			ids = append(ids, id)
			cut[id] = sources[i].cut
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	edition := seenEdition(&o.Issue, m.c.Now())
	var failed atomic.Bool
	sideBySide(len(ids), func(i int) {
		if !failed.Load() && !m.rememberOne(ctx, o.Owner, ids[i], edition, cut[ids[i]]) {
			failed.Store(true)
		}
	})
	if failed.Load() {
		return []Notice{{Code: "seen_unknown",
			Message: "the store did not take down which stories this issue holds; the next one may hold them again"}}
	}
	return nil
}

// rememberOne adds the edition to a record, also when another maker does the
// same at once.
func (m *Maker) rememberOne(ctx context.Context, owner, id, edition string, cut bool) bool {
	for range seenTries {
		r, version, err := m.seenRecord(ctx, owner, id)
		if err != nil {
			return false
		}
		if slices.Contains(r.Editions, edition) {
			return true
		}
		r.Editions, r.Cut = append(r.Editions[max(0, len(r.Editions)-seenAtMost+1):], edition), cut
		b, err := json.Marshal(r)
		if err != nil {
			return false
		}
		if ok, err := m.c.Memory.Put(ctx, seenSpace(owner), id, b, seenFor, version); err != nil || ok {
			return err == nil
		}
	}
	return false
}
