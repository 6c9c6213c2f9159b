package build

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

func brotliSize(data []byte) int {
	var b bytes.Buffer
	w := brotli.NewWriterOptions(&b, brotli.WriterOptions{Quality: brotli.BestCompression, LGWin: 22})
	_, _ = w.Write(data)
	_ = w.Close()
	return b.Len()
}

func gzipSize(data []byte) int {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	_, _ = w.Write(data)
	_ = w.Close()
	return b.Len()
}

// What a first visit may take: the page, its sheet and its script in brotli. 30 KB for a few operations, 60 KB for 80, and
// little more for however many.
func mostVisit(operations int) int { return min(30_000+30_000*max(0, operations-10)/70, 64_000) }

// TestBudget holds the first visit and what the site adds to the program within the bounds,
// for the contract as it is and for larger ones.
func TestBudget(t *testing.T) {
	t.Run("as it is", func(t *testing.T) { budget(t, siteFiles(t)) })
	for _, operations := range []int{80} {
		t.Run(fmt.Sprint(operations), func(t *testing.T) { budget(t, grownSite(t, operations)) })
	}
}

func budget(t *testing.T, files []File) {
	const mostRequests, mostNodes, mostScript, mostBinary = 3, 10_000, 12_000, 1_000_000
	doc, err := html.Parse(bytes.NewReader(files[0].Data))
	if err != nil {
		t.Fatal(err)
	}
	loaded := map[string]bool{files[0].Path: true}
	for _, n := range elements(doc, atom.Link, atom.Script) {
		if attribute(n, "rel") == "stylesheet" {
			loaded[attribute(n, "href")] = true
		}
		if src := attribute(n, "src"); src != "" {
			loaded[src] = true
		}
	}
	operations := 0
	for _, n := range elements(doc, atom.Section) {
		operations += boolInt(attribute(n, "data-operation") != "")
	}
	visit, zipped, all := 0, 0, 0
	for _, f := range files {
		all += len(f.Data)
		if loaded[f.Path] {
			b, g := brotliSize(f.Data), gzipSize(f.Data)
			t.Logf("%-32s %7d bytes, brotli %6d, gzip %6d", f.Path, len(f.Data), b, g)
			visit, zipped = visit+b, zipped+g
		}
		if strings.HasPrefix(f.Path, "assets/tryit.") && strings.HasSuffix(f.Path, ".js") {
			size := brotliSize(f.Data)
			t.Logf("try-it's script %d bytes in brotli (must %d, moonshot 6,000)", size, mostScript)
			if size > mostScript {
				t.Errorf("try-it's script has %d bytes in brotli, more than %d", size, mostScript)
			}
		}
	}
	archive, err := Pack(files)
	if err != nil {
		t.Fatal(err)
	}
	nodes := len(elements(doc))
	t.Logf("first visit to %d operations: brotli %d (must %d), gzip %d", operations, visit, mostVisit(operations), zipped)
	t.Logf("requests %d (must %d, moonshot 2), nodes %d (must %d, moonshot 6,000)", len(loaded), mostRequests, nodes, mostNodes)
	t.Logf("added to the binary %d bytes (must %d, moonshot 300,000), unpacked %d", len(archive), mostBinary, all)
	if visit > mostVisit(operations) {
		t.Errorf("the first visit takes %d bytes in brotli", visit)
	}
	if nodes > mostNodes || len(loaded) > mostRequests {
		t.Errorf("%d nodes, %d requests", nodes, len(loaded))
	}
	if len(archive) > mostBinary {
		t.Errorf("the site adds %d bytes to the binary", len(archive))
	}
}
