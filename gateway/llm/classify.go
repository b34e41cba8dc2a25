package llm

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"
)

// exchangeFailure judges an HTTP call by its outcome on the wire and its status;
// its kind is "" when the status is 2xx and the body came whole.
func exchangeFailure(ctx context.Context, ex *exchange) failure {
	switch {
	case !ex.sent:
		if ctx.Err() != nil {
			return contextFailure(ctx)
		}
		return failure{kind: BadRequest, reason: "the client library refuses to send this request"}
	case ex.err != nil:
		return transportFailure(ctx, ex)
	case isSuccess(ex.status):
		return failure{}
	}
	return statusFailure(ex)
}

// transportFailure judges a call that brought no whole response.
func transportFailure(ctx context.Context, ex *exchange) failure {
	for _, limit := range []error{errConnect, errHeader, errIdle, errWhole} {
		if ex.err == limit {
			return failure{
				kind: Timeout, status: ex.status, reason: limit.Error(), cause: limit,
				retry: limit != errWhole, mute: limit == errWhole && ex.mute(),
			}
		}
	}
	if ctx.Err() != nil {
		return contextFailure(ctx)
	}
	if ex.err == errLost {
		return failure{kind: Canceled, reason: errLost.Error(), cause: errLost}
	}
	f := failure{kind: Unavailable, status: ex.status, retry: true, cause: ex.err}
	var (
		dns     *net.DNSError
		netErr  net.Error
		unknown x509.UnknownAuthorityError
		name    x509.HostnameError
		invalid x509.CertificateInvalidError
	)
	switch err := ex.err; {
	case err == errTooLong:
		f.reason = err.Error()
	case errors.As(err, &unknown), errors.As(err, &name), errors.As(err, &invalid):
		f.reason, f.retry = "the server's certificate is not accepted", false
	case errors.As(err, &dns):
		f.reason = "the host name is not found"
	case errors.Is(err, syscall.ECONNREFUSED):
		f.reason = "connection refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		f.reason = "connection reset"
	case errors.As(err, &netErr) && netErr.Timeout():
		f.kind, f.reason = Timeout, errConnect.Error()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		f.reason = "the connection was closed in the middle"
	default:
		f.reason = "the connection failed"
	}
	return f
}

// statusFailure judges a response by its status; the body's code only tells a
// spent quota from a rate limit and a content filter from a bad request, and
// never a free text.
func statusFailure(ex *exchange) failure {
	we, _ := readError(ex.body)
	f := failure{status: ex.status, after: retryAfter(ex.header, time.Now()), reason: plainToken(we.code)}
	if f.reason == "" {
		f.reason = plainToken(we.typ)
	}
	note := func(s string) {
		if f.reason == "" {
			f.reason = s
			return
		}
		f.reason += ": " + s
	}
	switch s := ex.status; {
	case filtered(we):
		f.kind = Refused
		note("a content filter declined the request")
	case s == http.StatusUnauthorized || s == http.StatusForbidden:
		f.kind = Auth
		note("the API key is missing or not accepted")
	case s == http.StatusPaymentRequired || s == http.StatusTooManyRequests && quotaSpent(we):
		f.kind, f.after = Quota, 0
		note("no credit or quota left with this provider")
	case s == http.StatusTooManyRequests:
		f.kind, f.retry = RateLimited, true
	case s == http.StatusRequestTimeout:
		f.kind, f.retry = Timeout, true
	case s == http.StatusConflict || s == http.StatusTooEarly:
		f.kind, f.retry = Unavailable, true
	case s == http.StatusNotImplemented:
		f.kind, f.refusal = Unavailable, newRefusal(s, we)
	case s >= 500:
		f.kind, f.retry = Unavailable, true
	case s == http.StatusNotModified:
		f.kind, f.retry = Unavailable, true
	case s >= 300 && s < 400:
		f.kind = BadRequest
		note("the base URL redirects; set the address it leads to")
	case s == http.StatusNotFound:
		f.kind, f.refusal = BadRequest, newRefusal(s, we)
		note("no such address or model")
	case s >= 400:
		f.kind, f.refusal = BadRequest, newRefusal(s, we)
	default:
		f.kind, f.retry = Unavailable, true
	}
	if s := ex.status; f.refusal != nil && s != http.StatusBadRequest && s != http.StatusUnprocessableEntity {
		// Only these two are said of parameters by every server; any other
		// status has to name the parameter.
		f.refusal.named = true
	}
	return f
}

