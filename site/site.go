// Package site serves the reference that package site/build has rendered: static pages,
// the same as Markdown, and what their scripts load. Nothing comes from elsewhere.
package site

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/andybalholm/brotli"
)

// policyFile holds the content security policy of the pages; site/build writes it, since
// it knows the one inline script.
const policyFile = "policy.txt"

// page is a file as it is served.
type page struct {
	name        string
	data        []byte
	tag         func() string // strong entity tag, without its quotes
	contentType string
	cache       string
	packed      bool // whether it is sent compressed
	plain       bool // of one that is, but for this address
	gzip        func() []byte
	brotli      *dense
	markdown    *page // the same as Markdown, for who asks for that
	last        atomic.Pointer[variant]
}

// Handler serves the pages and their assets by GET and HEAD, with strong ETags, compressed
// where that is taken, and with a content security policy that allows what is served here
// and the one inline script of the pages. A page with a Markdown form is answered as
// Markdown to who prefers text/markdown. Unknown paths are 404, other methods 405.
func Handler() http.Handler {
	return handler(sync.OnceValues(func() (map[string]*page, string) { return load(Files()) }))
}

func load(files map[string][]byte) (pages map[string]*page, policy string) {
	pages = map[string]*page{}
	for name, data := range files {
		if name == policyFile {
			policy = strings.TrimSpace(string(data))
			continue
		}
		p := newPage(name, data)
		pages["/"+name] = p
		if stem, is := strings.CutSuffix(name, ".html"); is {
			pages["/"+strings.TrimSuffix(stem, "index")] = p // /operations/getKitten
		}
	}
	for name, p := range pages {
		if stem, is := strings.CutSuffix(name, ".html"); is {
			p.markdown = pages[strings.Replace(stem, "/index", "/reference", 1)+".md"]
		}
	}
	return pages, policy
}

func newPage(name string, data []byte) *page {
	p := &page{name: name, data: data, contentType: typeOf(name), cache: "no-cache", packed: len(data) > 1024}
	p.tag = sync.OnceValue(func() string {
		sum := sha256.Sum256(data)
		return hex.EncodeToString(sum[:16])
	})
	if strings.HasPrefix(name, "assets/") { // the name has the hash of the content
		p.cache = "public, max-age=31536000, immutable"
	}
	p.gzip = sync.OnceValue(func() []byte { return zip(data) })
	p.brotli = &dense{data: data}
	return p
}

// typeOf does not ask the machine, whose tables differ.
func typeOf(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".json":
		return "application/json"
	case ".md":
		return "text/markdown; charset=utf-8"
	case ".yaml":
		return "application/yaml"
	case ".txt":
		return "text/plain; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return "application/octet-stream"
}

func zip(data []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is valid
	_, _ = w.Write(data)                                  // a buffer takes everything
	_ = w.Close()
	return b.Bytes()
}

// dense is a page compressed with brotli. The best compression can take a second: it is done once, in the background, while the first
// requests get a quick form.
type dense struct {
	data  []byte
	plain bool // the quick form is good enough
	once  sync.Once
	quick []byte
	best  atomic.Pointer[[]byte]
}

// squeezing lets one page at a time be compressed at its best: a crawler that asks for all pages must not take every processor.
var squeezing sync.Mutex

func (d *dense) get() (data []byte, name string) {
	d.once.Do(func() {
		d.quick = squeeze(d.data, 5)
		if d.plain {
			return
		}
		go func() {
			squeezing.Lock()
			defer squeezing.Unlock()
			best := squeeze(d.data, brotli.BestCompression)
			d.best.Store(&best)
		}()
	})
	if best := d.best.Load(); best != nil {
		return *best, "br"
	}
	return d.quick, "br5"
}

func squeeze(data []byte, quality int) []byte {
	var b bytes.Buffer
	w := brotli.NewWriterOptions(&b, brotli.WriterOptions{Quality: quality, LGWin: 22})
	_, _ = w.Write(data) // a buffer takes everything
	_ = w.Close()
	return b.Bytes()
}

func handler(get func() (pages map[string]*page, policy string)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		pages, policy := get()
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "Method not allowed", http.StatusMethodNotAllowed)
			return
		}
		p := pages[r.URL.Path]
		if p == nil {
			http.Error(w, "There is nothing at this address. The reference is at /", http.StatusNotFound)
			return
		}
		if p.markdown != nil {
			h.Add("Vary", "Accept")
			if prefersMarkdown(r.Header.Values("Accept")) {
				p = p.markdown
			}
		}
		if named[path.Ext(p.name)] && !strings.HasPrefix(p.name, "assets/") {
			p = p.at(address(r))
		}
		p.serve(w, r)
	})
}

// Server is the address that the pages name where they name the server.
const Server = "http://localhost:8080"

