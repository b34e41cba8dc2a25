package httpapi

// routes is everything the server answers, on one page: the native API here,
// each other surface in its file.
func (s *Server) routes() {
	a := s.app
	a.Use(s.identify, s.observe, s.manners, s.guard)

	s.libreRoutes(a)
	s.deeplRoutes(a)
	s.mcpRoutes(a)

	// These take their place among the requests at work before the body.
	a.Post("/v1/articles", s.keyed, s.work(s.articles))
	a.Post("/v1/translate", s.keyed, s.work(s.translate))
	a.Post("/v1/summarize", s.keyed, s.work(s.summarize))
	a.Post("/v1/detect", s.keyed, s.admit(s.detect))
	s.newsletterRoutes(a)
	s.jobsRoutes(a)
	s.glossariesRoutes(a)
	s.usageRoutes(a)

	// These have no use for a body.
	a.Use(s.skipBody)
	a.Get("/v1/languages", s.keyed, s.languages)

	a.Get("/healthz", s.health)
	a.Get("/readyz", s.ready)
	a.Get("/metrics", s.metrics)
	a.Get("/problems/:code", s.problem)
	s.docsRoutes(a)
	heads(a)
}
