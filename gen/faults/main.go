// Faults makes Go of what openapi.yaml declares beside its operations: the codes of x-faults
// and the organization settings of x-org-settings. It refuses a file whose codes are
// ambiguous or whose names lead nowhere, and says on which line.
//
// Usage: faults SPEC CODES SETTINGS
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: faults SPEC CODES SETTINGS")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run reads the spec and writes both generated files, or neither.
func run(spec, codes, settings string) error {
	text, err := os.ReadFile(spec)
	if err != nil {
		return err
	}
	d, err := read(text)
	if err != nil {
		return fmt.Errorf("%s:%w", spec, err)
	}
	if err := check(d); err != nil {
		return fmt.Errorf("%s:%w", spec, err)
	}
	c, err := codesFile(d.Faults)
	if err != nil {
		return err
	}
	s, err := settingsFile(d.Settings)
	if err != nil {
		return err
	}
	if err := os.WriteFile(codes, c, 0o644); err != nil {
		return err
	}
	return os.WriteFile(settings, s, 0o644)
}
