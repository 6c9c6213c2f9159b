package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/arteriole/arteriole/db"
)

func (a *app) orgCommand() *cobra.Command {
	c := group("org", "Add and list organizations, and change their settings", `An organization is a tenant: its customers, tills and settings are its own, and no other organization sees them.`)
	c.AddCommand(a.orgAdd(), a.orgList(), a.orgSet())
	return c
}

func (a *app) orgAdd() *cobra.Command {
	c := &cobra.Command{
		Use:   "add NAME [flags]",
		Short: "Add an organization",
		Long: `Add an organization, and create the database if there is none.

How mobile numbers are read can be set now, and changed with ` + "`org set`" + ` until the first customer with a mobile number is
registered. All other settings can be changed at any time.`,
		Example: `  arteriole org add "Tea House" --country-code 91 --time-zone Asia/Kolkata
  arteriole org add Kopi --country-code 65 --national-length 8 --time-zone Asia/Singapore`,
		Args: takes("NAME"),
	}
	values := map[string]*string{}
	for _, key := range []string{"country-code", "national-length", "time-zone"} {
		s := setting(key)
		values[key] = c.Flags().String(key, s.Default, strings.TrimSuffix(lowerFirst(s.Help), "."))
	}
	c.RunE = func(cmd *cobra.Command, args []string) error {
		settings := map[string]string{}
		for key, value := range values {
			settings[key] = *value
		}
		s, err := a.open(cmd, true)
		if err != nil {
			return err
		}
		defer s.Close()
		o, err := s.AddOrg(cmd.Context(), args[0], settings)
		if err != nil {
			return err
		}
		name := quoted(o.Name)
		fmt.Fprintf(a.stdout, `added org %s, id %d

Before it can be used, it needs a source, a store and a till:

  %s
  %s
  %s
`, o.Name, o.ID, a.line("source enable --org", name, "INSTORE"), a.line("store add --org", name, "--code main"),
			a.line("till add --org", name, "--store main --code main.till1"))
		return nil
	}
	return c
}

// line is a command to paste, for the same database.
func (a *app) line(words ...string) string {
	line := "arteriole " + strings.Join(words, " ")
	if a.db != "arteriole.db" {
		line += " --db " + quoted(a.db)
	}
	return line
}

func setting(key string) db.Setting {
	for _, s := range db.Settings() {
		if s.Key == key {
			return s
		}
	}
	panic("no such setting: " + key)
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

func (a *app) orgList() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List organizations and their non-default settings",
		Example: `  arteriole org list`,
		Args:    takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd, func(s *db.Store) error {
				orgs, settings, err := s.Orgs(cmd.Context())
				if err != nil {
					return err
				}
				if len(orgs) == 0 {
					fmt.Fprintln(a.stdout, "no orgs yet: add one with `arteriole org add`")
					return nil
				}
				rows := [][]string{{"ID", "NAME", "SINCE", "SETTINGS"}}
				for i, o := range orgs {
					rows = append(rows, []string{fmt.Sprint(o.ID), o.Name, moment(o.CreatedOn), differing(settings[i])})
				}
				table(a.stdout, rows)
				return nil
			})
		},
	}
}

func differing(values map[string]string) string {
	var all []string
	for _, s := range db.Settings() {
		if v, ok := values[s.Key]; ok && v != s.Default {
			all = append(all, s.Key+"="+quoted(v))
		}
	}
	if len(all) == 0 {
		return "defaults"
	}
	return strings.Join(all, " ")
}

func (a *app) orgSet() *cobra.Command {
	c := &cobra.Command{
		Use:   "set NAME KEY VALUE",
		Short: "Change a setting of an organization",
		Long:  "Change a setting of an organization. The change takes effect at once, also in a running server.\n\n" + settingsHelp(),
		Example: `  arteriole org set "Tea House" primary-identifier mobile
  arteriole org set "Tea House" rate-limit 20
  arteriole org set "Tea House" custom-fields "Favorite Tea,Birthday"
  arteriole org set "Tea House" rate-limit ""`,
		Args: takes("NAME", "KEY", "VALUE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withOrg(cmd, args[0], func(s *db.Store, who db.Who) error {
				now, err := s.OrgSettings(cmd.Context(), who.Org)
				if err != nil {
					return err
				}
				if err := codesCanBeSent(now, args[1], args[2]); err != nil {
					return err
				}
				if err := s.SetOrg(cmd.Context(), args[0], args[1], args[2]); err != nil {
					return err
				}
				value := db.ShownSetting(args[1], args[2])
				if value == "" {
					value = "empty"
				}
				fmt.Fprintf(a.stdout, "%s of %s is now %s\n", args[1], args[0], value)
				return nil
			})
		},
	}
	c.ValidArgsFunction = func(_ *cobra.Command, args []string, _ string) (keys []string, _ cobra.ShellCompDirective) {
		if len(args) == 1 {
			for _, s := range db.Settings() {
				keys = append(keys, s.Key+"\t"+s.Help)
			}
		}
		return keys, cobra.ShellCompDirectiveNoFileComp
	}
	return c
}

// codesCanBeSent refuses to require confirmation codes that cannot be sent: everything that needs one would fail.
func codesCanBeSent(now db.OrgSettings, key, value string) error {
	value = strings.TrimSpace(value)
	switch {
	case key == "confirm" && value != "" && (now.Points.ConfirmURL == "" || now.Points.ConfirmSecret == ""):
		return db.Refusal("confirm needs an address to send codes to: set confirm-url and confirm-secret first")
	case (key == "confirm-url" || key == "confirm-secret") && value == "" && len(now.Points.Confirm) > 0:
		return db.Refusal(fmt.Sprintf("%s is required while confirm is %s: set confirm to '' first", key, strings.Join(now.Points.Confirm, ",")))
	}
	return nil
}

// settingsHelp lists every setting declared in openapi.yaml.
func settingsHelp() string {
	var b strings.Builder
	b.WriteString("Settings and their defaults:\n")
	for _, s := range db.Settings() {
		initial := s.Default
		if initial == "" {
			initial = "empty"
		}
		fmt.Fprintf(&b, "\n  %s (%s; default %s)\n%s\n", s.Key, s.Type, initial, wrapped("      ", s.Help))
	}
	return strings.TrimSuffix(b.String(), "\n")
}
