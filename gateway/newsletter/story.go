package newsletter

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode"

	"dubhashi/gateway"
	"dubhashi/gateway/article"
)

const (
	// summaryWords are two to three sentences: what a reader takes in of a story
	// before deciding to read it.
	summaryWords = 60

	// A lead is the opening paragraphs up to some leadWords; of an opening longer
	// than longLead without a link it is the first sentences.
	leadWords, longLead = 45, 120

	headlineWords = 12 // of the first sentence, where there is no headline
)

// wordsPerMinute are those of silent reading: English, Brysbaert 2019 (Journal of
// Memory and Language 109), non-fiction. For Hindi there is no such survey; it is
// taken to be somewhat slower.
var wordsPerMinute = map[string]float64{"en": 238, "hi": 200}

// draft is a story's article with what is wanted of it.
type draft struct {
	source *source
	doc    *article.Document
	lang   string // of the story
	given  string // the title that the document was told, "" = it has its own or none
	title  int    // index of the block that is the title; -1: none
	show   string
	lead   int    // blocks up to the end of the lead
	whole  bool   // the lead is all there is
	cut    string // the lead as plain text, when it is only a part of its block; else ""
}

// story makes one story. The error is a *gateway.Error, or what Admit said.
func (w *work) story(ctx context.Context, src *source) (*Story, error) {
	headline := w.read(src.title)
	d, err := newDraft(src, headline, cmp.Or(src.show, w.issue.Show, ShowSummary))
	if err != nil {
		return nil, err
	}
	s := &Story{
		ID: urn("story", src.key), Language: d.lang, Link: src.link, Publication: src.publication,
		Published: src.published, Show: d.show, Minutes: d.minutes(),
	}
	l := w.newLines()
	titled := d.title >= 0 && (len(headline.by) == 0 || d.given != "") // the title block is the headline
	if !titled {
		w.tellReplaced(src, d, headline)
		if len(headline.by) == 0 {
			w.notice(Notice{Where: src.where, URL: src.link, Code: "no_headline", Message: "the story has no headline; its first words stand for one: give it a title"})
			headline = w.read(bilingual(d.lang, d.firstWords()))
		}
		l.list = append(l.list, headline)
	}
	summarise := src.summary.IsZero() && (d.show == ShowSummary || w.e.Layout == SummaryFirst)
	res, sum, err := w.ask(ctx, d, titled, summarise)
	if err != nil {
		return nil, err
	}
	if titled {
		s.Headline = pairAt(d.doc, res, d.title)
	}
	s.More = d.show == ShowLead && !d.whole
	s.Body = d.body(res)
	summary := w.summary(l, sum)
	alts := w.alts(l, s)
	picture := w.image(l, s, src)
	if err := l.ask(ctx); err != nil {
		return nil, err
	}
	if !titled {
		s.Headline = headline.pair(article.Title)
	}
	for _, alt := range slices.Sorted(maps.Keys(alts)) {
		w.tell(src.where+".alt", alts[alt])
	}
	w.tell(src.where+".alt", picture)
	s.settle(summary, alts, w.e.Languages)
	if !src.summary.IsZero() {
		if s.Summary, err = w.prose(ctx, src.summary); err != nil {
			return nil, err
		}
	}
	w.tellMissing(src, s)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.drafts[s] = d
	return s, nil
}

// tellReplaced tells which line of a plain text the editor's headline stands for:
// it may be one that was only taken for a headline.
func (w *work) tellReplaced(src *source, d *draft, headline *asked) {
	if d.title < 0 || src.format != article.Text {
		return
	}
	line := d.doc.Blocks[d.title].String()
	for _, own := range headline.by {
		if article.Fold(own) == article.Fold(line) {
			return
		}
	}
	w.notice(Notice{Where: src.where, URL: src.link, Code: "headline_replaced", Message: fmt.Sprintf(
		"your headline stands for the text's first line, “%s”, which is not shown; if that line is no headline, end it with a full stop", brief(line))})
}

