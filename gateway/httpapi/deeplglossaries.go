package httpapi

import (
	"context"
	"errors"

	"github.com/gofiber/fiber/v2"

	"dubhashi/gateway"
	"dubhashi/gateway/glossary"
)

// deeplGlossaryRoutes are DeepL's glossaries: of one direction each (v2), and of
// one or both (v3). They are the same glossaries under the same ids, those of the
// native API too. Through v2 a glossary is its first dictionary.
func (s *Server) deeplGlossaryRoutes(a *fiber.App) {
	a.Get("/v2/glossary-language-pairs", s.deeplKeyedLate, s.deeplCall(s.deeplPairs))
	for _, r := range []struct {
		method, path string
		do           deeplShelved
	}{
		{fiber.MethodPost, "/v2/glossaries", s.deeplCreateV2},
		{fiber.MethodGet, "/v2/glossaries", s.deeplListV2},
		{fiber.MethodGet, "/v2/glossaries/:id", s.deeplGetV2},
		{fiber.MethodGet, "/v2/glossaries/:id/entries", s.deeplEntriesV2},
		{fiber.MethodDelete, "/v2/glossaries/:id", s.deeplDelete},

		{fiber.MethodPost, "/v3/glossaries", s.deeplCreateV3},
		{fiber.MethodGet, "/v3/glossaries", s.deeplListV3},
		{fiber.MethodGet, "/v3/glossaries/:id", s.deeplGetV3},
		{fiber.MethodPatch, "/v3/glossaries/:id", s.deeplPatch},
		{fiber.MethodDelete, "/v3/glossaries/:id", s.deeplDelete},
		{fiber.MethodGet, "/v3/glossaries/:id/entries", s.deeplEntriesV3},
		{fiber.MethodPut, "/v3/glossaries/:id/dictionaries", s.deeplPutDictionary},
		{fiber.MethodDelete, "/v3/glossaries/:id/dictionaries", s.deeplDeleteDictionary},
	} {
		a.Add(r.method, r.path, s.deeplKeyedLate, s.deeplShelf(r.do))
	}
}

// deeplShelved is a handler of glossaries: it is told whose they are, and which
// one is meant ("" where the path names none).
type deeplShelved func(ctx context.Context, c *fiber.Ctx, p *params, owner, id string) error

func (s *Server) deeplShelf(h deeplShelved) fiber.Handler {
	return s.deeplCall(func(c *fiber.Ctx, p *params) error {
		if s.glossaries == nil {
			return noShelf()
		}
		id := c.Params("id")
		if id != "" {
			var ok bool
			if id, ok = glossary.ID(id); !ok {
				return &problem{code: gateway.Invalid, detail: "Invalid or missing glossary ID"}
			}
		}
		ctx, cancel := context.WithTimeout(s.root, keepTime)
		defer cancel()
		return deeplGlossaryProblem(h(ctx, c, p, callerOf(c).owner(), id))
	})
}

// deeplGlossaryProblem is what an error of package glossary is to a DeepL client.
func deeplGlossaryProblem(err error) error {
	var p *problem
	var wrong *glossary.Error
	switch {
	case err == nil, errors.As(err, &p):
		return err
	case errors.As(err, &wrong):
		return &problem{
			code: gateway.Invalid, detail: "Invalid glossary entries provided",
			fields: []gateway.FieldError{{Field: "entries", Message: wrong.Error()}},
		}
	case errors.Is(err, glossary.ErrTooLarge):
		return &problem{code: tooLarge, detail: "The glossary is larger than the " + size(glossary.MaxBytes) + " allowed"}
	case errors.Is(err, glossary.ErrNotFound):
		return &problem{code: notFound, detail: "Glossary not found"}
	case errors.Is(err, glossary.ErrNoDictionary):
		return &problem{code: notFound, detail: "Dictionary not found"}
	case errors.Is(err, glossary.ErrTooMany):
		return tooManyGlossaries() // the status of a quota
	}
	return glossaryProblem(err)
}

func missingArgument(name string) *problem {
	return &problem{code: gateway.Invalid, detail: "Missing or invalid argument: " + name}
}

type deeplPair struct {
	Source string `json:"source_lang"`
	Target string `json:"target_lang"`
}

