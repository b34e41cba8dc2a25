// Package prompts says what a model is told: the system messages for
// translating and summarising news between Hindi and English, the JSON object
// that carries the article, the JSON schema of the answer, and the built-in
// glossary of Indian news terms.
//
// A prompt has two messages. The system message holds the instructions: a core
// that is the same for every call of a direction, first, so that a provider's
// prefix cache finds it, then single lines that are there only when this call's
// text needs them (lakh and crore, fraction words, datelines, tags, a glossary).
// The user message is one JSON object and holds the article, and beside it, as a
// member of its own that no article can write, the caller's instructions: the system
// message says what they may decide, and keeps its length. Article text never stands
// in a system message: what an article says is material, not orders.
//
// The package never calls a model, never reads a file or the environment at
// run time, and never judges an answer. Equal inputs give equal bytes. What is
// sent changes only with a new [Version]; a test holds the templates, the
// glossary and the rendered prompts to it.
//
//	p := prompts.Translate(prompts.Translation{
//		Source: "hi", Target: "en",
//		Segments: []string{"भाजपा ने 3.5 करोड़ सदस्य बनाए।"},
//		Glossary: prompts.Terms("hi", "en", "भाजपा ने 3.5 करोड़ सदस्य बनाए।"),
//	})
//	// p.Messages[1].Content:
//	// {"task":"translate","source":"hi","target":"en","segments":{"1":"भाजपा ने 3.5 करोड़ सदस्य बनाए।"},"glossary":{"भाजपा":"BJP"},"register":"news"}
package prompts
