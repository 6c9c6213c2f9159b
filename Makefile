# make help lists the targets.
export CGO_ENABLED ?= 0
GENERATED = gen/api.gen.go gen/contract.gen.json fault/codes.gen.go db/settings.gen.go site/dist

.PHONY: help build test race gen site check fuzz schemathesis mutate bench

help: ## show this list
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

build: ## the binary, ./arteriole
	go build -trimpath -ldflags '-s -w' -o arteriole .

test: ## all tests; needs only Go
	go test -timeout 40m ./...

race: ## the tests of the server under the race detector, without the sequential ones; needs a C compiler
	CGO_ENABLED=1 go test -race -short -timeout 60m $$(go list ./... | grep -v -e /e2e -e /bench -e /site)

gen: ## generate Go code and pages from openapi.yaml
	go generate ./gen
	go generate ./site

site: gen ## the pages of the reference

check: ## generated files up to date, format, vet, import edges, static analysis, spec lint, no breaking change without a note
	@before=$$(find $(GENERATED) -type f | sort | xargs cat | cksum); $(MAKE) --no-print-directory gen; \
	after=$$(find $(GENERATED) -type f | sort | xargs cat | cksum); \
	if [ "$$before" != "$$after" ]; then echo "generated files were not up to date: commit what make gen has changed"; exit 1; fi
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$unformatted" ]; then echo "gofmt has not seen: $$unformatted"; exit 1; fi
	go vet ./...
	go mod verify
	go test -count=1 -run TestImportEdges .
	go tool -modfile=tools/go.mod staticcheck ./...
	cd tools && go vet ./... && go run ./speclint ../openapi.yaml
	@if git diff --quiet HEAD -- CHANGES.md; then \
	note=$$(git log -1 --format=%H -- CHANGES.md); echo "oasdiff: what breaks callers since the last note in CHANGES.md"; \
	go tool -modfile=tools/go.mod oasdiff breaking --fail-on ERR $$note:openapi.yaml openapi.yaml || \
	{ echo "openapi.yaml breaks callers: take that back, or say it in CHANGES.md"; exit 1; }; fi
	@if [ -x tools/node_modules/.bin/tsc ]; then echo tsc; tools/node_modules/.bin/tsc --noEmit -p site/build/scripts; \
	elif [ "$$CI" = true ]; then echo "TypeScript is missing: npm ci --prefix tools"; exit 1; \
	else echo "the types of the scripts were not checked: npm ci --prefix tools installs TypeScript"; fi

# A number of inputs and not a time: Go 1.26 fails at the end of a time now and then, with no finding (golang.org/issue/75804).
FUZZTIME ?= 100000x
fuzz: ## each fuzz target with FUZZTIME inputs (100000x)
	@for f in $$(grep -rho '^func Fuzz[A-Za-z]*' --include='*_test.go' . | sed 's/func //' | sort -u); do \
	  p=$$(dirname $$(grep -rl "^func $$f(" --include='*_test.go' .)); echo "$$f in $$p"; \
	  go test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1s $$p || exit 1; done

PHASES ?= examples,coverage
schemathesis: ## requests generated from the contract, valid and invalid, against a real server (PHASES, MAX_TIME); needs Python and PyPI
	tools/schemathesis/run.sh '$(PHASES)'

RULES ?= points_rules transactions_rules transactions_input values
mutate: ## which changes of the rules of money no test finds (RULES); takes up to an hour
	cd tools && go run ./mutate -first TestPointsFollowAModel -then 'TestEarned|TestWorth|TestTier|TestExpir|TestSpen|TestGiveBack|TestReturn|TestDecide|TestShare|TestRedeemable|TestDecimals|TestTheDay|TestMixedBills|TestABill|TestPurchases|TestPointsReports|TestParseProgram|Coupon' \
		-args '-rapid.nofailfile -rapid.shrinktime=0' $(RULES:%=../db/%.go)

BENCH ?= .
BENCHTIME ?= 2s
bench: ## benchmarks (BENCH, BENCHTIME); bench/README.md has the latest figures
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && go test -c -o "$$dir/bench.test" ./bench && cd bench && \
	"$$dir/bench.test" -test.v -test.run TestEveryCommitIsSynced -test.bench '$(value BENCH)' -test.benchtime $(BENCHTIME) -test.timeout 60m
