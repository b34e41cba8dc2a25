package prompts

import "strings"

// Rewording is a call that asks for other translations of a segment.
type Rewording struct {
	Translation          // of that one segment; Before, Title and Fix are left out
	Known       []string // its translations that there are, masked as the segment
	Count       int      // how many others are wanted
}

// Reword gives the call for other translations. The answer is
// {"alternatives":["…"]}, as the schema says, in which a model may give fewer.
func Reword(r Rewording) Prompt {
	r.Title, r.Before, r.Fix = "", "", nil
	n := r.needs()
	n.Target, n.Count = r.Target, r.Count
	return Prompt{
		Messages: []Message{
			{Role: "system", Content: render("reword.txt", n)},
			{Role: "user", Content: r.wire()},
		},
		Schema: alternativesSchema(), SchemaName: "alternatives",
	}
}

// wire is the user message: that of a translation, with what is wanted beside.
func (r Rewording) wire() string {
	var o object
	o.texts("known", r.Known)
	o.number("count", r.Count)
	plain := r.Translation.wire(r.ids())
	return strings.TrimSuffix(plain, "}") + `,"alternatives":` + string(o.end()) + "}"
}
