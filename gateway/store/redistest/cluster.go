package redistest

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

// slots of a Redis cluster; see https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/
const slots = 16384

// Cluster is a cluster of masters without replicas that belongs to a test.
type Cluster struct {
	Nodes []*Server
}

// StartCluster starts n masters, shares the slots out among them and waits
// until each says that the cluster is whole (two to three seconds: a node that
// has just started accepts writes only after two).
func StartCluster(t testing.TB, n int) *Cluster {
	t.Helper()
	c := &Cluster{}
	for i := range n {
		s := newServer(t, []string{"--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--cluster-port", strconv.Itoa(freePort(t))})
		s.startOnFreePort()
		s.Do("CLUSTER", "ADDSLOTSRANGE", strconv.Itoa(i*slots/n), strconv.Itoa((i+1)*slots/n-1))
		s.Do("CLUSTER", "SET-CONFIG-EPOCH", strconv.Itoa(i+1))
		c.Nodes = append(c.Nodes, s)
	}
	for _, s := range c.Nodes[1:] {
		s.Do("CLUSTER", "MEET", "127.0.0.1", strconv.Itoa(c.Nodes[0].port), c.Nodes[0].args[len(c.Nodes[0].args)-1])
	}
	deadline := time.Now().Add(15 * time.Second)
	for _, s := range c.Nodes {
		for {
			info := s.Do("CLUSTER", "INFO")
			if strings.Contains(info, "cluster_state:ok") && strings.Contains(info, "cluster_known_nodes:"+strconv.Itoa(n)) {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("the cluster does not come together:\n%s", info)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	return c
}

// URL names all nodes, as store.OpenRedis reads it.
func (c *Cluster) URL() string {
	addrs := make([]string, len(c.Nodes))
	for i, s := range c.Nodes {
		addrs[i] = s.Addr()
	}
	return "redis://" + strings.Join(addrs, ",")
}
