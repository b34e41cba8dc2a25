package store_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"dubhashi/gateway/store"
	"dubhashi/gateway/store/redistest"
)

const secret = "not-a-p4ssword"

// what tells what a client would connect to.
func what(t *testing.T, client redis.UniversalClient) string {
	t.Helper()
	secure := func(on bool, skip bool) string {
		return map[[2]bool]string{{true, false}: " tls", {true, true}: " tls-any"}[[2]bool{on, skip}]
	}
	switch c := client.(type) {
	case *redis.Client:
		o := c.Options()
		return fmt.Sprintf("%s %s user=%s password=%s db=%d%s", o.Network, o.Addr, o.Username, o.Password, o.DB,
			secure(o.TLSConfig != nil, o.TLSConfig != nil && o.TLSConfig.InsecureSkipVerify))
	case *redis.ClusterClient:
		o := c.Options()
		return fmt.Sprintf("cluster %s user=%s password=%s%s", strings.Join(o.Addrs, " "), o.Username, o.Password,
			secure(o.TLSConfig != nil, o.TLSConfig != nil && o.TLSConfig.InsecureSkipVerify))
	}
	t.Fatalf("a %T", client)
	return ""
}

func TestOpenRedisForms(t *testing.T) {
	t.Parallel()
	const nobody = " user= password="
	rows := []struct{ name, url, want string }{
		{"a host", "redis://cache.example", "tcp cache.example:6379" + nobody + " db=0"},
		{"no host", "redis://", "tcp localhost:6379" + nobody + " db=0"},
		{"a port alone", "redis://:7000", "tcp localhost:7000" + nobody + " db=0"},
		{"no scheme", "cache.example:7000", "tcp cache.example:7000" + nobody + " db=0"},
		{"no scheme, a password", ":" + secret + "@cache.example", "tcp cache.example:6379 user= password=" + secret + " db=0"},
		{"surrounding space", "  redis://h\n", "tcp h:6379" + nobody + " db=0"},
		{"everything", "redis://reader:" + secret + "@h:7000/3", "tcp h:7000 user=reader password=" + secret + " db=3"},
		{"a slash and no database", "redis://h:7000/", "tcp h:7000" + nobody + " db=0"},
		{"the database as a parameter", "redis://h?db=4", "tcp h:6379" + nobody + " db=4"},
		{"a password without user", "redis://:" + secret + "@h", "tcp h:6379 user= password=" + secret + " db=0"},
		{"an escaped password", "redis://u:a%40b%2Fc%3A+d@h", "tcp h:6379 user=u password=a@b/c:+d db=0"},
		{"a raw password", "redis://u:a@b/c?d#e:f,g@h:1", "tcp h:1 user=u password=a@b/c?d#e:f,g db=0"},
		{"a raw password before a parameter", "redis://u:a?b@h:1?db=2", "tcp h:1 user=u password=a?b db=2"},
		{"IPv4", "redis://10.0.0.1:7000", "tcp 10.0.0.1:7000" + nobody + " db=0"},
		{"IPv6", "redis://[::1]:7000/1", "tcp [::1]:7000" + nobody + " db=1"},
		{"IPv6 without a port", "redis://[2001:db8::7]", "tcp [2001:db8::7]:6379" + nobody + " db=0"},
		{"TLS", "rediss://h", "tcp h:6379" + nobody + " db=0 tls"},
		{"TLS with any certificate", "rediss://h:1/2?skip_verify=true", "tcp h:1" + nobody + " db=2 tls-any"},
		{"TLS, verified", "rediss://h?skip_verify=false", "tcp h:6379" + nobody + " db=0 tls"},
		{"a socket", "unix:///run/redis.sock", "unix /run/redis.sock" + nobody + " db=0"},
		{"a socket with everything", "unix://u:" + secret + "@/run/my%20redis.sock?db=2", "unix /run/my redis.sock user=u password=" + secret + " db=2"},
		{"a cluster", "redis://u:" + secret + "@a:7000,b:7001,c", "cluster a:7000 b:7001 c:6379 user=u password=" + secret},
		{"a cluster without a scheme", "a:7000,b:7001", "cluster a:7000 b:7001" + nobody},
		{"a cluster as whole URLs", "redis://u:p@a:7000,redis://u:p@b:7001/,redis://c:7002", "cluster a:7000 b:7001 c:7002 user=u password=p"},
		{"a cluster over TLS", "rediss://a,b", "cluster a:6379 b:6379" + nobody + " tls"},
		{"a cluster of IPv6", "redis://[::1]:1,[::2]:2", "cluster [::1]:1 [::2]:2" + nobody},
		{"a cluster by one address", "redis://config.example:6379?cluster=true", "cluster config.example:6379" + nobody},
		{"one address and no cluster", "redis://h?cluster=false", "tcp h:6379" + nobody + " db=0"},
		{"a comma too many", "redis://a,b,", "cluster a:6379 b:6379" + nobody},
		{"one node named twice", "redis://a,a", "tcp a:6379" + nobody + " db=0"},
		{"Sentinel", "redis+sentinel://s1:5000,s2/main/2", "tcp FailoverClient" + nobody + " db=2"},
		{"Sentinel with everything", "rediss+sentinel://u:" + secret + "@s1/main?sentinel_username=su&sentinel_password=sp&skip_verify=1",
			"tcp FailoverClient user=u password=" + secret + " db=0 tls-any"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			client, err := store.OpenRedis(row.url)
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			if got := what(t, client); got != row.want {
				t.Errorf("got  %s\nwant %s", got, row.want)
			}
		})
	}
}

