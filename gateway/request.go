package gateway

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"dubhashi/gateway/article"
)

// Bounds of a request.
const (
	MaxTexts         = 1024 // texts in one call of Texts
	MaxInstructions  = 10
	MaxInstruction   = 300 // code points of one
	MinSummaryWords  = 10
	MaxSummaryWords  = 1000
	defaultWords     = 120
	maxGlossaryTerms = 1000 // of an inline glossary
	maxTermChars     = 200
)

// CacheMode says how a request uses the cache.
type CacheMode string

// The cache modes. The zero value is UseCache.
const (
	UseCache     CacheMode = "use"
	RefreshCache CacheMode = "refresh" // recompute and store
	OnlyCache    CacheMode = "only"    // never call the model
	NoCache      CacheMode = "off"     // neither read nor store
)

// Options are the choices that change a translation. The zero value of a field
// means its default.
type Options struct {
	Source   string            // "hi", "en", "" or "auto": detected
	Target   string            // "hi", "en", "": the other language
	Glossary map[string]string // source term → target term
	Stored   *Glossary         // of a store, for either direction; Glossary wins per term; nil: none
	Register string            // "news" (default), "formal", "colloquial"
	Numerals string            // "latin", "devanagari", "keep"; default latin for en, keep for hi
	Context  string            // "document" (default): title and the block before go along; "none"
	Cache    CacheMode

	// Address is how a Hindi translation says "you": "aap" (आप, कीजिए), "tum" (तुम,
	// करो), or "", as the register and the text have it. English has one form.
	Address string

	// Instructions are the caller's wishes on tone, style and wording, one a line, at
	// most MaxInstructions of at most MaxInstruction code points. They go to the model
	// below our own rules: nothing may be added or left out because of them. A model
	// of prompt style plain is not told them, and the answer warns of it.
	Instructions []string
}

// SummaryRequest asks for one summary a language.
type SummaryRequest struct {
	Style     string   // "paragraph" (default), "bullets", "headline", "brief"
	MaxWords  int      // MinSummaryWords–MaxSummaryWords; 0: 120
	Languages []string // empty: the target
}

// Request is one article and what is wanted of it.
type Request struct {
	Input     string
	URL       string         // of a page, instead of Input; its type tells the format
	Format    article.Format // "" = text
	Title     string         // becomes block 0; "" = detected
	Base      string         // where a page given as Input comes from: its relative links become absolute
	Translate bool
	Lead      int             // translate only so many leading blocks; 0: all. A summary is of the whole
	Summary   *SummaryRequest // nil: none
	Options

	// Progress, when set, is told after each block or summary that is ready,
	// from one goroutine at a time.
	Progress func(done, total int)

	Follow Follower // nil: nobody

	// Admit, when set, is told the article's length in code points once the request
	// is known to be valid, a URL's page too, and before anything is looked up or
	// asked. Its error ends the request and is given back as it is.
	Admit func(chars int) error
}

// choice is an option with a closed set of values, the first being the default.
type choice struct {
	field  string
	value  *string
	values []string
}

func (c choice) check(bad *[]FieldError) {
	if *c.value == "" {
		*c.value = c.values[0]
		return
	}
	if !slices.Contains(c.values, *c.value) {
		*bad = append(*bad, FieldError{c.field, "must be one of " + strings.Join(c.values, ", ")})
	}
}

// normalize fills in the defaults that do not depend on the text and tells
// everything that is wrong, all at once.
func (o *Options) normalize() []FieldError {
	var bad []FieldError
	mode := string(o.Cache)
	for _, c := range []choice{
		{"source", &o.Source, []string{"auto", "hi", "en"}},
		{"register", &o.Register, []string{"news", "formal", "colloquial"}},
		{"context", &o.Context, []string{"document", "none"}},
		{"cache", &mode, []string{string(UseCache), string(RefreshCache), string(OnlyCache), string(NoCache)}},
	} {
		c.check(&bad)
	}
	o.Cache = CacheMode(mode)
	if o.Target != "" {
		choice{"target", &o.Target, []string{"hi", "en"}}.check(&bad)
	}
	if o.Numerals != "" {
		choice{"numerals", &o.Numerals, []string{"latin", "devanagari", "keep"}}.check(&bad)
	}
	if o.Address != "" {
		choice{"address", &o.Address, []string{"aap", "tum"}}.check(&bad)
	}
	bad = append(bad, o.checkInstructions()...)
	if len(bad) == 0 { // the languages are some
		bad = o.checkStored()
	}
	return append(bad, o.checkGlossary()...)
}

