package cli

import "testing"

func TestAWebhookThatNeedsAFlag(t *testing.T) {
	_, run := withDemo(t)
	const flag = ": add --webhook-private, if the server runs with --webhook-private\n"
	run(2, "arteriole: http://shop.example/hook cannot be used: only https is allowed"+flag, "webhook", "add", "--org", "demo", "http://shop.example/hook", "job.finished")
	run(2, "arteriole: https://localhost/hook cannot be used: .*"+flag, "webhook", "add", "--org", "demo", "https://localhost/hook", "job.finished")
	run(2, "arteriole: ftp://shop.example/hook cannot be used: only https is allowed\n", "webhook", "add", "--org", "demo", "ftp://shop.example/hook", "job.finished")
}
