package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"dubhashi/gateway"
	"dubhashi/gateway/api"
	"dubhashi/gateway/glossary"
)

const (
	tsvType = "text/tab-separated-values"
	csvType = "text/csv"
)

// keepTime bounds what a request waits for the store to keep or find a glossary.
const keepTime = 20 * time.Second

func (s *Server) glossariesRoutes(a *fiber.App) {
	a.Get("/v1/glossaries", s.keyed, s.shelved(s.listGlossaries))
	a.Post("/v1/glossaries", s.keyed, s.shelved(s.createGlossary))
	a.Get("/v1/glossaries/:id", s.keyed, s.shelved(s.readGlossary))
	a.Put("/v1/glossaries/:id", s.keyed, s.shelved(s.replaceGlossary))
	a.Delete("/v1/glossaries/:id", s.keyed, s.shelved(s.deleteGlossary))
}

// shelved admits a handler of the native glossaries.
func (s *Server) shelved(h func(ctx context.Context, c *fiber.Ctx) error) fiber.Handler {
	return s.admit(func(c *fiber.Ctx) error {
		if s.glossaries == nil {
			return noShelf()
		}
		ctx, cancel := context.WithTimeout(s.root, keepTime)
		defer cancel()
		return glossaryProblem(h(ctx, c))
	})
}

func noShelf() *problem {
	return &problem{code: storeDown, detail: "glossaries are kept in the store, and this server has none"}
}

// glossaryProblem is what an error of package glossary is to a native caller.
func glossaryProblem(err error) error {
	var p *problem
	var wrong *glossary.Error
	switch {
	case err == nil, errors.As(err, &p):
		return err
	case errors.As(err, &wrong):
		return invalid("entries", "%s", wrong)
	case errors.Is(err, glossary.ErrTooLarge):
		return invalid("entries", "are more than the %s that one glossary may hold", size(glossary.MaxBytes))
	case errors.Is(err, glossary.ErrNotFound):
		return &problem{code: notFound, detail: "you have no such glossary; GET /v1/glossaries lists those you have"}
	case errors.Is(err, glossary.ErrNoDictionary):
		return &problem{code: notFound, detail: "this glossary has no entries of that direction"}
	case errors.Is(err, glossary.ErrTooMany):
		return tooManyGlossaries()
	case errors.Is(err, glossary.ErrBusy):
		return &problem{code: conflict, detail: "others are changing this glossary; ask again"}
	}
	return kept(err)
}

func tooManyGlossaries() *problem {
	return &problem{code: conflict, quota: true, detail: fmt.Sprintf("you have %d glossaries, the most that are kept; delete one", glossary.MaxGlossaries)}
}

// storedGlossary gives the owner's glossary for a request's Options.Stored. "" as
// id gives nil. Source and target may be "" or "auto"; where they settle the
// direction and the glossary does not have it, that is a problem with the field
// glossary_id, as is an id that is no UUID or not the owner's (then errors.Is
// glossary.ErrNotFound). A store that cannot be reached is a problem too: a
// glossary is never left out in silence.
func (s *Server) storedGlossary(ctx context.Context, owner, id, source, target string) (*gateway.Glossary, error) {
	const field = "glossary_id"
	if id == "" {
		return nil, nil
	}
	uuid, ok := glossary.ID(id)
	if !ok {
		return nil, invalid(field, "is no id of a glossary, which is a UUID")
	}
	if s.glossaries == nil {
		return nil, noShelf()
	}
	g, err := s.glossaries.Compiled(ctx, owner, uuid)
	if errors.Is(err, glossary.ErrNotFound) {
		p := invalid(field, "is the id of no glossary of yours; GET /v1/glossaries lists them")
		p.cause = err
		return nil, p
	}
	if err != nil {
		return nil, kept(err)
	}
	if why := g.Lacks(source, target); why != "" {
		return nil, invalid(field, "%s", why)
	}
	return g, nil
}

// glossaryID is the id in the path. What is no UUID is nobody's glossary.
func glossaryID(c *fiber.Ctx) (string, error) {
	id, ok := glossary.ID(c.Params("id"))
	if !ok {
		return "", glossary.ErrNotFound
	}
	return id, nil
}

