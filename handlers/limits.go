package handlers

import (
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"github.com/arteriole/arteriole/fault"
)

// rates is a token bucket for each caller.
type rates[K comparable] struct {
	buckets *bounded[K, *rate.Limiter]
}

func newRates[K comparable](max int) *rates[K] {
	return &rates[K]{newBounded[K, *rate.Limiter](max)}
}

// A verdict is what a bucket says of one request.
type verdict struct {
	limit     int           // requests at once; 0: no limit
	remaining int           // of them, after this one
	reset     time.Duration // until all are there again
	wait      time.Duration // until the next is let through; 0: this one was
}

// take asks for one request of perSecond and burst. perSecond 0 is no limit.
func (r *rates[K]) take(key K, perSecond float64, burst int, now time.Time) (v verdict) {
	if perSecond <= 0 {
		return v
	}
	burst = max(burst, 1)
	r.buckets.with(key, func(l **rate.Limiter) {
		if *l == nil {
			*l = rate.NewLimiter(rate.Limit(perSecond), burst)
		} else if (*l).Limit() != rate.Limit(perSecond) || (*l).Burst() != burst {
			(*l).SetLimitAt(now, rate.Limit(perSecond))
			(*l).SetBurstAt(now, burst)
		}
		ok := (*l).AllowN(now, 1)
		tokens := (*l).TokensAt(now)
		v.limit, v.remaining = burst, max(0, int(tokens))
		v.reset = seconds((float64(burst) - tokens) / perSecond)
		if !ok {
			v.wait = max(seconds((1-tokens)/perSecond), time.Millisecond)
		}
	})
	return v
}

func seconds(f float64) time.Duration { return time.Duration(f * float64(time.Second)) }

// tell puts a verdict into the headers of the answer. Their names are spelled as net/http spells them, or it would make them anew each time.
func (v verdict) tell(h http.Header) {
	if v.limit == 0 {
		return
	}
	h.Set("Ratelimit-Limit", strconv.Itoa(v.limit))
	h.Set("Ratelimit-Remaining", strconv.Itoa(v.remaining))
	h.Set("Ratelimit-Reset", wholeSeconds(v.reset))
}

func (v verdict) err() error {
	if v.wait == 0 {
		return nil
	}
	return fault.TooManyRequests.New().After(v.wait)
}

// wholeSeconds rounds up, since a header has no fractions.
func wholeSeconds(d time.Duration) string {
	return strconv.Itoa(int(math.Ceil(d.Seconds())))
}

// clientAddress is the address that a request came from. Behind a trusted proxy
// that is the rightmost address of X-Forwarded-For that is not itself trusted:
// what stands further left was written by the client and proves nothing.
func clientAddress(r *http.Request, trusted []netip.Prefix) netip.Addr {
	at := address(r.RemoteAddr)
	if len(trusted) == 0 || !within(at, trusted) {
		return at
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop := address(strings.TrimSpace(hops[i]))
		if !hop.IsValid() {
			return at
		}
		if at = hop; !within(hop, trusted) {
			return at
		}
	}
	return at
}

// address reads an address with or without a port; the zero Addr when it is none.
func address(s string) netip.Addr {
	a, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if err != nil {
		ap, err := netip.ParseAddrPort(s)
		if err != nil {
			return netip.Addr{}
		}
		a = ap.Addr()
	}
	return a.Unmap().WithZone("")
}

func within(a netip.Addr, prefixes []netip.Prefix) bool {
	for _, p := range prefixes {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// neighbourhood is what counts as one address: an IPv6 customer has a whole /64.
func neighbourhood(a netip.Addr) netip.Addr {
	if a.Is6() {
		p, _ := a.Prefix(64)
		return p.Addr()
	}
	return a
}
