package httpapi

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"dubhashi/gateway"
)

func (s *Server) glossariesRoutes(a *fiber.App) {}

// storedGlossary gives the owner's glossary for a request's Options.Stored. "" as
// id gives nil. Source and target may be "" or "auto"; where they settle the
// direction and the glossary does not have it, that is a problem with the field
// glossary_id, as is an id that is no UUID or not the owner's. A store that cannot
// be reached is a problem too: a glossary is never left out in silence.
func (s *Server) storedGlossary(ctx context.Context, owner, id, source, target string) (*gateway.Glossary, error) {
	if id == "" {
		return nil, nil
	}
	return nil, &problem{code: storeDown, detail: "no glossaries are kept yet"}
}
