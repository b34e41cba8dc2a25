package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/schollz/progressbar/v3"

	"dubhashi/gateway"
	"dubhashi/gateway/article"
	"dubhashi/gateway/httpapi"
)

// articleFlags are what translate and summarize have in common.
type articleFlags struct {
	File        string   `arg:"" optional:"" help:"The article: a file, the http:// or https:// address of a page, or - for standard input." default:"-"`
	To          string   `help:"Target language: hi or en; default: the other one." enum:",hi,en" default:"" placeholder:"hi|en"`
	From        string   `help:"Source language; default: detected." enum:",hi,en" default:"" placeholder:"hi|en"`
	InputFormat string   `help:"How the article is written: text, html or markdown; default: by the file's extension." enum:",text,html,markdown" default:"" placeholder:"text|html|markdown"`
	Title       string   `help:"The article's title, when it does not stand in it."`
	Term        []string `help:"Glossary entry, e.g. --term 'निगम=the corporation'. May be repeated." placeholder:"SOURCE=TARGET" sep:"none"`
	Glossary    string   `help:"Glossary file: .tsv, .csv or .json. A --term wins over its entries." placeholder:"FILE"`
	Cache       string   `help:"refresh asks anew and stores, only never asks the model; default: use." enum:"use,refresh,only,off" default:"use" placeholder:"use|refresh|only|off"`
}

// request reads the article and makes the request.
func (f *articleFlags) request(env *runtimeEnv) (gateway.Request, error) {
	req := gateway.Request{Title: f.Title, Options: gateway.Options{
		Source: f.From, Target: f.To, Cache: gateway.CacheMode(f.Cache), Glossary: map[string]string{},
	}}
	for _, t := range f.Term {
		from, to, ok := strings.Cut(t, "=")
		if !ok {
			return req, usageError{fmt.Errorf("--term %q: must be SOURCE=TARGET", t)}
		}
		req.Glossary[from] = to
	}
	if f.Glossary != "" {
		var err error
		if req.Stored, err = readGlossary(f.Glossary); err != nil {
			return req, err
		}
	}
	req.Format = article.Format(f.InputFormat)
	if isURL(f.File) {
		if f.InputFormat != "" {
			return req, usageError{errors.New("--input-format: has no meaning for an address, whose page tells its type")}
		}
		req.URL = f.File
		return req, nil
	}
	var in io.Reader = env.in
	if f.File != "-" && f.File != "" {
		file, err := os.Open(f.File)
		if err != nil {
			return req, usageError{errors.New(strings.TrimPrefix(err.Error(), "open "))}
		}
		defer func() { _ = file.Close() }()
		in = file
		if req.Format == "" {
			req.Format = formatOf(f.File)
		}
	}
	b, err := io.ReadAll(io.LimitReader(in, 64<<20))
	if err != nil {
		return req, fmt.Errorf("the article cannot be read: %w", err)
	}
	if !utf8.Valid(b) || bytes.IndexByte(b, 0) >= 0 { // UTF-16 of Latin letters is valid, but for its zeros
		return req, usageError{errors.New("the article is not valid UTF-8 text; save it as UTF-8 and try again")}
	}
	req.Input = string(b)
	if req.Format == "" && looksLikePage(b) {
		req.Format = article.HTML
	}
	return req, nil
}

func isURL(name string) bool {
	scheme, _, ok := strings.Cut(name, "://")
	return ok && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https"))
}

// looksLikePage: a web page that comes by a pipe has no extension to tell.
func looksLikePage(b []byte) bool {
	start := bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(b[:min(len(b), 512)], []byte("\ufeff")), " \t\r\n"))
	return bytes.HasPrefix(start, []byte("<!doctype html")) || bytes.HasPrefix(start, []byte("<html"))
}

func formatOf(name string) article.Format {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".html", ".htm", ".xhtml":
		return article.HTML
	case ".md", ".markdown":
		return article.Markdown
	case ".txt":
		return article.Text
	}
	return ""
}

// do runs a request on a gateway of its own, with a progress bar on a terminal.
func do(ctx context.Context, env *runtimeEnv, req gateway.Request) (*gateway.Result, time.Duration, int) {
	say := func(format string, args ...any) { fmt.Fprintf(env.err, "dubhashi: "+format+"\n", args...) }
	c, log, ok := env.configure()
	if !ok {
		return nil, 0, exitUsage
	}
	p, err := build(ctx, c, log, say)
	if err != nil {
		say("%s", err)
		return nil, 0, exitCode(err)
	}
	defer p.close()
	if isTerminal(env.err) {
		var bar *progressbar.ProgressBar
		req.Progress = func(done, total int) {
			if bar == nil {
				bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(env.err), progressbar.OptionSetDescription("translating"),
					progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(30))
			}
			_ = bar.Set(done) // a bar that cannot be drawn is no reason to stop
		}
		defer func() {
			if bar != nil {
				_ = bar.Finish()
			}
		}()
	}
	start := time.Now()
	res, err := p.gateway.Article(ctx, req)
	if err != nil {
		return nil, 0, tellError(env, err)
	}
	return res, time.Since(start), exitDone
}