// newDraft reads a source's article.
func newDraft(src *source, headline *asked, show string) (*draft, error) {
	d := &draft{source: src, show: show, title: -1}
	parse := func(title string) error {
		doc, err := article.Parse(src.input, article.Options{Format: src.format, Title: title, Base: src.base})
		if err != nil {
			return &gateway.Error{Code: gateway.Invalid, Message: "there is no text in it"}
		}
		d.doc, d.given = doc, title
		d.title = slices.IndexFunc(doc.Blocks, func(b article.Block) bool { return b.Kind == article.Title })
		return nil
	}
	if err := parse(""); err != nil {
		return nil, err
	}
	found := gateway.Detect(d.words())
	if d.lang = found.Language; d.lang == "" {
		return nil, &gateway.Error{Code: gateway.UnsupportedLanguage, Message: "its text is neither Hindi nor English"}
	}
	// A headline in the story's language goes to the model with the text.
	if t := headline.by[d.lang]; d.title < 0 && t != "" && len(headline.by) == 1 {
		if err := parse(t); err != nil {
			return nil, err
		}
	}
	d.findLead()
	return d, nil
}

// words is the text of the document without its code.
func (d *draft) words() string {
	var b strings.Builder
	for _, block := range d.doc.Blocks {
		if block.Kind != article.Code {
			b.WriteString(block.String() + "\n")
		}
	}
	return b.String()
}

func (d *draft) firstWords() string {
	for _, b := range d.doc.Blocks {
		if prose(b.Kind) {
			first := article.Sentences(b.String())[0]
			return strings.TrimRight(strings.TrimSpace(article.FirstSentences(first, headlineWords)), "।.")
		}
	}
	return article.FirstSentences(d.words(), headlineWords)
}

func prose(k article.Kind) bool {
	return k == article.Paragraph || k == article.ListItem || k == article.Quote
}

// findLead finds where the lead ends.
func (d *draft) findLead() {
	words, rest := 0, false
	for i, b := range d.doc.Blocks {
		if !prose(b.Kind) {
			continue
		}
		n := len(strings.Fields(b.String()))
		switch {
		case d.lead > 0 && words >= leadWords:
			rest = true
		case d.lead == 0 && n > longLead && len(b.Content.Links()) == 0: // which a cut would lose
			d.lead, words, rest = i+1, n, true
			d.cut = article.FirstSentences(b.String(), leadWords*4/3)
		case d.lead > 0 && n > longLead:
			words, rest = leadWords, true
		default:
			d.lead, words = i+1, words+n
		}
	}
	if d.lead == 0 {
		d.lead = len(d.doc.Blocks)
	}
	d.whole = !rest
}

// minutes is how long the story takes to read as it was written, in whole
// minutes, for either reader.
func (d *draft) minutes() map[string]int {
	n := strings.FieldsFunc(d.words(), unicode.IsSpace)
	m := max(1, int(math.Round(float64(len(n))/wordsPerMinute[d.lang])))
	return map[string]int{"hi": m, "en": m}
}

// ask has a story translated and summarised as far as it is shown. Either
// result may be nil: nothing was to be asked.
func (w *work) ask(ctx context.Context, d *draft, titled, summarise bool) (res *gateway.Result, sum []gateway.Summary, err error) {
	req := w.request(d)
	req.Translate = slices.Contains(w.e.Languages, other(d.lang)) && (titled || d.show != ShowSummary)
	switch {
	case d.show == ShowSummary:
		req.Lead = d.title + 1
	case d.show == ShowLead && d.cut != "":
		if req.Translate {
			lead := req
			if d.title >= 0 {
				lead.Title = d.doc.Blocks[d.title].String()
			}
			lead.Input, lead.Format, lead.Lead = d.cut, article.Text, 0
			if res, err = w.article(ctx, d, lead); err != nil {
				return nil, nil, err
			}
		}
		req.Translate = false
	case d.show == ShowLead:
		req.Lead = d.lead
	}
	if summarise {
		req.Summary = w.wantSummary(d)
	}
	if !req.Translate && req.Summary == nil {
		return res, nil, nil
	}
	if res != nil {
		req.Admit = nil // it is the same article
	}
	whole, err := w.article(ctx, d, req)
	if err != nil {
		return nil, nil, err
	}
	if req.Translate {
		res = whole
	}
	return res, whole.Summaries, nil
}

func (w *work) request(d *draft) gateway.Request {
	req := gateway.Request{
		Input: d.source.input, Format: d.source.format, Base: d.source.base, Title: d.given,
		Options: w.options(d.lang, other(d.lang)),
	}
	if w.o.Admit != nil {
		req.Admit = w.o.Admit(&req)
	}
	return req
}