func TestOpenRedisErrors(t *testing.T) {
	t.Parallel()
	rows := []struct{ name, url, want string }{
		{"nothing", " ", "empty"},
		{"another scheme", "https://u:" + secret + "@h", `not "https"`},
		{"a password as the scheme", secret + "://h", "the scheme must be"},
		{"a port that is no number", "redis://u:" + secret + "@h:port", `port of host "h"`},
		{"a port out of range", "redis://u:" + secret + "@h:65536", `port of host "h"`},
		{"a forgotten @", "redis://u:" + secret, `port of host "u"`},
		{"a forgotten @ and more", "redis://u:" + secret + "/h:1", "database"},
		{"a database that is no number", "redis://u:" + secret + "@h/one", "database"},
		{"a negative database", "redis://h/-1", "database"},
		{"too much path", "redis://u:" + secret + "@h/1/2", "database"},
		{"an unknown parameter", "redis://u:" + secret + "@h?pool=" + secret, "unknown parameter"},
		{"an unknown one beside a known one", "redis://u:" + secret + "@h?db=1&" + secret + "=2", "a parameter is not known"},
		{"a fragment", "redis://u:" + secret + "@h#x", "unknown parameter"},
		{"a bad escape", "redis://u:" + secret + "%zz@h", "two hexadecimal digits"},
		{"a bad host", "redis://u:" + secret + "@h*st", "a host's name"},
		{"a control character", "redis://u:" + secret + "\x00@h", "control character"},
		{"a space", "redis://u:" + secret + " @h", "space"},
		{"IPv6 without brackets", "redis://::1", "brackets"},
		{"IPv6 with half of them", "redis://[::1", "[::1]"},
		{"no IPv6 in brackets", "redis://[" + secret + "]:1", "[::1]"},
		{"cluster and database", "redis://u:" + secret + "@a,b/1", "database 0 only"},
		{"nodes of several passwords", "redis://u:" + secret + "@a,redis://u:other@b", "same user and password"},
		{"nodes of several schemes", "redis://u:" + secret + "@a,rediss://b", ""},
		{"an empty list", "redis://,", "no host"},
		{"Sentinel without a master", "redis+sentinel://u:" + secret + "@s1", "master's name"},
		{"Sentinel without a master but a slash", "redis+sentinel://s1/", "master's name"},
		{"Sentinel's password without Sentinel", "redis://h?sentinel_password=" + secret, "has no meaning here"},
		{"skip_verify without TLS", "redis://h?skip_verify=true", "has no meaning here"},
		{"skip_verify of another kind", "rediss://h?skip_verify=perhaps", "true or false"},
		{"a socket without a path", "unix://u:" + secret + "@", "absolute path"},
		{"a socket of a relative path", "unix://redis.sock", "absolute path"},
		{"a socket as a cluster", "unix:///s?cluster=true", "has no meaning here"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			client, err := store.OpenRedis(row.url)
			if err == nil {
				client.Close()
				t.Fatalf("no error, but %s", what(t, client))
			}
			if !strings.Contains(err.Error(), row.want) || !strings.HasPrefix(err.Error(), "redis URL: ") {
				t.Errorf("error %q does not say %q", err, row.want)
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("error %q shows the password", err)
			}
		})
	}
}

func FuzzOpenRedis(f *testing.F) {
	for _, s := range []string{
		"redis://u:p@h:1/2?db=3", "unix://u:p@/s?db=1", "redis+sentinel://u:p@a:1,b/m/1?sentinel_password=x",
		"a,b,c", "redis://u:p@a,redis://u:p@b", "rediss://[::1]:5", "redis://%41:%42@h", "://", "redis://@@//??",
	} {
		f.Add(s, "p/w?x@y:z")
	}
	f.Fuzz(func(t *testing.T, url, password string) {
		if client, err := store.OpenRedis(url); err == nil {
			client.Close()
		}
		// However a password is written, an error does not repeat it.
		if len(password) < 6 || strings.Contains("redis URL: "+fmt.Sprint(url), password) {
			return
		}
		client, err := store.OpenRedis("redis://user:" + password + "@host.example:x")
		if err == nil {
			client.Close()
			return
		}
		// What the error says of its own is no password.
		if strings.Contains(err.Error(), password) && !strings.Contains(fmt.Sprint(store.OpenRedis("redis://user@host.example:x")), password) {
			t.Errorf("error %q repeats the password %q", err, password)
		}
	})
}

