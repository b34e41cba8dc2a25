package llm

import (
	"errors"
	"math"
	"regexp"
	"strings"

	openai "github.com/sashabaranov/go-openai"
)

// group is one thing about a request that upstreams disagree on.
type group uint8

const (
	gStream group = iota
	gFormat
	gEffort
	gTemperature
	gTokens
	groups
)

// The rungs of streaming: with the usage in the last chunk, without, and no stream.
const (
	streamUsage = "stream_options"
	streamPlain = "stream"
	streamNone  = ""
)

// The rungs of response_format.
const (
	formatSchema = "json_schema"
	formatObject = "json_object"
	formatNone   = ""
)

// The names of the token limit.
const (
	tokensOld  = "max_tokens"
	tokensNew  = "max_completion_tokens"
	tokensNone = ""
)

// efforts are the values of reasoning_effort from the least thinking up; thinking
// costs time and tokens and does not make translations better on the whole. The
// last rung sends none.
var efforts = []string{openai.ReasoningEffortNone, openai.ReasoningEffortMinimal, openai.ReasoningEffortLow, ""}

// traits are what is sent to an upstream. A value of "" leaves the parameter out.
type traits struct {
	is     [groups]string
	thinks bool // the model's thoughts count against the token limit
}

const sent = "sent" // the temperature has no name but itself

// firstTraits is where learning starts: what most servers know, and for models of
// OpenAI's thinking families what those are documented to want.
func (u *Upstream) firstTraits() traits {
	t := traits{is: [groups]string{gStream: streamUsage, gFormat: formatSchema, gTemperature: sent, gTokens: tokensOld}}
	openAI := u.host == "api.openai.com" || strings.HasSuffix(u.host, ".api.openai.com")
	family := thinkingFamily(u.cfg.Model)
	if openAI || family != "" {
		t.is[gTokens] = tokensNew
	}
	if openAI && family != "" && !strings.Contains(u.cfg.Model, "-chat") {
		switch {
		case family == "o":
			t.is[gEffort] = openai.ReasoningEffortLow
		case family == "gpt-5" && !strings.HasPrefix(u.cfg.Model, "gpt-5."):
			t.is[gEffort] = openai.ReasoningEffortMinimal
		default:
			t.is[gEffort] = openai.ReasoningEffortNone
		}
	}
	return t
}

var oSeries = regexp.MustCompile(`^o[1-9]`)

// thinkingFamily tells OpenAI's thinking models by name, also behind a router's
// prefix ("openai/…"); "" for all others.
func thinkingFamily(model string) string {
	model = model[strings.LastIndexByte(model, '/')+1:]
	switch {
	case strings.HasPrefix(model, "gpt-5"):
		return "gpt-5"
	case strings.HasPrefix(model, "gpt-6"):
		return "gpt-6"
	case oSeries.MatchString(model):
		return "o"
	}
	return ""
}

// build makes the request that t wants of r, and gives back t as the request
// really carries it: without what r does not ask for, and without what the
// client library would refuse to send.
func (u *Upstream) build(r Request, t traits, ceiling int) (openai.ChatCompletionRequest, traits) {
	q := openai.ChatCompletionRequest{Model: u.cfg.Model}
	for _, m := range r.Messages {
		q.Messages = append(q.Messages, openai.ChatCompletionMessage{Role: m.Role, Content: m.Content})
	}
	if len(r.Schema) == 0 {
		t.is[gFormat] = formatNone
	}
	if r.Temperature < 0 {
		t.is[gTemperature] = ""
	}
	if ceiling <= 0 {
		t.is[gTokens] = tokensNone
	}
	for {
		t.apply(&q, r, ceiling)
		err := openai.NewReasoningValidator().Validate(q)
		switch {
		case err == nil:
			return q, t
		case errors.Is(err, openai.ErrReasoningModelMaxTokensDeprecated) && t.is[gTokens] == tokensOld:
			t.is[gTokens] = tokensNew
		case t.is[gEffort] != "" && errors.Is(err, openai.ErrReasoningEffortUnsupported):
			t.is[gEffort] = lower(gEffort, t.is[gEffort])[0]
		case t.is[gTemperature] != "":
			t.is[gTemperature] = ""
		default:
			return q, t // the library will say so itself
		}
	}
}

// nearZero stands for temperature 0, which the client library leaves out, so that
// the server would take its own default. The smallest float would do for most
// servers, but dividing logits by it overflows to infinity where the division is
// in single precision; at 1e-6 all but the likeliest token still vanish.
const nearZero float32 = 1e-6

func (t traits) apply(q *openai.ChatCompletionRequest, r Request, ceiling int) {
	q.ResponseFormat, q.Temperature = nil, 0
	//lint:ignore SA1019 local servers know max_tokens best; which of the two an upstream wants is learnt
	q.MaxTokens, q.MaxCompletionTokens = 0, 0
	q.ReasoningEffort = t.is[gEffort]
	q.Stream, q.StreamOptions = t.is[gStream] != streamNone, nil
	if t.is[gStream] == streamUsage {
		q.StreamOptions = &openai.StreamOptions{IncludeUsage: true}
	}
	switch t.is[gFormat] {
	case formatSchema:
		name := r.SchemaName
		if name == "" {
			name = "answer"
		}
		q.ResponseFormat = &openai.ChatCompletionResponseFormat{
			Type:       openai.ChatCompletionResponseFormatTypeJSONSchema,
			JSONSchema: &openai.ChatCompletionResponseFormatJSONSchema{Name: name, Schema: r.Schema, Strict: true},
		}
	case formatObject:
		q.ResponseFormat = &openai.ChatCompletionResponseFormat{Type: openai.ChatCompletionResponseFormatTypeJSONObject}
	}
	if t.is[gTemperature] != "" {
		q.Temperature = r.Temperature
		if q.Temperature == 0 {
			q.Temperature = nearZero
		}
	}
	switch t.is[gTokens] {
	case tokensOld:
		//lint:ignore SA1019 see above
		q.MaxTokens = ceiling
	case tokensNew:
		q.MaxCompletionTokens = ceiling
	}
}

// lower lists what to try in the place of v, in order; the last is "".
func lower(g group, v string) []string {
	switch {
	case v == "":
		return nil
	case g == gStream && v == streamUsage:
		return []string{streamPlain, streamNone}
	case g == gFormat && v == formatSchema:
		return []string{formatObject, formatNone}
	case g == gEffort:
		for i, e := range efforts {
			if e == v {
				return efforts[i+1:]
			}
		}
	case g == gTokens && v == tokensOld:
		return []string{tokensNew, tokensNone}
	case g == gTokens && v == tokensNew:
		return []string{tokensOld, tokensNone}
	}
	return []string{""}
}

// roomy is the token limit for an answer of n tokens of a model that thinks.
func roomy(n, prompt, context int) int {
	return max(n, min(n*4+2048, math.MaxInt32, context-prompt))
}
