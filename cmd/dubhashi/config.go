package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/joho/godotenv"

	"dubhashi/gateway/fetch"
	"dubhashi/gateway/httpapi"
	"dubhashi/gateway/llm"
	"dubhashi/gateway/newsletter"
	"dubhashi/gateway/store"
)

// config is the whole configuration, read once from the environment and .env.
type config struct {
	Addr               string
	AllowAnonymous     bool
	Upstreams          []llm.Config
	Plain              llm.Config // the settings without a name or address, for an upstream that is found
	ForceDemo          bool
	OpenAIKey          string // OPENAI_API_KEY, when no upstream is set
	RedisURL           string
	Data               string
	CacheTTL           time.Duration
	L1Bytes            int64
	RequestTimeout     time.Duration
	MaxRequests        int
	CancelOnDisconnect bool
	MaxBody            int
	MaxArticleChars    int
	TrustedProxies     []string
	APIKeys            []httpapi.Key  // callers' keys; none: open
	Limits             httpapi.Limits // of one key, or of one address when there are no keys
	CORSOrigins        []string
	JobTTL             time.Duration
	JobConcurrency     int
	FetchAllow         []string // hosts and IP/bits that may be fetched from although they are private
	SMTPURL            string   // of the server that takes newsletters' test sends; "" = none
	Listmonk           newsletter.ListmonkConfig
	LogLevel           slog.Level
	LogFormat          string // "" = text on a terminal, else json
	Warnings           []string
}

// openAIModel is used with OPENAI_API_KEY alone: a current small model. Model
// names rot; LLM_MODEL overrides.
const (
	openAIBase  = "https://api.openai.com/v1"
	openAIModel = "gpt-6-luna"
)

// environment looks variables up: the environment wins over .env, with an empty
// value too.
type environment struct {
	getenv func(string) string
	set    map[string]bool // names that stand in the environment, with or without a value
	file   map[string]string
	bad    []string // a line for each value that cannot be used
	known  map[string]bool
}

func (e *environment) get(name string) string {
	e.known[name] = true
	if v := e.getenv(name); v != "" || e.set[name] {
		return v
	}
	return e.file[name]
}

// tell adds a line, once: a shared setting is read for each upstream.
func (e *environment) tell(format string, args ...any) {
	if line := fmt.Sprintf(format, args...); !slices.Contains(e.bad, line) {
		e.bad = append(e.bad, line)
	}
}

func (e *environment) reject(name, value, allowed string) {
	e.tell("%s=%q: %s", name, value, allowed)
}

// readFile reads NAME=value lines; there need be no file.
func (e *environment) readFile(name string) {
	b, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		e.tell("%s: cannot be read: %s", name, err)
		return
	}
	// godotenv would put other variables' values in for $NAME; a key that holds
	// a $ must come through as it is. No text holds a byte 0, so it stands in.
	dollar, zero := []byte("$"), []byte{0}
	file, err := godotenv.UnmarshalBytes(bytes.ReplaceAll(b, dollar, zero))
	if err != nil || bytes.Contains(b, zero) {
		e.tell("%s: is not a list of NAME=value lines", name)
		return
	}
	for k, v := range file {
		file[k] = strings.ReplaceAll(v, "\x00", "$")
	}
	e.file = file
}

