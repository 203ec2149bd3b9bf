.PHONY: templates test race consumer clients browser tools lint fmt synth benchmark-synthesis benchmark-emulator benchmark-deploy fuzz man pictures

# Pinned: what passes today passes tomorrow.
GOLANGCI_LINT := v2.15.0

# Write templates/, and the snapshots of variants, as the stacks synthesize them.
# Review the diff: it is what stacks that run will be updated to.
templates:
	go test ./test -run '^Test(Templates|Variants)AreCurrent$$' -count=1 -update

test:
	go test ./...

# All that links no jsii, which is not made for the race detector, and drives no
# command of others.
race:
	go test -race -timeout 30m ./benchmarks/emulator/... ./contract/... ./deploy/... ./emulator/... ./imageref/... ./internal/... ./load/... ./rehearse/... ./report/... ./snapshot/templatediff ./templates/...

# A module of its own, as a user of the construct library has.
consumer:
	cd test/consumer && go vet ./... && go test ./...

# The clients that the end-to-end tests in test/clients drive.
clients:
	python3 -m venv test/clients/.venv
	test/clients/.venv/bin/pip install --quiet --disable-pip-version-check -r test/clients/requirements.txt
	npm ci --prefix test/clients --no-fund --no-audit

# The browser that the pages of reports are looked at in; Debian's, where there is none.
browser:
	command -v chromium || (apt-get update -qq && apt-get install -y -qq chromium)

# What AWS says of requests, for the embedded AWS, from the botocore that is pinned.
models:
	cd emulator/internal/wire/apimodel && go run generate.go "$$(echo $(CURDIR)/test/clients/.venv/lib/python3*/site-packages/botocore/data)" .

tools:
	GOBIN=$(CURDIR)/bin go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT)

lint:
	go mod tidy -diff
	test -z "$$(git ls-files '*.go' | xargs gofmt -l)"
	go vet ./...
	bin/golangci-lint run ./...
	cd test/consumer && ../../bin/golangci-lint run ./...

fmt:
	git ls-files '*.go' | xargs gofmt -w

# Synthesize with the CDK's own validator, its default rules as errors: the app of
# this repository, the examples and the consumer. It is on by default, and said here
# because the environment of whoever runs this may have turned it off.
synth:
	set -e; for app in . $(dir $(wildcard examples/*/cdk.json)) test/consumer; do \
		(cd $$app && CDK_VALIDATION=true $(CURDIR)/test/clients/node_modules/.bin/cdk synth --quiet --output cdk.out); \
	done

# How long the stacks take to synthesize in Go, and in JavaScript. It needs hyperfine.
benchmark-synthesis:
	npm ci --prefix benchmarks/synthesis/javascript --no-fund --no-audit
	go run ./benchmarks/synthesis

# What a stack of the embedded AWS takes, in time and memory, beside thousands of others.
benchmark-emulator:
	go run ./benchmarks/emulator

# What a deploy costs where it is started from, beside the AWS CLI's and the cdk's. It
# needs make clients, and five minutes.
benchmark-deploy:
	go run ./benchmarks/deploy

# Every fuzz target of the module for FUZZ_TIME each, in FUZZ_WORKERS processes. What
# one finds, it writes to testdata/fuzz beside it: commit it with the mend. Inputs are
# hardly minimized: where tasks run, coverage is never twice the same, and a run would
# do nothing else.
FUZZ_TIME := 1m
FUZZ_WORKERS := 1
fuzz:
	set -e; git grep -o '^func Fuzz[A-Za-z]*' -- '*_test.go' | sed 's/:func /:/' | while IFS=: read -r file target; do \
		go test "./$$(dirname "$$file")" -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZ_TIME) -fuzzminimizetime 20x -parallel $(FUZZ_WORKERS) </dev/null; \
	done

# The pictures of the README, from real runs. It needs tmux and Chromium.
pictures:
	tools/pictures.sh

# A man page for each command, into man/.
man:
	go run ./tools/man man
