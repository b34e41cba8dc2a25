package api

// Options are the choices that every endpoint with text in it takes. The zero
// value of a field means its default.
type Options struct {
	Source     string            `json:"source,omitempty"`      // auto, hi, en
	Target     string            `json:"target,omitempty"`      // hi, en; default: the other language
	Glossary   map[string]string `json:"glossary,omitempty"`    // source term → target term
	GlossaryID string            `json:"glossary_id,omitempty"` // a stored one's; Glossary wins per term
	Register   string            `json:"register,omitempty"`    // news, formal, colloquial
	Numerals   string            `json:"numerals,omitempty"`    // latin, devanagari, keep
	Context    string            `json:"context,omitempty"`     // document, none
	CacheMode  string            `json:"cache,omitempty"`       // use, refresh, only, off
	Strict     *bool             `json:"strict,omitempty"`      // a partial answer is a 502
}

// SummaryOptions say what summary is wanted.
type SummaryOptions struct {
	Style     string   `json:"style,omitempty"`     // paragraph, bullets, headline, brief
	MaxWords  *int     `json:"max_words,omitempty"` // 10–1000; default 120
	Languages []string `json:"languages,omitempty"` // hi, en; default: the target
}

// ArticleRequest is the body of POST /v1/articles and POST /v1/summarize.
// Exactly one of Text, HTML, Markdown and URL is given.
type ArticleRequest struct {
	Text     *string         `json:"text,omitempty"`
	HTML     *string         `json:"html,omitempty"`
	Markdown *string         `json:"markdown,omitempty"`
	URL      *string         `json:"url,omitempty"` // of a page that the gateway fetches
	Title    *string         `json:"title,omitempty"`
	Outputs  []string        `json:"outputs,omitempty"` // translation, summary; default both
	Summary  *SummaryOptions `json:"summary,omitempty"`
	Async    *bool           `json:"async,omitempty"`   // answer with a Job
	Webhook  *Webhook        `json:"webhook,omitempty"` // to tell of the job's end
	Options
}

// TranslateRequest is the body of POST /v1/translate: one text, or up to 128.
type TranslateRequest struct {
	Text    *string  `json:"text,omitempty"`
	Texts   []string `json:"texts,omitempty"`
	Async   *bool    `json:"async,omitempty"`   // answer with a Job
	Webhook *Webhook `json:"webhook,omitempty"` // to tell of the job's end
	Options
}

// DetectRequest is the body of POST /v1/detect.
type DetectRequest struct {
	Text *string `json:"text"`
}

// Warning tells of something a reader should know about a text. The codes are
// listed in the README; new ones may be added.
type Warning struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Failure says why a text is missing.
type Failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// TitlePair is the article's title on both sides; Target is null when it could
// not be translated or no translation was asked.
type TitlePair struct {
	Source string  `json:"source"`
	Target *string `json:"target"`
}

// Paragraph is one block of the article. Every block of the input stands in
// the answer once, in order.
type Paragraph struct {
	Index    int       `json:"index"`
	Kind     string    `json:"kind"`
	Source   string    `json:"source"`
	Target   *string   `json:"target"` // null: see Error
	Cache    string    `json:"cache"`  // hit, miss, shared, none
	Model    string    `json:"model,omitempty"`
	Warnings []Warning `json:"warnings"`
	Error    *Failure  `json:"error,omitempty"`
}

// Summary is one summary of the article; Text is null when it failed.
type Summary struct {
	Language string    `json:"language"`
	Style    string    `json:"style"`
	Text     *string   `json:"text"`
	Bullets  []string  `json:"bullets"`
	Cache    string    `json:"cache"`
	Model    string    `json:"model,omitempty"`
	Warnings []Warning `json:"warnings"`
	Error    *Failure  `json:"error,omitempty"`
}

// Usage is what a request cost. Calls that another request started are counted
// in SharedCalls and billed there.
type Usage struct {
	LLMCalls         int      `json:"llm_calls"`
	SharedCalls      int      `json:"shared_calls"`
	PromptTokens     int      `json:"prompt_tokens"`
	CompletionTokens int      `json:"completion_tokens"`
	CostUSD          *float64 `json:"cost_usd"` // null: no price is set
	CacheHits        int      `json:"cache_hits"`
	CacheMisses      int      `json:"cache_misses"`
}

