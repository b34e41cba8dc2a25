package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// countTime bounds one call. Who must have an answer goes on without a count.
const countTime = 100 * time.Millisecond

// countShards is over how many slots of a cluster the callers are spread. Each
// has a list of who is to be forgotten when.
const countShards = 16

// A caller is one hash, without a time to live of Redis's own: see RedisKV. Its
// fields are total, first and b:BUCKET (the last minute), DAY:NAME (the days)
// and last, the day on which it was last written to.
const (
	countPrelude = `
local who, expiry = KEYS[1], KEYS[2]
local now, keep, member = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3] -- microseconds, days
if now == 0 then
  local t = redis.call('TIME')
  now = t[1] * 1000000 + t[2]
end
local today = math.floor(now / 86400000000)
local function whole(n) return string.format('%.0f', n) end
local function touch() -- once a day: forget old days, and be forgotten later
  if redis.call('HGET', who, 'last') == whole(today) then return end
  for _, field in ipairs(redis.call('HKEYS', who)) do
    local day = string.match(field, '^(%d+):')
    if day and tonumber(day) <= today - keep then redis.call('HDEL', who, field) end
  end
  redis.call('HSET', who, 'last', whole(today))
  redis.call('ZADD', expiry, whole(today + keep), member)
end
`
)

var (
	// ARGV: now, days kept, member, limit. Gives left, and microseconds until
	// it grows.
	countAllow = redis.NewScript(countPrelude + `
local limit, bucket, span, long = tonumber(ARGV[4]), math.floor(now / 500000), 120, 500000
local total = tonumber(redis.call('HGET', who, 'total') or 0)
local first = tonumber(redis.call('HGET', who, 'first') or bucket)
local function at(b) return tonumber(redis.call('HGET', who, 'b:' .. whole(b)) or 0) end
local function drop(b)
  total = total - at(b)
  redis.call('HDEL', who, 'b:' .. whole(b))
end
if first > bucket + span then -- the clock has gone back from a far future
  for b = first, first + 2 * span do drop(b) end
  first = bucket
end
for b = first, math.min(bucket - span - 1, first + 2 * span) do drop(b) end
first = math.min(math.max(first, bucket - span), bucket)
local function ends(b) return (b + span + 1) * long - now end
if total >= limit then
  local left, b = total, first
  while left > 0 do
    left = left - at(b)
    if left < limit then return {-1, ends(b)} end
    b = b + 1
    if b > first + 2 * span then break end
  end
  return {-1, 0}
end
touch()
redis.call('HINCRBY', who, 'b:' .. whole(bucket), 1)
while at(first) == 0 do first = first + 1 end
redis.call('HSET', who, 'total', whole(total + 1), 'first', whole(first))
return {limit - total - 1, ends(first)}`)

	// ARGV: now, days kept, member, day (0: today), then triples of name (or names
	// with +, of a sum, which is not added to), addition, limit or "". Gives the day,
	// the name that is over its limit or "", then names and numbers in turns.
	countAdd = redis.NewScript(countPrelude + `
local day = tonumber(ARGV[4])
if day == 0 then day = today end
local function field(name) return whole(day) .. ':' .. name end
local out, over = {day, ''}, false
for i = 5, #ARGV, 3 do
  local n = 0
  for name in string.gmatch(ARGV[i], '[^+]+') do n = n + tonumber(redis.call('HGET', who, field(name)) or 0) end
  if not over and ARGV[i + 2] ~= '' and n + tonumber(ARGV[i + 1]) > tonumber(ARGV[i + 2]) then
    out[2], over = ARGV[i], true
  end
  out[#out + 1], out[#out + 2] = ARGV[i], n
end
if over then return out end
touch()
for i = 5, #ARGV, 3 do
  if ARGV[i + 1] ~= '0' and not string.find(ARGV[i], '+', 1, true) then
    local n = redis.call('HINCRBY', who, field(ARGV[i]), ARGV[i + 1])
    if n < 0 then
      redis.call('HSET', who, field(ARGV[i]), 0)
      n = 0
    end
    out[4 + (i - 5) / 3 * 2] = n
  end
end
return out`)

	// ARGV: now, days kept, member. Gives today, then fields and values in turns.
	countDays = redis.NewScript(countPrelude + `
local out = redis.call('HGETALL', who)
table.insert(out, 1, whole(today))
return out`)

	// ARGV: now, days kept, member. Deletes who unless it was written to of late.
	countForget = redis.NewScript(countPrelude + `
if tonumber(redis.call('HGET', who, 'last') or 0) + keep > today then return 0 end
redis.call('UNLINK', who)
redis.call('ZREM', expiry, member)
return 1`)
)

