package mcp

import (
	"encoding/json"
	"fmt"
	"strings"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"dubhashi/gateway"
	"dubhashi/gateway/api"
)

// missing is a part that did not come through.
type missing struct {
	Paragraph int    `json:"paragraph,omitempty"` // from 1
	Language  string `json:"language,omitempty"`
	Code      string `json:"code"`
	Message   string `json:"message"`
}

// warning is what a reader should know of a text.
type warning struct {
	Paragraph int    `json:"paragraph,omitempty"` // from 1; 0: of the whole
	Language  string `json:"language,omitempty"`
	Code      string `json:"code"`
	Message   string `json:"message"`
}

type translated struct {
	Translation string    `json:"translation"`
	Source      string    `json:"source"`
	Target      string    `json:"target"`
	Complete    bool      `json:"complete"`
	Missing     []missing `json:"missing"`
	Warnings    []warning `json:"warnings"`
	Usage       api.Usage `json:"usage"`
}

type summary struct {
	Language string   `json:"language"`
	Style    string   `json:"style"`
	Text     string   `json:"text"`
	Bullets  []string `json:"bullets"`
}

type summarised struct {
	Summaries []summary `json:"summaries"`
	Source    string    `json:"source"`
	Complete  bool      `json:"complete"`
	Missing   []missing `json:"missing"`
	Warnings  []warning `json:"warnings"`
	Usage     api.Usage `json:"usage"`
}

func usageOf(u gateway.Usage) api.Usage {
	return api.Usage{
		LLMCalls: u.Calls, SharedCalls: u.SharedCalls, PromptTokens: u.PromptTokens, CompletionTokens: u.CompletionTokens,
		CostUSD: u.Cost, CacheHits: u.Hits, CacheMisses: u.Misses,
	}
}

// notes are the warnings and what is missing of a result. Not nil, so that they
// are arrays in JSON.
func notes(res *gateway.Result) (gone []missing, warnings []warning) {
	gone, warnings = []missing{}, []warning{}
	for _, w := range res.Warnings {
		warnings = append(warnings, warning{Code: w.Code, Message: w.Message})
	}
	for i := range res.Blocks {
		for _, w := range res.Blocks[i].Warnings {
			warnings = append(warnings, warning{Paragraph: i + 1, Code: w.Code, Message: w.Message})
		}
		if f := res.Blocks[i].Failure; f != nil {
			gone = append(gone, missing{Paragraph: i + 1, Code: string(f.Code), Message: f.Message})
		}
	}
	for _, s := range res.Summaries {
		for _, w := range s.Warnings {
			warnings = append(warnings, warning{Language: s.Language, Code: w.Code, Message: w.Message})
		}
		if f := s.Failure; f != nil {
			gone = append(gone, missing{Language: s.Language, Code: string(f.Code), Message: f.Message})
		}
	}
	return gone, warnings
}

// result is a tool's answer: the text itself for the model to read, what to know
// of it as a text of its own, and all of it as structured content.
func result(text string, structured any, gone []missing, warnings []warning) (*sdk.CallToolResult, error) {
	var list []string
	for _, m := range gone {
		list = append(list, place(m.Paragraph, m.Language)+"missing: "+m.Message)
	}
	for _, w := range warnings {
		list = append(list, place(w.Paragraph, w.Language)+w.Message)
	}
	return answer(text, structured, list)
}

func answer(text string, structured any, notes []string) (*sdk.CallToolResult, error) {
	b, err := json.Marshal(structured)
	if err != nil {
		return nil, err
	}
	res := &sdk.CallToolResult{Content: []sdk.Content{&sdk.TextContent{Text: text}}, StructuredContent: json.RawMessage(b)}
	if len(notes) > 0 {
		res.Content = append(res.Content, &sdk.TextContent{Text: "Notes (not part of the text):\n- " + strings.Join(notes, "\n- ")})
	}
	return res, nil
}

func place(paragraph int, language string) string {
	switch {
	case paragraph > 0:
		return fmt.Sprintf("paragraph %d: ", paragraph)
	case language != "":
		return language + " summary: "
	}
	return ""
}

// failure is an error as a tool's answer: its code, and what to change.
func failure(e *gateway.Error) *sdk.CallToolResult {
	text := string(e.Code) + ": " + e.Message
	for _, f := range e.Fields {
		name := f.Field
		switch name {
		case "html", "markdown":
			name = "text" // one argument here
		case "summary.style", "summary.max_words", "summary.languages":
			name = strings.TrimPrefix(name, "summary.")
		}
		text += "\n- " + name + " " + f.Message
	}
	return &sdk.CallToolResult{IsError: true, Content: []sdk.Content{&sdk.TextContent{Text: text}}}
}
