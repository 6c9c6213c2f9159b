package cli

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/arteriole/arteriole/db"
	"github.com/arteriole/arteriole/handlers"
)

func (a *app) exportCommand() *cobra.Command {
	var org string
	c := &cobra.Command{
		Use:   "export --org NAME FILE",
		Short: "Export the data of an organization to a file",
		Long: `Export the customers, bills, points, coupons and events of an organization, with the settings, sources, stores, tills and
programs that they refer to, as lines of JSON (NDJSON): a header, one line per row, and a last line with the number of rows.
Amounts and points are in thousandths, times in milliseconds since 1970. This works beside a running server, and exports a
consistent snapshot.

` + "`arteriole import`" + ` reads the file into an empty organization. The same content gives the same file. The file does not contain
credentials, webhooks, secret settings, the audit trail, ingestion jobs, or what is kept to recognize erased people; a backup
contains everything.

FILE must not exist. Only its owner can read it, as it holds personal data. It is compressed if its name ends in .gz; - writes
to standard output.`,
		Example: `  arteriole export --org "Tea House" tea-house.ndjson.gz`,
		Args:    takes("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			p := newProgress(a.stderr, "export")
			var rows int64
			write := func(w io.Writer) (err error) {
				if strings.HasSuffix(args[0], ".gz") {
					z := gzip.NewWriter(w)
					if rows, err = db.ExportOrg(cmd.Context(), a.db, org, z, p.tell); err != nil {
						return err
					}
					return z.Close()
				}
				rows, err = db.ExportOrg(cmd.Context(), a.db, org, w, p.tell)
				return err
			}
			defer p.end()
			if args[0] == "-" {
				return write(a.stdout)
			}
			if err := newFile(args[0], write); err != nil {
				return err
			}
			p.end()
			fmt.Fprintf(a.stdout, "exported %s of %s to %s\n", plural(rows, "rows"), org, args[0])
			return nil
		},
	}
	orgFlag(c, &org)
	return c
}

// openNew creates a file that must not exist yet.
func openNew(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%s already exists: give a new file", name)
	}
	return f, err
}

// newFile writes a new file; an incomplete one is removed.
func newFile(name string, write func(io.Writer) error) (err error) {
	f, err := openNew(name)
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			os.Remove(name)
		}
	}()
	if err := write(f); err != nil {
		return err
	}
	return f.Sync()
}

func (a *app) importCommand() *cobra.Command {
	var org, profile, till, source, account, failed string
	var dryRun, quiet bool
	c := &cobra.Command{
		Use:   "import {--org NAME | --profile PROFILE --till CODE} FILE",
		Short: "Import an export, or a file of rows",
		Long: fmt.Sprintf(`Import a file into the database; no server may be running. The file may be compressed with gzip; - reads standard input.

With --org, import a file written by `+"`arteriole export`"+` into an organization that is still empty: all of it or nothing.
Tills that the organization lacks are created with a random password that is not shown: set one with `+"`till password`"+`.
Disabled tills stay disabled. Till codes are unique in a database, so import into another database than the one of the
exported organization.

With --profile, import a file of rows, NDJSON, or CSV if its name ends in .csv: it becomes a data ingestion job, which runs at
once, as in the server. Each row is independent and judged like the single call. The organization is that of the till. A job
that is interrupted continues at the same row with the next `+"`arteriole serve`"+` or import.

The header of a CSV file names the place of each column in the body of the single call:

  profiles[0].firstName,profiles[0].identifiers[0].type,profiles[0].identifiers[0].value
  Lena,mobile,9845000100

%s`, wrapped("", "Profiles: "+strings.Join(handlers.ProfileNames(), ", ")+".")),
		Example: `  arteriole import --org "Tea House" tea-house.ndjson.gz
  arteriole import --profile CUSTOMER_REGISTER --till main.till1 --source INSTORE customers.csv --failed failed.csv`,
		Args: takes("FILE"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if (org == "") == (profile == "") {
				return usageError("give --org for an export, or --profile for a file of rows")
			}
			if (profile == "") != (till == "") {
				return usageError("--profile and --till must be given together")
			}
			for _, name := range []string{"source", "account", "dry-run", "skip-downstream", "failed"} {
				if org != "" && cmd.Flags().Changed(name) {
					return usageError("--" + name + " is only for a file of rows, with --profile: an export is imported as it is, all of it or nothing")
				}
			}
			if profile = strings.ToUpper(profile); profile != "" && !slices.Contains(handlers.ProfileNames(), profile) {
				return usageError(fmt.Sprintf("--profile is %q: it must be %s", profile, orList(handlers.ProfileNames())))
			}
			if _, ok := db.ParseSource(source); source != "" && !ok {
				return usageError(fmt.Sprintf("--source is %q: it must be %s, or one with accounts: %s", source, sourceNames(false), sourceNames(true)))
			}
			if err := db.Exists(a.db); err != nil {
				return err
			}
			file := os.Stdin
			if args[0] != "-" {
				if file, err = os.Open(args[0]); err != nil {
					return err
				}
				defer file.Close()
			}
			in := newMeter(file)
			text, err := inflated(in)
			if err != nil {
				return err
			}
			s, err := db.Open(cmd.Context(), a.db, db.Options{Serve: true, Progress: func(text string) { fmt.Fprintln(a.stderr, text) }})
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			if profile == "" {
				p := newProgress(a.stderr, "import")
				rows, err := s.ImportOrg(cmd.Context(), org, text, func(int64) { p.tell(in.read.Load(), in.size) })
				p.end()
				if err != nil {
					return err
				}
				fmt.Fprintf(a.stdout, "imported %s into %s\n", plural(rows, "rows"), org)
				return nil
			}
			fields := map[string]string{"source": source, "accountId": account, "dryRun": fmt.Sprint(dryRun), "skipDownstream": fmt.Sprint(quiet)}
			return a.ingest(cmd.Context(), s, ingestion{profile: profile, till: till, fields: fields, name: strings.TrimSuffix(args[0], ".gz"), file: file, failed: failed}, text)
		},
	}
	f := c.Flags()
	f.StringVar(&org, "org", "", "`name` of the organization to import an export into")
	f.StringVar(&profile, "profile", "", "`name` of the profile: what each row is")
	f.StringVar(&till, "till", "", "`code` of the till to attribute the rows to")
	f.StringVar(&source, "source", "", "`source` of rows that name none")
	f.StringVar(&account, "account", "", "`account` of the source")
	f.BoolVar(&dryRun, "dry-run", false, "try every row and keep nothing")
	f.BoolVar(&quiet, "skip-downstream", false, "let bills earn nothing, and notify no webhooks")
	f.StringVar(&failed, "failed", "", "new `file`, or that of a dry run, for the rows that failed, to be corrected and imported")
	return c
}

