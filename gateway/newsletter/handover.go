package newsletter

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"strings"
	"syscall"
	"unicode"
)

// HandoverError says in plain words why an edition was not handed over. Its text
// is for the editor; it holds no password. Its cause is for a log.
type HandoverError struct {
	Message string
	cause   error
}

func (e *HandoverError) Error() string { return e.Message }
func (e *HandoverError) Unwrap() error { return e.cause }

func handover(cause error, format string, args ...any) error {
	return &HandoverError{Message: fmt.Sprintf(format, args...), cause: cause}
}

// Hindrances are why an edition should not go to a list, a line each; none: it
// may.
func Hindrances(e *Edition) (why []string) {
	if e.Demo() {
		why = append(why, "the demo model had a hand in it, which does not translate")
	}
	if e.Partial {
		why = append(why, "something that was ordered is missing")
	}
	switch n := e.Open(); {
	case n == 1:
		why = append(why, "1 flag is open")
	case n > 1:
		why = append(why, fmt.Sprintf("%d flags are open", n))
	}
	return why
}

// senderOf is the address that an edition is sent from.
func senderOf(e *Edition) (*mail.Address, error) {
	if e.Sender.Email == "" {
		return nil, handover(nil, "sender.email is missing in the issue: a mail needs who it is from")
	}
	a, err := mail.ParseAddress(e.Sender.Email)
	if err != nil {
		return nil, handover(err, "sender.email in the issue is no mail address")
	}
	if a.Name == "" {
		a.Name = e.Sender.Name
	}
	return a, nil
}

// unwritten says that a form was not written: most often an own template is why.
func unwritten(form string, err error) error {
	var t *TemplateError
	if errors.As(err, &t) {
		return handover(err, "the %s could not be written: %s", form, t)
	}
	return handover(err, "the %s could not be written", form)
}

// unreachable says why a server of the operator's did not answer, in words of
// ours.
func unreachable(err error) string {
	var (
		dns     *net.DNSError
		network net.Error
		name    x509.HostnameError
		unknown x509.UnknownAuthorityError
		invalid x509.CertificateInvalidError
		record  tls.RecordHeaderError
		alert   tls.AlertError
	)
	switch {
	case errors.Is(err, context.Canceled):
		return "it was cancelled"
	case errors.As(err, &dns) && dns.IsNotFound:
		return "its name is not known"
	case errors.As(err, &dns):
		return "its name could not be looked up"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return "it did not answer in time"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens there"
	case errors.As(err, &name):
		return "its certificate is for another name"
	case errors.As(err, &unknown):
		return "its certificate is not of an authority that this machine trusts"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "its certificate has expired, or is not valid yet"
	case errors.As(err, &invalid):
		return "its certificate is not valid"
	case errors.As(err, &record):
		return "it does not speak TLS there"
	case errors.As(err, &alert):
		return "it refused the TLS connection"
	}
	return "the connection broke"
}

// most of a server's own words that are shown.
const mostSaid = 300

// said is what a server answered, as one line that can be shown: without control
// characters and without the secret, should it be repeated.
func said(text string, secrets ...string) string {
	for _, s := range secrets {
		if s != "" {
			text = strings.ReplaceAll(text, s, "…")
		}
	}
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar
	}), " ")
	if r := []rune(text); len(r) > mostSaid {
		text = string(r[:mostSaid]) + "…"
	}
	return text
}
