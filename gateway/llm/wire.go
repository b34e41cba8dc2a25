package llm

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// reply is the part of an answer that is used here.
type reply struct {
	model, text, refusal, finish string
	prompt, completion           int
	cached                       int  // of the prompt, where the server tells
	thought                      bool // the model thought before it answered
	open                         bool // a stream that ended with neither a finish reason nor an end mark
}

// readReply takes the reply from a body that is one object, with a looser eye than
// the client library's: servers send "created" as a float, "usage" as strings, or a
// byte order mark in front. false means that the body holds no choice.
func readReply(body []byte) (reply, bool) {
	var v struct {
		Model   json.RawMessage `json:"model"`
		Choices []struct {
			Message piece           `json:"message"`
			Finish  json.RawMessage `json:"finish_reason"`
		} `json:"choices"`
		Usage usage `json:"usage"`
	}
	if json.Unmarshal(trimBOM(body), &v) != nil || len(v.Choices) == 0 {
		return reply{}, false
	}
	c := v.Choices[0]
	return reply{
		model: looseString(v.Model), text: looseText(c.Message.Content), refusal: looseString(c.Message.Refusal),
		finish: looseString(c.Finish), prompt: looseInt(v.Usage.Prompt), completion: looseInt(v.Usage.Completion),
		cached: v.Usage.cached(), thought: c.Message.thoughts() != "" || v.Usage.thought(),
	}, true
}

// salvageModels reads the lists that are not quite OpenAI's: a bare array, or
// entries that have a name in the place of an id.
func salvageModels(body []byte) ([]string, error) {
	type entry struct{ ID, Name, Model string }
	var entries []entry
	body = trimBOM(body)
	var v struct {
		Data   *[]entry
		Models *[]entry
	}
	switch {
	case json.Unmarshal(body, &entries) == nil:
	case json.Unmarshal(body, &v) == nil && v.Data != nil:
		entries = *v.Data
	case v.Models != nil:
		entries = *v.Models
	default:
		return nil, errors.New("no list")
	}
	var ids []string
	for _, e := range entries {
		for _, id := range []string{e.ID, e.Model, e.Name} {
			if id != "" {
				ids = append(ids, id)
				break
			}
		}
	}
	return ids, nil
}

func trimBOM(b []byte) []byte { return bytes.TrimPrefix(bytes.TrimSpace(b), []byte("\ufeff")) }

// looseString gives a JSON string's text, a number's digits, and "" for all else.
func looseString(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	var n json.Number
	if json.Unmarshal(raw, &n) == nil {
		return n.String()
	}
	return ""
}

func looseInt(raw json.RawMessage) int {
	f, err := strconv.ParseFloat(looseString(raw), 64)
	if err != nil || !(f > 0 && f < 1e12) {
		return 0
	}
	return int(f)
}

// looseText gives a string, or the texts of an array of parts.
func looseText(raw json.RawMessage) string {
	if s := looseString(raw); s != "" {
		return s
	}
	var parts []struct{ Text string }
	_ = json.Unmarshal(raw, &parts)
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(p.Text)
	}
	return b.String()
}

// wireError is what an upstream says of a failure. Its message is read for hints
// and shown to nobody.
type wireError struct {
	code, typ, param, message string
	status                    int // a status given inside the body
}

// readError reads the shapes of error bodies in use: OpenAI's object, a bare
// string, the object unwrapped (Mistral), wrapped in an array (Gemini), and
// FastAPI's detail.
func readError(body []byte) (wireError, bool) {
	body = trimBOM(body)
	var list []json.RawMessage
	if json.Unmarshal(body, &list) == nil && len(list) > 0 {
		body = list[0]
	}
	var top map[string]json.RawMessage
	if json.Unmarshal(body, &top) != nil {
		return wireError{}, false
	}
	raw, ok := top["error"]
	if ok {
		if s := looseString(raw); s != "" {
			return wireError{message: s}, true
		}
		var inner map[string]json.RawMessage
		if json.Unmarshal(raw, &inner) != nil || inner == nil {
			ok = false
		} else {
			top = inner
		}
	}
	e := wireError{
		code: looseString(top["code"]), typ: looseString(top["type"]), param: looseString(top["param"]),
		message: looseString(top["message"]),
	}
	if e.message == "" {
		e.message = readDetail(top["detail"])
	}
	for _, name := range []string{"code", "status", "status_code"} {
		if n := looseInt(top[name]); e.status == 0 && n >= 400 && n < 600 {
			e.status = n
		}
	}
	return e, ok || e.message != ""
}

// readDetail reads FastAPI's detail: a text, or a list of places and messages.
// Their "input" is left out, for it repeats the request.
func readDetail(raw json.RawMessage) string {
	if s := looseString(raw); s != "" {
		return s
	}
	var items []struct {
		Loc []json.RawMessage
		Msg string
	}
	_ = json.Unmarshal(raw, &items)
	var b strings.Builder
	for _, it := range items {
		for _, l := range it.Loc {
			b.WriteString(looseString(l))
			b.WriteByte('.')
		}
		b.WriteString(" " + it.Msg + "\n")
	}
	return b.String()
}
