package llm

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"sync/atomic"
	"unicode/utf8"
)

// assembly puts a streamed answer together.
type assembly struct {
	limit    int      // of the answer in code points; see runawayFactor
	question []string // what the model was told
	asked    int      // characters of the longest row in it, once that was looked for; 1 = none
	begins   func()   // called when the first choice comes

	model, finish       string
	text                track
	thoughts            track
	refusal             strings.Builder
	prompt, completion  int
	cached              int
	thought             bool
	begun               bool   // a choice came
	done                bool   // the end mark came
	fault               []byte // the error that came in the place of the rest
	runaway             string // why the answer was stopped
	visible, everything atomic.Int64
}

// A server that ignores the token limit is stopped at this many code points a
// token of it. Tokenizers put 1.5 to 5 characters of news in a token, and no more
// than 6 on the average of a text, so that an answer within its limit is never
// stopped.
const runawayFactor = 8

// track is a text that grows, with how far it was looked at for loops.
type track struct {
	strings.Builder
	runes  int
	looked int
}

func (t *track) add(s string) int {
	n := utf8.RuneCountInString(s)
	t.WriteString(s)
	t.runes += n
	return n
}

// chunk is the part of a chunk that is used here, read with a loose eye.
type chunk struct {
	Model   json.RawMessage `json:"model"`
	Choices []struct {
		Index   json.RawMessage `json:"index"`
		Delta   *piece          `json:"delta"`
		Message *piece          `json:"message"`
		Finish  json.RawMessage `json:"finish_reason"`
	} `json:"choices"`
	Usage *usage          `json:"usage"`
	Error json.RawMessage `json:"error"`
}

type piece struct {
	Content   json.RawMessage `json:"content"`
	Refusal   json.RawMessage `json:"refusal"`
	Thoughts  json.RawMessage `json:"reasoning_content"`
	Reasoning json.RawMessage `json:"reasoning"`
}

type usage struct {
	Prompt     json.RawMessage `json:"prompt_tokens"`
	Completion json.RawMessage `json:"completion_tokens"`
	InPrompt   *struct {
		Cached json.RawMessage `json:"cached_tokens"`
	} `json:"prompt_tokens_details"`
	InCompletion *struct {
		Reasoning json.RawMessage `json:"reasoning_tokens"`
	} `json:"completion_tokens_details"`
}

// thoughts are what the model thought, by either name in use.
func (p *piece) thoughts() string {
	if s := looseText(p.Thoughts); s != "" {
		return s
	}
	return looseText(p.Reasoning)
}

func (u *usage) cached() int {
	if u.InPrompt == nil {
		return 0
	}
	return looseInt(u.InPrompt.Cached)
}

// thought says that some of the answer's tokens are thoughts.
func (u *usage) thought() bool {
	return u.InCompletion != nil && looseInt(u.InCompletion.Reasoning) > 0
}

// stopped says that the rest of the stream is not wanted.
func (a *assembly) stopped() bool { return a.fault != nil || a.runaway != "" }

// take takes one event. Its data may hold several objects, where a server puts
// no empty line between its events.
func (a *assembly) take(name string, data []byte) {
	if a.done || a.stopped() {
		return
	}
	if name == "error" {
		a.fail(data)
		return
	}
	for len(bytes.TrimSpace(data)) > 0 && !a.stopped() {
		if line, _, _ := bytes.Cut(data, []byte("\n")); isEndMark(line) {
			a.done = true
			return
		}
		d := json.NewDecoder(bytes.NewReader(data))
		var c chunk
		if d.Decode(&c) != nil {
			return // cut, or none of ours; what is missing shows at the end
		}
		if isError(c.Error) {
			a.fail(data[:d.InputOffset()])
			return
		}
		a.add(&c)
		data = bytes.TrimLeft(data[d.InputOffset():], " \t\r\n")
	}
}

func isError(raw json.RawMessage) bool {
	s := string(bytes.TrimSpace(raw))
	return !slices.Contains([]string{"", "null", "false", `""`, "{}"}, s)
}

// fail notes an error in the stream. One behind a whole answer says nothing of it.
func (a *assembly) fail(data []byte) {
	if a.finish == "" {
		a.fault = append([]byte{}, data...)
	}
}

func (a *assembly) add(c *chunk) {
	if m := looseString(c.Model); m != "" {
		a.model = m
	}
	if c.Usage != nil {
		a.count(c.Usage)
	}
	for i := range c.Choices {
		if looseInt(c.Choices[i].Index) != 0 {
			continue
		}
		if !a.begun && a.begins != nil {
			a.begins()
		}
		a.begun = true
		switch p := &c.Choices[i]; {
		case p.Delta != nil:
			a.grow(p.Delta)
		case p.Message != nil && a.text.Len() == 0: // the whole of it in one chunk
			a.grow(p.Message)
		}
		if f := looseString(c.Choices[i].Finish); f != "" && f != "null" {
			a.finish = f
		}
	}
}

