package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// apiError is an error in OpenAI's form.
type apiError struct {
	status  int
	message string
	kind    string // "invalid_request_error", "server_error", …
	param   string
	code    string
}

func invalid(param, format string, args ...any) *apiError {
	return &apiError{status: http.StatusBadRequest, message: fmt.Sprintf(format, args...), kind: "invalid_request_error", param: param}
}

func (e *apiError) Error() string { return e.message }

// write sends the error; null stands for an empty param or code, as OpenAI does.
func (e *apiError) write(w http.ResponseWriter) {
	type body struct {
		Message string  `json:"message"`
		Type    string  `json:"type"`
		Param   *string `json:"param"`
		Code    *string `json:"code"`
	}
	orNull := func(s string) *string {
		if s == "" {
			return nil
		}
		return &s
	}
	writeJSON(w, e.status, map[string]body{"error": {e.message, e.kind, orNull(e.param), orNull(e.code)}})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(encode(v)) // an error means that the client has gone
}

// encode is json.Marshal without HTML escaping: masks read <1>, not \u003c1\u003e.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("simulator: " + err.Error()) // only types of this package come here
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

// message is one message of a chat. Its content is a string or a list of text parts.
type message struct {
	Role    string
	Content string
}

func (m *message) UnmarshalJSON(b []byte) error {
	var raw struct {
		Role    string          `json:"role"`
		Content json.RawMessage `json:"content"`
	}
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	m.Role = raw.Role
	if !slices.Contains([]string{"system", "developer", "user", "assistant"}, raw.Role) {
		return fmt.Errorf("invalid role %q", raw.Role)
	}
	if json.Unmarshal(raw.Content, &m.Content) == nil {
		if bytes.Equal(bytes.TrimSpace(raw.Content), []byte("null")) && raw.Role != "assistant" {
			return errors.New("content is null")
		}
		return nil
	}
	var parts []struct {
		Type string  `json:"type"`
		Text *string `json:"text"`
	}
	if json.Unmarshal(raw.Content, &parts) != nil || len(parts) == 0 {
		return errors.New("content is neither a string nor a list of parts")
	}
	for _, p := range parts {
		if p.Type != "text" || p.Text == nil {
			return fmt.Errorf("content part of type %q: this model reads text only", p.Type)
		}
		m.Content += *p.Text
	}
	return nil
}

// chatRequest is what the model reads of a request.
type chatRequest struct {
	Model         string    `json:"model"`
	Messages      []message `json:"messages"`
	Stream        bool      `json:"stream"`
	StreamOptions *struct {
		IncludeUsage bool `json:"include_usage"`
	} `json:"stream_options"`
	MaxTokens           *int            `json:"max_tokens"`
	MaxCompletionTokens *int            `json:"max_completion_tokens"`
	Temperature         *float64        `json:"temperature"`
	TopP                *float64        `json:"top_p"`
	N                   *int            `json:"n"`
	ResponseFormat      *responseFormat `json:"response_format"`
}

type responseFormat struct {
	Type       string `json:"type"`
	JSONSchema *struct {
		Name   string          `json:"name"`
		Schema json.RawMessage `json:"schema"`
		Strict bool            `json:"strict"`
	} `json:"json_schema"`
}

// ignored are parameters of OpenAI and of the usual servers that change nothing
// here. Any other unknown name is an error: it is most likely a typing mistake.
var ignored = strings.Fields(`frequency_penalty presence_penalty seed stop user logit_bias logprobs
	top_logprobs service_tier store metadata reasoning_effort reasoning verbosity prompt_cache_key
	safety_identifier modalities chat_template_kwargs extra_body top_k min_p repetition_penalty
	provider transforms keep_alive options think guided_json guided_choice`)

var read = strings.Fields(`model messages stream stream_options max_tokens max_completion_tokens
	temperature top_p n response_format`)

// readChat reads and checks a request body as a strict server does.
func readChat(body []byte) (*chatRequest, *apiError) {
	var names map[string]json.RawMessage
	d := json.NewDecoder(bytes.NewReader(body))
	if err := d.Decode(&names); err != nil || names == nil {
		return nil, invalid("", "We could not parse the JSON body of your request.")
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, invalid("", "The body holds more than one JSON value.")
	}
	for name := range names {
		if !slices.Contains(read, name) && !slices.Contains(ignored, name) {
			return nil, invalid(name, "Unrecognized request argument supplied: %s", name)
		}
	}
	var q chatRequest
	if err := json.Unmarshal(body, &q); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			return nil, invalid(wrong.Field, "Invalid type for '%s': got %s.", wrong.Field, wrong.Value)
		}
		return nil, invalid("messages", "Invalid 'messages': %s.", err)
	}
	if e := q.check(); e != nil {
		return nil, e
	}
	return &q, nil
}

