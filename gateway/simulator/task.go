package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// task is what the last user message asks for.
type task struct {
	kind     taskKind
	from, to language
	segments []segment
	context  surroundings // of the first segment
	summary  summaryTask
	glossary map[string]string
	known    []string // of a rewordTask: what is not to be said again
	count    int      // and how many others are wanted
}

type taskKind uint8

const (
	translateTask taskKind = iota
	summarizeTask
	plainTask  // prompt style plain: one bare segment in, one bare translation out
	rewordTask // other translations of one segment
)

// segment is one text of a call, and after translate its answer.
type segment struct {
	id, source, target string
}

// readTask reads the wire between gateway and model. What is neither of its
// JSON objects is a bare segment of prompt style plain.
func readTask(q *chatRequest) (*task, *apiError) {
	last := q.Messages[len(q.Messages)-1].Content
	var raw struct {
		Task     string          `json:"task"`
		Source   string          `json:"source"`
		Target   string          `json:"target"`
		Segments json.RawMessage `json:"segments"`
		Context  struct {
			Title, Before string
		} `json:"context"`
		Glossary map[string]string          `json:"glossary"`
		Fix      map[string]json.RawMessage `json:"fix"`
		Style    string                     `json:"style"`
		MaxWords int                        `json:"max_words"`
		Title    string                     `json:"title"`
		Others   *struct {
			Known []string
			Count int
		} `json:"alternatives"`
		Paragraphs []string `json:"paragraphs"`
	}
	if err := json.Unmarshal([]byte(last), &raw); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) && wrong.Field != "" && raw.Task != "" {
			return nil, invalid("messages", "The task's %q has the wrong type.", wrong.Field)
		}
		return readPlain(q.system(), last), nil
	}
	if raw.Segments == nil && raw.Paragraphs == nil && raw.Task == "" {
		return readPlain(q.system(), last), nil // an article may hold JSON of its own
	}
	t := &task{context: surroundings{before: raw.Context.Before}, glossary: raw.Glossary}
	var ok1, ok2 bool
	t.from, ok1 = languageOf(raw.Source)
	t.to, ok2 = languageOf(raw.Target)
	if !ok1 || !ok2 {
		return nil, invalid("messages", `The task's "source" and "target" must be "hi" or "en".`)
	}
	switch {
	case raw.Task == "summarize":
		t.kind = summarizeTask
		t.summary = summaryTask{raw.Style, raw.MaxWords, raw.Title, raw.Paragraphs}
		return t, t.summary.check()
	case raw.Task == "translate" || raw.Task == "" && len(raw.Fix) > 0:
		if t.from == t.to {
			return nil, invalid("messages", `The task's "source" and "target" are the same.`)
		}
		var err error
		if t.segments, err = readSegments(raw.Segments); err != nil {
			return nil, invalid("messages", `The task's "segments" must be an object of texts by id, with one at least: %s.`, err)
		}
		for id := range raw.Fix {
			if !slices.ContainsFunc(t.segments, func(s segment) bool { return s.id == id }) {
				return nil, invalid("messages", `"fix" names the id %q, which "segments" has not.`, id)
			}
		}
		if raw.Others != nil {
			t.kind, t.known, t.count = rewordTask, raw.Others.Known, raw.Others.Count
			if len(t.segments) != 1 || t.count < 1 {
				return nil, invalid("messages", `"alternatives" must have a "count" of at least 1, and "segments" one text.`)
			}
		}
		return t, nil
	}
	return nil, invalid("messages", `There is no task %q.`, raw.Task)
}

// readSegments reads an object of texts in its written order.
func readSegments(raw json.RawMessage) ([]segment, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("not an object")
	}
	var out []segment
	for d.More() {
		id, err := d.Token()
		if err != nil {
			return nil, errors.New("not an object")
		}
		var s *string
		if err := d.Decode(&s); err != nil || s == nil {
			return nil, errors.New("a text that is no string")
		}
		if slices.ContainsFunc(out, func(s segment) bool { return s.id == id }) {
			return nil, errors.New("an id that is there twice")
		}
		out = append(out, segment{id: id.(string), source: *s})
	}
	if len(out) == 0 {
		return nil, errors.New("none given")
	}
	return out, nil
}