// readConfig reads everything and tells all that is wrong at once, a line
// each.
func readConfig(getenv func(string) string, environ []string, dotenv string) (*config, []string) {
	e := &environment{getenv: getenv, set: map[string]bool{}, known: map[string]bool{}}
	for _, kv := range environ {
		name, _, _ := strings.Cut(kv, "=")
		e.set[name] = true
	}
	e.readFile(dotenv)
	c := &config{}
	c.Addr = e.text("DUBHASHI_ADDR", "127.0.0.1:8090", isAddress, "must be HOST:PORT, e.g. 127.0.0.1:8090")
	c.AllowAnonymous = e.boolean("DUBHASHI_ALLOW_ANONYMOUS", false)
	c.ForceDemo = e.choice("DUBHASHI_UPSTREAM", "auto", "auto", "demo") == "demo"
	c.RedisURL = e.redis("REDIS_URL")
	c.Data = e.get("DUBHASHI_DATA")
	if c.Data == "" {
		if dir, err := os.UserCacheDir(); err == nil {
			c.Data = filepath.Join(dir, "dubhashi")
		} else {
			c.Data = filepath.Join(os.TempDir(), "dubhashi")
		}
	}
	c.CacheTTL = e.duration("CACHE_TTL", 720*time.Hour, 0)
	c.L1Bytes = e.bytes("CACHE_L1_BYTES", 64<<20, 0)
	c.RequestTimeout = e.duration("DUBHASHI_REQUEST_TIMEOUT", 5*time.Minute, time.Millisecond)
	c.MaxRequests = e.number("DUBHASHI_MAX_REQUESTS", 512, 1)
	c.CancelOnDisconnect = e.boolean("DUBHASHI_CANCEL_ON_DISCONNECT", true)
	c.MaxBody = int(e.bytes("DUBHASHI_MAX_BODY", 2<<20, 1<<10))
	c.MaxArticleChars = e.number("DUBHASHI_MAX_ARTICLE_CHARS", 200_000, 1)
	c.TrustedProxies = e.list("DUBHASHI_TRUSTED_PROXIES", isIPOrPrefix, "must be IP addresses or IP/bits, parted by commas")
	c.APIKeys = e.apiKeys("DUBHASHI_API_KEYS")
	c.Limits.Requests = e.number("DUBHASHI_RATE_LIMIT", 0, 0)
	c.Limits.DailyChars = e.number("DUBHASHI_DAILY_CHARS", 0, 0)
	c.Limits.DailyCost = e.dollars("DUBHASHI_DAILY_COST")
	c.CORSOrigins = e.list("DUBHASHI_CORS_ORIGINS", isOrigin, "must be origins such as https://example.org, parted by commas, or *")
	c.JobTTL = e.duration("JOB_TTL", 168*time.Hour, time.Minute)
	c.JobConcurrency = e.number("JOB_CONCURRENCY", 4, 1)
	c.FetchAllow = e.list("DUBHASHI_FETCH_ALLOW", fetch.CanAllow, "must be host names, IP addresses or IP/bits, parted by commas")
	c.SMTPURL = e.smtp("DUBHASHI_SMTP_URL")
	c.Listmonk = e.listmonk()
	if err := c.LogLevel.UnmarshalText([]byte(e.choice("DUBHASHI_LOG_LEVEL", "info", "debug", "info", "warn", "error"))); err != nil {
		c.LogLevel = slog.LevelInfo
	}
	c.LogFormat = e.choice("DUBHASHI_LOG_FORMAT", "", "text", "json")
	c.Upstreams = e.upstreams(c.ForceDemo)
	c.Plain, _ = e.upstream("", "LLM_")
	c.OpenAIKey = e.key("OPENAI_API_KEY")
	e.checkLoopback(c)
	e.checkCost(c)
	c.Warnings = e.unknown(environ)
	return c, e.bad
}

// checkLoopback: without keys the gateway is open, and then only to its own
// machine unless it is told otherwise.
func (e *environment) checkLoopback(c *config) {
	host, _, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return // told already
	}
	ip, err := netip.ParseAddr(host)
	loopback := host == "localhost" || err == nil && ip.IsLoopback()
	if !loopback && len(c.APIKeys) == 0 && !c.AllowAnonymous {
		e.reject("DUBHASHI_ADDR", c.Addr, "is open to other machines and the gateway asks for no keys; set DUBHASHI_API_KEYS, listen on 127.0.0.1, or set DUBHASHI_ALLOW_ANONYMOUS=true")
	}
}

