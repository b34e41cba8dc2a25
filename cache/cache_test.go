package cache_test

import (
	"strings"
	"testing"
	"time"

	"dubhashi/cache"
)

func TestKeyString(t *testing.T) {
	t.Parallel()
	var k cache.Key
	for i := range k {
		k[i] = byte(255 - i)
	}
	const want = "dubhashi:c1:__79_Pv6-fj39vX08_Lx8O_u7ezr6uno5-bl5OPi4eA"
	if got := k.String(); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if (cache.Key{}).String() != "dubhashi:c1:"+strings.Repeat("A", 43) {
		t.Errorf("the zero key is %s", cache.Key{})
	}
}

func TestJitter(t *testing.T) {
	t.Parallel()
	for _, ttl := range []time.Duration{time.Millisecond, time.Minute, 720 * time.Hour} {
		low, high := ttl, ttl
		for range 2000 {
			got := cache.Jitter(ttl)
			low, high = min(low, got), max(high, got)
		}
		if low < ttl*9/10 || high > ttl*11/10 || low > ttl*92/100 || high < ttl*108/100 {
			t.Errorf("%v became %v to %v, want ± 10 %%", ttl, low, high)
		}
	}
	for _, ttl := range []time.Duration{0, 1, 9, -1, -time.Hour} {
		if got := cache.Jitter(ttl); got != ttl {
			t.Errorf("%d became %d", ttl, got)
		}
	}
}