// wantSummary asks for a summary in the story's own language, of which the
// other is made by translation: so both say the same.
func (w *work) wantSummary(d *draft) *gateway.SummaryRequest {
	lang := d.lang
	if !slices.Contains(w.e.Languages, lang) {
		lang = w.e.Languages[0]
	}
	return &gateway.SummaryRequest{MaxWords: summaryWords, Languages: []string{lang}}
}

func (w *work) article(ctx context.Context, d *draft, req gateway.Request) (*gateway.Result, error) {
	res, err := w.m.c.Gateway.Article(ctx, req)
	if err != nil {
		return nil, err
	}
	w.used(res.Usage, res.Warnings)
	return res, nil
}

// body is what is shown of the story beside headline and summary.
func (d *draft) body(res *gateway.Result) []Pair {
	switch {
	case d.show == ShowSummary:
		return nil
	case d.show == ShowLead && d.cut != "" && res == nil:
		return []Pair{{Kind: article.Paragraph, Original: d.lang, By: map[string]article.Inline{d.lang: article.Plain(d.cut)}}}
	}
	doc, end := d.doc, len(d.doc.Blocks)
	if d.show == ShowLead && d.cut == "" {
		end = d.lead
	}
	if d.show == ShowLead && d.cut != "" {
		doc, end = res.Document, len(res.Document.Blocks)
	}
	var list []Pair
	for i, b := range doc.Blocks[:end] {
		if b.Kind != article.Title && (d.show != ShowLead || prose(b.Kind)) {
			list = append(list, pairAt(doc, res, i))
		}
		if d.show == ShowFull {
			list = append(list, picturesBeside(b, d.lang, d.source.image)...)
		}
	}
	return list
}

// picturesBeside are the images that stand alone beside a block, but for the one that
// stands over the story already.
func picturesBeside(b article.Block, lang, shown string) []Pair {
	var list []Pair
	for _, m := range b.Pictures {
		if webURL(m.URL) == "" || samePicture(m.URL, shown) {
			continue
		}
		list = append(list, Pair{Kind: article.Paragraph, Original: lang, Once: true, By: map[string]article.Inline{lang: article.Picture(m)}})
	}
	return list
}

// clean is content without what no form can show. It goes here, for a template and a
// sanitizer make a mark of a NUL, and JSON would carry all of it.
func clean(in article.Inline) article.Inline { return in.MapText(printable) }

// pairAt is a block of a document with what came of it; res may be nil.
func pairAt(doc *article.Document, res *gateway.Result, i int) Pair {
	b := doc.Blocks[i]
	p := Pair{Kind: b.Kind, Level: b.Level, Depth: b.Depth, Number: b.Number, By: map[string]article.Inline{}}
	if res == nil {
		p.Original = languageOf(b.String())
		p.By[p.Original] = clean(b.Content)
		p.Once = b.Kind == article.Code
		return p
	}
	p.Original = res.Source
	p.By[res.Source] = clean(b.Content)
	r := &res.Blocks[i]
	target := ""
	switch {
	case r.Target != nil:
		target = r.Target.String()
		p.By[res.Target] = clean(r.Target.Content())
	case r.Failure != nil:
		p.Flags = append(p.Flags, flag(string(r.Failure.Code), "the translation is missing: "+r.Failure.Message, r.Source, ""))
	}
	p.Flags = append(p.Flags, flags(r.Warnings, r.Source, target)...)
	p.Once = b.Kind == article.Code || target != "" && article.Fold(target) == article.Fold(r.Source)
	return p
}

// tellMissing tells of what has no translation, in one line a story.
func (w *work) tellMissing(src *source, s *Story) {
	n := 0
	for _, p := range append([]Pair{s.Headline}, append(s.Body, s.Summary...)...) {
		if !p.Once && len(p.By) < 2 && slices.Contains(w.e.Languages, other(p.Original)) {
			n++
		}
	}
	if n == 0 {
		return
	}
	what := "one paragraph has"
	if n > 1 {
		what = fmt.Sprintf("%d paragraphs have", n)
	}
	w.notice(Notice{Where: src.where, URL: src.link, Code: "translation_missing", Message: what + " no translation; make the issue again: only what is missing is asked for"})
	w.mu.Lock()
	w.e.Partial = true
	w.mu.Unlock()
}