// meter counts how much of a file has been read.
type meter struct {
	io.Reader
	read atomic.Int64
	size int64 // 0 when it is not known
}

func newMeter(f *os.File) *meter {
	m := &meter{Reader: f}
	if st, err := f.Stat(); err == nil && st.Mode().IsRegular() {
		m.size = st.Size()
	}
	return m
}

func (m *meter) Read(b []byte) (int, error) {
	n, err := m.Reader.Read(b)
	m.read.Add(int64(n))
	return n, err
}

// inflated decompresses a gzip file, and reads any other as it is.
func inflated(r io.Reader) (io.Reader, error) {
	b := bufio.NewReaderSize(r, 1<<16)
	if head, err := b.Peek(2); err != nil || head[0] != 0x1f || head[1] != 0x8b {
		return b, nil
	}
	return gzip.NewReader(b)
}

// ingestion is a file of rows to import.
type ingestion struct {
	profile, till, name, failed string
	file                        *os.File
	fields                      map[string]string
}

// ingest creates a job for a file and works until it has ended.
func (a *app) ingest(ctx context.Context, s *db.Store, in ingestion, text io.Reader) (err error) {
	t, err := s.TillByCode(ctx, in.till)
	if errors.Is(err, db.ErrNotFound) {
		return fmt.Errorf("there is no till %s: see `arteriole till list`", in.till)
	}
	if err != nil {
		return err
	}
	if t.Disabled || t.Role == "read" {
		return fmt.Errorf("the till %s may not write: it is disabled, or has the role read", t.Code)
	}
	cfg := handlers.Defaults()
	cfg.Version, cfg.Log = programVersion(), slog.New(slog.DiscardHandler)
	server, err := handlers.New(s, cfg)
	if err != nil {
		return err
	}
	who := db.Who{Org: t.Org, Till: t.ID, TillCode: t.Code, RequestID: "import"}
	for k, v := range in.fields {
		if v == "" {
			delete(in.fields, k)
		}
	}
	if filepath.Base(in.name) == "-" {
		in.name = "standard-input.ndjson"
	}
	var failed *os.File
	if in.failed != "" { // before a row is done: they are not done again for a file that cannot be written
		if failed, err = openFailed(ctx, s, server, who, in); err != nil {
			return err
		}
		defer func() {
			st, cause := failed.Stat()
			err = errors.Join(err, cause, failed.Close())
			if cause == nil && st.Size() == 0 {
				os.Remove(in.failed)
			}
		}()
	}
	if err := s.FinishErasures(ctx); err != nil { // the job would wait for that, and no server is running
		return err
	}
	id, err := server.Ingest(ctx, who, in.profile, in.fields, in.name, text)
	if err != nil {
		return err
	}
	p := newProgress(a.stderr, "import")
	defer p.end()
	working, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		server.Work(working)
	}()
	defer func() {
		stop()
		<-ended
	}()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		j, err := s.IngestionJob(ctx, who, id)
		if ctx.Err() != nil {
			return fmt.Errorf("interrupted: job %d continues at the same row with the next `arteriole serve` or import", id)
		}
		if err != nil {
			return err
		}
		if j.Ended() {
			p.end()
			return a.told(ctx, s, server, who, j, in, failed)
		}
		p.tell(j.Processed(), j.Total)
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

