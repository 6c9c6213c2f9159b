package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/arteriole/arteriole/fault"
	"github.com/arteriole/arteriole/gen"
)

// A small contract with what the real one does not have (yet).
const smallSpec = `
openapi: 3.0.3
info: {title: small, version: "1"}
x-aliases: {body: {Other: other}, query: {olduid: userId}}
security: [{till: []}]
paths:
  /t/things/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: integer, minimum: 1}}
    put:
      operationId: putThing
      parameters:
        - {name: userId, in: query, required: true, x-fault: {required: SourceMissing, maximum: LimitTooLarge, any: SourceInvalid},
           schema: {allOf: [{$ref: '#/components/schemas/Small'}]}}
        - {name: ids, in: query, schema: {type: array, maxItems: 3, items: {type: integer}}, x-fault: {maxItems: LimitTooLarge, any: AccountInvalid}}
        - {name: kind, in: query, schema: {type: string, enum: [a, b, c]}}
        - {name: embed, in: query, x-strip-quotes: true, schema: {type: string, maxLength: 20, default: none}}
        - {name: X-Mode, in: header, schema: {type: string, pattern: '^[a-z]+$'}, x-fault: {pattern: ChannelInvalid}}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Body'}}}
      responses: {default: {description: any}}
  /t/free:
    get: {operationId: getFree, security: [], responses: {default: {description: any}}}
    post: {operationId: postFree, security: [], responses: {default: {description: any}}}
components:
  securitySchemes: {till: {type: http, scheme: basic}}
  schemas:
    Small: {type: integer, minimum: 1, maximum: 9}
    Loose: {oneOf: [{type: string, maxLength: 3, pattern: '^x'}, {type: integer, maximum: 99}]}
    Any: {anyOf: [{type: string, maxLength: 3}, {type: integer}]}
    Inner: {type: object, required: [type], properties: {type: {type: string, minLength: 1, x-fault: {required: IdentifierNameInvalid}}, value: {$ref: '#/components/schemas/Loose'}}}
    Body:
      type: object
      required: [list]
      maxProperties: 6
      properties:
        list:
          type: array
          minItems: 1
          maxItems: 2
          items: {$ref: '#/components/schemas/Inner'}
          x-fault: {minItems: NoValidIdentifier}
        wrapped: {allOf: [{$ref: '#/components/schemas/Inner'}], x-fault: {any: ChannelInvalid, type: CustomFieldInvalid}}
        loose: {$ref: '#/components/schemas/Loose'}
        any: {$ref: '#/components/schemas/Any'}
        big: {type: integer, format: int64}
        other: {type: string, nullable: true, maxLength: 5}
        fields: {type: object, maxProperties: 2, additionalProperties: {type: string, maxLength: 3}}
        tree: {$ref: '#/components/schemas/Tree'}
        role: {type: string, enum: [user]}
    Tree: {type: object, properties: {name: {type: string}, children: {type: array, items: {$ref: '#/components/schemas/Tree'}}}}
`

func textOf(s string) func() []byte { return func() []byte { return []byte(s) } }

// small serves smallSpec; the handler answers what it was given.
func small(t *testing.T, tweak func(*Config), handler echo.HandlerFunc) *running {
	t.Helper()
	store, log := demoStore(t), &lockedBuffer{}
	if handler == nil {
		handler = func(e echo.Context) error {
			given := map[string]any{"query": e.QueryParams(), "id": e.Param("id")}
			if b, ok := e.Request().Body.(interface{ ValidatedValue() any }); ok {
				given["body"] = b.ValidatedValue()
			}
			return e.JSON(200, given)
		}
	}
	s, err := newServer(store, testConfig(textOf(smallSpec), log, tweak), func(r gen.EchoRouter, before map[string][]echo.MiddlewareFunc) {
		r.PUT("/t/things/:id", handler, before["putThing"]...)
		r.GET("/t/free", handler, before["getFree"]...)
		r.POST("/t/free", handler, before["postFree"]...)
	})
	if err != nil {
		t.Fatal(err)
	}
	return listen(t, s, store, log)
}

