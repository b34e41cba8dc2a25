package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// version is set by the release build (-ldflags "-X main.version=…").
var version = "0.1.0"

// cli is the command line. Each command has a Run that gives the exit code.
type cli struct {
	Serve      serveCommand      `cmd:"" help:"Run the gateway."`
	Translate  translateCommand  `cmd:"" help:"Translate an article."`
	Summarize  summarizeCommand  `cmd:"" help:"Summarise an article."`
	Newsletter newsletterCommand `cmd:"" help:"Make a bilingual newsletter from articles and feeds."`
	MCP        mcpCommand        `cmd:"" name:"mcp" help:"Offer the gateway's tools to a language model's client over stdio (Model Context Protocol)."`
	Simulate   simulateCommand   `cmd:"" help:"Run the stand-in model, an OpenAI-compatible upstream for tests and demos."`
	Check      checkCommand      `cmd:"" help:"Run the output checks over pairs and tell what they would reject."`
	Eval       evalCommand       `cmd:"" help:"Translate pairs with the configured model and score it."`
	Doctor     doctorCommand     `cmd:"" help:"Check the configuration, the upstreams, Redis and the disk."`
	Version    versionCommand    `cmd:"" help:"Print version, commit and Go version."`
}

// command is what every command has. The exit code is the command's own.
type command interface {
	run(ctx context.Context, env *runtimeEnv) int
	example() string
}

// runtimeEnv is what main hands to a command.
type runtimeEnv struct {
	stdio
	getenv  func(string) string
	environ []string
	dotenv  string
}

// exited is how a parsed --help leaves kong without ending the process.
type exited int

// run is the whole program: it reads args, runs one command and gives the exit
// code. Nothing below it touches the process.
func run(ctx context.Context, args []string, getenv func(string) string, environ []string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	env := &runtimeEnv{stdio: stdio{stdin, stdout, stderr}, getenv: getenv, environ: environ, dotenv: ".env"}
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(exited)
			if !ok {
				panic(r)
			}
			code = int(e)
		}
	}()
	var c cli
	parser, err := kong.New(&c,
		kong.Name("dubhashi"),
		kong.Description("Dubhashi (दुभाषी): translates and summarises articles between Hindi and English.\n\nSettings are read from the environment and .env; .env.example lists them."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(n int) { panic(exited(n)) }),
		kong.UsageOnError(),
		kong.Help(helpWithExample),
	)
	if err != nil {
		fmt.Fprintln(stderr, "dubhashi: the command line is not well made:", err)
		return exitFailed
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(stderr, "dubhashi: %s\n", err)
		var pe *kong.ParseError
		name := ""
		if errors.As(err, &pe) && pe.Context.Selected() != nil {
			name = strings.TrimPrefix(pe.Context.Selected().FullPath(), "dubhashi")
		}
		fmt.Fprintf(stderr, "Run \"dubhashi%s --help\" for how to use it.\n", name)
		return exitUsage
	}
	return selected(parsed).run(ctx, env)
}

func selected(k *kong.Context) command {
	return k.Selected().Target.Addr().Interface().(command)
}

// helpWithExample is kong's help with an example of the command's behind it.
func helpWithExample(options kong.HelpOptions, k *kong.Context) error {
	if err := kong.DefaultHelpPrinter(options, k); err != nil {
		return err
	}
	if node := k.Selected(); node != nil && node.DefaultCmd != nil { // whose flags may stand here
		own, err := kong.Trace(k.Kong, append(strings.Fields(node.Path()), node.DefaultCmd.Name))
		if err == nil {
			fmt.Fprintln(k.Stdout)
			err = kong.DefaultHelpPrinter(options, own)
		}
		if err != nil {
			return err
		}
	}
	example := "dubhashi serve\n  dubhashi translate article.txt --format bilingual"
	if k.Selected() != nil {
		example = selected(k).example()
	}
	fmt.Fprintf(k.Stdout, "\nExample:\n  %s\n", example)
	return nil
}

type versionCommand struct{}

func (versionCommand) example() string { return "dubhashi version" }

func (versionCommand) run(_ context.Context, env *runtimeEnv) int {
	commit, when := "unknown", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				commit = s.Value
			case "vcs.time":
				if t, err := time.Parse(time.RFC3339, s.Value); err == nil {
					when = " of " + t.Format(time.DateOnly)
				}
			}
		}
	}
	fmt.Fprintf(env.out, "dubhashi %s\ncommit %s%s\n%s\n", version, commit, when, strings.TrimSpace(runtime.Version()+" "+runtime.GOOS+"/"+runtime.GOARCH))
	return exitDone
}
