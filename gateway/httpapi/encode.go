package httpapi

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"

	"dubhashi/gateway"
)

// answer is an article's result as it goes out as JSON. It is written by hand
// and not by encoding/json, because a cached text is already JSON and is
// pasted: measured, that is twice the throughput. TestAnswerMatchesTheWireTypes
// holds it to the types in package api.
type answer struct {
	id     string
	result *gateway.Result
	asked  bool // a translation was
	ms     int64
}

func appendArticle(b []byte, a answer) []byte {
	r := a.result
	b = append(b, `{"id":`...)
	b = appendString(b, a.id)
	b = append(b, `,"source":`...)
	b = appendString(b, r.Source)
	b = append(b, `,"target":`...)
	b = appendString(b, r.Target)
	b = append(b, `,"status":`...)
	b = appendString(b, status(r.Partial))
	b = appendTitle(b, r)
	b = append(b, `,"paragraphs":[`...)
	for i := range r.Blocks {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendParagraph(b, i, &r.Blocks[i])
	}
	b = append(b, `],"translation":`...)
	b = appendTranslation(b, a)
	b = append(b, `,"summary":`...)
	b = appendSummaries(b, r.Summaries)
	b = append(b, `,"usage":`...)
	b = appendJSON(b, usage(r.Usage))
	b = append(b, `,"warnings":`...)
	b = appendWarnings(b, r.Warnings)
	b = append(b, `,"elapsed_ms":`...)
	b = strconv.AppendInt(b, a.ms, 10)
	return append(b, '}')
}

func status(partial bool) string {
	if partial {
		return "partial"
	}
	return "complete"
}

func appendTitle(b []byte, r *gateway.Result) []byte {
	if len(r.Blocks) == 0 || r.Blocks[0].Kind != "title" {
		return append(b, `,"title":null`...)
	}
	b = append(b, `,"title":{"source":`...)
	b = appendString(b, r.Blocks[0].Source)
	b = append(b, `,"target":`...)
	return append(appendTarget(b, r.Blocks[0].Target), '}')
}

func appendTarget(b []byte, t *gateway.Target) []byte {
	if t == nil {
		return append(b, "null"...)
	}
	return append(b, t.JSON()...)
}

func appendParagraph(b []byte, i int, p *gateway.Block) []byte {
	b = append(b, `{"index":`...)
	b = strconv.AppendInt(b, int64(i), 10)
	b = append(b, `,"kind":`...)
	b = appendString(b, string(p.Kind))
	b = append(b, `,"source":`...)
	b = appendString(b, p.Source)
	b = append(b, `,"target":`...)
	b = appendTarget(b, p.Target)
	b = append(b, `,"cache":`...)
	b = appendString(b, string(p.State))
	if p.Model != "" {
		b = append(b, `,"model":`...)
		b = appendString(b, p.Model)
	}
	b = append(b, `,"warnings":`...)
	b = appendWarnings(b, p.Warnings)
	return append(appendFailure(b, p.Failure), '}')
}

func appendFailure(b []byte, f *gateway.Failure) []byte {
	if f == nil {
		return b
	}
	b = append(b, `,"error":{"code":`...)
	b = appendString(b, string(f.Code))
	b = append(b, `,"message":`...)
	b = appendString(b, f.Message)
	return append(b, '}')
}

// appendTranslation joins the targets by blank lines, without decoding them.
func appendTranslation(b []byte, a answer) []byte {
	if !a.asked {
		return append(b, "null"...)
	}
	b = append(b, '"')
	first := true
	for i := range a.result.Blocks {
		t := a.result.Blocks[i].Target
		if t == nil {
			continue
		}
		if !first {
			b = append(b, `\n\n`...)
		}
		first = false
		j := t.JSON()
		b = append(b, j[1:len(j)-1]...)
	}
	return append(b, '"')
}

func appendSummaries(b []byte, list []gateway.Summary) []byte {
	b = append(b, '[')
	for i := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendSummary(b, &list[i])
	}
	return append(b, ']')
}

func appendSummary(b []byte, s *gateway.Summary) []byte {
	b = append(b, `{"language":`...)
	b = appendString(b, s.Language)
	b = append(b, `,"style":`...)
	b = appendString(b, s.Style)
	b = append(b, `,"text":`...)
	if s.Failure != nil {
		b = append(b, "null"...)
	} else {
		b = appendString(b, s.Text)
	}
	b = append(b, `,"bullets":`...)
	if s.Bullets == nil {
		b = append(b, "[]"...)
	} else {
		b = appendJSON(b, s.Bullets)
	}
	b = append(b, `,"cache":`...)
	b = appendString(b, string(s.State))
	if s.Model != "" {
		b = append(b, `,"model":`...)
		b = appendString(b, s.Model)
	}
	b = append(b, `,"warnings":`...)
	b = appendWarnings(b, s.Warnings)
	return append(appendFailure(b, s.Failure), '}')
}

func appendWarnings(b []byte, list []gateway.Warning) []byte {
	if len(list) == 0 {
		return append(b, "[]"...)
	}
	return appendJSON(b, list)
}

// appendString writes s as a JSON string. Text without anything to escape,
// nearly all, is copied.
func appendString(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' {
			return appendJSON(b, s)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// appendJSON writes what cannot fail to be written: strings, numbers, structs
// of them.
func appendJSON(b []byte, v any) []byte {
	w := bytes.NewBuffer(b)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v)
	return bytes.TrimSuffix(w.Bytes(), []byte("\n"))
}

// EncodeArticle is the answer of POST /v1/articles for a result, for those who
// have one without a server.
func EncodeArticle(id string, res *gateway.Result, translated bool, took time.Duration) []byte {
	return appendArticle(nil, answer{id: id, result: res, asked: translated, ms: took.Milliseconds()})
}

// EncodeSummaries is the answer of POST /v1/summarize.
func EncodeSummaries(res *gateway.Result) []byte {
	b := append([]byte(nil), `{"summary":`...)
	b = appendSummaries(b, res.Summaries)
	b = append(b, `,"usage":`...)
	b = appendJSON(b, usage(res.Usage))
	b = append(b, `,"warnings":`...)
	return append(appendWarnings(b, res.Warnings), '}')
}
