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
	"unicode/utf8"

	"golang.org/x/net/http/httpguts"
)

// Page is what a URL held.
type Page struct {
	Body     string // UTF-8 without a byte order mark; a charset that it declares itself is no longer true
	Type     string // media type in lower case, without parameters
	FinalURL string // after redirects

	// What the server tells this state of the page by, for GetChanged; often "".
	ETag, LastModified string
}

// packedSlack is how much longer than a page's limit its packed form may be:
// gzip adds a little to what it cannot shorten.
const packedSlack = 64 << 10

// read turns an answer into a page. Of a body that broke off it gives as much as
// arrived, if that can be read, with the error.
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
	raw, off := f.unpack(ctx, resp)
	page, err := f.text(raw, kind, charset, accept)
	if off != nil {
		return page, off
	}
	if err == nil {
		page.ETag, page.LastModified = validator(resp, "ETag"), validator(resp, "Last-Modified")
	}
	return page, err
}

// text turns a body into a page.
func (f *Fetcher) text(raw []byte, kind, charset string, accept []string) (Page, *Error) {
	found, _ := mediaType(http.DetectContentType(raw))
	if kind = cmp.Or(kind, found); !slices.Contains(accept, kind) || !strings.HasPrefix(found, "text/") && found != "application/octet-stream" {
		return Page{}, notAccepted(accept)
	}
	body, ok := decode(raw, charset, strings.Contains(kind, "html"))
	if ok {
		body, ok = WithoutNUL(body)
	}
	switch {
	case !ok:
		return Page{}, unreadable("the page is not text in a charset that can be read")
	case strings.TrimSpace(body) == "":
		return Page{}, unreadable("the page is empty")
	}
	return Page{Body: body, Type: kind}, nil
}

// longestValidator is more than any server needs, in bytes.
const longestValidator = 256

// validator is a field of an answer that a later request sends back.
func validator(resp *http.Response, name string) string {
	if s := resp.Header.Get(name); len(s) <= longestValidator && httpguts.ValidHeaderFieldValue(s) {
		return s
	}
	return ""
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
// for. With the error of one that broke off it gives what came.
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
		off := f.broken(ctx, err)
		if off.Kind == Unreachable || off.Kind == Timeout {
			return wholeRunes(b), off
		}
		return nil, off
	case len(b) > f.c.MaxBody:
		return nil, f.tooLarge()
	}
	return b, nil
}

// wholeRunes is a text without the beginning of a character at its end, which would
// make all of it look as if it were not UTF-8.
func wholeRunes(b []byte) []byte {
	for i := len(b) - 1; i >= max(0, len(b)-utf8.UTFMax); i-- {
		if utf8.RuneStart(b[i]) {
			if !utf8.FullRune(b[i:]) {
				return b[:i]
			}
			break
		}
	}
	return b
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