func (q *chatRequest) check() *apiError {
	switch {
	case q.Model == "":
		return invalid("model", "you must provide a model parameter")
	case len(q.Messages) == 0:
		return invalid("messages", "Invalid 'messages': empty array.")
	case q.N != nil && *q.N != 1:
		return invalid("n", "Invalid 'n': this model gives 1 choice.")
	case q.Temperature != nil && (*q.Temperature < 0 || *q.Temperature > 2):
		return invalid("temperature", "Invalid 'temperature': %v is not between 0 and 2.", *q.Temperature)
	case q.TopP != nil && (*q.TopP < 0 || *q.TopP > 1):
		return invalid("top_p", "Invalid 'top_p': %v is not between 0 and 1.", *q.TopP)
	case q.MaxTokens != nil && q.MaxCompletionTokens != nil:
		return invalid("max_tokens", "Set only one of 'max_tokens' and 'max_completion_tokens'.")
	case q.MaxTokens != nil && *q.MaxTokens < 1:
		return invalid("max_tokens", "Invalid 'max_tokens': %d is less than 1.", *q.MaxTokens)
	case q.MaxCompletionTokens != nil && *q.MaxCompletionTokens < 1:
		return invalid("max_completion_tokens", "Invalid 'max_completion_tokens': %d is less than 1.", *q.MaxCompletionTokens)
	case q.StreamOptions != nil && !q.Stream:
		return invalid("stream_options", "The 'stream_options' parameter is only allowed when 'stream' is enabled.")
	case q.Messages[len(q.Messages)-1].Role != "user":
		return invalid("messages", "The last message must be the user's.")
	}
	return q.checkFormat()
}

var schemaName = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)

func (q *chatRequest) checkFormat() *apiError {
	f := q.ResponseFormat
	if f == nil {
		return nil
	}
	switch f.Type {
	case "text":
		return nil
	case "json_object":
		for _, m := range q.Messages {
			if strings.Contains(strings.ToLower(m.Content), "json") {
				return nil
			}
		}
		return invalid("messages", "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.")
	case "json_schema":
		s := f.JSONSchema
		if s == nil {
			return invalid("response_format.json_schema", "Missing required parameter: 'response_format.json_schema'.")
		}
		if !schemaName.MatchString(s.Name) {
			return invalid("response_format.json_schema.name", "Invalid 'response_format.json_schema.name': want 1 to 64 of a-z, A-Z, 0-9, _ and -.")
		}
		var schema map[string]any
		if json.Unmarshal(s.Schema, &schema) != nil || schema["type"] != "object" {
			return invalid("response_format.json_schema.schema", "Invalid schema for response_format '%s': schema must be a JSON Schema of 'type: \"object\"'.", s.Name)
		}
		if s.Strict {
			if where := notStrict(schema, ""); where != "" {
				return invalid("response_format", "Invalid schema for response_format '%s': In context=(%s), 'additionalProperties' must be false and 'required' must name every property.", s.Name, where)
			}
		}
		return nil
	}
	return invalid("response_format.type", "Invalid value: '%s'. Supported values are: 'json_object', 'json_schema', and 'text'.", f.Type)
}

// notStrict finds an object in a schema that breaks the rules of OpenAI's
// strict mode, and says where: "" means none.
func notStrict(schema map[string]any, path string) string {
	for _, name := range []string{"items"} {
		if sub, ok := schema[name].(map[string]any); ok {
			if where := notStrict(sub, path+"/"+name); where != "" {
				return where
			}
		}
	}
	properties, _ := schema["properties"].(map[string]any)
	if schema["type"] == "object" {
		required, _ := schema["required"].([]any)
		if schema["additionalProperties"] != false || len(required) != len(properties) {
			return path + "/"
		}
		for name := range properties {
			if !slices.Contains(required, any(name)) {
				return path + "/" + name
			}
		}
	}
	for name, sub := range properties {
		if sub, ok := sub.(map[string]any); ok {
			if where := notStrict(sub, path+"/"+name); where != "" {
				return where
			}
		}
	}
	return ""
}

func (q *chatRequest) includeUsage() bool {
	return q.StreamOptions != nil && q.StreamOptions.IncludeUsage
}

// limit is the most tokens the answer may have; 0 = as many as it takes.
func (q *chatRequest) limit() int {
	switch {
	case q.MaxCompletionTokens != nil:
		return *q.MaxCompletionTokens
	case q.MaxTokens != nil:
		return *q.MaxTokens
	}
	return 0
}

func (q *chatRequest) promptTokens() int {
	n := tokensPerPrompt
	for _, m := range q.Messages {
		n += tokensPerMessage + EstimateTokens(m.Content)
	}
	return n
}

// system is the instructions: every system and developer message.
func (q *chatRequest) system() string {
	var parts []string
	for _, m := range q.Messages {
		if m.Role == "system" || m.Role == "developer" {
			parts = append(parts, m.Content)
		}
	}
	return strings.Join(parts, "\n")
}
