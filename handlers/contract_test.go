package handlers

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// Requests are judged by a short form of openapi.yaml with a reader of its own. Whatever it lost would let requests through.
func TestTheShortContractIsTheWholeOne(t *testing.T) {
	text, err := os.ReadFile("../openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	whole, err := compile(text)
	if err != nil {
		t.Fatal(err)
	}
	short, err := compileOnce()
	if err != nil {
		t.Fatal(err)
	}
	byID := func(c *contract) *contract {
		sorted := *c
		sorted.operations = slices.SortedFunc(slices.Values(c.operations), func(a, b *operation) int { return strings.Compare(a.id, b.id) })
		for _, op := range sorted.operations {
			slices.Sort(op.answers)
		}
		return &sorted
	}
	if place := differ(reflect.ValueOf(byID(whole)), reflect.ValueOf(byID(short)), "contract", map[[2]uintptr]bool{}); place != "" {
		t.Errorf("the short contract is not the whole one: %s", place)
	}
	if n := len(short.operations); n < 100 {
		t.Errorf("%d operations", n)
	}
}

func TestAShortContractIsReadAsAWhole(t *testing.T) {
	for what, text := range map[string]string{
		"a keyword that the reader does not know":    `{"components":{"schemas":{"A":{"type":"integer","multipleOf":2}}}}`,
		"a reference to a schema that is missing":    `{"paths":{"/a":{"get":{"operationId":"a","parameters":[{"name":"q","in":"query","schema":{"$ref":"#/components/schemas/A"}}]}}}}`,
		"a reference to a parameter that is missing": `{"paths":{"/a":{"get":{"operationId":"a","parameters":[{"$ref":"#/components/parameters/A"}]}}}}`,
	} {
		if _, err := readShort([]byte(text)); err == nil {
			t.Errorf("%s: taken", what)
		}
	}
	const loop = `{"paths":{"/a":{"get":{"operationId":"a","parameters":[{"name":"q","in":"query","schema":{"$ref":"#/components/schemas/A"}}]}}},
		"components":{"schemas":{"A":{"type":"array","items":{"$ref":"#/components/schemas/A"}}}}}`
	doc, err := readShort([]byte(loop))
	if err != nil {
		t.Fatal(err)
	}
	if a := doc.Paths.Value("/a").Get.Parameters[0].Value.Schema.Value; a.Items.Value != a {
		t.Error("a schema that names itself is not itself")
	}
}

// differ says where two contracts differ, "" for nowhere. Prose does not count, nor what kin-openapi remembers of references.
func differ(a, b reflect.Value, place string, seen map[[2]uintptr]bool) string {
	if a.Kind() != b.Kind() {
		return fmt.Sprintf("%s: %v and %v", place, a, b)
	}
	switch a.Kind() {
	case reflect.Pointer:
		if a.IsNil() || b.IsNil() {
			break
		}
		pair := [2]uintptr{a.Pointer(), b.Pointer()}
		if a.Pointer() == b.Pointer() || seen[pair] {
			return ""
		}
		seen[pair] = true
		return differ(a.Elem(), b.Elem(), place, seen)
	case reflect.Interface:
		if a.IsNil() || b.IsNil() {
			break
		}
		return differ(a.Elem(), b.Elem(), place, seen)
	case reflect.Struct:
		for i := range a.NumField() {
			name := a.Type().Field(i).Name
			switch name {
			case "Description", "Title", "Example", "Examples", "Extensions", "Origin", "Deprecated", "refPath", "extra", "sibling":
				continue
			}
			if where := differ(a.Field(i), b.Field(i), place+"."+name, seen); where != "" {
				return where
			}
		}
		return ""
	case reflect.Slice:
		for i := range min(a.Len(), b.Len()) {
			if where := differ(a.Index(i), b.Index(i), fmt.Sprintf("%s[%d]", place, i), seen); where != "" {
				return where
			}
		}
		if a.Len() == b.Len() {
			return ""
		}
	case reflect.Map:
		for _, key := range a.MapKeys() {
			if !b.MapIndex(key).IsValid() {
				return fmt.Sprintf("%s: %v is missing", place, key)
			}
			if where := differ(a.MapIndex(key), b.MapIndex(key), fmt.Sprintf("%s[%v]", place, key), seen); where != "" {
				return where
			}
		}
		if a.Len() == b.Len() {
			return ""
		}
	default:
		if a.Equal(b) {
			return ""
		}
	}
	if a.IsZero() && b.IsZero() {
		return ""
	}
	return fmt.Sprintf("%s: %v and %v", place, a, b)
}