// Article is the answer of POST /v1/articles.
type Article struct {
	ID          string      `json:"id"`
	Source      string      `json:"source"`
	Target      string      `json:"target"`
	Status      string      `json:"status"` // complete, partial
	Title       *TitlePair  `json:"title"`
	Paragraphs  []Paragraph `json:"paragraphs"`
	Translation *string     `json:"translation"` // the targets, parted by blank lines; null when not asked
	Summary     []Summary   `json:"summary"`
	Usage       Usage       `json:"usage"`
	Warnings    []Warning   `json:"warnings"`
	ElapsedMS   int64       `json:"elapsed_ms"`
}

// Translation is one text's answer in [Translations].
type Translation struct {
	Text     *string   `json:"text"`
	Source   string    `json:"source"`
	Target   string    `json:"target"`
	Cache    string    `json:"cache"`
	Model    string    `json:"model"`
	Warnings []Warning `json:"warnings"`
	Error    *Failure  `json:"error"`
}

// Translations is the answer of POST /v1/translate, in the order of the texts.
type Translations struct {
	Translations []Translation `json:"translations"`
	Usage        Usage         `json:"usage"`
}

// Summaries is the answer of POST /v1/summarize.
type Summaries struct {
	Summary  []Summary `json:"summary"`
	Usage    Usage     `json:"usage"`
	Warnings []Warning `json:"warnings"`
}

// Detection is the answer of POST /v1/detect. Language is "und" for text that
// is neither Hindi nor English (ISO 639-2); Script is an ISO 15924 code or
// "mixed"; Confidence is from 0 to 1.
type Detection struct {
	Language   string  `json:"language"`
	Script     string  `json:"script"`
	Confidence float64 `json:"confidence"`
}

// Language is a language of GET /v1/languages.
type Language struct {
	Code    string   `json:"code"`
	Name    string   `json:"name"`
	Native  string   `json:"native"`
	Scripts []string `json:"scripts"`
	Targets []string `json:"targets"`
}

// OptionChoice is a value of an option and what it does.
type OptionChoice struct {
	Value   string `json:"value"`
	Does    string `json:"does"`
	Default bool   `json:"default,omitempty"`
}

// Languages is the answer of GET /v1/languages.
type Languages struct {
	Languages []Language                `json:"languages"`
	Options   map[string][]OptionChoice `json:"options"`
}

// Ready is the answer of GET /readyz.
type Ready struct {
	Status string   `json:"status"` // ready, degraded, starting, draining, unavailable
	Down   []string `json:"down,omitempty"`
}

// FieldError is one field that is wrong in a request.
type FieldError struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// Problem is an error answer, application/problem+json (RFC 9457).
type Problem struct {
	Type      string       `json:"type"` // /problems/CODE
	Title     string       `json:"title"`
	Status    int          `json:"status"`
	Detail    string       `json:"detail"`
	Code      string       `json:"code"`
	RequestID string       `json:"request_id"`
	Errors    []FieldError `json:"errors,omitempty"`
	Partial   *Article     `json:"partial,omitempty"` // of a strict request: what did come through
}

// Account is the answer of GET /v1/usage: what the caller's key (or address)
// has used. Days are of UTC.
type Account struct {
	Key       *string        `json:"key"` // its name; null where no keys are asked for
	Today     UsageDay       `json:"today"`
	Days      []UsageDay     `json:"days"` // the 30 before today, the latest first
	Limits    UsageLimits    `json:"limits"`
	Remaining UsageRemaining `json:"remaining"` // of today
	ResetsAt  string         `json:"resets_at"` // when today ends (RFC 3339)
}

// UsageDay is what a caller used in one day.
type UsageDay struct {
	Date             string   `json:"date"` // YYYY-MM-DD
	Requests         int64    `json:"requests"`
	Characters       int64    `json:"characters"` // source text, in code points
	LLMCalls         int64    `json:"llm_calls"`
	PromptTokens     int64    `json:"prompt_tokens"`
	CompletionTokens int64    `json:"completion_tokens"`
	CostUSD          *float64 `json:"cost_usd"` // null: no price is set
}

// UsageLimits are a caller's limits; null: none.
type UsageLimits struct {
	RequestsPerMinute *int     `json:"requests_per_minute"`
	CharactersPerDay  *int64   `json:"characters_per_day"`
	CostUSDPerDay     *float64 `json:"cost_usd_per_day"`
}

// UsageRemaining is what is left of the day's limits; null: no limit.
type UsageRemaining struct {
	Characters *int64   `json:"characters"`
	CostUSD    *float64 `json:"cost_usd"` // what requests at work may cost is taken off
}
