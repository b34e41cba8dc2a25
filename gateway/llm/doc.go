// Package llm asks one model behind an OpenAI-compatible API and survives what
// such servers do: rate limits, resets, stalls, HTML error pages with status
// 200, answers cut in the middle, and parameters that one server wants and the
// next refuses.
//
// An [Upstream] is one base URL with one model. [Upstream.Complete] asks it a
// question and gives back a whole answer or one [*Error] whose [Kind] says what
// to do next. It is the only place of the program that tries again: every retry
// and hedge draws on the caller's [Budget], of which [Request].Keep calls are left
// for the next upstream, waits for the upstream's Retry-After, and stops when the
// caller's context does.
//
// # What counts as an answer
//
// Status 2xx, at least one choice, a finish reason that means the model ended by
// itself ("stop", and the spellings of servers that say "eos", "eos_token",
// "stop_sequence" or "end_turn") and text left after the model's thinking is
// taken away. Some servers send no finish reason (null, or no such member). With
// a schema asked for, such an answer is taken when it holds a whole JSON object;
// as free text it is taken when it is not empty, and [Response.Finish] is ""
// so that the caller can look at it with more suspicion. All else is an error:
// "length" is [Truncated], "content_filter" or a refusal is [Refused], and no
// choice, an error object with status 200, HTML or a cut body is [Unavailable].
// When the upstream counts fewer than 0.35 tokens for every six characters of a
// long prompt it has read only a part of it: [PromptCut].
//
// # Streams
//
// Answers are asked for as streams, so that silence is seen after the idle limit
// and not at the end, and read here rather than by the client library, which loses
// headers, and errors that come in a stream. An upstream that answers with one
// object is read as before. Any byte is a sign of life, a comment too; the whole
// time of a call bounds it all the same. A stream that ends without a finish
// reason is an answer only if it holds a whole JSON object that was asked for, or
// said [DONE]; an error in it is a failure like its status. An answer that goes on
// to eight characters a token of its limit, or repeats the same 20 or more
// characters 20 times at its end (and the question does not), is stopped and
// [Truncated]. Behind the finish reason 2 s are given for the usage.
//
// When the caller leaves while more than half of [Request].Expect has come, the
// call runs on to its end, 15 s at most; else it is cancelled at once and what it
// had said is counted.
//
// # When an upstream fails
//
// A breaker opens after five failures in a row or ten of the last twenty calls:
// 5xx, no connection, the connect, header or idle limit, the whole time of a call
// without one character of an answer, a 2xx without an answer. A refused key and a
// spent quota open it at once, and five 429s in a row of calls with [Request].Spare,
// over 2 s or more, until an answer begins: a rate limit lets some through. Other 4xx
// never do, and no word of an answer does. While it is open, calls with
// [Request].Spare are not sent, and those in line are told at once, but for one at a
// time after a cool-down of 5 s that doubles to 40 s; the first answer closes it. A probe that shows
// nothing, because of a 429, a 408 or the caller's deadline, is followed by the next
// after the same time again. Calls without a spare upstream are always sent.
//
// # How fast it is asked
//
// Retry-After shuts the whole upstream, for all callers. A 429 or 503 halves the
// number of calls in flight, once a round; each time as many calls have come
// through as there may be in flight there may be one more, up to
// [Config].Concurrency. And after the first 429 the starts are spaced: at the rate
// that got through in the second before it, or, where that says nothing, at one
// that doubles each round until a 429 comes behind which it can be told. From there
// the rate goes back by a few per cent, nears what was too much from below, and looks
// for more 40 s later: a limit that has risen fourfold is reached within 90 s. As
// long as there is no 429 nothing is spaced. Where 429s go on through seven such steps
// (twelve, where each says how long to wait) they are not about the rate, and for a
// minute none is taken so.
//
// # What is learnt
//
// Whether the upstream streams, and with stream_options or without, which
// response_format (json_schema, else json_object, else none), whether a
// temperature, which name of the token limit and which reasoning_effort the
// upstream accepts is found out by the first calls and kept for the life of the
// process. A parameter is given up only when the same request passes without
// it, or is refused for another reason without it; one that has passed before is
// given up only after two such refusals, because a 400 may be about one request.
// One call at a time learns while the others wait for its lesson, so calls that
// start together are refused once each at the most.
//
// A refused call is answered before the model runs and costs no tokens. It
// counts in [Usage.Calls] but gives the unit it drew from the budget to the call
// that replaces it: learning happens once a process and parameter, and must not
// use up what a short article may spend on faults.
//
// # What it never does
//
// It logs nothing, reads no environment, follows no redirect (the key would go
// along), and puts no key, prompt or answer into an error. It does not judge a
// translation, does not cut requests in halves, and does not choose between
// upstreams: that is the caller's work.
//
// # Example
//
//	up, err := llm.New(llm.Config{
//		Name: "main", BaseURL: "http://127.0.0.1:11434/v1", Model: "some-model",
//	})
//	if err != nil {
//		return err
//	}
//	defer up.Close()
//	res, err := up.Complete(ctx, llm.Request{
//		Messages: []llm.Message{{Role: "system", Content: instructions}, {Role: "user", Content: payload}},
//		Schema:   schema,
//		Budget:   llm.NewBudget(6),
//	})
//	if err != nil {
//		return err // an *llm.Error
//	}
//	var answer struct {
//		Segments map[string]string `json:"segments"`
//	}
//	err = llm.Answer(res.Text, &answer)
package llm
