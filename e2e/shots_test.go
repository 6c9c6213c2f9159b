package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-rod/rod/lib/proto"
)

// TestShots takes pictures of what is worth a look, for whoever changes how it looks:
//
//	SHOTS=/tmp/shots go test ./e2e -run TestShots
func TestShots(t *testing.T) {
	dir := os.Getenv("SHOTS")
	if dir == "" {
		t.Skip("pictures for people: name a folder in SHOTS")
	}
	w := newWorld(t)
	for _, width := range []int{1440, 834, 390} {
		for _, dark := range []bool{false, true} {
			name := fmt.Sprint(width, map[bool]string{false: "-light", true: "-dark"}[dark])
			t.Run(name, func(t *testing.T) {
				p := w.at(t, "/", look{width: width, height: 1000, dark: dark})
				shot := func(what string) {
					t.Helper()
					p.js(`() => new Promise(r => setTimeout(() => r(""), 300))`)
					png, err := p.Screenshot(false, &proto.PageCaptureScreenshot{})
					if err == nil {
						err = os.WriteFile(filepath.Join(dir, name+"-"+what+".png"), png, 0o644)
					}
					if err != nil {
						t.Fatal(err)
					}
				}
				shot("1-top")
				p.MustNavigate(w.url + "/#register-customer")
				p.whole("registerCustomer")
				shot("2-operation")
				p.press("#l-shell")
				p.try("registerCustomer")
				shot("3-form")
				p.set("body.profiles", `[{"firstName": "Mei", "identifiers": [{"type": "email", "value": "mei.lin@example.org"}]}]`)
				p.send()
				shot("4-answer")
				p.press(".trying button.try")
				p.until(`!document.querySelector(".trying")`)
				p.js(`() => { location.hash = "#codes-customers"; return "" }`)
				shot("5-codes")
				p.search("identifier")
				p.until(`document.querySelector(".find em")`)
				shot("6-search")
				p.MustNavigate(w.url + "/guides/merging.html").MustWaitLoad()
				p.js(`() => { document.querySelector(".fig")?.scrollIntoView({block: "center"}); return "" }`)
				shot("7-merging")
				p.MustNavigate(w.url + "/guides/changes.html").MustWaitLoad()
				shot("8-changes")
				p.MustNavigate(w.url + "/").MustWaitLoad()
				p.js(`() => { document.querySelector("section[data-operation=fetchKitten], section[data-operation=getKitten]").scrollIntoView(); return "" }`)
				shot("9-kittens")
			})
		}
	}
}
