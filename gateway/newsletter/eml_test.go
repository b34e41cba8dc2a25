package newsletter_test

import (
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"slices"
	"strings"
	"testing"

	"github.com/wneessen/go-mail"

	"dubhashi/gateway/newsletter"
)

// parts reads a mail with the standard library: its header, and its parts by
// media type.
func parts(t *testing.T, eml string) (netmail.Header, map[string]string) {
	t.Helper()
	m, err := netmail.ReadMessage(strings.NewReader(eml))
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("%s %v", kind, err)
	}
	out := map[string]string{}
	r := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := r.NextRawPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		var body io.Reader = p
		switch p.Header.Get("Content-Transfer-Encoding") {
		case "base64":
			body = base64.NewDecoder(base64.StdEncoding, p)
		case "quoted-printable":
			body = quotedprintable.NewReader(p)
		default:
			t.Errorf("encoding %q", p.Header.Get("Content-Transfer-Encoding"))
		}
		text, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		kind, params, _ := mime.ParseMediaType(p.Header.Get("Content-Type"))
		if !strings.EqualFold(params["charset"], "utf-8") {
			t.Errorf("charset %q", params["charset"])
		}
		out[kind] = strings.ReplaceAll(string(text), "\r\n", "\n")
	}
	return m.Header, out
}

func TestEML(t *testing.T) {
	t.Parallel()
	e := edition(t, newsletter.SideBySide, "https://example.org")
	eml := render(t, e, newsletter.EML)
	header, body := parts(t, eml)
	if body["text/plain"] != render(t, e, newsletter.PlainText) || body["text/html"] != render(t, e, newsletter.HTML) || len(body) != 2 {
		t.Error("the parts are not the forms")
	}
	if strings.Index(eml, "text/plain") > strings.Index(eml, "text/html") {
		t.Error("the plainest part does not come first (RFC 2046 section 5.1.4)")
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject"))
	if err != nil || subject != e.Subject {
		t.Errorf("%q %v", subject, err)
	}
	for name, want := range map[string]string{
		"List-Unsubscribe": "<https://example.org/leave?u=1&k=2>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
		"X-Unsent": "1", "Content-Language": "hi, en", "Date": "Tue, 24 Nov 2026 00:00:00 +0530", "To": "", "Bcc": "", "Mime-Version": "1.0",
	} {
		if got := header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	from, err := header.AddressList("From")
	if err != nil || len(from) != 1 || from[0].Name != e.Sender.Name || from[0].Address != "letter@example.org" {
		t.Errorf("%v %v", from, err)
	}
	for i, line := range strings.Split(eml, "\r\n") {
		if len(line) > 998 || strings.ContainsAny(line, "\r\n") {
			t.Errorf("line %d: %d bytes (RFC 5322 section 2.1.1)", i, len(line))
		}
		for _, c := range []byte(line) {
			if c > 126 {
				t.Fatalf("line %d is not ASCII", i)
			}
		}
	}
	if again := render(t, edition(t, newsletter.SideBySide, "https://example.org"), newsletter.EML); again != eml {
		t.Error("the same edition is another file")
	}
	other := edition(t, newsletter.SideBySide, "https://example.org")
	other.Title["en"] = "Another week"
	if h, _ := parts(t, render(t, other, newsletter.EML)); h.Get("Message-Id") == header.Get("Message-Id") || h.Get("Message-Id") == "" {
		t.Error("another edition has the same id")
	}

	m, err := mail.EMLToMsgFromString(eml)
	if err != nil {
		t.Fatal(err)
	}
	got := m.GetGenHeader(mail.HeaderSubject)
	if len(got) != 1 {
		t.Fatalf("go-mail reads %q", got)
	}
	if s, err := new(mime.WordDecoder).DecodeHeader(got[0]); err != nil || s != e.Subject {
		t.Errorf("go-mail reads %q %v", s, err)
	}
	if len(m.GetParts()) != 2 {
		t.Fatalf("go-mail reads %d parts", len(m.GetParts()))
	}
	for _, p := range m.GetParts() {
		text, err := p.GetContent()
		if err != nil || strings.ReplaceAll(string(text), "\r\n", "\n") != body[string(p.GetContentType())] {
			t.Errorf("go-mail reads another %s: %v", p.GetContentType(), err)
		}
	}
}

// TestEMLHeaders tries what must not become a header of its own.
func TestEMLHeaders(t *testing.T) {
	t.Parallel()
	const evil = "पत्र\r\nBcc: all@example.org\r\n\r\n<b>body</b>\x00\u2028\u202E"
	e := edition(t, newsletter.Stacked, "https://example.org")
	e.Subject, e.Sender.Name, e.Preheader, e.Sender.Unsubscribe = evil, evil, evil, "mailto:leave@example.org?subject=a%0D%0ABcc:x"
	e.Title = newsletter.Text{"hi": evil, "en": evil}
	e.ID = "urn:x\r\nBcc: y@example.org"
	header, body := parts(t, render(t, e, newsletter.EML))
	if header.Get("Bcc") != "" || header.Get("List-Unsubscribe-Post") != "" || len(body) != 2 {
		t.Errorf("%v", header)
	}
	known := []string{"Content-Language", "Content-Type", "Date", "From", "List-Unsubscribe", "Message-Id", "Mime-Version", "Reply-To", "Subject", "X-Unsent"}
	for name := range header {
		if !slices.Contains(known, name) {
			t.Errorf("a header %s", name)
		}
	}
	if s, _ := new(mime.WordDecoder).DecodeHeader(header.Get("Subject")); s != "पत्र Bcc: all@example.org <b>body</b>" {
		t.Errorf("%q", s)
	}

	r, _ := newsletter.NewRenderer(nil)
	for _, row := range []struct{ name, email, replyTo, unsubscribe, want, leave string }{
		{"nobody", "", "", "", "", ""},
		{"no https", "a@example.org", "", "http://example.org/x", "", "<http://example.org/x>"},
		{"a script", "a@example.org", "", "javascript:alert(1)", "", ""},
		{"a header in the address", "a@example.org\r\nBcc: b@example.org", "", "", "sender.email is not a mail address", ""},
		{"a name in the address", "A <a@example.org>", "", "", "sender.email is not a mail address", ""},
		{"two", "a@example.org", "a@example.org, b@example.org", "", "sender.reply_to is not a mail address", ""},
		{"a header in the link", "a@example.org", "", "https://example.org/\r\nBcc: x", "", ""},
	} {
		e := edition(t, newsletter.Stacked, "https://example.org")
		e.Sender.Email, e.Sender.ReplyTo, e.Sender.Unsubscribe = row.email, row.replyTo, row.unsubscribe
		out, err := r.Render(e, newsletter.EML)
		var wrong *newsletter.SenderError
		if row.want != "" {
			if !errors.As(err, &wrong) || err.Error() != row.want {
				t.Errorf("%s: %v", row.name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		if header, _ := parts(t, string(out)); header.Get("List-Unsubscribe") != row.leave || header.Get("Bcc") != "" {
			t.Errorf("%s: %v", row.name, header)
		}
	}
}
