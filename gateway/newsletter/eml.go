package newsletter

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	netmail "net/mail"
	"net/url"
	"strings"

	"github.com/wneessen/go-mail"
)

// Message is the edition as a mail: text and HTML (multipart/alternative,
// RFC 2046 section 5.1.4), without a recipient. Its Date is the edition's and its
// Message-ID the same for the same content, so that the same edition is the same
// bytes; who sends it may set others. The error is a *TemplateError, or tells
// that the sender's address is none.
func (r *Renderer) Message(e *Edition) (*mail.Msg, error) {
	page, err := r.mailHTML(e)
	if err != nil {
		return nil, err
	}
	text := mailText(e)
	sum := sha256.Sum256([]byte(e.ID + "\x00" + text + "\x00" + string(page)))
	hash := hex.EncodeToString(sum[:16])

	// go-mail does not quote the boundary, so that it has to be a token (RFC 2045 section 5.1).
	m := mail.NewMsg(mail.WithCharset(mail.CharsetUTF8), mail.WithEncoding(mail.EncodingB64),
		mail.WithBoundary("part-"+hash), mail.WithNoDefaultUserAgent())
	if err := setSender(m, e); err != nil {
		return nil, err
	}
	m.Subject(oneLine(e.Subject))
	m.SetDateWithValue(e.Date.In(india))
	m.SetMessageIDWithValue(hash + "@" + mailDomain(e))
	m.SetGenHeader(mail.HeaderContentLang, strings.Join(e.Languages, ", "))
	setUnsubscribe(m, e)
	m.SetBodyString(mail.TypeTextPlain, crlf(text), mail.WithPartEncoding(encodingOf(text)))
	m.AddAlternativeString(mail.TypeTextHTML, crlf(string(page)), mail.WithPartEncoding(encodingOf(string(page))))
	return m, nil
}

// SenderError tells that an address of the sender is none.
type SenderError struct{ Field string }

// Error names the field of the issue.
func (e *SenderError) Error() string { return "sender." + e.Field + " is not a mail address" }

// setSender sets From and Reply-To. Without an address there is no From: the
// mail is a draft, and its sender is whoever opens it.
func setSender(m *mail.Msg, e *Edition) error {
	if e.Sender.Email != "" {
		a, ok := mailbox(e.Sender.Name, e.Sender.Email)
		if !ok {
			return &SenderError{"email"}
		}
		m.FromMailAddress(a)
	}
	if e.Sender.ReplyTo != "" {
		a, ok := mailbox("", e.Sender.ReplyTo)
		if !ok {
			return &SenderError{"reply_to"}
		}
		m.ReplyToMailAddress(a)
	}
	return nil
}

// mailbox is an address of the form local@domain, and nothing else, with a name.
func mailbox(name, address string) (*netmail.Address, bool) {
	a, err := netmail.ParseAddress(strings.TrimSpace(address))
	if err != nil || a.Name != "" || a.Address != strings.TrimSpace(address) {
		return nil, false
	}
	a.Name = oneLine(name)
	return a, true
}

// setUnsubscribe sets List-Unsubscribe (RFC 2369), and for an https address that
// one POST to it is enough (RFC 8058). The signature over both is the relay's.
func setUnsubscribe(m *mail.Msg, e *Edition) {
	leave := e.Leave()
	if leave == "" {
		return
	}
	m.SetGenHeader(mail.HeaderListUnsubscribe, "<"+leave+">")
	if strings.HasPrefix(leave, "https:") {
		m.SetGenHeader(mail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	}
}

// mailDomain is the right side of the Message-ID: the sender's domain.
func mailDomain(e *Edition) string {
	if _, domain, ok := strings.Cut(oneLine(e.Sender.Email), "@"); ok && plainDomain(domain) {
		return domain
	}
	if u, err := url.Parse(e.Home()); err == nil && plainDomain(u.Hostname()) {
		return u.Hostname()
	}
	return "newsletter.invalid" // RFC 2606: a name that nobody has
}

func plainDomain(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") == ""
}

// encodingOf is the shorter of the two transfer encodings of a text: a byte
// above ASCII costs three bytes as quoted-printable and one and a third as base64.
func encodingOf(text string) mail.Encoding {
	high := 0
	for i := range len(text) {
		if text[i] >= 0x80 {
			high++
		}
	}
	if high*6 > len(text) {
		return mail.EncodingB64
	}
	return mail.EncodingQP
}

// crlf is a text with the line ends of mail, which base64 has to be given
// (RFC 2045 section 6.8).
func crlf(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\n", "\r\n")
}

// eml is the mail as a file, which mail programs open as a draft.
func (r *Renderer) eml(e *Edition) ([]byte, error) {
	m, err := r.Message(e)
	if err != nil {
		return nil, err
	}
	m.SetGenHeader("X-Unsent", "1")
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
