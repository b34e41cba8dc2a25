package gateway_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"dubhashi/cache"
	"dubhashi/gateway"
	"dubhashi/gateway/llm"
	"dubhashi/gateway/simulator"
	"dubhashi/gateway/store"
	"dubhashi/gateway/store/redistest"
)

// rides is an article of n paragraphs that no other number shares, with its
// translation.
func rides(article, n int) (hindi string, pairs []simulator.Pair) {
	for i := range n {
		ward, people := 100*article+i+11, 7000+100*article+i
		pairs = append(pairs, simulator.Pair{
			Hindi:   fmt.Sprintf("वार्ड %d में पहले दिन %d लोगों ने नई बस सेवा से सफर किया।", ward, people),
			English: fmt.Sprintf("In ward %d, %d people travelled by the new bus service on the first day.", ward, people),
		})
	}
	for _, p := range pairs {
		hindi += p.Hindi + "\n"
	}
	return hindi, pairs
}

// replica is a gateway as one of several programs over one Redis has it.
type replica struct {
	*gateway.Gateway
	die func() // nothing of it reaches Redis from then on
}

// newReplica is one whose Redis may take its time: where nothing but the machine is
// slow, that must not look like an outage. lifetime is a lease's; 0: the usual one.
func newReplica(t testing.TB, url string, lifetime time.Duration, m *model) *replica {
	t.Helper()
	const patience = 20 * time.Second
	return replicaOver(t, url, store.LeaseOptions{Lifetime: lifetime, Budget: patience}, cache.GuardOptions{Read: patience, Write: patience}, m)
}

func replicaOver(t testing.TB, url string, lease store.LeaseOptions, guard cache.GuardOptions, m *model) *replica {
	t.Helper()
	client, err := store.OpenRedis(url)
	if err != nil {
		t.Fatal(err)
	}
	leases := store.NewLease[cache.Key](client, lease)
	up, err := llm.New(llm.Config{BaseURL: m.url, Model: "test-model", MaxAttempts: 1})
	if err != nil {
		t.Fatal(err)
	}
	kept := cache.NewTiered(cache.NewMemory(8<<20, time.Minute), cache.Guard(cache.NewRedis(client), guard))
	g := gateway.New(gateway.Config{Upstreams: []*llm.Upstream{up}, Cache: kept, Leases: leases, CacheTTL: time.Hour})
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := g.Close(ctx); err != nil {
			t.Errorf("the gateway's work did not end: %v", err)
		}
		_, _, _ = leases.Close(), kept.Close(), client.Close()
		up.Close()
	})
	return &replica{g, func() { _ = client.Close() }}
}

// answer is what a request came to.
type answer struct {
	*gateway.Result
	err  error
	took time.Duration
}

// post sends an article and gives its answer when it is there.
func (r *replica) post(ctx context.Context, text string, mode gateway.CacheMode) <-chan answer {
	out := make(chan answer, 1)
	go func() {
		started := time.Now()
		res, err := r.Article(ctx, gateway.Request{Input: text, Translate: true, Options: gateway.Options{Cache: mode}})
		out <- answer{res, err, time.Since(started)}
	}()
	return out
}

// in waits for an answer, but not for ever.
func in(t testing.TB, within time.Duration, c <-chan answer) answer {
	t.Helper()
	select {
	case a := <-c:
		return a
	case <-time.After(within):
		t.Fatalf("no answer within %v", within)
		return answer{}
	}
}

// good holds an answer to its reference.
func good(t testing.TB, who string, a answer, want []simulator.Pair) {
	t.Helper()
	if a.err != nil {
		t.Errorf("%s: %v", who, a.err)
		return
	}
	got := targets(a.Result)
	for i, p := range want {
		if a.Partial || i >= len(got) || got[i] != p.English {
			t.Errorf("%s: paragraph %d of %q, want %q", who, i, got, p.English)
			return
		}
	}
}

// gate is a model that holds its answers back until it is opened, and tells of
// each call that begins and of each whose caller leaves before.
type gate struct {
	*model
	begun, left chan struct{}
	open        chan struct{}
}

