package fetch

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"time"
)

// MaxRedirects is how many redirects of a page are followed.
const MaxRedirects = 5

// maxHeader is the most bytes of an answer's header.
const maxHeader = 64 << 10

// Article are the media types in which an article may come, for Get.
var Article = []string{"text/html", "application/xhtml+xml", "text/plain", "text/markdown", "text/x-markdown"}

// Config is what a Fetcher is made of. The zero value of a field means its
// default.
type Config struct {
	Version string   // of the product, for the User-Agent
	Allow   []string // host names, addresses and IP/bits that may be reached although they are private

	Timeout        time.Duration // one fetch's whole time, waiting and redirects included; 20 s
	ConnectTimeout time.Duration // looking a name up and connecting, and again the TLS handshake; 5 s
	HeaderTimeout  time.Duration // from the request to the answer's header; 10 s
	MaxBody        int           // bytes of a page when unpacked; 2 MiB
	AtOnce         int           // fetches at work or waiting; 64, of one host a quarter of it
	PerHost        int           // fetches at work of one host; 4

	Resolver *net.Resolver  // nil: the system's
	RootCAs  *x509.CertPool // nil: the system's
}

// Fetcher gets what a caller's URL names. It is safe for concurrent use and
// holds nothing that must be closed.
type Fetcher struct {
	c         Config
	agent     string
	allowed   allowed
	turns     turns
	transport *http.Transport
}

// New makes a Fetcher.
func New(c Config) *Fetcher {
	c.Timeout = cmp.Or(c.Timeout, 20*time.Second)
	c.ConnectTimeout = cmp.Or(c.ConnectTimeout, 5*time.Second)
	c.HeaderTimeout = cmp.Or(c.HeaderTimeout, 10*time.Second)
	c.MaxBody = cmp.Or(c.MaxBody, 2<<20)
	c.AtOnce = cmp.Or(c.AtOnce, 64)
	c.PerHost = cmp.Or(c.PerHost, 4)
	f := &Fetcher{c: c, allowed: parseAllowed(c.Allow), agent: userAgent(c.Version)}
	f.turns = turns{most: c.AtOnce, mostOfHost: max(c.AtOnce/4, c.PerHost), perHost: c.PerHost}
	f.transport = &http.Transport{
		Proxy:                  nil, // a proxy would dial what we cannot judge
		DialContext:            f.dial,
		TLSClientConfig:        &tls.Config{RootCAs: c.RootCAs, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    c.ConnectTimeout,
		ResponseHeaderTimeout:  c.HeaderTimeout,
		MaxResponseHeaderBytes: maxHeader,
		DisableCompression:     true, // unpacked here, under a limit
		DisableKeepAlives:      true, // a page is one request; each is judged anew
	}
	return f
}

// userAgent names the product and why it comes, as sites ask of programs.
func userAgent(version string) string {
	name := "Dubhashi"
	if version != "" {
		name += "/" + version
	}
	return name + " (translation gateway; fetches single pages when its user asks for them)"
}

// dial connects to host:port. The address is judged when it is about to be
// dialled: see judge.
func (f *Fetcher) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	byName := f.allowed.hosts[host]
	d := net.Dialer{Timeout: f.c.ConnectTimeout, KeepAlive: -1, Resolver: f.c.Resolver}
	d.ControlContext = func(_ context.Context, network, address string, _ syscall.RawConn) error {
		return f.judge(network, address, byName)
	}
	if _, err := netip.ParseAddr(host); err != nil && !byName {
		host += "." // the name as it stands: none of the machine's search domains
	}
	return d.DialContext(ctx, network, net.JoinHostPort(host, port))
}

// judge is asked about the very address that a socket is about to connect to.
func (f *Fetcher) judge(network, address string, byName bool) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil || !strings.HasPrefix(network, "tcp") {
		return refused("the address is of another kind")
	}
	if byName && ap.Addr().Zone() == "" || f.allowed.permits(ap.Addr()) {
		return nil
	}
	return refused("the name leads to an address that is not public")
}

// Get fetches a page. Its media type must be one of accept, all lower case. The
// error is always an *Error. Of a page that broke off it gives what came beside the
// error, for who can use the beginning of one.
func (f *Fetcher) Get(ctx context.Context, rawURL string, accept ...string) (Page, error) {
	return f.GetChanged(ctx, rawURL, Page{}, accept...)
}

