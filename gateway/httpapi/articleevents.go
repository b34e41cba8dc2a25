package httpapi

import (
	"context"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"dubhashi/gateway"
)

// articleEvents is POST /v1/articles as a stream: the split, each block and
// summary when it is ready, and at last the whole answer.
func (s *Server) articleEvents(ctx context.Context, c *fiber.Ctx, req gateway.Request, strict bool) error {
	a := answer{id: requestID(c), asked: req.Translate}
	start := time.Now().Add(-elapsed(c))
	return s.events(ctx, c, func(read context.Context, out *stream) error {
		if s.c.CancelOnDisconnect {
			ctx = read
		}
		asked := req
		req = gateway.Request{} // its text is not held for as long as the stream lasts
		asked.Follow = &articleFollower{out: out, id: a.id}
		res, err := s.c.Gateway.Article(ctx, asked)
		if err != nil {
			return err
		}
		a.result, a.ms = res, time.Since(start).Milliseconds()
		if res.Partial && strict {
			p := missing(res)
			p.partial = &a
			return p
		}
		return out.send("done", appendArticle(nil, a))
	})
}

// articleFollower turns what an article tells into events. That nobody reads any
// more ends the article's context, so that a send's error needs no answer.
type articleFollower struct {
	out *stream
	id  string
	buf []byte
}

func (f *articleFollower) Split(source, target string, blocks []gateway.Block) {
	b := append(f.buf[:0], `{"id":`...)
	b = appendString(b, f.id)
	b = append(b, `,"source":`...)
	b = appendString(b, source)
	b = append(b, `,"target":`...)
	b = appendString(b, target)
	b = append(b, `,"paragraphs":[`...)
	for i := range blocks {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"index":`...)
		b = strconv.AppendInt(b, int64(i), 10)
		b = append(b, `,"kind":`...)
		b = appendString(b, string(blocks[i].Kind))
		b = append(b, `,"source":`...)
		b = append(appendString(b, blocks[i].Source), '}')
	}
	f.buf = append(b, `]}`...)
	_ = f.out.send("article", f.buf)
	f.buf = nil // far longer than a block
}

func (f *articleFollower) Block(i int, p *gateway.Block) {
	f.buf = appendParagraph(f.buf[:0], i, p)
	_ = f.out.send("paragraph", f.buf)
}

func (f *articleFollower) Summary(_ int, s *gateway.Summary) {
	f.buf = appendSummary(f.buf[:0], s)
	_ = f.out.send("summary", f.buf)
}