func TestFaultOfRefusal(t *testing.T) {
	s := small(t, nil, nil)
	const good = `{"list":[{"type":"a"}]}`
	with := func(more string) string { return good[:len(good)-1] + "," + more + "}" }
	for _, row := range []struct {
		path, body string
		code       int
		message    string
	}{
		// parameters, in the order of the document, then the body
		{"/t/things/x", `{`, 400, "path: id must be a whole number"},
		{"/t/things/1?ids=x", `{`, 8004, "A source is needed (query: userId)"},
		{"/t/things/1?userId=", good, 8004, "A source is needed (query: userId)"},
		{"/t/things/1?userId=10", good, 8102, "The limit may be at most 9 (query: userId)"},
		{"/t/things/1?userId=99999999999999999999", good, 8102, "The limit may be at most 9 (query: userId)"},
		{"/t/things/1?userId=0", good, 8003, "The source must be at least 1 (query: userId)"},
		{"/t/things/1?userId=x", good, 8003, "The source must be a whole number (query: userId)"},
		{"/t/things/1?userId=1&ids=1&ids=2&ids=3&ids=4", good, 8102, "The limit may be at most 3 (query: ids)"},
		{"/t/things/1?userId=1&ids=1&ids=x", good, 8127, "The account is unknown or not active (query: ids)"},
		{"/t/things/1?userId=1&kind=d", good, 400, "query: kind must be a, b or c"},
		{"/t/things/1?userId=1&embed=aaaaaaaaaaaaaaaaaaaaaaa", good, 400, "query: embed must have at most 20 characters"},
		// the body
		{"/t/things/1?userId=1", `{}`, 400, "body: list is required"},
		{"/t/things/1?userId=1", `{"list":[]}`, 8005, "No valid identifier is left: must have at least 1 item (body: list)"},
		{"/t/things/1?userId=1", `{"list":[{"type":"a"},{"type":"b"},{"type":"c"}]}`, 400, "body: list must have at most 2 items"},
		{"/t/things/1?userId=1", `{"list":[{"type":"a"},{}]}`, 8013, "The identifier name is missing or unknown (body: list[1].type)"},
		{"/t/things/1?userId=1", `{"list":[{"type":""}]}`, 400, "body: list[0].type must not be empty"},
		{"/t/things/1?userId=1", `{"list":[{"type":"a","value":"xxxx"}]}`, 400, "body: list[0].value must have at most 3 characters"},
		{"/t/things/1?userId=1", `{"list":[{"type":"a","value":"y"}]}`, 400, "body: list[0].value does not have the right form"},
		{"/t/things/1?userId=1", `{"list":[{"type":"a","value":100}]}`, 400, "body: list[0].value must be at most 99"},
		{"/t/things/1?userId=1", `{"list":[{"type":"a","value":true}]}`, 400, "body: list[0].value must be a string or a whole number"},
		{"/t/things/1?userId=1", `{"list":[{"type":"a","value":null}]}`, 400, "body: list[0].value must be a string or a whole number"},
		{"/t/things/1?userId=1", with(`"any":"long"`), 400, "body: any must have at most 3 characters"},
		{"/t/things/1?userId=1", with(`"any":[]`), 400, "body: any must be a string or a whole number"},
		{"/t/things/1?userId=1", with(`"wrapped":1`), 1017, "The custom field {name} is not defined or its value is not valid (body: wrapped)"},
		{"/t/things/1?userId=1", with(`"wrapped":{"type":1}`), 8010, "The channel is unknown, has no valid value or is not one of the source (body: wrapped.type)"},
		{"/t/things/1?userId=1", with(`"wrapped":{}`), 8013, "The identifier name is missing or unknown (body: wrapped.type)"},
		{"/t/things/1?userId=1", with(`"big":9923372036854775808`), 400, "body: big must be at most 9223372036854775807"},
		{"/t/things/1?userId=1", with(`"big":-9923372036854775808`), 400, "body: big must be at least -9223372036854775808"},
		{"/t/things/1?userId=1", with(`"big":1.5`), 400, "body: big must be a whole number"},
		{"/t/things/1?userId=1", with(`"Other":"too long"`), 400, "body: other must have at most 5 characters"},
		{"/t/things/1?userId=1", with(`"fields":{"the caller's key":"long value"}`), 400, "body: fields must have at most 3 characters"},
		{"/t/things/1?userId=1", with(`"fields":{"a":"","b":"","c":""}`), 400, "body: fields must have at most 2 keys"},
		{"/t/things/1?userId=1", with(`"tree":{"children":[{},{"children":[{"name":1}]}]}`), 400, "body: tree.children[1].children[0].name must be a string"},
		{"/t/things/1?userId=1", with(`"role":"admin"`), 400, "body: role must be user"},
		{"/t/things/1?userId=1", with(`"a":1,"b":1,"c":1,"d":1,"e":1,"f":1`), 400, "body must have at most 6 keys"},
	} {
		r := s.send(&ignorePlaceholders{t}, "PUT", row.path, row.body)
		if r.status != 400 || r.code() != row.code || r.message() != row.message {
			t.Errorf("PUT %s %s\n got %d %s\nwant %d %s", row.path, row.body, r.status, r.body, row.code, row.message)
		}
	}
	if r := s.send(t, "PUT", "/t/things/1?userId=1", good, "X-Mode: UPPER"); r.code() != 8010 || !strings.HasSuffix(r.message(), "(header: X-Mode)") {
		t.Errorf("header: %s", r.body)
	}

	// What gets through, gets through as it is, under its own names.
	r := s.send(t, "PUT", "/t/things/7?olduid=3&EMBED=%E2%80%9Dpoints%E2%80%9C&ids=1&ids=2&ids=2&extra=1",
		with(`"Other":null,"role":"user","ROLE":"admin","fields":{"Other":"x"}`))
	want := `{"body":{"ROLE":"admin","fields":{"Other":"x"},"list":[{"type":"a"}],"other":null,"role":"user"},"id":"7",` +
		`"query":{"embed":["points"],"ids":["1","2","2"],"userId":["3"]}}`
	if strings.TrimSpace(r.body) != want {
		t.Errorf("got  %s\nwant %s", r.body, want)
	}
	if r := s.send(t, "PUT", "/t/things/7?user_id=3", good); !strings.Contains(r.body, `"embed":["none"]`) {
		t.Errorf("no default: %s", r.body)
	}
	if r := s.send(t, "GET", "/t/free", "", "Authorization: "); r.status != 200 || r.header.Get("RateLimit-Limit") == "" {
		t.Errorf("an open operation: %d %v", r.status, r.header)
	}
}

