package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/arteriole/arteriole/handlers"
	"github.com/arteriole/arteriole/site"
)

func (a *app) docsCommand() *cobra.Command {
	docs := group("docs", "Write the reference as files", "The reference is part of the program: serve shows it at /. It can also be hosted as static files.")
	var out, server string
	build := &cobra.Command{
		Use:   "build -o DIR",
		Short: "Write the reference as static files",
		Long: `Write the pages of the reference to a folder, for any static file host. All links are relative, so the pages work under any
path.

--server is the address that the pages call. That server must allow the origin of the pages, with serve --cors-origin.
Without --server, the pages call their own host.`,
		Example: `  arteriole docs build -o public --server https://api.example.com
  arteriole serve --addr :8443 --tls-cert cert.pem --tls-key key.pem --cors-origin https://docs.example.com`,
		Args: takes(),
		RunE: func(*cobra.Command, []string) error { return a.buildDocs(out, server) },
	}
	build.Flags().StringVarP(&out, "output", "o", "", "`folder` to write to; must be empty or not exist")
	build.Flags().StringVar(&server, "server", "", "`address` of the API, such as https://api.example.com")
	build.MarkFlagRequired("output")
	build.MarkFlagDirname("output")
	docs.AddCommand(build)
	return docs
}

func (a *app) buildDocs(out, server string) error {
	if server != "" {
		u, err := url.Parse(server)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
			return usageError(fmt.Sprintf("--server %q is not the address of a server: give a scheme and host, such as https://api.example.com", server))
		}
	}
	if there, err := os.ReadDir(out); err == nil && len(there) > 0 {
		return fmt.Errorf("the folder %s is not empty: give another with -o, or empty it", out)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot read %s: %w", out, err)
	}
	files, size := 0, int64(0)
	write := func(name string, data []byte) error {
		path := filepath.Join(out, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		files, size = files+1, size+int64(len(data))
		return os.WriteFile(path, data, 0o644)
	}
	for name, data := range site.Files() {
		if server != "" {
			data = site.Named(name, data, server)
		}
		if err := write(name, data); err != nil {
			return fmt.Errorf("cannot write the pages: %w", err)
		}
	}
	config, err := json.Marshal(map[string]any{"server": server, "demo": nil, "sandbox": false, "version": programVersion()})
	if err != nil {
		return err
	}
	asJSON, err := handlers.AsJSON(site.Contract())
	if err != nil {
		return err
	}
	for name, data := range map[string][]byte{"config.json": append(config, '\n'), "openapi.json": asJSON} {
		if err := write(name, data); err != nil {
			return fmt.Errorf("cannot write %s: %w", name, err)
		}
	}
	fmt.Fprintf(a.stdout, "%s: %d files, %s\n", out, files, bytesText(size))
	if server != "" {
		fmt.Fprintf(a.stdout, "The server must allow their origin: arteriole serve --cors-origin https://<host of the pages>\n")
	}
	return nil
}