// named are the files that name the server and that no script reads along: there the
// address stands that they were asked for at. In the HTML the page's script sees to it.
var named = map[string]bool{".md": true, ".txt": true, ".json": true}

var goodHost = regexp.MustCompile(`^(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?$`)

// address is the server's as the caller wrote it; who stands in front of the site puts the
// scheme into the URL when it knows better.
func address(r *http.Request) string {
	scheme := r.URL.Scheme
	if scheme == "" {
		scheme = "http"
		if r.TLS != nil {
			scheme = "https"
		}
	}
	if !goodHost.MatchString(r.Host) {
		return Server
	}
	return scheme + "://" + r.Host
}

// Named is a file with another address of the server.
func Named(name string, data []byte, server string) []byte {
	if ext := path.Ext(name); named[ext] || ext == ".html" {
		data = bytes.ReplaceAll(data, []byte(` data-server="`+Server+`"`), []byte(` data-server=""`)) // else the page's script would put its own address in its place
		return bytes.ReplaceAll(data, []byte(Server), []byte(server))
	}
	return data
}

// at is the page with an address of the server. The last one asked for is kept: there is
// seldom another.
func (p *page) at(server string) *page {
	if server == Server || !bytes.Contains(p.data, []byte(Server)) {
		return p
	}
	if v := p.last.Load(); v != nil && v.server == server {
		return v.page
	}
	v := &variant{server, clock(), newPage(p.name, Named(p.name, p.data, server))}
	v.page.brotli.plain = true
	if last := p.last.Load(); last != nil && v.made.Sub(last.made) < variantPause {
		v.page.plain = true
		return v.page
	}
	p.last.Store(v)
	return v.page
}

// clock is the time of variants; a test holds it.
var clock = time.Now

// variantPause is the time within which a page is not compressed for another address once more: a caller who makes up addresses
// would else have the processor to himself.
const variantPause = time.Second

type variant struct {
	server string
	made   time.Time
	page   *page
}

func (p *page) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	data, tag := p.data, `"`+p.tag()+`"`
	if p.packed {
		h.Add("Vary", "Accept-Encoding")
	}
	if p.packed && !p.plain {
		switch accepted := r.Header.Values("Accept-Encoding"); {
		case weight(accepted, "br") > 0 && weight(accepted, "br") >= weight(accepted, "gzip"):
			var form string
			data, form = p.brotli.get()
			tag = `"` + p.tag() + "-" + form + `"`
			h.Set("Content-Encoding", "br")
		case weight(accepted, "gzip", "x-gzip") > 0:
			data, tag = p.gzip(), `"`+p.tag()+`-gzip"`
			h.Set("Content-Encoding", "gzip")
		}
	}
	h.Set("ETag", tag)
	h.Set("Cache-Control", p.cache)
	if matches(r.Header.Values("If-None-Match"), tag) {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", p.contentType)
	h.Set("Content-Length", strconv.Itoa(len(data)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(data) // who has gone away needs no answer
	}
}

// weight reads Accept-Encoding by RFC 9110, 12.5.3: a name's own weight counts before that
// of *. What is not named has none.
func weight(headers []string, names ...string) float64 {
	wild := 0.0
	for _, item := range list(headers) {
		name, params, _ := strings.Cut(item, ";")
		q := 1.0
		if key, text, found := strings.Cut(strings.ReplaceAll(params, " ", ""), "="); found && strings.EqualFold(key, "q") {
			q, _ = strconv.ParseFloat(text, 64) // what is no number is 0
		}
		name = strings.ToLower(strings.TrimSpace(name))
		for _, n := range names {
			if n == name {
				return q
			}
		}
		if name == "*" {
			wild = q
		}
	}
	return wild
}

// prefersMarkdown says whether Accept names text/markdown, and HTML less or not at all.
func prefersMarkdown(headers []string) bool {
	markdown, html := 0.0, 0.0
	for _, item := range list(headers) {
		kind, params, err := mime.ParseMediaType(item)
		if err != nil {
			continue
		}
		q := 1.0
		if text := params["q"]; text != "" {
			q, _ = strconv.ParseFloat(text, 64)
		}
		switch kind {
		case "text/markdown":
			markdown = q
		case "text/html", "application/xhtml+xml":
			html = max(html, q)
		}
	}
	return markdown > 0 && markdown >= html
}

// matches compares weakly, as RFC 9110, 13.1.2 asks for If-None-Match. Our tags hold no commas.
func matches(headers []string, tag string) bool {
	for _, item := range list(headers) {
		if item == "*" || strings.TrimPrefix(item, "W/") == tag {
			return true
		}
	}
	return false
}

// list cuts the values of a header at their commas.
func list(headers []string) []string {
	var all []string
	for _, h := range headers {
		for item := range strings.SplitSeq(h, ",") {
			if item = strings.TrimSpace(item); item != "" {
				all = append(all, item)
			}
		}
	}
	return all
}
