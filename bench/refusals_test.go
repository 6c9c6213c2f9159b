package bench

import (
	"cmp"
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/arteriole/arteriole/db"
)

// toldApart is the z from which on two kinds of requests count as told apart: one in a thousand pairs of equal ones gets there.
const toldApart = 3.3

// BenchmarkRefusals asks whether the time of a refusal tells why: it takes b.N rounds (BENCHTIME=2000x), each of one request of
// each kind in an order of chance, and compares each kind with that of a wrong password by the test of Mann and Whitney. No
// password is remembered and no guess is limited: each round has a till and addresses of its own. The control is a refusal
// without a check.
func BenchmarkRefusals(b *testing.B) {
	basic := func(kind string, i int, md5hex string) string {
		return "Basic " + base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%s.%06d:%s", kind, i, md5hex))
	}
	right, wrong := fmt.Sprintf("%x", md5.Sum([]byte("right"))), fmt.Sprintf("%x", md5.Sum([]byte("wrong")))
	kinds := []struct {
		name, till, password string
		status               int
		took                 []float64 // milliseconds
	}{
		{name: "wrong password", till: "known", password: wrong, status: 401},
		{name: "unknown till", till: "never", password: wrong, status: 401},
		{name: "disabled till, its password", till: "ended", password: right, status: 401},
		{name: "right password", till: "known", password: right, status: 200},
		{name: "no check (control)", till: "known", password: wrong[:31] + "x", status: 401},
	}
	path := filepath.Join(b.TempDir(), "refusals.db")
	if err := seed(b.Context(), path, 0); err != nil {
		b.Fatal(err)
	}
	s, err := db.Open(b.Context(), path, db.Options{NoSync: true})
	if err != nil {
		b.Fatal(err)
	}
	hash := db.HashPassword(right)
	for i := range b.N {
		for _, till := range []string{"known", "ended"} {
			code := fmt.Sprintf("%s.%06d", till, i)
			if err = s.AddTill(b.Context(), "demo", "store", code, "till", hash); err == nil && till == "ended" {
				err = s.DisableTill(b.Context(), "demo", code)
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	b.Setenv(proxiedEnv, "1")
	server := start(b, path, true)
	defer server.stop(b)
	var done atomic.Int64
	stop := tell("rounds of refusals", b.N, func() int { return int(done.Load()) })
	b.ResetTimer()
	for i := range b.N {
		for at, k := range rand.Perm(len(kinds)) {
			kind := &kinds[k]
			req, err := http.NewRequest("GET", "http://"+server.addr+"/v2/customers/1001", nil)
			if err != nil {
				b.Fatal(err)
			}
			req.Header.Set("Authorization", basic(kind.till, i, kind.password))
			req.Header.Set("X-Forwarded-For", fmt.Sprintf("10.%d.%d.%d", at, i>>8, i&255))
			began := time.Now()
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				b.Fatal(err)
			}
			_, err = io.Copy(io.Discard, res.Body)
			kind.took = append(kind.took, time.Since(began).Seconds()*1000)
			if res.Body.Close(); err != nil || res.StatusCode != kind.status {
				b.Fatalf("%s: %s, %v", kind.name, res.Status, err)
			}
		}
		done.Add(1)
	}
	b.StopTimer()
	stop()
	base := kinds[0].took
	if b.ReportMetric(0, "ns/op"); b.N < 20 {
		return
	}
	b.Logf("%d samples of each kind; a shift of %.2f ms would have been told apart", len(base), leastTold(base))
	for i, kind := range kinds {
		z, says := rankSum(base, kind.took), "not told apart"
		if math.Abs(z) >= toldApart {
			says = "told apart"
		}
		b.Logf("%-28s p25 %6.2f  p50 %6.2f  p75 %6.2f ms  z %6.1f  %s", kind.name, quartile(kind.took, 0.25), quartile(kind.took, 0.5), quartile(kind.took, 0.75), z, says)
		if i == 0 {
			continue
		}
		b.ReportMetric(z, "z-"+strings.NewReplacer(" ", "-", ",", "", "(", "", ")", "").Replace(kind.name))
	}
	if z := rankSum(base, kinds[len(kinds)-1].took); z > -toldApart {
		b.Errorf("the control was not told apart (z %.1f): these samples show nothing", z)
	}
}

func quartile(samples []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(samples))
	return sorted[int(q*float64(len(sorted)-1))]
}

// rankSum is the z of Mann and Whitney: below 0 when the samples of b tend to be smaller than those of a, about 0 when they
// cannot be told apart.
func rankSum(a, b []float64) float64 {
	type sample struct {
		took float64
		ofB  bool
	}
	var all []sample
	for _, v := range a {
		all = append(all, sample{v, false})
	}
	for _, v := range b {
		all = append(all, sample{v, true})
	}
	slices.SortFunc(all, func(x, y sample) int { return cmp.Compare(x.took, y.took) })
	sum := 0.0
	for i := 0; i < len(all); {
		j := i
		for j < len(all) && all[j].took == all[i].took {
			j++
		}
		for _, s := range all[i:j] {
			if s.ofB {
				sum += float64(i+j+1) / 2 // equal ones share their ranks
			}
		}
		i = j
	}
	n, m := float64(len(a)), float64(len(b))
	return (sum - m*(n+m+1)/2) / math.Sqrt(n*m*(n+m+1)/12)
}

// leastTold is by how many milliseconds samples must be moved to be told apart from themselves.
func leastTold(samples []float64) float64 {
	low, high := 0.0, 1000.0
	for high-low > 0.001 {
		moved, by := slices.Clone(samples), (low+high)/2
		for i := range moved {
			moved[i] += by
		}
		if rankSum(samples, moved) >= toldApart {
			high = by
		} else {
			low = by
		}
	}
	return high
}

func TestRankSum(t *testing.T) {
	var a, b, near []float64
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		a, b, near = append(a, 60+8*rng.NormFloat64()), append(b, 60+8*rng.NormFloat64()), append(near, 61.5+8*rng.NormFloat64())
	}
	if z := rankSum(a, b); math.Abs(z) > toldApart {
		t.Errorf("equal ones: z %.1f", z)
	}
	if z, back := rankSum(a, near), rankSum(near, a); z < toldApart || math.Abs(z+back) > 1e-9 {
		t.Errorf("a shift of 1.5 at a spread of 8: z %.1f, and %.1f the other way", z, back)
	}
	if z := rankSum([]float64{1, 1, 1}, []float64{1, 1}); z != 0 {
		t.Errorf("all the same: z %.1f", z)
	}
	if d := leastTold(a); d < 0.3 || d > 1.5 { // 3.3 of 8·√(2/2000) is 0.83
		t.Errorf("the least shift that is told apart: %.2f", d)
	}
}
