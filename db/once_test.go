package db

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/arteriole/arteriole/fault"
)

// count is a change that everybody sees: it gives how often it was done.
func count(tx *Tx) (int64, error) { return tx.next(1, "counted", 1) }

func counted(t *testing.T, s *Store) (n int64) {
	t.Helper()
	err := s.read(context.Background(), func(tx *Tx) error {
		return tx.QueryRow(`SELECT coalesce(max(last), 0) FROM counters WHERE org = 1 AND name = 'counted'`).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// keyed is who, asking with a key.
func keyed(who Who, key, body string) Who {
	who.Once = &Once{Method: "POST", Path: "/v2/things", Key: key, Hash: fmt.Sprintf("%064s", body)}
	return who
}

func TestAKeyHappensOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	now := noon
	start := func() *Store {
		s, err := Open(context.Background(), path, Options{Clock: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := start()
	defer func() { s.Close() }()
	if _, err := s.EnsureDemo(context.Background()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddOrg(context.Background(), "other", nil); err != nil {
		t.Fatal(err)
	}
	base := Who{Org: 1, Till: 1, RequestID: "A"}
	ask := func(who Who) string {
		n, err := once(context.Background(), s, who, count)
		if f, ok := fault.Of(err); ok {
			return f.Text()
		} else if err != nil {
			t.Fatal(err)
		}
		if who.Once != nil && who.Once.Replayed {
			return fmt.Sprint(n, " again")
		}
		return fmt.Sprint(n)
	}
	const conflict = "The request conflicts with another: this key came before with another request (header: Idempotency-Key)"
	otherPath, otherMethod, otherOrg, otherTill := keyed(base, "k", "1"), keyed(base, "k", "1"), keyed(base, "k", "1"), keyed(base, "k", "1")
	otherPath.Once.Path, otherMethod.Once.Method, otherOrg.Org, otherTill.Till = "/v2/other", "PUT", 2, 2
	for _, step := range []struct {
		what string
		who  Who
		want string
	}{
		{"the first", keyed(base, "k", "1"), "1"},
		{"the same", keyed(base, "k", "1"), "1 again"},
		{"another till of the org", otherTill, "1 again"},
		{"another body", keyed(base, "k", "2"), conflict},
		{"the first body, after another", keyed(base, "k", "1"), "1 again"},
		{"another key", keyed(base, "K", "1"), "2"},
		{"another path", otherPath, "3"},
		{"another method", otherMethod, "4"},
		{"another org", otherOrg, "5"},
		{"no key", base, "6"},
		{"no key, again", base, "7"},
	} {
		if got := ask(step.who); got != step.want {
			t.Errorf("%s: %s, want %s", step.what, got, step.want)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = start()
	if got := ask(keyed(base, "k", "1")); got != "1 again" {
		t.Errorf("after a restart: %s", got)
	}
	now = now.Add(keptFor - time.Millisecond)
	if got := ask(keyed(base, "k", "2")); got != conflict {
		t.Errorf("just before the end: %s", got)
	}
	now = now.Add(time.Millisecond)
	if got := ask(keyed(base, "k", "2")) + ask(keyed(base, "k", "2")); got != "88 again" {
		t.Errorf("after 24 hours: %s", got)
	}
}

// A fault is an answer: its effect is nothing, and it comes back as it was. What the server could not do is none.
func TestWhatAKeyKeeps(t *testing.T) {
	t.Parallel()
	s, who := openDemo(t)
	for _, c := range []struct {
		what  string
		err   error
		again bool
	}{
		{"a fault", fault.MergedCustomer.With("id", int64(12345678), "survivor", 1001).At("path: id").After(90 * time.Second), true},
		{"a fault with a cause", fault.CustomerNotFound.With("type", "id", "value", strings.Repeat("é", 300)).Because(errors.New("secret")), true},
		{"a bad request", fault.BadRequest.With("reason", "is wrong"), false},
		{"unavailable", fault.Unavailable.Because(errors.New("busy")), false},
		{"not found", ErrNotFound, false},
		{"a bug", errors.New("a bug"), false},
		{"nothing", nil, true},
	} {
		before := counted(t, s)
		runs := 0
		var answers []error
		for range 2 {
			who := keyed(who, c.what, "")
			_, err := once(context.Background(), s, who, func(tx *Tx) (int64, error) {
				runs++
				n, err := count(tx)
				return n, errors.Join(err, c.err)
			})
			if replayed := len(answers) > 0 && c.again; who.Once.Replayed != replayed {
				t.Errorf("%s: replayed is %v", c.what, who.Once.Replayed)
			}
			answers = append(answers, err)
		}
		if again := runs == 1; again != c.again {
			t.Errorf("%s: done %d times", c.what, runs)
		}
		if done := counted(t, s) - before; done != 0 && c.err != nil || done != 1 && c.err == nil {
			t.Errorf("%s: %d effects", c.what, done)
		}
		if f, ok := fault.Of(answers[0]); ok && c.again {
			g, _ := fault.Of(answers[1])
			if g == nil || f.Code != g.Code || f.Text() != g.Text() || f.Place() != g.Place() || f.RetryAfter() != g.RetryAfter() {
				t.Errorf("%s: %v, then %v", c.what, answers[0], answers[1])
			}
		}
	}
}

// Results of the store survive, with their warnings.
func TestOutcomesSurvive(t *testing.T) {
	t.Parallel()
	s, who := openDemo(t)
	first := "Asha"
	register := func() Outcome {
		out, err := s.RegisterCustomer(context.Background(), keyed(who, "r", ""), "WEBSITE", "", ProfileInput{FirstName: &first,
			Identifiers: []Identifier{{"email", "asha.rao@example.org"}, {"email", "tomoko.sato@example.org"}, {"mobile", "12"}}}, CustomerInput{})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	a, b := register(), register()
	texts := func(o Outcome) (s []string) {
		for _, w := range o.Warnings {
			s = append(s, w.Text())
		}
		return s
	}
	if a.ID != b.ID || len(a.Warnings) != 2 || !reflect.DeepEqual(texts(a), texts(b)) {
		t.Errorf("%d %q, then %d %q", a.ID, texts(a), b.ID, texts(b))
	}
}

// 50 at once: one effect, 50 equal answers. Without a key there are 50 effects.
func TestManyAtOnceWithOneKey(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"one key", ""} {
		s, who := openDemo(t)
		var wg sync.WaitGroup
		var replayed atomic.Int64
		answers := make([]int64, 50)
		for i := range answers {
			wg.Go(func() {
				who := who
				if key != "" {
					who = keyed(who, key, "")
				}
				n, err := once(context.Background(), s, who, count)
				if err != nil {
					t.Error(err)
				}
				if answers[i] = n; who.Once != nil && who.Once.Replayed {
					replayed.Add(1)
				}
			})
		}
		wg.Wait()
		different := map[int64]bool{}
		for _, n := range answers {
			different[n] = true
		}
		want := 1
		if key == "" {
			want = 50
		}
		if n := counted(t, s); n != int64(want) || len(different) != want || replayed.Load() != int64(50-want) && key != "" {
			t.Errorf("key %q: %d effects, %d answers, %d replayed", key, n, len(different), replayed.Load())
		}
	}
}

// A repeat waits for the first; one that waited too long is told when to come again.
func TestARepeatWaits(t *testing.T) {
	t.Parallel()
	s, who := openDemo(t)
	began, goOn := make(chan struct{}), make(chan struct{})
	first := make(chan error, 1)
	go func() {
		_, err := once(context.Background(), s, keyed(who, "slow", ""), func(tx *Tx) (int64, error) {
			close(began)
			<-goOn
			return count(tx)
		})
		first <- err
	}()
	<-began
	s.keyPatience = 20 * time.Millisecond
	_, err := once(context.Background(), s, keyed(who, "slow", ""), count)
	if f, ok := fault.Of(err); !ok || f.Code != fault.Conflict || f.RetryAfter() != time.Second ||
		f.Text() != "The request conflicts with another: the first request with this key has not ended yet (header: Idempotency-Key)" {
		t.Errorf("an impatient repeat: %v", err)
	}
	s.keyPatience = keyPatience
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := once(gone, s, keyed(who, "slow", ""), count); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a repeat whose caller hung up: %v", err)
	}
	time.AfterFunc(20*time.Millisecond, func() { close(goOn) })
	repeat := keyed(who, "slow", "")
	n, err := once(context.Background(), s, repeat, count)
	if err != nil || n != 1 || !repeat.Once.Replayed {
		t.Errorf("a patient repeat: %d, %v", n, err)
	}
	if err := <-first; err != nil {
		t.Error(err)
	}
	if len(s.turns.running) > 0 {
		t.Error("a turn was left behind")
	}
}

func TestForget(t *testing.T) {
	t.Parallel()
	s, who := openDemo(t)
	err := s.write(context.Background(), func(tx *Tx) error {
		for i := range 2*forgetStep + 200 {
			at := tx.now - keptFor.Milliseconds() + int64(i%2)
			if _, err := tx.Exec(`INSERT INTO idempotency (org, key, method, path, hash, at, request, failed, answer) VALUES ($1, $2, 'POST', '/', $3, $4, '', 0, '{}')`,
				who.Org, fmt.Sprint(i), strings.Repeat("0", 64), at); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []int64{forgetStep + 100, 0} {
		if n, err := s.Forget(context.Background()); err != nil || n != want {
			t.Errorf("%d forgotten, %v, want %d", n, err, want)
		}
	}
	if rows, err := s.Rows(context.Background()); err != nil || rows["idempotency"] != forgetStep+100 {
		t.Errorf("%v, %v", rows, err)
	}
}

// A sandbox keeps a bounded number of answers, and leaves none.
func TestASandboxKeepsFewAnswers(t *testing.T) {
	t.Parallel()
	s, _ := openDemo(t)
	ctx := context.Background()
	if _, err := s.AddSandbox(ctx, SandboxLimits{Lifetime: time.Hour, Changes: 10, Rate: 1, Burst: 1, Most: 1}); err != nil {
		t.Fatal(err)
	}
	o, err := s.orgIDOfSandbox(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var last error
	kept := 0
	for ; kept < 1000; kept++ {
		if _, last = once(ctx, s, keyed(Who{Org: o}, fmt.Sprint(kept), ""), func(tx *Tx) (int, error) { return 0, fault.MergedCustomer.New() }); !fault.Is(last, fault.MergedCustomer) {
			break
		}
	}
	if !fault.Is(last, fault.SandboxFull) || kept > 100 {
		t.Errorf("%d answers kept, then %v", kept, last)
	}
	if err := s.dropOrg(ctx, o); err != nil {
		t.Fatal(err)
	}
	if rows, err := s.Rows(ctx); err != nil || rows["idempotency"] != 0 {
		t.Errorf("%d answers left, %v", rows["idempotency"], err)
	}
}

func (s *Store) orgIDOfSandbox(ctx context.Context) (id int64, err error) {
	err = s.read(ctx, func(tx *Tx) error { return tx.QueryRow(`SELECT org FROM sandboxes`).Scan(&id) })
	return id, err
}