// createGlossary: POST /v1/glossaries.
func (s *Server) createGlossary(ctx context.Context, c *fiber.Ctx) error {
	if _, err := negotiate(c, jsonType); err != nil {
		return err
	}
	name, dictionaries, err := decodeGlossary(c)
	if err != nil {
		return err
	}
	g, err := s.glossaries.Create(ctx, callerOf(c).owner(), name, dictionaries...)
	if err != nil {
		return err
	}
	c.Status(fiber.StatusCreated)
	c.Set(fiber.HeaderLocation, "/v1/glossaries/"+g.ID)
	return send(c, glossaryHead(g))
}

// replaceGlossary: PUT /v1/glossaries/ID.
func (s *Server) replaceGlossary(ctx context.Context, c *fiber.Ctx) error {
	if _, err := negotiate(c, jsonType); err != nil {
		return err
	}
	id, err := glossaryID(c)
	if err != nil {
		return err
	}
	name, dictionaries, err := decodeGlossary(c)
	if err != nil {
		return err
	}
	g, err := s.glossaries.Edit(ctx, callerOf(c).owner(), id, func(d *glossary.Draft) error {
		d.Name = name
		d.Clear()
		for _, x := range dictionaries {
			d.Set(x.Source, x.Target, x.Entries)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return send(c, glossaryHead(g))
}

// deleteGlossary: DELETE /v1/glossaries/ID.
func (s *Server) deleteGlossary(ctx context.Context, c *fiber.Ctx) error {
	id, err := glossaryID(c)
	if err != nil {
		return err
	}
	if err := s.glossaries.Delete(ctx, callerOf(c).owner(), id); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// listGlossaries: GET /v1/glossaries.
func (s *Server) listGlossaries(ctx context.Context, c *fiber.Ctx) error {
	if _, err := negotiate(c, jsonType); err != nil {
		return err
	}
	cursor, limit, err := page(c)
	if err != nil {
		return err
	}
	list, next, err := s.glossaries.List(ctx, callerOf(c).owner(), cursor, limit)
	if err != nil {
		return err
	}
	out := api.Glossaries{Glossaries: make([]api.Glossary, len(list)), NextCursor: next}
	for i, g := range list {
		out.Glossaries[i] = glossaryHead(g)
	}
	return send(c, out)
}

// glossaryAnswer is an api.Glossary whose entries are JSON already, in their
// order.
type glossaryAnswer struct {
	api.Glossary
	Entries json.RawMessage `json:"entries,omitempty"`
	Reverse json.RawMessage `json:"reverse,omitempty"`
}

// readGlossary: GET /v1/glossaries/ID.
func (s *Server) readGlossary(ctx context.Context, c *fiber.Ctx) error {
	form, err := negotiate(c, jsonType, tsvType, csvType)
	if err != nil {
		return err
	}
	id, err := glossaryID(c)
	if err != nil {
		return err
	}
	source, target := "", ""
	languages := map[string]setter{}
	if form != jsonType {
		languages["source"] = setter{func(v string) bool { source = v; return v == "hi" || v == "en" }, "hi or en"}
		languages["target"] = setter{func(v string) bool { target = v; return v == "hi" || v == "en" }, "hi or en"}
	}
	if err := readQuery(c, languages); err != nil {
		return err
	}
	g, dictionaries, err := s.glossaries.Whole(ctx, callerOf(c).owner(), id)
	if err != nil {
		return err
	}
	if form == jsonType {
		out := glossaryAnswer{Glossary: glossaryHead(g)}
		for i, d := range dictionaries {
			if i == 0 {
				out.Entries = d.Entries.AppendJSON(nil)
			} else {
				out.Reverse = d.Entries.AppendJSON(nil)
			}
		}
		return send(c, out)
	}
	for _, d := range dictionaries {
		if source != "" && source != d.Source || target != "" && target != d.Target {
			continue
		}
		c.Set(fiber.HeaderContentType, form+"; charset=utf-8")
		if form == csvType {
			return c.SendString(d.Entries.CSV())
		}
		return c.SendString(d.Entries.TSV() + "\n")
	}
	return glossary.ErrNoDictionary
}

func glossaryHead(g *glossary.Glossary) api.Glossary {
	out := api.Glossary{ID: g.ID, Name: g.Name, Created: g.Created.Format("2006-01-02T15:04:05.000Z07:00")}
	for i, d := range g.Dictionaries {
		if i == 0 {
			out.Source, out.Target, out.EntryCount = d.Source, d.Target, d.Count
		} else {
			out.ReverseCount = d.Count
		}
	}
	return out
}
