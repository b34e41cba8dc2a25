package fetch

import (
	"context"
	"errors"
	"net"
)

// Kind says what went wrong.
type Kind string

// The kinds of Error.
const (
	Refused     Kind = "refused"     // the URL is none that may be fetched
	Unreadable  Kind = "unreadable"  // what came is no text of an accepted type
	Unreachable Kind = "unreachable" // no answer came, or a broken one
	Timeout     Kind = "timeout"     // a limit on time was up
	TooLarge    Kind = "too_large"   // the body is over the limit
	Busy        Kind = "busy"        // too many fetches are at work
	Canceled    Kind = "canceled"    // the caller's context was
)

// Error is the one error of this package.
type Error struct {
	Kind    Kind
	Message string // for the caller; of Refused always the same
	cause   error
}

// Error is the text for a log.
func (e *Error) Error() string {
	s := "fetch: " + string(e.Kind) + ": " + e.Message
	if e.cause != nil {
		s += ": " + e.cause.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// refusal is the one text for a URL that is not fetched: a text for each reason
// would tell a caller what the private network holds.
const refusal = "this URL is not fetched: it must begin with http:// or https:// and name a public host, at a port that the web uses, without user name or password"

func refused(why string) *Error {
	return &Error{Kind: Refused, Message: refusal, cause: errors.New(why)}
}

func unreadable(message string) *Error { return &Error{Kind: Unreadable, Message: message} }

// failed is the Error for what the network or a context said.
func failed(ctx context.Context, err error) *Error {
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	var slow net.Error
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return &Error{Canceled, "nobody waited for the page any more", err}
	case ctx.Err() != nil, errors.Is(err, context.DeadlineExceeded), errors.As(err, &slow) && slow.Timeout():
		return &Error{Timeout, "the server did not send the page in time; ask again later", err}
	}
	return &Error{Unreachable, "the server could not be reached or broke the connection; check the URL, or ask again later", err}
}
