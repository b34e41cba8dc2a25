package gateway

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"dubhashi/gateway/article"
	"dubhashi/gateway/check"
)

// Warning tells of something a reader should know about a text. The codes are
// in the README.
type Warning struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Result is what became of a Request.
type Result struct {
	Source, Target string
	Document       *article.Document
	Blocks         []Block // of each block of the document, in order
	Translated     bool    // a translation was asked for
	Summaries      []Summary
	Usage          Usage
	Warnings       []Warning
	Partial        bool // something is missing: see the Failures
}

// Block is one block of the article on both sides.
type Block struct {
	Kind     article.Kind
	Source   string
	Target   *Target // nil: not asked for (behind the Lead, too), or see Failure
	State    State
	Model    string
	Warnings []Warning
	Failure  *Failure
}

// Article translates and summarises one article. The error is always an
// *Error, or what Admit said; when some of the article came through there is none, and Partial
// says that something is missing.
func (g *Gateway) Article(ctx context.Context, req Request) (res *Result, err error) {
	start := time.Now()
	o := &order{bill: g.newBill(ctx)}
	defer func() { g.tell(start, o, res != nil && res.Partial, err) }()
	p, perr := g.plan(ctx, &req, o.bill)
	if perr != nil {
		return nil, perr
	}
	o = p.order
	if req.Admit != nil {
		if err := req.Admit(p.chars); err != nil {
			return nil, err
		}
	}
	o.follow = p.follow(req.Follow)
	g.fill(ctx, o)
	g.agree(ctx, o, time.Since(start))
	res = p.result()
	if o.follow != nil && !errors.Is(ctx.Err(), context.Canceled) {
		o.follow.finish(res)
	}
	if err := g.lost(ctx, o); err != nil {
		return nil, err
	}
	return res, nil
}

// tell sends the one event of a request.
func (g *Gateway) tell(start time.Time, o *order, partial bool, err error) {
	e := Event{Partial: partial, Duration: time.Since(start)}
	e.Usage, _ = o.tally()
	var ge *Error
	if errors.As(err, &ge) {
		e.Code = ge.Code
	}
	g.observe(e)
}

// plan is a request after everything that costs nothing: parsed, checked, cut
// into units.
type plan struct {
	g          *Gateway
	req        *Request
	doc        *article.Document
	chars      int // code points of the article and its title
	order      *order
	parts      [][]*unit // by block; nil: carried over
	segments   [][]article.Segment
	already    bool // the article is in the target language
	summaries  []*unit
	extractive bool // no upstream can summarise
}

func (g *Gateway) plan(ctx context.Context, req *Request, bill *bill) (*plan, *Error) {
	bad := req.Options.normalize()
	if req.Summary != nil {
		s := *req.Summary
		bad = append(bad, s.normalize()...)
		req.Summary = &s
	}
	if len(bad) > 0 {
		return nil, &Error{Code: Invalid, Message: "the request is not valid", Fields: bad}
	}
	if err := g.load(ctx, req); err != nil {
		return nil, err
	}
	if fixed, ok := article.RepairMojibake(req.Input); ok {
		req.Input = fixed
	}
	if fixed, ok := article.RepairMojibake(req.Title); ok {
		req.Title = fixed
	}
	chars := article.VisibleLen(req.Input, req.Format) + article.VisibleLen(req.Title, article.Text)
	if chars > g.maxChars {
		return nil, &Error{Code: TooLarge, Message: fmt.Sprintf("the article has %d characters; at most %d are allowed", chars, g.maxChars)}
	}
	doc, err := article.Parse(req.Input, article.Options{Format: req.Format, Title: req.Title, Base: req.Base})
	if err != nil {
		return nil, req.empty(err)
	}
	req.Input = "" // the blocks have it
	if req.Summary != nil && wordless(doc) {
		return nil, &Error{Code: UnsupportedLanguage, Message: "there is not a word in the text that could be summarised"}
	}
	p := &plan{g: g, req: req, doc: doc, chars: chars}
	source, target, detected, lerr := req.languages(words(doc), req.Translate)
	if lerr != nil {
		return nil, lerr
	}
	req.Options.Source, req.Options.Target = source, target
	p.already = source == target || detected.Language == target && detected.Confidence >= sureOfLanguage
	if req.Numerals == "" {
		req.Numerals = defaultNumerals(target)
	}
	p.order = &order{opt: &req.Options, bill: bill, progress: req.Progress, title: title(doc)}
	p.extractive = req.Summary != nil && g.summarizer() < 0
	if req.Translate || p.extractive {
		p.planBlocks(detected, p.leading())
	}
	if req.Summary != nil && !p.extractive {
		p.planSummaries()
	}
	return p, nil
}

// sureOfLanguage is the confidence from which the text's language outweighs
// the caller's word for it.
const sureOfLanguage = 0.8

func defaultNumerals(target string) string {
	if target == "en" {
		return "latin"
	}
	return "keep"
}

func fieldOf(f article.Format) string {
	if f == "" {
		return string(article.Text)
	}
	return string(f)
}