var (
	fromTo = regexp.MustCompile(`(?i)\b(hindi|english|hi|en)\b[^a-z]*(?:\([a-z-]+\)\s*)?(?:in)?(?:to|→|->|=>|-)\s*(hindi|english|hi|en)\b`)
	into   = regexp.MustCompile(`(?i)\b(?:in|into|to)\s+(?:[a-z]+\s+)?(hindi|english)\b`)
)

// readPlain reads a bare segment. The system message names the direction; when
// it does not, the segment's own script does.
func readPlain(system, text string) *task {
	t := &task{kind: plainTask, segments: []segment{{source: text}}}
	name := func(s string) language {
		if strings.HasPrefix(strings.ToLower(s), "h") {
			return hindi
		}
		return english
	}
	t.from = english
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Devanagari, r) }) {
		t.from = hindi
	}
	if m := fromTo.FindStringSubmatch(system); m != nil && name(m[1]) != name(m[2]) {
		t.from = name(m[1])
	} else if m := into.FindStringSubmatch(system); m != nil {
		t.from = name(m[1]).other()
	}
	t.to = t.from.other()
	return t
}

// run does the task.
func (t *task) run(tr *translator) result {
	tr = tr.with(t.glossary, t.from)
	if t.kind == summarizeTask {
		text, bullets := tr.summarize(t.summary, t.from, t.to)
		return result{task: t, text: text, bullets: bullets}
	}
	r := result{task: t, segments: slices.Clone(t.segments)}
	if t.kind == rewordTask {
		r.segments = tr.others(t)
		return r
	}
	for i := range r.segments {
		around := t.context
		if i > 0 {
			around = surroundings{before: t.segments[i-1].source}
		}
		if i+1 < len(t.segments) {
			around.after = t.segments[i+1].source
		}
		r.segments[i].target = tr.segment(t.segments[i].source, t.from, around)
	}
	return r
}

// result is an answer before it is written down, while faults can still act on
// its parts.
type result struct {
	task     *task
	segments []segment
	text     string   // a summary
	bullets  []string // a summary in bullets
}

// content writes the answer in the form that the task asks for.
func (r *result) content() string {
	switch {
	case r.task.kind == plainTask && len(r.segments) == 0:
		return ""
	case r.task.kind == plainTask:
		return r.segments[0].target
	case r.task.kind == rewordTask:
		list := make([]string, len(r.segments))
		for i, s := range r.segments {
			list[i] = s.target
		}
		return string(encode(map[string][]string{"alternatives": list}))
	case r.task.kind == summarizeTask && r.bullets != nil:
		return string(encode(map[string][]string{"bullets": r.bullets}))
	case r.task.kind == summarizeTask:
		return string(encode(map[string]string{"summary": r.text}))
	}
	var b strings.Builder
	b.WriteString(`{"segments":{`)
	for i, s := range r.segments {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(encode(s.id))
		b.WriteByte(':')
		b.Write(encode(s.target))
	}
	b.WriteString("}}")
	return b.String()
}

// texts points at every text of the answer.
func (r *result) texts() []*string {
	var out []*string
	for i := range r.segments {
		out = append(out, &r.segments[i].target)
	}
	if r.task.kind != summarizeTask {
		return out
	}
	if r.bullets == nil {
		return []*string{&r.text}
	}
	for i := range r.bullets {
		out = append(out, &r.bullets[i])
	}
	return out
}

// chosen is one text of the answer for which ok holds, nil if there is none.
func (r *result) chosen(dice *rand.Rand, ok func(string) bool) *string {
	texts := slices.DeleteFunc(r.texts(), func(s *string) bool { return !ok(*s) })
	if len(texts) == 0 {
		return nil
	}
	return texts[dice.IntN(len(texts))]
}
