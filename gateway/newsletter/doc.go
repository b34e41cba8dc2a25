// Package newsletter makes bilingual newsletters: an issue, as its editor wrote
// it, with articles and feeds becomes an Edition, in which every paragraph stands
// in Hindi and in English, and an Edition becomes an e-mail, text, Markdown, feeds
// or data.
//
//	issue, err := newsletter.ParseIssue(yaml)
//	m := newsletter.New(newsletter.Config{Gateway: g, Fetch: f})
//	edition, err := m.Make(ctx, newsletter.Order{Issue: *issue})
//	mail, err := renderer.Render(edition, newsletter.HTML)
//
// It keeps no list of readers and sends nothing to one by itself: an edition is
// handed to what does.
package newsletter
