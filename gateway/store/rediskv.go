package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// A record's time: of the first mebibyte, and of each one more. A record of
	// 10 MiB takes a second over 100 Mbit/s; a Redis that hangs is found out
	// within the first.
	kvTime       = time.Second
	kvTimePerMiB = time.Second
	kvClientTime = time.Minute // of one read or write; the context's deadline is earlier
	// kvShards is over how many slots of a cluster the spaces are spread. Each
	// has a list of what expires, so that all of them can be swept.
	kvShards = 16
)

// Records are hashes and have no time to live of Redis's own, because a
// volatile policy would evict those that do: each script looks at the time to
// live that stands in the record. All scripts go by Redis's clock, unless a
// test gives them one, and touch the keys they are given and no others.
const (
	kvClock = `
local now = tonumber(ARGV[1]) -- microseconds
if now == 0 then
  local t = redis.call('TIME')
  now = t[1] * 1000000 + t[2]
end
local function whole(n) return string.format('%.0f', n) end
local function alive(expires) return expires and (expires == '0' or tonumber(expires) * 1000 > now) end
`
	// How much the family and the holder of a space hold stands in one hash: of
	// each its bytes, and its records under its name and '#'. What a record was
	// counted as stands in the record, so that the sums are always those of the
	// records that there are.
	kvKeys = `
local record, index, expiry, sizes = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local function add(field, n)
  if n ~= 0 and redis.call('HINCRBY', sizes, field, n) <= 0 then redis.call('HDEL', sizes, field) end
end
local function count(names, bytes, records)
  for _, name in ipairs(names) do
    if name and name ~= '' then add(name, bytes); add(name .. '#', records) end
  end
end
`
)

var (
	// KEYS: records. ARGV: now, most bytes of values together. For each record
	// 0, or version, id, size of the value, and the value or 0 when it does not
	// fit with those before it.
	kvRead = redis.NewScript(kvClock + `
local out, room = {}, tonumber(ARGV[2])
for i, record in ipairs(KEYS) do
  local h = redis.call('HMGET', record, 'version', 'expires', 'id')
  if h[1] and alive(h[2]) then
    local size = redis.call('HSTRLEN', record, 'value')
    room = room - size
    out[i] = {tonumber(h[1]), h[3], size, room >= 0 and redis.call('HGET', record, 'value') or 0}
  else
    out[i] = 0
  end
end
return out`)

	// KEYS: record, index, expiry, sizes. ARGV: now, members of index and of
	// expiry, id, value, time to live in ms, version wanted, names of family and
	// holder ('': not counted), then what each may have of bytes and of records,
	// for a new record and for one that is there (none: no bounds). -1: no room.
	kvPut = redis.NewScript(kvClock + kvKeys + `
local h, old = redis.call('HMGET', record, 'version', 'expires', 'bytes'), 0
if h[1] and alive(h[2]) then old = tonumber(h[1]) end
local want, ttl, expires = tonumber(ARGV[7]), tonumber(ARGV[6]), 0
if want >= 0 and want ~= old then return 0 end
local names = {ARGV[8], ARGV[9]}
local more, records = #ARGV[5] - (h[3] or 0), h[3] and 0 or 1
for i, name in ipairs(names) do
  local at = 10 + (i - 1) * 4 + (old ~= 0 and 2 or 0)
  local function full(field, n, most) return most and n > 0 and (redis.call('HGET', sizes, field) or 0) + n > tonumber(most) end
  if full(name, more, ARGV[at]) or full(name .. '#', records, ARGV[at + 1]) then return -1 end
end
count(names, more, records)
if old == 0 then
  local created, newest = now, redis.call('ZREVRANGE', index, 0, 0, 'WITHSCORES')
  if newest[2] then created = math.max(created, tonumber(newest[2]) + 1) end
  redis.call('ZADD', index, whole(created), ARGV[2])
end
if ttl > 0 then
  expires = math.floor(now / 1000) + ttl
  redis.call('ZADD', expiry, whole(expires), ARGV[3])
else
  redis.call('ZREM', expiry, ARGV[3])
end
redis.call('HSET', record, 'version', whole(math.max(now, old + 1)), 'expires', whole(expires), 'id', ARGV[4], 'value', ARGV[5],
  'bytes', #ARGV[5], 'family', ARGV[8], 'holder', ARGV[9])
return 1`)

	// KEYS: record, index, expiry, sizes. ARGV: now, members of index and of expiry,
	// 1 to spare a record that has not expired. Tells whether one was deleted
	// that had not.
	kvDelete = redis.NewScript(kvClock + kvKeys + `
local h = redis.call('HMGET', record, 'expires', 'bytes', 'family', 'holder')
local live = alive(h[1])
if live and ARGV[4] == '1' then return 0 end
if h[2] then count({h[3], h[4]}, -h[2], -1) end
redis.call('UNLINK', record)
redis.call('ZREM', index, ARGV[2])
redis.call('ZREM', expiry, ARGV[3])
return live and 1 or 0`)
)

