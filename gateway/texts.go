package gateway

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"dubhashi/gateway/article"
)

// TextsRequest is texts that are translated each for itself. Only Texts must be set.
type TextsRequest struct {
	Texts []string
	Options

	// Background is what helps to understand the texts: it goes to the model as
	// context, at most MaxBackground code points of it, and is not translated. A model
	// of prompt style plain is not told it.
	Background string

	Sentences string // how a text is parted: see the Sentences constants

	// Markup says that the texts are written in a markup language. They come back
	// with every byte that is not translated text as it was: tags, attributes,
	// comments, white space, faults. XML must be well formed, or the text fails as
	// Invalid (a fragment may have several roots); HTML is taken as it is.
	Markup string // MarkupNone, MarkupHTML or MarkupXML

	Ignore []string // elements whose content is not translated

	// Splitting names elements that part the text around and in them, and
	// NonSplitting those that never do. In HTML they change what HTML's own elements
	// do; in XML, without Outline, no other element parts text.
	Splitting, NonSplitting []string

	// Outline finds the splitting elements of XML by its structure: all but those
	// that somewhere stand in text, beside words.
	Outline bool

	// Alternatives is how many other translations of each text are wanted, at most
	// MaxAlternatives. They cost a further call a text; what is long, of several
	// lines or in markup has none, nor what stands behind the first MostReworded that have.
	Alternatives int
}

// Text is one text's translation. Its line breaks are those of the source.
type Text struct {
	Source, Target string  // languages
	Confidence     float64 // in Source, 0 to 1; 1 when the request said it
	Text           string
	Alternatives   []string // other translations, the best first: as many as there are
	State          State
	Model          string
	Warnings       []Warning
	Failure        *Failure
}

// TextsResult is what became of a TextsRequest, in its order.
type TextsResult struct {
	Texts    []Text
	Usage    Usage
	Warnings []Warning
	Partial  bool
}

// Texts translates up to MaxTexts texts, which know nothing of each other. The
// error is always an *Error; when some of the texts came through there is none.
func (g *Gateway) Texts(ctx context.Context, req TextsRequest) (res *TextsResult, err error) {
	start := time.Now()
	o := &order{opt: &req.Options, bill: g.newBill(ctx), background: background(req.Background)}
	defer func() { g.tell(start, o, res != nil && res.Partial, err) }()
	if err := g.checkTexts(&req); err != nil {
		return nil, err
	}
	list := make([]*textPlan, len(req.Texts))
	planner := g.planner(o)
	var first *Error
	for i, text := range req.Texts {
		list[i] = planText(planner, &req, text)
		if e := list[i].err; e != nil && first == nil {
			first = e
		}
	}
	if first != nil && allRefused(list) {
		return nil, first
	}
	g.fill(ctx, o)
	var others [][]string
	if req.Alternatives > 0 && req.Markup == MarkupNone {
		others = g.alternatives(ctx, o, list, req.Alternatives)
	}
	res, err = finishTexts(ctx, g, o, list)
	for i := range others {
		if err == nil && res.Texts[i].Failure == nil {
			res.Texts[i].Alternatives = unlike(res.Texts[i].Text, others[i])
		}
	}
	return res, err
}

func (g *Gateway) checkTexts(req *TextsRequest) *Error {
	bad := append(req.Options.normalize(), req.normalizeMarkup()...)
	chars := 0
	for i, t := range req.Texts {
		if fixed, ok := article.RepairMojibake(t); ok {
			req.Texts[i] = fixed
		}
		chars += len([]rune(t))
	}
	if req.Alternatives < 0 || req.Alternatives > MaxAlternatives {
		bad = append(bad, FieldError{"alternatives", fmt.Sprintf("must be from 0 to %d", MaxAlternatives)})
	}
	switch {
	case len(req.Texts) == 0:
		bad = append(bad, FieldError{"texts", "must hold at least one text"})
	case len(req.Texts) > MaxTexts:
		bad = append(bad, FieldError{"texts", fmt.Sprintf("holds %d texts; at most %d are allowed", len(req.Texts), MaxTexts)})
	}
	if len(bad) > 0 {
		return &Error{Code: Invalid, Message: "the request is not valid", Fields: bad}
	}
	if chars > g.maxChars {
		return &Error{Code: TooLarge, Message: fmt.Sprintf("the texts have %d characters; at most %d are allowed", chars, g.maxChars)}
	}
	return nil
}