// upstreams reads one unnamed upstream, or those LLM_UPSTREAMS names. With demo
// they are not asked, so one without an address is no error.
func (e *environment) upstreams(demo bool) []llm.Config {
	names := e.get("LLM_UPSTREAMS")
	if names == "" {
		u, ok := e.upstream("", "LLM_")
		if !ok {
			if u.APIKey != "" && !demo {
				e.tell("LLM_BASE_URL: is missing while LLM_API_KEY is set; give the upstream's address, e.g. https://api.openai.com/v1")
			}
			return nil
		}
		return []llm.Config{u}
	}
	var out []llm.Config
	for name := range strings.SplitSeq(names, ",") {
		name = strings.TrimSpace(name)
		if name == "" || strings.ContainsFunc(name, func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9') }) {
			e.reject("LLM_UPSTREAMS", names, "must be names of letters and digits, parted by commas, e.g. main,backup")
			continue
		}
		prefix := "LLM_" + strings.ToUpper(name) + "_"
		u, ok := e.upstream(name, prefix)
		if !ok {
			if !demo {
				e.tell("%sBASE_URL: is missing for the upstream %s named in LLM_UPSTREAMS", prefix, name)
			}
			continue
		}
		out = append(out, u)
	}
	return out
}

// upstream reads one upstream's settings; one with a name falls back to the
// settings without, but for address, key and model.
func (e *environment) upstream(name, prefix string) (llm.Config, bool) {
	own := func(setting string) string { return prefix + setting }
	shared := func(setting string) string {
		if e.get(prefix+setting) != "" {
			return prefix + setting
		}
		return "LLM_" + setting
	}
	u := llm.Config{
		Name:           name,
		BaseURL:        e.baseURL(own("BASE_URL")),
		APIKey:         e.key(own("API_KEY")),
		Model:          e.get(own("MODEL")),
		Style:          llm.Style(e.choice(shared("PROMPT_STYLE"), "segments", "segments", "plain")),
		Concurrency:    e.number(shared("CONCURRENCY"), 8, 1),
		RPM:            e.number(shared("RPM"), 0, 0),
		TPM:            e.number(shared("TPM"), 0, 0),
		ConnectTimeout: e.duration(shared("CONNECT_TIMEOUT"), 5*time.Second, time.Millisecond),
		HeaderTimeout:  e.duration(shared("HEADER_TIMEOUT"), 30*time.Second, time.Millisecond),
		IdleTimeout:    e.duration(shared("IDLE_TIMEOUT"), 20*time.Second, time.Millisecond),
		Timeout:        e.duration(shared("TIMEOUT"), 60*time.Second, time.Millisecond),
		MaxAttempts:    e.number(shared("MAX_ATTEMPTS"), 4, 1),
		ContextTokens:  e.number(shared("CONTEXT_TOKENS"), 16000, 1000),
		HedgeAfter:     e.duration(shared("HEDGE_AFTER"), 0, 0),
		PriceIn:        e.price(shared("PRICE_IN")),
		PriceOut:       e.price(shared("PRICE_OUT")),
	}
	return u, u.BaseURL != ""
}

// baseURL checks an upstream's address. It may hold a password, or be a key in
// the wrong place: the value is not shown.
func (e *environment) baseURL(name string) string {
	v := strings.TrimSpace(e.get(name))
	if v != "" && !accepted(llm.Config{BaseURL: v}) {
		e.tell("%s: must be an http:// or https:// address without user, password, ? and #, e.g. https://api.openai.com/v1 (the value is not shown: it may hold a key)", name)
	}
	return v
}

func (e *environment) key(name string) string {
	v := strings.TrimSpace(e.get(name))
	if v != "" && !accepted(llm.Config{BaseURL: openAIBase, APIKey: v}) {
		e.tell("%s: holds a line break or another control character", name)
	}
	return v
}

// accepted asks llm, so that what passes here does not fail later.
func accepted(c llm.Config) bool {
	u, err := llm.New(c) // it does not dial
	if err != nil {
		return false
	}
	u.Close()
	return true
}

// redis checks an address that may hold a password: the value is not shown.
func (e *environment) redis(name string) string {
	v := strings.TrimSpace(e.get(name))
	if v == "" {
		return ""
	}
	client, err := store.OpenRedis(v) // it does not dial
	if err != nil {
		e.tell("%s: %s", name, strings.TrimPrefix(err.Error(), "redis URL: "))
		return v
	}
	_ = client.Close()
	return v
}