func gated(t testing.TB, answers http.Handler) *gate {
	t.Helper()
	g := &gate{begun: make(chan struct{}, 100), left: make(chan struct{}, 100), open: make(chan struct{})}
	g.model = serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.begun <- struct{}{}
		select {
		case <-g.open:
			answers.ServeHTTP(w, r)
		case <-r.Context().Done():
			g.left <- struct{}{}
		}
	}))
	t.Cleanup(func() { // before the server's end, which waits for its calls
		select {
		case <-g.open:
		default:
			close(g.open)
		}
	})
	return g
}

func sim(t testing.TB, pairs []simulator.Pair, latency time.Duration) http.Handler {
	t.Helper()
	s, err := simulator.New(simulator.Config{Memory: pairs, Latency: latency})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// forget forgets the calls so far.
func (m *model) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked = nil
	m.calls.Store(0)
}

// times counts how often each segment was asked for, over several models.
func times(models ...*model) map[string]int {
	out := make(map[string]int)
	for _, m := range models {
		for _, w := range m.all() {
			for _, text := range w.Segments {
				out[text]++
			}
		}
	}
	return out
}

// Twenty articles posted to three replicas at once cost what they cost one.
func TestReplicasAskForEachSegmentOnce(t *testing.T) {
	t.Parallel()
	const articles, size = 20, 9 // of two calls each
	warm, known := rides(articles, 1)
	for _, row := range []struct{ name, url string }{
		{"one server", redistest.Start(t).URL()},
		{"cluster", redistest.StartCluster(t, 3).URL()},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			texts, want := make([]string, articles), make([][]simulator.Pair, articles)
			memory := slices.Clone(known)
			for i := range texts {
				texts[i], want[i] = rides(i, size)
				memory = append(memory, want[i]...)
			}
			m := serve(t, sim(t, memory, 60*time.Millisecond))
			var replicas [3]*replica
			for i := range replicas {
				replicas[i] = newReplica(t, row.url, 0, m)
				// The first of all calls find out what the model's server can, and
				// may be made twice.
				in(t, time.Minute, replicas[i].post(context.Background(), warm, ""))
			}
			m.forget()
			begin := make(chan struct{})
			var wg sync.WaitGroup
			var mu sync.Mutex
			calls, shared := 0, 0
			for r, replica := range replicas {
				for i, text := range texts {
					wg.Go(func() {
						<-begin
						a := in(t, time.Minute, replica.post(context.Background(), text, ""))
						good(t, fmt.Sprint("replica ", r, ", article ", i), a, want[i])
						if a.err != nil {
							return
						}
						mu.Lock()
						defer mu.Unlock()
						calls, shared = calls+a.Usage.Calls, shared+a.Usage.SharedCalls
						if n := a.Usage.Calls + a.Usage.SharedCalls; a.Usage.Hits == 0 && n != 2 {
							t.Errorf("replica %d, article %d: %d calls and %d shared, want 2 in all", r, i, a.Usage.Calls, a.Usage.SharedCalls)
						}
					})
				}
			}
			close(begin)
			wg.Wait()
			asked := times(m)
			for text, n := range asked {
				if n != 1 {
					t.Errorf("asked %d times: %q", n, text)
				}
			}
			if len(asked) != articles*size || int64(calls) != m.calls.Load() || calls != 2*articles || shared == 0 {
				t.Errorf("%d segments asked in %d calls, %d billed, %d shared", len(asked), m.calls.Load(), calls, shared)
			}
		})
	}
}

