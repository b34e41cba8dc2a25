package gateway

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"maps"
	"slices"

	"dubhashi/cache"
	"dubhashi/gateway/article"
	"dubhashi/gateway/llm"
	"dubhashi/prompts"
)

// schema is the version of the key's and the value's layout.
const schema = "1"

// keyer hashes parts, each behind its length, so that no two lists of parts
// give the same bytes.
type keyer struct{ h hash.Hash }

func newKeyer(parts ...string) keyer {
	k := keyer{sha256.New()}
	k.add(schema)
	k.add(parts...)
	return k
}

func (k keyer) add(parts ...string) {
	var n [binary.MaxVarintLen64]byte
	for _, p := range parts {
		k.h.Write(n[:binary.PutUvarint(n[:], uint64(len(p)))])
		k.h.Write([]byte(p))
	}
}

func (k keyer) sum() (out cache.Key) {
	k.h.Sum(out[:0])
	return out
}

// route is what a key knows of the upstream: a fallback's answer is found
// under the first upstream's route, its value says which model it was.
type route struct{ model, style string }

// segmentKey is the identity of a segment's translation. Numerals are mapped
// after the cache and so are no part of it, nor is the kind of block.
func (r route) segmentKey(source, target string, o *order, terms map[string]string, context, masked string) cache.Key {
	k := newKeyer("translate", source, target, r.model, r.style, prompts.Version, o.opt.Register)
	for _, t := range slices.Sorted(maps.Keys(terms)) {
		k.add("term", t, terms[t])
	}
	o.wishes(target, llm.Style(r.style)).addTo(k)
	k.add("context", context, "text", article.Fold(masked))
	return k.sum()
}

// rewordKey is the identity of a segment's other translations: those beside
// the one that is known.
func rewordKey(segment cache.Key, known string, count int) cache.Key {
	return newKeyer("alternatives", string(segment[:]), known, string(binary.AppendUvarint(nil, uint64(count)))).sum()
}

// summaryKey is the identity of a summary: every block it is made from and the
// title are part of it.
func (r route) summaryKey(source, language string, s *SummaryRequest, terms map[string]string, title string, paragraphs []string) cache.Key {
	k := newKeyer("summarize", source, language, r.model, r.style, prompts.Version, s.Style, string(binary.AppendUvarint(nil, uint64(s.MaxWords))))
	for _, t := range slices.Sorted(maps.Keys(terms)) {
		k.add("term", t, terms[t])
	}
	k.add("title", article.Fold(title))
	for _, p := range paragraphs {
		k.add(article.Fold(p))
	}
	return k.sum()
}
