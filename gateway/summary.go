package gateway

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"dubhashi/cache"
	"dubhashi/gateway/article"
	"dubhashi/gateway/check"
	"dubhashi/gateway/llm"
	"dubhashi/prompts"
)

// Summary is one summary of the article.
type Summary struct {
	Language, Style string
	Text            string   // of bullets: the bullets, a line each
	Bullets         []string // of style bullets
	State           State
	Model           string
	Warnings        []Warning
	Failure         *Failure
}

// summaryJob is what a summary is made from.
type summaryJob struct {
	request    *SummaryRequest
	language   string
	title      string
	paragraphs []string
	parts      [][]string // of an article longer than the model's budget; else one
}

const (
	joinWords    = 150 // how long the summary of one part of a long article may be
	partsPerJoin = 4   // the fewest such summaries that one joining call holds, for the budget
)

// summarizer is the first upstream that can summarise: one of style segments.
// -1: there is none.
func (g *Gateway) summarizer() int {
	for i, u := range g.upstreams {
		if u.Style() == llm.Segments {
			return i
		}
	}
	return -1
}

// planSummaries makes a unit for each language asked for.
func (p *plan) planSummaries() {
	opt, s := p.order.opt, p.req.Summary
	paragraphs := p.material()
	languages := s.Languages
	if len(languages) == 0 {
		languages = []string{opt.Target}
	}
	up := p.g.upstreams[p.g.summarizer()]
	route := route{up.Model(), string(up.Style())}
	parts := partition(paragraphs, tokenRoom(up))
	for _, lang := range languages {
		job := &summaryJob{request: s, language: lang, title: head(p.order.title, maxTitle), paragraphs: paragraphs, parts: parts}
		terms := p.order.summaryTerms(lang, job.title, paragraphs)
		u := &unit{
			state: None, key: route.summaryKey(opt.Source, lang, s, terms, job.title, paragraphs),
			source: opt.Source, target: lang, summary: job,
		}
		p.summaries = append(p.summaries, u)
		p.order.units = append(p.order.units, u)
	}
}

// summaryTerms are the caller's glossary entries that a summary has to keep to:
// they are in the target language, and no use to a summary in the other.
func (o *order) summaryTerms(language, title string, paragraphs []string) map[string]string {
	if language != o.opt.Target || len(o.opt.Glossary) == 0 && !o.opt.Stored.Has(o.opt.Source, o.opt.Target) {
		return nil
	}
	return o.terms(o.opt.Source, o.opt.Target, title+"\n"+strings.Join(paragraphs, "\n"))
}

// material is what a summary is made from: the article without its title,
// credits, captions and code. An article that is nothing else is taken whole.
func (p *plan) material() (paragraphs []string) {
	for _, b := range p.doc.Blocks {
		switch b.Kind {
		case article.Title, article.Byline, article.Caption, article.Code:
			continue
		}
		paragraphs = append(paragraphs, b.String())
	}
	if len(paragraphs) == 0 {
		for _, b := range p.doc.Blocks {
			paragraphs = append(paragraphs, b.String())
		}
	}
	return paragraphs
}

// expected is about how long the answer will be, in code points, by its bounds.
func expected(p prompts.Summary) int {
	const charsPerWord = 6 // with the space behind it
	b := check.Bounds(p.Style, p.MaxWords)
	words := b.Words
	if p.Style == "bullets" {
		words = min(cmp.Or(words, p.MaxWords), b.MaxBullets*b.BulletWords)
	}
	return charsPerWord * words
}

const longestAnswer = 2000 // tokens of a summary

// tokenRoom is how many tokens of article one summary call may hold.
func tokenRoom(up *llm.Upstream) int {
	room := up.ContextTokens()
	if room <= 0 {
		room = 16_000
	}
	// Of what instructions and answer leave, a part is kept for tokenizers that
	// need more than the estimate.
	return max((room-promptOverhead-min(longestAnswer, room/3))*2/3, 200)
}

