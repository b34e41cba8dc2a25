package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"dubhashi/gateway"
	"dubhashi/gateway/api"
	"dubhashi/gateway/jobs"
	"dubhashi/gateway/newsletter"
)

// Newsletters makes issues and writes them: a newsletter.Maker and its Renderer.
type Newsletters interface {
	// Check says what is wrong with an issue, without fetching or asking anybody.
	Check(issue *api.Issue) error
	Make(ctx context.Context, o newsletter.Order) (*newsletter.Edition, error)
	Render(e *newsletter.Edition, f newsletter.Form) ([]byte, error)
}

const (
	newsletterKind = "newsletter" // of a job

	yamlType     = "application/yaml" // RFC 9512
	yamlTypeOld  = "application/x-yaml"
	yamlTypeText = "text/yaml"

	// What an answer that is no JSON says of what the editor should know.
	headerFlags   = "X-Dubhashi-Flags"   // that are open
	headerNotices = "X-Dubhashi-Notices" // their codes, by commas
)

func (s *Server) newsletterRoutes(a *fiber.App) {
	if s.c.Newsletters != nil {
		a.Post("/v1/newsletters", s.keyed, s.work(s.newsletter))
	}
}

// newsletter: POST /v1/newsletters.
func (s *Server) newsletter(ctx context.Context, c *fiber.Ctx) error {
	in, err := decodeNewsletter(c)
	if err != nil {
		return err
	}
	form, err := newsletterForm(c, in.Format)
	if err != nil {
		return err
	}
	in.Format = string(form) // a job keeps it
	order, err := s.newsletterWork(ctx, callerOf(c).owner(), in)
	if err != nil {
		return err
	}
	if later, err := s.later(ctx, c, newsletterKind, in, in.Async, in.Webhook); later || err != nil {
		return err
	}
	t := tabOf(c)
	if err := t.charge(ctx, issueLoad(&in.Issue)); err != nil {
		return err
	}
	order.Admit = t.admits(ctx)
	e, err := s.c.Newsletters.Make(ctx, order)
	if err != nil {
		return err
	}
	body, err := s.c.Newsletters.Render(e, form)
	if err != nil {
		return err
	}
	s.stamp(c, e.Usage)
	c.Set(headerFlags, strconv.Itoa(e.Open()))
	if len(e.Notices) > 0 {
		c.Set(headerNotices, noticeCodes(e))
	}
	return sendNewsletter(c, form, body)
}

// decodeNewsletter reads an issue: JSON, or an issue file.
func decodeNewsletter(c *fiber.Ctx) (*api.NewsletterRequest, error) {
	in, given := &api.NewsletterRequest{}, map[string]bool{}
	kind, err := media(c, jsonType, yamlType, yamlTypeText, yamlTypeOld)
	if err != nil {
		return nil, err
	}
	if kind == jsonType {
		if err := unmarshal(c, in, given); err != nil {
			return nil, err
		}
	} else {
		file, err := text(c)
		if err != nil {
			return nil, err
		}
		issue, err := newsletter.ParseIssue([]byte(file))
		if err != nil {
			return nil, err
		}
		in.Issue = *issue
	}
	return in, readOptions(c, given, map[string]setter{
		"format": {func(v string) bool { in.Format = v; return v != "" }, "a value"},
		"async":  boolean(&in.Async),
	})
}

// newsletterForm is the form that is asked for: by its name, or by Accept.
func newsletterForm(c *fiber.Ctx, name string) (newsletter.Form, error) {
	if name != "" {
		var names []string
		for _, f := range newsletter.Forms {
			if string(f.Form) == name {
				return f.Form, nil
			}
			names = append(names, string(f.Form))
		}
		return "", invalid("format", "must be one of %s", strings.Join(names, ", "))
	}
	offers := []string{jsonType}
	for _, f := range newsletter.Forms {
		if !slices.Contains(offers, f.Type) {
			offers = append(offers, f.Type)
		}
	}
	kind, err := negotiate(c, offers...)
	if err != nil {
		return "", err
	}
	for _, f := range newsletter.Forms {
		if f.Type == kind { // the first of a type is the usual one
			return f.Form, nil
		}
	}
	return newsletter.JSON, nil
}

