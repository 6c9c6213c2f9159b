package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"
)

// listener is a server on its socket.
type listener struct {
	server *http.Server
	l      net.Listener
}

// listen opens the socket of a server, with TLS where a certificate is given. flag is the one that chooses the address.
func listen(addr *net.TCPAddr, flag string, server *http.Server, certFile, keyFile string, log *slog.Logger) (*listener, error) {
	if certFile != "" {
		c := &certificate{certFile: certFile, keyFile: keyFile, log: log}
		if _, err := c.get(nil); err != nil {
			return nil, fmt.Errorf("cannot use --tls-cert and --tls-key: %w", err)
		}
		server.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get}
	}
	l, err := net.Listen("tcp", addr.String())
	if err != nil {
		if e := (*net.OpError)(nil); errors.As(err, &e) {
			err = e.Err
		}
		return nil, fmt.Errorf("cannot listen on %s (%w): give another address with %s", server.Addr, err, flag)
	}
	return &listener{server, l}, nil
}

func (l *listener) serve() error {
	if l.server.TLSConfig != nil {
		return l.server.ServeTLS(l.l, "", "")
	}
	return l.server.Serve(l.l)
}

// url is where to find the server, with the host as it was asked for and the port as it is.
func (l *listener) url(asked string) string {
	scheme := "http"
	if l.server.TLSConfig != nil {
		scheme = "https"
	}
	host, _, err := net.SplitHostPort(asked)
	if ip := net.ParseIP(host); err != nil || host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	port := l.l.Addr().(*net.TCPAddr).Port
	if scheme == "http" && port == 80 || scheme == "https" && port == 443 {
		if net.ParseIP(host).To4() == nil && net.ParseIP(host) != nil {
			host = "[" + host + "]"
		}
		return scheme + "://" + host
	}
	return scheme + "://" + net.JoinHostPort(host, strconv.Itoa(port))
}

// serveAll serves until ctx ends, then finishes the requests in flight, for patience at most.
func serveAll(ctx context.Context, log *slog.Logger, patience time.Duration, all []*listener) error {
	ended := make(chan error, len(all))
	for _, l := range all {
		go func() { ended <- l.serve() }()
	}
	var failed error
	select {
	case <-ctx.Done():
		log.Info("stopping", "patience", patience.String())
	case err := <-ended:
		failed = fmt.Errorf("the server has stopped: %w", err)
	}
	start := time.Now()
	late, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for _, l := range all {
		if err := l.server.Shutdown(late); errors.Is(err, context.DeadlineExceeded) {
			l.server.Close()
			failed = errors.Join(failed, fmt.Errorf("requests were still in progress after %s and were cut off: give them longer with --shutdown-timeout", patience))
		}
	}
	log.Info("stopped", "after", time.Since(start).Round(time.Millisecond).String())
	return failed
}

// certificate is read again when its file changes, so that a renewed one needs no restart. When it cannot be read, the log says so
// once, and the last good one stays in use.
type certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu      sync.Mutex
	looked  time.Time
	changed time.Time // the modification time of the file that pair was read from
	pair    *tls.Certificate
	warned  string // the problem that was logged last
}

const lookEvery = 10 * time.Second

func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.looked) < lookEvery {
		return c.pair, nil
	}
	changed, pair, err := c.read()
	switch {
	case err == nil && pair != nil:
		c.changed, c.pair, c.warned = changed, pair, ""
	case err != nil && c.pair == nil:
		return nil, err
	case err != nil && err.Error() != c.warned:
		c.warned = err.Error()
		c.log.Error("the renewed certificate cannot be read: the last one stays in use", "cause", c.warned)
	}
	c.looked = time.Now()
	return c.pair, nil
}

// read returns nil if the file has not changed.
func (c *certificate) read() (time.Time, *tls.Certificate, error) {
	st, err := os.Stat(c.certFile)
	if err != nil || st.ModTime().Equal(c.changed) {
		return time.Time{}, nil, err
	}
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	return st.ModTime(), &pair, err
}
