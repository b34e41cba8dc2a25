package newsletter_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"dubhashi/gateway/api"
	"dubhashi/gateway/newsletter"
	"dubhashi/gateway/simulator"
)

// mailServer keeps the mails that it is sent.
type mailServer struct {
	address string
	roots   *x509.CertPool

	mu    sync.Mutex
	mails []received
}

type received struct {
	from      string
	to        []string
	encrypted bool
	user      string
	data      string
}

func (m *mailServer) got() []received {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]received(nil), m.mails...)
}

const mailPassword = "p@ss:word/1"

// session is one of go-smtp's, which refuses a few addresses.
type session struct {
	server *mailServer
	conn   *smtp.Conn
	auth   bool // asks for a user
	mail   received
}

func (s *session) AuthMechanisms() []string {
	if !s.auth {
		return nil
	}
	return []string{sasl.Plain}
}

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "desk" || password != mailPassword {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "no such user with " + password + "\tat all"}
		}
		s.mail.user = user
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if strings.HasPrefix(from, "nobody@") {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 8}, Message: "sender unknown"}
	}
	_, s.mail.encrypted = s.conn.TLSConnectionState()
	s.mail.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if strings.HasPrefix(to, "full@") {
		return &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 2, 2}, Message: "mailbox full"}
	}
	s.mail.to = append(s.mail.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.mail.data = string(b)
	s.server.mu.Lock()
	s.server.mails = append(s.server.mails, s.mail)
	s.server.mu.Unlock()
	return nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

// mailServing runs a mail server on loopback.
func mailServing(t *testing.T, auth, certificate, implicit bool) *mailServer {
	t.Helper()
	m := &mailServer{}
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{server: m, conn: c, auth: auth}, nil
	}))
	server.Domain, server.ErrorLog = "mail.test", quiet{}
	server.AllowInsecureAuth = !certificate
	if certificate {
		server.TLSConfig, m.roots = selfSigned(t)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m.address = l.Addr().String()
	if implicit {
		l = tls.NewListener(l, server.TLSConfig)
	}
	var end sync.WaitGroup
	end.Go(func() { _ = server.Serve(l) })
	t.Cleanup(func() { _ = server.Close(); end.Wait() })
	return m
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

// selfSigned is a certificate for 127.0.0.1, and who trusts it.
func selfSigned(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	of := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, of, of, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	own, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(own)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, roots
}

// issueToSend is an edition of one story, with a sender.
func issueToSend(t *testing.T) *newsletter.Edition {
	t.Helper()
	issue := week(api.IssueArticle{Text: example(t, "metro.hi.txt"), Show: "lead", Link: "https://news.example.org/metro"})
	issue.Sender = api.IssueSender{Name: "नगर डेस्क", Email: "desk@example.org", Unsubscribe: "https://example.org/leave"}
	return made(t, newsletter.New(newsletter.Config{Gateway: core(t, simulated(t, simulator.Config{Demo: true}))}), issue)
}

func addresses(t *testing.T, list ...string) []*mail.Address {
	t.Helper()
	to, err := newsletter.TestAddresses(list...)
	if err != nil {
		t.Fatal(err)
	}
	return to
}

// A real mail server receives the issue, and its parts are what was written.
func TestSendTest(t *testing.T) {
	t.Parallel()
	e := issueToSend(t)
	login := "desk:" + strings.NewReplacer("@", "%40", ":", "%3A", "/", "%2F").Replace(mailPassword) + "@"
	for _, row := range []struct {
		name                  string
		auth, cert, implicit  bool
		url                   string
		encrypted, loggedInAs bool
	}{
		{"STARTTLS", true, true, false, "smtp://" + login + "HOST", true, true},
		{"TLS from the first byte", true, true, true, "smtps://" + login + "HOST", true, true},
		{"without a user", false, true, false, "smtp://HOST/", true, false},
		{"in the clear on loopback", true, false, false, "smtp://" + login + "HOST?tls=off", false, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			m := mailServing(t, row.auth, row.cert, row.implicit)
			s, err := newsletter.NewSMTP(newsletter.SMTPConfig{URL: strings.Replace(row.url, "HOST", m.address, 1), Roots: m.roots})
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if err := s.SendTest(t.Context(), e, addresses(t, "a@example.org", "संपादक <b@example.org>")); err != nil {
					t.Fatal(err)
				}
			}
			got := m.got()
			if len(got) != 2 || got[0].from != "desk@example.org" || strings.Join(got[0].to, " ") != "a@example.org b@example.org" ||
				got[0].encrypted != row.encrypted || (got[0].user == "desk") != row.loggedInAs {
				t.Fatalf("received %+v", got)
			}
			first, second := opened(t, got[0].data), opened(t, got[1].data)
			first.check(t, e)
			if first.header.Get("Message-Id") == second.header.Get("Message-Id") {
				t.Error("two tests have one Message-ID, and the second may be taken for the first")
			}
			if id := first.header.Get("Message-Id"); !strings.HasSuffix(id, "@example.org>") {
				t.Errorf("the Message-ID tells of another machine than the sender's: %s", id)
			}
		})
	}
}

