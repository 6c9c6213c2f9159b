package handlers

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/arteriole/arteriole/db"
)

// uploadForm is the form of an upload of coupons, the file first, as published samples have it.
func uploadForm(file, name, identifier, column string) string {
	part := func(disposition, value string) string {
		return "--teahouse\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + value + "\r\n"
	}
	form := part(`name="file"; filename="`+name+`"`, file)
	if identifier != "" {
		form += part(`name="customerIdentifier"`, identifier)
	}
	if column != "" {
		form += part(`name="customerIdentifierColumn"`, column)
	}
	return form + "--teahouse--\r\n"
}

// uploaded uploads a file of coupons, waits for its end, and gives the job.
func (w *world) uploaded(series int64, file, identifier, column string) int64 {
	w.t.Helper()
	a := w.want(200, nil, "POST", fmt.Sprintf("/coupon/api/v1/upload/file/%d", series), uploadForm(file, "codes.csv", identifier, column))
	job := a.get(w.t, "result").(map[string]any)["uploadJobStatuses"].([]any)[0].(map[string]any)
	if job["uploadStatus"] != "STARTED" {
		w.t.Errorf("a new upload is %v", job["uploadStatus"])
	}
	id := int64(job["jobId"].(float64))
	w.ended(id)
	return id
}

// codesOf are the codes that a customer has, the newest first.
func (w *world) codesOf(customer int64) (codes []string) {
	w.t.Helper()
	for _, c := range w.want(200, nil, "GET", fmt.Sprintf("/v2/coupon?issuedToIds=%d", customer), "").get(w.t, "data").([]any) {
		codes = append(codes, c.(map[string]any)["code"].(string))
	}
	return codes
}

// Files of coupons: with customers and codes, with customers alone, with codes alone; each row is its single call.
func TestUploadedCoupons(t *testing.T) {
	t.Parallel()
	w := working(t)
	series := w.newSeries(`"discountValue":5,"maxCreate":4`)
	id := w.uploaded(series, "code,who\r\ncard-1,919845000001\r\nCARD-1,919845000003\r\ntea7asha,919845000003\r\nbad code,919845000003\r\ncard-2,919000000000\r\ncard-1,919845000001\r\ncard-3,919845000001\r\n", "mobile", "1")
	same(t, "with codes", w.outcomes(id), "1: 11", "2: 0 E722", "3: 0 E722", "4: 0 E400", "5: 0 E701", "6: 11", "7: 0 E722")
	w.want(200, nil, "POST", "/v2/coupon/redeem", redeemBody(ashaUser, "U-1", "300", "card-1"))

	id = w.uploaded(series, "who\n1002\n1\n", "USER_ID", "")
	same(t, "without codes", w.outcomes(id), "1: 12", "2: 0 E701")

	// What the operations of ingestion know of the job, and what the upload's own says.
	list := w.want(200, nil, "GET", fmt.Sprintf("/coupon/api/v1/upload/getUploadStatus/%d", series), "").get(t, "result").(map[string]any)["uploadJobStatuses"].([]any)
	if len(list) != 2 {
		t.Fatalf("%v", list)
	}
	older := list[1].(map[string]any)
	if older["uploadStatus"] != "FINISHED" || older["errorCount"] != 5.0 || older["actualRowCount"] != 7.0 || older["totalUploadedCount"] != 7.0 || older["errorFileUrl"] == nil {
		t.Errorf("%v", older)
	}
	file := w.call("GET", older["errorFileUrl"].(string), "").body
	if !strings.HasPrefix(file, "rowNumber,code,message,code,who\n2,722,") {
		t.Errorf("error file: %s", file)
	}
	// Corrected, it is a file like any other.
	file = strings.NewReplacer("CARD-1,919845000003", "CARD-2,919845000003", "bad code,919845000003", "x,1").Replace(file)
	id = w.uploaded(series, file, "MOBILE", "1")
	same(t, "corrected", w.outcomes(id), "1: 13", "2: 0 E722", "3: 0 E701", "4: 0 E701", "5: 0 E722")
	if got := fmt.Sprint(w.codesOf(1003)); !strings.Contains(got, "CARD-2") {
		t.Errorf("codes: %s", got)
	}
	if issued, _ := w.numbers(series); issued != 3 {
		t.Errorf("issued: %d", issued)
	}
}