// partition cuts the paragraphs into runs that fit a call. A paragraph longer
// than a call is cut like a segment: at sentence ends, else at spaces.
func partition(paragraphs []string, room int) [][]string {
	var pieces []string
	for _, p := range paragraphs {
		if prompts.Estimate(p) <= room {
			pieces = append(pieces, p)
			continue
		}
		doc, err := article.Parse(p, article.Options{KeepLines: true})
		if err != nil {
			continue // no text in it
		}
		for _, b := range doc.Blocks {
			for _, s := range b.Segments(room) { // a token is at least a character
				pieces = append(pieces, s.Plain())
			}
		}
	}
	return group(pieces, room)
}

// group puts pieces together, in order, into runs of at most room tokens.
func group(pieces []string, room int) [][]string {
	var parts [][]string
	var run []string
	used := 0
	for _, text := range pieces {
		n := prompts.Estimate(text)
		if used+n > room && len(run) > 0 {
			parts, run, used = append(parts, run), nil, 0
		}
		run, used = append(run, text), used+n
	}
	return append(parts, run)
}

// calls is how many calls the summary plans: one for each part, and those that
// join them.
func (j *summaryJob) calls() int {
	n := 1
	for parts := len(j.parts); parts > 1; parts = (parts + partsPerJoin - 1) / partsPerJoin {
		n += parts
	}
	return n
}

// summarize settles the flight of a summary.
func (g *Gateway) summarize(ctx context.Context, o *order, u *unit, budget *budget) {
	last := failureOf(ctx.Err())
	for i, turn := range g.turns(summarizes) {
		if ctx.Err() != nil && i > 0 {
			break // nobody waits any more
		}
		s := &summarizing{g: g, turn: turn, order: o, job: u.summary, source: u.source, budget: budget}
		v, err := s.run(ctx)
		if err == nil {
			g.flights.settle(u.key, u.flight, v, nil)
			return
		}
		last = err
	}
	g.flights.settle(u.key, u.flight, nil, last)
}

// summarizing is one upstream's turn at a summary.
type summarizing struct {
	g *Gateway
	turn
	order  *order
	job    *summaryJob
	source string
	budget *budget
}

func (s *summarizing) run(ctx context.Context) (*value, *Failure) {
	job := s.job
	prompt := prompts.Summary{
		Source: s.source, Target: job.language, Style: job.request.Style, MaxWords: job.request.MaxWords,
		Title: job.title, Paragraphs: job.paragraphs,
	}
	for parts := job.parts; len(parts) > 1; {
		joined, fail := s.overParts(ctx, prompt.Source, parts)
		if fail != nil {
			return nil, fail
		}
		prompt.Paragraphs, prompt.Source, prompt.Parts = joined, job.language, len(joined)
		next := group(joined, tokenRoom(s.up))
		if len(next) >= len(parts) {
			break // the summaries themselves do not fit: they are all said at once
		}
		parts = next
	}
	prompt.Names = s.names(prompt)
	return s.ask(ctx, prompt)
}

// overParts summarises the parts of a long article side by side. Each part's
// summary is cached under its own key, so that an edit costs the parts whose
// text it changes.
func (s *summarizing) overParts(ctx context.Context, source string, parts [][]string) ([]string, *Failure) {
	job, g := s.job, s.g
	part := *job.request
	part.Style, part.MaxWords = "paragraph", joinWords
	route := route{s.up.Model(), string(s.up.Style())}
	keys := make([]cache.Key, len(parts))
	for i, paragraphs := range parts {
		terms := s.order.summaryTerms(job.language, job.title, paragraphs)
		keys[i] = route.summaryKey(source, job.language, &part, terms, job.title, append([]string{"part"}, paragraphs...))
	}
	out := make([]string, len(keys))
	mode := s.order.opt.Cache
	if g.store != nil && mode == UseCache {
		found, _ := g.store.GetMany(ctx, keys) // an error is a miss
		for i := range found {
			if v, err := decodeValue(found[i]); err == nil {
				out[i] = v.string()
			}
		}
	}
	fails := make([]*Failure, len(keys))
	var wg sync.WaitGroup
	for i, paragraphs := range parts {
		if out[i] != "" {
			continue
		}
		wg.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					g.log.Error("a summary's part panicked", "panic", r)
					fails[i] = &Failure{Code: Internal, Message: "internal error"}
				}
			}()
			prompt := prompts.Summary{
				Source: source, Target: job.language, Style: part.Style, MaxWords: part.MaxWords,
				Title: job.title, Paragraphs: paragraphs, Part: i + 1, Parts: len(keys),
			}
			prompt.Names = s.names(prompt)
			v, fail := s.ask(ctx, prompt)
			if fail != nil {
				fails[i] = fail
				return
			}
			out[i] = v.string()
			if g.store != nil && mode != NoCache {
				wctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
				defer cancel()
				g.warnStore("the cache could not be written", g.store.SetMany(wctx, []cache.Entry{g.entry(keys[i], v)}))
			}
		})
	}
	wg.Wait()
	for _, f := range fails {
		if f != nil {
			return nil, f
		}
	}
	return out, nil
}

