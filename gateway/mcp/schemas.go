package mcp

// The descriptions are read by models: they say when to use a tool, what comes
// back, and what it costs.

const translateDescription = `Translate an article or any text from Hindi into English or from English into Hindi. ` +
	`Give the text itself, or the url of a web page. Markdown and HTML come back with their links and emphasis; of a page, its article comes back as Markdown. ` +
	`Send a long article whole in one call: it is cut into paragraphs, translated in context and checked. ` +
	`Paragraphs that were translated before come from a cache. What the checks found stands in warnings; "complete" is false when a paragraph is missing.`

const summarizeDescription = `Summarise a Hindi or English article, in Hindi, English or both. Give the text itself, or the url of a web page. ` +
	`By default a paragraph of at most 120 words in the other language than the article's. The article itself is not translated.`

const detectDescription = `Tell whether a text is Hindi or English and in which script it is written. Romanised Hindi ("aaj mausam accha hai") is Hindi in Latin script. Costs nothing and asks no model.`

// articleProperties are the arguments that translate and summarize share.
const articleProperties = `
	"text": {"type": "string", "description": "The article or text, whole, title first if it has one. Give this or url."},
	"url": {"type": "string", "description": "Public http:// or https:// address of a web page, plain text or Markdown, instead of text. Private addresses are refused."},
	"format": {"type": "string", "enum": ["text", "markdown", "html"], "default": "text", "description": "How text is written. Not for a url."},
	"title": {"type": "string", "description": "The article's title, when it does not stand in the text."},
	"source": {"type": "string", "enum": ["auto", "hi", "en"], "default": "auto", "description": "Language of the text."},
	"glossary": {"type": "object", "additionalProperties": {"type": "string"}, "description": "How terms must be translated: source term to target term."},
	"glossary_id": {"type": "string", "description": "Id of a glossary that the caller has stored with this gateway (POST /v1/glossaries); of a term in both, glossary wins."},
	"cache": {"type": "string", "enum": ["use", "refresh", "only", "off"], "default": "use", "description": "refresh translates anew what is cached; only asks no model, and gives what is cached."}`

const translateInput = `{"type": "object", "additionalProperties": false, "properties": {` + articleProperties + `,
	"target": {"type": "string", "enum": ["hi", "en"], "description": "Language of the translation; default: the other one."},
	"register": {"type": "string", "enum": ["news", "formal", "colloquial"], "default": "news", "description": "Kind of language."},
	"numerals": {"type": "string", "enum": ["latin", "devanagari", "keep"], "description": "Digits of the translation; default: latin in English, as in the source in Hindi."}
}}`

const summarizeInput = `{"type": "object", "additionalProperties": false, "properties": {` + articleProperties + `,
	"languages": {"type": "array", "items": {"type": "string", "enum": ["hi", "en"]}, "description": "Languages of the summary, one summary in each; default: the other language than the article's."},
	"style": {"type": "string", "enum": ["paragraph", "bullets", "headline", "brief"], "default": "paragraph", "description": "paragraph; 3 to 6 bullets; a headline of at most 12 words; or one sentence of at most 30."},
	"max_words": {"type": "integer", "minimum": 10, "maximum": 1000, "default": 120, "description": "Most words of the summary."}
}}`

const detectInput = `{"type": "object", "additionalProperties": false, "required": ["text"], "properties": {
	"text": {"type": "string", "description": "Some of the text; a sentence or two are enough."}
}}`

// resultProperties are what translate and summarize both give.
const resultProperties = `
	"source": {"type": "string", "enum": ["hi", "en"], "description": "Language of the article."},
	"complete": {"type": "boolean", "description": "false: see missing."},
	"missing": {"type": "array", "items": ` + noteSchema + `},
	"warnings": {"type": "array", "items": ` + noteSchema + `},` + usageProperty

const usageProperty = `
	"usage": {"type": "object", "required": ["llm_calls", "shared_calls", "prompt_tokens", "completion_tokens", "cost_usd", "cache_hits", "cache_misses"], "properties": {
		"llm_calls": {"type": "integer"}, "shared_calls": {"type": "integer"}, "prompt_tokens": {"type": "integer"}, "completion_tokens": {"type": "integer"},
		"cost_usd": {"type": ["number", "null"], "description": "US dollars; null when no price is set."},
		"cache_hits": {"type": "integer"}, "cache_misses": {"type": "integer"}}}`

const noteSchema = `{"type": "object", "required": ["code", "message"], "properties": {
		"paragraph": {"type": "integer", "minimum": 1}, "language": {"type": "string"}, "code": {"type": "string"}, "message": {"type": "string"}}}`

const translateOutput = `{"type": "object", "required": ["translation", "source", "target", "complete", "missing", "warnings", "usage"], "properties": {
	"translation": {"type": "string", "description": "The whole translation, in the format of the text; of a url, Markdown."},
	"target": {"type": "string", "enum": ["hi", "en"]},` + resultProperties + `}}`

const summarizeOutput = `{"type": "object", "required": ["summaries", "source", "complete", "missing", "warnings", "usage"], "properties": {
	"summaries": {"type": "array", "items": {"type": "object", "required": ["language", "style", "text", "bullets"], "properties": {
		"language": {"type": "string", "enum": ["hi", "en"]}, "style": {"type": "string"}, "text": {"type": "string"},
		"bullets": {"type": "array", "items": {"type": "string"}}}}},` + resultProperties + `}}`

const detectOutput = `{"type": "object", "required": ["language", "script", "confidence"], "properties": {
	"language": {"type": "string", "enum": ["hi", "en", "und"], "description": "und: neither."},
	"script": {"type": "string", "description": "Deva, Latn or mixed."},
	"confidence": {"type": "number", "minimum": 0, "maximum": 1}}}`
