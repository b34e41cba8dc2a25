package httpapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"dubhashi/gateway"
	"dubhashi/gateway/api"
)

// Codes of this face; the others are the gateway's.
const (
	malformed        gateway.Code = "malformed"
	notFound         gateway.Code = "not_found"
	methodNotAllowed gateway.Code = "method_not_allowed"
	notAcceptable    gateway.Code = "not_acceptable"
	tooLarge         gateway.Code = gateway.TooLarge
	headersTooLarge  gateway.Code = "headers_too_large"
	unsupportedMedia gateway.Code = "unsupported_media_type"
	requestTimeout   gateway.Code = "request_timeout"
	unauthorized     gateway.Code = "unauthorized"
	forbidden        gateway.Code = "forbidden"
	conflict         gateway.Code = "conflict"
	rateLimited      gateway.Code = "rate_limited"
	storeEvicts      gateway.Code = "store_evicts"
	storeDown        gateway.Code = "store_down"
	notReady         gateway.Code = "not_ready"
	overloaded       gateway.Code = gateway.Overloaded
	draining         gateway.Code = "draining"
)

// kind is what a code means over HTTP.
type kind struct {
	status int
	title  string
	mend   string // shown at /problems/CODE
}

// kinds is the one table from codes to HTTP.
var kinds = map[gateway.Code]kind{
	malformed:                   {400, "Malformed request", "Send valid JSON (or a plain body with its Content-Type) in UTF-8, without NUL characters."},
	unauthorized:                {401, "Unauthorized", "Send a key that the operator gave out: Authorization: Bearer KEY, or X-API-Key: KEY."},
	forbidden:                   {403, "Forbidden", "This key may not do that."},
	notFound:                    {404, "Not found", "/docs lists the paths that exist."},
	methodNotAllowed:            {405, "Method not allowed", "Use one of the methods in the Allow header."},
	notAcceptable:               {406, "Not acceptable", "Accept one of application/json, text/event-stream, text/plain, text/markdown, text/html (articles), or application/json (the rest); newsletters have more forms, which the answer names."},
	requestTimeout:              {408, "Request timeout", "Send the whole request without long pauses."},
	conflict:                    {409, "Conflict", "The resource is not in a state that allows this; look at it and ask again."},
	tooLarge:                    {413, "Too large", "Send a shorter article, or several; the operator can raise DUBHASHI_MAX_BODY and DUBHASHI_MAX_ARTICLE_CHARS."},
	unsupportedMedia:            {415, "Unsupported media type", "Send application/json, text/plain, text/html or text/markdown (newsletters: application/json or application/yaml) in UTF-8, without a Content-Encoding."},
	gateway.Invalid:             {422, "Invalid request", "Mend the fields named in errors."},
	gateway.UnsupportedLanguage: {422, "Unsupported language", "Send Hindi or English; if the text is one of them, say which in source."},
	gateway.LegacyFont:          {422, "Legacy font", "Convert the text from its legacy font (such as Kruti Dev) to Unicode Hindi and send it again."},
	gateway.URLRefused:          {422, "URL refused", "Give a url that begins with http:// or https:// and names a public host; the operator can allow others with DUBHASHI_FETCH_ALLOW."},
	gateway.URLUnreadable:       {422, "URL unreadable", "Give the url of a web page, plain text or Markdown that anyone can read, or send the article itself."},
	rateLimited:                 {429, "Rate limited", "Wait as long as Retry-After says and ask again."},
	headersTooLarge:             {431, "Headers too large", "Send fewer or shorter headers and query options."},
	gateway.Canceled:            {499, "Client closed the request", "The caller left before the answer was ready."},
	gateway.Internal:            {500, "Internal error", "Ask again; tell the operator the request_id if it stays."},
	gateway.UpstreamFailed:      {502, "Upstream failed", "Ask again later; what came through is kept and not paid for again."},
	gateway.UpstreamAuth:        {502, "Upstream refused the gateway", "The operator must mend the upstream's key or quota."},
	gateway.URLUnreachable:      {502, "URL unreachable", "Check the url, or ask again later; or send the article itself."},
	gateway.Rejected:            {502, "Answer rejected", "The model's answers failed the checks; ask again, or use another model."},
	gateway.BudgetSpent:         {502, "Budget spent", "The calls that one article may cost were used up; ask again for what is missing."},
	gateway.CacheMiss:           {502, "Not in the cache", "Ask without cache=only."},
	overloaded:                  {503, "Overloaded", "Wait as long as Retry-After says and ask again."},
	storeEvicts:                 {503, "Store evicts", "The operator must set Redis' maxmemory-policy to noeviction or a volatile one; translation works meanwhile."},
	storeDown:                   {503, "Store down", "Wait as long as Retry-After says and ask again; translation works meanwhile."},
	notReady:                    {503, "Not ready", "Ask again until it is."},
	draining:                    {503, "Shutting down", "Wait as long as Retry-After says and ask again."},
	gateway.Timeout:             {504, "Timeout", "Ask again: what came through is kept and not paid for again."},
}

