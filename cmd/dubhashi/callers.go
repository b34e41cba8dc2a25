package main

import (
	"slices"
	"strconv"
	"strings"

	"dubhashi/gateway/httpapi"
	"dubhashi/gateway/llm"
)

// dollars takes an amount; 0 and empty mean no limit.
func (e *environment) dollars(name string) float64 {
	v := strings.TrimSpace(e.get(name))
	if v == "" {
		return 0
	}
	f, err := strconv.ParseFloat(v, 64)
	if err != nil || !(f >= 0 && f <= 1e9) { // NaN is neither
		e.reject(name, v, "must be US dollars, e.g. 2.50, or 0")
		return 0
	}
	return f
}

// apiKeys takes name:key and name:sha256=HEX. What is wrong is told by its
// place, never by its text: it may be a key.
func (e *environment) apiKeys(name string) (out []httpapi.Key) {
	for i, v := range strings.Split(e.get(name), ",") {
		if v = strings.TrimSpace(v); v == "" {
			continue
		}
		k, err := httpapi.ParseKey(v)
		if err != nil {
			e.tell("%s: entry %d %s (its value is not shown)", name, i+1, err)
			continue
		}
		if slices.ContainsFunc(out, func(o httpapi.Key) bool { return o.Name == k.Name }) {
			e.tell("%s: the name %s stands twice; each key wants a name of its own", name, k.Name)
			continue
		}
		if j := slices.IndexFunc(out, func(o httpapi.Key) bool { return o.Hash == k.Hash }); j >= 0 {
			e.tell("%s: %s and %s have the same key; each name wants a key of its own", name, out[j].Name, k.Name)
			continue
		}
		out = append(out, k)
	}
	return out
}

// checkCost: what no price is known of can not be limited.
func (e *environment) checkCost(c *config) {
	if c.Limits.DailyCost == 0 || c.ForceDemo {
		return
	}
	upstreams := c.Upstreams
	if len(upstreams) == 0 {
		upstreams = []llm.Config{c.Plain}
	}
	for _, u := range upstreams {
		if u.PriceIn != nil && u.PriceOut != nil {
			continue
		}
		prefix := "LLM_"
		if u.Name != "" {
			prefix += strings.ToUpper(u.Name) + "_"
		}
		e.tell("DUBHASHI_DAILY_COST: needs %sPRICE_IN and %sPRICE_OUT, US dollars per million tokens (0 for a model that costs nothing): without them no cost is known", prefix, prefix)
	}
}

// dearest are the highest prices of what may be asked, nil when none is set.
func dearest(upstreams []llm.Config) *httpapi.Prices {
	var p *httpapi.Prices
	for _, u := range upstreams {
		if u.PriceIn == nil || u.PriceOut == nil {
			continue
		}
		if p == nil {
			p = &httpapi.Prices{}
		}
		p.In, p.Out = max(p.In, *u.PriceIn), max(p.Out, *u.PriceOut)
	}
	return p
}
