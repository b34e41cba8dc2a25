package httpapi

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"

	"dubhashi/gateway"
)

// Key is one caller's key: its name, and the SHA-256 of the key itself, which
// is not kept.
type Key struct {
	Name string
	Hash [sha256.Size]byte
}

// ParseKey reads name:key or name:sha256=HEX. A name is 1 to 64 of a–z, A–Z,
// 0–9, - and _. The error never shows the key.
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
		if len(secret) < 8 {
			return Key{}, errors.New("must have a key of at least 8 characters")
		}
		k.Hash = sha256.Sum256([]byte(secret))
		return k, nil
	}
	b, err := hex.DecodeString(digest)
	if err != nil || len(b) != sha256.Size {
		return Key{}, errors.New("must have 64 hexadecimal digits behind sha256=")
	}
	copy(k.Hash[:], b)
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
	name string // of the key; "" without keys
}

const callerKey localsKey = "caller"

// callerOf is the request's caller. A route that asks for no key has the
// nameless one.
func callerOf(c *fiber.Ctx) caller {
	who, _ := c.Locals(callerKey).(caller)
	return who
}

// owner is the space in which the caller's jobs and glossaries are kept.
func (c caller) owner() string {
	if c.name == "" {
		return "anonymous"
	}
	return "key:" + c.name
}

// authenticate settles who the caller is by the key it presented, whatever the
// surface reads that from; it counts the request against the caller's limit a
// minute. Its problem is unauthorized or rateLimited.
func (s *Server) authenticate(c *fiber.Ctx, presented string) error {
	return nil
}

// keyed is for the native routes: Authorization: Bearer KEY, or X-API-Key.
func (s *Server) keyed(c *fiber.Ctx) error {
	return c.Next()
}

// charge takes source characters (code points), and an estimate of their cost,
// off what the caller has left of the day. Call it when the request is known
// to be valid and before a model is asked. Its problem is rateLimited.
func (s *Server) charge(ctx context.Context, c *fiber.Ctx, chars int) error {
	return nil
}

// settle counts what a request cost in the end against the caller's day.
func (s *Server) settle(c *fiber.Ctx, u gateway.Usage) {}