// RedisKV keeps records in Redis as [KV] does on disk. Spaces and ids are
// hashed in the names of keys. It serves only from a Redis that may be the
// truth: see [KeepsAll]; each method else gives an [*EvictsError].
type RedisKV struct {
	client redis.UniversalClient // patient: see patientClient
	own    bool                  // client is this KV's to close
	policy *policy
	now    func() time.Time // nil: Redis's own clock
	stop   func()
	bounds Bounds
}

// NewRedisKV keeps records over a client that [OpenRedis] made, which stays
// the caller's to close, after the KV.
func NewRedisKV(client redis.UniversalClient) *RedisKV {
	return newRedisKV(client, nil, kvSweepEvery)
}

func newRedisKV(client redis.UniversalClient, now func() time.Time, every time.Duration) *RedisKV {
	k := &RedisKV{now: now}
	k.client, k.own = patientClient(client)
	k.policy = &policy{client: k.client}
	k.stop = background(every, k.sweep)
	return k
}

// patientClient gives records of megabytes the time that the short timeouts of
// OpenRedis do not: over the same connections where the driver can do that,
// else over some of its own (own is then true). Contexts bound each call.
func patientClient(client redis.UniversalClient) (patient redis.UniversalClient, own bool) {
	switch c := client.(type) {
	case *redis.Client:
		return c.WithTimeout(kvClientTime), false
	case *redis.ClusterClient:
		o := *c.Options()
		o.ReadTimeout, o.WriteTimeout = kvClientTime, kvClientTime
		return redis.NewClusterClient(&o), true
	}
	return client, false
}

// Close ends the sweeper; the client that NewRedisKV was given stays open.
func (k *RedisKV) Close() error {
	k.stop()
	if k.own {
		return k.client.Close()
	}
	return nil
}

// Within is as [KV.Within].
func (k *RedisKV) Within(b Bounds) *RedisKV {
	within := *k
	within.bounds, within.own, within.stop = b, false, func() {}
	return &within
}

// Get is as [KV.Get].
func (k *RedisKV) Get(ctx context.Context, space, id string) ([]byte, int64, error) {
	if err := k.ready(ctx); err != nil {
		return nil, 0, err
	}
	key := kvName(space, id)
	room := kvPage
	for {
		found, err := k.read(ctx, []string{key.record}, room)
		switch {
		case err != nil:
			return nil, 0, err
		case found[0] == nil:
			return nil, 0, nil
		case found[0].whole:
			return found[0].value, found[0].version, nil
		}
		room = found[0].size // again, with time for so much; it may have grown meanwhile
	}
}

// Put is as [KV.Put].
func (k *RedisKV) Put(ctx context.Context, space, id string, value []byte, ttl time.Duration, version int64) (bool, error) {
	if err := k.ready(ctx); err != nil {
		return false, err
	}
	if ttl > 0 {
		ttl = max(ttl, time.Millisecond)
	}
	key := kvName(space, id)
	ctx, cancel := kvDeadline(ctx, len(value))
	defer cancel()
	args := []any{k.clock(), key.inIndex, key.inExpiry, id, value, ttl.Milliseconds(), version, kvSizeName(family(space)), kvSizeName(holder(space))}
	if all, each, bounded := k.bounds.of(space); bounded {
		for _, b := range []Bound{all, all.grown(), each, each.grown()} {
			args = append(args, b.Bytes, b.Records)
		}
	}
	done, err := kvPut.Run(ctx, k.client, key.all(), args...).Int()
	if err == nil && done < 0 {
		return false, &NoRoomError{space}
	}
	return done > 0, explainCtx(ctx, nilIsFalse(err))
}

