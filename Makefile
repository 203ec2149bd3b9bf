.PHONY: templates test lint fmt

# Write templates/ as the stacks synthesize them. Review the diff: it is what
# stacks that run will be updated to.
templates:
	go test ./test -run '^TestTemplatesAreCurrent$$' -count=1 -update

test:
	go test ./...

lint:
	test -z "$$(gofmt -l .)"
	go vet ./...
	golangci-lint run

fmt:
	gofmt -w .