// RedisCounter counts in Redis as [Counter] does on disk, atomically for all
// replicas and by the clock of Redis. Callers are hashed in the names of keys.
// Calls are bounded; when they have failed for a second, most fail at once until
// Redis answers again.
type RedisCounter struct {
	// Budget is how long one call may take, or 2 s if that is more and it is an
	// Add without limits; set it before the first. 0: 100 ms.
	Budget time.Duration

	client  redis.UniversalClient // patient: Budget alone bounds a call
	own     bool                  // client is this counter's to close
	days    int
	policy  policy
	trouble breaker
	now     func() time.Time // nil: Redis's own clock
	stop    func()
}

// NewRedisCounter counts over a client that [OpenRedis] made, which stays the
// caller's to close, after the counter. A day's numbers are kept for so many
// days, today included.
func NewRedisCounter(client redis.UniversalClient, days int) *RedisCounter {
	return newRedisCounter(client, days, nil, countSweep)
}

func newRedisCounter(client redis.UniversalClient, days int, now func() time.Time, every time.Duration) *RedisCounter {
	c := &RedisCounter{days: days, now: now}
	c.client, c.own = patientClient(client)
	c.policy.client = c.client
	c.stop = background(every, c.sweep)
	return c
}

// Close ends the sweeper; the client that NewRedisCounter was given stays open.
func (c *RedisCounter) Close() error {
	c.stop()
	if c.own {
		return c.client.Close()
	}
	return nil
}

// Keeps gives an [*EvictsError] when Redis may drop the counts: see [KeepsAll].
func (c *RedisCounter) Keeps(ctx context.Context) error {
	if !c.trouble.ready() {
		return errDown
	}
	verdict, err := bounded(ctx, &c.trouble, c.budget(), func(ctx context.Context) (verdict *EvictsError, err error) {
		err = c.policy.check(ctx)
		if errors.As(err, &verdict) {
			return verdict, nil // it answered
		}
		return nil, err
	})
	if verdict != nil {
		return verdict
	}
	return err
}

// Allow is as [Counter.Allow].
func (c *RedisCounter) Allow(ctx context.Context, who string, limit int) (left int, reset time.Duration, err error) {
	answer, err := c.run(ctx, c.budget(), countAllow, who, limit)
	if err != nil {
		return 0, 0, err
	}
	if len(answer) != 2 {
		return 0, 0, errAnswer
	}
	n, _ := answer[0].(int64)
	us, _ := answer[1].(int64)
	return int(n), time.Duration(us) * time.Microsecond, nil
}