func (s *Server) deeplPairs(c *fiber.Ctx, _ *params) error {
	return send(c, map[string][]deeplPair{"supported_languages": {{"hi", "en"}, {"en", "hi"}}})
}

// deeplTime is how DeepL writes a time: its clients want the fraction.
const deeplTime = "2006-01-02T15:04:05.000Z"

// deeplGlossaryV2 is a glossary as v2 has it.
type deeplGlossaryV2 struct {
	ID      string `json:"glossary_id"`
	Name    string `json:"name"`
	Ready   bool   `json:"ready"`
	Source  string `json:"source_lang"`
	Target  string `json:"target_lang"`
	Created string `json:"creation_time"`
	Count   int    `json:"entry_count"`
}

// deeplV2 gives it; false: there is no dictionary in it, so that v2 can not tell
// of it.
func deeplV2(g *glossary.Glossary) (deeplGlossaryV2, bool) {
	if len(g.Dictionaries) == 0 {
		return deeplGlossaryV2{}, false
	}
	d := g.Dictionaries[0]
	return deeplGlossaryV2{g.ID, g.Name, true, d.Source, d.Target, g.Created.Format(deeplTime), d.Count}, true
}

// deeplGlossaryV3 is a glossary as v3 has it.
type deeplGlossaryV3 struct {
	ID           string            `json:"glossary_id"`
	Name         string            `json:"name"`
	Dictionaries []deeplDictionary `json:"dictionaries"`
	Created      string            `json:"creation_time"`
}

type deeplDictionary struct {
	Source string `json:"source_lang"`
	Target string `json:"target_lang"`
	Count  int    `json:"entry_count"`
}

func deeplV3(g *glossary.Glossary) deeplGlossaryV3 {
	out := deeplGlossaryV3{ID: g.ID, Name: g.Name, Dictionaries: []deeplDictionary{}, Created: g.Created.Format(deeplTime)}
	for _, d := range g.Dictionaries {
		out.Dictionaries = append(out.Dictionaries, deeplDictionary{d.Source, d.Target, d.Count})
	}
	return out
}

func (s *Server) deeplCreateV2(ctx context.Context, c *fiber.Ctx, p *params, owner, _ string) error {
	name, err := p.glossaryName(true)
	if err != nil {
		return err
	}
	d, err := p.dictionary(func(name string) string { return p.one(name) })
	if err != nil {
		return err
	}
	g, err := s.glossaries.Create(ctx, owner, name, d)
	if err != nil {
		return err
	}
	out, _ := deeplV2(g)
	c.Status(fiber.StatusCreated)
	return send(c, out)
}

func (s *Server) deeplCreateV3(ctx context.Context, c *fiber.Ctx, p *params, owner, _ string) error {
	name, err := p.glossaryName(true)
	if err != nil {
		return err
	}
	list, err := p.dictionaries(c)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return missingArgument("dictionaries")
	}
	g, err := s.glossaries.Create(ctx, owner, name, list...)
	if err != nil {
		return err
	}
	c.Status(fiber.StatusCreated)
	return send(c, deeplV3(g))
}

// all are the owner's glossaries: DeepL's lists have no pages.
func (s *Server) allGlossaries(ctx context.Context, owner string) (all []*glossary.Glossary, err error) {
	for cursor := ""; ; {
		list, next, err := s.glossaries.List(ctx, owner, cursor, glossary.MaxGlossaries)
		all = append(all, list...)
		if err != nil || next == "" || len(all) > glossary.MaxGlossaries {
			return all, err
		}
		cursor = next
	}
}

func (s *Server) deeplListV2(ctx context.Context, c *fiber.Ctx, _ *params, owner, _ string) error {
	all, err := s.allGlossaries(ctx, owner)
	if err != nil {
		return err
	}
	list := []deeplGlossaryV2{}
	for _, g := range all {
		if out, ok := deeplV2(g); ok {
			list = append(list, out)
		}
	}
	return send(c, map[string]any{"glossaries": list})
}

func (s *Server) deeplListV3(ctx context.Context, c *fiber.Ctx, _ *params, owner, _ string) error {
	all, err := s.allGlossaries(ctx, owner)
	if err != nil {
		return err
	}
	list := make([]deeplGlossaryV3, len(all))
	for i, g := range all {
		list[i] = deeplV3(g)
	}
	return send(c, map[string]any{"glossaries": list})
}

