package cli

import (
	"bufio"
	"crypto/md5"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/arteriole/arteriole/db"
)

type chosenPassword struct {
	text string
	made bool // by us
}

// choosePassword returns the password given by --password, reads it, or generates one of 130 random bits.
func (a *app) choosePassword(cmd *cobra.Command, given, code string) (chosenPassword, error) {
	if !cmd.Flags().Changed("password") {
		return chosenPassword{rand.Text(), true}, nil
	}
	if given == "-" {
		line, err := bufio.NewReader(io.LimitReader(a.stdin, maxPassword+2)).ReadString('\n')
		if err != nil && err != io.EOF {
			return chosenPassword{}, fmt.Errorf("cannot read the password: %w", err)
		}
		given = strings.TrimRight(line, "\r\n")
	}
	if why := weak(given, code); why != "" {
		return chosenPassword{}, db.Refusal("the password " + why + ": choose another, or omit --password to have one generated")
	}
	return chosenPassword{given, false}, nil
}

const (
	minPassword      = 12 // characters
	minDifferentOnes = 5
	maxPassword      = 1000 // bytes
)

// weak returns why a password may not be used, or "".
func weak(password, code string) string {
	lower := strings.ToLower(password)
	different := map[rune]bool{}
	for _, r := range lower {
		different[r] = true
	}
	switch n := utf8.RuneCountInString(password); {
	case n == 0:
		return "is empty"
	case n < minPassword:
		return fmt.Sprintf("has %d characters and needs at least %d", n, minPassword)
	case len(password) > maxPassword:
		return fmt.Sprintf("is longer than %d bytes", maxPassword)
	case !utf8.ValidString(password) || strings.ContainsFunc(password, unicode.IsControl):
		return "has control characters or invalid UTF-8"
	case strings.TrimSpace(password) != password:
		return "begins or ends with whitespace"
	case lower == strings.ToLower(code):
		return "is the till's user name"
	case len(different) < minDifferentOnes:
		return fmt.Sprintf("has fewer than %d different characters", minDifferentOnes)
	}
	// The most common passwords, also with the digits or signs at the end that make them long enough.
	bare := strings.TrimRightFunc(lower, func(r rune) bool { return !unicode.IsLetter(r) })
	for _, c := range common {
		if lower == c || bare == c || bare == c+c {
			return "is too common"
		}
	}
	return ""
}

var common = []string{
	"123456789012", "1234567890123", "12345678901234", "123456789abc", "012345678901", "0123456789ab", "123123123123", "1q2w3e4r5t6y", "1qaz2wsx3edc",
	"password", "passw0rd", "passwort", "p@ssword", "p@ssw0rd", "qwerty", "qwertyuiop", "qwertzuiop", "asdfghjkl", "zxcvbnm", "abcdef", "abcdefgh",
	"abcdefghijkl", "letmein", "welcome", "admin", "administrator", "root", "iloveyou", "monkey", "dragon", "sunshine", "princess", "football",
	"baseball", "superman", "trustno", "changeme", "changeit", "default", "secret", "test", "testing", "server", "store", "till", "storeserver",
	"arteriole", "capillary", "mypassword", "passwordpassword", "correcthorsebatterystaple",
}

// md5Hex is what a till sends of its password.
func md5Hex(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}
