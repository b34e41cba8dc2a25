package httpapi

import (
	"regexp"

	"github.com/gofiber/fiber/v2"
)

var pathParam = regexp.MustCompile(`:(\w+)`)

// Routes are the routes of the server as an OpenAPI document names them: the
// method and the path with its parameters in braces.
func (s *Server) Routes() (out []string) {
	for _, r := range s.app.GetRoutes(true) {
		if r.Method != fiber.MethodHead && r.Method != fiber.MethodOptions {
			out = append(out, r.Method+" "+pathParam.ReplaceAllString(r.Path, "{$1}"))
		}
	}
	return out
}
