package newsletter

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/netip"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

const (
	// MaxTestAddresses is how many addresses one test send may have: a desk, not a
	// list of readers.
	MaxTestAddresses = 10

	smtpTime = time.Minute      // for one mail, from the first word to the last
	smtpDial = 15 * time.Second // until there is a connection
)

// SMTPConfig names the mail server that takes test sends.
type SMTPConfig struct {
	// URL is smtp://[USER:PASSWORD@]HOST[:587], which begins in the clear and must
	// offer STARTTLS (RFC 3207), or smtps://…[:465], which is TLS from the first
	// byte (RFC 8314). On loopback, smtp://…?tls=off goes without.
	URL      string
	Renderer *Renderer      // nil: the built-in templates
	Roots    *x509.CertPool // nil: those of the machine
}

// SMTP sends editions to a few named addresses, for the editor to look at. It is
// safe for concurrent use.
type SMTP struct {
	host, port     string
	user, password string
	implicit       bool // TLS from the first byte
	plain          bool // no TLS at all: loopback
	roots          *x509.CertPool
	renderer       *Renderer
}

// NewSMTP reads the server's address; it does not dial. The error never shows
// the address, which may hold a password.
func NewSMTP(c SMTPConfig) (*SMTP, error) {
	u, err := url.Parse(c.URL)
	if err != nil {
		return nil, errors.New("must be an address such as smtp://user:password@mail.example.org:587 or smtps://…:465; a password is percent-encoded")
	}
	s := &SMTP{host: u.Hostname(), port: u.Port(), roots: c.Roots, renderer: c.Renderer}
	if s.renderer == nil {
		s.renderer = builtin
	}
	switch u.Scheme {
	case "smtp":
		s.port = orElse(s.port, "587") // RFC 6409
	case "smtps":
		s.port, s.implicit = orElse(s.port, "465"), true // RFC 8314
	default:
		return nil, errors.New("must begin with smtp:// or smtps://")
	}
	if _, err := strconv.ParseUint(s.port, 10, 16); err != nil || s.host == "" || u.Opaque != "" {
		return nil, errors.New("must name a host, and a port if it is not the usual one")
	}
	if strings.Trim(u.Path, "/") != "" || u.Fragment != "" {
		return nil, errors.New("must end behind the host and the port")
	}
	if u.User != nil {
		s.user = u.User.Username()
		s.password, _ = u.User.Password()
		if s.user == "" || s.password == "" {
			return nil, errors.New("must have both a user and a password, or neither")
		}
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, errors.New("has a query that is not well-formed")
	}
	for name, values := range query {
		if name != "tls" || len(values) != 1 || values[0] != "off" {
			return nil, errors.New("takes no option but tls=off")
		}
		s.plain = true
	}
	switch {
	case s.plain && s.implicit:
		return nil, errors.New("is smtps, which is nothing without TLS")
	case s.plain && !loopback(s.host):
		return nil, errors.New("may have tls=off for this machine alone (localhost, 127.0.0.1)")
	}
	return s, nil
}