// One code decides what all later issues of a series do: none but an admin adds codes, by whatever way.
func TestCodesAreForAdmins(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	all := credentialsOf(t, w)
	admin := w.as(strings.TrimPrefix(all[slices.IndexFunc(all, func(c credential) bool { return c.role == "admin" })].header, "Authorization: "))
	for _, c := range all {
		me := w.as("")
		made := admin.call("POST", "/v2/dataIngestion/jobs", `{"profile":"COUPON_CODE"}`).get(t, "createdId")
		file := me.call("PUT", fmt.Sprintf("/v2/dataIngestion/jobs/%v/file", made), "{\"seriesId\":2,\"code\":\"OF-A-FILE\"}\n", c.header, "Content-Type: application/x-ndjson")
		if may := c.role == "admin"; may != (file.status == 200) || !may && file.status != 403 {
			t.Errorf("%s of role %s: a file for an admin's job: %d %s", c.name, c.role, file.status, file.body)
		}
		made = admin.call("POST", "/v2/dataIngestion/jobs", `{"profile":"COUPON_CODE"}`).get(t, "createdId")
		for _, call := range []struct {
			path, body string
			roles      []string
		}{
			{"/v2/coupon/series/2/codes", `{"code":"CARD-1"}`, []string{"admin"}},
			{"/coupon/api/v1/upload/file/2", uploadForm("code\nx\n", "x.csv", "NOT_TAGGED", ""), []string{"admin"}},
			{"/coupon/api/v1/upload/file/2", uploadForm("code,id\nx,1001\n", "x.csv", "USER_ID", "1"), []string{"till", "admin"}},
			{"/v2/dataIngestion/jobs", `{"profile":"coupon-code"}`, []string{"admin"}},
			{"/v2/dataIngestion/upload/coupon_code", uploadForm("seriesId,code\n2,x\n", "x.csv", "", ""), []string{"admin"}},
			{"/v2/dataIngestion/jobs", `{"profile":"COUPON_ISSUE"}`, []string{"till", "admin"}},
			{fmt.Sprintf("/v2/dataIngestion/jobs/%v/cancel", made), "", []string{"admin"}},
		} {
			a := me.call("POST", call.path, call.body, c.header)
			if may := slices.Contains(call.roles, c.role); may != (a.status < 300) || !may && a.status != 403 {
				t.Errorf("%s of role %s: POST %s %s: %d %s", c.name, c.role, call.path, call.body, a.status, a.body)
			}
		}
	}
}

// A code with an issue does not take the place of one that waits.
func TestCodesThatWaitHaveTheirPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	series := w.newSeries(`"discountValue":5,"maxCreate":2,"isMultipleVouchersPerUserAllowed":true`)
	issue := func(status int, codes []int, code string) {
		t.Helper()
		w.want(status, codes, "POST", "/v2/coupon/issue", fmt.Sprintf(`{"seriesId":%d,"customer":{"id":1001},"code":%q}`, series, code))
	}
	for _, code := range []string{"WAIT-1", "WAIT-2"} {
		w.want(200, nil, "POST", fmt.Sprintf("/v2/coupon/series/%d/codes", series), fmt.Sprintf(`{"code":%q}`, code))
	}
	issue(409, []int{722}, "OWN-1")
	issue(200, nil, "WAIT-2")
	issue(409, []int{722}, "OWN-1")
	w.want(200, nil, "POST", "/v2/coupon/issue", fmt.Sprintf(`{"seriesId":%d,"customer":{"id":1001}}`, series))
}

