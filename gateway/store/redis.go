package store

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// The settings of every Redis connection. Redis is never on the critical path
// of an answer, so each wait is short and nothing is tried twice: with the
// client's own defaults a dead server costs a caller 1.7 s and a hung one
// 10 s, with these it costs less than 1 ms and at most 150 ms.
const (
	dialTimeout = 300 * time.Millisecond // longer than a read, so that a caller who gave up does not starve the pool
	ioTimeout   = 150 * time.Millisecond // one read or write; a caller's earlier deadline wins
	poolTimeout = 200 * time.Millisecond // waiting for a free connection
	poolSize    = 32                     // connections to one server
	idleTime    = 4 * time.Minute        // below the idle limits of common cloud load balancers
	readBuffer  = 64 << 10               // bytes; an article of 20 paragraphs of 2 KB is read in one go

	// A cluster answers MOVED or ASK when a slot has gone elsewhere.
	maxRedirects = 2
	minBackoff   = 2 * time.Millisecond
	maxBackoff   = 8 * time.Millisecond
)

var routeLogs = sync.OnceFunc(func() { redis.SetLogger(debugLog{}) })

// debugLog takes the client's own lines, several for each failed dial, to the
// debug level of the program's log. They hold addresses and never a password.
type debugLog struct{}

func (debugLog) Printf(ctx context.Context, format string, v ...any) {
	if log := slog.Default(); log.Enabled(ctx, slog.LevelDebug) {
		log.DebugContext(ctx, "redis client", "line", fmt.Sprintf(format, v...))
	}
}

// OpenRedis reads url and makes a client for it. It never dials: an absent
// server is found out by the first command. Close the client when nothing uses
// it any more. The error names what is wrong in the URL and never shows the
// credentials. The forms:
//
//	redis://[USER[:PASSWORD]@]HOST[:PORT][/DB]      one server; port 6379 and database 0 unless given
//	rediss://…                                      the same over TLS (?skip_verify=true: any certificate)
//	unix://[USER[:PASSWORD]@]/path/to/redis.sock[?db=DB]
//	redis://[USER[:PASSWORD]@]HOST[:PORT],HOST[:PORT],…        some or all nodes of a cluster; rediss:// too
//	redis://HOST[:PORT]?cluster=true                a cluster known by one address
//	redis+sentinel://[USER[:PASSWORD]@]HOST[:PORT],…/MASTER[/DB]   Sentinels (port 26379) and the name they
//	                                                know the master by; rediss+sentinel:// over TLS
//
// USER and PASSWORD are those of the data servers; the Sentinels' own go into
// ?sentinel_username= and ?sentinel_password=. `:PASSWORD@` and `PASSWORD` as
// requirepass wants it are the same: a user name may be empty. Characters with
// a meaning in URLs are best written with %; a lone `@`, `/` or `?` in a
// password is understood. The nodes of a cluster may also be whole URLs parted
// by commas, and a bare HOST:PORT means redis://.
func OpenRedis(url string) (redis.UniversalClient, error) {
	return openRedis(url, patience{dial: dialTimeout, io: ioTimeout, pool: poolTimeout})
}

// patience is how long a client waits for a server.
type patience struct{ dial, io, pool time.Duration }

func openRedis(url string, wait patience) (redis.UniversalClient, error) {
	t, err := parseRedis(url)
	if err != nil {
		return nil, fmt.Errorf("redis URL: %w", err)
	}
	routeLogs()
	var secure *tls.Config
	if t.tls {
		// The server's name is filled in for each address when it is dialled.
		secure = &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: t.skipVerify}
	}
	switch {
	case t.master != "":
		return redis.NewFailoverClient(failoverOptions(t, secure, wait)), nil
	case t.cluster:
		return redis.NewClusterClient(clusterOptions(t, secure, wait)), nil
	}
	return redis.NewClient(singleOptions(t, secure, wait)), nil
}

func singleOptions(t target, secure *tls.Config, wait patience) *redis.Options {
	return &redis.Options{
		Network:  t.network,
		Addr:     t.addrs[0],
		Username: t.user,
		Password: t.password,
		DB:       t.db,

		TLSConfig:             secure,
		DialTimeout:           wait.dial,
		ReadTimeout:           wait.io,
		WriteTimeout:          wait.io,
		PoolTimeout:           wait.pool,
		PoolSize:              poolSize,
		ConnMaxIdleTime:       idleTime,
		ReadBufferSize:        readBuffer,
		MaxRetries:            -1,
		DialerRetries:         1,
		ContextTimeoutEnabled: true,
		// One pool for all: nearly everything is a pipeline here.
		PipelinePoolSize: -1,
		// Servers before 7.2 answer these greetings with errors.
		DisableIdentity:          true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}
}

func clusterOptions(t target, secure *tls.Config, wait patience) *redis.ClusterOptions {
	return &redis.ClusterOptions{
		Addrs:    t.addrs,
		Username: t.user,
		Password: t.password,

		TLSConfig:                secure,
		DialTimeout:              wait.dial,
		ReadTimeout:              wait.io,
		WriteTimeout:             wait.io,
		PoolTimeout:              wait.pool,
		PoolSize:                 poolSize,
		ConnMaxIdleTime:          idleTime,
		ReadBufferSize:           readBuffer,
		MaxRetries:               -1,
		MaxRedirects:             maxRedirects,
		MinRetryBackoff:          minBackoff,
		MaxRetryBackoff:          maxBackoff,
		DialerRetries:            1,
		ContextTimeoutEnabled:    true,
		PipelinePoolSize:         -1,
		DisableIdentity:          true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}
}

func failoverOptions(t target, secure *tls.Config, wait patience) *redis.FailoverOptions {
	return &redis.FailoverOptions{
		MasterName:       t.master,
		SentinelAddrs:    t.addrs,
		SentinelUsername: t.sentinelUser,
		SentinelPassword: t.sentinelPassword,
		Username:         t.user,
		Password:         t.password,
		DB:               t.db,

		TLSConfig:             secure,
		DialTimeout:           wait.dial,
		ReadTimeout:           wait.io,
		WriteTimeout:          wait.io,
		PoolTimeout:           wait.pool,
		PoolSize:              poolSize,
		ConnMaxIdleTime:       idleTime,
		ReadBufferSize:        readBuffer,
		MaxRetries:            -1,
		DialerRetries:         1,
		ContextTimeoutEnabled: true,
		PipelinePoolSize:      -1,
		DisableIdentity:       true,
	}
}
