package newsletter

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// Bounds of one feed.
const (
	maxFeedItems = 2000    // that are looked at
	maxItemBytes = 1 << 20 // of one item
	maxItemDepth = 100     // levels of XML in one item
	maxFeedHead  = 256 << 10
	maxTag       = 64 << 10 // bytes of one tag
	maxFrame     = 8 << 10  // of the start tags around the items, which each of them gets
)

// feedParts is a feed taken apart, so that what is broken in one item, or cut
// off at the end, costs none of the others.
type feedParts struct {
	head    string   // the feed without its items
	items   []string // each as a feed that holds it alone
	cut     bool     // the feed ends before its end
	off     *fault   // what broke it off, where it is known
	dropped int      // items too large or too deep
}

// split takes a feed apart, XML or JSON; false: it is neither.
func splitFeed(s string) (*feedParts, bool) {
	if strings.HasPrefix(strings.TrimSpace(s), "{") {
		return splitJSON(s)
	}
	return splitXML(mendXML(s))
}

var (
	feedRoot = regexp.MustCompile(`(?i)<(?:[a-z_][\w.-]*:)?(?:rss|rdf|feed)[\s>]`)
	htmlRoot = regexp.MustCompile(`(?i)<(?:!doctype\s+html|html|head|body)[\s>]`)
	charRef  = regexp.MustCompile(`&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));`)
	bareLess = regexp.MustCompile(`<([^A-Za-z_/!?]|$)`)
)

// legal drops what no XML may hold (XML 1.0, production 2) and no reader sees,
// broken UTF-8, and the mark that a decoder left in its place.
func legal(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r >= 0xFFFD && r <= 0xFFFF {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}

// mendXML takes out what ends an XML parser's work: references to characters
// that XML has not, and a < that opens nothing. A bare & and HTML's entities
// pass a parser that is not strict.
func mendXML(s string) string {
	if strings.Contains(s, "&#") {
		s = charRef.ReplaceAllStringFunc(s, func(ref string) string {
			m := charRef.FindStringSubmatch(ref)
			n, err := strconv.ParseUint(m[1]+m[2], map[bool]int{true: 16, false: 10}[m[1] != ""], 32)
			if err != nil || n > 0x10FFFF || n >= 0xD800 && n < 0xE000 || legal(string(rune(n))) == "" {
				return ""
			}
			return ref
		})
	}
	return bareLess.ReplaceAllString(s, "&lt;$1")
}

// xmlTag is a tag in an XML text, by the bytes that it takes there.
type xmlTag struct {
	name       string // as it is written
	start, end int
	closes     bool // </a>
	empty      bool // <a/>
}

func (t xmlTag) local() string {
	_, local, ok := strings.Cut(t.name, ":")
	if !ok {
		local = t.name
	}
	return strings.ToLower(local)
}

// nextTag finds the first tag from a place on, outside of comments, CDATA,
// instructions and document types. false: there is none.
func nextTag(s string, at int) (t xmlTag, ok bool) {
	for {
		i := strings.IndexByte(s[at:], '<')
		if i < 0 {
			return t, false
		}
		at += i
		end := ""
		switch rest := s[at:]; {
		case strings.HasPrefix(rest, "<!--"):
			end = "-->"
		case strings.HasPrefix(rest, "<![CDATA["):
			end = "]]>"
		case strings.HasPrefix(rest, "<?"):
			end = "?>"
		case strings.HasPrefix(rest, "<!"):
			end = ">"
		}
		if end == "" {
			if t, ok = tagAt(s, at); ok {
				return t, true
			}
			at++
			continue
		}
		if i = strings.Index(s[at:], end); i < 0 {
			return t, false
		}
		at += i + len(end)
	}
}

// tagAt reads the tag at a place.
func tagAt(s string, at int) (t xmlTag, ok bool) {
	t.start = at
	at++
	if t.closes = at < len(s) && s[at] == '/'; t.closes {
		at++
	}
	name := at
	for at < len(s) && !strings.ContainsRune(" \t\r\n/><", rune(s[at])) {
		at++
	}
	t.name = s[name:at]
	quote := byte(0)
	for ; at < len(s) && at-t.start < maxTag; at++ {
		switch c := s[at]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '<':
			return t, false // else a text of these alone would be read over and over
		case c == '>':
			t.end, t.empty = at+1, s[at-1] == '/'
			return t, t.name != ""
		}
	}
	return t, false
}

// splitXML takes RSS, RDF and Atom apart. What stands before the root (junk, a
// declaration whose charset is no longer true, a document type with its
// entities) is left behind.
func splitXML(s string) (*feedParts, bool) {
	root := feedRoot.FindStringIndex(s)
	if root == nil {
		return nil, false
	}
	if page := htmlRoot.FindStringIndex(s); page != nil && page[0] < root[0] {
		return nil, false
	}
	x := xmlSplitter{s: s, root: root[0]}
	for at := root[0]; ; {
		t, ok := nextTag(s, at)
		if !ok || len(x.items)+x.dropped >= maxFeedItems {
			x.finish(ok)
			return &x.feedParts, x.framed <= maxFrame
		}
		x.tag(t)
		at = t.end
	}
}