// Add is as [Counter.Add].
func (c *RedisCounter) Add(ctx context.Context, who string, day int64, add, limits map[string]int64) (at int64, now map[string]int64, over string, err error) {
	args := []any{day}
	for _, name := range names(add, limits) {
		if limit, ok := limits[name]; ok {
			args = append(args, name, sum(add, name), limit)
		} else {
			args = append(args, name, add[name], "")
		}
	}
	budget := c.budget()
	if len(limits) == 0 { // nobody waits for an answer, and what comes late may be counted twice
		budget = max(budget, countPatience)
	}
	answer, err := c.run(ctx, budget, countAdd, who, args...)
	if err != nil {
		return 0, nil, "", err
	}
	if len(answer) < 2 {
		return 0, nil, "", errAnswer
	}
	at, _ = answer[0].(int64)
	over, _ = answer[1].(string)
	now = make(map[string]int64, len(answer)/2)
	for i := 2; i+1 < len(answer); i += 2 {
		name, _ := answer[i].(string)
		now[name], _ = answer[i+1].(int64)
	}
	return at, now, over, nil
}

// Days is as [Counter.Days].
func (c *RedisCounter) Days(ctx context.Context, who string, n int) (today int64, days []map[string]int64, err error) {
	answer, err := c.run(ctx, c.budget(), countDays, who)
	if err != nil {
		return 0, nil, err
	}
	texts := make([]string, len(answer))
	for i, a := range answer {
		texts[i], _ = a.(string)
	}
	if len(texts) == 0 {
		return 0, nil, errAnswer
	}
	if today, err = strconv.ParseInt(texts[0], 10, 64); err != nil {
		return 0, nil, errAnswer
	}
	days = make([]map[string]int64, n)
	for i := range days {
		days[i] = map[string]int64{}
	}
	for i := 1; i+1 < len(texts); i += 2 {
		number, name, _ := strings.Cut(texts[i], ":")
		day, err := strconv.ParseInt(number, 10, 64)
		if err != nil || day > today || day <= today-int64(n) {
			continue
		}
		days[today-day][name], _ = strconv.ParseInt(texts[i+1], 10, 64)
	}
	return today, days, nil
}

var errAnswer = errors.New("a script's answer is not as it must be")

func (c *RedisCounter) budget() time.Duration {
	if c.Budget > 0 {
		return c.Budget
	}
	return countTime
}

// run runs a script over one caller.
func (c *RedisCounter) run(ctx context.Context, budget time.Duration, script *redis.Script, who string, args ...any) ([]any, error) {
	if !c.trouble.ready() {
		return nil, errDown
	}
	return bounded(ctx, &c.trouble, budget, func(ctx context.Context) ([]any, error) {
		hash := kvHash(who)
		return c.script(ctx, script, countShard(hash), hash, args...).Slice()
	})
}

func (c *RedisCounter) script(ctx context.Context, script *redis.Script, shard int, hash string, args ...any) *redis.Cmd {
	var now int64
	if c.now != nil {
		now = c.now().UnixMicro()
	}
	keys := []string{fmt.Sprintf("dubhashi:{count%d}:%s", shard, hash), countExpiry(shard)}
	return script.Run(ctx, c.client, keys, append([]any{now, c.days, hash}, args...)...)
}

// sweep forgets callers who have not come for as long as days are kept.
func (c *RedisCounter) sweep(ctx context.Context) {
	now := time.Now()
	if c.now != nil {
		now = c.now()
	}
	for shard := range countShards {
		if err := c.sweepShard(ctx, shard, dayOf(now)); err != nil {
			return // it is met again in the next round
		}
	}
}

func (c *RedisCounter) sweepShard(ctx context.Context, shard int, today int64) error {
	ctx, cancel := context.WithTimeout(ctx, countPatience)
	defer cancel()
	old, err := c.client.ZRangeByScore(ctx, countExpiry(shard), &redis.ZRangeBy{
		Min: "-inf", Max: strconv.FormatInt(today, 10), Count: countBatch}).Result()
	for _, hash := range old {
		if err == nil {
			err = c.script(ctx, countForget, shard, hash).Err()
		}
	}
	return err
}

func countExpiry(shard int) string { return fmt.Sprintf("dubhashi:{count%d}:expiry", shard) }

// countShard goes by the hash of a caller, so that the member of an expiry list
// is enough to know its key.
func countShard(hash string) int { return int(hash[0]) % countShards }
