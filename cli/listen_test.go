package cli

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// writeCertificate makes a certificate for localhost, with a number to tell it from others.
func writeCertificate(t *testing.T, dir string, number int64) (certFile, keyFile string, pool *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(number), DNSNames: []string{"localhost"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile, pool = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), x509.NewCertPool()
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	pool.AppendCertsFromPEM(cert)
	for name, b := range map[string][]byte{certFile: cert, keyFile: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})} {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile, pool
}

func TestTLS(t *testing.T) {
	t.Parallel()
	certFile, keyFile, pool := writeCertificate(t, t.TempDir(), 1)
	_, p := serve(t, "--demo", "--tls-cert", certFile, "--tls-key", keyFile)
	for name, c := range map[string]*struct {
		config tls.Config
		proto  string
	}{
		"HTTP/2":  {tls.Config{}, "HTTP/2.0"},
		"TLS 1.2": {tls.Config{MaxVersion: tls.VersionTLS12}, "HTTP/2.0"},
		"TLS 1.1": {tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, ""},
	} {
		c.config.RootCAs = pool
		client := http.Client{Transport: &http.Transport{TLSClientConfig: &c.config, ForceAttemptHTTP2: true}}
		answer, err := client.Get(p.url + "/healthz")
		if c.proto == "" {
			if err == nil {
				t.Errorf("%s was taken", name)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		answer.Body.Close()
		if answer.Proto != c.proto || answer.StatusCode != 200 || answer.Header.Get("Strict-Transport-Security") == "" {
			t.Errorf("%s: %s %d %v", name, answer.Proto, answer.StatusCode, answer.Header)
		}
		client.CloseIdleConnections()
	}
	if err := p.stop(); err != nil {
		t.Error(err)
	}
	if out := p.stdout.String(); !strings.Contains(out, "try it     curl -H ") || !strings.Contains(out, `"https://localhost:`) {
		t.Errorf("stdout: %s", out)
	}
}

// TestRenewedCertificate: a renewed certificate is used without a restart; a broken one is not, and the log says so once.
func TestRenewedCertificate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	certFile, keyFile, _ := writeCertificate(t, dir, 1)
	var log strings.Builder
	c := &certificate{certFile: certFile, keyFile: keyFile, log: slog.New(slog.NewTextHandler(&log, nil))}
	serial := func() int64 {
		t.Helper()
		pair, err := c.get(nil)
		if err != nil {
			t.Fatal(err)
		}
		return pair.Leaf.SerialNumber.Int64()
	}
	if n := serial(); n != 1 {
		t.Errorf("number %d", n)
	}
	later := time.Now().Add(time.Hour)
	writeCertificate(t, dir, 2)
	os.Chtimes(certFile, later, later)
	if n := serial(); n != 1 {
		t.Errorf("number %d within the moment in which nobody looks", n)
	}
	c.looked = time.Time{}
	if n := serial(); n != 2 {
		t.Errorf("number %d, want the new one", n)
	}
	if log.Len() > 0 {
		t.Errorf("the log of good certificates: %s", log.String())
	}
	os.WriteFile(certFile, []byte("broken"), 0o600)
	for range 2 {
		c.looked = time.Time{}
		if n := serial(); n != 2 {
			t.Errorf("number %d, want the last good one", n)
		}
	}
	if n := strings.Count(log.String(), "level=ERROR"); n != 1 {
		t.Errorf("%d errors in the log: %s", n, log.String())
	}
	if _, err := (&certificate{certFile: certFile, keyFile: keyFile}).get(nil); err == nil {
		t.Error("a broken one was taken at the start")
	}
}
