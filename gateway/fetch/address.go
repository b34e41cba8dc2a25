package fetch

import (
	"net"
	"net/netip"
	"strings"
)

// blocked4 is what of IPv4 is no public host: the IANA IPv4 Special-Purpose
// Address Registry, but for the three blocks of it that lead to the public
// network's own anycast servers (192.31.196.0/24, 192.52.193.0/24,
// 192.175.48.0/24); multicast (RFC 5771); and a metadata server that stands
// among public addresses.
var blocked4 = prefixes(
	"0.0.0.0/8",        // this network; Linux takes 0.0.0.0 for loopback
	"10.0.0.0/8",       // private (RFC 1918)
	"100.64.0.0/10",    // carrier-grade NAT (RFC 6598); Alibaba's metadata at 100.100.100.200
	"127.0.0.0/8",      // loopback
	"168.63.129.16/32", // Azure's metadata and health service
	"169.254.0.0/16",   // link-local; metadata at 169.254.169.254
	"172.16.0.0/12",    // private
	"192.0.0.0/24",     // protocol assignments; Oracle's metadata at 192.0.0.192
	"192.0.2.0/24",     // documentation
	"192.88.99.0/24",   // 6to4 relays, out of use (RFC 7526)
	"192.168.0.0/16",   // private
	"198.18.0.0/15",    // benchmarks (RFC 2544)
	"198.51.100.0/24",  // documentation
	"203.0.113.0/24",   // documentation
	"224.0.0.0/4",      // multicast
	"240.0.0.0/4",      // reserved, and the broadcast address
)

// global6 is all of IPv6 that is handed out to public hosts. Outside of it are
// loopback, unspecified, IPv4-mapped and IPv4-compatible addresses, NAT64
// (64:ff9b::/96, 64:ff9b:1::/48), discard-only, SRv6, unique local (with
// metadata at fd00:ec2::254), link-local, site-local and multicast.
var global6 = netip.MustParsePrefix("2000::/3")

// blocked6 is what of global6 is no public host: the IANA IPv6 Special-Purpose
// Address Registry.
var blocked6 = prefixes(
	"2001::/23",     // protocol assignments: Teredo, benchmarks, ORCHID
	"2001:db8::/32", // documentation
	"2002::/16",     // 6to4, which holds an IPv4 address
	"3fff::/20",     // documentation
)

// nat64 holds an IPv4 address in its last 32 bits (RFC 6052, 2.1).
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, s := range list {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

func within(ip netip.Addr, list []netip.Prefix) bool {
	for _, p := range list {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}

// allowed are the hosts and nets that the operator lifted the block for.
type allowed struct {
	hosts map[string]bool
	nets  []netip.Prefix
}

// parseAllowed reads Config.Allow; what CanAllow refuses allows nothing.
func parseAllowed(list []string) allowed {
	a := allowed{hosts: map[string]bool{}}
	for _, s := range list {
		if net, name, ok := parseAllow(s); ok && name != "" {
			a.hosts[name] = true
		} else if ok {
			a.nets = append(a.nets, net)
		}
	}
	return a
}

// CanAllow reports whether s may stand in Config.Allow: a host name, whole and
// without a port, an address or IP/bits.
func CanAllow(s string) bool {
	_, _, ok := parseAllow(s)
	return ok
}

func parseAllow(s string) (net netip.Prefix, name string, ok bool) {
	s = strings.TrimSpace(s)
	if p, err := netip.ParsePrefix(s); err == nil {
		return p.Masked(), "", true
	}
	if ip, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		ip = ip.Unmap()
		return netip.PrefixFrom(ip, ip.BitLen()), "", ip.Zone() == ""
	}
	name, ok = hostName(s)
	return net, name, ok
}

// permits reports whether an address may be dialled: it is public and not this
// machine's own, or the operator allows it.
func (a allowed) permits(ip netip.Addr) bool {
	if ip.Zone() != "" || !ip.IsValid() {
		return false
	}
	switch {
	case nat64.Contains(ip): // what is behind the translator counts too
		b := ip.As16()
		return within(ip, a.nets) && a.permits(netip.AddrFrom4([4]byte(b[12:])))
	case within(ip.Unmap(), a.nets):
		return true
	case ip.Is4():
		return !within(ip, blocked4) && !own(ip)
	}
	return global6.Contains(ip) && !within(ip, blocked6) && !own(ip)
}

// own reports whether an address is one of this machine's: to it, a firewall in
// front of the machine does not count.
func own(ip netip.Addr) bool {
	list, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	for _, a := range list {
		if n, ok := a.(*net.IPNet); ok {
			if mine, ok := netip.AddrFromSlice(n.IP); ok && mine.Unmap() == ip {
				return true
			}
		}
	}
	return false
}