// names are the glossary entries that occur in the prompt's text: the built-in
// ones, and the caller's, which win.
func (s *summarizing) names(p prompts.Summary) map[string]string {
	out := map[string]string{}
	if p.Source != p.Target {
		maps.Copy(out, prompts.Terms(p.Source, p.Target, p.Title+"\n"+strings.Join(p.Paragraphs, "\n")))
	}
	maps.Copy(out, s.order.summaryTerms(p.Target, p.Title, p.Paragraphs))
	return out
}

// summaryAnswer is what the model says.
type summaryAnswer struct {
	Summary string   `json:"summary"`
	Bullets []string `json:"bullets"`
}

func (a *summaryAnswer) tidy(style string) {
	a.Summary = strings.TrimSpace(a.Summary)
	for i := range a.Bullets {
		a.Bullets[i] = strings.TrimSpace(a.Bullets[i])
	}
	if style == "headline" {
		a.Summary = strings.TrimRight(strings.Join(strings.Fields(a.Summary), " "), ".।")
	}
}

// ask makes the call and repeats it, with the problems named, as the ladder of a
// segment does. The best answer that may be given is held to its length by cutting.
func (s *summarizing) ask(ctx context.Context, p prompts.Summary) (*value, *Failure) {
	var best *summaryAnswer
	var left []check.Finding // of the best
	var fail *Failure
	limit, before := rungs, ""
	for rung := 0; rung < limit; rung++ {
		a, text, err := s.call(ctx, p, temperatureOf(rung))
		if errors.Is(err, errUnreadable) {
			fail = failureOf(err)
			continue
		}
		if err != nil {
			fail = failureOf(err)
			if !isCut(err) || rung > 0 {
				break
			}
			continue
		}
		found := s.judge(p, a)
		hard := check.Hard(found)
		if !hard && (best == nil || a.over(p)+len(found) < best.over(p)+len(left)) {
			best, left = a, found
		}
		if !check.Rejected(found) || rung > 0 && text == before {
			break
		}
		if hard {
			fail = &Failure{Code: Rejected, Message: "the model's summary failed the checks: " + strings.Join(messages(found), "; ")}
		}
		if best != nil {
			limit = 2 // one revision, then it is given with its warnings
		}
		before = text
		p.Fix = &prompts.Fix{Text: text, Problems: requests(found), TooLong: has(found, check.SummaryLength)}
	}
	if best == nil {
		return nil, fail
	}
	return s.value(p, best), nil
}

// requests are what the model is told of findings. An answer to another text has its
// numbers and its length from there, too: that is all that is to be said of it.
func requests(found []check.Finding) (list []string) {
	elsewhere := has(found, check.Misaligned)
	for _, f := range found {
		if !f.Minor && (!elsewhere || f.Code == check.Misaligned) {
			list = append(list, f.Request())
		}
	}
	return list
}

func has(found []check.Finding, code string) bool {
	return slices.ContainsFunc(found, func(f check.Finding) bool { return f.Code == code })
}

// messages are what the caller is told of findings: of hard ones, if there are any,
// for then the others are of no weight.
func messages(found []check.Finding) (list []string) {
	hard := check.Hard(found)
	for _, f := range found {
		if f.Hard || !hard && !f.Minor {
			list = append(list, f.Message)
		}
	}
	return list
}

