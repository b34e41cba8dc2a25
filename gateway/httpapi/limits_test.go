package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dubhashi/cache"
	"dubhashi/gateway"
	"dubhashi/gateway/api"
	"dubhashi/gateway/fetch"
	"dubhashi/gateway/httpapi"
	"dubhashi/gateway/llm"
	"dubhashi/gateway/store"
	"dubhashi/gateway/store/redistest"
)

// onDisk counts in a file of the test's.
func onDisk(t testing.TB) httpapi.Counter {
	t.Helper()
	db, _, err := store.OpenSQLite(filepath.Join(t.TempDir(), store.File))
	if err != nil {
		t.Fatal(err)
	}
	c := store.NewCounter(db, 35)
	t.Cleanup(func() { _ = c.Close(); _ = db.Close() })
	return c
}

// inRedis counts in a server of the test's; a busy machine is no outage here.
func inRedis(t testing.TB, server *redistest.Server, budget time.Duration) httpapi.Counter {
	t.Helper()
	client, err := store.OpenRedis(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	c := store.NewRedisCounter(client, 35)
	c.Budget = budget
	t.Cleanup(func() { _ = c.Close(); _ = client.Close() })
	return c
}

const patient = 20 * time.Second

// priced makes a server ask a model that costs so many dollars a million tokens.
func priced(t testing.TB, model http.Handler, price float64) (change func(*httpapi.Config)) {
	t.Helper()
	far := newPipes()
	upstream := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body) // net/http tells of a client's leaving only then
		r.Body = io.NopCloser(bytes.NewReader(b))
		model.ServeHTTP(w, r)
	})}
	go func() { _ = upstream.Serve(far) }()
	u, err := llm.New(llm.Config{
		BaseURL: "http://model.test/v1", Model: "m", MaxAttempts: 1, Concurrency: 64, PriceIn: &price, PriceOut: &price,
		Transport: &http.Transport{DialContext: far.dial}, HeaderTimeout: time.Minute, IdleTimeout: time.Minute, Timeout: time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	g := gateway.New(gateway.Config{Upstreams: []*llm.Upstream{u}, Cache: cache.NewMemory(1<<20, time.Minute), CacheTTL: time.Hour,
		Fetch: fetch.New(fetch.Config{Allow: []string{"127.0.0.1"}, MaxBody: 100_000})})
	t.Cleanup(func() {
		_ = g.Close(context.Background())
		u.Close()
		_ = upstream.Close()
	})
	return func(c *httpapi.Config) { c.Gateway, c.Prices = g, &httpapi.Prices{In: price, Out: price} }
}

func account(t testing.TB, s *server, header ...string) api.Account {
	t.Helper()
	r := s.send(t, "GET", "/v1/usage", "", header...)
	var a api.Account
	d := json.NewDecoder(strings.NewReader(string(r.body)))
	d.DisallowUnknownFields()
	if err := d.Decode(&a); err != nil || r.status != 200 {
		t.Fatalf("%d %s: %v", r.status, r.body, err)
	}
	return a
}

// refusal is the code of a problem.
func refusal(t testing.TB, r reply) string {
	t.Helper()
	var p api.Problem
	if err := json.Unmarshal(r.body, &p); err != nil {
		t.Fatalf("%d %s: %v", r.status, r.body, err)
	}
	return p.Code
}

func (r reply) number(t testing.TB, header string) int {
	t.Helper()
	n, err := strconv.Atoi(r.header.Get(header))
	if err != nil {
		t.Fatalf("%s: %q", header, r.header.Get(header))
	}
	return n
}

var first, second = []string{"X-API-Key", "first-secret"}, []string{"X-API-Key", "second-secret"}

func (s *server) detect(t testing.TB, header ...string) reply {
	t.Helper()
	return s.do(t, "POST", "/v1/detect", detectBody, append(header, "Content-Type", "application/json")...)
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), func(c *httpapi.Config) {
		c.Keys, c.Limits.Requests, c.Counter = keys(t), 3, onDisk(t)
	})
	for i := range 3 {
		r := s.detect(t, first...)
		if r.status != 200 || r.header.Get("RateLimit-Policy") != `"minute";q=3;w=60` || !strings.HasPrefix(r.header.Get("RateLimit"), fmt.Sprintf(`"minute";r=%d;t=`, 2-i)) ||
			r.number(t, "X-RateLimit-Limit") != 3 || r.number(t, "X-RateLimit-Remaining") != 2-i {
			t.Errorf("request %d: %d %v", i, r.status, r.header)
		}
		if away := int64(r.number(t, "X-RateLimit-Reset")) - time.Now().Unix(); away < 30 || away > 62 {
			t.Errorf("reset in %d s", away)
		}
	}
	r := s.detect(t, first...)
	if r.status != 429 || refusal(t, r) != "rate_limited" || r.header.Get("RateLimit") == "" {
		t.Errorf("one too many: %d %s", r.status, r.body)
	}
	if wait := r.number(t, "Retry-After"); wait < 30 || wait > 61 {
		t.Errorf("Retry-After %d", wait)
	}
	if r := s.detect(t, second...); r.status != 200 || r.number(t, "X-RateLimit-Remaining") != 2 {
		t.Errorf("another caller: %d %v", r.status, r.header)
	}
	deepl := append(first, "Authorization", "DeepL-Auth-Key first-secret")
	for _, asks := range []string{"GET /v1/usage", "GET /v1/languages", "GET /v2/usage", "POST /v2/usage", "POST /v2/languages", "GET /healthz"} { // cost and change nothing
		method, path, _ := strings.Cut(asks, " ")
		if r := s.do(t, method, path, "", deepl...); r.status != 200 {
			t.Errorf("%s: %d %s", asks, r.status, r.body)
		}
	}
	for path, want := range map[string]int{"/v2/translate": 429, "/v2/translate/": 429, "/V2/translate": 404} {
		if r := s.do(t, "GET", path+"?text=x&target_lang=HI", "", deepl...); r.status != want {
			t.Errorf("a GET %s that costs: %d %s", path, r.status, r.body)
		}
	}
	if r := s.detect(t, "X-API-Key", "wrong-secret"); r.status != 401 || r.header.Get("RateLimit") != "" {
		t.Errorf("no caller: %d %v", r.status, r.header)
	}
	if a := account(t, s, first...); a.Today.Requests != 3 || *a.Limits.RequestsPerMinute != 3 || *a.Key != "first" {
		t.Errorf("told of %+v", a)
	}
	metrics := string(s.do(t, "GET", "/metrics", "").body)
	for _, series := range []string{`dubhashi_refused_total{reason="rate"} 3`, `dubhashi_refused_total{reason="key"} 1`} {
		if !strings.Contains(metrics, series) {
			t.Errorf("the metrics have no %s", series)
		}
	}
}

