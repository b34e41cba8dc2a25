package httpapi

// routes is everything the server answers, on one page.
func (s *Server) routes() {
	a := s.app
	a.Use(s.identify, s.observe, s.guard)

	// These take their place among the requests at work before the body.
	a.Post("/v1/articles", s.work(s.articles))
	a.Post("/v1/translate", s.work(s.translate))
	a.Post("/v1/summarize", s.work(s.summarize))
	a.Post("/v1/detect", s.admit(s.detect))

	a.Use(s.skipBody)
	a.Get("/v1/languages", s.languages)

	a.Get("/healthz", s.health)
	a.Get("/readyz", s.ready)
	a.Get("/metrics", s.metrics)
	a.Get("/problems/:code", s.problem)
}
