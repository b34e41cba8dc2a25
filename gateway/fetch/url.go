package fetch

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// maxURL is the longest URL in bytes: as long as the common servers take.
const maxURL = 8000

// badPorts are those of other protocols: a request to one could be read as
// something else than HTTP. The first lines are the "bad ports" of the WHATWG
// Fetch standard, which no browser asks; the last are of databases, queues,
// remote desktops and the rulers of clusters.
var badPorts = []uint16{
	0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111, 113,
	115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556,
	563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667,
	6668, 6669, 6679, 6697, 10080,
	445, 1433, 1521, 2375, 2376, 2379, 2380, 3306, 3389, 4369, 5432, 5672, 5900, 6379, 6380, 6443, 9042, 9092, 10250, 11211, 26379, 27017,
}

// localDomains never name a public host: RFC 6761 and 6762, RFC 7686 (onion),
// RFC 8375 (home.arpa), ICANN's reservation of internal and refusal of corp and
// home, and what routers use.
var localDomains = []string{
	"localhost", "local", "internal", "home.arpa", "onion", "corp", "home", "lan", "intranet", "private", "localdomain",
}

// target is a URL that passed: its host in ASCII, without a trailing dot.
type target struct {
	url  *url.URL
	host string
}

// Check reports whether a URL could be fetched as far as its text tells, before
// any name is looked up. The error is an *Error of kind Refused.
func (f *Fetcher) Check(rawURL string) error {
	if _, err := f.check(rawURL); err != nil {
		return err
	}
	return nil
}

func (f *Fetcher) check(raw string) (target, *Error) {
	raw = strings.ReplaceAll(strings.TrimSpace(raw), " ", "%20") // as browsers do
	switch {
	case len(raw) > maxURL:
		return target{}, refused("the URL is too long")
	case strings.ContainsFunc(raw, func(r rune) bool { return unicode.IsControl(r) || r == '\\' || r == unicode.ReplacementChar }):
		return target{}, refused("the URL holds a character that no URL has")
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return target{}, refused("the URL is not well-formed")
	case u.Scheme != "http" && u.Scheme != "https", u.Opaque != "", u.Host == "":
		return target{}, refused("the URL is not http:// or https://")
	case u.User != nil:
		return target{}, refused("the URL holds a user name")
	}
	host, ok := hostName(u.Hostname())
	if !ok {
		return target{}, refused("the host is not well-formed")
	}
	port, ok := portOf(u)
	if !ok || slices.Contains(badPorts, port) {
		return target{}, refused("the port is not the web's")
	}
	if !f.hostPasses(host) {
		return target{}, refused("the host is not public")
	}
	given := u.Port() != ""
	if u.Host = host; strings.Contains(host, ":") {
		u.Host = "[" + host + "]"
	}
	if given {
		u.Host += ":" + strconv.Itoa(int(port))
	}
	u.RawQuery, u.Fragment, u.RawFragment = asciiQuery(u.RawQuery), "", ""
	return target{u, host}, nil
}

// portOf is the port that a URL leads to.
func portOf(u *url.URL) (uint16, bool) {
	p := u.Port()
	switch {
	case p != "":
		n, err := strconv.ParseUint(p, 10, 16)
		return uint16(n), err == nil
	case u.Scheme == "https":
		return 443, true
	}
	return 80, true
}

// hostPasses judges what a host's text tells: an address, or a name that can be
// no public one.
func (f *Fetcher) hostPasses(host string) bool {
	if f.allowed.hosts[host] {
		return true
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return f.allowed.permits(ip)
	}
	if len(f.allowed.nets) > 0 {
		return true // a local name may lead into one of them; the dial judges
	}
	if !strings.Contains(host, ".") {
		return false
	}
	return !slices.ContainsFunc(localDomains, func(d string) bool { return host == d || strings.HasSuffix(host, "."+d) })
}

// hostMapping brings a name into the one form in which it is judged, looked up
// and sent: lower case, ASCII (UTS #46, non-transitional, as browsers do it).
var hostMapping = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.Transitional(false), idna.StrictDomainName(false))

// hostName is a host in ASCII, without a trailing dot: an address in its plain
// form, or a name. Numbers in other forms, which some resolvers take for an
// address, are neither (WHATWG URL, "ends in a number").
func hostName(s string) (string, bool) {
	if strings.Contains(s, ":") { // IPv6; a zone would name an interface of this machine
		ip, err := netip.ParseAddr(s)
		return ip.String(), err == nil && ip.Zone() == ""
	}
	s, err := hostMapping.ToASCII(s)
	if err != nil {
		return "", false
	}
	s = strings.TrimSuffix(s, ".")
	if len(s) > 253 {
		return "", false
	}
	if ip, err := netip.ParseAddr(s); err == nil {
		return ip.String(), ip.Is4()
	}
	labels := strings.Split(s, ".")
	for _, l := range labels {
		if l == "" || len(l) > 63 || strings.Trim(l, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return "", false
		}
	}
	return s, !isNumber(labels[len(labels)-1])
}

// isNumber reports whether a label is a number in decimal, octal or hex.
func isNumber(label string) bool {
	if hex, ok := strings.CutPrefix(label, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return strings.Trim(label, "0123456789") == ""
}

// asciiQuery escapes what may not stand in a request line.
func asciiQuery(q string) string {
	var b strings.Builder
	for i := 0; i < len(q); i++ {
		if c := q[i]; c > ' ' && c < 0x7F {
			b.WriteByte(c)
		} else {
			b.WriteString("%" + strings.ToUpper(strconv.FormatUint(uint64(c)|0x100, 16)[1:]))
		}
	}
	return b.String()
}