// newsletterType is the media type of a form.
func newsletterType(form newsletter.Form) string {
	for _, f := range newsletter.Forms {
		if f.Form == form {
			return f.Type
		}
	}
	return jsonType
}

func sendNewsletter(c *fiber.Ctx, form newsletter.Form, body []byte) error {
	kind := newsletterType(form)
	switch kind {
	case htmlType:
		c.Set(fiber.HeaderContentSecurityPolicy, pageCSP)
	case "message/rfc822":
		c.Set(fiber.HeaderContentDisposition, `attachment; filename="newsletter.eml"`)
		c.Set(fiber.HeaderContentType, kind) // its parts have charsets of their own
		return c.Send(body)
	}
	c.Set(fiber.HeaderContentType, kind+"; charset=utf-8")
	return c.Send(body)
}

func noticeCodes(e *newsletter.Edition) string {
	var codes []string
	for _, n := range e.Notices {
		if !slices.Contains(codes, n.Code) {
			codes = append(codes, n.Code)
		}
	}
	return strings.Join(codes, ",")
}

// newsletterWork is what POST /v1/newsletters asks of the maker. What is wrong with
// it that can be seen without its stories is told here.
func (s *Server) newsletterWork(ctx context.Context, owner string, in *api.NewsletterRequest) (o newsletter.Order, err error) {
	if err := s.c.Newsletters.Check(&in.Issue); err != nil {
		return o, err
	}
	o = newsletter.Order{Issue: in.Issue, Owner: owner}
	o.Stored, err = s.storedGlossary(ctx, owner, in.GlossaryID, "", "")
	return o, err
}

// issueLoad is the load of the editor's own texts. The stories are charged when
// they are known.
func issueLoad(issue *api.Issue) load {
	var own []string
	for _, b := range ownTexts(issue) {
		if b.Hi == "" || b.En == "" { // else there is nothing to translate
			own = append(own, b.Text+b.Hi+b.En)
		}
	}
	w := textsLoad(own)
	w.free = issue.CacheMode == string(gateway.OnlyCache)
	return w
}

func ownTexts(issue *api.Issue) []api.Bilingual {
	list := append([]api.Bilingual{issue.Title, issue.Subject, issue.Preheader, issue.Intro, issue.Footer}, issue.Sections...)
	for _, a := range issue.Articles {
		list = append(list, a.Title, a.Summary, a.Alt, a.Section)
	}
	for _, f := range issue.Feeds {
		list = append(list, f.Section)
	}
	return list
}

// admits charges each story of an issue.
func (t *tab) admits(ctx context.Context) func(*gateway.Request) func(chars int) error {
	return func(req *gateway.Request) func(chars int) error { return t.admit(ctx, req) }
}

func (s *Server) runNewsletter(ctx context.Context, t jobs.Task, it *item, bill *tab) jobs.Outcome {
	in := &api.NewsletterRequest{}
	if err := json.Unmarshal(it.Request, in); err != nil {
		return s.badJob(t, err)
	}
	if s.c.Newsletters == nil {
		return s.badJob(t, fmt.Errorf("this process makes no newsletters"))
	}
	order, err := s.newsletterWork(ctx, t.Owner, in)
	if err != nil {
		return s.badJob(t, err)
	}
	order.Admit, order.Progress = bill.admits(ctx), t.Progress
	e, err := s.c.Newsletters.Make(ctx, order)
	if err != nil {
		return s.badJob(t, err)
	}
	body, err := s.c.Newsletters.Render(e, newsletter.Form(in.Format))
	if err != nil {
		return s.badJob(t, err)
	}
	o := jobs.Outcome{Body: body}
	if e.Partial && mayMend(e) {
		o.Tries = triesPartial
	}
	return o
}

// mayMend reports whether time may bring what an edition lacks.
func mayMend(e *newsletter.Edition) bool {
	for _, n := range e.Notices {
		if passing(gateway.Code(n.Code)) {
			return true
		}
	}
	pairs := append(slices.Clone(e.Intro), e.Footer...)
	for _, s := range e.Stories() {
		pairs = append(append(append(pairs, s.Headline), s.Summary...), s.Body...)
	}
	for _, p := range pairs {
		for _, f := range p.Flags {
			if passing(gateway.Code(f.Code)) {
				return true
			}
		}
	}
	return false
}
