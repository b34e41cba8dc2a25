package httpapi

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/gofiber/fiber/v2"

	"dubhashi/gateway"
	"dubhashi/gateway/api"
	"dubhashi/gateway/article"
)

// articles: POST /v1/articles.
func (s *Server) articles(ctx context.Context, c *fiber.Ctx) error {
	form, err := negotiate(c, jsonType, plainType, markdownType, htmlType, eventsType)
	if err != nil {
		return err
	}
	in, err := decodeArticle(c)
	if err != nil {
		return err
	}
	req, err := s.articleWork(ctx, callerOf(c).owner(), in)
	if err != nil {
		return err
	}
	if later, err := s.later(ctx, c, articleKind, in, in.Async, in.Webhook); later || err != nil {
		return err
	}
	req.Admit = tabOf(c).admit(ctx, &req)
	if form == eventsType {
		return s.articleEvents(ctx, c, req, strict(in.Options))
	}
	res, err := s.c.Gateway.Article(ctx, req)
	if err != nil {
		return err
	}
	s.stamp(c, res.Usage)
	a := answer{id: requestID(c), result: res, asked: req.Translate, ms: elapsed(c).Milliseconds()}
	if res.Partial && strict(in.Options) {
		p := missing(res)
		p.partial = &a
		return p
	}
	return sendArticle(c, form, a)
}

// missing is the problem of a strict request whose answer is partial.
func missing(res *gateway.Result) *problem {
	p := &problem{code: gateway.UpstreamFailed}
	first := func(f *gateway.Failure) {
		if f != nil && p.detail == "" {
			p.code, p.detail, p.cause = f.Code, "the article came out only in part: "+f.Message, f.Cause()
		}
	}
	for i := range res.Blocks {
		first(res.Blocks[i].Failure)
	}
	for i := range res.Summaries {
		first(res.Summaries[i].Failure)
	}
	if kinds[p.code].status != 502 {
		p.code = gateway.UpstreamFailed // strict is a 502, whatever was the reason
	}
	return p
}

// missingTexts is missing for texts.
func missingTexts(res *gateway.TextsResult) *problem {
	p := &problem{code: gateway.UpstreamFailed}
	for _, t := range res.Texts {
		if t.Failure != nil {
			p.detail, p.cause = "the texts came out only in part: "+t.Failure.Message, t.Failure.Cause()
			break
		}
	}
	return p
}

// pageCSP lets a page of an article show its styles and pictures, and no more.
const pageCSP = "default-src 'none'; style-src 'unsafe-inline'; img-src https: http:; frame-ancestors 'none'"

func sendArticle(c *fiber.Ctx, form string, a answer) error {
	if form == jsonType {
		c.Set(fiber.HeaderContentType, "application/json; charset=utf-8")
		return c.Send(appendArticle(make([]byte, 0, 32<<10), a))
	}
	page := a.result.Page()
	c.Set(fiber.HeaderContentType, form+"; charset=utf-8")
	switch form {
	case markdownType:
		return c.SendString(page.Markdown())
	case htmlType:
		c.Set(fiber.HeaderContentSecurityPolicy, pageCSP)
		return c.SendString(page.HTML())
	}
	return c.SendString(page.Text())
}

// summarize: POST /v1/summarize.
func (s *Server) summarize(ctx context.Context, c *fiber.Ctx) error {
	if _, err := negotiate(c, jsonType); err != nil {
		return err
	}
	in, err := decodeArticle(c)
	if err != nil {
		return err
	}
	req, err := s.summaryWork(ctx, callerOf(c).owner(), in)
	if err != nil {
		return err
	}
	if later, err := s.later(ctx, c, summaryKind, in, in.Async, in.Webhook); later || err != nil {
		return err
	}
	req.Admit = tabOf(c).admit(ctx, &req)
	res, err := s.c.Gateway.Article(ctx, req)
	if err != nil {
		return err
	}
	s.stamp(c, res.Usage)
	if res.Partial && strict(in.Options) {
		return missing(res)
	}
	c.Set(fiber.HeaderContentType, "application/json; charset=utf-8")
	return c.Send(EncodeSummaries(res))
}