func allRefused(list []*textPlan) bool {
	for _, p := range list {
		if p.err == nil {
			return false
		}
	}
	return true
}

// textPlan is one text as lines; what is not translated stands as it is.
type textPlan struct {
	source, target string
	confidence     float64 // in source
	already        bool    // nothing to translate
	wordless       bool    // because there is no word in it
	numerals       string
	lines          []line
	err            *Error
}

func planText(planner *planner, req *TextsRequest, text string) *textPlan {
	p := &textPlan{}
	opt := planner.order.opt
	lines, text, failed := req.cut(text)
	if failed != nil {
		p.err = failed
		return p
	}
	deva, latin := article.Share(text)
	var detected article.Detection
	if deva == 0 && latin == 0 && !hasLetter(text) { // numbers, marks, nothing
		p.asItIs(opt)
	} else {
		var err *Error
		p.source, p.target, detected, err = opt.languages(text, true)
		switch {
		case err != nil && err.Code == UnsupportedLanguage && detected.Script == "": // addresses alone, which have no language
			p.asItIs(opt)
		case err != nil:
			p.err = err
			return p
		default:
			p.already = p.source == p.target || detected.Language == p.target && detected.Confidence >= sureOfLanguage
		}
	}
	if p.confidence = detected.Confidence; opt.Source != "auto" {
		p.confidence = 1
	}
	p.numerals = opt.Numerals
	if p.numerals == "" {
		p.numerals = defaultNumerals(p.target)
	}
	context := ""
	for i := range lines {
		l := &lines[i]
		content := l.block.String()
		if !p.already && content != "" && !carried(l.block, content, p.target, detected) {
			l.segments, l.parts = planner.block(p.source, p.target, l.block, context)
		}
		if content != "" {
			context = content
		}
	}
	p.lines = lines
	return p
}

// asItIs plans a text without a word: it stands in the answer as it is.
func (p *textPlan) asItIs(opt *Options) {
	p.source, p.target = opt.Source, opt.Target
	if p.source == "auto" {
		p.source = "hi"
		if p.target == "hi" {
			p.source = "en"
		}
	}
	if p.target == "" {
		p.target = other(p.source)
	}
	p.wordless, p.already = true, true
}

func hasLetter(s string) bool { return strings.ContainsFunc(s, unicode.IsLetter) }

func (p *textPlan) text() Text {
	out := Text{Source: p.source, Target: p.target, Confidence: p.confidence, State: None}
	if p.err != nil {
		out.Failure = &Failure{Code: p.err.Code, Message: p.err.Message}
		return out
	}
	if p.already && !p.wordless {
		out.Warnings = append(out.Warnings, Warning{"already_target", "the text is already in the target language and was not translated"})
	}
	var b strings.Builder
	var all []*unit
	for _, l := range p.lines {
		b.WriteString(l.before)
		if l.parts == nil {
			l.carry(&b, p.numerals)
		} else if _, _, _, fail := stateOf(l.parts); fail == nil {
			t := newTarget(l.block, l.segments, l.parts, p.numerals, p.target)
			l.write(&b, t)
			out.Warnings = append(out.Warnings, t.lost()...)
		}
		all = append(all, l.parts...)
		b.WriteString(l.after)
	}
	var warnings []Warning
	out.State, out.Model, warnings, out.Failure = stateOf(all)
	out.Warnings = append(out.Warnings, warnings...)
	if out.Failure == nil {
		out.Text = b.String()
	}
	return out
}

// free reports whether some text needed no model.
func free(list []*textPlan) bool {
	return slices.ContainsFunc(list, func(p *textPlan) bool {
		return p.err == nil && !slices.ContainsFunc(p.lines, func(l line) bool { return l.parts != nil })
	})
}

func finishTexts(ctx context.Context, g *Gateway, o *order, list []*textPlan) (*TextsResult, error) {
	if err := g.lost(ctx, o); err != nil && !free(list) {
		return nil, err
	}
	usage, fallback := o.tally()
	res := &TextsResult{Texts: make([]Text, len(list)), Usage: usage}
	for i, p := range list {
		res.Texts[i] = p.text()
		if p.err == nil && !p.already {
			res.Texts[i].Warnings = append(res.Texts[i].Warnings, o.opt.Stored.unused(p.source, p.target)...)
		}
		res.Partial = res.Partial || res.Texts[i].Failure != nil
	}
	res.Warnings = append(g.unheard(o), g.warnings(fallback)...)
	return res, nil
}
