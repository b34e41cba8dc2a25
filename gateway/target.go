package gateway

import "dubhashi/gateway/article"

// Target is a block's translation. It is kept as the cache gave it and turned
// into text, JSON or inline content when asked.
type Target struct {
	json    []byte         // when the text can be given as it is cached
	content article.Inline // otherwise, or once asked for
	missing []string       // masks that did not come back well

	block    article.Block
	segments []article.Segment
	parts    []*unit
	mode     string
	language string
}

// newTarget joins the pieces' translations. One piece without masks, whose
// digits stand as asked, is not touched at all.
func newTarget(b article.Block, segments []article.Segment, parts []*unit, mode, language string) *Target {
	t := &Target{block: b, segments: segments, parts: parts, mode: mode, language: language}
	if len(parts) == 1 && !segments[0].Masked() && numeralMap(mode, digits(segments[0].Text), parts[0].value.digits) == nil {
		t.json = parts[0].value.text
		return t
	}
	t.build()
	return t
}

// carriedOver is the target of a block that stands as it is.
func carriedOver(content article.Inline, source string) *Target {
	return &Target{content: content, mode: "", json: quote(source)}
}

// numerals maps the digits of a block that is carried over.
func (t *Target) numerals(mode string) *Target {
	s := t.content.String()
	if f := numeralMap(mode, digits(s), digits(s)); f != nil {
		t.content, t.json = t.content.MapText(f), nil
	}
	return t
}

func (t *Target) build() {
	pieces := make([]article.Inline, len(t.parts))
	var source byte
	for _, s := range t.segments {
		source |= digits(s.Plain())
	}
	for i, u := range t.parts {
		answer := t.segments[i].Text
		if u != nil {
			answer = u.value.string()
		}
		in, lost := t.segments[i].Restore(answer)
		t.missing = append(t.missing, lost...)
		if f := numeralMap(t.mode, source, digits(article.PlainOf(answer))); f != nil {
			in = in.MapText(f)
		}
		pieces[i] = in
	}
	t.content = t.block.Join(pieces)
}

// lost tells of links and other marks that the model did not bring back.
func (t *Target) lost() []Warning {
	if len(t.missing) == 0 {
		return nil
	}
	for _, u := range t.parts {
		if u == nil {
			continue
		}
		for _, w := range u.value.warnings {
			if w.Code == "placeholder" {
				return nil // said already
			}
		}
	}
	return []Warning{{"placeholder", "a link, address, emphasis or code did not come back in its place"}}
}

// Content is the translation with its links and emphasis.
func (t *Target) Content() article.Inline {
	if t.content == nil {
		t.build()
	}
	return t.content
}

// JSON is the translation as a JSON string. It must not be changed.
func (t *Target) JSON() []byte {
	if t.json == nil {
		t.json = quote(t.Content().String())
	}
	return t.json
}

// String is the translation as a reader sees it.
func (t *Target) String() string {
	if t.json != nil {
		return unquote(t.json)
	}
	return t.Content().String()
}