// letter is a mail with its parts.
type letter struct {
	header mail.Header
	parts  map[string]string // by media type
}

func opened(t *testing.T, data string) letter {
	t.Helper()
	msg, err := mail.ReadMessage(strings.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("%s: %v", msg.Header.Get("Content-Type"), err)
	}
	l := letter{msg.Header, map[string]string{}}
	for r := multipart.NewReader(msg.Body, params["boundary"]); ; {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return l
		}
		if err != nil {
			t.Fatal(err)
		}
		var body io.Reader = p
		switch strings.ToLower(p.Header.Get("Content-Transfer-Encoding")) {
		case "base64":
			body = base64.NewDecoder(base64.StdEncoding, p)
		case "quoted-printable":
			body = quotedprintable.NewReader(p)
		}
		text, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		kind, _, err := mime.ParseMediaType(p.Header.Get("Content-Type"))
		if err != nil {
			t.Fatal(err)
		}
		l.parts[kind] = strings.ReplaceAll(string(text), "\r\n", "\n")
	}
}

func (l letter) check(t *testing.T, e *newsletter.Edition) {
	t.Helper()
	subject, err := new(mime.WordDecoder).DecodeHeader(l.header.Get("Subject"))
	if err != nil || subject != "[test] "+e.Subject {
		t.Errorf("subject %q: %v", subject, err)
	}
	from, err := l.header.AddressList("From")
	if err != nil || len(from) != 1 || from[0].Name != "नगर डेस्क" || from[0].Address != "desk@example.org" {
		t.Errorf("from %+v: %v", from, err)
	}
	if to, err := l.header.AddressList("To"); err != nil || len(to) != 2 || to[1].Name != "संपादक" {
		t.Errorf("to %+v: %v", to, err)
	}
	if when, err := l.header.Date(); err != nil || time.Since(when) > time.Hour {
		t.Errorf("date %s: %v", when, err)
	}
	if l.header.Get("X-Unsent") != "" || !strings.Contains(l.header.Get("List-Unsubscribe"), "https://example.org/leave") {
		t.Errorf("headers %v", l.header)
	}
	r, err := newsletter.NewRenderer(nil)
	if err != nil {
		t.Fatal(err)
	}
	for kind, form := range map[string]newsletter.Form{"text/plain": newsletter.PlainText, "text/html": newsletter.HTML} {
		want, err := r.Render(e, form)
		if err != nil {
			t.Fatal(err)
		}
		if l.parts[kind] != strings.ReplaceAll(string(want), "\r\n", "\n") {
			t.Errorf("the part %s is another one than the form %s", kind, form)
		}
	}
}

