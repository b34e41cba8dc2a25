package mcp

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"dubhashi/gateway"
	"dubhashi/gateway/api"
	"dubhashi/gateway/article"
)

func (s *Server) addTools() {
	no, yes := false, true
	add := func(name, title, description, input, output string, open *bool, run tool) {
		s.sdk.AddTool(&sdk.Tool{
			Name: name, Title: title, Description: description,
			InputSchema: json.RawMessage(input), OutputSchema: json.RawMessage(output),
			Annotations: &sdk.ToolAnnotations{Title: title, ReadOnlyHint: true, IdempotentHint: true, DestructiveHint: &no, OpenWorldHint: open},
		}, s.handler(run))
	}
	add("translate", "Translate", translateDescription, translateInput, translateOutput, &yes, s.translate)
	add("summarize", "Summarise", summarizeDescription, summarizeInput, summarizeOutput, &yes, s.summarize)
	add("detect", "Detect the language", detectDescription, detectInput, detectOutput, &no, s.detect)
	if s.c.Newsletters != nil {
		add("newsletter", "Make a newsletter", newsletterDescription, newsletterInput, newsletterOutput, &yes, s.newsletter)
	}
}

// call is a tool's call: what it was given, and how to tell its progress (nil:
// nobody asked).
type call struct {
	arguments json.RawMessage
	progress  func(done, total int)
	caller    Caller // nil: nobody's
}

// tool does a call's work. Its error is one for the model to read.
type tool func(ctx context.Context, c call) (*sdk.CallToolResult, error)