func quotaSpent(we wireError) bool {
	for _, s := range []string{we.code, we.typ} {
		switch s {
		case "insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "insufficient_balance":
			return true
		}
	}
	return false
}

func rateLimited(we wireError) bool {
	for _, s := range []string{we.code, we.typ} {
		switch s {
		case "rate_limit_exceeded", "rate_limit_error", "rate_limited", "too_many_requests", "RESOURCE_EXHAUSTED":
			return true
		}
	}
	return false
}

func filtered(we wireError) bool {
	for _, s := range []string{we.code, we.typ} {
		switch s {
		case "content_filter", "content_policy_violation", "ResponsibleAIPolicyViolation":
			return true
		}
	}
	return false
}

// noReplyFailure judges a 2xx whose body holds no choice, and a stream that an
// error broke off. Routers pack the failure of the server behind them into such an
// answer, some with its status.
func noReplyFailure(ex *exchange) failure {
	f := failure{kind: Unavailable, status: ex.status, retry: true, after: retryAfter(ex.header, time.Now())}
	we, isError := readError(ex.body)
	body := strings.TrimSpace(string(ex.body[:min(len(ex.body), 64)]))
	switch {
	case isError || ex.answer.fault != nil:
		f.reason = "an error in the place of an answer"
		if t := plainToken(we.code); t != "" {
			f.reason += ": " + t
		}
		switch {
		case we.status == http.StatusPaymentRequired || quotaSpent(we):
			f.kind, f.retry = Quota, false
		case we.status == http.StatusTooManyRequests || rateLimited(we):
			f.kind = RateLimited
		case filtered(we):
			f.kind, f.retry = Refused, false
		}
	case ex.streamed && ex.answer.done:
		f.reason = "no choice in the answer"
	case ex.streamed && strings.HasPrefix(body, "data:"):
		f.reason = "a stream cut short"
	case body == "":
		f.reason = "an empty body"
	case body[0] == '<':
		f.reason = "HTML in the place of JSON"
	case body[0] != '{':
		f.reason = "no JSON"
	default:
		f.reason = "no choice in the answer, or JSON cut short"
	}
	return f
}

// endings are the finish reasons in use and what they mean; the model ended by
// itself where the value is "".
var endings = map[string]Kind{
	"stop": "", "eos": "", "eos_token": "", "stop_sequence": "", "end_turn": "",
	"length": Truncated, "max_tokens": Truncated, "model_length": Truncated,
	"content_filter": Refused, "safety": Refused, "recitation": Refused, "prohibited_content": Refused,
}

// judge takes the text out of a reply, and says why it is no answer.
func judge(r reply, wantJSON bool) (text, finish string, thought bool, f failure) {
	text, before := withoutThinking(r.text)
	thought = before != none || r.thought
	f = failure{status: http.StatusOK}
	finish = strings.ToLower(r.finish)
	if finish == "null" {
		finish = ""
	}
	ending, known := endings[finish]
	whole := func() bool { _, ok := JSON(r.text); return ok }
	switch {
	case finish != "" && !known:
		f.kind, f.retry, f.reason = Unavailable, true, "an unknown finish reason"
		if t := plainToken(finish); t != "" {
			f.reason = "finish reason " + t
		}
	case ending == Truncated:
		f.kind, f.reason = Truncated, "the answer was cut at the token limit"
		f.thought = text == ""
	case ending == Refused:
		f.kind, f.reason = Refused, "a content filter ended the answer"
	case r.refusal != "":
		f.kind, f.reason = Refused, "the model declined"
	case before == unended && wantJSON && whole():
		text = strings.TrimSpace(r.text) // the object stands in thoughts that never end
	case text == "":
		f.kind, f.retry, f.reason = Unavailable, true, "an empty answer"
	case finish == "" && wantJSON && !whole():
		f.kind, f.retry, f.reason = Unavailable, true, "neither a finish reason nor a whole JSON object"
	case finish == "" && !wantJSON && r.open:
		f.kind, f.retry, f.reason = Unavailable, true, "the stream ended without a finish reason"
	}
	if f.kind != "" {
		return "", "", thought, f
	}
	if finish != "" {
		finish = "stop"
	}
	return text, finish, thought, failure{}
}