// What a server does not take is told in its words, and without the password.
func TestSendTestRefused(t *testing.T) {
	t.Parallel()
	e := issueToSend(t)
	secure, open := mailServing(t, true, true, false), mailServing(t, false, false, false)
	stranger := mailServing(t, false, true, false)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	nobody := *e
	nobody.Sender.Email = "nobody@example.org"
	unnamed := *e
	unnamed.Sender.Email = ""
	for _, row := range []struct {
		name, url string
		server    *mailServer
		e         *newsletter.Edition
		to, says  string
	}{
		{"no TLS offered", "smtp://" + open.address, open, e, "a@example.org", "offers no STARTTLS"},
		{"no TLS on a TLS port", "smtps://" + open.address, open, e, "a@example.org", "it does not speak TLS there"},
		{"a certificate of nobody known", "smtp://" + stranger.address, &mailServer{}, e, "a@example.org", "is not of an authority that this machine trusts"},
		{"a wrong password", "smtp://desk:wrong-secret@" + secure.address, secure, e, "a@example.org", "refuses the user and the password: it says 535"},
		{"no login offered", "smtp://desk:x@" + open.address + "?tls=off", open, e, "a@example.org", "offers no way to log in"},
		{"a sender refused", "smtp://" + open.address + "?tls=off", open, &nobody, "a@example.org", "does not take mail from nobody@example.org: it says 550"},
		{"an address refused", "smtp://" + open.address + "?tls=off", open, e, "a@example.org, full@example.org", "does not take mail for full@example.org: it says 452"},
		{"no sender", "smtp://" + open.address + "?tls=off", open, &unnamed, "a@example.org", "sender.email is missing"},
		{"nobody there", "smtp://" + closed.Addr().String(), open, e, "a@example.org", "nothing listens there"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			roots := row.server.roots
			if roots == nil {
				roots = x509.NewCertPool()
			}
			s, err := newsletter.NewSMTP(newsletter.SMTPConfig{URL: row.url, Roots: roots})
			if err != nil {
				t.Fatal(err)
			}
			err = s.SendTest(t.Context(), row.e, addresses(t, row.to))
			var h *newsletter.HandoverError
			if !errors.As(err, &h) || !strings.Contains(err.Error(), row.says) || strings.Contains(err.Error(), "secret") || strings.ContainsAny(err.Error(), "\t\n") {
				t.Errorf("%v, want %q", err, row.says)
			}
			if n := len(row.server.got()); n > 0 {
				t.Errorf("%d mails were sent", n)
			}
		})
	}
}

// A server that says nothing is not waited for when the caller has gone.
func TestSendTestCancelled(t *testing.T) {
	t.Parallel()
	e := issueToSend(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithCancel(t.Context())
	var end sync.WaitGroup
	end.Go(func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		cancel()
		_, _ = io.Copy(io.Discard, c) // until the other side goes
		_ = c.Close()
	})
	s, err := newsletter.NewSMTP(newsletter.SMTPConfig{URL: "smtp://" + l.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SendTest(ctx, e, addresses(t, "a@example.org")); err == nil || !strings.Contains(err.Error(), "it was cancelled") {
		t.Errorf("%v", err)
	}
	end.Wait()
}

func TestSMTPAddress(t *testing.T) {
	t.Parallel()
	for url, ok := range map[string]bool{
		"smtp://mail.example.org": true, "smtp://mail.example.org:587": true, "smtps://u:p@mail.example.org:465/": true,
		"smtp://localhost:1025?tls=off": true, "smtp://[::1]:1025?tls=off": true,
		"": false, "mail.example.org:587": false, "http://mail.example.org": false, "smtp://": false, "smtp:mail": false,
		"smtp://u@mail.example.org": false, "smtp://:secret@mail.example.org": false, "smtp://mail.example.org/inbox": false,
		"smtp://mail.example.org#x": false, "smtp://mail.example.org:99999": false, "smtp://u:secret%zz@mail.example.org": false,
		"smtp://mail.example.org?tls=off": false, "smtps://127.0.0.1?tls=off": false, "smtp://127.0.0.1?tls=maybe": false, "smtp://127.0.0.1?verify=off": false,
	} {
		_, err := newsletter.NewSMTP(newsletter.SMTPConfig{URL: url})
		if (err == nil) != ok {
			t.Errorf("%q: %v", url, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: the password is shown: %v", url, err)
		}
	}
}

func TestTestAddresses(t *testing.T) {
	t.Parallel()
	many := make([]string, 11)
	for i := range many {
		many[i] = string(rune('a'+i)) + "@example.org"
	}
	for _, row := range []struct {
		name string
		in   []string
		want int // 0: an error
	}{
		{"one", []string{"a@example.org"}, 1},
		{"by commas and one by one", []string{"a@example.org, B <b@example.org>", "c@example.org"}, 3},
		{"doubles", []string{"a@example.org", "A@example.org,b@example.org"}, 2},
		{"ten", many[:10], 10},
		{"eleven", many, 0},
		{"none", []string{" ", ""}, 0},
		{"no address", []string{"desk"}, 0},
		{"a line break", []string{"a@example.org\r\nRCPT TO:<b@example.org>"}, 0},
	} {
		got, err := newsletter.TestAddresses(row.in...)
		if len(got) != row.want || (err == nil) != (row.want > 0) {
			t.Errorf("%s: %d, %v", row.name, len(got), err)
		}
	}
}
