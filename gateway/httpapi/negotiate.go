package httpapi

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// negotiate picks the form the caller likes best of those offered, the first
// when it does not care (RFC 9110, 12.5.1).
func negotiate(c *fiber.Ctx, offers ...string) (string, error) {
	if len(offers) > 1 {
		c.Vary(fiber.HeaderAccept)
	}
	header := c.Get(fiber.HeaderAccept)
	if strings.TrimSpace(header) == "" {
		return offers[0], nil
	}
	best, bestQ := "", 0.0
	for _, offer := range offers {
		if q := quality(header, offer); q > bestQ {
			best, bestQ = offer, q
		}
	}
	if best == "" {
		return "", &problem{code: notAcceptable, detail: "this endpoint answers " + strings.Join(offers, ", ")}
	}
	return best, nil
}

// quality is the weight the Accept header gives a type: the most specific
// range that matches counts.
func quality(header, offer string) float64 {
	kind, _, _ := strings.Cut(offer, "/")
	q, rank := 0.0, -1
	for part := range strings.SplitSeq(header, ",") {
		fields := strings.Split(part, ";")
		r := -1
		switch strings.ToLower(strings.TrimSpace(fields[0])) {
		case offer:
			r = 2
		case kind + "/*":
			r = 1
		case "*/*":
			r = 0
		}
		if r <= rank {
			continue
		}
		rank, q = r, weight(fields[1:])
	}
	return q
}

// weight is the q of a range's parameters: 1 when there is none, 0 when it is no
// number from 0 to 1.
func weight(parameters []string) float64 {
	q := 1.0
	for _, f := range parameters {
		name, value, _ := strings.Cut(strings.TrimSpace(f), "=")
		if strings.EqualFold(name, "q") {
			v, err := strconv.ParseFloat(value, 64)
			if err != nil || !(v >= 0 && v <= 1) {
				v = 0
			}
			q = v
		}
	}
	return q
}
