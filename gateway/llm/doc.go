// Package llm asks one model behind an OpenAI-compatible API and survives what
// such servers do: rate limits, resets, stalls, HTML error pages with status
// 200, answers cut in the middle, and parameters that one server wants and the
// next refuses.
//
// An [Upstream] is one base URL with one model. [Upstream.Complete] asks it a
// question and gives back a whole answer or one [*Error] whose [Kind] says what
// to do next. It is the only place of the program that tries again: every retry
// and hedge draws on the caller's [Budget], waits for the upstream's
// Retry-After, and stops when the caller's context does.
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
//
// # What is learnt
//
// Which response_format (json_schema, else json_object, else none), whether a
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
