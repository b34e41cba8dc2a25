package gateway

import (
	"context"
	"errors"
	"net/url"
	"path"
	"strings"

	"dubhashi/gateway/article"
	"dubhashi/gateway/fetch"
)

// Fetcher gets the page that a Request's URL names; fetch.Fetcher is one, and
// guards what it reaches.
type Fetcher interface {
	Get(ctx context.Context, url string, accept ...string) (fetch.Page, error)
	// Check refuses what Get would refuse, as far as the URL's text tells.
	Check(url string) error
}

// load fetches the article of a request that names a URL. It does so whatever
// the cache mode is: the cache knows paragraphs, not pages.
func (g *Gateway) load(ctx context.Context, req *Request) *Error {
	if req.URL == "" {
		return nil
	}
	wrong := ""
	switch {
	case req.Input != "":
		wrong = "is a second article; give the text or the url"
	case g.fetch == nil:
		wrong = "is not fetched by this gateway; send the article itself"
	}
	if wrong != "" {
		return &Error{Code: Invalid, Message: "the request is not valid", Fields: []FieldError{{"url", wrong}}}
	}
	page, err := g.fetch.Get(ctx, req.URL, fetch.Article...)
	if err != nil {
		return urlError(err)
	}
	req.Input, req.Format, req.Base = page.Body, pageFormat(page), page.FinalURL
	return nil
}

// pageFormat tells how a page is written. Many servers call Markdown plain text.
func pageFormat(p fetch.Page) article.Format {
	switch p.Type {
	case "text/html", "application/xhtml+xml":
		return article.HTML
	case "text/markdown", "text/x-markdown":
		return article.Markdown
	}
	if u, err := url.Parse(p.FinalURL); err == nil {
		switch strings.ToLower(path.Ext(u.Path)) {
		case ".md", ".markdown":
			return article.Markdown
		}
	}
	return article.Text
}

var urlCodes = map[fetch.Kind]Code{
	fetch.Refused: URLRefused, fetch.Unreadable: URLUnreadable, fetch.Unreachable: URLUnreachable,
	fetch.Timeout: Timeout, fetch.TooLarge: TooLarge, fetch.Busy: Overloaded, fetch.Canceled: Canceled,
}

func urlError(err error) *Error {
	var e *fetch.Error
	if !errors.As(err, &e) {
		return &Error{Code: Internal, Message: "internal error", cause: err}
	}
	return &Error{Code: urlCodes[e.Kind], Message: e.Message, cause: e}
}

// empty is the error for an article in which a reader sees nothing.
func (req *Request) empty(cause error) *Error {
	if req.Base != "" {
		return &Error{Code: URLUnreadable, Message: "the page holds no text", cause: cause}
	}
	return &Error{Code: Invalid, Message: "the article holds no text", cause: cause,
		Fields: []FieldError{{fieldOf(req.Format), "must hold some text"}}}
}
