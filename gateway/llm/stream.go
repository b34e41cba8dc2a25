package llm

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"
)

// How long a stream may still take once the answer is complete.
const (
	// usageGrace is for the chunk with the usage and the end mark, which follow
	// the finish reason.
	usageGrace = 2 * time.Second
	// drainGrace is for the end of the body behind the end mark. A body that was
	// read to its end leaves its connection for the next call.
	drainGrace = 50 * time.Millisecond
)

// errEnded ends a stream that goes on after its answer.
var errEnded = errors.New("the answer had ended")

// intake takes the body of a 2xx response as it comes. What the server was asked
// for and what it says of the type are not believed: some stream under
// application/json, some answer a request for a stream with one object, some
// break a stream off with a bare error object. The first character tells.
type intake struct {
	head    []byte // until the form is known; of a JSON body all of it
	decided bool
	events  *events // nil for a JSON body
	answer  *assembly
}

// headKept is how much of a stream is kept to say what it was, if it was none.
const headKept = 256

func (in *intake) write(p []byte) {
	if in.events != nil {
		in.events.write(p)
		return
	}
	in.head = append(in.head, p...)
	if in.decided {
		return
	}
	s := bytes.TrimLeft(in.head, " \t\r\n")
	if rest, found := bytes.CutPrefix(s, bom); found {
		s = bytes.TrimLeft(rest, " \t\r\n")
	}
	if len(s) == 0 || len(s) < len(bom) && bytes.HasPrefix(bom, s) {
		return
	}
	in.decided = true
	if s[0] == '{' || s[0] == '[' || s[0] == '<' {
		return
	}
	in.events = &events{take: in.answer.take}
	in.events.write(s)
	in.head = in.head[:min(len(in.head), headKept)]
}

var bom = []byte("\ufeff")

// finished says that nothing more is needed of a stream.
func (in *intake) finished() bool {
	return in.events != nil && (in.answer.finish != "" || in.answer.done)
}

// stopped says that nothing more is wanted of a stream.
func (in *intake) stopped() bool { return in.events != nil && in.answer.stopped() }

// receive reads the body of a chat completion: into ex.body when it is one
// object, into ex.answer when it is a stream.
func (d *doer) receive(res *http.Response, ex *exchange, w *watchdog) error {
	in := &intake{answer: ex.answer}
	buf := make([]byte, 16<<10)
	total := 0
	for {
		n, err := res.Body.Read(buf)
		if n > 0 {
			if total += n; total > maxBody {
				err = errTooLong
			} else {
				in.write(buf[:n])
			}
			switch {
			case in.finished() && in.answer.done:
				w.watch(phaseBody, drainGrace, errEnded)
			case in.finished():
				w.watch(phaseBody, usageGrace, errEnded)
			default:
				// Comments count as a sign of life, for they are sent while a
				// request stands in line; the whole time bounds them.
				w.watch(phaseBody, d.idle, errIdle)
			}
		}
		if err == nil && !in.stopped() {
			continue
		}
		if in.events != nil && (err == nil || err == io.EOF) {
			in.events.end()
		}
		ex.streamed, ex.body = in.events != nil, in.head
		if in.events != nil && in.answer.fault != nil {
			ex.body = in.answer.fault
		}
		if err == io.EOF || in.finished() {
			return nil
		}
		return err
	}
}

// events reads Server-Sent Events
// (https://html.spec.whatwg.org/multipage/server-sent-events.html) piece by
// piece, more leniently than the standard where servers are sloppy: an event
// whose data is whole need not be followed by an empty line, the last one not
// even by a line end, a field "error" is an event of that name, and a line
// that is a bare JSON object is data.
type events struct {
	take func(name string, data []byte)
	line []byte
	cr   bool // the last line ended in CR, to which a LF may belong
	name string
	data []byte
	any  bool
}

func (e *events) write(p []byte) {
	for len(p) > 0 {
		if e.cr {
			e.cr = false
			if p[0] == '\n' {
				p = p[1:]
				continue
			}
		}
		i := bytes.IndexAny(p, "\r\n")
		if i < 0 {
			e.line = append(e.line, p...)
			return
		}
		e.line = append(e.line, p[:i]...)
		e.cr = p[i] == '\r'
		p = p[i+1:]
		e.endLine()
	}
}

// end is the end of the body.
func (e *events) end() {
	if len(e.line) > 0 {
		e.endLine()
	}
	e.dispatch()
}

func (e *events) endLine() {
	line := e.line
	e.line = e.line[:0]
	if len(line) == 0 {
		e.dispatch()
		return
	}
	field, value, _ := bytes.Cut(line, []byte(":"))
	value = bytes.TrimPrefix(value, []byte(" "))
	switch {
	case line[0] == '{':
		value = line
	case string(field) == "data":
	case string(field) == "event":
		e.name = string(bytes.TrimSpace(value))
		return
	case string(field) == "error":
		e.name = "error"
	default: // a comment, an id, a retry time
		return
	}
	if e.any {
		e.data = append(e.data, '\n')
	}
	first := !e.any
	e.data, e.any = append(e.data, value...), true
	if first && (isEndMark(value) || json.Valid(value)) {
		e.dispatch()
	}
}

func (e *events) dispatch() {
	if e.any {
		e.take(e.name, e.data)
	}
	e.name, e.data, e.any = "", e.data[:0], false
}

func isEndMark(data []byte) bool { return string(bytes.TrimSpace(data)) == "[DONE]" }
