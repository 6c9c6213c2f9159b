// Cmd writes the reference site to a directory, as one archive. It is made of openapi.yaml, CHANGES.md and
// site/guides below ROOT.
//
// Usage: cmd ROOT DIRECTORY
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/arteriole/arteriole/site/build"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: cmd ROOT DIRECTORY")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run renders first and replaces the directory only when that went well: files of an
// earlier run would be served otherwise.
func run(root, dir string) error {
	src, err := build.Load(root)
	if err != nil {
		return err
	}
	files, err := build.Site(src)
	if err != nil {
		return fmt.Errorf("site: openapi.yaml:%w", err)
	}
	data, err := build.Pack(files)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, build.Archive)); err != nil && !empty(dir) {
		if _, err := os.Stat(filepath.Join(dir, "index.html")); err != nil {
			return fmt.Errorf("%s is there and holds no site", dir)
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, build.Archive), data, 0o644)
}

func empty(dir string) bool {
	entries, err := os.ReadDir(dir)
	return len(entries) == 0 && (err == nil || os.IsNotExist(err))
}