// Delete is as [KV.Delete].
func (k *RedisKV) Delete(ctx context.Context, space, id string) (bool, error) {
	if err := k.ready(ctx); err != nil {
		return false, err
	}
	return k.remove(ctx, kvName(space, id), false)
}

// List is as [KV.List].
func (k *RedisKV) List(ctx context.Context, space, cursor string, limit int) (ids []string, values [][]byte, next string, err error) {
	if err := k.ready(ctx); err != nil {
		return nil, nil, "", err
	}
	for {
		ids, values, next, err = k.page(ctx, space, cursor, limit)
		if err != nil || len(ids) > 0 || next == "" {
			return ids, values, next, err
		}
		cursor = next // all of the page had expired
	}
}

func (k *RedisKV) page(ctx context.Context, space, cursor string, limit int) (ids []string, values [][]byte, next string, err error) {
	members, err := k.members(ctx, space, cursor, limit+1)
	if err != nil || len(members) == 0 {
		return nil, nil, "", err
	}
	more := len(members) > limit
	members = members[:min(len(members), limit)]
	keys := make([]kvKey, len(members))
	records := make([]string, len(members))
	for i, m := range members {
		keys[i] = kvMember(space, m.Member)
		records[i] = keys[i].record
	}
	found, err := k.read(ctx, records, kvPage)
	if err != nil {
		return nil, nil, "", err
	}
	for i, r := range found {
		switch {
		case r == nil:
			_, _ = k.remove(ctx, keys[i], true) // the next list finds it again
			continue
		case !r.whole && len(ids) > 0:
			return ids, values, next, nil
		case !r.whole: // one that is a page by itself
			value, version, err := k.Get(ctx, space, r.id)
			if err != nil {
				return nil, nil, "", err
			}
			if version == 0 {
				continue
			}
			r.value = value
		}
		ids, values = append(ids, r.id), append(values, r.value)
		next = strconv.FormatInt(int64(members[i].Score), 36)
	}
	if !more {
		return ids, values, "", nil
	}
	return ids, values, strconv.FormatInt(int64(members[len(members)-1].Score), 36), nil
}

// kvIndexEntry is one member of a space's index.
type kvIndexEntry struct {
	Member string
	Score  float64
}

func (k *RedisKV) members(ctx context.Context, space, cursor string, n int) ([]kvIndexEntry, error) {
	ctx, cancel := kvDeadline(ctx, 0)
	defer cancel()
	list, err := k.client.ZRevRangeByScoreWithScores(ctx, kvName(space, "").index,
		&redis.ZRangeBy{Min: "-inf", Max: fmt.Sprintf("(%d", before(cursor)), Count: int64(n)}).Result()
	if err != nil {
		return nil, explainCtx(ctx, err)
	}
	out := make([]kvIndexEntry, len(list))
	for i, z := range list {
		out[i].Member, _ = z.Member.(string)
		out[i].Score = z.Score
	}
	return out, nil
}

// kvRecord is a record as read; whole says that value is there.
type kvRecord struct {
	version int64
	id      string
	size    int
	value   []byte
	whole   bool
}

// read gives records, nil where there is none, with their values as far as
// they fit into room bytes.
func (k *RedisKV) read(ctx context.Context, records []string, room int) ([]*kvRecord, error) {
	ctx, cancel := kvDeadline(ctx, room)
	defer cancel()
	list, err := kvRead.Run(ctx, k.client, records, k.clock(), room).Slice()
	if err != nil {
		return nil, explainCtx(ctx, err)
	}
	if len(list) != len(records) {
		return nil, fmt.Errorf("the script answers for %d of %d records", len(list), len(records))
	}
	out := make([]*kvRecord, len(list))
	for i, one := range list {
		fields, ok := one.([]any)
		if !ok || len(fields) != 4 {
			continue
		}
		r := &kvRecord{}
		r.version, _ = fields[0].(int64)
		r.id, _ = fields[1].(string)
		size, _ := fields[2].(int64)
		value, whole := fields[3].(string)
		r.size, r.value, r.whole = int(size), []byte(value), whole
		out[i] = r
	}
	return out, nil
}