func orElse(value, other string) string {
	if value == "" {
		return other
	}
	return value
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// TestAddresses reads the addresses of a test send, each by itself or several by
// commas; doubles are left out. The error's text is for the editor.
func TestAddresses(list ...string) ([]*netmail.Address, error) {
	var out []*netmail.Address
	for _, part := range list {
		if strings.TrimSpace(part) == "" {
			continue
		}
		some, err := netmail.ParseAddressList(part)
		if err != nil {
			return nil, handover(err, "%q is no mail address, nor several parted by commas", said(part))
		}
		for _, a := range some {
			if !slices.ContainsFunc(out, func(b *netmail.Address) bool { return strings.EqualFold(a.Address, b.Address) }) {
				out = append(out, a)
			}
		}
	}
	switch n := len(out); {
	case n == 0:
		return nil, handover(nil, "a test send needs an address")
	case n > MaxTestAddresses:
		return nil, handover(nil, "a test send goes to %d addresses at most, and these are %d; a list is for what keeps lists", MaxTestAddresses, n)
	}
	return out, nil
}

// SendTest sends an edition to some addresses, "[test]" before its subject,
// whatever flags are open. One that the server refuses stops the send to all. The
// error is a [*HandoverError].
func (s *SMTP) SendTest(ctx context.Context, e *Edition, to []*netmail.Address) error {
	from, err := senderOf(e)
	if err != nil {
		return err
	}
	if len(to) == 0 || len(to) > MaxTestAddresses {
		return handover(nil, "a test send goes to 1 to %d addresses", MaxTestAddresses)
	}
	msg, err := s.renderer.Message(e)
	if err != nil {
		return unwritten("mail", err)
	}
	msg.ToMailAddress(to...)
	msg.Subject("[test] " + e.Subject)
	msg.SetMessageIDWithValue(rand.Text() + "@" + mailDomain(e)) // a second test must not be taken for the first
	msg.SetDate()
	ctx, cancel := context.WithTimeout(ctx, smtpTime)
	defer cancel()
	conn, settings, err := s.dial(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	c, err := s.greet(conn, settings)
	if err == nil {
		err = s.deliver(c, msg, from, to)
	}
	if cause := ctx.Err(); err != nil && cause != nil {
		return handover(cause, "the mail server at %s did not take the mail: %s", s.host, unreachable(cause))
	}
	if err == nil {
		_ = c.Quit() // it has taken the mail
	}
	return err
}

func (s *SMTP) dial(ctx context.Context) (conn net.Conn, settings *tls.Config, err error) {
	address := net.JoinHostPort(s.host, s.port)
	settings = &tls.Config{ServerName: s.host, RootCAs: s.roots, MinVersion: tls.VersionTLS12}
	ctx, cancel := context.WithTimeout(ctx, smtpDial)
	defer cancel()
	if s.implicit {
		conn, err = (&tls.Dialer{Config: settings}).DialContext(ctx, "tcp", address)
	} else {
		conn, err = (&net.Dialer{}).DialContext(ctx, "tcp", address)
	}
	if err != nil {
		return nil, nil, handover(err, "the mail server at %s cannot be reached: %s", address, unreachable(err))
	}
	return conn, settings, nil
}

// greet brings a connection to where a mail may be sent on it: encrypted, and
// logged in where a user is named.
func (s *SMTP) greet(conn net.Conn, settings *tls.Config) (*smtp.Client, error) {
	c, err := smtp.NewClient(conn, s.host)
	if err != nil {
		return nil, s.refused("does not greet", err)
	}
	if err := c.Hello(literal(conn.LocalAddr())); err != nil {
		return nil, s.refused("does not say what it can do", err)
	}
	if !s.implicit && !s.plain {
		if ok, _ := c.Extension("STARTTLS"); !ok {
			return nil, handover(nil, "the mail server at %s offers no STARTTLS, and mail is not sent in the clear; use smtps:// if it has a port for that", s.host)
		}
		if err := c.StartTLS(settings); err != nil {
			return nil, s.refused("does not come to an encrypted connection", err)
		}
	}
	if s.user != "" {
		if err := s.login(c); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// literal is how a client without a name of its own calls itself (RFC 5321,
// 4.1.4).
func literal(a net.Addr) string {
	at, err := netip.ParseAddrPort(a.String())
	switch ip := at.Addr().Unmap().WithZone(""); {
	case err != nil:
		return "localhost"
	case ip.Is6():
		return "[IPv6:" + ip.String() + "]"
	default:
		return "[" + ip.String() + "]"
	}
}

// login uses the best way that the server offers: those that do not show the
// password to it come first.
func (s *SMTP) login(c *smtp.Client) error {
	_, offered := c.Extension("AUTH")
	for _, way := range []struct {
		name string
		auth smtp.Auth
	}{
		{"SCRAM-SHA-256", smtp.ScramSHA256Auth(s.user, s.password)},
		{"SCRAM-SHA-1", smtp.ScramSHA1Auth(s.user, s.password)},
		{"PLAIN", smtp.PlainAuth("", s.user, s.password, s.host, s.plain)},
		{"LOGIN", smtp.LoginAuth(s.user, s.password, s.host, s.plain)},
		{"CRAM-MD5", smtp.CRAMMD5Auth(s.user, s.password)},
	} {
		if !slices.Contains(strings.Fields(strings.ToUpper(offered)), way.name) {
			continue
		}
		if err := c.Auth(way.auth); err != nil {
			return s.refused("refuses the user and the password", err)
		}
		return nil
	}
	return handover(nil, "the mail server at %s offers no way to log in that is known here (SCRAM-SHA-256, SCRAM-SHA-1, PLAIN, LOGIN, CRAM-MD5)", s.host)
}

func (s *SMTP) deliver(c *smtp.Client, msg *mail.Msg, from *netmail.Address, to []*netmail.Address) error {
	if err := c.Mail("<" + from.Address + ">"); err != nil {
		return s.refused("does not take mail from "+from.Address, err)
	}
	for _, a := range to {
		if err := c.Rcpt("<" + a.Address + ">"); err != nil {
			return s.refused("does not take mail for "+a.Address, err)
		}
	}
	w, err := c.Data()
	if err != nil {
		return s.refused("does not take the mail", err)
	}
	if _, err := msg.WriteTo(w); err != nil {
		return s.refused("did not take the whole mail", err)
	}
	if err := w.Close(); err != nil {
		return s.refused("does not take the mail", err)
	}
	return nil
}

// refused is what the server says to a step, or that it says nothing.
func (s *SMTP) refused(what string, err error) error {
	why := unreachable(err)
	var answer *textproto.Error
	if errors.As(err, &answer) {
		why = fmt.Sprintf("it says %d %s", answer.Code, said(answer.Msg, s.password))
	}
	return handover(err, "the mail server at %s %s: %s", s.host, what, why)
}
