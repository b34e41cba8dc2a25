package httpapi

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// manners gives every answer what HTTP expects of it, whatever the surface: who may
// read it and keep it, OPTIONS and Allow, entity tags, compression. What a handler
// has set itself stays. Streams are left alone.
func (s *Server) manners(c *fiber.Ctx) error {
	s.cors.allow(c)
	err := c.Next()
	if wrongMethod(err) {
		allowed := string(c.Response().Header.Peek(fiber.HeaderAllow)) // Fiber gives it
		c.Set(fiber.HeaderAllow, strings.TrimPrefix(allowed+", OPTIONS", ", "))
		if c.Method() == fiber.MethodOptions {
			s.cors.preflight(c)
			c.Status(http.StatusNoContent)
			err = nil
		}
	}
	streaming := c.Context().Response.IsBodyStream()
	tagged := err == nil && !streaming && tag(c)
	if len(c.Response().Header.Peek(fiber.HeaderCacheControl)) == 0 {
		if tagged {
			c.Set(fiber.HeaderCacheControl, "private, no-cache") // may be kept, and is asked for again
		} else {
			c.Set(fiber.HeaderCacheControl, "no-store")
		}
	}
	if err != nil || streaming {
		return err
	}
	coding := s.coding(c)
	if coding != "" && tagged {
		weaken(c)
	}
	if tagged && unchanged(c) {
		c.Status(http.StatusNotModified)
		c.Response().ResetBody()
		c.Response().Header.SetContentType("")
		return nil
	}
	return s.compress(c, coding)
}

func wrongMethod(err error) bool {
	var f *fiber.Error
	return errors.As(err, &f) && f.Code == http.StatusMethodNotAllowed
}

// guarded are the headers that keep browsers from making more of an answer than it
// is: from guessing its type, showing it in a frame, running what is in it, telling
// its address on, or letting other sites have it without CORS.
func guarded(c *fiber.Ctx) {
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderXFrameOptions, "DENY")
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'")
	site := "same-origin"
	if surfaceOf(c.Path()) == libre {
		site = "cross-origin"
	}
	c.Set("Cross-Origin-Resource-Policy", site)
}

// heads adds HEAD wherever there is GET: Fiber's Get does so, its Add does not.
func heads(a *fiber.App) {
	has := map[string]bool{}
	for _, r := range a.GetRoutes(true) {
		has[r.Method+r.Path] = true
	}
	for _, r := range a.GetRoutes(true) {
		if r.Method == fiber.MethodGet && !has[fiber.MethodHead+r.Path] {
			a.Head(r.Path, r.Handlers...)
		}
	}
}

// untagged are for who asks how things are now.
var untagged = []string{"/healthz", "/readyz", "/metrics", "/health"}

// tag sees that an answer to GET or HEAD has an entity tag: a strong one of its
// bytes (RFC 9110, 8.8.3), unless it is not to be kept. DeepL's clients know none,
// and some of what they GET is a translation; MCP has none.
func tag(c *fiber.Ctx) bool {
	if m := c.Method(); m != fiber.MethodGet && m != fiber.MethodHead || c.Response().StatusCode() != http.StatusOK || slices.Contains(untagged, c.Path()) {
		return false
	}
	if of := surfaceOf(c.Path()); of != native && of != libre || strings.Contains(string(c.Response().Header.Peek(fiber.HeaderCacheControl)), "no-store") {
		return false
	}
	if len(c.Response().Header.Peek(fiber.HeaderETag)) == 0 {
		sum := sha256.Sum256(c.Response().Body())
		c.Set(fiber.HeaderETag, `"`+base64.RawURLEncoding.EncodeToString(sum[:12])+`"`)
	}
	return true
}

// weaken makes the tag of an answer that is compressed a weak one: its bytes are
// others than those that the tag was made of.
func weaken(c *fiber.Ctx) {
	if t := string(c.Response().Header.Peek(fiber.HeaderETag)); !strings.HasPrefix(t, "W/") {
		c.Set(fiber.HeaderETag, "W/"+t)
	}
}

// unchanged reports whether the caller has the answer already: If-None-Match, by
// the weak comparison (RFC 9110, 13.1.2).
func unchanged(c *fiber.Ctx) bool {
	ours := strings.TrimPrefix(string(c.Response().Header.Peek(fiber.HeaderETag)), "W/")
	list := strings.TrimSpace(c.Get(fiber.HeaderIfNoneMatch))
	if list == "*" {
		return true
	}
	for list != "" {
		list = strings.TrimPrefix(strings.TrimLeft(list, ", \t"), "W/")
		if !strings.HasPrefix(list, `"`) {
			return false
		}
		end := strings.IndexByte(list[1:], '"')
		if end < 0 {
			return false
		}
		if list[:end+2] == ours {
			return true
		}
		list = list[end+2:]
	}
	return false
}
