package httpapi

import (
	"cmp"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// Key is one caller's key: its name, and the SHA-256 of the key itself, which
// is not kept.
type Key struct {
	Name string
	Hash [sha256.Size]byte
}

// maxKey is the most characters of a key: it has to fit into a header.
const maxKey = 512

// ParseKey reads name:key or name:sha256=HEX. A name is 1 to 64 of a–z, A–Z,
// 0–9, - and _; a key is 8 to 512 visible ASCII characters, which every header
// can carry. The error never shows the key.
func ParseKey(s string) (Key, error) {
	name, secret, ok := strings.Cut(s, ":")
	switch {
	case !ok:
		return Key{}, errors.New("must be name:key or name:sha256=HEX")
	case !plainToken(name) || strings.Contains(name, "."):
		return Key{}, errors.New("must begin with a name of 1 to 64 letters, digits, - and _")
	}
	k := Key{Name: name}
	digest, ok := strings.CutPrefix(secret, "sha256=")
	if !ok {
		switch {
		case len(secret) < 8:
			return Key{}, errors.New("must have a key of at least 8 characters")
		case len(secret) > maxKey:
			return Key{}, fmt.Errorf("must have a key of at most %d characters", maxKey)
		case strings.ContainsFunc(secret, func(r rune) bool { return r <= ' ' || r > '~' }):
			return Key{}, errors.New("must have a key of visible ASCII characters, without spaces")
		}
		k.Hash = sha256.Sum256([]byte(secret))
		return k, nil
	}
	b, err := hex.DecodeString(digest)
	if err != nil || len(b) != sha256.Size {
		return Key{}, errors.New("must have 64 hexadecimal digits behind sha256=")
	}
	copy(k.Hash[:], b)
	if k.Hash == sha256.Sum256(nil) {
		return Key{}, errors.New("has the SHA-256 of no key at all")
	}
	return k, nil
}

// Limits bound what one key may do, or one address when there are no keys;
// 0 = no limit.
type Limits struct {
	Requests   int     // a minute
	DailyChars int     // source characters a day (UTC)
	DailyCost  float64 // US dollars a day (UTC)
}

// caller is who a request comes from.
type caller struct {
	name    string // of the key; "" without keys
	address string // without keys: where the request comes from, as limits count it
}

const callerKey localsKey = "caller"

// callerOf is the request's caller. A route that asks for no key has the
// nameless one.
func callerOf(c *fiber.Ctx) caller {
	who, _ := c.Locals(callerKey).(caller)
	return who
}

// Anonymous is the owner of what callers keep where no keys are asked for.
const Anonymous = "anonymous"

// Owner is the space in which the key's jobs, glossaries and newsletters' memories
// are kept.
func (k Key) Owner() string { return "key:" + k.Name }

// owner is the same of a caller.
func (c caller) owner() string {
	if c.name == "" {
		return Anonymous
	}
	return Key{Name: c.name}.Owner()
}

// account is whose limits the caller's requests count against.
func (c caller) account() string {
	if c.name == "" {
		return "address:" + c.address
	}
	return "key:" + c.name
}

// network is what one caller without a key is known by: an IPv4 address, or
// the 64 bits of an IPv6 address that one subscriber has all addresses of.
func network(a netip.Addr) string {
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

// authenticate settles who the caller is by the key it presented ("": none),
// whatever the surface reads that from, opens the request's tab and counts the
// request against the caller's limit a minute. Its problem is unauthorized or
// rateLimited. Where no keys are set, everybody is the nameless caller and a
// key that is presented is not looked at.
func (s *Server) authenticate(c *fiber.Ctx, presented string) error {
	var who caller
	if len(s.c.Keys) > 0 {
		i := keyOf(s.c.Keys, presented)
		if i < 0 {
			s.c.Metrics.refuse("key")
			return &problem{code: unauthorized}
		}
		who.name = s.c.Keys[i].Name
	} else {
		who.address = network(s.clientIP(c))
	}
	c.Locals(callerKey, who)
	c.Locals(tabKey, &tab{s: s, who: who.account(), users: 1})
	if !counted(c.Method(), c.Route().Path) {
		return nil
	}
	if err := s.limitRate(c, who); err != nil {
		return err
	}
	s.ledger.add(who.account(), 0, map[string]int64{numRequests: 1})
	return nil
}

// keyOf is the index of the key that was presented, -1 if it is none of them.
// All are looked at, each for the same time, whichever it is and if it is none:
// how long it takes tells nothing of the keys.
func keyOf(keys []Key, presented string) int {
	hash := sha256.Sum256([]byte(presented))
	found := -1
	for i := range keys {
		found = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare(hash[:], keys[i].Hash[:]), i, found)
	}
	return found
}

// keyed is for the native routes: Authorization: Bearer KEY, or X-API-Key. It
// answers before the body is read.
func (s *Server) keyed(c *fiber.Ctx) error {
	if err := s.authenticate(c, nativeKey(c)); err != nil {
		return s.refuse(c, problemOf(err))
	}
	return c.Next()
}

// nativeKey is the key that a native request presents. Two that differ are
// none.
func nativeKey(c *fiber.Ctx) string {
	var bearer string
	if scheme, token, _ := strings.Cut(strings.TrimSpace(c.Get(fiber.HeaderAuthorization)), " "); strings.EqualFold(scheme, "Bearer") {
		bearer = strings.TrimSpace(token)
	}
	key := strings.TrimSpace(c.Get("X-API-Key"))
	if bearer != "" && key != "" && bearer != key {
		return ""
	}
	return cmp.Or(bearer, key)
}

// counted says whether a request counts against the limit a minute, by its route,
// for a path can be written in many ways: those that cost or change something do. Asking for what there is, and how far it has
// come, does not, although DeepL's clients do it with POST.
func counted(method, route string) bool {
	switch {
	case route == "/v2/translate": // costs with GET too
		return true
	case method == fiber.MethodGet, method == fiber.MethodHead:
		return false
	case route == "/v2/usage", route == "/v2/languages", strings.HasPrefix(route, "/v2/document/"):
		return false
	}
	return true
}
