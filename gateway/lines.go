package gateway

import (
	"strings"
	"unicode/utf8"

	"dubhashi/gateway/article"
)

// line is a part of a text that is translated by itself: a line, or with markup a
// piece.
type line struct {
	before, after string // what is not translated around it
	block         article.Block
	piece         *article.Piece // of a text with markup; else nil
	raw           string         // of several lines joined: as they stand in the text
	segments      []article.Segment
	parts         []*unit // nil: carried over
}

// write adds the line's translation to b, with its markup if it has one.
func (l line) write(b *strings.Builder, t *Target) {
	if l.piece == nil {
		b.WriteString(t.String())
		return
	}
	b.WriteString(l.piece.Render(t.Content()))
}

// carry adds the line as it is, but for its digits.
func (l line) carry(b *strings.Builder, numerals string) {
	text := l.block.String()
	t := carriedOver(l.block.Content, text).numerals(numerals)
	if l.raw != "" && t.String() == text {
		b.WriteString(l.raw)
		return
	}
	l.write(b, t)
}

// cut parts a text as the request says, and gives what a reader sees of it.
func (r *TextsRequest) cut(text string) (lines []line, seen string, err *Error) {
	switch {
	case r.Markup != MarkupNone:
		return r.cutMarkup(text)
	case r.Sentences == SentencesNoLines:
		return cutParagraphs(text), text, nil
	case r.Sentences == SentencesWhole:
		return []line{joined(text, true)}, text, nil
	}
	return cutLines(text), text, nil
}

// cutLines parts a text at every line end that an article knows and takes the
// white space off each line's edges; put together again they are the text.
func cutLines(text string) (lines []line) {
	for text != "" {
		var raw string
		raw, text = cutLine(text)
		body := strings.TrimSpace(raw)
		start := strings.Index(raw, body)
		l := line{before: raw[:start], after: raw[start+len(body):]}
		if body != "" {
			doc, err := article.Parse(body, article.Options{KeepLines: true})
			if err == nil && len(doc.Blocks) == 1 {
				l.block = doc.Blocks[0]
			} else {
				l.before = raw // nothing in it that could be seen
				l.after = ""
			}
		}
		lines = append(lines, l)
	}
	return lines
}

// cutLine gives the first line of a text, with its end, and the rest.
func cutLine(text string) (line, rest string) {
	end := strings.IndexAny(text, "\n\r\v\f\u0085\u2028\u2029")
	if end < 0 {
		return text, ""
	}
	_, size := utf8.DecodeRuneInString(text[end:])
	if strings.HasPrefix(text[end:], "\r\n") {
		size = 2
	}
	return text[:end+size], text[end+size:]
}

// cutParagraphs parts a text at its empty lines.
func cutParagraphs(text string) (lines []line) {
	for text != "" {
		size, words := 0, false
		for size < len(text) {
			next, _ := cutLine(text[size:])
			empty := strings.TrimSpace(next) == ""
			if empty && words {
				break
			}
			words = words || !empty
			size += len(next)
		}
		lines = append(lines, joined(text[:size], false))
		text = text[size:]
	}
	return lines
}

// joined is a text of one or more lines as one.
func joined(text string, breaks bool) line {
	block := article.OneLine(text, breaks)
	if block.String() == "" {
		return line{before: text}
	}
	body := strings.TrimSpace(text)
	start := strings.Index(text, body)
	return line{before: text[:start], after: text[start+len(body):], block: block, raw: body}
}

// cutMarkup parts a text with markup into its pieces.
func (r *TextsRequest) cutMarkup(text string) (lines []line, seen string, err *Error) {
	m, failed := article.ParseMarkup(text, article.MarkupOptions{
		XML: r.Markup == MarkupXML, Ignore: r.Ignore, Splitting: r.Splitting, NonSplitting: r.NonSplitting,
		Outline: r.Outline, Lines: r.Sentences == SentencesSplit,
	})
	if failed != nil {
		return nil, "", &Error{Code: Invalid, Message: "the text is not well-formed XML: " + failed.Error(),
			Fields: []FieldError{{"texts", "must be well-formed XML: " + failed.Error()}}}
	}
	for i := range m.Pieces {
		p := &m.Pieces[i]
		lines = append(lines, line{before: p.Before, block: p.Block, piece: p})
	}
	return append(lines, line{before: m.After}), m.String(), nil
}