// Three servers that share a Redis admit together what one may.
func TestRateLimitOverReplicas(t *testing.T) {
	t.Parallel()
	const limit = 100
	redis := redistest.Start(t)
	var admitted, refused atomic.Int64
	var wg sync.WaitGroup
	for range 3 {
		s := start(t, demo(t), func(c *httpapi.Config) {
			c.Keys, c.Limits.Requests, c.Counter = keys(t), limit, inRedis(t, redis, patient)
		})
		for range 4 {
			wg.Go(func() {
				for range 20 {
					switch r := s.send(t, "POST", "/v1/detect", detectBody, append(first, "Content-Type", "application/json")...); r.status {
					case 200:
						admitted.Add(1)
					case 429:
						refused.Add(1)
					default:
						t.Errorf("%d %s", r.status, r.body)
					}
				}
			})
		}
	}
	wg.Wait()
	if admitted.Load() != limit || refused.Load() != 240-limit {
		t.Errorf("admitted %d and refused %d; the limit is %d", admitted.Load(), refused.Load(), limit)
	}
}

// Without keys limits are those of an address; of IPv6 of a /64. A key that is
// presented changes nothing.
func TestRateLimitOfAddresses(t *testing.T) {
	t.Parallel()
	s := start(t, demo(t), func(c *httpapi.Config) {
		c.Limits.Requests, c.TrustedProxies = 1, []string{"127.0.0.1"}
	})
	for _, row := range []struct {
		address string
		status  int
	}{
		{"192.0.2.1", 200}, {"192.0.2.1", 429}, {"192.0.2.2", 200}, {"::ffff:192.0.2.2", 429},
		{"2001:db8:1:2::1", 200}, {"2001:db8:1:2:ffff::9", 429}, {"2001:db8:1:3::1", 200},
		{"198.51.100.7, 192.0.2.1", 429},
	} {
		if r := s.detect(t, "X-Forwarded-For", row.address, "X-API-Key", "any-"+row.address); r.status != row.status {
			t.Errorf("%s: %d %s", row.address, r.status, r.body)
		}
	}
}