// checkInstructions also makes one line of each and drops the empty ones.
func (o *Options) checkInstructions() (bad []FieldError) {
	if len(o.Instructions) > MaxInstructions {
		return []FieldError{{"instructions", fmt.Sprintf("holds %d; at most %d are allowed", len(o.Instructions), MaxInstructions)}}
	}
	var clean []string
	for i, s := range o.Instructions {
		if n := utf8.RuneCountInString(s); n > MaxInstruction {
			bad = append(bad, FieldError{fmt.Sprintf("instructions[%d]", i), fmt.Sprintf("has %d characters; at most %d are allowed", n, MaxInstruction)})
		}
		if s = strings.Join(strings.Fields(article.Normalize(s)), " "); s != "" {
			clean = append(clean, s)
		}
	}
	o.Instructions = clean
	return bad
}

func (o *Options) checkGlossary() []FieldError {
	if len(o.Glossary) > maxGlossaryTerms {
		return []FieldError{{"glossary", fmt.Sprintf("has %d terms; at most %d are allowed", len(o.Glossary), maxGlossaryTerms)}}
	}
	var bad []FieldError
	clean := make(map[string]string, len(o.Glossary))
	for _, term := range slices.Sorted(maps.Keys(o.Glossary)) {
		from, to := strings.TrimSpace(term), strings.TrimSpace(o.Glossary[term])
		switch {
		case from == "" || to == "":
			bad = append(bad, FieldError{"glossary", "a term and its translation must not be empty"})
		case len([]rune(from)) > maxTermChars || len([]rune(to)) > maxTermChars:
			bad = append(bad, FieldError{"glossary", fmt.Sprintf("a term may have at most %d characters", maxTermChars)})
		}
		clean[from] = to
	}
	o.Glossary = clean
	return bad
}

func (s *SummaryRequest) normalize() []FieldError {
	var bad []FieldError
	choice{"summary.style", &s.Style, []string{"paragraph", "bullets", "headline", "brief"}}.check(&bad)
	if s.MaxWords == 0 {
		s.MaxWords = defaultWords
	} else if s.MaxWords < MinSummaryWords || s.MaxWords > MaxSummaryWords {
		bad = append(bad, FieldError{"summary.max_words", fmt.Sprintf("must be from %d to %d", MinSummaryWords, MaxSummaryWords)})
	}
	for _, l := range s.Languages {
		if l != "hi" && l != "en" {
			bad = append(bad, FieldError{"summary.languages", "must be hi, en or both"})
			break
		}
	}
	s.Languages = dedupe(s.Languages)
	return bad
}

func dedupe(list []string) []string {
	var out []string
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// other is the other language of the pair.
func other(lang string) string {
	if lang == "hi" {
		return "en"
	}
	return "hi"
}

// languages settles source and target for a text.
func (o *Options) languages(text string, translate bool) (source, target string, d article.Detection, err *Error) {
	d = article.Detect(text)
	if d.Script == "Latn" && article.LegacyFont(text) {
		return "", "", d, &Error{Code: LegacyFont, Message: "the text is written in a legacy Hindi font (such as Kruti Dev), whose letters are not Unicode; convert it to Unicode Hindi and send it again"}
	}
	source = o.Source
	if source == "auto" {
		source = d.Language
	}
	if source != "hi" && source != "en" {
		return "", "", d, &Error{Code: UnsupportedLanguage, Message: "the text is neither Hindi nor English; if it is, say which in source"}
	}
	target = o.Target
	if target == "" {
		target = other(source)
	}
	if translate && o.Source != "auto" && o.Target != "" && source == target {
		return "", "", d, &Error{Code: Invalid, Message: "source and target are the same language",
			Fields: []FieldError{{"target", "must differ from source when a translation is asked"}}}
	}
	return source, target, d, nil
}
