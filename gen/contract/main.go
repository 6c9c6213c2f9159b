// Contract makes of openapi.yaml what the server needs of it while it runs: paths, parameters, and the schemas of requests,
// without prose and without examples; of answers, their media types alone. It is a fraction of the document, and read in a
// fraction of the time when the server starts.
//
// Usage: contract SPEC OUT
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: contract SPEC OUT")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(spec, out string) error {
	text, err := os.ReadFile(spec)
	if err != nil {
		return err
	}
	short, err := shorten(text)
	if err != nil {
		return fmt.Errorf("%s: %w", spec, err)
	}
	return os.WriteFile(out, short, 0o644)
}

// shorten gives the contract as JSON, with its keys in order.
func shorten(spec []byte) ([]byte, error) {
	var doc map[string]any
	if err := yaml.Unmarshal(spec, &doc); err != nil {
		return nil, err
	}
	info, _ := doc["info"].(map[string]any)
	short := map[string]any{"info": map[string]any{"title": info["title"], "version": info["version"]}}
	for _, key := range []string{"openapi", "security", "paths", "x-aliases"} {
		short[key] = without(doc[key], false)
	}
	all, _ := doc["components"].(map[string]any)
	needed := map[string]any{"securitySchemes": without(all["securitySchemes"], true)}
	if err := reach(short["paths"], all, needed); err != nil {
		return nil, err
	}
	short["components"] = needed
	return json.Marshal(short)
}

// reach puts into needed the components that v refers to, and those that they refer to.
func reach(v any, all, needed map[string]any) error {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if err := reach(item, all, needed); err != nil {
				return err
			}
		}
	case map[string]any:
		for key, value := range v {
			ref, is := value.(string)
			if key != "$ref" || !is {
				if err := reach(value, all, needed); err != nil {
					return err
				}
				continue
			}
			kind, name, _ := strings.Cut(strings.TrimPrefix(ref, "#/components/"), "/")
			from, _ := all[kind].(map[string]any)
			if from[name] == nil {
				return fmt.Errorf("%s is not there", ref)
			}
			to, _ := needed[kind].(map[string]any)
			if to == nil {
				to = map[string]any{}
				needed[kind] = to
			}
			if to[name] == nil {
				to[name] = without(from[name], false)
				if err := reach(to[name], all, needed); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// answers keeps of the responses of an operation those that are something else than JSON, and of them their media types.
func answers(responses map[string]any) map[string]any {
	out := map[string]any{}
	for status, r := range responses {
		response, _ := r.(map[string]any)
		content, _ := response["content"].(map[string]any)
		kept := map[string]any{}
		for media := range content {
			if media != "application/json" {
				kept[media] = map[string]any{}
			}
		}
		if len(kept) > 0 {
			out[status] = map[string]any{"content": kept}
		}
	}
	return out
}

var (
	prose = []string{"title", "description", "summary", "example", "examples", "tags", "deprecated"}
	read  = []string{"x-fault", "x-strip-quotes", "x-roles", "x-stream", "x-bulk", "x-lines"} // by the server
)

// without leaves out what people read. The keys of a map of names are no keywords: a property may be called description.
func without(v any, names bool) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = without(v[i], false)
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for key, value := range v {
			if !names && (slices.Contains(prose, key) || strings.HasPrefix(key, "x-") && !slices.Contains(read, key)) {
				continue
			}
			if responses, is := value.(map[string]any); is && !names && key == "responses" {
				out[key] = answers(responses)
				continue
			}
			out[key] = without(value, !names && (key == "properties" || key == "schemas" || key == "parameters" || key == "headers" || key == "x-fault"))
		}
		return out
	}
	return v
}
