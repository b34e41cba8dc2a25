package store

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// target is what a Redis URL names.
type target struct {
	network        string // "tcp" or "unix"
	addrs          []string
	user, password string
	db             int
	tls            bool
	skipVerify     bool
	cluster        bool

	master                         string // Sentinel's name of the master; "" = no Sentinel
	sentinelUser, sentinelPassword string
}

const (
	redisPort    = "6379"
	sentinelPort = "26379"
)

var (
	// A query begins only where one of the known parameters follows, so that a
	// "?" in a password does not cut it (and the rest does not end up in a message).
	knownQuery  = regexp.MustCompile(`\?(db|cluster|skip_verify|sentinel_username|sentinel_password)=`)
	schemeForm  = regexp.MustCompile(`^[a-z][a-z+]{0,20}$`)
	hostForm    = regexp.MustCompile(`^[A-Za-z0-9._-]*$`)
	errSchemes  = errors.New("the scheme must be redis, rediss, unix, redis+sentinel or rediss+sentinel")
	errUserInfo = errors.New("the user or password holds a % that is not followed by two hexadecimal digits")
)

// parseRedis reads the forms that [OpenRedis] describes. It does not use
// [url.Parse], whose errors repeat the whole URL with its password.
func parseRedis(raw string) (target, error) {
	raw = strings.TrimSpace(raw)
	if raw == "" {
		return target{}, errors.New("it is empty")
	}
	if strings.ContainsFunc(raw, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return target{}, errors.New("it holds a space or a control character")
	}
	scheme, rest, found := strings.Cut(raw, "://")
	if !found {
		scheme, rest = "redis", raw
	}
	t := target{network: "tcp"}
	sentinel := false
	switch scheme {
	case "redis":
	case "rediss":
		t.tls = true
	case "unix":
		t.network = "unix"
	case "redis+sentinel", "rediss+sentinel":
		sentinel, t.tls = true, scheme == "rediss+sentinel"
	default:
		if schemeForm.MatchString(scheme) {
			return target{}, fmt.Errorf("%w, not %q", errSchemes, scheme)
		}
		return target{}, errSchemes
	}

	rest, query, err := t.cutQuery(rest)
	if err != nil {
		return target{}, err
	}
	rest, err = t.cutUserInfo(scheme, rest)
	if err != nil {
		return target{}, err
	}
	if strings.ContainsAny(rest, "?#") {
		return target{}, errors.New("unknown parameter; known are db, cluster, skip_verify, sentinel_username and sentinel_password")
	}
	switch {
	case t.network == "unix":
		err = t.readUnix(rest)
	case sentinel:
		err = t.readSentinel(rest)
	default:
		err = t.readNodes(rest)
	}
	if err == nil {
		err = t.readQuery(query, sentinel)
	}
	if err != nil {
		return target{}, err
	}
	if t.cluster && t.db != 0 {
		return target{}, fmt.Errorf("a cluster has database 0 only, not %d", t.db)
	}
	return t, nil
}

func (t *target) cutQuery(rest string) (string, url.Values, error) {
	at := knownQuery.FindStringIndex(rest)
	if at == nil {
		return rest, nil, nil
	}
	q, err := url.ParseQuery(rest[at[0]+1:])
	if err != nil {
		return "", nil, errors.New("the parameters after ? cannot be read (write special characters with %)")
	}
	return rest[:at[0]], q, nil
}

// cutUserInfo takes the credentials off. A list of whole URLs becomes a list
// of hosts: all must be of one scheme and say the same credentials or none.
func (t *target) cutUserInfo(scheme, rest string) (string, error) {
	urls := strings.Split(rest, ","+scheme+"://")
	for i, part := range urls {
		at := strings.LastIndexByte(part, '@')
		if at < 0 {
			continue
		}
		urls[i] = part[at+1:]
		user, password, _ := strings.Cut(part[:at], ":")
		user, err1 := url.PathUnescape(user)
		password, err2 := url.PathUnescape(password)
		if err1 != nil || err2 != nil {
			return "", errUserInfo
		}
		if i > 0 && (user != t.user || password != t.password) {
			return "", errors.New("all nodes of a cluster must have the same user and password; write them once, before the first node")
		}
		t.user, t.password = user, password
	}
	return strings.Join(urls, ","), nil
}

