// Package gateway is the core of Dubhashi: it takes a Hindi or English
// article, splits it into blocks, looks every segment up in the paragraph
// cache, asks a model for what is missing, checks what comes back, stores what
// is good and joins the answer.
//
// It has one deep entry, [Gateway.Article]; [Gateway.Texts] is the same
// pipeline over independent texts. It serves no HTTP, reads no environment and
// knows neither Fiber nor go-openai.
//
//	g := gateway.New(gateway.Config{Upstreams: ups, Cache: store})
//	res, err := g.Article(ctx, gateway.Request{Input: text, Translate: true})
//	for _, b := range res.Blocks {
//		fmt.Println(b.Source, "→", b.Target.String())
//	}
//
// # What is paid for once
//
// The unit of caching is the segment: a block, or a piece of at most
// [MaxSegment] characters of a longer one. Requests that want the same segment
// at the same time share one call (a flight), and a paragraph that came
// through is stored at once, whatever becomes of the rest of its article.
package gateway