// tellError says in plain words what went wrong.
func tellError(env *runtimeEnv, err error) int {
	var e *gateway.Error
	if !errors.As(err, &e) {
		fmt.Fprintln(env.err, "dubhashi: internal error")
		return exitFailed
	}
	for _, f := range e.Fields {
		fmt.Fprintf(env.err, "dubhashi: %s %s\n", f.Field, f.Message)
	}
	if len(e.Fields) == 0 {
		fmt.Fprintln(env.err, "dubhashi:", e.Message)
	}
	switch e.Code {
	case gateway.Invalid, gateway.UnsupportedLanguage, gateway.LegacyFont, gateway.TooLarge, gateway.URLRefused:
		return exitUsage
	}
	return exitFailed
}

// finish tells the warnings and gives the exit code.
func finish(env *runtimeEnv, res *gateway.Result) int {
	for _, w := range res.Warnings {
		fmt.Fprintf(env.err, "dubhashi: warning: %s\n", w.Message)
	}
	for i := range res.Blocks {
		b := &res.Blocks[i]
		if b.Failure != nil {
			fmt.Fprintf(env.err, "dubhashi: paragraph %d is missing: %s\n", i+1, b.Failure.Message)
		}
		for _, w := range b.Warnings {
			fmt.Fprintf(env.err, "dubhashi: paragraph %d: %s\n", i+1, w.Message)
		}
	}
	for _, s := range res.Summaries {
		if s.Failure != nil {
			fmt.Fprintf(env.err, "dubhashi: the %s summary is missing: %s\n", s.Language, s.Failure.Message)
		}
		for _, w := range s.Warnings {
			fmt.Fprintf(env.err, "dubhashi: %s summary: %s\n", s.Language, w.Message)
		}
	}
	if res.Partial {
		return exitPartial
	}
	return exitDone
}

type translateCommand struct {
	articleFlags
	Format   string `help:"text: the translation; bilingual: both sides as text; markdown, html: the translation so written; json: the API's answer." enum:"text,bilingual,markdown,html,json" default:"text" placeholder:"text|bilingual|markdown|html|json"`
	Register string `help:"Kind of language; default: news." enum:"news,formal,colloquial" default:"news" placeholder:"news|formal|colloquial"`
	Numerals string `help:"latin, devanagari or keep; default: latin for en, keep for hi." enum:",latin,devanagari,keep" default:"" placeholder:"latin|devanagari|keep"`
}

func (translateCommand) example() string {
	return "dubhashi translate gateway/simulator/examples/metro.hi.txt --format bilingual\n  dubhashi translate https://news.example/story\n  cat page.html | dubhashi translate - --input-format html --to en"
}

func (t translateCommand) run(ctx context.Context, env *runtimeEnv) int {
	req, err := t.request(env)
	if err != nil {
		fmt.Fprintln(env.err, "dubhashi:", err)
		return exitCode(err)
	}
	req.Translate, req.Register, req.Numerals = true, t.Register, t.Numerals
	res, took, code := do(ctx, env, req)
	if code != exitDone {
		return code
	}
	out := ""
	switch t.Format {
	case "bilingual":
		out = res.Page().Text()
	case "markdown":
		out = res.Translation(article.Markdown)
	case "html":
		out = res.Translation(article.HTML)
	case "json":
		out = indent(env, httpapi.EncodeArticle("", res, true, took))
	default:
		out = res.Translation(article.Text)
	}
	return printed(env, out, finish(env, res))
}

// printed writes a result with one line end behind it.
func printed(env *runtimeEnv, out string, code int) int {
	if _, err := fmt.Fprintln(env.out, strings.TrimRight(out, "\n")); err != nil {
		return exitFailed
	}
	return code
}

// indent makes JSON readable where a person reads it.
func indent(env *runtimeEnv, b []byte) string {
	var pretty bytes.Buffer
	if isTerminal(env.out) && json.Indent(&pretty, b, "", "  ") == nil {
		return pretty.String()
	}
	return string(b)
}

type summarizeCommand struct {
	articleFlags
	Style    string `help:"Kind of summary; default: paragraph." enum:"paragraph,bullets,headline,brief" default:"paragraph" placeholder:"paragraph|bullets|headline|brief"`
	MaxWords int    `help:"Most words, 10 to 1000." default:"120"`
	Format   string `help:"How the summary is printed." enum:"text,json" default:"text" placeholder:"text|json"`
}

func (summarizeCommand) example() string {
	return "dubhashi summarize article.txt --style bullets --to en"
}

func (s summarizeCommand) run(ctx context.Context, env *runtimeEnv) int {
	if s.MaxWords < gateway.MinSummaryWords || s.MaxWords > gateway.MaxSummaryWords {
		fmt.Fprintf(env.err, "dubhashi: --max-words %d: must be from %d to %d\n", s.MaxWords, gateway.MinSummaryWords, gateway.MaxSummaryWords)
		return exitUsage
	}
	req, err := s.request(env)
	if err != nil {
		fmt.Fprintln(env.err, "dubhashi:", err)
		return exitCode(err)
	}
	req.Summary = &gateway.SummaryRequest{Style: s.Style, MaxWords: s.MaxWords}
	res, _, code := do(ctx, env, req)
	if code != exitDone {
		return code
	}
	if s.Format == "json" {
		return printed(env, indent(env, httpapi.EncodeSummaries(res)), finish(env, res))
	}
	var out []string
	for _, sum := range res.Summaries {
		if len(sum.Bullets) > 0 {
			out = append(out, "• "+strings.Join(sum.Bullets, "\n• "))
		} else {
			out = append(out, sum.Text)
		}
	}
	return printed(env, strings.Join(out, "\n\n"), finish(env, res))
}
