package gateway

import (
	"context"
	"errors"
	"fmt"

	"dubhashi/gateway/llm"
)

// Code names what went wrong, for programs. Every face maps codes to its own
// form of error (an HTTP status, an exit code) in one table.
type Code string

// The codes of a whole request's error and of a single block's failure.
const (
	Invalid             Code = "invalid"              // an option or the input is wrong; see Fields
	UnsupportedLanguage Code = "unsupported_language" // neither Hindi nor English
	LegacyFont          Code = "legacy_font"          // text in a pre-Unicode font's encoding
	TooLarge            Code = "too_large"            // more characters, or a larger page, than an article may have
	URLRefused          Code = "url_refused"          // a url that is not fetched, whatever the reason
	URLUnreadable       Code = "url_unreadable"       // no text came from the url
	URLUnreachable      Code = "url_unreachable"      // its server gave no answer
	Overloaded          Code = "overloaded"           // too much is at work
	UpstreamFailed      Code = "upstream_failed"
	UpstreamAuth        Code = "upstream_auth" // key, account or quota
	Timeout             Code = "timeout"
	BudgetSpent         Code = "budget"     // the article's calls are used up
	Rejected            Code = "rejected"   // the model's answer failed the checks
	CacheMiss           Code = "cache_miss" // asked to answer from the cache only
	Canceled            Code = "canceled"   // the caller has gone
	Internal            Code = "internal"
)

// FieldError is one wrong field of a request.
type FieldError struct {
	Field   string
	Message string // what is wrong and what is allowed
}

// Error is the one error type of this package. Message is for the caller and
// holds no text of the article; the cause is for the log.
type Error struct {
	Code    Code
	Message string
	Fields  []FieldError // of Invalid
	cause   error
}

// Error is the text for a log.
func (e *Error) Error() string {
	s := string(e.Code) + ": " + e.Message
	for _, f := range e.Fields {
		s += fmt.Sprintf("; %s: %s", f.Field, f.Message)
	}
	if e.cause != nil {
		s += ": " + e.cause.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// Failure is why one block or summary is missing from an answer.
type Failure struct {
	Code    Code
	Message string // for the caller
	cause   error
}

// Cause is for the log; it may be nil.
func (f *Failure) Cause() error { return f.cause }

// failureOf turns what the llm package or a context says into a Failure.
func failureOf(err error) *Failure {
	f := &Failure{Code: UpstreamFailed, Message: "the model gave no usable answer; ask again later", cause: err}
	var e *llm.Error
	if errors.As(err, &e) {
		switch e.Kind {
		case llm.Auth:
			f.Code, f.Message = UpstreamAuth, "the upstream refused the gateway's key; the operator must mend LLM_API_KEY"
		case llm.Quota:
			f.Code, f.Message = UpstreamAuth, "the gateway's account at the upstream has no quota left; the operator must mend it"
		case llm.Timeout:
			f.Code, f.Message = Timeout, "the model did not answer in time; ask again later"
		case llm.BudgetSpent:
			f.Code, f.Message = BudgetSpent, "the calls one article may cost are used up; ask again for what is missing"
			if before := failureOf(errors.Unwrap(e)); before.cause != nil {
				f.Message += " (the last call: " + before.Message + ")"
			}
		case llm.RateLimited:
			f.Message = "the upstream is limiting requests; ask again later"
		case llm.Unavailable:
			if e.Status == 0 {
				f.Message = "the model's server could not be reached or broke the connection; the operator can run \"dubhashi doctor\""
			} else {
				f.Message = fmt.Sprintf("the model's server answered with status %d and no usable text; ask again later", e.Status)
			}
		case llm.PromptCut:
			f.Message = "the model's server cut the prompt short; the operator must raise its context length, or lower LLM_CONTEXT_TOKENS"
		case llm.Refused:
			f.Code, f.Message = Rejected, "the model refused this text"
		case llm.BadRequest:
			f.Message = "the upstream did not accept the request; the operator should check LLM_MODEL and LLM_BASE_URL"
		case llm.Canceled:
			f.Code, f.Message = Canceled, "nobody waited for this any more"
		}
		return f
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		f.Code, f.Message = Timeout, "the request's time was up; ask again for what is missing"
	case errors.Is(err, context.Canceled):
		f.Code, f.Message = Canceled, "nobody waited for this any more"
	}
	return f
}
