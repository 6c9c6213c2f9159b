// Command speclint holds openapi.yaml against the rules of a maintained linter, except those named here with the reason.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/speakeasy-api/openapi/linter"
	"github.com/speakeasy-api/openapi/openapi"
	rules "github.com/speakeasy-api/openapi/openapi/linter"
	"github.com/speakeasy-api/openapi/validation"
)

// Rules that do not fit this contract.
var leftOut = map[string]string{
	"style-paths-kebab-case":           "the paths are the vendor's",
	"style-tags-alphabetical":          "the tags stand in the order of the reference",
	"style-info-contact":               "whoever runs the server is the contact",
	"style-oas3-host-trailing-slash":   "the server is relative",
	"owasp-security-hosts-https-oas3":  "the server is relative",
	"owasp-no-http-basic":              "the vendor's authentication; off loopback the server insists on TLS",
	"style-operation-error-response":   "every failure has one shape: the default response",
	"owasp-define-error-validation":    "every failure has one shape: the default response",
	"owasp-define-error-responses-401": "every failure has one shape: the default response",
	"owasp-define-error-responses-429": "every failure has one shape: the default response",
	"owasp-define-error-responses-500": "every failure has one shape: the default response",
	"owasp-rate-limit":                 "the headers are RateLimit-*, as the IETF draft has them",
	"owasp-no-additional-properties":   "fields are named by the organization; requests stay open as the vendor's are",
	"owasp-string-restricted":          "names and identifiers are free text",
	"owasp-string-limit":               "that every string of a request is bounded is a test of package gen; answers need no bound",
	"owasp-array-limit":                "that every array of a request is bounded is a test of package gen; answers need no bound",
	"owasp-integer-limit":              "that every number of a request is bounded is a test of package gen; answers need no bound",
	"owasp-integer-format":             "codes and counts are small",
}

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	ctx := context.Background()
	doc, invalid, err := openapi.Unmarshal(ctx, f)
	if err != nil {
		return err
	}
	config := linter.NewConfig()
	off := true
	for id := range leftOut {
		config.Rules = append(config.Rules, linter.RuleEntry{ID: id, Disabled: &off})
	}
	l, err := rules.NewLinter(config)
	if err != nil {
		return err
	}
	out, err := l.Lint(ctx, linter.NewDocumentInfo(doc, path), invalid, nil)
	if err != nil {
		return err
	}
	n := 0
	for _, e := range out.Results {
		if v, ok := e.(*validation.Error); ok && v.Severity == validation.SeverityHint {
			continue
		}
		n++
		fmt.Fprintln(os.Stderr, strings.ReplaceAll(e.Error(), "\n", " "))
	}
	if n > 0 {
		return fmt.Errorf("%s breaks %d rules", path, n)
	}
	return nil
}