// over is by how many words an answer is longer than its style allows.
func (a *summaryAnswer) over(p prompts.Summary) int {
	b := check.Bounds(p.Style, p.MaxWords)
	if p.Style != "bullets" {
		return max(check.Words(a.Summary)-b.Words, 0)
	}
	over, all := max(len(a.Bullets)-b.MaxBullets, b.MinBullets-len(a.Bullets), 0), 0
	for _, text := range a.Bullets {
		n := check.Words(text)
		over += max(n-b.BulletWords, 0)
		all += n
	}
	return over + max(all-b.Words, 0)
}

func (s *summarizing) judge(p prompts.Summary, a *summaryAnswer) []check.Finding {
	in := check.SummaryInput{
		Text: a.Summary, Bullets: a.Bullets, Language: p.Target, Style: p.Style, MaxWords: p.MaxWords,
		From: p.Source, Source: strings.Join(p.Paragraphs, "\n\n"), Terms: p.Names,
	}
	if p.Source == s.source { // not so when the summaries of parts are joined
		in.Title = p.Title
	}
	return check.Summary(in)
}

func (s *summarizing) call(ctx context.Context, p prompts.Summary, temperature float32) (*summaryAnswer, string, error) {
	room := min(512+8*p.MaxWords, max(s.up.ContextTokens()/3, 512))
	text, _, err := s.g.complete(ctx, s.turn, s.order.bill, prompts.Summarize(p), llm.Request{
		MaxTokens: room, Temperature: temperature, Expect: expected(p), Budget: s.budget.Budget, Keep: s.budget.planned,
	})
	if err != nil {
		return nil, "", err
	}
	var a summaryAnswer
	if err := llm.Answer(text, &a); err != nil || a.Summary == "" && len(a.Bullets) == 0 {
		return nil, "", errUnreadable
	}
	a.tidy(p.Style)
	said := a.Summary
	if p.Style == "bullets" {
		said = strings.Join(a.Bullets, "\n")
	}
	return &a, said, nil
}

// value is what is cached of a summary; one that is still too long is cut at a
// sentence end.
func (s *summarizing) value(p prompts.Summary, a *summaryAnswer) *value {
	v := &value{
		made: time.Now(), model: s.up.Model(), version: prompts.Version,
		fallback: s.index > s.g.summarizer(),
	}
	if found := s.judge(p, a); len(found) > 0 {
		before := a.words()
		cut(p, a)
		if after := a.words(); after < before {
			v.warn([]check.Finding{{Code: check.SummaryLength, Message: fmt.Sprintf("shortened from %d words to %d", before, after)}})
		}
		v.warn(s.judge(p, a)) // what the cut could not mend
	}
	if p.Style == "bullets" {
		v.text, v.digits = quote(a.Bullets), digits(strings.Join(a.Bullets, ""))
	} else {
		v.text, v.digits = quote(a.Summary), digits(a.Summary)
	}
	return v
}

// summarised puts the summaries into the result.
func (p *plan) summarised(res *Result) {
	if p.extractive {
		p.extract(res)
		return
	}
	for _, u := range p.summaries {
		s := p.summary(u)
		res.Partial = res.Partial || s.Failure != nil
		res.Summaries = append(res.Summaries, s)
	}
}

// summary is what became of a summary's unit.
func (p *plan) summary(u *unit) Summary {
	s := Summary{Language: u.target, Style: u.summary.request.Style, State: u.state, Failure: u.fail}
	if u.value == nil {
		return s
	}
	s.Model, s.Warnings = u.value.model, u.value.warnings
	mode := p.req.Numerals
	if u.target != p.order.opt.Target {
		mode = defaultNumerals(u.target)
	}
	source := digits(strings.Join(u.summary.paragraphs, ""))
	write := numeralMap(mode, source, u.value.digits)
	if write == nil {
		write = func(s string) string { return s }
	}
	if s.Style == "bullets" {
		for _, b := range u.value.bullets() {
			s.Bullets = append(s.Bullets, write(b))
		}
		s.Text = strings.Join(s.Bullets, "\n")
	} else {
		s.Text = write(u.value.string())
	}
	return s
}
