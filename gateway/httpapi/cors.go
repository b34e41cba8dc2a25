package httpapi

import (
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// What a page of an allowed origin may send and read. It never gets
// Access-Control-Allow-Credentials: keys come in a header, not in a cookie.
var (
	corsSends = strings.Join([]string{
		fiber.HeaderAuthorization, fiber.HeaderContentType, "X-API-Key", headerIdempotencyKey, "Prefer", "Last-Event-ID",
		fiber.HeaderIfNoneMatch, fiber.HeaderCacheControl, headerRequestID, "Mcp-Session-Id", "Mcp-Protocol-Version",
	}, ", ")
	corsReads = strings.Join([]string{
		headerRequestID, headerCache, headerServerTiming, headerReplayed, headerTrace, headerFlags, headerNotices, fiber.HeaderLocation, fiber.HeaderETag, fiber.HeaderRetryAfter,
		"RateLimit", "RateLimit-Policy", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Preference-Applied", "Mcp-Session-Id",
	}, ", ")
)

// corsKept is how long a browser may keep what a preflight was told, in seconds.
const corsKept = "7200"

// origins are whose pages may use the native API and DeepL's: a page can hold a
// DeepL key as well as one of ours, and whom the operator names is trusted with
// both. LibreTranslate's surface is open to all: see libreHeaders.
type origins struct {
	all   bool
	named []string
}

func newOrigins(list []string) (o origins) {
	for _, origin := range list {
		o.all = o.all || origin == "*"
		o.named = append(o.named, asBrowsers(origin))
	}
	return o
}

// asBrowsers is an origin as browsers write it: in small letters, without the
// scheme's own port (RFC 6454, 6.2).
func asBrowsers(origin string) string {
	origin = strings.ToLower(origin)
	scheme, _, _ := strings.Cut(origin, ":")
	return strings.TrimSuffix(origin, map[string]string{"http": ":80", "https": ":443"}[scheme])
}

// allow says to a browser whether the page that asks may read the answer.
func (o origins) allow(c *fiber.Ctx) {
	if len(o.named) == 0 || surfaceOf(c.Path()) == libre {
		return
	}
	origin := c.Get(fiber.HeaderOrigin)
	switch {
	case o.all:
		origin = "*"
	case slices.Contains(o.named, origin):
		c.Vary(fiber.HeaderOrigin)
	default:
		c.Vary(fiber.HeaderOrigin)
		return
	}
	c.Set(fiber.HeaderAccessControlAllowOrigin, origin)
	c.Set(fiber.HeaderAccessControlExposeHeaders, corsReads)
}

// preflight answers a browser that asks before it sends; the methods are those of
// the path.
func (o origins) preflight(c *fiber.Ctx) {
	h := &c.Response().Header
	if c.Get(fiber.HeaderAccessControlRequestMethod) == "" || len(h.Peek(fiber.HeaderAccessControlAllowOrigin)) == 0 || surfaceOf(c.Path()) == libre {
		return
	}
	h.Del(fiber.HeaderAccessControlExposeHeaders)
	c.Set(fiber.HeaderAccessControlAllowMethods, string(h.Peek(fiber.HeaderAllow)))
	c.Set(fiber.HeaderAccessControlAllowHeaders, corsSends)
	c.Set(fiber.HeaderAccessControlMaxAge, corsKept)
}
