# The README's commands, and what a change wants before it is sent.
.PHONY: run test check bench fuzz

run:
	go run ./cmd/dubhashi serve

test:
	go test ./...

# What continuous integration runs, without installing anything.
check:
	sh .ci/check

bench:
	go test -run '^$$' -bench . -benchmem ./...

fuzz:
	sh .ci/fuzz 30s