type xmlSplitter struct {
	feedParts
	s      string
	root   int
	around []xmlTag // the elements that hold the items
	framed int      // bytes of their tags
	item   *xmlTag  // that is open
	depth  int      // in it
	deep   bool
}

func (x *xmlSplitter) tag(t xmlTag) {
	if x.item != nil {
		switch {
		case t.name == x.item.name && !t.empty: // its end, or the next one's start
			if t.closes {
				x.endItem(t.end)
				return
			}
			x.endItem(t.start)
		case t.closes:
			if x.depth--; x.depth < 0 && x.holds(t.name) { // the item's end tag is missing
				x.endItem(t.start)
				break
			}
			return
		default:
			if !t.empty {
				x.depth++
			}
			x.deep = x.deep || x.depth > maxItemDepth
			return
		}
	}
	switch local := t.local(); {
	case (local == "item" || local == "entry") && !t.closes && !t.empty:
		if x.head == "" {
			x.head = x.framedBy(x.root, t.start)
		}
		x.item, x.depth, x.deep = &t, 0, false
	case local != "rss" && local != "rdf" && local != "feed" && local != "channel":
	case t.closes:
		for i := len(x.around) - 1; i >= 0; i-- {
			if x.around[i].name == t.name {
				x.around = x.around[:i]
				break
			}
		}
	case !t.empty && len(x.around) < 4:
		x.around = append(x.around, t)
		x.framed += t.end - t.start
	}
}

func (x *xmlSplitter) holds(name string) bool {
	for _, t := range x.around {
		if t.name == name {
			return true
		}
	}
	return false
}

func (x *xmlSplitter) endItem(end int) {
	text, name := x.s[x.item.start:end], x.item.name
	x.item = nil
	if len(text) > maxItemBytes || x.deep || strings.Count(text, "xmlns") > 2*maxItemDepth {
		x.dropped++
		return
	}
	if !strings.HasSuffix(text, "</"+name+">") {
		text += "</" + name + ">"
	}
	var b strings.Builder
	for _, t := range x.around {
		b.WriteString(x.s[t.start:t.end])
	}
	b.WriteString(text)
	x.close(&b)
	x.items = append(x.items, b.String())
}

// framedBy is a piece from the root on, its elements closed.
func (x *xmlSplitter) framedBy(from, to int) string {
	var b strings.Builder
	b.WriteString(x.s[from:min(to, from+maxFeedHead)])
	x.close(&b)
	return b.String()
}

func (x *xmlSplitter) close(b *strings.Builder) {
	for i := len(x.around) - 1; i >= 0; i-- {
		b.WriteString("</" + x.around[i].name + ">")
	}
}

func (x *xmlSplitter) finish(more bool) {
	if x.head == "" {
		x.head = x.framedBy(x.root, len(x.s))
	}
	x.cut = !more && (x.item != nil || len(x.around) > 0)
}

// splitJSON takes a JSON Feed apart.
func splitJSON(s string) (*feedParts, bool) {
	// No JSON has a line end or a tab within a text; some feeds have.
	d := json.NewDecoder(strings.NewReader(strings.NewReplacer("\n", " ", "\r", " ", "\t", " ").Replace(s)))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, false
	}
	p := &feedParts{}
	head := map[string]json.RawMessage{}
	isFeed := false
	for {
		key, err := d.Token()
		if err != nil {
			p.cut = true
			break
		}
		if key == json.Delim('}') {
			break
		}
		var value json.RawMessage
		if key == "items" {
			isFeed = true
			if !p.jsonItems(d) {
				p.cut = true
				break
			}
			continue
		}
		if d.Decode(&value) != nil {
			p.cut = true
			break
		}
		head[key.(string)] = value
	}
	head["items"] = json.RawMessage("[]")
	b, err := json.Marshal(head)
	p.head = string(b)
	return p, isFeed && err == nil && len(b) < maxFeedHead
}

// jsonItems reads the items of a JSON Feed; false: they end too early.
func (p *feedParts) jsonItems(d *json.Decoder) bool {
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return false
	}
	for d.More() {
		var item json.RawMessage
		if d.Decode(&item) != nil {
			return false
		}
		switch {
		case len(item) > maxItemBytes:
			p.dropped++
		case len(p.items) < maxFeedItems:
			p.items = append(p.items, `{"version":"https://jsonfeed.org/version/1.1","items":[`+string(item)+`]}`)
		}
	}
	_, err := d.Token()
	return err == nil
}
