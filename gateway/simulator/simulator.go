package simulator

import (
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// DefaultModel is the model's name in /v1/models when Config.Model is empty.
const DefaultModel = "dubhashi-demo"

// Config says what the model knows and how it behaves. The zero Config is a
// model that knows nothing and transliterates.
type Config struct {
	// Memory is answered from before anything else, see LoadMemory.
	Memory []Pair
	// Demo adds the embedded example articles and the lexicon. Without it, text
	// that is not in Memory is transliterated word by word.
	Demo bool
	// Latency is the time before an answer's first byte; errors come at once.
	Latency time.Duration
	// TokensPerSecond paces the answer by the token estimate; 0 = at once.
	TokensPerSecond float64
	// Faults gives each fault its share of the calls, 0 to 1, together 1 at most.
	Faults map[Fault]float64
	// Seed is what the faults are drawn from, with each call's number.
	Seed uint64
	// Model is the name told in /v1/models; any name is answered to.
	Model string
	// RetryAfter is what fault 429 asks for, rounded up to whole seconds in
	// Retry-After and exact in retry-after-ms. 0 = it varies: nothing or a second.
	RetryAfter time.Duration
	// Slow is how much longer fault slow takes; 0 = two seconds.
	Slow time.Duration
}

const (
	defaultSlow = 2 * time.Second
	longestHang = 2 * time.Minute // of fault stall
	largestBody = 32 << 20        // bytes of a request
)

// Server is the model, an http.Handler. It may be used by many goroutines.
type Server struct {
	config     Config
	plan       faultPlan
	translator func() *translator // made on the first call

	calls, rejected, cancelled, inFlight, peak atomic.Int64
	promptTokens, completionTokens, segments   atomic.Int64
	mu                                         sync.Mutex
	byFault                                    map[Fault]int64
}

// New makes a model. It is cheap: memory and lexicon are indexed on the first
// call. The error names a fault or share that makes no sense.
func New(c Config) (*Server, error) {
	plan, err := newFaultPlan(c.Seed, c.Faults)
	if err != nil {
		return nil, err
	}
	switch {
	case c.Latency < 0, c.RetryAfter < 0, c.Slow < 0:
		return nil, fmt.Errorf("simulator: a negative time: latency %v, retry-after %v, slow %v", c.Latency, c.RetryAfter, c.Slow)
	case !(c.TokensPerSecond >= 0):
		return nil, fmt.Errorf("simulator: %v tokens a second", c.TokensPerSecond)
	}
	if c.Model == "" {
		c.Model = DefaultModel
	}
	if c.Slow == 0 {
		c.Slow = defaultSlow
	}
	s := &Server{config: c, plan: plan, byFault: make(map[Fault]int64)}
	s.translator = sync.OnceValue(func() *translator {
		pairs := c.Memory
		t := &translator{gloss: plainGlosser(), demo: c.Demo}
		if c.Demo {
			pairs = append(pairs[:len(pairs):len(pairs)], examplePairs()...)
			t.gloss = demoGlosser()
		}
		t.memory = newMemory(pairs)
		return t
	})
	return s, nil
}

// Stats counts since New. A call is a valid request for a completion, whatever
// came of it.
type Stats struct {
	Calls            int64
	Rejected         int64           // requests answered 400 or 413
	Cancelled        int64           // calls whose client left before the end
	InFlight         int64           // calls under way now
	PeakInFlight     int64           // most calls under way at once
	PromptTokens     int64           // of all calls, by EstimateTokens
	CompletionTokens int64           // of all answers written
	Segments         int64           // texts asked for, in calls of every kind but summaries
	Faults           map[Fault]int64 // calls by the fault that was done to them
}

// Stats gives the counts as they stand.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Stats{
		Calls: s.calls.Load(), Rejected: s.rejected.Load(), Cancelled: s.cancelled.Load(),
		InFlight: s.inFlight.Load(), PeakInFlight: s.peak.Load(),
		PromptTokens: s.promptTokens.Load(), CompletionTokens: s.completionTokens.Load(),
		Segments: s.segments.Load(), Faults: maps.Clone(s.byFault),
	}
}

// Calls is Stats().Calls.
func (s *Server) Calls() int64 { return s.calls.Load() }

