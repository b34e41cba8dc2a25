// Package glossary keeps the callers' glossaries and reads and writes them as
// TSV, CSV and JSON.
//
// A glossary has a name, an owner and at most one dictionary a direction (hi→en,
// en→hi). It is kept as a small record, its head, and one record of entries a
// dictionary. An entries record is written once and never changed: an edit
// writes another one and then turns the head to it, if the head is still as it
// was read. So a look at the head tells whether what is in memory holds, an edit
// never loses another one, and a reader never sees half of one.
//
// It never finds a term in a text itself (that is prompts' business, through
// gateway), never tells one owner of another's glossaries, and never corrects
// what it is given but for white space and the Unicode form (NFC).
//
//	shelf := glossary.NewShelf(kv)
//	entries, err := glossary.ParseTSV("नगर निगम\tmunicipal corporation\n")
//	g, err := shelf.Create(ctx, "key:desk", "city", glossary.Dictionary{Source: "hi", Target: "en", Entries: entries})
//	terms, err := shelf.Compiled(ctx, "key:desk", g.ID) // for gateway.Options.Stored
package glossary
