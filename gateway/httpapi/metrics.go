package httpapi

import (
	"bytes"
	"math"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/common/expfmt"

	"dubhashi/gateway"
	"dubhashi/gateway/jobs"
)

// Metrics are the gateway's counters in Prometheus' form. No label holds
// anything a caller chose.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	segments *prometheus.CounterVec
	calls    *prometheus.CounterVec
	tokens   *prometheus.CounterVec
	cost     prometheus.Counter
	partial  prometheus.Counter
	refused  *prometheus.CounterVec
	jobs     *prometheus.CounterVec
}

// NewMetrics makes a registry of its own, so that a process may hold several.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dubhashi_http_requests_total", Help: "Requests answered, by route and status."}, []string{"route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "dubhashi_http_request_seconds", Help: "Time to answer, by route.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300}}, []string{"route"}),
		segments: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dubhashi_cache_lookups_total", Help: "Segments and summaries looked up, by result."}, []string{"result"}),
		calls:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dubhashi_llm_calls_total", Help: "Calls to upstreams, by upstream and result."}, []string{"upstream", "result"}),
		tokens:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dubhashi_llm_tokens_total", Help: "Tokens of calls to upstreams, by direction."}, []string{"direction"}),
		cost:     prometheus.NewCounter(prometheus.CounterOpts{Name: "dubhashi_llm_cost_usd_total", Help: "US dollars of calls to upstreams, where a price is set."}),
		partial:  prometheus.NewCounter(prometheus.CounterOpts{Name: "dubhashi_partial_answers_total", Help: "Answers in which something is missing."}),
		refused:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dubhashi_refused_total", Help: "Requests refused for their caller's sake, by reason: key, rate, characters, cost, store (it cannot count the cost)."}, []string{"reason"}),
		jobs:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dubhashi_jobs_total", Help: "Jobs that this process ended, by state."}, []string{"state"}),
	}
	m.registry.MustRegister(m.requests, m.seconds, m.segments, m.calls, m.tokens, m.cost, m.partial, m.refused, m.jobs,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *Metrics) request(route string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(route).Observe(took.Seconds())
}

func (m *Metrics) refuse(reason string) { m.refused.WithLabelValues(reason).Inc() }

// Gateway counts what one request of the gateway did.
func (m *Metrics) Gateway(e gateway.Event) {
	u := e.Usage
	m.segments.WithLabelValues("hit").Add(float64(u.Hits))
	m.segments.WithLabelValues("miss").Add(float64(u.Misses))
	if e.Partial {
		m.partial.Inc()
	}
}

// Spend counts what one call cost, whether or not its request still waits.
func (m *Metrics) Spend(s gateway.Spending) {
	m.tokens.WithLabelValues("prompt").Add(float64(s.PromptTokens))
	m.tokens.WithLabelValues("completion").Add(float64(s.CompletionTokens))
	m.cost.Add(s.Cost)
}

// Call counts one call to an upstream; result is "ok" or a kind of error.
func (m *Metrics) Call(upstream, result string) { m.calls.WithLabelValues(upstream, result).Inc() }

// Job counts a job that has ended.
func (m *Metrics) Job(state jobs.State) { m.jobs.WithLabelValues(string(state)).Inc() }

// Waiting shows how many jobs have not ended, by a count that may fail.
func (m *Metrics) Waiting(depth func() (int, error)) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(
		prometheus.GaugeOpts{Name: "dubhashi_jobs_waiting", Help: "Jobs of all processes that have not ended; NaN when the store is away."},
		func() float64 {
			n, err := depth()
			if err != nil {
				return math.NaN()
			}
			return float64(n)
		}))
}

// metrics answers to loopback alone, and not through a proxy on this machine:
// it tells how much is translated.
func (s *Server) metrics(c *fiber.Ctx) error {
	if !peer(c).IsLoopback() || forwarded(c) {
		return &problem{code: notFound}
	}
	families, err := s.c.Metrics.registry.Gather()
	if err != nil {
		return err
	}
	format := expfmt.NewFormat(expfmt.TypeTextPlain)
	var b bytes.Buffer
	e := expfmt.NewEncoder(&b, format)
	for _, f := range families {
		if err := e.Encode(f); err != nil {
			return err
		}
	}
	c.Set(fiber.HeaderContentType, string(format))
	return c.Send(b.Bytes())
}
