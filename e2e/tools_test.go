package e2e

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
)

func md5Hex(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

func base64Of(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func contains(s, part string) bool { return strings.Contains(s, part) }

// raced says that the race detector is on: then times mean nothing.
var raced = false

// slack loosens limits of time where several things share the processors.
func slack() float64 {
	if os.Getenv("CI") == "true" {
		return 3
	}
	return 1.5
}

func median(all []float64) float64 {
	all = slices.Clone(all)
	slices.Sort(all)
	return all[len(all)/2]
}

// big repeats an index until it has 500 operations, each a little different.
func big(index string) string {
	var rows [][5]string
	if err := json.Unmarshal([]byte(index), &rows); err != nil {
		panic(err)
	}
	operations := 0
	for _, r := range rows {
		if r[0] == "operation" {
			operations++
		}
	}
	var all [][5]string
	for n := 0; n*operations < 500; n++ {
		for _, r := range rows {
			r[1], r[2] = fmt.Sprintf("%s %d", r[1], n), fmt.Sprintf("%s-%d", r[2], n)
			all = append(all, r)
		}
	}
	b, err := json.Marshal(all)
	if err != nil {
		panic(err)
	}
	return string(b)
}