// ignorePlaceholders lets one row use a fault whose placeholder has no value here.
type ignorePlaceholders struct{ testing.TB }

func (i *ignorePlaceholders) Errorf(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !strings.Contains(text, "{name}") {
		i.TB.Errorf("%s", text)
	}
}

func TestNothingLeaks(t *testing.T) {
	s := serve(t, nil)
	const secret = "S3cretValueOfCaller"
	for _, r := range []reply{
		s.send(t, "POST", "/v2/customers?source="+secret, tom),
		s.send(t, "POST", "/v2/customers?source=INSTORE&"+secret+"=1&q=%zz"+secret, tom),
		s.send(t, "POST", "/v2/customers?source=INSTORE", `{"`+secret+`":1,"`+secret+`":2}`),
		s.send(t, "POST", "/v2/customers?source=INSTORE", `{"profiles":"`+secret+`"}`),
		s.send(t, "POST", "/v2/customers?source=INSTORE", `{"profiles":[{"fields":{"`+secret+`":{"a":"`+secret+`"}},"identifiers":"`+secret+`"}]}`),
		s.send(t, "POST", "/v2/customers?source=INSTORE", secret),
		s.send(t, "GET", "/v2/customers/"+secret, ""),
		s.send(t, "GET", "/v2/"+secret, ""),
		s.send(t, "GET", "/v2/customers/search?q=a&limit="+secret, ""),
		s.send(t, "GET", search, "", "Authorization: Basic "+b64(secret+":"+md5Of(secret))),
		s.send(t, "GET", search, "", "Accept: "+secret),
	} {
		if r.status < 400 || strings.Contains(r.body, secret) || strings.Contains(strings.ToLower(r.body), "schema") {
			t.Errorf("%d %s", r.status, r.body)
		}
	}
	s.send(t, "POST", "/v2/customers?source=INSTORE", tom, "X-Cap-Request-Id: in-the-log")
	log := s.log.String()
	for _, hidden := range []string{secret, "tom.new", "8a16a6b7", strings.TrimPrefix(demoTill, "Basic "), "argon2", md5Of(secret)} {
		if strings.Contains(log, hidden) {
			t.Errorf("the log has %q:\n%s", hidden, log)
		}
	}
	line := ""
	for _, l := range strings.Split(log, "\n") {
		if strings.Contains(l, "in-the-log") {
			line = l
		}
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(line), &got); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{
		"msg": "request", "level": "INFO", "id": "in-the-log", "method": "POST", "route": "/v2/customers", "operation": "registerCustomer",
		"status": 200.0, "till": "store.server", "address": "127.0.0.1",
	} {
		if got[key] != want {
			t.Errorf("log: %s is %v, want %v: %s", key, got[key], want, line)
		}
	}
	if got["org"] == nil || got["bytes"] == nil || got["ms"] == nil {
		t.Errorf("log: %s", line)
	}
}