func (t *target) readUnix(path string) error {
	if !strings.HasPrefix(path, "/") {
		return errors.New("unix:// needs the absolute path of a socket, as in unix:///run/redis.sock")
	}
	path, err := url.PathUnescape(path)
	if err != nil {
		return errors.New("the socket's path holds a bad % sequence")
	}
	t.addrs = []string{path}
	return nil
}

// readSentinel reads HOST[:PORT],…/MASTER[/DB].
func (t *target) readSentinel(rest string) error {
	hosts, path, _ := strings.Cut(rest, "/")
	master, db, _ := strings.Cut(strings.TrimSuffix(path, "/"), "/")
	master, err := url.PathUnescape(master)
	if err != nil || master == "" {
		return errors.New("a Sentinel URL needs the master's name, as in redis+sentinel://HOST:26379/MASTER")
	}
	t.master = master
	if err := t.readDB(db); err != nil {
		return err
	}
	return t.readHosts(hosts, sentinelPort)
}

// readNodes reads HOST[:PORT][,HOST[:PORT]…][/DB].
func (t *target) readNodes(rest string) error {
	// In a list of whole URLs each may end with a slash.
	rest = strings.ReplaceAll(rest, "/,", ",")
	hosts, db, _ := strings.Cut(rest, "/")
	if err := t.readDB(strings.TrimSuffix(db, "/")); err != nil {
		return err
	}
	if err := t.readHosts(hosts, redisPort); err != nil {
		return err
	}
	t.cluster = len(t.addrs) > 1
	return nil
}

func (t *target) readHosts(list, port string) error {
	for host := range strings.SplitSeq(list, ",") {
		if host == "" && strings.Contains(list, ",") {
			continue // "a,b,": nothing is meant by it
		}
		addr, err := address(host, port)
		if err != nil {
			return err
		}
		if !slices.Contains(t.addrs, addr) {
			t.addrs = append(t.addrs, addr)
		}
	}
	if len(t.addrs) == 0 {
		return errors.New("no host is named")
	}
	return nil
}

// address completes HOST[:PORT]; no host is localhost. What is not of the form
// of a host is not repeated in the error: it may be a piece of a password.
func address(host, port string) (string, error) {
	if strings.HasPrefix(host, "[") {
		inner, tail, ok := strings.Cut(host[1:], "]")
		if !ok || net.ParseIP(inner) == nil || (tail != "" && tail[0] != ':') {
			return "", errors.New("an IPv6 address is written as [::1] or [::1]:6379")
		}
		host, tail = inner, strings.TrimPrefix(tail, ":")
		if tail != "" {
			port = tail
		}
	} else if strings.Count(host, ":") > 1 {
		return "", errors.New("an IPv6 address is written in brackets, as in [::1]:6379")
	} else if name, tail, ok := strings.Cut(host, ":"); ok {
		host = name
		if tail != "" {
			port = tail
		}
	}
	if !hostForm.MatchString(host) && net.ParseIP(host) == nil {
		return "", errors.New("a host's name holds a character that cannot stand there (write special characters of the password with %)")
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return "", fmt.Errorf("the port of host %q must be a number from 1 to 65535", host)
	}
	if host == "" {
		host = "localhost"
	}
	return net.JoinHostPort(host, port), nil
}

func (t *target) readDB(s string) error {
	if s == "" {
		return nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return errors.New("the database after / must be a number from 0")
	}
	t.db = n
	return nil
}

func (t *target) readQuery(q url.Values, sentinel bool) error {
	for name := range q {
		switch value := q.Get(name); {
		case name == "db":
			if err := t.readDB(value); err != nil {
				return err
			}
		case name == "cluster" && t.network == "tcp" && !sentinel:
			on, err := strconv.ParseBool(value)
			if err != nil {
				return errors.New("cluster must be true or false")
			}
			t.cluster = t.cluster || on
		case name == "skip_verify" && t.tls:
			on, err := strconv.ParseBool(value)
			if err != nil {
				return errors.New("skip_verify must be true or false")
			}
			t.skipVerify = on
		case name == "sentinel_username" && sentinel:
			t.sentinelUser = value
		case name == "sentinel_password" && sentinel:
			t.sentinelPassword = value
		default:
			// The name is not repeated: it may be a piece of a password with "&" in it.
			return errors.New("a parameter is not known or has no meaning here; known are db, cluster (TCP), skip_verify (rediss), sentinel_username and sentinel_password (Sentinel)")
		}
	}
	return nil
}