// The minute and the day go by: what was used up comes back when it was said to.
func TestLimitsComeBack(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		time.Sleep(24*time.Hour - 3*time.Minute) // a bubble begins at midnight UTC
		s, client, stop := piped(t, translator(t), func(c *httpapi.Config) { c.Limits = httpapi.Limits{Requests: 4, DailyChars: 40} })
		defer stop()
		ask := func() (status, wait int) {
			t.Helper()
			resp, err := client.Post(s.url+"/v1/translate", jsonBody, strings.NewReader(`{"text":"`+marketHindi+`"}`)) // 15 characters
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			_, _ = io.Copy(io.Discard, resp.Body)
			wait, _ = strconv.Atoi(resp.Header.Get("Retry-After"))
			return resp.StatusCode, wait
		}
		for _, want := range []struct{ status, wait int }{{200, 0}, {200, 0}, {429, 180}, {429, 180}, {429, 61}} {
			if status, wait := ask(); status != want.status || wait > want.wait || wait < want.wait-1 {
				t.Errorf("%d, Retry-After %d; want %d, %d", status, wait, want.status, want.wait)
			}
		}
		time.Sleep(61 * time.Second)
		status, wait := ask()
		if status != 429 || wait < 118 || wait > 119 {
			t.Errorf("after the minute: %d, Retry-After %d", status, wait)
		}
		time.Sleep(time.Duration(wait-1) * time.Second)
		if status, _ := ask(); status != 429 {
			t.Errorf("before the day's end: %d", status)
		}
		time.Sleep(time.Second)
		if status, _ := ask(); status != 200 {
			t.Errorf("after the day: %d", status)
		}
	})
}

func TestDailyCharacters(t *testing.T) {
	t.Parallel()
	s := start(t, translator(t), func(c *httpapi.Config) {
		c.Keys, c.Limits.DailyChars, c.Counter = keys(t), 100, onDisk(t)
	})
	text := `{"text":"` + ferryHindi + `"}` // 36 characters
	n := int64(len([]rune(ferryHindi)))
	used := func(want int64) {
		t.Helper()
		if a := account(t, s, first...); a.Today.Characters != want || *a.Limits.CharactersPerDay != 100 || *a.Remaining.Characters != 100-want {
			t.Errorf("used %d, left %d; want %d", a.Today.Characters, *a.Remaining.Characters, want)
		}
	}
	post := func(path, body string) reply {
		t.Helper()
		return s.do(t, "POST", path, body, append(first, "Content-Type", "application/json")...)
	}
	used(0)
	if r := post("/v1/translate", text); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	used(n)
	for _, bad := range []string{ // what is refused costs nothing
		`{"text":"` + ferryHindi + `","target":"fr"}`,
		`{"text":"` + ferryHindi + `","unknown":1}`,
		`{"text":"` + ferryHindi + `","source":"hi","target":"hi"}`,
		`{"text":"Bonjour tout le monde, ceci est du français."}`,
	} {
		if r := post("/v1/translate", bad); r.status != 422 {
			t.Errorf("%s: %d %s", bad, r.status, r.body)
		}
	}
	used(n)
	if r := post("/v1/articles", `{"html":"<article><p>`+ferryHindi+`</p></article>","outputs":["translation"]}`); r.status != 200 {
		t.Errorf("%d %s", r.status, r.body)
	}
	used(2 * n) // of HTML the visible text
	r := post("/v1/translate", text)
	if r.status != 429 || refusal(t, r) != "rate_limited" || !strings.Contains(string(r.body), fmt.Sprintf("%d of the 100", 2*n)) {
		t.Errorf("what does not fit: %d %s", r.status, r.body)
	}
	if wait := r.number(t, "Retry-After"); wait < 1 || wait > 24*3600 {
		t.Errorf("Retry-After %d", wait)
	}
	used(2 * n)
	if r := post("/v1/translate", `{"text":"`+marketHindi+`"}`); r.status != 200 { // what does, does
		t.Errorf("what fits: %d %s", r.status, r.body)
	}
	if r := s.detect(t, first...); r.status != 200 { // costs no characters
		t.Errorf("%d %s", r.status, r.body)
	}
	form := append(first, "Content-Type", formType)
	if r := s.do(t, "POST", "/v2/translate", fields("text", ferryHindi, "target_lang", "EN-GB", "auth_key", "first-secret"), form...); r.status != 456 {
		t.Errorf("DeepL: %d %s", r.status, r.body)
	}
	if r := s.do(t, "GET", "/v2/usage", "", "Authorization", "DeepL-Auth-Key first-secret"); string(r.body) != fmt.Sprintf(`{"character_count":%d,"character_limit":100}`, 2*n+int64(len([]rune(marketHindi)))) {
		t.Errorf("DeepL's usage: %s", r.body)
	}
	if r := s.do(t, "POST", "/translate", fields("q", ferryHindi, "source", "hi", "target", "en", "api_key", "first-secret"), "Content-Type", formType); r.status != 429 || !strings.Contains(string(r.body), "Slowdown: ") {
		t.Errorf("LibreTranslate: %d %s", r.status, r.body)
	}
	if a := account(t, s, second...); a.Today.Characters != 0 {
		t.Errorf("another caller used %d", a.Today.Characters)
	}
}

