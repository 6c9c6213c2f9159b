package db

import (
	"strings"
	"testing"
	"time"
)

const server123 = "8a16a6b70505eb1f1ff7cdc0cd5559a7" // md5 of server123

func TestPasswords(t *testing.T) {
	phc := HashPassword(server123)
	if !strings.HasPrefix(phc, "$argon2id$v=19$m=19456,t=2,p=1$") || strings.Contains(phc, server123) {
		t.Fatalf("unexpected form: %s", phc)
	}
	if phc == HashPassword(server123) {
		t.Error("two hashes of one password are equal: the salt is not fresh")
	}
	for md5hex, want := range map[string]bool{
		server123:                  true,
		strings.ToUpper(server123): false, // callers fold
		server123[:31] + "8":       false,
		"server123":                false,
		"":                         false,
	} {
		if CheckPassword(phc, md5hex) != want {
			t.Errorf("CheckPassword(%q) is %v", md5hex, !want)
		}
	}
}

// A hash that we did not write is refused at once: no memory, no time.
func TestPasswordHashIsStrict(t *testing.T) {
	phc := HashPassword(server123)
	if _, ok := parsePasswordHash(phc); !ok {
		t.Fatal("our own hash is refused")
	}
	bad := map[string]string{
		"empty":           "",
		"md5":             server123,
		"other algorithm": strings.Replace(phc, "argon2id", "argon2i", 1),
		"other version":   strings.Replace(phc, "v=19", "v=16", 1),
		"huge memory":     strings.Replace(phc, "m=19456", "m=4194304", 1),
		"overflow":        strings.Replace(phc, "m=19456", "m=4294986752", 1),
		"no memory":       strings.Replace(phc, "m=19456", "m=0", 1),
		"many passes":     strings.Replace(phc, "t=2", "t=1000", 1),
		"many threads":    strings.Replace(phc, "p=1", "p=255", 1),
		"threads wrap":    strings.Replace(phc, "p=1", "p=257", 1),
		"leading zero":    strings.Replace(phc, "t=2", "t=02", 1),
		"sign":            strings.Replace(phc, "t=2", "t=+2", 1),
		"blank":           strings.Replace(phc, "t=2", "t= 2", 1),
		"order":           strings.Replace(phc, "m=19456,t=2", "t=2,m=19456", 1),
		"extra cost":      strings.Replace(phc, "p=1", "p=1,data=x", 1),
		"padding":         phc + "=",
		"tail":            phc + "$",
		"head":            "x" + phc,
		"no key":          phc[:strings.LastIndex(phc, "$")+1],
		"short key":       phc[:strings.LastIndex(phc, "$")+5],
		"no salt":         "$argon2id$v=19$m=19456,t=2,p=1$$" + phc[strings.LastIndex(phc, "$")+1:],
		"long salt":       "$argon2id$v=19$m=19456,t=2,p=1$" + strings.Repeat("A", 400) + "$" + phc[strings.LastIndex(phc, "$")+1:],
	}
	for name, s := range bad {
		start := time.Now()
		if _, ok := parsePasswordHash(s); ok || CheckPassword(s, server123) {
			t.Errorf("%s: accepted %s", name, s)
		}
		if d := time.Since(start); d > 2*time.Second { // what "huge memory" asks for would take many times as long
			t.Errorf("%s: took %v", name, d)
		}
	}
}

func FuzzPasswordHash(f *testing.F) {
	f.Add("$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, phc string) {
		if h, ok := parsePasswordHash(phc); ok && (h.String() != phc || h.memory > 65536 || h.time > 8) {
			t.Errorf("%q reads as %+v", phc, h)
		}
	})
}
