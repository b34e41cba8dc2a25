package newsletter

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"time"

	"dubhashi/gateway/fetch"
)

// FeedsFamily is the family of the spaces in which a Memory keeps feeds as they last
// were, each held by its owner, for a store that bounds it.
const FeedsFamily = "feeds"

func feedSpace(owner string) string { return FeedsFamily + "/" + owner + "/last" }

const feedFor = 30 * 24 * time.Hour

// known is a feed as it last was; without a body if that is not known. Publishers ask
// of those who read their feeds often that they do not fetch again what has not changed.
func (r *feedReader) known(ctx context.Context, address string) (p fetch.Page) {
	if r.m.c.Memory == nil {
		return p
	}
	b, _, err := r.m.c.Memory.Get(ctx, feedSpace(r.o.Owner), urn("feed", address))
	if err != nil || b == nil {
		return p
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil || json.NewDecoder(z).Decode(&p) != nil {
		return fetch.Page{} // damaged: got and kept anew
	}
	return p
}

// keep keeps a feed for the next time, if its server tells its states apart and the
// store has room.
func (r *feedReader) keep(ctx context.Context, address string, p fetch.Page) {
	if r.m.c.Memory == nil || p.ETag+p.LastModified == "" {
		return
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_ = json.NewEncoder(z).Encode(p) // of strings, into memory
	_ = z.Close()
	_, _ = r.m.c.Memory.Put(ctx, feedSpace(r.o.Owner), urn("feed", address), b.Bytes(), feedFor, -1)
}