// openFailed opens the file for the failed rows. It is new, or exactly what the last run of the same file has written, which was a
// dry run: those rows can still be read from its job. It stays as it is until the job has finished (told).
func openFailed(ctx context.Context, s *db.Store, server *handlers.Server, who db.Who, in ingestion) (*os.File, error) {
	f, refused := openNew(in.failed)
	if refused == nil {
		return f, nil
	}
	reads, err := in.file.Stat()
	if err != nil {
		return nil, err
	}
	if st, err := os.Stat(in.failed); err != nil || !st.Mode().IsRegular() || os.SameFile(st, reads) {
		return nil, refused
	}
	jobs, _, err := s.IngestionJobs(ctx, who, in.profile, db.JobFinished, 100, 0)
	if err != nil {
		return nil, err
	}
	last := slices.IndexFunc(jobs, func(j db.IngestionJob) bool { return j.FileName == filepath.Base(in.name) })
	if last < 0 || !jobs[last].DryRun {
		return nil, refused
	}
	if f, err = os.OpenFile(in.failed, os.O_RDWR, 0); err != nil {
		return nil, err
	}
	has, wrote := sha256.New(), sha256.New()
	_, err = io.Copy(has, f)
	if err = errors.Join(err, server.FailedRowsTo(ctx, who, jobs[last].ID, wrote)); err == nil && !bytes.Equal(has.Sum(nil), wrote.Sum(nil)) {
		err = refused
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// told reports how a job has ended. Failed rows are an error.
func (a *app) told(ctx context.Context, s *db.Store, server *handlers.Server, who db.Who, j db.IngestionJob, in ingestion, failed *os.File) error {
	if j.Status != db.JobFinished {
		return fmt.Errorf("job %d ended as %s: %s", j.ID, j.Status, j.Reason)
	}
	if failed != nil {
		_, err := failed.Seek(0, io.SeekStart)
		if err := errors.Join(err, failed.Truncate(0)); err != nil {
			return err
		}
	}
	did := "processed"
	if j.DryRun {
		did = "dry run: processed"
	}
	warned := ""
	if j.Warned > 0 {
		warned = fmt.Sprintf(" (%s with warnings)", count(j.Warned))
	}
	fmt.Fprintf(a.stdout, "%s %s of %s as job %d: %s succeeded%s, %s failed\n", did, plural(j.Processed(), "rows"), in.name, j.ID, count(j.Succeeded), warned, count(j.Failed))
	if j.Failed == 0 {
		return nil
	}
	if failed == nil {
		first, _, err := s.IngestionRows(ctx, who, j.ID, "error", 1, 0) // a wrong file or column fails them all alike
		if err != nil {
			return err
		}
		for _, r := range first {
			var problems []struct {
				Code    int
				Message string
			}
			if err := json.Unmarshal(r.Errors, &problems); err != nil {
				return err
			}
			for _, p := range problems {
				fmt.Fprintf(a.stdout, "  the first, row %d: error %d, %s\n", r.Row, p.Code, oneLine(p.Message))
			}
		}
		return fmt.Errorf("%s failed: add --failed FILE to save failed rows for correction, or get them from GET /v2/dataIngestion/jobs/%d/errorFile of the server", plural(j.Failed, "rows"), j.ID)
	}
	if err := errors.Join(server.FailedRowsTo(ctx, who, j.ID, failed), failed.Sync()); err != nil {
		return fmt.Errorf("%s failed, but %s is incomplete: %w; get them from GET /v2/dataIngestion/jobs/%d/errorFile of the server", plural(j.Failed, "rows"), in.failed, err, j.ID)
	}
	next := "to be corrected and imported again"
	if j.DryRun {
		next = "and replaced by the next run of the same rows, unless you change it"
	}
	return fmt.Errorf("%s failed: saved to %s with the error of each, %s", plural(j.Failed, "rows"), in.failed, next)
}