// Codes that wait: issues take them in their order, and no others; a code is once in an organization; the limit of the series counts.
func TestCodesThatWait(t *testing.T) {
	t.Parallel()
	w := working(t)
	series, other := w.newSeries(`"discountValue":5,"maxCreate":4,"isMultipleVouchersPerUserAllowed":true`), w.newSeries(`"discountValue":5`)
	id := w.uploaded(series, "code\nCARD-1\n card-2 \ncard-1\ntea7asha\n\"\"\nCARD-3\nCARD-4\nCARD-5\n", "NOT_TAGGED", "")
	same(t, "codes", w.outcomes(id), "1: 1", "2: 2", "3: 1", "4: 0 E722", "5: 0 E400", "6: 3", "7: 4", "8: 0 E722")
	w.want(409, []int{722}, "POST", fmt.Sprintf("/v2/coupon/series/%d/codes", other), `{"code":"card-2"}`)
	if a := w.want(409, []int{722}, "POST", fmt.Sprintf("/v2/coupon/series/%d/codes", series), `{"code":"card-6"}`); !strings.Contains(a.body, "the 4 coupons that maxCreate allows") {
		t.Errorf("%s", a.body)
	}
	w.want(409, []int{722}, "POST", "/v2/coupon/issue", fmt.Sprintf(`{"seriesId":%d,"customer":{"id":1002},"code":"card-2"}`, other))
	w.want(404, []int{702}, "POST", "/v2/coupon/redeem", redeemBody(ashaUser, "U-1", "300", "card-2"))

	if got := w.issued(series, 1001); got != "CARD-1" {
		t.Errorf("the first: %s", got)
	}
	if got := w.want(200, nil, "POST", "/v2/coupon/issue", fmt.Sprintf(`{"seriesId":%d,"customer":{"id":1002},"code":"card-3"}`, series)).get(t, "code"); got != "CARD-3" {
		t.Errorf("one that waits, by its name: %v", got)
	}
	w.want(200, nil, "POST", "/v2/coupon/issue/multiple", fmt.Sprintf(`{"seriesId":%d,"count":2,"customer":{"id":1003}}`, series))
	if got := fmt.Sprint(w.codesOf(1003)); !strings.Contains(got, "CARD-2") || !strings.Contains(got, "CARD-4") {
		t.Errorf("codes: %s", got)
	}
	a := w.want(200, nil, "PUT", fmt.Sprintf("/v2/coupon/series/%d", series), `{"CouponSeriesV2":{"maxCreate":-1}}`)
	if a := w.want(409, []int{722}, "POST", "/v2/coupon/issue", fmt.Sprintf(`{"seriesId":%d,"customer":{"id":1003}}`, series)); !strings.Contains(a.body, "all codes that were added to it are issued") {
		t.Errorf("%s", a.body)
	}
	if issued, _ := w.numbers(series); issued != 4 {
		t.Errorf("issued: %d, %s", issued, a.body)
	}
	var problems []string
	if n, err := db.Check(t.Context(), w.store.Path(), db.CheckReport{Begin: func(string) {}, Progress: func(int64, int64) {}, End: func(string, int64, string, int64) {},
		Problem: func(p string) { problems = append(problems, p) }}); err != nil || n > 0 {
		t.Errorf("%v %q", err, problems)
	}
}

// What no upload of coupons is.
func TestUploadsOfCouponsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, c := range map[string]struct {
		body   string
		status int
		code   int
	}{
		"no identifier":      {uploadForm("code\nA\n", "a.csv", "", ""), 400, 400},
		"no such identifier": {uploadForm("code\nA\n", "a.csv", "PASSPORT", ""), 400, 400},
		"no file":            {"--teahouse\r\nContent-Disposition: form-data; name=\"customerIdentifier\"\r\n\r\nMOBILE\r\n--teahouse--\r\n", 400, 9703},
		"an empty file":      {uploadForm("", "a.csv", "MOBILE", ""), 400, 9703},
		"three columns":      {uploadForm("a,b,c\n1,2,3\n", "a.csv", "MOBILE", ""), 400, 9708},
		"two columns":        {uploadForm("a,b\n1,2\n", "a.csv", "NOT_TAGGED", ""), 400, 9708},
		"no such column":     {uploadForm("a,b\n1,2\n", "a.csv", "MOBILE", "2"), 400, 9708},
		"no column":          {uploadForm("a,b\n1,2\n", "a.csv", "MOBILE", "one"), 400, 400},
		"21 parts":           {strings.TrimSuffix(uploadForm("a\n1\n", "a.csv", "MOBILE", ""), "--teahouse--\r\n") + strings.Repeat("--teahouse\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n1\r\n", 19) + "--teahouse--\r\n", 400, 400},
		"two files":          {strings.TrimSuffix(uploadForm("a\n1\n", "a.csv", "MOBILE", ""), "--teahouse--\r\n") + uploadForm("a\n1\n", "b.csv", "", ""), 400, 400},
	} {
		if a := w.call("POST", "/coupon/api/v1/upload/file/2", c.body); a.status != c.status || fmt.Sprint(a.codes()) != fmt.Sprint([]int{c.code}) {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	w.want(404, []int{707}, "POST", "/coupon/api/v1/upload/file/99", uploadForm("a\n1\n", "a.csv", "MOBILE", ""))
	if got := w.want(200, nil, "GET", "/coupon/api/v1/upload/getUploadStatus/2", "").get(t, "result").(map[string]any)["uploadJobStatuses"].([]any); len(got) != 0 {
		t.Errorf("jobs of refused uploads: %v", got)
	}
	if left, err := filepath.Glob(w.store.Path() + ".uploads/*"); err != nil || len(left) > 0 {
		t.Errorf("files of refused uploads lie there: %q %v", left, err)
	}
}
