package samples

import "strings"

func bareAuthorization(user, password string) string {
	return "Authorization: " + Till(user, password)
}

func shellAuthorization(user, password string) string {
	var l lines
	l.add("user=%s password=%s", shellText(user), shellText(password))
	l.add(`md5=$(printf %%s "$password" | openssl dgst -md5 -r | cut -d ' ' -f 1)`)
	l.add(`echo "Basic $(printf %%s "$user:$md5" | openssl base64 -A)"`)
	return l.String()
}

func rubyAuthorization(user, password string) string {
	var l lines
	l.add(`require "digest"`)
	l.add("")
	l.add("user, password = %s, %s", rubyText(user), rubyText(password))
	l.add("md5 = Digest::MD5.hexdigest(password)")
	l.add(`puts "Basic " + ["#{user}:#{md5}"].pack("m0")`)
	return l.String()
}

func pythonAuthorization(user, password string) string {
	var l lines
	l.add("from base64 import b64encode\nfrom hashlib import md5\n")
	l.add("user, password = %s, %s", pythonText(user), pythonText(password))
	l.add(`credential = f"{user}:{md5(password.encode()).hexdigest()}"`)
	l.add(`print("Basic " + b64encode(credential.encode()).decode())`)
	return l.String()
}

func phpAuthorization(user, password string) string {
	var l lines
	l.add("<?php\n")
	l.add("$user = %s;", phpText(user))
	l.add("$password = %s;", phpText(password))
	l.add("echo 'Basic ' . base64_encode($user . ':' . md5($password)), PHP_EOL;")
	return l.String()
}

// javascriptAuthorization is for node: browsers have no md5.
func javascriptAuthorization(user, password string) string {
	var l lines
	l.add(`import { createHash } from "node:crypto";`)
	l.add("")
	l.add("const user = %s;", javascriptText(user))
	l.add("const password = %s;", javascriptText(password))
	l.add(`const md5 = createHash("md5").update(password).digest("hex");`)
	l.add("const credential = Buffer.from(`${user}:${md5}`).toString(\"base64\");")
	l.add("console.log(`Basic ${credential}`);")
	return l.String()
}

func golangAuthorization(user, password string) string {
	var l lines
	imports := []string{"crypto/md5", "encoding/base64", "fmt"}
	l.add("package main\n\nimport (\n\t\"%s\"\n)\n", strings.Join(imports, "\"\n\t\""))
	l.add("func main() {")
	l.add("user, password := %s, %s", goText(user), goText(password))
	l.add(`credential := fmt.Sprintf("%%s:%%x", user, md5.Sum([]byte(password)))`)
	l.add(`fmt.Println("Basic " + base64.StdEncoding.EncodeToString([]byte(credential)))`)
	l.add("}")
	return gofmt(l.String())
}