// articleWork is what POST /v1/articles asks of the gateway. What is wrong with
// it that can be seen without its text is told here.
func (s *Server) articleWork(ctx context.Context, owner string, in *api.ArticleRequest) (req gateway.Request, err error) {
	if req, err = s.articleRequest(ctx, owner, in); err != nil {
		return req, err
	}
	translate, summarise, err := outputs(in)
	if err != nil {
		return req, err
	}
	req.Translate = translate
	if summarise {
		req.Summary, err = summaryRequest(in.Summary)
	}
	return req, err
}

// summaryWork is articleWork for POST /v1/summarize.
func (s *Server) summaryWork(ctx context.Context, owner string, in *api.ArticleRequest) (req gateway.Request, err error) {
	if in.Outputs != nil {
		return req, invalid("outputs", "has no meaning here; use POST /v1/articles")
	}
	if req, err = s.articleRequest(ctx, owner, in); err != nil {
		return req, err
	}
	req.Summary, err = summaryRequest(in.Summary)
	return req, err
}

// textsWork is articleWork for POST /v1/translate.
func (s *Server) textsWork(ctx context.Context, owner string, in *api.TranslateRequest) (req gateway.TextsRequest, err error) {
	texts := in.Texts
	switch {
	case in.Text != nil && in.Texts != nil:
		return req, invalid("texts", "is a second input; give text or texts")
	case in.Text != nil:
		if strings.TrimSpace(*in.Text) == "" {
			return req, invalid("text", "must hold some text")
		}
		texts = []string{*in.Text}
	case len(in.Texts) == 0:
		return req, invalid("text", "is missing; give text, or texts with at least one text")
	case len(in.Texts) > maxTexts:
		return req, invalid("texts", "holds %d texts; at most %d are allowed", len(in.Texts), maxTexts)
	}
	for i, t := range texts {
		if strings.ContainsRune(t, 0) {
			return req, nul(fmt.Sprintf("texts[%d]", i))
		}
	}
	req = gateway.TextsRequest{Texts: texts, Options: options(in.Options)}
	req.Stored, err = s.storedGlossary(ctx, owner, in.GlossaryID, in.Source, in.Target)
	return req, err
}

// articleRequest turns the wire's article into the gateway's.
func (s *Server) articleRequest(ctx context.Context, owner string, in *api.ArticleRequest) (req gateway.Request, err error) {
	req.Options = options(in.Options)
	given := 0
	for _, i := range []struct {
		field  string
		text   *string
		format article.Format
	}{{"text", in.Text, article.Text}, {"html", in.HTML, article.HTML}, {"markdown", in.Markdown, article.Markdown}, {"url", in.URL, ""}} {
		if i.text == nil {
			continue
		}
		given++
		if given > 1 {
			return req, invalid(i.field, "is a second article; give one of text, html, markdown and url")
		}
		if strings.ContainsRune(*i.text, 0) {
			return req, nul(i.field)
		}
		if strings.TrimSpace(*i.text) == "" {
			return req, invalid(i.field, "must hold some text")
		}
		if i.field == "url" {
			req.URL = *i.text
			continue
		}
		req.Input, req.Format = *i.text, i.format
	}
	if given == 0 {
		return req, invalid("text", "is missing; give one of text, html, markdown and url")
	}
	if in.Title != nil {
		if strings.ContainsRune(*in.Title, 0) {
			return req, nul("title")
		}
		req.Title = *in.Title
	}
	req.Stored, err = s.storedGlossary(ctx, owner, in.GlossaryID, in.Source, in.Target)
	return req, err
}

func nul(field string) *problem {
	return &problem{code: malformed, detail: field + " holds a NUL character, which no text has"}
}

// strict reports whether a partial answer is an error: not when the caller asked
// for what is in the cache and no more.
func strict(o api.Options) bool {
	return o.Strict != nil && *o.Strict && o.CacheMode != string(gateway.OnlyCache)
}

func options(o api.Options) gateway.Options {
	return gateway.Options{
		Source: o.Source, Target: o.Target, Glossary: o.Glossary, Register: o.Register,
		Numerals: o.Numerals, Context: o.Context, Cache: gateway.CacheMode(o.CacheMode),
	}
}

// outputs says what is wanted of the article.
func outputs(in *api.ArticleRequest) (translate, summarise bool, err error) {
	if in.Outputs == nil {
		return true, true, nil
	}
	for _, o := range in.Outputs {
		switch o {
		case "translation":
			translate = true
		case "summary":
			summarise = true
		default:
			return false, false, invalid("outputs", "must be translation, summary or both")
		}
	}
	if !translate && !summarise {
		return false, false, invalid("outputs", "must name translation, summary or both")
	}
	return translate, summarise, nil
}

