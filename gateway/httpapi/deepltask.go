package httpapi

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"dubhashi/gateway"
	"dubhashi/gateway/article"
	"dubhashi/gateway/jobs"
)

// documentTask is a document as its job keeps it. The glossaries are looked up
// when the job is done, perhaps by another process.
type documentTask struct {
	Format     article.Format  `json:"format"`
	Text       string          `json:"text"`
	Owner      string          `json:"owner"` // of the glossaries
	Glossaries []string        `json:"glossaries,omitempty"`
	Options    gateway.Options `json:"options"`
}

// runDocument translates a document. What is wrong is told in DeepL's words.
func (s *Server) runDocument(ctx context.Context, t jobs.Task, it *item) jobs.Outcome {
	var d documentTask
	err := json.Unmarshal(it.Request, &d)
	if err == nil {
		var text string
		if text, err = s.translated(ctx, d, t.Progress); err == nil {
			return jobs.Outcome{Body: []byte(text)}
		}
	}
	o, p := s.badJob(t, err), problemOf(err)
	o.Body = []byte(deeplMessage(p, kinds[p.code]).Message)
	return o
}

// translated is a document in its target language, written as it was.
func (s *Server) translated(ctx context.Context, d documentTask, progress func(done, total int)) (string, error) {
	var err error
	if d.Options.Stored, err = s.deeplGlossary(ctx, d.Owner, deeplOptions{Options: d.Options, glossaries: d.Glossaries}); err != nil {
		return "", err
	}
	if d.Format == article.HTML {
		return s.translatedHTML(ctx, d)
	}
	res, err := s.c.Gateway.Article(ctx, gateway.Request{
		Input: d.Text, Format: d.Format, Translate: true, Options: d.Options, Progress: progress,
	})
	if err != nil {
		return "", err
	}
	if res.Source == res.Target {
		return "", badFile("Source and target language are equal.")
	}
	for _, b := range res.Blocks {
		if f := b.Failure; f != nil {
			return "", &problem{code: f.Code, detail: f.Message, cause: f.Cause()}
		}
	}
	return likeSource(res.Document.Render(d.Format, res.Contents()), d.Text), nil
}

// translatedHTML translates the text of a page; every other byte of it stays.
func (s *Server) translatedHTML(ctx context.Context, d documentTask) (string, error) {
	res, err := s.c.Gateway.Texts(ctx, gateway.TextsRequest{Texts: []string{d.Text}, Options: d.Options, Markup: gateway.MarkupHTML})
	if err != nil {
		return "", err
	}
	t := res.Texts[0]
	switch {
	case t.Failure != nil:
		return "", &problem{code: t.Failure.Code, detail: t.Failure.Message, cause: t.Failure.Cause()}
	case t.Source == t.Target:
		return "", badFile("Source and target language are equal.")
	}
	return t.Text, nil
}

// likeSource gives a text the line ends of its source and the white space at its
// end, which an article does not keep.
func likeSource(text, source string) string {
	text = strings.TrimRightFunc(text, unicode.IsSpace)
	if strings.Contains(source, "\r\n") {
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
	}
	return text + source[len(strings.TrimRightFunc(source, unicode.IsSpace)):]
}

// documentText is a file as text, which is UTF-8, or UTF-16 behind a byte order
// mark, and has no NUL in it.
func documentText(b []byte) (string, bool) {
	text, ok := string(b), utf8.Valid(b)
	if len(b) >= 2 && len(b)%2 == 0 {
		var order binary.ByteOrder
		switch {
		case b[0] == 0xFF && b[1] == 0xFE:
			order = binary.LittleEndian
		case b[0] == 0xFE && b[1] == 0xFF:
			order = binary.BigEndian
		}
		if order != nil {
			units := make([]uint16, len(b)/2)
			for i := range units {
				units[i] = order.Uint16(b[2*i:])
			}
			text, ok = string(utf16.Decode(units)), true
		}
	}
	return strings.TrimPrefix(text, "\ufeff"), ok && !strings.ContainsRune(text, 0)
}