// GetChanged is Get for who has the page from another time: if the server says that
// it has not changed since (RFC 9110 section 13), the answer is that one.
func (f *Fetcher) GetChanged(ctx context.Context, rawURL string, known Page, accept ...string) (Page, error) {
	page, err := f.get(ctx, rawURL, known, accept)
	if err != nil {
		return page, err
	}
	return page, nil
}

func (f *Fetcher) get(ctx context.Context, rawURL string, known Page, accept []string) (Page, *Error) {
	ctx, cancel := context.WithTimeout(ctx, f.c.Timeout)
	defer cancel()
	at, err := f.check(rawURL)
	if err != nil {
		return Page{}, err
	}
	header := http.Header{
		"Accept":          {strings.Join(accept, ", ") + ", */*;q=0.1"},
		"Accept-Encoding": {"gzip"},
	}
	for range MaxRedirects + 1 {
		page, next, err := f.hop(ctx, at, header, known, accept)
		if err != nil || next == "" {
			return page, err
		}
		ref, perr := at.url.Parse(strings.ReplaceAll(next, " ", "%20"))
		if perr != nil {
			return Page{}, refused("the redirect's URL is not well-formed")
		}
		if at, err = f.check(ref.String()); err != nil {
			return Page{}, err
		}
	}
	return Page{}, unreadable("the server redirects more often than is followed")
}

// ask adds to a request on which conditions the page is to be sent again. False:
// there are none to tell it by.
func (p Page) ask(header http.Header) bool {
	if p.ETag != "" {
		header.Set("If-None-Match", p.ETag)
	}
	if p.LastModified != "" {
		header.Set("If-Modified-Since", p.LastModified)
	}
	return p.ETag+p.LastModified != ""
}

// hop asks one URL: it gives the page, or where it is redirected to.
func (f *Fetcher) hop(ctx context.Context, at target, header http.Header, known Page, accept []string) (page Page, next string, err *Error) {
	leave, err := f.turns.take(ctx, at.host)
	if err != nil {
		return Page{}, "", err
	}
	defer leave()
	asked := false
	if known.FinalURL == at.url.String() {
		header = header.Clone() // the next hop is not asked so
		asked = known.ask(header)
	}
	resp, err := f.send(ctx, http.MethodGet, at, header, nil)
	if err != nil {
		return Page{}, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	if isRedirect(resp.StatusCode) {
		if next = resp.Header.Get("Location"); next == "" {
			return Page{}, "", unreadable("the server redirects to nowhere")
		}
		return Page{}, next, nil
	}
	if asked && resp.StatusCode == http.StatusNotModified {
		return known, "", nil
	}
	page, err = f.read(ctx, resp, accept)
	page.FinalURL = at.url.String()
	return page, "", err
}

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// Post sends a body, for a webhook, and gives the answer's status; the answer
// itself is not read and a redirect is not followed. The header is sent as it is
// given, with a User-Agent. The error is always an *Error.
func (f *Fetcher) Post(ctx context.Context, rawURL string, header http.Header, body []byte) (status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, f.c.Timeout)
	defer cancel()
	at, refusal := f.check(rawURL)
	if refusal != nil {
		return 0, refusal
	}
	leave, busy := f.turns.take(ctx, at.host)
	if busy != nil {
		return 0, busy
	}
	defer leave()
	resp, failure := f.send(ctx, http.MethodPost, at, header, body)
	if failure != nil {
		return 0, failure
	}
	_ = resp.Body.Close()
	return resp.StatusCode, nil
}

// send makes one request and no other: the transport alone follows nothing,
// remembers nothing and adds no Referer.
func (f *Fetcher) send(ctx context.Context, method string, at target, header http.Header, body []byte) (*http.Response, *Error) {
	req, err := http.NewRequestWithContext(ctx, method, at.url.String(), bytes.NewReader(body))
	if err != nil {
		return nil, refused("the URL makes no request")
	}
	req.Header = header.Clone()
	if req.Header == nil {
		req.Header = http.Header{}
	}
	req.Header.Set("User-Agent", f.agent)
	resp, err := f.transport.RoundTrip(req)
	if err != nil {
		return nil, failed(ctx, err)
	}
	return resp, nil
}
