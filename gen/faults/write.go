package main

import (
	"bytes"
	"fmt"
	"go/format"
	"slices"
)

const header = "// Code generated from openapi.yaml by gen/faults. DO NOT EDIT.\n\n"

// codesFile is fault/codes.gen.go.
func codesFile(faults []faultEntry) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(header + "package fault\n\nvar (\n")
	for _, f := range faults {
		fmt.Fprintf(&b, "%s = &Code{Family: %q, Number: %d, Name: %q, Status: %d,\nMessage: %q,\nHelp: %q,\nError: %v, Warning: %v, Ours: %v}\n",
			f.Name, f.Family, f.Code, f.Name, f.Status, f.Message, f.Help,
			slices.Contains(f.As, "error"), slices.Contains(f.As, "warning"), f.Ours)
	}
	b.WriteString(")\n\n// All is every code, in the order of openapi.yaml.\nvar All = []*Code{\n")
	for _, f := range faults {
		b.WriteString(f.Name + ",\n")
	}
	b.WriteString("}\n")
	return format.Source(b.Bytes())
}

// settingsFile is db/settings.gen.go.
func settingsFile(settings []settingEntry) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(header + `package db

import "slices"

// Setting is one setting of an organization, as openapi.yaml declares it.
type Setting struct {
	Key     string
	Default string
	Type    string // none|mobile|… for a choice, else text, list, integer, number, zone, date or secret
	Help    string
}

// Settings are the settings of an organization, in the order of openapi.yaml.
func Settings() []Setting { return slices.Clone(settings) }

var settings = []Setting{
`)
	for _, s := range settings {
		fmt.Fprintf(&b, "{Key: %q, Default: %q, Type: %q,\nHelp: %q},\n", s.Key, s.Default, s.Type, s.Help)
	}
	b.WriteString("}\n")
	return format.Source(b.Bytes())
}
