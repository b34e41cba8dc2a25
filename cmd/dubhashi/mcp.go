package main

import (
	"context"
	"errors"
	"fmt"

	"dubhashi/gateway/mcp"
)

type mcpCommand struct{}

func (mcpCommand) example() string {
	return `dubhashi mcp
  in an MCP client's configuration: {"mcpServers": {"dubhashi": {"command": "dubhashi", "args": ["mcp"]}}}`
}

// run speaks the protocol on stdin and stdout; everything else goes to stderr.
func (mcpCommand) run(ctx context.Context, env *runtimeEnv) int {
	say := func(format string, args ...any) { fmt.Fprintf(env.err, "dubhashi: "+format+"\n", args...) }
	c, log, ok := env.configure()
	if !ok {
		return exitUsage
	}
	p, err := build(ctx, c, log, say)
	if err != nil {
		say("%s", err)
		return exitCode(err)
	}
	defer p.close()
	server := mcp.New(mcp.Config{Gateway: p.gateway, Newsletters: p.press(), Version: version, Timeout: c.RequestTimeout, MaxBody: 2 * c.MaxBody, Log: log})
	if err := server.Serve(ctx, env.in, env.out); err != nil && !errors.Is(err, context.Canceled) {
		log.Debug("the client's connection ended", "error", err)
		say("the client's messages could not be read to their end")
		return exitFailed
	}
	return exitDone
}
