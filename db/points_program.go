package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Program is one version of an org's points program.
type Program struct {
	Version int64
	Begins  time.Time
	Rules   ProgramRules
	begins  int64
}

// ProgramID is the id of an org's program. An org has one, whose versions follow each other.
const ProgramID = 1

const maxPrograms = 1000

// SetProgram gives an org another version of its program, from the day that it names or from now. What was earned before keeps
// the rules by which it was.
func (s *Store) SetProgram(ctx context.Context, org string, f ProgramFile) (p Program, err error) {
	err = s.write(ctx, func(tx *Tx) error {
		o, err := tx.orgNamed(org)
		if err != nil {
			return err
		}
		c, err := tx.org(o.ID)
		if err != nil {
			return err
		}
		begins, err := c.begins(f, tx.now)
		if err != nil {
			return err
		}
		if err := tx.seriesExist(o.ID, &f.Rules); err != nil {
			return err
		}
		p, err = tx.addProgram(c, Who{Org: o.ID}, f.Rules, begins)
		return err
	})
	return p, err
}

// begins is when a new version would begin.
func (o *orgConfig) begins(f ProgramFile, now int64) (int64, error) {
	if len(o.programs) >= maxPrograms {
		return 0, Refusal(fmt.Sprintf("a program can have at most %d versions", maxPrograms))
	}
	if f.From == "" {
		return now, nil
	}
	day, ok := parseDate(f.From, o.TimeZone)
	if !ok {
		return 0, Refusal("from must be a date such as 2026-04-01")
	}
	today := time.UnixMilli(now).In(o.TimeZone).Format(time.DateOnly)
	switch {
	case len(o.programs) == 0 || day.UnixMilli() > now:
		return day.UnixMilli(), nil
	case f.From == today: // it has begun hours ago, and what was earned since stays as it is
		return now, nil
	}
	return 0, Refusal(fmt.Sprintf("from is %s: only the first version may begin in the past, as bills have already earned by the existing ones", f.From))
}

func (tx *Tx) addProgram(o *orgConfig, who Who, rules ProgramRules, begins int64) (p Program, err error) {
	p = Program{Version: 1, Begins: time.UnixMilli(begins).In(o.TimeZone), Rules: rules, begins: begins}
	var before sql.NullString
	for _, have := range o.programs {
		if have.Version >= p.Version {
			p.Version = have.Version + 1
			before = sql.NullString{String: toJSON(have.Rules.fields()), Valid: true}
		}
	}
	_, err = tx.Exec(`INSERT INTO programs (org, version, begins_on, rules, created_on, created_by) VALUES ($1, $2, $3, $4, $5, $6)`,
		who.Org, p.Version, begins, toJSON(rules), tx.now, who.Till)
	if err != nil {
		return p, err
	}
	was, now, err := differing(before, toJSON(rules.fields()))
	if err != nil {
		return p, err
	}
	if err := tx.auditRow(who, "program.set", "program", p.Version, was, now); err != nil {
		return p, err
	}
	return p, tx.changed()
}

// Programs lists the versions of an org's program in the order in which they begin, and says which one is in force: its place,
// or -1.
func (s *Store) Programs(ctx context.Context, org string) (all []Program, now int, err error) {
	err = s.read(ctx, func(tx *Tx) error {
		o, err := tx.orgNamed(org)
		if err != nil {
			return err
		}
		c, err := tx.org(o.ID)
		if err != nil {
			return err
		}
		all, now = c.programs, c.programIndex(tx.now)
		return nil
	})
	return all, now, err
}

// programIndex is the place of the version in force at a time, -1 for none.
func (o *orgConfig) programIndex(at int64) int {
	for i, p := range slices.Backward(o.programs) {
		if p.begins <= at {
			return i
		}
	}
	return -1
}

// program is the version in force at a time, or nil.
func (o *orgConfig) program(at int64) *Program {
	if i := o.programIndex(at); i >= 0 {
		return &o.programs[i]
	}
	return nil
}

// programVersion is a version by its number.
func (o *orgConfig) programVersion(version int64) *Program {
	i := slices.IndexFunc(o.programs, func(p Program) bool { return p.Version == version })
	if i < 0 {
		return nil
	}
	return &o.programs[i]
}

func (tx *Tx) readPrograms(o *orgConfig, org int64) error {
	return tx.Each(func(scan func(...any) error) error {
		var p Program
		var rules string
		if err := scan(&p.Version, &p.begins, &rules); err != nil {
			return err
		}
		p.Begins = time.UnixMilli(p.begins).In(o.TimeZone)
		o.programs = append(o.programs, p)
		return json.Unmarshal([]byte(rules), &o.programs[len(o.programs)-1].Rules)
	}, `SELECT version, begins_on, rules FROM programs WHERE org = $1 ORDER BY begins_on, version`, org)
}

// File is the file that would set the version again.
func (p Program) File() ProgramFile { return ProgramFile{Rules: p.Rules} }
