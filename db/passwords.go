package db

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/argon2"
)

// What a new password costs to check: 19 MiB and two passes, about 75 ms.
const (
	argonMemory  = 19456 // KiB
	argonTime    = 2
	argonThreads = 1
	argonSalt    = 16
	argonKey     = 32
)

// HashPassword returns what is stored of a till's password: argon2id over its md5 in lower-case hex (which is what clients send),
// with a fresh salt, as a PHC string. The md5 itself is stored nowhere.
func HashPassword(md5hex string) string {
	salt := make([]byte, argonSalt)
	rand.Read(salt) // never fails, see its documentation
	h := passwordHash{memory: argonMemory, time: argonTime, threads: argonThreads, salt: salt}
	h.key = h.derive(md5hex, argonKey)
	return h.String()
}

// NoPassword is a hash, like those of HashPassword, that no known password matches: checking against it takes as long as any
// check.
func NoPassword() string {
	h := passwordHash{memory: argonMemory, time: argonTime, threads: argonThreads, salt: make([]byte, argonSalt), key: make([]byte, argonKey)}
	rand.Read(h.salt)
	rand.Read(h.key)
	return h.String()
}

// CheckPassword reports whether phc was made from md5hex. It takes the memory and time that phc asks for, within bounds; callers
// limit how many run at once. A malformed phc matches nothing.
func CheckPassword(phc, md5hex string) bool {
	h, ok := parsePasswordHash(phc)
	if !ok {
		return false
	}
	return subtle.ConstantTimeCompare(h.derive(md5hex, len(h.key)), h.key) == 1
}

type passwordHash struct {
	memory  uint32 // KiB
	time    uint32
	threads uint8
	salt    []byte
	key     []byte
}

// freeSoon returns memory to the system half a second after the last check: 19 MiB each, which the runtime would otherwise keep
// for minutes.
var freeSoon = sync.OnceValue(func() *time.Timer { return time.AfterFunc(time.Hour, debug.FreeOSMemory) })

func (h passwordHash) derive(md5hex string, size int) []byte {
	defer freeSoon().Reset(500 * time.Millisecond)
	return argon2.IDKey([]byte(md5hex), h.salt, h.time, h.memory, h.threads, uint32(size))
}

func (h passwordHash) String() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		h.memory, h.time, h.threads, b64.EncodeToString(h.salt), b64.EncodeToString(h.key))
}

// parsePasswordHash accepts only the form that String writes, and only costs that a server can bear: a database from elsewhere
// must not decide how much memory we use.
func parsePasswordHash(phc string) (h passwordHash, ok bool) {
	part := strings.Split(phc, "$")
	if len(part) != 6 || part[0] != "" || part[1] != "argon2id" {
		return h, false
	}
	cost := strings.Split(part[3], ",")
	if len(cost) != 3 {
		return h, false
	}
	h.memory = passwordCost(cost[0], "m=", 8, 65536)
	h.time = passwordCost(cost[1], "t=", 1, 8)
	h.threads = uint8(passwordCost(cost[2], "p=", 1, 4))
	if h.memory == 0 || h.time == 0 || h.threads == 0 || h.memory < 8*uint32(h.threads) {
		return h, false
	}
	var err error
	if h.salt, err = base64.RawStdEncoding.DecodeString(part[4]); err != nil || len(h.salt) < 8 || len(h.salt) > 64 {
		return h, false
	}
	if h.key, err = base64.RawStdEncoding.DecodeString(part[5]); err != nil || len(h.key) < 16 || len(h.key) > 64 {
		return h, false
	}
	return h, h.String() == phc // one spelling only: no leading zeros, no blanks, no other version
}

// passwordCost reads "m=19456"; 0 when it is not within low and high.
func passwordCost(s, name string, low, high uint64) uint32 {
	digits, ok := strings.CutPrefix(s, name)
	n, err := strconv.ParseUint(digits, 10, 32)
	if !ok || err != nil || n < low || n > high {
		return 0
	}
	return uint32(n)
}
