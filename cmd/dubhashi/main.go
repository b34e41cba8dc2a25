// Command dubhashi is a Hindi–English translation and summarization gateway:
// the server, and the same work from the command line.
//
//	dubhashi serve
//	dubhashi translate article.txt --format bilingual
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Environ(), os.Stdin, os.Stdout, os.Stderr))
}

// Exit codes.
const (
	exitDone    = 0
	exitFailed  = 1
	exitUsage   = 2
	exitPartial = 3
)

// stdio is what a command reads and writes. Results go to out, everything else
// to err.
type stdio struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}
