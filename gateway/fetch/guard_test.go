package fetch_test

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"dubhashi/gateway/fetch"
)

// forbidden are hosts that must never be reached, with the port of a listener
// on loopback where they could lead to it.
var forbidden = []struct{ name, host string }{
	{"loopback", "127.0.0.1"},
	{"another loopback", "127.8.9.10"},
	{"decimal", "2130706433"},
	{"hex", "0x7f000001"},
	{"hex in capitals", "0X7F000001"},
	{"hex by parts", "0x7f.0x0.0x0.0x1"},
	{"octal", "017700000001"},
	{"octal by parts", "0177.0.0.01"},
	{"mixed notations", "0x7f.0.1"},
	{"two parts", "127.1"},
	{"three parts", "127.0.1"},
	{"one zero", "0"},
	{"unspecified", "0.0.0.0"},
	{"this network", "0.1.2.3"},
	{"trailing dot", "127.0.0.1."},
	{"two trailing dots", "127.0.0.1.."},
	{"trailing dot on decimal", "2130706433."},
	{"full-width digits", "127.0.0.1"},
	{"circled digits", "①②⑦.⓪.⓪.①"},
	{"ideographic full stops", "127。0。0。1"},
	{"half-width full stop", "127。0.0.1"},
	{"soft hyphen inside", "127.0.0\u00ad.1"},
	{"percent-encoded", "%31%32%37.0.0.1"},
	{"percent-encoded dot", "127%2e0%2e0%2e1"},
	{"digits of Devanagari", "१२७.०.०.१"},
	{"overflowing part", "127.0.0.257"},
	{"overflowing number", "4294967297"},
	{"localhost", "localhost"},
	{"localhost with a dot", "localhost."},
	{"localhost in capitals", "LOCALHOST"},
	{"localhost in full width", "localhost"},
	{"under localhost", "app.localhost"},
	{"local domain", "printer.local"},
	{"internal domain", "metadata.google.internal"},
	{"home domain", "router.home.arpa"},
	{"onion", "abcdefabcdefabcd.onion"},
	{"one label", "redis"},
	{"private 10/8", "10.0.0.1"},
	{"private 172.16/12", "172.31.255.1"},
	{"private 192.168/16", "192.168.1.1"},
	{"link-local", "169.254.1.1"},
	{"metadata of AWS and Google", "169.254.169.254"},
	{"metadata as a number", "2852039166"},
	{"metadata of Alibaba", "100.100.100.200"},
	{"metadata of Azure", "168.63.129.16"},
	{"metadata of Oracle", "192.0.0.192"},
	{"carrier-grade NAT", "100.64.0.1"},
	{"benchmarks", "198.19.0.1"},
	{"documentation 1", "192.0.2.7"},
	{"documentation 2", "198.51.100.7"},
	{"documentation 3", "203.0.113.7"},
	{"6to4 relay", "192.88.99.1"},
	{"multicast", "224.0.0.251"},
	{"reserved", "240.0.0.1"},
	{"broadcast", "255.255.255.255"},
	{"IPv6 loopback", "[::1]"},
	{"IPv6 loopback in full", "[0:0:0:0:0:0:0:1]"},
	{"IPv6 unspecified", "[::]"},
	{"IPv4-mapped", "[::ffff:127.0.0.1]"},
	{"IPv4-mapped in hex", "[::ffff:7f00:1]"},
	{"IPv4-mapped metadata", "[::ffff:a9fe:a9fe]"},
	{"IPv4-mapped public", "[::ffff:8.8.8.8]"},
	{"IPv4-compatible", "[::127.0.0.1]"},
	{"IPv4-translated", "[::ffff:0:127.0.0.1]"},
	{"NAT64 loopback", "[64:ff9b::7f00:1]"},
	{"NAT64 private", "[64:ff9b::10.0.0.1]"},
	{"NAT64 local", "[64:ff9b:1::a00:1]"},
	{"6to4 private", "[2002:a00:1::1]"},
	{"6to4 loopback", "[2002:7f00:1::]"},
	{"Teredo", "[2001:0:53aa:64c::a00:1]"},
	{"ORCHID", "[2001:20::1]"},
	{"IPv6 benchmarks", "[2001:2::1]"},
	{"IPv6 documentation", "[2001:db8::1]"},
	{"IPv6 documentation, new", "[3fff::1]"},
	{"discard only", "[100::1]"},
	{"segment routing", "[5f00::1]"},
	{"unique local", "[fd12:3456::1]"},
	{"metadata of AWS in IPv6", "[fd00:ec2::254]"},
	{"IPv6 link-local", "[fe80::1]"},
	{"IPv6 link-local with zone", "[fe80::1%25eth0]"},
	{"IPv6 loopback with zone", "[::1%25lo]"},
	{"site-local", "[fec0::1]"},
	{"IPv6 multicast", "[ff02::1]"},
	{"user name", "user@127.0.0.1"},
	{"user name like a host", "news.example@127.0.0.1"},
	{"user and password", "a:b@news.example"},
	{"user name before a public host", "a@news.example"},
	{"backslash", `news.example\@127.0.0.1`},
	{"fragment before at", "127.0.0.1#@news.example"},
	{"empty label", "a..example"},
	{"no host", ""},
	{"space in the host", "news .example"},
	{"tab in the host", "news\t.example"},
	{"line break in the host", "127.0.0.1\r\nX: y"},
	{"dots alone", "..."},
	{"broken brackets", "[::1"},
	{"name with a number's end", "news.127"},
	{"name with a hex end", "news.0x7f"},
	{"not UTF-8", "news\xff.example"},
	{"name to loopback", "to-loopback.example"},
	{"name to IPv6 loopback", "to-loopback6.example"},
	{"name to mapped loopback", "to-mapped.example"},
	{"name to private", "to-private.example"},
	{"name to metadata", "to-metadata.example"},
	{"name to unspecified", "to-zero.example"},
	{"name to unique local", "to-ula.example"},
	{"name to several private addresses", "to-several.example"},
	{"name to private with a trailing dot", "to-private.example."},
	{"name to private in capitals", "TO-PRIVATE.example"},
	{"name to private in Devanagari", "निजी.example"},
	{"name of DNS that spells an address", "127.0.0.1.to-loopback.example"},
}

