package bench

import (
	"fmt"
	"net"
	"sync"
	"testing"
	"time"
)

// Of a thousand connections half never end their headers and half never end their bodies, a byte every 100 ms. A till that
// registers beside them must not notice, and each of them is cut: `longest-s` is the longest that one was held, of the 5
// seconds for headers and the 10 for a body.
func BenchmarkSlowClients(b *testing.B) {
	const many, apart = 1000, 100 * time.Millisecond
	s := start(b, scratch(b, database(b, 10_000)), false)
	defer s.stop(b)
	live, err := dial(s.addr, 1)
	if err != nil {
		b.Fatal(err)
	}
	defer live.conn.Close()
	for b.Loop() {
		alone := paced(b, live, func(k int) bool { return k < 1000 })
		var wg sync.WaitGroup
		held := make([]time.Duration, many)
		for i := range many {
			c, err := net.Dial("tcp", s.addr)
			if err != nil {
				b.Fatal(err)
			}
			defer c.Close()
			head, drip := "GET /v2/customers/1 HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", "a"
			if i%2 == 1 {
				head = "POST /v2/customers?source=INSTORE HTTP/1.1\r\nHost: localhost\r\nAuthorization: " + authorization +
					"\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
				drip = " "
			}
			wg.Go(func() {
				start := time.Now()
				fmt.Fprint(c, head)
				ended := make(chan struct{})
				go func() { // an answer ends it as well as a cut
					defer close(ended)
					c.Read(make([]byte, 1))
				}()
				for tick := time.NewTicker(apart); ; {
					select {
					case <-ended:
						held[i] = time.Since(start)
						tick.Stop()
						return
					case <-tick.C:
						fmt.Fprint(c, drip)
						if time.Since(start) > 2*time.Minute {
							c.Close()
						}
					}
				}
			})
		}
		done := make(chan struct{})
		go func() { wg.Wait(); close(done) }()
		beside := paced(b, live, func(int) bool {
			select {
			case <-done:
				return false
			default:
				return true
			}
		})
		longest := percentile(held, 100)
		if longest > time.Minute {
			b.Errorf("a slow client was held for %v", longest)
		}
		b.ReportMetric(longest.Seconds(), "longest-s")
		b.ReportMetric(float64(percentile(alone, 99).Microseconds()), "p99-alone-µs")
		b.ReportMetric(float64(percentile(beside, 99).Microseconds()), "p99-beside-µs")
		b.ReportMetric(float64(percentile(beside, 99))/float64(percentile(alone, 99)), "×-alone")
		b.ReportMetric(0, "ns/op")
	}
}