// handler wraps a tool: its time, the end of its HTTP request, its errors, and a
// panic, which would end the process, for the SDK runs it in a goroutine of its
// own.
func (s *Server) handler(run tool) sdk.ToolHandler {
	return func(ctx context.Context, req *sdk.CallToolRequest) (res *sdk.CallToolResult, err error) {
		c := call{arguments: req.Params.Arguments}
		defer func() {
			if r := recover(); r != nil {
				s.c.Log.Error("a tool panicked", "tool", req.Params.Name, "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
				res, err = c.failed(internal), nil
			}
		}()
		ctx, cancel := context.WithTimeout(ctx, s.c.Timeout)
		defer cancel()
		if h, ok := ctx.Value(httpCallKey{}).(*httpCall); ok {
			defer context.AfterFunc(h.ctx, cancel)()
			c.caller = h.caller
			h.begin() // the client sees that its call has come, and so do proxies
		}
		if token := req.Params.GetProgressToken(); token != nil {
			last := -1
			c.progress = func(done, total int) {
				if done <= last { // the protocol wants each to tell more than the one before
					return
				}
				last = done
				_ = req.Session.NotifyProgress(ctx, &sdk.ProgressNotificationParams{ // who does not hear it does not need it
					ProgressToken: token, Progress: float64(done), Total: float64(total), Message: fmt.Sprintf("%d of %d parts are ready", done, total),
				})
			}
		}
		res, err = run(ctx, c)
		var e *gateway.Error
		switch {
		case err == nil:
			return res, nil
		case errors.As(err, &e):
			return c.failed(e), nil
		}
		s.c.Log.Error("a tool failed", "tool", req.Params.Name, "cause", err.Error())
		return c.failed(internal), nil
	}
}

// failed is the answer of a call that failed.
func (c *call) failed(e *gateway.Error) *sdk.CallToolResult {
	if c.caller != nil {
		c.caller.Failed(e.Code)
	}
	return failure(e)
}

var internal = &gateway.Error{Code: gateway.Internal, Message: "internal error; ask again, and tell the operator if it stays"}

// glossary is a stored one; "" as id gives nil.
func (c *call) glossary(ctx context.Context, id, source, target string) (*gateway.Glossary, error) {
	switch {
	case id == "":
		return nil, nil
	case c.caller == nil:
		return nil, invalid("glossary_id", "names a glossary of a caller over HTTP, and this tool is used over stdio; give its terms as glossary")
	}
	return c.caller.Glossary(ctx, id, source, target)
}

// article has the gateway work on an article, with a stored glossary or "".
func (s *Server) article(ctx context.Context, c call, req gateway.Request, glossary string) (_ *gateway.Result, err error) {
	req.Progress = c.progress
	if req.Stored, err = c.glossary(ctx, glossary, req.Source, req.Target); err != nil {
		return nil, err
	}
	if c.caller != nil {
		req.Admit = c.caller.Admit(ctx, &req)
	}
	return s.c.Gateway.Article(ctx, req)
}

func (s *Server) translate(ctx context.Context, c call) (*sdk.CallToolResult, error) {
	var in translateArguments
	if err := decode(c.arguments, &in); err != nil {
		return nil, err
	}
	req, bad := in.request()
	if bad != nil {
		return nil, bad
	}
	req.Translate, req.Target, req.Register, req.Numerals = true, in.Target, in.Register, in.Numerals
	res, err := s.article(ctx, c, req, in.GlossaryID)
	if err != nil {
		return nil, err
	}
	form := req.Format
	if req.URL != "" {
		form = article.Markdown // what a model reads best of a page
	}
	out := translated{
		Translation: strings.TrimSpace(res.Translation(form)), Source: res.Source, Target: res.Target,
		Complete: !res.Partial, Usage: usageOf(res.Usage),
	}
	out.Missing, out.Warnings = notes(res)
	return result(out.Translation, out, out.Missing, out.Warnings)
}

func (s *Server) summarize(ctx context.Context, c call) (*sdk.CallToolResult, error) {
	var in summarizeArguments
	if err := decode(c.arguments, &in); err != nil {
		return nil, err
	}
	req, bad := in.request()
	if bad != nil {
		return nil, bad
	}
	req.Summary = &gateway.SummaryRequest{Style: in.Style, Languages: in.Languages}
	if in.MaxWords != nil {
		req.Summary.MaxWords = *in.MaxWords
		if *in.MaxWords == 0 {
			req.Summary.MaxWords = -1 // told as out of bounds; 0 would be the default
		}
	}
	res, err := s.article(ctx, c, req, in.GlossaryID)
	if err != nil {
		return nil, err
	}
	out := summarised{Summaries: []summary{}, Source: res.Source, Complete: !res.Partial, Usage: usageOf(res.Usage)}
	var texts []string
	for _, sum := range res.Summaries {
		if sum.Failure != nil {
			continue
		}
		text := sum.Text
		if len(sum.Bullets) > 0 {
			text = "• " + strings.Join(sum.Bullets, "\n• ")
		}
		texts = append(texts, text)
		out.Summaries = append(out.Summaries, summary{Language: sum.Language, Style: sum.Style, Text: sum.Text, Bullets: append([]string{}, sum.Bullets...)})
	}
	out.Missing, out.Warnings = notes(res)
	return result(strings.Join(texts, "\n\n"), out, out.Missing, out.Warnings)
}

func (s *Server) detect(_ context.Context, c call) (*sdk.CallToolResult, error) {
	var in detectArguments
	if err := decode(c.arguments, &in); err != nil {
		return nil, err
	}
	if in.Text == nil || strings.TrimSpace(*in.Text) == "" {
		return nil, invalid("text", "must hold some text")
	}
	d := gateway.Detect(*in.Text)
	out := api.Detection{Language: cmp.Or(d.Language, "und"), Script: d.Script, Confidence: d.Confidence}
	return result(fmt.Sprintf("%s, written in %s (confidence %.2f)", languageName(out.Language), out.Script, out.Confidence), out, nil, nil)
}

func languageName(code string) string {
	switch code {
	case "hi":
		return "Hindi"
	case "en":
		return "English"
	}
	return "neither Hindi nor English"
}