// ServeHTTP answers POST /v1/chat/completions, GET /v1/models and GET /healthz.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method := http.MethodGet
	var serve http.HandlerFunc
	switch r.URL.Path {
	case "/v1/chat/completions":
		method, serve = http.MethodPost, s.chat
	case "/v1/models":
		serve = func(w http.ResponseWriter, _ *http.Request) {
			writeJSON(w, http.StatusOK, modelList{"list", []model{s.model()}})
		}
	case "/v1/models/" + s.config.Model:
		serve = func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, s.model()) }
	case "/healthz":
		serve = func(w http.ResponseWriter, _ *http.Request) {
			writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
		}
	default:
		(&apiError{status: http.StatusNotFound, kind: "invalid_request_error", code: "unknown_url",
			message: fmt.Sprintf("Unknown request URL: %s %s.", r.Method, r.URL.Path)}).write(w)
		return
	}
	if r.Method != method && !(r.Method == http.MethodHead && method == http.MethodGet) {
		w.Header().Set("Allow", method)
		(&apiError{status: http.StatusMethodNotAllowed, kind: "invalid_request_error", code: "method_not_supported",
			message: fmt.Sprintf("Not allowed to %s on %s.", r.Method, r.URL.Path)}).write(w)
		return
	}
	serve(w, r)
}

type modelList struct {
	Object string  `json:"object"`
	Data   []model `json:"data"`
}

type model struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Created int64  `json:"created"`
	OwnedBy string `json:"owned_by"`
}

func (s *Server) model() model { return model{s.config.Model, "model", 0, "dubhashi"} }

// chat is one call.
func (s *Server) chat(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largestBody))
	if err != nil {
		s.rejected.Add(1)
		(&apiError{status: http.StatusRequestEntityTooLarge, kind: "invalid_request_error",
			message: "The body could not be read, or is longer than 32 MiB."}).write(w)
		return
	}
	q, e := readChat(body)
	var t *task
	if e == nil {
		t, e = readTask(q)
	}
	if e != nil {
		s.rejected.Add(1)
		e.write(w)
		return
	}
	n := s.calls.Add(1)
	defer s.inFlight.Add(-1)
	for now := s.inFlight.Add(1); ; {
		if peak := s.peak.Load(); now <= peak || s.peak.CompareAndSwap(peak, now) {
			break
		}
	}
	s.promptTokens.Add(int64(q.promptTokens()))
	s.segments.Add(int64(len(t.segments)))

	fault, dice := s.plan.draw(n)
	if s.refuseByStatus(w, fault, dice) {
		s.count(fault)
		return
	}
	a := &answer{server: s, w: w, r: r, q: q, number: n, began: began, fault: fault, dice: dice}
	if fault == Reset && (!q.Stream || dice.IntN(2) == 0) {
		s.count(fault)
		resetConnection(w)
		return
	}
	a.reply = s.reply(t, q, fault, dice)
	a.send()
}

// reply makes the reply, with the faults that act on its text, and counts the
// fault if it could be done.
func (s *Server) reply(t *task, q *chatRequest, fault Fault, dice *rand.Rand) reply {
	tr := s.translator()
	r := t.run(tr)
	out := reply{finish: "stop"}
	switch fault {
	case DropSegment, SwapSegments, Untranslated, DropNumber, Repeat:
		if !r.damageParts(fault, tr, dice) {
			fault = none
		}
		out.content = r.content()
	case none, Reset, Stall, Slow:
		out.content = r.content()
	default:
		out = damageWhole(fault, &r, q, dice)
	}
	if fault != none {
		s.count(fault)
	}
	if limit := q.limit(); limit > 0 {
		if cut := firstTokens(out.content, limit); cut != out.content {
			out.content, out.finish = cut, "length"
		}
	}
	return out
}

// refuseByStatus answers the faults that are a status, and reports whether it did.
func (s *Server) refuseByStatus(w http.ResponseWriter, fault Fault, dice *rand.Rand) bool {
	switch fault {
	case TooManyRequests:
		wait := s.config.RetryAfter
		if wait == 0 && dice.IntN(2) == 0 {
			wait = time.Second
		}
		seconds := (wait + time.Second - 1) / time.Second
		w.Header().Set("Retry-After", strconv.FormatInt(int64(seconds), 10))
		w.Header().Set("retry-after-ms", strconv.FormatInt(wait.Milliseconds(), 10))
		(&apiError{status: http.StatusTooManyRequests, kind: "requests", code: "rate_limit_exceeded",
			message: "Rate limit reached for requests. Please try again later."}).write(w)
	case ServerError:
		(&apiError{status: http.StatusInternalServerError, kind: "server_error",
			message: "The server had an error while processing your request. Sorry about that!"}).write(w)
	case Unavailable:
		http.Error(w, "upstream connect error or disconnect/reset before headers", http.StatusServiceUnavailable)
	default:
		return false
	}
	return true
}

func (s *Server) count(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byFault[f]++
}

// resetConnection closes the TCP connection with RST instead of FIN.
func resetConnection(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // HTTP/2, or a recorder: the nearest thing to a reset
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	conn.Close() // an error means that it is closed already
}
