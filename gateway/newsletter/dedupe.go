package newsletter

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// found is a story on its way into the issue.
type found struct {
	source
	item  *feedItem // of a feed; nil: the editor named it
	title string    // of the story, in whatever language
	text  string    // its words, as far as they are known
	full  bool      // the text is more than a teaser
	page  bool      // it is its page's
	given string    // the link that the editor gave, which may lead to a home page
	ids   []string  // by each of which it can be told that another is the same
	slot  int       // which article or feed it came from

	grams map[uint64]struct{} // see shingles
}

// What an id is made of.
const (
	idOfFeed = "id:"
	idOfLink = "link:"
	idOfText = "text:"
)

// addID takes down a feed's id of the item. An id that is no address or URN is
// its site's alone.
func (f *found) addID(id, link string) {
	if id == "" {
		return
	}
	if whole(id) != "" {
		f.addLink(id)
	}
	if !strings.Contains(id, ":") {
		host := link // the name of a file
		if u, err := url.Parse(link); err == nil && u.Host != "" {
			host = u.Host
		}
		id = host + " " + id
	}
	f.add(idOfFeed + id)
}

func (f *found) addLink(link string) {
	if link = plainLink(link); link != "" {
		f.add(idOfLink + link)
	}
}

// addText takes down the words of title and text.
func (f *found) addText(title, text string) {
	if text = letters(text); text != "" {
		sum := sha256.Sum256([]byte(letters(title) + "\x00" + text))
		f.add(idOfText + hex.EncodeToString(sum[:16]))
	}
}

func (f *found) add(id string) {
	if !slices.Contains(f.ids, id) {
		f.ids = append(f.ids, id)
	}
}

// tracking are parameters that say where a reader comes from, not what is read.
var tracking = regexp.MustCompile(`^(utm_.*|at_.*|fbclid|gclid|gbraid|wbraid|dclid|msclkid|yclid|igshid|mc_cid|mc_eid|ref|ref_src|ref_url|referrer|cmpid|ocid|ncid|ito|spm|amp|outputtype|feature|_ga|traffic_source|pfrom|rss)$`)

// plainLink is a link in the one form by which it is compared; "" of a whole
// site's, which leads to no story.
func plainLink(link string) string {
	u, err := url.Parse(link)
	if err != nil || u.Host == "" {
		return ""
	}
	host := strings.ToLower(u.Host)
	host = strings.TrimSuffix(strings.TrimSuffix(host, ":80"), ":443")
	for _, p := range []string{"www.", "m.", "amp.", "mobile."} {
		if rest, ok := strings.CutPrefix(host, p); ok && strings.Contains(rest, ".") {
			host = rest
		}
	}
	path := strings.TrimRight(u.EscapedPath(), "/")
	for _, end := range []string{"/amp", ".amp", "/index.html", "/index.php"} {
		path = strings.TrimRight(strings.TrimSuffix(path, end), "/")
	}
	if rest, ok := strings.CutPrefix(path, "/amp/"); ok {
		path = "/" + rest
	}
	query := u.Query()
	for k := range query {
		if tracking.MatchString(strings.ToLower(k)) {
			query.Del(k)
		}
	}
	if path == "" && len(query) == 0 {
		return ""
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return host + path
}

// void takes away the ids and links that several items of one feed share
// although their texts differ: they tell nothing.
func void(list []*found) {
	texts := map[string]string{} // by id: the text's; "" = several
	for _, f := range list {
		own := ""
		for _, id := range f.ids {
			if strings.HasPrefix(id, idOfText) {
				own = id
			}
		}
		if own == "" {
			own = idOfText + letters(f.title)
		}
		for _, id := range f.ids {
			if t, known := texts[id]; known && t != own {
				texts[id] = ""
			} else if !known {
				texts[id] = own
			}
		}
	}
	for _, f := range list {
		f.ids = slices.DeleteFunc(f.ids, func(id string) bool { return texts[id] == "" })
	}
}

// once leaves each story in the list once: the first stays, where it stands. A
// whole story gives its text to the teaser that it follows. What is left out
// though it came from elsewhere is told.
func once(list []*found, tell func(slot int, n Notice)) []*found {
	k := known{ids: map[string]*found{}, grams: map[uint64][]*found{}}
	for _, f := range list {
		same := k.find(f)
		if same == nil {
			k.list = append(k.list, f)
			k.add(f)
			continue
		}
		if same.where != f.where {
			tell(f.slot, Notice{Where: f.where, URL: f.link, Code: "duplicate",
				Message: fmt.Sprintf("%s is in the issue already, from %s; it stands there once", f.called(), same.where)})
		}
		same.take(f)
		k.add(same)
	}
	return k.list
}

// known are the stories that an issue has, by what tells that another is the
// same.
type known struct {
	list  []*found
	ids   map[string]*found
	grams map[uint64][]*found
}

func (k *known) add(f *found) {
	for _, id := range f.ids {
		k.ids[id] = f
	}
	if link := plainLink(f.given); link != "" && k.ids[idOfLink+link] == nil {
		k.ids[idOfLink+link] = f
	}
	for g := range f.shingles() {
		if !slices.Contains(k.grams[g], f) {
			k.grams[g] = append(k.grams[g], f)
		}
	}
}

func (k *known) find(f *found) *found {
	for _, id := range f.ids {
		if same := k.ids[id]; same != nil {
			return same
		}
	}
	shared := map[*found]int{}
	for g := range f.shingles() {
		for _, o := range k.grams[g] {
			shared[o]++
		}
	}
	for _, o := range k.list {
		if f.nearly(o, shared[o]) {
			return o
		}
	}
	return nil
}

// take makes one story of two. What an editor wrote stays.
func (f *found) take(o *found) {
	if f.item != nil && !f.full && o.full {
		f.input, f.format, f.base, f.text, f.full, f.page, f.grams = o.input, o.format, o.base, o.text, true, o.page, nil
	}
	if f.item != nil && f.image == "" {
		f.image, f.alt = o.image, o.alt
	}
	if f.published.IsZero() {
		f.published = o.published
	}
	if f.link == "" {
		f.link = o.link
	}
	for _, id := range o.ids {
		f.add(id)
	}
}

// Two texts are near copies when nearCopy of the shorter one's runs of
// shingleWords words stand in the other, which has to have nearWords at least.
// Broder (On the resemblance and containment of documents, 1997) calls it
// containment.
const (
	shingleWords = 5
	nearWords    = 40
	nearCopy     = 0.8
)

// nearly reports whether two stories that share so many shingles are near
// copies. Of two that the editor named, who has read both, none is.
func (f *found) nearly(o *found, shared int) bool {
	shorter := min(len(f.shingles()), len(o.shingles()))
	return (f.item != nil || o.item != nil) && shorter > nearWords-shingleWords && float64(shared) >= nearCopy*float64(shorter)
}

// shingles are the runs of words in the text, hashed.
func (f *found) shingles() map[uint64]struct{} {
	if f.grams != nil {
		return f.grams
	}
	f.grams = map[uint64]struct{}{}
	var words []string
	for _, w := range strings.Fields(f.text) {
		if w = letters(w); w != "" {
			words = append(words, w)
		}
	}
	for i := 0; i+shingleWords <= len(words); i++ {
		h := fnv.New64a()
		for _, w := range words[i : i+shingleWords] {
			_, _ = h.Write([]byte(w))
			_, _ = h.Write([]byte{0})
		}
		f.grams[h.Sum64()] = struct{}{}
	}
	return f.grams
}