func TestFailuresOfHandlers(t *testing.T) {
	secret := errors.New("disk secret")
	var fails func(e echo.Context) error
	s := small(t, func(c *Config) { c.RequestTimeout = 100 * time.Millisecond }, func(e echo.Context) error { return fails(e) })
	get := func(f func(e echo.Context) error) reply {
		fails = f
		return s.send(ignore500{t}, "GET", "/t/free", "")
	}
	for _, row := range []struct {
		name    string
		fails   func(e echo.Context) error
		status  int
		code    int
		message string
		logged  string
	}{
		{"unknown", func(echo.Context) error { return secret }, 500, 500, "Something failed in the server", "disk secret"},
		{"panic", func(echo.Context) error { panic(secret) }, 500, 500, "Something failed in the server", "disk secret"},
		{"wrapped fault", func(echo.Context) error {
			return fmt.Errorf("while: %w", fault.CustomerNotFound.With("type", "id", "value", 7).Because(secret))
		}, 404, 8015, "No customer of the organization has id 7", ""},
		{"a warning as an error", func(echo.Context) error { return fault.Combined.With("id", 1) }, 500, 500, "Something failed in the server", "Combined"},
		{"too slow", func(e echo.Context) error { <-e.Request().Context().Done(); return e.Request().Context().Err() }, 503, 503, "The server cannot take this request now", "deadline"},
		{"unavailable", func(echo.Context) error { return fault.Unavailable.Because(secret).After(1500 * time.Millisecond) }, 503, 503, "The server cannot take this request now", "disk secret"},
		{"echo", func(echo.Context) error {
			return echo.NewHTTPError(400, "Invalid format for parameter limit: error binding string parameter: <secret>")
		}, 400, 400, "parameter: limit has a value of another form than its place takes", ""},
		{"echo's 404", func(echo.Context) error { return echo.ErrNotFound }, 404, 404, "There is nothing at this address", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			before := len(s.log.String())
			r := get(row.fails)
			if r.status != row.status || r.code() != row.code || r.message() != row.message {
				t.Errorf("%d %s", r.status, r.body)
			}
			if row.name == "unavailable" && r.header.Get("Retry-After") != "2" {
				t.Errorf("Retry-After %q", r.header.Get("Retry-After"))
			}
			log := s.log.String()[before:]
			if row.logged == "" && strings.Contains(log, "cause") || !strings.Contains(log, row.logged) {
				t.Errorf("log: %s", log)
			}
			if strings.Contains(r.body, "secret") || strings.Contains(r.body, "goroutine") {
				t.Errorf("leaks: %s", r.body)
			}
		})
	}

	// Once the answer has begun it stays; a panic then cuts the connection.
	if r := get(func(e echo.Context) error { e.String(200, "begun"); return secret }); r.status != 200 || r.body != "begun" {
		t.Errorf("begun: %d %q", r.status, r.body)
	}
	fails = func(e echo.Context) error { e.String(200, "begun"); panic(secret) }
	if res, err := gateClient.Get(s.url + "/t/free"); err == nil {
		res.Body.Close()
		t.Errorf("a panic after the answer began: %d", res.StatusCode)
	}
	if log := s.log.String(); strings.Count(log, "disk secret") < 5 {
		t.Errorf("log: %s", log)
	}
}