// words is the text of the document for language detection: no code.
func words(d *article.Document) string {
	var b strings.Builder
	for _, block := range d.Blocks {
		if block.Kind != article.Code {
			b.WriteString(block.String())
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// wordless reports whether there is nothing in a document for a model to read. A
// title above other blocks is no article.
func wordless(d *article.Document) bool {
	for _, b := range d.Blocks {
		if b.Kind == article.Code || b.Kind == article.Title && len(d.Blocks) > 1 {
			continue
		}
		if slices.ContainsFunc(b.Segments(MaxSegment), article.Segment.Translatable) {
			return false
		}
	}
	return true
}

func title(d *article.Document) string {
	if len(d.Blocks) > 0 && d.Blocks[0].Kind == article.Title {
		return d.Blocks[0].String()
	}
	return ""
}

// translated is how many blocks a translation is given of.
func (p *plan) translated() int {
	if p.req.Lead > 0 {
		return min(p.req.Lead, len(p.doc.Blocks))
	}
	return len(p.doc.Blocks)
}

// leading is how many blocks have to be translated: all, or for an extractive
// summary alone those at the start that hold enough words for it.
func (p *plan) leading() int {
	if p.req.Translate {
		return p.translated()
	}
	languages := p.req.Summary.Languages
	if len(languages) > 0 && !slices.Contains(languages, other(p.order.opt.Source)) {
		return 0
	}
	words := 0
	for i, b := range p.doc.Blocks {
		if prose(b.Kind) {
			words += check.Words(b.String())
		}
		if words > 2*p.req.Summary.MaxWords {
			return i + 1
		}
	}
	return len(p.doc.Blocks)
}

// planBlocks makes the units of the segments of the first blocks that need a
// translation.
func (p *plan) planBlocks(detected article.Detection, first int) {
	o, opt := p.order, p.order.opt
	p.parts = make([][]*unit, len(p.doc.Blocks))
	p.segments = make([][]article.Segment, len(p.doc.Blocks))
	if p.already {
		return
	}
	planner, context := p.g.planner(o), ""
	for i, b := range p.doc.Blocks {
		text := b.String()
		if i < first && !carried(b, text, opt.Target, detected) {
			p.segments[i], p.parts[i] = planner.block(opt.Source, opt.Target, b, context)
		}
		if b.Kind.Context() {
			context = text
		}
	}
}

// carried reports whether a block stands in the answer as it is: code, a
// byline already in the target's script, a block with no words, one already in
// the target language.
func carried(b article.Block, text, target string, whole article.Detection) bool {
	if b.Kind == article.Code {
		return true
	}
	deva, latin := article.Share(text)
	if deva == 0 && latin == 0 {
		return true
	}
	inTarget := deva == 0
	if target == "hi" {
		inTarget = latin == 0
	}
	if !inTarget || whole.Script == "Latn" && target == "en" { // romanised Hindi looks like English to the eye
		return false
	}
	return b.Kind == article.Byline || article.Detect(text).Language == target
}

// result joins what came back into the answer.
func (p *plan) result() *Result {
	opt := p.order.opt
	res := &Result{Source: opt.Source, Target: opt.Target, Document: p.doc, Translated: p.req.Translate, Blocks: make([]Block, len(p.doc.Blocks))}
	for i, b := range p.doc.Blocks {
		res.Blocks[i] = p.block(i, b)
		if p.req.Translate && res.Blocks[i].Failure != nil {
			res.Partial = true
		}
	}
	if p.req.Summary != nil {
		p.summarised(res)
	}
	usage, fallback := p.order.tally()
	res.Usage = usage
	if p.already && p.req.Translate {
		res.Warnings = append(res.Warnings, Warning{"already_target", "the text is already in the target language and was not translated"})
	}
	if p.req.Translate {
		res.Warnings = append(res.Warnings, p.g.unheard(p.order)...)
	}
	if !p.already {
		res.Warnings = append(res.Warnings, opt.Stored.unused(opt.Source, opt.Target)...)
	}
	res.Warnings = append(res.Warnings, p.g.warnings(fallback)...)
	return res
}

// warnings are those that are about the gateway and not about the text.
func (g *Gateway) warnings(fallback bool) (list []Warning) {
	if g.demo {
		list = append(list, Warning{"demo_model", "made by the built-in demo model, which knows its example articles and glosses other text word for word: no translation; set LLM_BASE_URL, LLM_API_KEY and LLM_MODEL"})
	}
	if fallback {
		list = append(list, Warning{"fallback_model", "a fallback model answered for some of the text"})
	}
	if g.storeDown() {
		list = append(list, Warning{"store_down", "the cache's store cannot be reached; what is asked now may be paid for again"})
	}
	return list
}

// block is the answer's block i.
func (p *plan) block(i int, b article.Block) Block {
	out := Block{Kind: b.Kind, Source: b.String(), State: None}
	if !p.req.Translate || i >= p.translated() {
		return out
	}
	if p.parts[i] == nil {
		t := carriedOver(b.Content, out.Source)
		if b.Kind != article.Code {
			t = t.numerals(p.order.opt.Numerals)
		}
		out.Target = t
		return out
	}
	out.State, out.Model, out.Warnings, out.Failure = stateOf(p.parts[i])
	if out.Failure == nil {
		out.Target = newTarget(b, p.segments[i], p.parts[i], p.order.opt.Numerals, p.order.opt.Target)
		out.Warnings = append(out.Warnings, out.Target.lost()...)
	}
	return out
}

// stateOf is what a block's pieces have in common: it is a miss if any piece
// was, shared if any was and none a miss.
func stateOf(parts []*unit) (state State, model string, warnings []Warning, fail *Failure) {
	state = None
	rank := map[State]int{None: 0, Hit: 1, Shared: 2, Miss: 3}
	for _, u := range parts {
		if u == nil {
			continue
		}
		if rank[u.state] > rank[state] {
			state = u.state
		}
		switch {
		case u.fail != nil && fail == nil:
			fail = u.fail
		case u.value == nil && fail == nil: // cannot be; an answer never stands on it
			fail = &Failure{Code: Internal, Message: "internal error"}
		}
		if u.value != nil {
			model = u.value.model
			warnings = append(warnings, u.value.warnings...)
		}
	}
	if fail != nil {
		return state, "", nil, fail
	}
	return state, model, warnings, nil
}
