package httpapi

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"dubhashi/gateway/api"
)

func (s *Server) usageRoutes(a *fiber.App) {
	a.Get("/v1/usage", s.keyed, s.skipBody, s.accountUsage)
}

// usageDays is how many days before today are told.
const usageDays = 30

// accountUsage: GET /v1/usage.
func (s *Server) accountUsage(c *fiber.Ctx) error {
	if _, err := negotiate(c, jsonType); err != nil {
		return err
	}
	if err := s.c.Counter.Keeps(s.root); err != nil {
		return kept(err)
	}
	s.ledger.flush(s.root)
	who := callerOf(c)
	today, days, err := s.c.Counter.Days(s.root, who.account(), usageDays+1)
	if err != nil {
		return kept(err)
	}
	out := api.Account{Days: make([]api.UsageDay, usageDays), ResetsAt: dateOf(today + 1).Format(time.RFC3339)}
	if who.name != "" {
		out.Key = &who.name
	}
	out.Today = s.usageDay(today, days[0])
	for i := range out.Days {
		out.Days[i] = s.usageDay(today-int64(i)-1, days[i+1])
	}
	if n := s.c.Limits.Requests; n > 0 {
		out.Limits.RequestsPerMinute = &n
	}
	if n := int64(s.c.Limits.DailyChars); n > 0 {
		left := max(n-days[0][numChars], 0)
		out.Limits.CharactersPerDay, out.Remaining.Characters = &n, &left
	}
	if usd := s.c.Limits.DailyCost; usd > 0 {
		left := max(usd-float64(days[0][numCost]+days[0][numHeld])/nano, 0)
		out.Limits.CostUSDPerDay, out.Remaining.CostUSD = &usd, &left
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	return send(c, out)
}

func (s *Server) usageDay(day int64, numbers map[string]int64) api.UsageDay {
	out := api.UsageDay{
		Date: dateOf(day).Format(time.DateOnly), Requests: numbers[numRequests], Characters: numbers[numChars],
		LLMCalls: numbers[numCalls], PromptTokens: numbers[numPrompt], CompletionTokens: numbers[numCompletion],
	}
	if s.c.Prices != nil {
		usd := float64(numbers[numCost]) / nano
		out.CostUSD = &usd
	}
	return out
}

// dateOf is the start of a day that counts from 1970-01-01 UTC.
func dateOf(day int64) time.Time { return time.Unix(day*24*60*60, 0).UTC() }