// A model that fails costs its caller no characters, and what the calls cost is
// told all the same.
func TestCharactersOfAFailure(t *testing.T) {
	t.Parallel()
	s := start(t, failing, func(c *httpapi.Config) { c.Keys, c.Limits.DailyChars, c.Counter = keys(t), 100, onDisk(t) })
	for range 5 { // more than would fit
		r := s.do(t, "POST", "/v1/translate", `{"text":"`+ferryHindi+`"}`, append(first, "Content-Type", "application/json")...)
		if r.status != 502 {
			t.Fatalf("%d %s", r.status, r.body)
		}
		if a := account(t, s, first...); a.Today.Characters != 0 || a.Today.LLMCalls == 0 {
			t.Fatalf("told of %+v", a.Today)
		}
	}
}

// Requests side by side do not spend more than there is, and when they have
// ended, what they were estimated at beyond their cost is there again.
func TestDailyCost(t *testing.T) {
	t.Parallel()
	const limit = 0.05 // dollars: about four of these requests at once by their estimates
	change := priced(t, &slow{Handler: translator(t), takes: 100 * time.Millisecond}, 20)
	counter := onDisk(t)
	var servers []*server
	for range 2 {
		servers = append(servers, start(t, demo(t), func(c *httpapi.Config) {
			change(c)
			c.Keys, c.Limits.DailyCost, c.Counter = keys(t), limit, counter
		}))
	}
	var done, later, used atomic.Int64
	var wg sync.WaitGroup
	for i := range 24 {
		s := servers[i%2]
		wg.Go(func() {
			for range 4 {
				r := s.send(t, "POST", "/v1/translate", `{"text":"`+ferryHindi+`","cache":"off"}`, append(first, "Content-Type", "application/json")...)
				switch {
				case r.status == 200:
					done.Add(1)
				case r.status != 429:
					t.Errorf("%d %s", r.status, r.body)
				case r.header.Get("Retry-After") == "5": // others are at work
					later.Add(1)
				default:
					used.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if later.Load() == 0 || done.Load() < 4 {
		t.Errorf("%d were done and %d waited for those at work", done.Load(), later.Load())
	}
	var a api.Account
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) { // a server's numbers come within half a second
		if a = account(t, servers[0], first...); *a.Today.CostUSD > 0 && *a.Today.CostUSD+*a.Remaining.CostUSD > limit*0.9999 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the estimates are not given back: $%.4f spent, $%.4f left", *a.Today.CostUSD, *a.Remaining.CostUSD)
		}
	}
	if *a.Today.CostUSD > limit*1.02 || *a.Limits.CostUSDPerDay != limit {
		t.Errorf("%d requests cost %v of %v", done.Load(), *a.Today.CostUSD, limit)
	}
	t.Logf("%d requests for $%.4f, $%.4f left; %d told to wait, %d that it is used up", done.Load(), *a.Today.CostUSD, *a.Remaining.CostUSD, later.Load(), used.Load())
}

// Money that is spent comes back at midnight, wherever it is counted; only money
// set aside for others is worth asking for again.
func TestSpentIsNotSetAside(t *testing.T) {
	t.Parallel()
	const limit = 0.02
	for name, counter := range map[string]httpapi.Counter{"disk": onDisk(t), "Redis": inRedis(t, redistest.Start(t), 2*time.Second)} {
		t.Run(name, func(t *testing.T) {
			change := priced(t, translator(t), 20)
			s := start(t, demo(t), func(c *httpapi.Config) {
				change(c)
				c.Keys, c.Limits.DailyCost, c.Counter = keys(t), limit, counter
			})
			headers := append(first, "Content-Type", "application/json")
			var r reply
			for range 20 {
				if r = s.send(t, "POST", "/v1/translate", `{"text":"`+ferryHindi+`","cache":"off"}`, headers...); r.status != 200 {
					break
				}
				for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
					if a := account(t, s, first...); *a.Today.CostUSD > 0 && *a.Today.CostUSD+*a.Remaining.CostUSD > limit*0.9999 {
						break // nothing is set aside
					}
				}
			}
			if r.status != 429 || r.header.Get("Retry-After") == "5" || !strings.Contains(string(r.body), "are spent") {
				t.Errorf("%d, Retry-After %s: %s", r.status, r.header.Get("Retry-After"), r.body)
			}
			r = s.send(t, "POST", "/v2/translate", `{"text":["`+ferryHindi+` x"],"target_lang":"EN-GB"}`, "Content-Type", "application/json", "Authorization", "DeepL-Auth-Key "+strings.TrimPrefix(first[1], "Bearer "))
			if r.status != 456 {
				t.Errorf("DeepL's form: %d %s", r.status, r.body)
			}
		})
	}
}

// A caller who leaves pays for the calls that it started.
func TestCostOfACallerWhoLeaves(t *testing.T) {
	t.Parallel()
	change := priced(t, &slow{Handler: translator(t), takes: 300 * time.Millisecond}, 20)
	s := start(t, demo(t), func(c *httpapi.Config) {
		change(c)
		c.CancelOnDisconnect = false
		c.Limits = httpapi.Limits{DailyChars: 1000, DailyCost: 1}
	})
	ctx, leave := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer leave()
	req, err := http.NewRequestWithContext(ctx, "POST", s.url+"/v1/translate", strings.NewReader(`{"text":"`+ferryHindi+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if _, err := http.DefaultClient.Do(req); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		a := account(t, s)
		if a.Today.LLMCalls == 1 && *a.Today.CostUSD > 0 && a.Today.Characters > 0 && a.Key == nil && *a.Remaining.CostUSD+*a.Today.CostUSD > 0.9999 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("told of %+v, left %v", a.Today, *a.Remaining.CostUSD)
		}
	}
}

// Rates and characters go on without the store, counted by the process alone
// from where they were; money is not spent uncounted.
func TestLimitsWithoutTheirStore(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t)
	begin := func(limits httpapi.Limits) *server {
		return start(t, translator(t), func(c *httpapi.Config) {
			c.Keys, c.Limits, c.Counter, c.Prices = keys(t), limits, inRedis(t, redis, patient), &httpapi.Prices{In: 1, Out: 1}
		})
	}
	open, money := begin(httpapi.Limits{Requests: 5, DailyChars: 110}), begin(httpapi.Limits{DailyCost: 1})
	translate := func(s *server, key ...string) reply {
		return s.do(t, "POST", "/v1/translate", `{"text":"`+ferryHindi+`"}`, append(key, "Content-Type", "application/json")...)
	}
	if r := translate(open, first...); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	for open.detect(t, second...).status == 200 { // this one's minute is full
	}
	redis.Kill()
	for i, want := range []int{200, 200, 429, 429} { // characters
		if r := translate(open, first...); r.status != want || r.number(t, "X-RateLimit-Remaining") != 3-i {
			t.Errorf("request %d: %d %s", i, r.status, r.body)
		}
	}
	for _, key := range [][]string{first, second} {
		if r := translate(open, key...); r.status != 429 || r.number(t, "Retry-After") > 61 {
			t.Errorf("%s, one too many: %d %s", key, r.status, r.body)
		}
	}
	if r := translate(money, first...); r.status != 503 || refusal(t, r) != "store_down" || r.header.Get("Retry-After") == "" || strings.Contains(string(r.body), "works meanwhile") {
		t.Errorf("money: %d %s", r.status, r.body)
	}
	if r := money.detect(t, first...); r.status != 200 { // costs nothing
		t.Errorf("%d %s", r.status, r.body)
	}
	if r := open.do(t, "GET", "/v1/usage", "", first...); r.status != 503 || refusal(t, r) != "store_down" {
		t.Errorf("usage: %d %s", r.status, r.body)
	}
	if got := string(money.do(t, "GET", "/metrics", "").body); !strings.Contains(got, `dubhashi_refused_total{reason="store"} 1`) {
		t.Error("the metrics tell nothing of it")
	}
}

// Of a Redis that evicts, money and usage make no use; the rest does.
func TestLimitsInARedisThatEvicts(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, "--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru")
	begin := func(limits httpapi.Limits) *server {
		return start(t, translator(t), func(c *httpapi.Config) {
			c.Keys, c.Limits, c.Counter, c.Prices = keys(t), limits, inRedis(t, redis, patient), &httpapi.Prices{In: 1, Out: 1}
		})
	}
	for _, row := range []struct {
		name         string
		limits       httpapi.Limits
		method, path string
		status       int
		code         string
	}{
		{"characters", httpapi.Limits{Requests: 9, DailyChars: 1000}, "POST", "/v1/translate", 200, ""},
		{"money", httpapi.Limits{DailyCost: 1}, "POST", "/v1/translate", 503, "store_evicts"},
		{"usage", httpapi.Limits{}, "GET", "/v1/usage", 503, "store_evicts"},
	} {
		s := begin(row.limits)
		r := s.do(t, row.method, row.path, `{"text":"`+ferryHindi+`"}`, append(first, "Content-Type", "application/json")...)
		if r.status != row.status || row.code != "" && refusal(t, r) != row.code {
			t.Errorf("%s: %d %s", row.name, r.status, r.body)
		}
	}
}

