package httpapi

import "github.com/gofiber/fiber/v2"

func (s *Server) usageRoutes(a *fiber.App) {}