// Opening dials nobody, in any mode.
func TestOpenRedisNeverDials(t *testing.T) {
	t.Parallel()
	for _, form := range []string{"redis://%s", "redis://%s?cluster=true", "redis://%[1]s,127.0.0.2:1", "redis+sentinel://%s/main", "rediss://%s"} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			client, err := store.OpenRedis(fmt.Sprintf(form, l.Addr()))
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			l.(*net.TCPListener).SetDeadline(time.Now().Add(50 * time.Millisecond))
			if c, err := l.Accept(); err == nil {
				c.Close()
				t.Error("it dialled")
			}
		})
	}
}

// A server that is absent costs next to nothing, one that hangs its timeout,
// and none is asked twice.
func TestRedisTimeouts(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	client, err := store.OpenRedis(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ping := func(ctx context.Context) (time.Duration, error) {
		started := time.Now()
		err := client.Ping(ctx).Err()
		return time.Since(started), err
	}
	if _, err := ping(context.Background()); err != nil {
		t.Fatal(err)
	}
	server.Pause()
	took, err := ping(context.Background())
	if err == nil || took > time.Second {
		t.Errorf("hung: error %v after %v", err, took)
	}
	t.Logf("hung, no deadline: %v", took)
	ctx, cancel := context.WithTimeout(context.Background(), 40*time.Millisecond)
	defer cancel()
	took, err = ping(ctx)
	if err == nil || took > 500*time.Millisecond {
		t.Errorf("hung, with a deadline of 40 ms: error %v after %v", err, took)
	}
	t.Logf("hung, deadline of 40 ms: %v", took)
	server.Kill()
	took, err = ping(context.Background())
	if err == nil || took > 500*time.Millisecond {
		t.Errorf("gone: error %v after %v", err, took)
	}
	t.Logf("gone: %v", took)
	server.Restart()
	if _, err := ping(context.Background()); err != nil {
		t.Errorf("after a restart: %v", err)
	}
	// Nothing was sent that this server answers with an error.
	if errs := server.Do("INFO", "errorstats"); strings.Contains(errs, "errorstat_") {
		t.Errorf("the greeting makes errors: %s", errs)
	}
}

func TestRedisCredentials(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, "--requirepass", secret)
	rows := []struct {
		name, userinfo string
		want           error
	}{
		{"right", ":" + secret + "@", nil},
		{"right, as the default user", "default:" + secret + "@", nil},
		{"wrong", ":another@", store.ErrDenied},
		{"none", "", store.ErrDenied},
	}
	for _, row := range rows {
		client, err := store.OpenRedis("redis://" + row.userinfo + server.Addr())
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		if err := store.Explain(client.Set(context.Background(), "k", "v", 0).Err()); !errors.Is(err, row.want) {
			t.Errorf("%s: error %v, want %v", row.name, err, row.want)
		}
	}
}

func TestRedisOverASocket(t *testing.T) {
	t.Parallel()
	socket := t.TempDir() + "/s" // short: a socket's path has some 100 bytes
	redistest.Start(t, "--unixsocket", socket)
	client, err := store.OpenRedis("unix://" + socket + "?db=3")
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.Ping(context.Background()).Err(); err != nil {
		t.Error(err)
	}
}

// Sentinel names the master, and the master is found again when it restarts.
func TestRedisBehindSentinel(t *testing.T) {
	t.Parallel()
	master := redistest.Start(t)
	sentinel := redistest.StartSentinel(t, master, "main")
	client, err := store.OpenRedis("redis+sentinel://127.0.0.1:1," + sentinel.Addr() + "/main") // the first is absent
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx := context.Background()
	if err := client.Set(ctx, "k", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if got := master.Do("GET", "k"); got != "v" {
		t.Errorf("the master holds %q", got)
	}
	master.Restart()
	if err := client.Set(ctx, "k", "v2", 0).Err(); err != nil {
		t.Errorf("after a restart of the master: %v", err)
	}
}

func TestExplainLeavesAlone(t *testing.T) {
	t.Parallel()
	for _, err := range []error{nil, context.Canceled, redis.Nil, redis.ErrClosed, store.ErrFull, fmt.Errorf("x: %w", store.ErrBusy)} {
		if got := store.Explain(err); !reflect.DeepEqual(got, err) {
			t.Errorf("%v became %v", err, got)
		}
	}
}
