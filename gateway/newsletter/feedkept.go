package newsletter

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"time"

	"dubhashi/gateway/fetch"
)

// FeedsFamily is the family of the spaces in which a Memory keeps feeds as they last
// were, each held by its owner, for a store that bounds it.
const FeedsFamily = "feeds"

func feedSpace(owner string) string { return FeedsFamily + "/" + owner + "/last" }

const (
	keptFor     = 30 * 24 * time.Hour
	maxKeptJSON = 16 << 20 // bytes; a page of 2 MiB is less, however it is escaped
)

// changed gets a feed. One that its server says has not changed since the last time
// is not sent again: publishers ask that of those who read their feeds often. What
// the store does not keep, or cannot, is simply got anew.
func (r *feedReader) changed(ctx context.Context, address string) (fetch.Page, *fault) {
	if r.m.c.Memory == nil || r.m.c.Fetch == nil {
		return r.m.get(ctx, address, feedAccept)
	}
	hash := sha256.Sum256([]byte(address))
	space, id := feedSpace(r.o.Owner), hex.EncodeToString(hash[:20])
	var known fetch.Page
	if b, _, err := r.m.c.Memory.Get(ctx, space, id); err == nil && b != nil {
		known = unpackPage(b)
	}
	p, err := r.m.c.Fetch.GetChanged(ctx, address, known, feedAccept...)
	if f := fetchFault(err); f != nil {
		return p, f
	}
	if p != known && p.ETag+p.LastModified != "" {
		_, _ = r.m.c.Memory.Put(ctx, space, id, packPage(p), keptFor, -1)
	}
	return p, nil
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
	if err == nil && json.NewDecoder(io.LimitReader(z, maxKeptJSON)).Decode(&p) != nil {
		return fetch.Page{}
	}
	return p
}