// problem is an error on its way to a caller.
type problem struct {
	code    gateway.Code
	detail  string
	fields  []gateway.FieldError
	partial *answer // what a strict request got of its article
	unread  bool    // the body is still coming: answer, drain, close
	wait    int     // seconds for Retry-After; 0: the usual ones of a 503
	quota   bool    // of rateLimited: it is the day's quota that is used up
	cause   error
}

func (p *problem) Error() string { return string(p.code) + ": " + p.detail }
func (p *problem) Unwrap() error { return p.cause }

// invalid is a 422 about one field.
func invalid(field, format string, args ...any) *problem {
	m := fmt.Sprintf(format, args...)
	return &problem{code: gateway.Invalid, detail: "the request is not valid", fields: []gateway.FieldError{{Field: field, Message: m}}}
}

// problemOf turns any error into a problem. What is not known stays inside.
func problemOf(err error) *problem {
	var p *problem
	if errors.As(err, &p) {
		return p
	}
	var g *gateway.Error
	if errors.As(err, &g) {
		return &problem{code: g.Code, detail: g.Message, fields: g.Fields, cause: g}
	}
	var e interface{ Evicts() bool }
	if errors.As(err, &e) && e.Evicts() {
		return &problem{code: storeEvicts, cause: err}
	}
	var f *fiber.Error
	if errors.As(err, &f) {
		switch f.Code {
		case http.StatusNotFound:
			return &problem{code: notFound}
		case http.StatusMethodNotAllowed:
			return &problem{code: methodNotAllowed}
		case http.StatusRequestEntityTooLarge:
			return &problem{code: tooLarge}
		case http.StatusRequestHeaderFieldsTooLarge:
			return &problem{code: headersTooLarge}
		case http.StatusRequestTimeout:
			return &problem{code: requestTimeout}
		case http.StatusBadRequest:
			return &problem{code: malformed}
		}
	}
	return &problem{code: gateway.Internal, cause: err}
}

// failure is an error as a problem and what that means over HTTP. The cause of
// one that is ours goes into the log.
func (s *Server) failure(err error, id string) (*problem, kind) {
	p := problemOf(err)
	k, ok := kinds[p.code]
	if !ok {
		p, k = &problem{code: gateway.Internal, cause: err}, kinds[gateway.Internal]
	}
	if k.status >= 500 {
		s.c.Log.Error("request failed", "request_id", id, "code", string(p.code), "cause", fmt.Sprint(p.cause))
	}
	return p, k
}

// fail is the one encoder of errors.
func (s *Server) fail(c *fiber.Ctx, err error) error {
	id := requestID(c)
	unparsed := c.Locals(idKey) == nil
	if unparsed { // fasthttp could not read it, and no middleware has run
		guarded(c)
		c.Set(fiber.HeaderCacheControl, "no-store")
	}
	p, k := s.failure(err, id)
	if p.wait > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(p.wait))
	} else if k.status == 503 {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(retryAfter))
	}
	if own, err := s.surfaceError(c, p, k); own {
		c.Set(headerRequestID, id)
		if err != nil || !p.unread {
			return err
		}
		return sendAndDrain(c)
	}
	body := problemJSON(p, k, id)
	c.Status(k.status)
	if p.code == unauthorized {
		c.Set(fiber.HeaderWWWAuthenticate, "Bearer") // RFC 6750, 3
	}
	c.Set(fiber.HeaderContentType, "application/problem+json; charset=utf-8")
	c.Set(headerRequestID, id) // an error before the middleware has none yet
	if err := c.Send(body); err != nil {
		return err
	}
	switch {
	case p.unread:
		return sendAndDrain(c)
	case unparsed && p.code == headersTooLarge:
		return sendAndDrainUnread(c)
	}
	return nil
}

// problemJSON is a problem in the native form (RFC 9457).
func problemJSON(p *problem, k kind, id string) []byte {
	out := api.Problem{
		Type: "/problems/" + string(p.code), Title: k.title, Status: k.status, Detail: p.detail,
		Code: string(p.code), RequestID: id,
	}
	if out.Detail == "" {
		out.Detail = k.mend
	}
	for _, f := range p.fields {
		out.Errors = append(out.Errors, api.FieldError{Field: f.Field, Message: f.Message})
	}
	body, _ := json.Marshal(out) // strings and numbers: cannot fail
	if p.partial != nil {
		body = append(body[:len(body)-1], `,"partial":`...)
		body = append(appendArticle(body, *p.partial), '}')
	}
	return body
}

// retryAfter is how many seconds a caller should wait when the gateway is full
// or going down.
const retryAfter = 2

// problem answers /problems/CODE, the address in a problem's type.
func (s *Server) problem(c *fiber.Ctx) error {
	k, ok := kinds[gateway.Code(c.Params("code"))]
	if !ok {
		return &problem{code: notFound}
	}
	return c.SendString(fmt.Sprintf("%s (%d)\n\n%s\n", k.title, k.status, k.mend))
}

// size writes a number of bytes for people.
func size(n int) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return strconv.Itoa(n>>20) + " MiB"
	case n >= 1<<10 && n%(1<<10) == 0:
		return strconv.Itoa(n>>10) + " KiB"
	}
	return strconv.Itoa(n) + " bytes"
}