// unknown finds names that look like ours and are none of ours.
func (e *environment) unknown(environ []string) (warnings []string) {
	names := slices.Collect(func(yield func(string) bool) {
		for name := range e.file {
			if !yield(name) {
				return
			}
		}
		for _, kv := range environ {
			name, _, _ := strings.Cut(kv, "=")
			if !yield(name) {
				return
			}
		}
	})
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		for _, prefix := range []string{"DUBHASHI_", "LLM_", "CACHE_"} {
			if strings.HasPrefix(name, prefix) && !e.known[name] {
				warnings = append(warnings, name+" is not a setting of this version; .env.example lists them all")
			}
		}
	}
	return warnings
}

func (e *environment) text(name, def string, valid func(string) bool, allowed string) string {
	v := strings.TrimSpace(e.get(name))
	if v == "" {
		return def
	}
	if !valid(v) {
		e.reject(name, v, allowed)
	}
	return v
}

func (e *environment) choice(name, def string, values ...string) string {
	v := strings.ToLower(strings.TrimSpace(e.get(name)))
	if v == "" {
		return def
	}
	if !slices.Contains(values, v) {
		e.reject(name, v, "must be one of "+strings.Join(values, ", "))
		return def
	}
	return v
}

func (e *environment) boolean(name string, def bool) bool {
	v := strings.TrimSpace(e.get(name))
	if v == "" {
		return def
	}
	b, err := strconv.ParseBool(v)
	if err != nil {
		e.reject(name, v, "must be true or false")
	}
	return b
}

func (e *environment) number(name string, def, least int) int {
	v := strings.TrimSpace(e.get(name))
	if v == "" {
		return def
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < least {
		e.reject(name, v, fmt.Sprintf("must be a whole number, %d or more", least))
		return def
	}
	return n
}

// duration takes Go's form ("90s", "1h30m") or 0.
func (e *environment) duration(name string, def, least time.Duration) time.Duration {
	v := strings.TrimSpace(e.get(name))
	if v == "" {
		return def
	}
	d, err := time.ParseDuration(v)
	if err != nil || d < least {
		allowed := "must be a time such as 500ms, 30s, 5m or 720h"
		if least == 0 {
			allowed += ", or 0"
		}
		e.reject(name, v, allowed)
		return def
	}
	return d
}

// bytes takes a number with an optional KiB, MiB or GiB.
func (e *environment) bytes(name string, def, least int64) int64 {
	v := strings.TrimSpace(e.get(name))
	if v == "" {
		return def
	}
	low := strings.ToLower(v)
	number, unit := strings.TrimRight(low, "kmgib "), int64(1)
	switch strings.TrimSpace(low[len(number):]) {
	case "", "b":
	case "k", "kb", "kib":
		unit = 1 << 10
	case "m", "mb", "mib":
		unit = 1 << 20
	case "g", "gb", "gib":
		unit = 1 << 30
	default:
		unit = 0
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || unit == 0 || n < 0 || n > (1<<40)/unit || n*unit < least {
		e.reject(name, v, fmt.Sprintf("must be a size such as 64MiB or 2097152 (bytes), %d or more", least))
		return def
	}
	return n * unit
}

func (e *environment) price(name string) *float64 {
	v := strings.TrimSpace(e.get(name))
	if v == "" {
		return nil
	}
	f, err := strconv.ParseFloat(v, 64)
	if err != nil || !(f >= 0 && f <= 1e6) { // NaN is neither
		e.reject(name, v, "must be US dollars per million tokens, e.g. 0.10")
		return nil
	}
	return &f
}

// list takes values parted by commas, each for itself checked.
func (e *environment) list(name string, valid func(string) bool, allowed string) (out []string) {
	for v := range strings.SplitSeq(e.get(name), ",") {
		if v = strings.TrimSpace(v); v == "" {
			continue
		}
		if !valid(v) {
			e.reject(name, v, allowed)
			continue
		}
		out = append(out, v)
	}
	return out
}

func isOrigin(s string) bool {
	if s == "*" {
		return true
	}
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.Path == "" && u.RawQuery == "" && u.Fragment == "" && u.User == nil
}

func isAddress(s string) bool {
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

func isIPOrPrefix(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	_, err := netip.ParsePrefix(s)
	return err == nil
}
