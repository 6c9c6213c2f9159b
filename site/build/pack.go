package build

import (
	"archive/tar"
	"bytes"

	"github.com/andybalholm/brotli"
)

// Archive is the name of the file that holds the built site.
const Archive = "pages.tar.br"

// Pack puts files into one archive. The same files give the same bytes.
func Pack(files []File) ([]byte, error) {
	var b bytes.Buffer
	// A window as large as there is: what pages have in common lies far apart.
	z := brotli.NewWriterOptions(&b, brotli.WriterOptions{Quality: 9, LGWin: 24})
	w := tar.NewWriter(z)
	for _, f := range files {
		if err := w.WriteHeader(&tar.Header{Name: f.Path, Size: int64(len(f.Data)), Mode: 0o644, Format: tar.FormatUSTAR}); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.Data); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	err := z.Close()
	return b.Bytes(), err
}
