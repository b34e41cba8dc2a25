package newsletter

import (
	"cmp"
	"net/url"
	"regexp"
	"strings"
	"time"

	"golang.org/x/net/html"
)

// pageMeta is what a page says of itself in its head, for programs.
type pageMeta struct {
	canonical   string // address that the page wants to be known by
	publication string
	image, alt  string
	published   time.Time
	feed        string // address of the site's feed
}

var jsonDate = regexp.MustCompile(`"datePublished"\s*:\s*"([^"\\]{4,60})"`)

// feedTypes are those of a <link> to a feed (RSS Autodiscovery; JSON Feed 1.1,
// Discovery).
var feedTypes = map[string]bool{
	"application/rss+xml": true, "application/atom+xml": true, "application/rdf+xml": true,
	"application/feed+json": true, "application/json": true,
}

// readMeta reads a page's metadata: links, Open Graph, schema.org in JSON-LD or
// microdata, the first <time>. Addresses are made absolute and are http or
// https, or "".
func readMeta(page, address string) pageMeta {
	p := metaReader{base: address, first: map[string]string{}}
	z := html.NewTokenizer(strings.NewReader(page))
	for tt := z.Next(); tt != html.ErrorToken; tt = z.Next() {
		switch tt {
		case html.StartTagToken, html.SelfClosingTagToken:
			p.tag(z.Token())
		case html.TextToken:
			if m := jsonDate.FindSubmatch(z.Raw()); p.script && m != nil {
				p.keep("jsonld", string(m[1]))
			}
		}
	}
	return p.meta()
}

type metaReader struct {
	base   string
	script bool              // within JSON-LD
	first  map[string]string // the first value of each name
}

func (p *metaReader) keep(name, value string) {
	if value = strings.TrimSpace(value); value != "" && p.first[name] == "" && len(value) < 4000 {
		p.first[name] = value
	}
}

func (p *metaReader) tag(t html.Token) {
	at := map[string]string{}
	for _, a := range t.Attr {
		if _, twice := at[a.Key]; !twice {
			at[a.Key] = a.Val
		}
	}
	p.script = t.Data == "script" && strings.EqualFold(at["type"], "application/ld+json")
	switch t.Data {
	case "base":
		p.keep("base", at["href"])
	case "meta":
		for _, key := range []string{"property", "name", "itemprop"} {
			p.keep(strings.ToLower(at[key]), at["content"])
		}
	case "time":
		p.keep("time", at["datetime"])
	case "link":
		for _, rel := range strings.Fields(strings.ToLower(at["rel"])) {
			switch {
			case rel == "canonical":
				p.keep("canonical", at["href"])
			case rel == "alternate" && feedTypes[strings.ToLower(strings.TrimSpace(at["type"]))]:
				p.keep("feed", at["href"])
			}
		}
	}
}

func (p *metaReader) meta() pageMeta {
	base := linkFrom(p.base, p.first["base"])
	if base == "" {
		base = p.base
	}
	link := func(names ...string) string {
		for _, n := range names {
			if u := linkFrom(base, p.first[n]); u != "" {
				return u
			}
		}
		return ""
	}
	m := pageMeta{
		canonical:   link("canonical", "og:url"),
		publication: plainText(p.first["og:site_name"]),
		image:       link("og:image:secure_url", "og:image", "og:image:url", "twitter:image"),
		feed:        link("feed"),
	}
	if isRoot(m.canonical) && !isRoot(p.base) {
		m.canonical = "" // a site that calls every page its home page
	}
	if m.image != "" {
		m.alt = plainText(cmp.Or(p.first["og:image:alt"], p.first["twitter:image:alt"]))
	}
	for _, n := range []string{"article:published_time", "datepublished", "jsonld", "date", "pubdate", "dc.date", "dcterms.created", "time"} {
		if m.published = parseDate(p.first[n]); !m.published.IsZero() {
			break
		}
	}
	return m
}

// linkFrom is an address as it stands in a page of that base: http or https,
// with a host; "" if it is none.
func linkFrom(base, ref string) string {
	ref = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7F {
			return -1 // by which javascript: is hidden
		}
		return r
	}, strings.TrimSpace(ref))
	if ref == "" || len(ref) > 8000 {
		return ""
	}
	u, err := url.Parse(strings.ReplaceAll(ref, " ", "%20"))
	if err != nil {
		return ""
	}
	if b, err := url.Parse(base); err == nil && base != "" {
		u = b.ResolveReference(u)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.Opaque != "" {
		return ""
	}
	return u.String()
}

// isRoot reports whether an address is a whole site's.
func isRoot(address string) bool {
	u, err := url.Parse(address)
	return err == nil && address != "" && strings.Trim(u.Path, "/") == "" && u.RawQuery == ""
}