func TestForbiddenHostsAreNotReached(t *testing.T) {
	t.Parallel()
	s := serve(t, page("text/html", "<p>secret"))
	r := one("to-loopback.example", "127.0.0.1", "to-loopback6.example", "::1", "to-mapped.example", "::ffff:127.0.0.1",
		"to-private.example", "10.1.2.3", "to-metadata.example", "169.254.169.254", "to-zero.example", "0.0.0.0",
		"to-ula.example", "fd00::7", "to-several.example", "10.0.0.1,192.168.0.1,::1,fd00::1", "xn--81bx3ef.example", "10.1.2.3",
		"127.0.0.1.to-loopback.example", "127.0.0.1", "news.example", "127.0.0.1", "xn--e4bcp.xn--d4b.xn--d4b.xn--e4b", "127.0.0.1")
	f := fetch.New(fetch.Config{Resolver: r})
	text := ""
	for _, row := range forbidden {
		t.Run(row.name, func(t *testing.T) {
			for _, u := range []string{"http://" + row.host + ":" + s.port + "/x", "https://" + row.host + "/", "HTTP://" + row.host + ":" + s.port} {
				_, err := f.Get(context.Background(), u, fetch.Article...)
				want(t, err, fetch.Refused)
				if _, perr := f.Post(context.Background(), u, nil, []byte("{}")); kindOf(t, perr) != fetch.Refused {
					t.Errorf("POST %q: %v", u, perr)
				}
				if e, ok := err.(*fetch.Error); ok {
					if text == "" {
						text = e.Message
					}
					if e.Message != text {
						t.Errorf("%q: the refusal %q differs from %q", u, e.Message, text)
					}
				}
			}
		})
	}
	if n := s.connections.Load(); n != 0 {
		t.Errorf("%d connections were made", n)
	}
}

func TestForbiddenURLs(t *testing.T) {
	t.Parallel()
	f := fetch.New(fetch.Config{})
	for _, u := range []string{
		"", " ", "news.example", "//news.example/", "/etc/passwd", "file:///etc/passwd", "ftp://news.example/", "gopher://news.example:70/_x",
		"dict://news.example/", "data:text/html,<p>x", "javascript:alert(1)", "unix:///run/docker.sock", "http+unix://x/y", "ldap://news.example/",
		"http:news.example", "http:/news.example", "http:///x", "https://", "http://?x", "jar:http://news.example!/", "view-source:http://news.example/",
		"http://news.example:0/", "http://news.example:22/", "http://news.example:25/", "https://news.example:6379/", "http://news.example:11211/",
		"http://news.example:65536/", "http://news.example:-1/", "http://news.example:8o/", "http://news.example:80:80/", "http://news.example:６３７９/",
		"http://news.example/\x00", "http://news.example/\r\nHost: x", "http://news.example/a\\b", "http://" + strings.Repeat("a", 300) + ".example/",
		"http://" + strings.Repeat("a", 64) + ".example/", "http://news.example/" + strings.Repeat("a", 9000),
	} {
		if err := f.Check(u); kindOf(t, err) != fetch.Refused {
			t.Errorf("%q: %v", u, err)
		}
	}
	for _, u := range []string{
		"http://news.example", "https://news.example/", "HTTPS://News.Example/Story?id=1#top", "http://news.example:8080/", "https://news.example:8443/x",
		"http://news.example:/", " https://news.example/story\n", "https://news.example/दो शब्द?q=समाचार", "https://समाचार.example/", "http://under_score.example/",
		"http://8.8.8.8/", "http://[2606:4700::1111]/", "https://news.example./", "http://1.example/", "http://example.c0m/", "http://192.31.196.1/",
	} {
		if err := f.Check(u); err != nil {
			t.Errorf("%q: %v", u, err)
		}
	}
}

