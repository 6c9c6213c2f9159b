package site

import (
	"archive/tar"
	"bytes"
	_ "embed"
	"errors"
	"io"
	"sync"

	"github.com/andybalholm/brotli"
)

//go:generate go run ./build/cmd .. dist

// packed is what site/build has made, as one archive: the pages have much in common, and
// packed together they take a thirtieth of their size in the program and in its repository.
//
//go:embed dist/pages.tar.br
var packed []byte

// Files gives the pages as they were built by their paths, for `docs build`. They are
// unpacked at the first use, which takes some tens of milliseconds.
var Files = sync.OnceValue(func() map[string][]byte {
	files, err := unpack(packed)
	if err != nil {
		panic(err) // the archive is part of the program
	}
	return files
})

// Contract gives openapi.yaml as the pages were built from it. It is in the archive because it compresses to a tenth beside them.
func Contract() []byte { return Files()["openapi.yaml"] }

func unpack(archive []byte) (map[string][]byte, error) {
	all, err := io.ReadAll(brotli.NewReader(bytes.NewReader(archive)))
	if err != nil {
		return nil, err
	}
	files, rest := map[string][]byte{}, bytes.NewReader(all)
	for r := tar.NewReader(rest); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		at := len(all) - rest.Len() // the content follows: the files share one buffer
		files[h.Name] = all[at : at+int(h.Size) : at+int(h.Size)]
	}
}