type ignore500 struct{ testing.TB }

func (i ignore500) Errorf(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !strings.HasPrefix(text, "status 500") {
		i.TB.Errorf("%s", text)
	}
}

// A caller that hangs up is no error of ours.
func TestCallerGone(t *testing.T) {
	began := make(chan bool)
	s := small(t, nil, func(e echo.Context) error {
		began <- true
		<-e.Request().Context().Done()
		return fault.Unavailable.Because(e.Request().Context().Err())
	})
	ctx, cancel := context.WithCancel(t.Context())
	req, _ := http.NewRequestWithContext(ctx, "GET", s.url+"/t/free", nil)
	go gateClient.Do(req)
	<-began
	cancel()
	for range 100 {
		if strings.Contains(s.log.String(), `"status":499`) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("log: %s", s.log.String())
}

func TestAlwaysOK(t *testing.T) {
	s := small(t, func(c *Config) { c.AlwaysOK = true }, func(echo.Context) error { return fault.CustomerNotFound.New() })
	if r := s.send(&ignorePlaceholders{t}, "GET", "/t/free", ""); r.status != 200 || r.code() != 8015 {
		t.Errorf("business: %d %s", r.status, r.body)
	}
	if r := s.send(t, "PUT", "/t/things/1?userId=1", "{"); r.status != 400 {
		t.Errorf("http: %d %s", r.status, r.body)
	}
	if r := s.send(&ignorePlaceholders{t}, "PUT", "/t/things/1", "{}"); r.status != 200 || r.code() != 8004 {
		t.Errorf("refused with a code: %d %s", r.status, r.body)
	}
}

func TestBadContracts(t *testing.T) {
	for name, change := range map[string][2]string{
		"unknown fault":    {"required: SourceMissing", "required: NoSuchFault"},
		"unknown keyword":  {"required: SourceMissing", "needed: SourceMissing"},
		"unknown security": {"scheme: basic", "scheme: digest"},
		"not JSON":         {"content: {application/json:", "content: {text/plain:"},
		"no operationId":   {"operationId: getFree, ", ""},
		"not 3.0":          {"openapi: 3.0.3", "openapi: x"},
		"bad alias":        {"{Other: other}", "{Other: 1}"},
		"bad pattern":      {"'^[a-z]+$'", "'(?=a)'"},
	} {
		text := strings.Replace(smallSpec, change[0], change[1], 1)
		if text == smallSpec {
			t.Fatalf("%s: nothing replaced", name)
		}
		if _, err := compile([]byte(text)); err == nil {
			t.Errorf("%s: compiles", name)
		}
	}
}

// A refusal costs no more than the request: a library that renders what it
// refuses, indented, makes many times of it.
func TestRefusalsStaySmall(t *testing.T) {
	s := serve(t, nil)
	value := strings.Repeat("[", 55) + strings.Repeat("0,", 9_000) + "0" + strings.Repeat("]", 55)
	body := strings.Replace(tom, `"tom.new@example.com"`, value, 1)
	s.send(t, "GET", search, "") // the credentials are checked before we count
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r := s.send(t, "POST", "/v2/customers?source=INSTORE", body)
	runtime.ReadMemStats(&after)
	if r.status != 400 || r.message() != "body: profiles[0].identifiers[0].value must be a string or a whole number" {
		t.Errorf("%d %s", r.status, r.body)
	}
	if made := after.TotalAlloc - before.TotalAlloc; made > 4<<20 {
		t.Errorf("%d bytes allocated for a body of %d", made, len(body))
	}
}

func BenchmarkRequestPath(b *testing.B) {
	s := serve(b, func(c *Config) { c.Rate, c.AddressRate = 0, 0 })
	for name, body := range map[string]string{
		"refused by schema": `{"profiles":[{"identifiers":[{"type":"email","value":1.5}]}]}`,
		"refused by store":  tom,
	} {
		s.send(b, "POST", "/v2/customers?source=INSTORE", tom)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.send(b, "POST", "/v2/customers?source=INSTORE", body)
			}
		})
	}
}