func TestRedirectsAreJudged(t *testing.T) {
	t.Parallel()
	secret := serve(t, page("text/html", "<p>secret"))
	r := one("news.example", "127.0.0.1", "private.example", "127.0.0.1", "to-private.example", "10.0.0.1")
	for name, to := range map[string]string{
		"loopback": secret.url, "decimal": "http://2130706433:" + secret.port, "mapped": "http://[::ffff:127.0.0.1]:" + secret.port,
		"a name to loopback": "http://private.example:" + secret.port, "a name to private": "http://to-private.example/",
		"metadata": "http://169.254.169.254/latest/meta-data/", "another scheme": "file:///etc/passwd", "gopher": "gopher://127.0.0.1:70/",
		"without scheme": "//127.0.0.1:" + secret.port + "/", "a user name": "http://a:b@news.example/", "a bad port": "http://news.example:6379/",
		"a broken URL": "http://[::1", "localhost": "http://localhost:" + secret.port,
	} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", to)
				w.WriteHeader(status)
			})
			_, err := get(t, fetch.Config{Resolver: r, Allow: []string{"news.example"}}, "http://news.example:"+s.port)
			if kindOf(t, err) != fetch.Refused || s.connections.Load() != 1 {
				t.Errorf("%s (%d): %v after %d connections", name, status, err, s.connections.Load())
			}
		}
	}
	if n := secret.connections.Load(); n != 0 {
		t.Errorf("%d connections were made", n)
	}
}

// The name is public (as an allowed net stands for it here) when it is first
// asked for, and private from then on.
func TestRebinding(t *testing.T) {
	t.Parallel()
	for _, later := range []string{"10.0.0.7", "127.0.0.7", "169.254.169.254", "::1", "fd00::7"} {
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/" {
				http.Redirect(w, r, "/next", http.StatusFound)
				return
			}
			page("text/html", "<p>secret")(w, r)
		})
		r, asked := resolver(map[string][][]string{"rebind.example": {{"127.0.0.1"}, {later}}})
		f := fetch.New(fetch.Config{Resolver: r, Allow: []string{"127.0.0.1/32"}})
		for i := range 3 {
			if _, err := f.Get(context.Background(), "http://rebind.example:"+s.port, fetch.Article...); kindOf(t, err) != fetch.Refused {
				t.Errorf("%s, fetch %d: %v", later, i, err)
			}
		}
		if s.connections.Load() != 1 {
			t.Errorf("%s: %d connections, want the first alone", later, s.connections.Load())
		}
		if asked.asked.Load() != 4 {
			t.Errorf("%s: %d lookups, want one a connection: two, and one for each fetch refused", later, asked.asked.Load())
		}
	}
}

func TestPrivateAddressBesidePublicIsNotDialled(t *testing.T) {
	t.Parallel()
	s := serve(t, page("text/html", "<p>public"))
	p, err := get(t, fetch.Config{Resolver: one("mixed.example", "10.0.0.1,127.0.0.1"), Allow: []string{"127.0.0.1"}}, "http://mixed.example:"+s.port)
	if mustBody(t, p, err) != "<p>public" {
		t.Errorf("got %q", p.Body)
	}
}

