package fetch

import (
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
)

// Page is what a URL held.
type Page struct {
	Body     string // UTF-8 without a byte order mark; a charset that it declares itself is no longer true
	Type     string // media type in lower case, without parameters
	FinalURL string // after redirects
}

// packedSlack is how much longer than a page's limit its packed form may be:
// gzip adds a little to what it cannot shorten.
const packedSlack = 64 << 10

// read turns an answer into a page.
func (f *Fetcher) read(ctx context.Context, resp *http.Response, accept []string) (Page, *Error) {
	if resp.StatusCode != http.StatusOK {
		return Page{}, unreadable(fmt.Sprintf("the server answered with status %d", resp.StatusCode))
	}
	kind, charset := mediaType(resp.Header.Get("Content-Type"))
	if kind != "" && !slices.Contains(accept, kind) {
		return Page{}, notAccepted(accept)
	}
	if resp.ContentLength > int64(f.c.MaxBody+packedSlack) {
		return Page{}, f.tooLarge()
	}
	raw, err := f.unpack(ctx, resp)
	if err != nil {
		return Page{}, err
	}
	found, _ := mediaType(http.DetectContentType(raw))
	if kind = cmp.Or(kind, found); !slices.Contains(accept, kind) || !strings.HasPrefix(found, "text/") && found != "application/octet-stream" {
		return Page{}, notAccepted(accept)
	}
	body, ok := decode(raw, charset, strings.Contains(kind, "html"))
	switch {
	case !ok, strings.ContainsRune(body, 0):
		return Page{}, unreadable("the page is not text in a charset that can be read")
	case strings.TrimSpace(body) == "":
		return Page{}, unreadable("the page is empty")
	}
	return Page{Body: body, Type: kind}, nil
}

func (f *Fetcher) tooLarge() *Error {
	return &Error{Kind: TooLarge, Message: fmt.Sprintf("the page is larger than the %d bytes allowed", f.c.MaxBody)}
}

func notAccepted(accept []string) *Error {
	return unreadable("the page is of a type that cannot be read; it must be one of " + strings.Join(accept, ", "))
}

// mediaType reads a Content-Type; what is wrong with its parameters does not
// matter.
func mediaType(header string) (kind, charset string) {
	kind, params, err := mime.ParseMediaType(header)
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) {
		kind, _, _ = strings.Cut(header, ";")
		kind = strings.ToLower(strings.TrimSpace(kind))
	}
	return kind, params["charset"]
}

// unpack reads the body within its limits, packed or not. Only gzip was asked
// for.
func (f *Fetcher) unpack(ctx context.Context, resp *http.Response) ([]byte, *Error) {
	packed := &counted{r: resp.Body, left: int64(f.c.MaxBody + packedSlack)}
	var r io.Reader = packed
	switch strings.ToLower(strings.TrimSpace(resp.Header.Get("Content-Encoding"))) {
	case "", "identity":
	case "gzip", "x-gzip":
		z, err := gzip.NewReader(packed)
		if err != nil {
			return nil, f.broken(ctx, err)
		}
		r = z
	default:
		return nil, unreadable("the server packed the page in a way that was not asked for")
	}
	b, err := io.ReadAll(io.LimitReader(r, int64(f.c.MaxBody)+1))
	switch {
	case err != nil:
		return nil, f.broken(ctx, err)
	case len(b) > f.c.MaxBody:
		return nil, f.tooLarge()
	}
	return b, nil
}

// broken is what went wrong inside a body.
func (f *Fetcher) broken(ctx context.Context, err error) *Error {
	switch {
	case errors.Is(err, errTooLong):
		return f.tooLarge()
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum):
		return unreadable("the page's packing is broken")
	}
	return failed(ctx, err)
}

var errTooLong = errors.New("fetch: the body is too long")

// counted reads until its limit.
type counted struct {
	r    io.Reader
	left int64
}

func (c *counted) Read(b []byte) (int, error) {
	if c.left <= 0 {
		return 0, errTooLong
	}
	n, err := c.r.Read(b[:min(int64(len(b)), c.left)])
	c.left -= int64(n)
	return n, err
}
