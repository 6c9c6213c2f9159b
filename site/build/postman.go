package build

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
)

// A Postman collection, format 2.1.
type (
	postmanCollection struct {
		Info     postmanInfo   `json:"info"`
		Items    []postmanItem `json:"item"`
		Auth     *postmanAuth  `json:"auth"`
		Events   []postmanOn   `json:"event"`
		Variable []postmanPair `json:"variable"`
	}
	postmanInfo struct {
		ID          string `json:"_postman_id"`
		Name        string `json:"name"`
		Description string `json:"description"`
		Schema      string `json:"schema"`
	}
	postmanItem struct {
		Name        string           `json:"name"`
		Description string           `json:"description,omitempty"`
		Items       []postmanItem    `json:"item,omitempty"`
		Request     *postmanRequest  `json:"request,omitempty"`
		Responses   []map[string]any `json:"response,omitempty"`
	}
	postmanRequest struct {
		Method      string        `json:"method"`
		Description string        `json:"description,omitempty"`
		Headers     []postmanPair `json:"header"`
		Body        *postmanBody  `json:"body,omitempty"`
		URL         postmanURL    `json:"url"`
	}
	postmanBody struct {
		Mode    string         `json:"mode"`
		Raw     string         `json:"raw"`
		Options map[string]any `json:"options"`
	}
	postmanURL struct {
		Raw   string        `json:"raw"`
		Host  []string      `json:"host"`
		Path  []string      `json:"path"`
		Query []postmanPair `json:"query,omitempty"`
	}
	postmanPair struct {
		Key         string `json:"key"`
		Value       string `json:"value"`
		Type        string `json:"type,omitempty"`
		Description string `json:"description,omitempty"`
	}
	postmanAuth struct {
		Type string `json:"type"`
	}
	postmanOn struct {
		Listen string        `json:"listen"`
		Script postmanScript `json:"script"`
	}
	postmanScript struct {
		Type string   `json:"type"`
		Exec []string `json:"exec"`
	}
)

const collection = "arteriole.postman_collection.json"

// postman writes the collection: an item for each operation with its main example, and
// variables for the server and the credentials. Its script makes the md5 of the password.
func (s *spec) postman(ref *reference) (File, error) {
	c := postmanCollection{
		Info: postmanInfo{
			ID: "6b1f0a52-4f0e-4c53-9d3a-61727465726f", Name: ref.Document,
			Description: "Set the variables server, till and password of the collection, and key for the kittens. The script of the collection makes the md5 of the password and the Authorization header.",
			Schema:      "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
		},
		Auth: &postmanAuth{"noauth"},
		Events: []postmanOn{{"prerequest", postmanScript{"text/javascript", []string{
			"// Authorization: Basic base64(till:md5(password))",
			"const md5 = CryptoJS.MD5(pm.variables.get('password')).toString();",
			"const pair = CryptoJS.enc.Utf8.parse(pm.variables.get('till') + ':' + md5);",
			"pm.variables.set('authorization', 'Basic ' + CryptoJS.enc.Base64.stringify(pair));",
		}}}},
		Variable: []postmanPair{
			{Key: "server", Value: demoServer, Type: "string"}, {Key: "till", Value: demoTill, Type: "string"},
			{Key: "password", Value: demoPassword, Type: "string"}, {Key: "key", Value: demoKey, Type: "string"},
		},
	}
	for _, g := range ref.Groups {
		folder := postmanItem{Name: g.Title}
		for _, o := range g.Operations {
			if o.Main == nil {
				continue
			}
			r, err := postmanCall(o, o.Main)
			if err != nil {
				return File{}, err
			}
			item := postmanItem{Name: o.Title, Request: r}
			for _, e := range o.Tabs {
				if e.answer == "" {
					continue
				}
				original, err := postmanCall(o, e)
				if err != nil {
					return File{}, err
				}
				original.Description = ""
				item.Responses = append(item.Responses, map[string]any{
					"name": e.Title, "originalRequest": original, "code": e.Status, "_postman_previewlanguage": "json",
					"header": []postmanPair{{Key: "Content-Type", Value: "application/json"}}, "cookie": []any{}, "body": e.answer,
				})
			}
			folder.Items = append(folder.Items, item)
		}
		if folder.Items != nil {
			c.Items = append(c.Items, folder)
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	err := e.Encode(c)
	return File{collection, b.Bytes()}, err
}

func postmanCall(o *operation, c *call) (*postmanRequest, error) {
	u, err := url.Parse(c.request.URL)
	if err != nil {
		return nil, err
	}
	r := &postmanRequest{Method: o.Method, Description: o.Source, Headers: []postmanPair{{Key: "Accept", Value: "application/json"}}}
	r.URL = postmanURL{Raw: "{{server}}" + strings.TrimPrefix(c.request.URL, demoServer), Host: []string{"{{server}}"}}
	for part := range strings.SplitSeq(strings.TrimPrefix(u.Path, "/"), "/") {
		r.URL.Path = append(r.URL.Path, part)
	}
	for part := range strings.SplitSeq(u.RawQuery, "&") {
		key, value, found := strings.Cut(part, "=")
		if found {
			r.URL.Query = append(r.URL.Query, postmanPair{Key: key, Value: value})
		}
	}
	own := false
	for _, h := range c.request.Headers {
		r.Headers = append(r.Headers, postmanPair{Key: h.Name, Value: h.Value})
		own = own || strings.EqualFold(h.Name, "Authorization")
	}
	switch {
	case own || c.request.Auth == "":
	case c.request.Auth == demoKey:
		r.Headers = append(r.Headers, postmanPair{Key: "Authorization", Value: "{{key}}"})
	default:
		r.Headers = append(r.Headers, postmanPair{Key: "Authorization", Value: "{{authorization}}"})
	}
	if c.request.Body != nil {
		r.Headers = append(r.Headers, postmanPair{Key: "Content-Type", Value: "application/json"})
		text := string(c.request.Body)
		if n, err := parse(c.request.Body); err == nil {
			text = indented(n)
		}
		r.Body = &postmanBody{"raw", text, map[string]any{"raw": map[string]any{"language": "json"}}}
	}
	return r, nil
}
