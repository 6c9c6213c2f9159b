package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/arteriole/arteriole/fault"
)

// One customer cannot grow without bound over many requests, and a request that changes nothing writes nothing.
func TestOneCustomerIsBounded(t *testing.T) {
	oneByOne(t)
	s, who := openDemo(t)
	ctx := context.Background()
	long := strings.Repeat("x", 1990)
	var refused error
	for i := range 100 {
		in := ChannelInput{Type: "viber", Value: fmt.Sprint("v", i), Attributes: map[string]string{}}
		for k := range 50 {
			in.Attributes[fmt.Sprint(k)] = long
		}
		if _, refused = s.UpdateCustomer(ctx, who, 1001, "INSTORE", "", &ProfileInput{Channels: []ChannelInput{in}}, CustomerInput{}); refused != nil {
			break
		}
	}
	if f, ok := fault.Of(refused); !ok || f.Code != fault.BadRequest || !strings.Contains(f.Text(), "256 KiB") {
		t.Errorf("%v", refused)
	}
	before, err := s.Rows(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if _, err := s.UpdateCustomer(ctx, who, 1001, "INSTORE", "", nil, CustomerInput{}); err != nil {
			t.Fatal(err)
		}
	}
	after, err := s.Rows(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if before["audit"] != after["audit"] {
		t.Errorf("updates of nothing left %d audit rows", after["audit"]-before["audit"])
	}
}

// A rule for external ids that comes later makes nobody unreachable, and two of one.
func TestANewExternalIDRule(t *testing.T) {
	s, who := openDemo(t)
	ctx := context.Background()
	if err := s.SetOrg(ctx, "demo", "external-id-prefix", "NEW-"); err != nil {
		t.Fatal(err)
	}
	old := Identifier{"externalId", "ARTE-0003"}
	if out, err := s.LookupCustomer(ctx, who, old, "", ""); err != nil || out.ID != 1003 {
		t.Errorf("lookup: %v, %v", out, err)
	}
	if out, err := s.RegisterCustomer(ctx, who, "ECOMMERCE", "", ProfileInput{Identifiers: []Identifier{old, {"email", "m@example.org"}}}, CustomerInput{}); err != nil || out.ID != 1003 || codes(nil, out.Warnings) != "Combined" {
		t.Errorf("register: %v %s, %v", out.ID, codes(nil, out.Warnings), err)
	}
	if out, err := s.RegisterCustomer(ctx, who, "ECOMMERCE", "", ProfileInput{Identifiers: []Identifier{{"externalId", "OLD-9"}, {"email", "n@example.org"}}}, CustomerInput{}); err != nil || codes(nil, out.Warnings) != "ExternalIDInvalid" {
		t.Errorf("a new one of the old form: %s, %v", codes(nil, out.Warnings), err)
	}
	if out, err := s.ChangeIdentifiers(ctx, who, 1003, "INSTORE", "", IdentifierChange{Remove: []Identifier{old}}); err != nil || codes(nil, out.Warnings) != "" {
		t.Errorf("remove: %s, %v", codes(nil, out.Warnings), err)
	}
}

// What is asked while a merge waits is kept, each ask leaves an audit row, and the merge ends the wait.
func TestMergeRequests(t *testing.T) {
	s, who := openDemo(t)
	ctx := context.Background()
	set := func(mode string) {
		t.Helper()
		if err := s.SetOrg(ctx, "demo", "merge-mode", mode); err != nil {
			t.Fatal(err)
		}
	}
	ask := func(add ...Identifier) Outcome {
		t.Helper()
		out, err := s.ChangeIdentifiers(ctx, who, 1001, "INSTORE", "", IdentifierChange{Add: add})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	state := func() (status, change string, audits int) {
		t.Helper()
		err := s.read(ctx, func(tx *Tx) error {
			if err := tx.QueryRow(`SELECT status, change FROM merge_requests WHERE org = 1`).Scan(&status, &change); err != nil && !errors.Is(err, sql.ErrNoRows) {
				return err
			}
			return tx.QueryRow(`SELECT count(*) FROM audit WHERE org = 1 AND action = 'customer.mergeRequested'`).Scan(&audits)
		})
		if err != nil {
			t.Fatal(err)
		}
		return status, change, audits
	}
	set("approve")
	ravi, free := Identifier{"email", "ravi.menon@example.org"}, Identifier{"mobile", "9000000001"}
	for range 2 {
		if out := ask(ravi, free); codes(nil, out.Warnings) != "MergeAwaitsApproval" || out.ID != 1001 {
			t.Errorf("%v %s", out.ID, codes(nil, out.Warnings))
		}
	}
	ask(ravi)
	status, change, audits := state()
	if status != "PENDING" || strings.Count(change, "ravi.menon") != 2 || !strings.Contains(change, "919000000001") || audits != 2 {
		t.Errorf("%s %s, %d audit rows", status, change, audits)
	}
	set("auto")
	if out := ask(ravi); out.ID != 1002 {
		t.Errorf("merged into %d", out.ID)
	}
	if status, _, _ := state(); status != "APPROVED" {
		t.Errorf("the request is %s", status)
	}
}

func TestWhatAMigrationBacksUpIsPrivate(t *testing.T) {
	path := older(t, 1)
	s, err := Open(context.Background(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	copies, _ := filepath.Glob(path + ".before-*")
	if len(copies) != 1 {
		t.Fatal(copies)
	}
	if st, err := os.Stat(copies[0]); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", st.Mode(), err)
	}
}
