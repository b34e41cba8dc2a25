package llm

import (
	"fmt"
	"regexp"
	"strings"
)

// refusal is a 4xx that may be about a parameter and not about the question.
type refusal struct {
	signature string  // equal for two refusals with the same reason
	hints     []group // the parameters it names, the likeliest first
	foreign   bool    // it names another cause
	named     bool    // only the named parameters may be to blame
	once      bool    // about the parameter's value in this request; teaches nothing
}

var hintWords = [groups][]string{
	gStream:      {"stream", "include_usage"},
	gFormat:      {"response_format", "response format", "json_schema", "json schema", "json_object", "json mode", "structured output", "guided_json", "grammar"},
	gEffort:      {"reasoning_effort", "reasoning effort", "reasoning.effort"},
	gTemperature: {"temperature"},
	gTokens:      {"max_tokens", "max_completion_tokens", "max_new_tokens"},
}

var (
	tooLarge  = regexp.MustCompile(`too (large|high|big|long)|at most|context (length|window)|maximum|exceed|less than or equal|must be <`)
	instead   = regexp.MustCompile(`instead|unsupported|not supported|not support`)
	ofStream  = regexp.MustCompile(`\bstream(_options|ing)?\b|include_usage`) // but not "upstream"
	withDigit = regexp.MustCompile(`\S*[0-9]\S*`)                             // request ids, sizes, times
)

// newRefusal reads the hints in an upstream's error. They only say what to try
// first: what is learnt is learnt from requests that pass.
func newRefusal(status int, we wireError) *refusal {
	text := strings.ToLower(we.message)
	r := &refusal{signature: fmt.Sprintf("%d|%s|%s|%s", status, we.code, we.param, withDigit.ReplaceAllString(text, "#"))}
	byParam := false
	for g, words := range hintWords {
		for _, w := range words {
			if strings.HasPrefix(we.param, w) {
				r.hints, byParam = append([]group{group(g)}, r.hints...), true
				break
			}
			if group(g) == gStream {
				if !ofStream.MatchString(text) && !ofStream.MatchString(we.code) {
					continue
				}
				r.hints = append(r.hints, gStream)
				break
			}
			if strings.Contains(text, w) || strings.Contains(we.code, w) {
				r.hints = append(r.hints, group(g))
				break
			}
		}
	}
	if byParam { // the upstream's own word is better than a guess
		r.hints = r.hints[:1]
	}
	switch we.code {
	case "context_length_exceeded", "model_not_found", "invalid_model", "string_above_max_length":
		r.foreign = true
	case "json_validate_failed":
		// The model wrote something else than the schema asks for: no matter of
		// what the upstream can.
		r.hints, r.once = []group{gFormat}, true
	}
	if we.param != "" && !byParam {
		r.foreign = true
	}
	if len(r.hints) > 0 && r.hints[0] == gTokens && tooLarge.MatchString(text) && !instead.MatchString(text) {
		r.once = true
	}
	return r
}
