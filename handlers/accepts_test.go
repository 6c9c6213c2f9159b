package handlers

import (
	"context"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// What is accepted without the general validator, the validator accepts as well.
func TestAcceptedParametersAreValid(t *testing.T) {
	t.Parallel()
	c, err := compileOnce()
	if err != nil {
		t.Fatal(err)
	}
	values := []string{"", " ", "a", "ALL", "2026-02-03", "x@example.org", "0", "1", "-1", "007", "10", "100", "101", "1000", "1001", "100000", "9007199254740992",
		"9007199254740993", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "true", "null", "a,b", "é", "\u00a0", "%"}
	for _, n := range []int{2, 20, 32, 33, 64, 65, 128, 129, 255, 256, 1000, 5000} {
		values = append(values, strings.Repeat("x", n), strings.Repeat("é", n), strings.Repeat("😀", n), strings.Repeat("9", n))
	}
	accepted := map[string]int{}
	for _, op := range c.operations {
		for _, p := range op.params {
			for _, v := range values {
				if p.wrongForm(v) != "" || !p.accepts(v) {
					continue
				}
				accepted[p.spec.In+" "+p.kind]++
				r := httptest.NewRequest(op.method, "/", nil)
				r.Header.Set(p.spec.Name, v)
				err := openapi3filter.ValidateParameter(context.Background(), &openapi3filter.RequestValidationInput{
					Request: r, PathParams: map[string]string{p.spec.Name: v}, QueryParams: url.Values{p.spec.Name: {v}}, Options: filterOptions}, p.spec)
				if err != nil {
					t.Errorf("%s: %s: %q: %v", op.id, p.place, v, err)
				}
			}
		}
	}
	for _, kind := range []string{
		openapi3.ParameterInPath + " " + openapi3.TypeInteger, openapi3.ParameterInPath + " " + openapi3.TypeString,
		openapi3.ParameterInQuery + " " + openapi3.TypeInteger, openapi3.ParameterInQuery + " " + openapi3.TypeString,
		openapi3.ParameterInHeader + " " + openapi3.TypeString,
	} {
		if accepted[kind] == 0 {
			t.Errorf("no %s was accepted", kind)
		}
	}
}