// summaryRequest says what the summary has to be like; nil is the defaults.
func summaryRequest(in *api.SummaryOptions) (*gateway.SummaryRequest, error) {
	out := &gateway.SummaryRequest{}
	if in == nil {
		return out, nil
	}
	out.Style, out.Languages = in.Style, in.Languages
	if n := in.MaxWords; n != nil {
		if *n < gateway.MinSummaryWords || *n > gateway.MaxSummaryWords {
			return nil, invalid("summary.max_words", "must be from %d to %d", gateway.MinSummaryWords, gateway.MaxSummaryWords)
		}
		out.MaxWords = *n
	}
	return out, nil
}

// maxTexts is how many texts one call of /v1/translate may have.
const maxTexts = 128

// translate: POST /v1/translate.
func (s *Server) translate(ctx context.Context, c *fiber.Ctx) error {
	if _, err := negotiate(c, jsonType); err != nil {
		return err
	}
	var in api.TranslateRequest
	if err := decodeJSON(c, &in); err != nil {
		return err
	}
	req, err := s.textsWork(ctx, callerOf(c).owner(), &in)
	if err != nil {
		return err
	}
	if later, err := s.later(ctx, c, textsKind, &in, in.Async, in.Webhook); later || err != nil {
		return err
	}
	w := textsLoad(req.Texts)
	w.free = req.Cache == gateway.OnlyCache
	if err := tabOf(c).charge(ctx, w); err != nil {
		return err
	}
	res, err := s.c.Gateway.Texts(ctx, req)
	if err != nil {
		return err
	}
	s.stamp(c, res.Usage)
	if res.Partial && strict(in.Options) {
		return missingTexts(res)
	}
	return send(c, translations(res))
}

func translations(res *gateway.TextsResult) api.Translations {
	out := api.Translations{Usage: usage(res.Usage), Translations: make([]api.Translation, len(res.Texts))}
	for i, t := range res.Texts {
		o := api.Translation{Source: t.Source, Target: t.Target, Cache: string(t.State), Model: t.Model, Warnings: warnings(t.Warnings, res.Warnings)}
		if t.Failure != nil {
			o.Error = &api.Failure{Code: string(t.Failure.Code), Message: t.Failure.Message}
		} else {
			o.Text = &res.Texts[i].Text
		}
		out.Translations[i] = o
	}
	return out
}

func warnings(lists ...[]gateway.Warning) []api.Warning {
	out := []api.Warning{}
	for _, l := range lists {
		for _, w := range l {
			out = append(out, api.Warning{Code: w.Code, Message: w.Message})
		}
	}
	return out
}

func usage(u gateway.Usage) api.Usage {
	return api.Usage{
		LLMCalls: u.Calls, SharedCalls: u.SharedCalls, PromptTokens: u.PromptTokens, CompletionTokens: u.CompletionTokens,
		CostUSD: u.Cost, CacheHits: u.Hits, CacheMisses: u.Misses,
	}
}

// detect: POST /v1/detect.
func (s *Server) detect(c *fiber.Ctx) error {
	if _, err := negotiate(c, jsonType); err != nil {
		return err
	}
	var in api.DetectRequest
	if err := decodeJSON(c, &in); err != nil {
		return err
	}
	if in.Text == nil || strings.TrimSpace(*in.Text) == "" {
		return invalid("text", "must hold some text")
	}
	d := gateway.Detect(*in.Text)
	return send(c, api.Detection{Language: cmp.Or(d.Language, "und"), Script: d.Script, Confidence: d.Confidence})
}

// stamp sets the headers that every answer of the pipeline has.
func (s *Server) stamp(c *fiber.Ctx, u gateway.Usage) {
	state := "partial"
	switch {
	case u.Misses == 0:
		state = "hit"
	case u.Hits == 0:
		state = "miss"
	}
	c.Set(headerCache, state)
	c.Set(headerServerTiming, fmt.Sprintf("total;dur=%.1f", float64(elapsed(c).Microseconds())/1000))
}

// send writes v as JSON, Devanagari and & as they are.
func send(c *fiber.Ctx, v any) error {
	c.Set(fiber.HeaderContentType, "application/json; charset=utf-8")
	return c.Send(appendJSON(nil, v))
}
