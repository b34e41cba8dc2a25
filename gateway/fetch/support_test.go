package fetch_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"dubhashi/gateway/fetch"
)

// site is a web server on loopback that counts who connects.
type site struct {
	url, host, port string
	connections     atomic.Int64
}

func serve(t testing.TB, h http.HandlerFunc) *site {
	t.Helper()
	s := &site{}
	server := httptest.NewUnstartedServer(h)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.connections.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	s.url = server.URL
	s.host, s.port, _ = net.SplitHostPort(server.Listener.Addr().String())
	return s
}

// page answers with a body and its Content-Type.
func page(kind, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = []string{kind}
		_, _ = io.WriteString(w, body)
	}
}

// names is a name server in memory: each name's answers, one a question, the
// last one from then on. A name that is not there does not exist; "*" is for
// all names.
type names struct {
	mu      sync.Mutex
	answers map[string][][]string
	asked   atomic.Int64
}

func resolver(answers map[string][][]string) (*net.Resolver, *names) {
	n := &names{answers: answers}
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		go n.serve(there)
		return here, nil
	}}, n
}

// one is a resolver for names with one address each.
func one(pairs ...string) *net.Resolver {
	answers := map[string][][]string{}
	for i := 0; i < len(pairs); i += 2 {
		answers[pairs[i]] = [][]string{strings.Split(pairs[i+1], ",")}
	}
	r, _ := resolver(answers)
	return r
}

// serve speaks DNS with a length before each message, as over TCP.
func (n *names) serve(c net.Conn) {
	defer c.Close()
	for {
		var size [2]byte
		if _, err := io.ReadFull(c, size[:]); err != nil {
			return
		}
		b := make([]byte, binary.BigEndian.Uint16(size[:]))
		if _, err := io.ReadFull(c, b); err != nil {
			return
		}
		out := n.answer(b)
		if _, err := c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(out))), out...)); err != nil {
			return
		}
	}
}

func (n *names) answer(b []byte) []byte {
	var m dnsmessage.Message
	if err := m.Unpack(b); err != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
	list, ok := n.addresses(strings.TrimSuffix(q.Name.String(), "."), q.Type)
	if !ok {
		m.RCode = dnsmessage.RCodeNameError
	}
	for _, s := range list {
		ip := netip.MustParseAddr(s)
		h := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}
		switch {
		case ip.Is4() && q.Type == dnsmessage.TypeA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AResource{A: ip.As4()}})
		case ip.Is6() && q.Type == dnsmessage.TypeAAAA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AAAAResource{AAAA: ip.As16()}})
		}
	}
	out, _ := m.Pack()
	return out
}

// addresses moves on to a name's next answer with its question for an A record:
// a lookup asks for both kinds.
func (n *names) addresses(name string, kind dnsmessage.Type) ([]string, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	list := n.answers[name]
	if list == nil {
		name, list = "*", n.answers["*"]
	}
	if list == nil {
		return nil, false
	}
	if kind == dnsmessage.TypeA {
		n.asked.Add(1)
		if len(list) > 1 {
			n.answers[name] = list[1:]
		}
	}
	return list[0], true
}

func get(t testing.TB, c fetch.Config, url string) (fetch.Page, error) {
	t.Helper()
	return fetch.New(c).Get(context.Background(), url, fetch.Article...)
}

// kindOf is the kind of a fetch's error, "" of none.
func kindOf(t testing.TB, err error) fetch.Kind {
	t.Helper()
	if err == nil {
		return ""
	}
	var e *fetch.Error
	if !errors.As(err, &e) {
		t.Fatalf("%T %v is no *fetch.Error", err, err)
	}
	return e.Kind
}

func want(t testing.TB, err error, kind fetch.Kind) {
	t.Helper()
	if got := kindOf(t, err); got != kind {
		t.Errorf("got %q (%v), want %q", got, err, kind)
	}
}

// mustBody is the page's text.
func mustBody(t testing.TB, p fetch.Page, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return p.Body
}