func (a *assembly) count(u *usage) {
	if n := looseInt(u.Prompt); n > 0 {
		a.prompt = n
	}
	if n := looseInt(u.Completion); n > 0 {
		a.completion = n
	}
	a.cached = max(a.cached, u.cached())
	a.thought = a.thought || u.thought()
}

func (a *assembly) grow(p *piece) {
	n := a.text.add(looseText(p.Content))
	a.visible.Add(int64(n))
	n += a.thoughts.add(p.thoughts())
	a.everything.Add(int64(n))
	a.refusal.WriteString(looseString(p.Refusal))
	switch {
	case a.limit > 0 && a.text.runes > a.limit:
		a.runaway = "the answer went on far beyond the token limit"
	case a.loops(&a.text), a.loops(&a.thoughts):
		a.runaway = "the answer repeats itself without end"
	}
}

// A text is looked at for loops each time it has grown by loopStep bytes. It is
// in one when its end is the same loopPeriod or more characters loopTimes times
// over; a shorter period counts by its multiples. Of longer texts only the last
// loopWindow bytes are looked at.
const (
	loopStep   = 512
	loopPeriod = 20
	loopTimes  = 20
	loopWindow = 32 << 10
	loopAsked  = 1 << 10 // longest period, in bytes, that is looked for in a question
)

// loops reports whether a text has got into a loop which the question does not
// hold as well: a line of dashes is copied, not dreamt, and a chant is as much of
// one in translation, which is rarely more than twice as long.
func (a *assembly) loops(t *track) bool {
	if t.Len()-t.looked < loopStep {
		return false
	}
	t.looked = t.Len()
	s := t.String()
	period := loopAtEnd(s[max(0, len(s)-loopWindow):])
	if period == 0 {
		return false
	}
	loop := s[len(s)-loopTimes*period:]
	for _, q := range a.question {
		if strings.Contains(q, loop) {
			return false
		}
	}
	if a.asked == 0 {
		a.asked = 1
		for _, q := range a.question {
			a.asked = max(a.asked, longestRow(q))
		}
	}
	from := len(s) - period // the row's start
	for from > 0 && s[from-1] == s[from-1+period] {
		from--
	}
	return utf8.RuneCountInString(s[from:]) > 2*a.asked
}

// longestRow is the length in characters of the longest stretch of s that says
// one thing over and over, loopTimes or more.
func longestRow(s string) (longest int) {
	for p := 1; p*loopTimes <= len(s) && p <= loopAsked; p++ {
		start := 0 // of what comes again p further on
		for i := p; i <= len(s); i++ {
			if i < len(s) && s[i] == s[i-p] {
				continue
			}
			if i-start >= loopTimes*p {
				longest = max(longest, utf8.RuneCountInString(s[start:i]))
			}
			start = i - p + 1
		}
	}
	return longest
}

// loopAtEnd is the shortest period of the loop s ends in, in bytes; 0 = none. It
// is the Z algorithm on s read backwards: z[p] characters of it come again p
// further on.
func loopAtEnd(s string) int {
	n := len(s)
	if n < loopPeriod*loopTimes {
		return 0
	}
	at := func(i int) byte { return s[n-1-i] }
	z := make([]int32, n/loopTimes+1)
	l, r := 0, 0
	for p := 1; p*loopTimes <= n; p++ {
		if p < r {
			z[p] = min(int32(r-p), z[p-l])
		}
		for p+int(z[p]) < n && at(int(z[p])) == at(p+int(z[p])) {
			z[p]++
		}
		if p+int(z[p]) > r {
			l, r = p, p+int(z[p])
		}
		if int(z[p]) >= (loopTimes-1)*p && utf8.RuneCountInString(s[n-p:]) >= loopPeriod {
			return p
		}
	}
	return 0
}

// tokens estimates the tokens of what came.
func (a *assembly) tokens() int { return tokens(int(a.everything.Load())) }

// reply is what came, false when not even the start of a choice did.
func (a *assembly) reply() (reply, bool) {
	return reply{
		model: a.model, text: a.text.String(), refusal: a.refusal.String(), finish: a.finish,
		prompt: a.prompt, completion: a.completion, cached: a.cached,
		thought: a.thought || a.thoughts.Len() > 0,
		open:    a.finish == "" && !a.done,
	}, a.begun && a.fault == nil
}
