package httpapi

import (
	"strings"

	"github.com/gofiber/fiber/v2"
)

// surface is one of the APIs that the server speaks. Each has its own form of
// error and its own way to present a key.
type surface int

const (
	native    surface = iota
	deepl             // /v2/… and /v3/…
	libre             // LibreTranslate's paths at the root
	mcpServer         // /mcp
)

// librePaths are LibreTranslate's; /metrics is ours.
var librePaths = map[string]bool{
	"/translate": true, "/detect": true, "/languages": true, "/frontend/settings": true,
	"/health": true, "/spec": true, "/suggest": true, "/translate_file": true,
}

func surfaceOf(path string) surface {
	switch {
	case strings.HasPrefix(path, "/v2/"), strings.HasPrefix(path, "/v3/"):
		return deepl
	case librePaths[strings.TrimSuffix(path, "/")]:
		return libre
	case path == "/mcp":
		return mcpServer
	}
	return native
}

// bigBody is the most of a glossary's, a document's, a job's or a newsletter's body.
const bigBody = 11 << 20

// bodyLimit is the most bytes that the body of a request for path may have.
func (s *Server) bodyLimit(path string) int {
	for _, prefix := range []string{"/v1/glossaries", "/v2/glossaries", "/v3/glossaries", "/v2/document", "/v1/jobs", "/v1/newsletters"} {
		if strings.HasPrefix(path, prefix) {
			return max(bigBody, s.c.MaxBody)
		}
	}
	return s.c.MaxBody
}

// surfaceError answers p in the surface's own form; false: it is the native one.
func (s *Server) surfaceError(c *fiber.Ctx, p *problem, k kind) (bool, error) {
	switch surfaceOf(c.Path()) {
	case deepl:
		return true, s.deeplError(c, p, k)
	case libre:
		return true, s.libreError(c, p, k)
	}
	return false, nil
}
