// Package simulator is the stand-in model: it speaks the wire of an
// OpenAI-compatible chat-completions server, so that the gateway reaches it as it
// reaches any upstream, and serves as the demo, the load tests' model and the
// source of every fault that an upstream can show.
//
// # What it answers
//
// The last user message is one of the JSON tasks between gateway and model
// (translate, with or without fix; summarize), or, in prompt style plain, the
// bare segment, with the direction named by the system message. A text is
// answered from translation memory where the whole of it, or each run of its
// sentences, is known, in either direction; masks (<1>…</1>, <2/>) are taken off
// for the look-up and put back around the matching words. When a source has
// several translations, the one whose neighbours in the memory are the
// neighbours in the call is given, else the first. What memory does not know is
// glossed: word by word from a lexicon, with Hindi postpositions, genitives and
// verb groups put into English order (English to Hindi: the reverse, more
// simply), numbers kept by value and names transliterated. A summary is the
// leading sentences of the paragraphs, or of an example article its prepared one.
// Asked for other translations of a text ("alternatives"), it gives those that
// memory has beside the known, which may be none.
//
// A reply depends on the request alone, and its fault on Config.Seed and the
// call's number alone: the same calls in the same order give the same run.
//
// # What it never does
//
// It never passes its gloss off as translation (the gateway marks every answer
// of it with the warning demo_model), never reaches the network, never checks an
// API key, and holds nothing of a request after its answer.
//
// # Example
//
//	pairs, err := simulator.LoadMemory(file)
//	model, err := simulator.New(simulator.Config{
//		Memory: pairs,
//		Faults: map[simulator.Fault]float64{simulator.DropSegment: 0.05},
//		Seed:   1,
//	})
//	http.ListenAndServe("127.0.0.1:9090", model)
package simulator
