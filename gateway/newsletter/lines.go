package newsletter

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"dubhashi/gateway"
	"dubhashi/gateway/api"
	"dubhashi/gateway/article"
)

// asked is a short text on its way into the languages of the edition.
type asked struct {
	original string            // language; "" = nothing to translate
	by       map[string]string // what there is
	wanted   string            // the language to translate into; "" = none
	flags    []Flag
}

// texts is the text by language; nil of none.
func (a *asked) texts() Text {
	if len(a.by) == 0 {
		return nil
	}
	return a.by
}

// pair is the text as a pair of a kind.
func (a *asked) pair(kind article.Kind) Pair {
	p := Pair{Kind: kind, Original: a.original, By: map[string]article.Inline{}, Flags: a.flags}
	for lang, s := range a.by {
		p.By[lang] = article.Plain(s)
	}
	p.Once = len(p.By) == 2 && article.Fold(a.by["hi"]) == article.Fold(a.by["en"])
	return p
}

// lines gathers short texts, so that those of one direction are asked for
// together.
type lines struct {
	w    *work
	list []*asked
}

func (w *work) newLines() *lines { return &lines{w: w} }

// line is an editor's text. What it lacks of the edition's languages is asked for.
func (l *lines) line(b api.Bilingual) *asked {
	a := l.w.read(b)
	l.list = append(l.list, a)
	return a
}

func bilingual(lang, text string) api.Bilingual {
	if lang == "hi" {
		return api.Bilingual{Hi: text}
	}
	return api.Bilingual{En: text}
}

// read tells what an editor's text is in which language.
func (w *work) read(b api.Bilingual) *asked {
	a := &asked{by: map[string]string{}}
	for lang, s := range split(b) {
		a.by[lang] = s
	}
	for _, lang := range []string{"hi", "en"} {
		if a.by[lang] != "" && a.by[other(lang)] == "" {
			a.original = lang
			if slices.Contains(w.e.Languages, other(lang)) {
				a.wanted = other(lang)
			}
		}
	}
	if a.original == "" && len(a.by) == 2 {
		a.original = w.e.Languages[0]
	}
	return a
}

// split gives the languages of an editor's text: those it says, or the two
// sides of a stroke, or the one it is in.
func split(b api.Bilingual) map[string]string {
	out := map[string]string{}
	put := func(lang, s string) {
		if s = strings.TrimSpace(printable(s)); s != "" {
			out[lang] = s
		}
	}
	put("hi", b.Hi)
	put("en", b.En)
	if b.Text == "" || len(out) > 0 {
		return out
	}
	for _, stroke := range []string{" / ", " | "} {
		first, second, ok := strings.Cut(b.Text, stroke)
		if !ok || strings.Contains(second, stroke) {
			continue
		}
		one, _ := article.Share(first)
		two, _ := article.Share(second)
		switch {
		case one > 0.5 && two == 0:
			put("hi", first)
			put("en", second)
			return out
		case one == 0 && two > 0.5:
			put("en", first)
			put("hi", second)
			return out
		}
	}
	put(languageOf(b.Text), b.Text)
	return out
}

// languageOf is the language of a short text, by its script where words do not
// tell.
func languageOf(s string) string {
	if d := gateway.Detect(s); d.Language != "" {
		return d.Language
	}
	if deva, _ := article.Share(s); deva > 0.3 {
		return "hi"
	}
	return "en"
}

func other(lang string) string {
	if lang == "hi" {
		return "en"
	}
	return "hi"
}

// ask has what is wanted translated. A text that fails keeps its one language,
// with a flag; the error is for when nothing can go on.
func (l *lines) ask(ctx context.Context) error {
	for _, source := range []string{"hi", "en"} {
		var list []*asked
		var texts []string
		for _, a := range l.list {
			if a.wanted == other(source) && a.original == source {
				list, texts = append(list, a), append(texts, a.by[source])
			}
		}
		if len(list) == 0 {
			continue
		}
		res, err := l.w.m.c.Gateway.Texts(ctx, gateway.TextsRequest{Texts: texts, Options: l.w.options(source, other(source))})
		if refused(err) {
			return err
		}
		if err != nil {
			for _, a := range list {
				a.missing(codeOf(err))
			}
			continue
		}
		l.w.used(res.Usage, res.Warnings)
		for i, t := range res.Texts {
			if t.Failure != nil {
				list[i].missing(t.Failure.Code, t.Failure.Message)
				continue
			}
			list[i].by[list[i].wanted] = printable(t.Text)
			list[i].flags = append(list[i].flags, flags(t.Warnings, texts[i], t.Text)...)
		}
	}
	return nil
}

func (a *asked) missing(code gateway.Code, message string) {
	a.flags = append(a.flags, flag(string(code), "the translation is missing: "+message, a.by[a.original], ""))
}

// flag is a flag on a paragraph. Its id changes with any word of either side.
func flag(code, message, source, target string) Flag {
	sum := sha256.Sum256([]byte(strings.Join([]string{code, article.Fold(source), article.Fold(target)}, "\x00")))
	return Flag{ID: hex.EncodeToString(sum[:5]), Code: code, Message: message}
}

func flags(warnings []gateway.Warning, source, target string) []Flag {
	var list []Flag
	for _, w := range warnings {
		f := flag(w.Code, w.Message, source, target)
		if !slices.ContainsFunc(list, func(o Flag) bool { return o.ID == f.ID }) {
			list = append(list, f)
		}
	}
	return list
}