// remove deletes a record, or only one that has expired or is gone.
func (k *RedisKV) remove(ctx context.Context, key kvKey, expired bool) (bool, error) {
	ctx, cancel := kvDeadline(ctx, 0)
	defer cancel()
	was, err := kvDelete.Run(ctx, k.client, key.all(), k.clock(), key.inIndex, key.inExpiry, expired).Bool()
	return was, explainCtx(ctx, nilIsFalse(err))
}

// sweep deletes what has expired in all shards.
func (k *RedisKV) sweep(ctx context.Context) {
	for shard := range kvShards {
		for k.sweepSome(ctx, shard) {
			select {
			case <-time.After(kvSweepPause):
			case <-ctx.Done():
				return
			}
		}
	}
}

// sweepSome tells whether there may be more. An error is met again in the next
// round.
func (k *RedisKV) sweepSome(ctx context.Context, shard int) bool {
	now := time.Now()
	if k.now != nil {
		now = k.now()
	}
	ask, cancel := kvDeadline(ctx, 0)
	defer cancel()
	members, err := k.client.ZRangeByScore(ask, kvExpiry(shard), &redis.ZRangeBy{
		Min: "-inf", Max: strconv.FormatInt(now.UnixMilli(), 10), Count: kvSweepBatch}).Result()
	if err != nil {
		return false
	}
	for _, m := range members {
		space, id, _ := strings.Cut(m, ":")
		if _, err := k.remove(ctx, kvHashed(shard, space, id), true); err != nil {
			return false
		}
	}
	return len(members) == kvSweepBatch
}

func (k *RedisKV) ready(ctx context.Context) error {
	ctx, cancel := kvDeadline(ctx, 0)
	defer cancel()
	return k.policy.check(ctx)
}

// clock is what scripts are told of the time: 0 means Redis's own.
func (k *RedisKV) clock() int64 {
	if k.now == nil {
		return 0
	}
	return k.now().UnixMicro()
}

func kvDeadline(ctx context.Context, size int) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, kvTime+time.Duration(float64(size)/(1<<20)*float64(kvTimePerMiB)))
}

// nilIsFalse: a script's false or nil comes as redis.Nil.
func nilIsFalse(err error) error {
	if errors.Is(err, redis.Nil) {
		return nil
	}
	return err
}

// kvKey names what belongs to one record, all in one slot of a cluster.
type kvKey struct{ record, index, expiry, sizes, inIndex, inExpiry string }

func (k kvKey) all() []string { return []string{k.record, k.index, k.expiry, k.sizes} }

func kvName(space, id string) kvKey { return kvMember(space, kvHash(id)) }

// kvMember is kvName by the id's hash, which is the member of the index. A
// family is in one slot, for its records are counted together.
func kvMember(space, id string) kvKey {
	together := cmp.Or(family(space), space)
	return kvHashed(int(sha256.Sum256([]byte(together))[0])%kvShards, kvHash(space), id)
}

// kvSizeName is what a family or holder is called in the hash of sizes.
func kvSizeName(name string) string {
	if name == "" {
		return ""
	}
	return kvHash(name)
}

func kvHashed(shard int, space, id string) kvKey {
	prefix := fmt.Sprintf("dubhashi:{kv%d}:", shard)
	return kvKey{
		record: prefix + space + ":" + id, index: prefix + space, expiry: kvExpiry(shard), sizes: prefix + "sizes",
		inIndex: id, inExpiry: space + ":" + id,
	}
}

func kvExpiry(shard int) string { return fmt.Sprintf("dubhashi:{kv%d}:expiry", shard) }

func kvHash(s string) string {
	h := sha256.Sum256([]byte(s))
	return base64.RawURLEncoding.EncodeToString(h[:24])
}