// What the asking replica does not bring, those that wait bring themselves.
func TestReplicaTakesOver(t *testing.T) {
	t.Parallel()
	text, want := rides(1, 9)
	for _, row := range []struct {
		name     string
		end      func(holder *replica, g *gate, leave context.CancelFunc)
		lifetime time.Duration // of a lease; 0: longer than the others may take, for it is released
	}{
		{"its upstream fails", func(_ *replica, g *gate, _ context.CancelFunc) { close(g.open) }, 0},
		{"its caller leaves", func(_ *replica, _ *gate, leave context.CancelFunc) { leave() }, 0},
		{"it is stopped", func(r *replica, _ *gate, _ context.CancelFunc) { go r.Close(context.Background()) }, 0},
		{"it dies", func(r *replica, _ *gate, _ context.CancelFunc) { r.die() }, time.Second},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			url := redistest.Start(t).URL()
			bad := gated(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }))
			well := serve(t, sim(t, want, 0))
			holder, a, b := newReplica(t, url, row.lifetime, bad.model), newReplica(t, url, row.lifetime, well), newReplica(t, url, row.lifetime, well)
			ctx, leave := context.WithCancel(context.Background())
			defer leave()
			first := holder.post(ctx, text, "")
			<-bad.begun
			others := []<-chan answer{a.post(context.Background(), text, ""), b.post(context.Background(), text, "")}
			time.Sleep(200 * time.Millisecond) // so that they have begun to wait
			if n := well.calls.Load(); n != 0 {
				t.Errorf("%d calls while another replica was asking", n)
			}
			started := time.Now()
			row.end(holder, bad, leave)
			calls := 0
			for i, c := range others {
				got := in(t, 10*time.Second, c)
				good(t, fmt.Sprint("waiter ", i), got, want)
				if got.err == nil {
					calls += got.Usage.Calls
				}
			}
			took := time.Since(started)
			t.Logf("done %v after the end", took)
			if took > row.lifetime+3*time.Second {
				t.Errorf("the others were done %v after it", took)
			}
			for text, n := range times(well) {
				if n != 1 {
					t.Errorf("asked %d times by those who took over: %q", n, text)
				}
			}
			if calls != 2 {
				t.Errorf("%d calls were billed to those who took over, want 2", calls)
			}
			leave()
			if got := in(t, 10*time.Second, first); got.err == nil {
				t.Error("the holder's request came through")
			}
		})
	}
}

// A waiter that leaves leaves alone; when the last of a replica has left, it
// neither waits nor asks.
func TestReplicaWaitersLeave(t *testing.T) {
	t.Parallel()
	text, want := rides(2, 4)
	server := redistest.Start(t)
	slow := gated(t, sim(t, want, 0))
	other := serve(t, sim(t, want, 0))
	holder, waits, gone := newReplica(t, server.URL(), 0, slow.model), newReplica(t, server.URL(), 0, other), newReplica(t, server.URL(), 0, other)
	first := holder.post(context.Background(), text, "")
	<-slow.begun
	ctx, leave := context.WithCancel(context.Background())
	leaves, stays := waits.post(ctx, text, ""), waits.post(context.Background(), text, "")
	late, cancel := context.WithTimeout(context.Background(), 150*time.Millisecond)
	defer cancel()
	alone := gone.post(late, text, "")
	time.Sleep(80 * time.Millisecond) // so that they have begun to wait
	leave()
	if a := in(t, 10*time.Second, leaves); a.err == nil {
		t.Error("a request that was left came through")
	}
	if a := in(t, 10*time.Second, alone); a.err == nil || a.took > 2*time.Second {
		t.Errorf("past its deadline: error %v after %v", a.err, a.took)
	}
	close(slow.open)
	good(t, "the holder", in(t, 10*time.Second, first), want)
	a := in(t, 10*time.Second, stays)
	good(t, "who stayed", a, want)
	if a.err == nil && (a.Usage.Calls != 0 || a.Usage.SharedCalls != 1 || a.Usage.Misses != len(want) || states(a.Result) != "shared shared shared shared") {
		t.Errorf("who stayed: %s, %+v", states(a.Result), a.Usage)
	}
	if n := other.calls.Load(); n != 0 {
		t.Errorf("%d calls of those who waited", n)
	}
	select {
	case <-slow.left:
		t.Error("a waiter's leaving cancelled the holder's call")
	default:
	}
	soonGone(t, server)
}

// soonGone waits until no lease is left.
func soonGone(t testing.TB, server *redistest.Server) {
	t.Helper()
	for range 200 {
		if server.Do("KEYS", "dubhashi:{lease}:*") == "0" {
			return
		}
		time.Sleep(10 * time.Millisecond) // the write behind the answer, and the lingering
	}
	t.Error("leases are left behind")
}

// The last to leave cancels the call, and lets the lease go at once.
func TestReplicaLastToLeaveCancels(t *testing.T) {
	t.Parallel()
	text, want := rides(3, 4)
	server := redistest.Start(t)
	slow := gated(t, sim(t, want, 0))
	r := newReplica(t, server.URL(), 0, slow.model)
	ctx, leave := context.WithCancel(context.Background())
	c := r.post(ctx, text, "")
	<-slow.begun
	if server.Do("KEYS", "dubhashi:{lease}:*") != "4" {
		t.Error("not every segment that is asked for has a lease")
	}
	leave()
	in(t, 10*time.Second, c)
	<-slow.left
	soonGone(t, server)
}