// What a caller used is told by the day, and nothing is lost when the server
// ends.
func TestUsage(t *testing.T) {
	t.Parallel()
	counter := onDisk(t)
	today, _, err := counter.Days(context.Background(), "key:first", 1)
	if err != nil {
		t.Fatal(err)
	}
	for back, n := range map[int64]int64{1: 5, 30: 7, 31: 9} {
		if _, _, _, err := counter.Add(context.Background(), "key:first", today-back, map[string]int64{"characters": n}, nil); err != nil {
			t.Fatal(err)
		}
	}
	begin := func() *server {
		return start(t, translator(t), func(c *httpapi.Config) { c.Keys, c.Counter = keys(t), counter })
	}
	s := begin()
	r := s.do(t, "POST", "/v1/articles", `{"text":"`+ferryHindi+`"}`, append(first, "Content-Type", "application/json")...)
	a := article(t, r)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		t.Fatal(err)
	}
	s = begin()
	u := account(t, s, first...)
	day := time.Unix(today*24*3600, 0).UTC()
	want := api.UsageDay{
		Date: day.Format(time.DateOnly), Requests: 1, Characters: int64(len([]rune(ferryHindi))), LLMCalls: int64(a.Usage.LLMCalls),
		PromptTokens: int64(a.Usage.PromptTokens), CompletionTokens: int64(a.Usage.CompletionTokens),
	}
	if u.Today != want || a.Usage.LLMCalls == 0 {
		t.Errorf("today %+v, want %+v", u.Today, want)
	}
	if len(u.Days) != 30 || u.Days[0].Characters != 5 || u.Days[29].Characters != 7 || u.Days[0].Date != day.AddDate(0, 0, -1).Format(time.DateOnly) || u.Days[1] != (api.UsageDay{Date: day.AddDate(0, 0, -2).Format(time.DateOnly)}) {
		t.Errorf("the days before: %+v", u.Days)
	}
	s.do(t, "GET", "/v1/usage", "", first...) // as the contract says
	if u.Limits != (api.UsageLimits{}) || u.Remaining != (api.UsageRemaining{}) || u.ResetsAt != day.AddDate(0, 0, 1).Format(time.RFC3339) {
		t.Errorf("%+v", u)
	}
	if r := s.do(t, "POST", "/v1/usage", "{}", first...); r.status != 405 && r.status != 404 {
		t.Errorf("POST: %d", r.status)
	}
	if r := s.do(t, "GET", "/v1/usage", "", append(first, "Accept", "text/html")...); r.status != 406 {
		t.Errorf("as HTML: %d", r.status)
	}
}
