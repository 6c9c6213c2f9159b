package bench

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const authorization = "Basic c3RvcmUuc2VydmVyOjhhMTZhNmI3MDUwNWViMWYxZmY3Y2RjMGNkNTU1OWE3"

// A client is one connection that stays open. It knows as much of HTTP as it needs to send a request and take a whole
// answer, since it shares the processors with what it measures.
type client struct {
	conn net.Conn
	in   *bufio.Reader
	out  []byte
	body []byte // of the last answer, unless it was chunked
	rng  *rand.Rand
}

func dial(addr string, number int) (*client, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &client{conn: conn, in: bufio.NewReaderSize(conn, 16<<10), rng: rand.New(rand.NewPCG(1, uint64(number)))}, nil
}

func (c *client) get(path string) error {
	c.out = fmt.Appendf(c.out[:0], "GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: %s\r\n\r\n", path, authorization)
	return c.do()
}

func (c *client) post(path string, body []byte) error {
	c.out = fmt.Appendf(c.out[:0], "POST %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		path, authorization, len(body), body)
	return c.do()
}

// do sends a request and takes its answer, which must be a 200.
func (c *client) do() error {
	if _, err := c.conn.Write(c.out); err != nil {
		return err
	}
	status, err := c.line()
	if err != nil {
		return err
	}
	ok := bytes.HasPrefix(status, []byte("HTTP/1.1 200 "))
	first := string(status)
	length, chunked := 0, false
	for {
		h, err := c.line()
		if err != nil {
			return err
		}
		if len(h) == 0 {
			break
		}
		if v, found := bytes.CutPrefix(h, []byte("Content-Length: ")); found {
			if length, err = strconv.Atoi(string(v)); err != nil {
				return err
			}
		}
		chunked = chunked || bytes.Equal(h, []byte("Transfer-Encoding: chunked"))
	}
	c.body = slices.Grow(c.body[:0], length)[:length]
	if _, err := io.ReadFull(c.in, c.body); err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("%s: %s", first, c.body)
	}
	if !chunked {
		return nil
	}
	for {
		size, err := c.line()
		if err != nil {
			return err
		}
		n, err := strconv.ParseInt(string(size), 16, 32)
		if err != nil {
			return err
		}
		if _, err := c.in.Discard(int(n) + 2); err != nil || n == 0 {
			return err
		}
	}
}

func (c *client) line() ([]byte, error) {
	b, err := c.in.ReadSlice('\n')
	return bytes.TrimRight(b, "\r\n"), err
}

// load makes b.N calls from many connections, reports what they took and gives the calls in a second. The first call of
// each connection is not counted.
func load(b *testing.B, s *server, clients int, call func(*client) error) (rate float64) {
	b.Helper()
	cs := make([]*client, clients)
	for i := range cs {
		c, err := dial(s.addr, i)
		if err == nil {
			err = call(c)
		}
		if err != nil {
			b.Fatal(err)
		}
		defer c.conn.Close()
		cs[i] = c
	}
	before := s.usage(b)
	s.profile(b)
	var calls atomic.Int64
	var wg sync.WaitGroup
	took := make([][]time.Duration, clients)
	failed := make(chan error, clients)
	b.ResetTimer()
	start := time.Now()
	for i, c := range cs {
		wg.Go(func() {
			for calls.Add(1) <= int64(b.N) {
				t := time.Now()
				if err := call(c); err != nil {
					failed <- err
					return
				}
				took[i] = append(took[i], time.Since(t))
			}
		})
	}
	wg.Wait()
	elapsed := time.Since(start)
	b.StopTimer()
	after := s.usage(b)
	select {
	case err := <-failed:
		b.Fatal(err)
	default:
	}
	n := float64(b.N)
	all := slices.Concat(took...)
	slices.Sort(all)
	rate = n / elapsed.Seconds()
	b.ReportMetric(rate, "calls/s")
	b.ReportMetric(micros(quantile(all, .5)), "p50-µs")
	b.ReportMetric(micros(quantile(all, .99)), "p99-µs")
	b.ReportMetric((after.CPU-before.CPU)*1e6/n, "cpu-µs/call")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/n, "allocs/call")
	b.ReportMetric(float64(after.Bytes-before.Bytes)/n, "B/call")
	if commits := after.Commits - before.Commits; commits > 0 {
		b.ReportMetric(float64(after.Writes-before.Writes)/float64(commits), "writes/commit")
	}
	b.ReportMetric(0, "ns/op") // the same as calls/s
	return rate
}

func quantile(sorted []time.Duration, q float64) time.Duration {
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