func TestAllow(t *testing.T) {
	t.Parallel()
	s := serve(t, page("text/html; charset=utf-8", "<p>नमस्ते"))
	r := one("wiki.example", "127.0.0.1", "other.example", "127.0.0.1", "xn--i1b6b1a6a2e.example", "127.0.0.1", "wiki.corp", "127.0.0.1", "intra", "127.0.0.1")
	for _, row := range []struct {
		name, allow, host string
		kind              fetch.Kind
	}{
		{"nothing allowed", "", "wiki.example", fetch.Refused},
		{"by name", "wiki.example", "wiki.example", ""},
		{"by name in capitals", "WIKI.example.", "wiki.EXAMPLE", ""},
		{"by an international name", "संगठन.example", "xn--i1b6b1a6a2e.example", ""},
		{"another name", "wiki.example", "other.example", fetch.Refused},
		{"a name under it", "example", "wiki.example", fetch.Refused},
		{"the address behind the name", "wiki.example", "127.0.0.1", fetch.Refused},
		{"by address", "127.0.0.1", "127.0.0.1", ""},
		{"by address, with a name", "127.0.0.1", "other.example", ""},
		{"by address, mapped", "127.0.0.1", "[::ffff:127.0.0.1]", ""},
		{"by address, as a number", "127.0.0.1", "2130706433", fetch.Refused},
		{"by net", "127.0.0.0/8", "wiki.example", ""},
		{"by net, a local domain", "127.0.0.0/8", "wiki.corp", ""},
		{"by another net", "10.0.0.0/8", "wiki.example", fetch.Refused},
		{"one label", "intra", "intra", ""},
		{"localhost by name", "localhost", "localhost", ""},
		{"in brackets", "[::1]", "127.0.0.1", fetch.Refused},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p, err := get(t, fetch.Config{Resolver: r, Allow: strings.Fields(row.allow)}, "http://"+row.host+":"+s.port+"/a#b")
			want(t, err, row.kind)
			if err == nil && (p.Body != "<p>नमस्ते" || p.Type != "text/html" || !strings.HasSuffix(p.FinalURL, ":"+s.port+"/a")) {
				t.Errorf("got %+v", p)
			}
		})
	}
}

func TestCanAllow(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"intranet.example": true, "intranet": true, "विकि.example": true, "10.0.0.0/8": true, "10.0.0.1": true, "[::1]": true, "fd00::/8": true,
		"": false, "*.example": false, "intranet:8080": false, "http://intranet": false, "a b": false, "10.0.0.0/33": false, "10.1": false, "fe80::1%eth0": false,
	} {
		if fetch.CanAllow(s) != want {
			t.Errorf("%q: want %v", s, want)
		}
	}
}

// The translator's net may be allowed; what is behind it is judged all the same.
func TestNAT64(t *testing.T) {
	t.Parallel()
	f := fetch.New(fetch.Config{Allow: []string{"64:ff9b::/96"}})
	want(t, f.Check("http://[64:ff9b::8.8.8.8]/"), "")
	want(t, f.Check("http://[64:ff9b::10.0.0.1]/"), fetch.Refused)
	want(t, f.Check("http://[64:ff9b::127.0.0.1]/"), fetch.Refused)
}

// A firewall before this machine does not stand between it and itself.
func TestOwnAddressesAreRefused(t *testing.T) {
	t.Parallel()
	list, err := net.InterfaceAddrs()
	if err != nil {
		t.Skip("this machine does not tell its addresses")
	}
	f := fetch.New(fetch.Config{})
	for _, a := range list {
		if n, ok := a.(*net.IPNet); ok {
			ip, _ := netip.AddrFromSlice(n.IP)
			want(t, f.Check("http://"+netip.AddrPortFrom(ip.Unmap(), 8080).String()), fetch.Refused)
		}
	}
}

// FuzzCheck holds that what passes is a web URL of a host that stands for
// itself, and that a name that passes is still judged when it is dialled.
func FuzzCheck(f *testing.F) {
	for _, row := range forbidden {
		f.Add("http://" + row.host + "/")
	}
	for _, s := range []string{"https://news.example/a?b#c", "http://1.1.1.1:8080", "http://[2606:4700::1111]:443/", "http://ａ.example", "http://xn--a.example", "http://ß.example", "http:/\\x"} {
		f.Add(s)
	}
	r, _ := resolver(map[string][][]string{"*": {{"127.0.0.1"}}})
	guard := fetch.New(fetch.Config{Resolver: r})
	f.Fuzz(func(t *testing.T, raw string) {
		if guard.Check(raw) != nil {
			return
		}
		u, err := url.Parse(strings.ReplaceAll(strings.TrimSpace(raw), " ", "%20"))
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
			t.Fatalf("%q passed", raw)
		}
		if ip, err := netip.ParseAddr(strings.TrimSuffix(u.Hostname(), ".")); err == nil {
			if !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.Is4In6() {
				t.Fatalf("%q passed", raw)
			}
			return // not dialled: it is somebody's
		}
		if strings.ContainsFunc(u.Hostname(), func(r rune) bool { return r >= '0' && r <= '9' || r > 0x7F }) {
			return // it may map to an address that is somebody's
		}
		if _, err := guard.Get(t.Context(), raw, fetch.Article...); kindOf(t, err) != fetch.Refused {
			t.Fatalf("%q was dialled: %v", raw, err)
		}
	})
}