func (s *Server) deeplGetV2(ctx context.Context, c *fiber.Ctx, _ *params, owner, id string) error {
	g, err := s.glossaries.Get(ctx, owner, id)
	if err != nil {
		return err
	}
	out, ok := deeplV2(g)
	if !ok {
		return glossary.ErrNotFound
	}
	return send(c, out)
}

func (s *Server) deeplGetV3(ctx context.Context, c *fiber.Ctx, _ *params, owner, id string) error {
	g, err := s.glossaries.Get(ctx, owner, id)
	if err != nil {
		return err
	}
	return send(c, deeplV3(g))
}

func (s *Server) deeplEntriesV2(ctx context.Context, c *fiber.Ctx, _ *params, owner, id string) error {
	if _, err := negotiate(c, tsvType); err != nil {
		return &problem{code: unsupportedMedia, detail: "No supported media type specified in Accept header"}
	}
	_, list, err := s.glossaries.Whole(ctx, owner, id)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return glossary.ErrNotFound
	}
	c.Set(fiber.HeaderContentType, tsvType+"; charset=utf-8")
	return c.SendString(list[0].Entries.TSV())
}

type deeplEntries struct {
	Source  string `json:"source_lang"`
	Target  string `json:"target_lang"`
	Entries string `json:"entries"`
	Format  string `json:"entries_format"`
}

// deeplEntriesV3 gives one dictionary's entries, or all when no direction is
// named.
func (s *Server) deeplEntriesV3(ctx context.Context, c *fiber.Ctx, p *params, owner, id string) error {
	var pair deeplPair
	if p.one("source_lang") != "" || p.one("target_lang") != "" {
		var err error
		if pair, err = p.pair(p.one); err != nil {
			return err
		}
	}
	_, list, err := s.glossaries.Whole(ctx, owner, id)
	if err != nil {
		return err
	}
	out := []deeplEntries{}
	for _, d := range list {
		if pair == (deeplPair{}) || pair == (deeplPair{d.Source, d.Target}) {
			out = append(out, deeplEntries{d.Source, d.Target, d.Entries.TSV(), "tsv"})
		}
	}
	if len(out) == 0 && pair != (deeplPair{}) {
		return glossary.ErrNoDictionary
	}
	return send(c, map[string]any{"dictionaries": out})
}

// deeplPatch renames a glossary and merges entries into its dictionaries.
func (s *Server) deeplPatch(ctx context.Context, c *fiber.Ctx, p *params, owner, id string) error {
	name, err := p.glossaryName(false)
	if err != nil {
		return err
	}
	list, err := p.dictionaries(c)
	if err != nil {
		return err
	}
	g, err := s.glossaries.Edit(ctx, owner, id, func(d *glossary.Draft) error {
		if name != "" {
			d.Name = name
		}
		for _, x := range list {
			if err := d.Merge(ctx, x.Source, x.Target, x.Entries); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return send(c, deeplV3(g))
}

// deeplPutDictionary replaces a dictionary, or makes it.
func (s *Server) deeplPutDictionary(ctx context.Context, c *fiber.Ctx, p *params, owner, id string) error {
	x, err := p.dictionary(p.one)
	if err != nil {
		return err
	}
	if _, err := s.glossaries.Edit(ctx, owner, id, func(d *glossary.Draft) error {
		d.Set(x.Source, x.Target, x.Entries)
		return nil
	}); err != nil {
		return err
	}
	return send(c, deeplDictionary{x.Source, x.Target, len(x.Entries)})
}

func (s *Server) deeplDeleteDictionary(ctx context.Context, c *fiber.Ctx, p *params, owner, id string) error {
	pair, err := p.pair(p.one)
	if err != nil {
		return err
	}
	if _, err := s.glossaries.Edit(ctx, owner, id, func(d *glossary.Draft) error {
		if !d.Remove(pair.Source, pair.Target) {
			return glossary.ErrNoDictionary
		}
		return nil
	}); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

func (s *Server) deeplDelete(ctx context.Context, c *fiber.Ctx, _ *params, owner, id string) error {
	if err := s.glossaries.Delete(ctx, owner, id); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}
