// Package check tells what is wrong with a translation or a summary that a model
// has answered: nothing came, it is in the wrong script or language, it is a copy
// of the source, a refusal, talk around the text, cut off, too long.
//
// Its functions are pure: they read the texts and nothing else. They ask no model,
// change no text and decide nothing; the caller asks again, drops, or warns. A hard
// finding means that the text must not be used or kept. A soft one is a warning to
// show beside it.
//
// Every rule is calibrated on human translations of news and health texts, of which
// it must leave nearly all alone, and on errors made on purpose, of which it must
// find nearly all; the tests hold both figures. What an article may well say itself
// ("I cannot help", "Note: …", a name that stays in Latin letters) is compared with
// the source before it counts against the answer.
//
// Codes are the warning codes of the API (script, copy, refusal, chatter, truncated,
// placeholder, summary_length), and one that is only ever an error: empty.
//
//	found := check.Translation(check.Pair{
//		Source: "बैठक सोमवार को होगी।",
//		Target: "Sure! Here is the translation: The meeting will be on Monday.",
//		From:   "hi", To: "en",
//	})
//	// found[0].Code == "chatter", found[0].Hard == true
package check
