package newsletter

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"dubhashi/gateway/fetch"
)

// FeedsFamily is the family of the spaces in which a Memory keeps feeds as they last
// were, each held by its owner, for a store that bounds it.
const FeedsFamily = "feeds"

func feedSpace(owner string) string { return FeedsFamily + "/" + owner + "/last" }

const keptFor = 30 * 24 * time.Hour

func keptID(address string) string {
	hash := sha256.Sum256([]byte(address))
	return hex.EncodeToString(hash[:20])
}

// changed gets what may be a feed. One that its server says has not changed since it
// was kept is not sent again: publishers ask that of those who read their feeds often.
func (r *feedReader) changed(ctx context.Context, address string) (p, known fetch.Page, f *fault) {
	if r.m.c.Memory == nil || r.m.c.Fetch == nil {
		p, f = r.m.get(ctx, address, feedAccept)
		return p, known, f
	}
	if b, _, err := r.m.c.Memory.Get(ctx, feedSpace(r.o.Owner), keptID(address)); err == nil && b != nil {
		known = unpackPage(b)
	}
	p, err := r.m.c.Fetch.GetChanged(ctx, address, known, feedAccept...)
	return p, known, fetchFault(err)
}

// keep keeps a feed for the next time, if its server tells its states apart and the
// store has room.
func (r *feedReader) keep(ctx context.Context, address string, p fetch.Page) {
	if r.m.c.Memory != nil && p.ETag+p.LastModified != "" {
		_, _ = r.m.c.Memory.Put(ctx, feedSpace(r.o.Owner), keptID(address), packPage(p), keptFor, -1)
	}
}

func packPage(p fetch.Page) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_ = json.NewEncoder(z).Encode(p) // of strings, into memory
	_ = z.Close()
	return b.Bytes()
}

// unpackPage is the page again; of damaged bytes it is none.
func unpackPage(b []byte) (p fetch.Page) {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err == nil && json.NewDecoder(z).Decode(&p) != nil {
		return fetch.Page{}
	}
	return p
}
