package gateway

import (
	"fmt"
	"slices"
	"strings"

	"dubhashi/gateway/article"
)

// The values of TextsRequest.Markup.
const (
	MarkupNone = "" // plain text
	MarkupHTML = "html"
	MarkupXML  = "xml"
)

// The values of TextsRequest.Sentences.
const (
	SentencesSplit   = "1"          // a line is translated by itself; the default of plain text and XML
	SentencesNoLines = "nonewlines" // a line break is white space inside a paragraph; the default of HTML
	SentencesWhole   = "0"          // the text is one piece, as far as MaxSegment allows
)

// MaxBackground is how much of a Background the model gets, in code points.
const MaxBackground = 2000

// maxNames is how many element names one list may hold.
const maxNames = 200

// normalizeMarkup checks the fields that are a TextsRequest's own and makes the
// names of elements those of their language.
func (r *TextsRequest) normalizeMarkup() []FieldError {
	var bad []FieldError
	if r.Markup != MarkupNone {
		choice{"markup", &r.Markup, []string{MarkupHTML, MarkupXML}}.check(&bad)
	}
	if r.Sentences == "" {
		r.Sentences = SentencesSplit
		if r.Markup == MarkupHTML {
			r.Sentences = SentencesNoLines
		}
	}
	choice{"sentences", &r.Sentences, []string{SentencesWhole, SentencesSplit, SentencesNoLines}}.check(&bad)
	r.Ignore = r.elements("ignore", r.Ignore, &bad)
	r.Splitting = r.elements("splitting", r.Splitting, &bad)
	r.NonSplitting = r.elements("non_splitting", r.NonSplitting, &bad)
	return bad
}

// elements checks one list of names. Those of HTML know no case.
func (r *TextsRequest) elements(field string, names []string, bad *[]FieldError) (clean []string) {
	if len(names) > maxNames {
		*bad = append(*bad, FieldError{field, fmt.Sprintf("names %d elements; at most %d are allowed", len(names), maxNames)})
		return nil
	}
	for _, name := range names {
		name = strings.TrimSpace(name)
		if r.Markup == MarkupHTML {
			name = strings.ToLower(name)
		}
		switch {
		case name == "" || slices.Contains(clean, name):
		case !article.ElementName(name):
			*bad = append(*bad, FieldError{field, "must hold names of elements, such as p or x:note"})
		default:
			clean = append(clean, name)
		}
	}
	return clean
}