// Who asks for a fresh answer, or for one that nothing is kept of, waits for
// nobody.
func TestReplicaRefreshWaitsForNobody(t *testing.T) {
	t.Parallel()
	text, want := rides(4, 4)
	server := redistest.Start(t)
	slow := gated(t, sim(t, want, 0))
	quick := serve(t, sim(t, want, 0))
	holder, other := newReplica(t, server.URL(), 0, slow.model), newReplica(t, server.URL(), 0, quick)
	first := holder.post(context.Background(), text, "")
	<-slow.begun
	for _, mode := range []gateway.CacheMode{gateway.NoCache, gateway.RefreshCache} {
		good(t, string(mode), in(t, 10*time.Second, other.post(context.Background(), text, mode)), want)
		if n := quick.count(); n != 1 {
			t.Errorf("%s: %d calls", mode, n)
		}
	}
	close(slow.open)
	good(t, "the holder", in(t, 10*time.Second, first), want)
	soonGone(t, server)
}

// Redis that goes while one replica asks and another waits fails nobody.
func TestReplicasLoseRedis(t *testing.T) {
	t.Parallel()
	text, want := rides(5, 9)
	reversed := slices.Clone(want)
	slices.Reverse(reversed)
	backwards := ""
	for _, p := range reversed {
		backwards += p.Hindi + "\n"
	}
	for _, row := range []struct {
		name string
		lose func(*redistest.Server)
	}{
		{"paused", (*redistest.Server).Pause},
		{"killed", (*redistest.Server).Kill},
		{"restarted", (*redistest.Server).Restart},
		{"full", func(s *redistest.Server) { s.Do("CONFIG", "SET", "maxmemory", "1") }},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t)
			slow := gated(t, sim(t, want, 0))
			other := serve(t, sim(t, want, 0))
			lease := store.LeaseOptions{Lifetime: time.Second}
			holder, waits := replicaOver(t, server.URL(), lease, cache.GuardOptions{}, slow.model), replicaOver(t, server.URL(), lease, cache.GuardOptions{}, other)
			first := holder.post(context.Background(), text, "")
			<-slow.begun
			second := waits.post(context.Background(), text, "")
			time.Sleep(100 * time.Millisecond) // so that it has begun to wait
			row.lose(server)
			more := waits.post(context.Background(), backwards, "") // other keys, for each has another context
			time.AfterFunc(300*time.Millisecond, func() { close(slow.open) })
			good(t, "the holder", in(t, 10*time.Second, first), want)
			good(t, "who waited", in(t, 10*time.Second, second), want)
			good(t, "who came later", in(t, 10*time.Second, more), reversed)
		})
	}
}

// clocked takes down how long requests wait for their leases.
type clocked struct {
	gateway.Leases
	took time.Duration
}

func (c *clocked) Acquire(ctx context.Context, keys []cache.Key) ([]bool, error) {
	started := time.Now()
	defer func() { c.took += time.Since(started) }()
	return c.Leases.Acquire(ctx, keys)
}

// BenchmarkReplicaMiss is a lone replica's article of 30 paragraphs of which
// nothing is cached, at a model that takes no time; lease-µs/op is how much of
// it the leases take.
func BenchmarkReplicaMiss(b *testing.B) {
	m := simulated(b, simulator.Config{})
	client, err := store.OpenRedis(redistest.Start(b).URL())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = client.Close() })
	up, err := llm.New(llm.Config{BaseURL: m.url, Model: "test-model"})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(up.Close)
	leases := &clocked{Leases: store.NewLease[cache.Key](client, store.LeaseOptions{})}
	g := gateway.New(gateway.Config{Upstreams: []*llm.Upstream{up}, Cache: cache.Guard(cache.NewRedis(client), cache.GuardOptions{}), Leases: leases})
	b.Cleanup(func() { _ = g.Close(context.Background()) })
	n := 0
	for b.Loop() {
		n++
		ask(b, g, gateway.Request{Input: paragraphs(30, 1000*n), Translate: true})
	}
	b.ReportMetric(float64(leases.took.Microseconds())/float64(b.N), "lease-µs/op")
}
