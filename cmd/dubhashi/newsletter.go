package main

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/schollz/progressbar/v3"

	"dubhashi/gateway"
	"dubhashi/gateway/api"
	"dubhashi/gateway/glossary"
	"dubhashi/gateway/httpapi"
	"dubhashi/gateway/newsletter"
)

// newsletterCommand makes issues; without a command's name it is issueCommand.
type newsletterCommand struct {
	Make issueCommand `cmd:"" default:"withargs" help:"Make an issue. Its name may be left out: dubhashi newsletter ISSUE.yaml."`
	Init initCommand  `cmd:"" help:"Write a commented issue file to begin with."`
}

func (newsletterCommand) example() string { return issueCommand{}.example() }

func (n newsletterCommand) run(ctx context.Context, env *runtimeEnv) int { return n.Make.run(ctx, env) }

// issueCommand makes an issue file into the forms of a newsletter, and hands
// it to what sends it.
type issueCommand struct {
	Issue      string   `arg:"" help:"The issue file, YAML or JSON, or - for standard input. Paths in it are relative to it." placeholder:"ISSUE.yaml"`
	Output     string   `short:"o" help:"Folder for the forms, named after the issue file; - prints a single form." default:"out" placeholder:"DIR|-"`
	Format     []string `help:"Forms to write: html, text, markdown, eml, atom, atom-hi, atom-en, jsonfeed, jsonfeed-hi, jsonfeed-en, json, review. May be repeated; default: html,text,json,review." enum:"html,text,markdown,eml,atom,atom-hi,atom-en,jsonfeed,jsonfeed-hi,jsonfeed-en,json,review" placeholder:"FORM"`
	Template   string   `help:"Folder of own templates, which replace the built-in ones of the same name." placeholder:"DIR"`
	Open       bool     `help:"Show the review page, else the HTML, in the browser."`
	Watch      bool     `help:"Make the issue again whenever its file, a file that it names or a template changes. Remembers nothing as seen."`
	NoRemember bool     `help:"A trial: what it takes from feeds does not count as seen."`
	Cache      string   `help:"refresh asks anew and stores, only never asks the model; default: as the issue says." enum:",use,refresh,only,off" default:"" placeholder:"use|refresh|only|off"`

	TestTo           []string `help:"Send the mail to these addresses, 10 at most, for a look at it. Needs DUBHASHI_SMTP_URL." placeholder:"ADDRESS"`
	Draft            bool     `help:"Make a draft campaign at listmonk, or renew the one made before. Needs DUBHASHI_LISTMONK_URL and --list."`
	List             []int    `help:"Number of a list of listmonk's that the campaign is for. May be repeated." placeholder:"ID"`
	ListmonkTemplate int      `help:"Number of the campaign's template at listmonk; default: its default one. One that holds {{ template \"content\" . }} alone shows the issue as it is." placeholder:"ID"`
	Send             bool     `help:"With --draft: have listmonk send it to the lists."`
	AcceptFlags      bool     `help:"Draft or send although flags are open, something is missing, or the demo model had a hand in it."`
}

func (issueCommand) example() string {
	return "dubhashi newsletter init issue.yaml\n  dubhashi newsletter issue.yaml -o out/ --format html --format text --open\n  dubhashi newsletter issue.yaml --test-to desk@example.org\n  dubhashi newsletter issue.yaml --draft --list 3"
}

// usualForms are written when none is named.
var usualForms = []string{string(newsletter.HTML), string(newsletter.PlainText), string(newsletter.JSON), string(newsletter.ReviewPage)}

// dispatch is an issue on its way out: once, or again whenever something changes.
type dispatch struct {
	*issueCommand
	env   *runtimeEnv
	c     *config
	parts *parts // nil until the issue was found to be one
	maker *newsletter.Maker
	print *newsletter.Renderer

	to       []*mail.Address // of the test send
	smtp     *newsletter.SMTP
	listmonk *newsletter.Listmonk
	opened   bool // the browser was shown the issue
}

func (n issueCommand) run(ctx context.Context, env *runtimeEnv) int {
	d := &dispatch{issueCommand: &n, env: env}
	if len(n.Format) == 0 {
		n.Format = usualForms
		if n.Output == "-" {
			n.Format = n.Format[:1]
		}
	}
	if err := n.check(); err != nil {
		d.say("%s", err)
		return exitUsage
	}
	c, log, ok := env.configure()
	if !ok {
		return exitUsage
	}
	d.c = c
	if err := d.prepare(); err != nil {
		d.say("%s", err)
		return exitUsage
	}
	issue, err := d.read()
	if err == nil {
		err = d.checkSender(issue)
	}
	if err != nil && !n.Watch {
		return d.told(err)
	}
	if d.parts, err = build(ctx, c, log, d.say); err != nil {
		d.say("%s", err)
		return exitCode(err)
	}
	defer d.parts.close()
	if n.Watch {
		return d.watch(ctx)
	}
	return d.make(ctx, issue)
}

// say writes a line on stderr.
func (d *dispatch) say(format string, args ...any) {
	fmt.Fprintf(d.env.err, "dubhashi: "+format+"\n", args...)
}

// told tells an error, which is the issue's or a file's.
func (d *dispatch) told(err error) int {
	var u usageError
	var h *newsletter.HandoverError
	switch {
	case errors.As(err, &u), errors.As(err, &h):
		d.say("%s", err)
		return exitCode(err)
	}
	return tellError(d.env, err)
}

// check finds what does not go together.
func (n *issueCommand) check() error {
	hands := len(n.TestTo) > 0 || n.Draft
	switch {
	case n.Output == "-" && len(n.Format) > 1:
		return errors.New("-o -: prints one form; name one with --format, or a folder with -o DIR")
	case n.Output == "-" && (n.Open || n.Watch):
		return errors.New("-o -: leaves no file for --open and --watch; name a folder with -o DIR")
	case n.Open && !slices.Contains(n.Format, "html") && !slices.Contains(n.Format, "review"):
		return errors.New("--open: shows html or review; name one of them with --format")
	case n.Watch && n.Issue == "-":
		return errors.New("--watch: standard input cannot be watched; give the issue as a file")
	case n.Watch && hands:
		return errors.New("--watch: is for looking at the issue; hand it over without it, once it is as you want it")
	case n.Send && !n.Draft:
		return errors.New("--send: sends what --draft makes; give both")
	case n.Draft && len(n.List) == 0:
		return errors.New("--draft: needs the number of a list: --list ID")
	case !n.Draft && (len(n.List) > 0 || n.ListmonkTemplate != 0 || n.AcceptFlags):
		return errors.New("--list, --listmonk-template and --accept-flags: are for --draft")
	case slices.ContainsFunc(n.List, func(id int) bool { return id < 1 }) || n.ListmonkTemplate < 0:
		return errors.New("--list, --listmonk-template: take the numbers that listmonk shows")
	}
	return nil
}

// prepare makes what no model is needed for.
func (d *dispatch) prepare() (err error) {
	if d.print, err = d.templates(); err != nil {
		return err
	}
	if len(d.TestTo) > 0 {
		if d.to, err = newsletter.TestAddresses(d.TestTo...); err != nil {
			return fmt.Errorf("--test-to: %w", err)
		}
		if d.c.SMTPURL == "" {
			return errors.New("--test-to: needs DUBHASHI_SMTP_URL, the mail server that takes the mail (see .env.example)")
		}
		if d.smtp, err = newsletter.NewSMTP(newsletter.SMTPConfig{URL: d.c.SMTPURL, Renderer: d.print}); err != nil {
			return err
		}
	}
	if d.Draft {
		if d.c.Listmonk.URL == "" {
			return errors.New("--draft: needs DUBHASHI_LISTMONK_URL, the listmonk server that keeps the list (see .env.example)")
		}
		lists := d.c.Listmonk
		lists.Template, lists.Renderer = d.ListmonkTemplate, d.print
		d.listmonk, err = newsletter.NewListmonk(lists)
	}
	return err
}

// checkSender tells before the model is paid that a mail would have no sender.
func (d *dispatch) checkSender(issue *api.Issue) error {
	if issue.Sender.Email == "" && (d.smtp != nil || d.listmonk != nil) {
		return usageError{errors.New("sender.email is missing in the issue: --test-to and --draft need who the mail is from")}
	}
	return nil
}

// templates are the built-in ones, with those of the folder in their places.
func (d *dispatch) templates() (*newsletter.Renderer, error) {
	if d.Template == "" {
		return newsletter.NewRenderer(nil)
	}
	if info, err := os.Stat(d.Template); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("--template %s: is no folder", d.Template)
	}
	r, err := newsletter.NewRenderer(os.DirFS(d.Template))
	if err != nil {
		return nil, fmt.Errorf("--template %s: %w", d.Template, err)
	}
	return r, nil
}

// read reads the issue file, with the command's options in it.
func (d *dispatch) read() (*api.Issue, error) {
	b, err := d.issueFile()
	if err != nil {
		return nil, err
	}
	issue, err := newsletter.ParseIssue(b)
	if err != nil {
		return nil, err
	}
	if d.Cache != "" {
		issue.CacheMode = d.Cache
	}
	if d.NoRemember || d.Watch {
		no := false
		issue.Remember = &no
	}
	return issue, nil
}

// make makes one edition and does with it what was asked.
func (d *dispatch) make(ctx context.Context, issue *api.Issue) int {
	if d.maker == nil {
		d.maker = d.parts.newsletters(d.print, d.openNamed)
	}
	if err := d.maker.Check(issue); err != nil {
		return d.told(err)
	}
	if err := d.outputFolder(); err != nil { // before anything is paid for, or counts as seen
		return d.told(err)
	}
	order := newsletter.Order{Issue: *issue, Owner: httpapi.Anonymous}
	var err error
	if order.Stored, err = d.glossary(ctx, issue.GlossaryID); err != nil {
		return d.told(err)
	}
	done := d.bar(&order)
	e, err := d.maker.Make(ctx, order)
	done()
	if err != nil {
		d.told(err)
		return exitFailed // the issue is well written, but nothing came of it
	}
	d.tell(e)
	if err := d.write(e); err != nil {
		return d.told(err)
	}
	if err := d.handOver(ctx, e); err != nil {
		return d.told(err)
	}
	d.show()
	if e.Partial {
		return exitPartial
	}
	return exitDone
}

// bar shows progress on a terminal.
func (d *dispatch) bar(o *newsletter.Order) (done func()) {
	if !isTerminal(d.env.err) {
		return func() {}
	}
	var bar *progressbar.ProgressBar
	o.Progress = func(done, total int) {
		if bar == nil {
			bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(d.env.err), progressbar.OptionSetDescription("stories"),
				progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(30))
		}
		_ = bar.Set(done) // a bar that cannot be drawn is no reason to stop
	}
	return func() {
		if bar != nil {
			_ = bar.Finish()
		}
	}
}

// glossary looks a stored glossary up. The store is the operator's, so that of
// any caller will do.
func (d *dispatch) glossary(ctx context.Context, id string) (*gateway.Glossary, error) {
	if id == "" {
		return nil, nil
	}
	uuid, ok := glossary.ID(id)
	if !ok {
		return nil, usageError{errors.New("glossary_id: is no id of a glossary, which is a UUID")}
	}
	owners := []string{httpapi.Anonymous}
	for _, k := range d.c.APIKeys {
		owners = append(owners, k.Owner())
	}
	shelf := glossary.NewShelf(d.parts.kv)
	for _, owner := range owners {
		g, err := shelf.Compiled(ctx, owner, uuid)
		switch {
		case err == nil:
			return g, nil
		case !errors.Is(err, glossary.ErrNotFound):
			return nil, &gateway.Error{Code: gateway.Internal, Message: "glossary_id: the store of the glossaries does not answer, or may drop what it is given"}
		}
	}
	return nil, usageError{errors.New("glossary_id: there is no such glossary in this store")}
}

// handOver sends the edition where the flags of the command say.
func (d *dispatch) handOver(ctx context.Context, e *newsletter.Edition) error {
	if d.smtp != nil {
		if err := d.smtp.SendTest(ctx, e, d.to); err != nil {
			return err
		}
		d.say("sent as a test to %s", names(d.to))
	}
	if d.listmonk == nil {
		return nil
	}
	if why := newsletter.Hindrances(e); len(why) > 0 {
		if !d.AcceptFlags {
			return heldBack(why)
		}
		d.say("--accept-flags lets through: %s", strings.Join(why, "; "))
	}
	c, updated, err := d.listmonk.Draft(ctx, e, d.List)
	if err != nil {
		return err
	}
	did := "made"
	if updated {
		did = "renewed"
	}
	d.say("draft %d %s at listmonk: %s", c.ID, did, d.listmonk.Page(c))
	if !d.Send {
		return nil
	}
	if err := d.listmonk.Send(ctx, c); err != nil {
		return err
	}
	d.say("listmonk is sending campaign %d", c.ID)
	return nil
}

func heldBack(why []string) error {
	return &newsletter.HandoverError{Message: "nothing was handed to listmonk: " + strings.Join(why, "; ") +
		". Look at the review page, mend the text or accept the flags in the issue; --accept-flags hands it over as it is"}
}

func names(list []*mail.Address) string {
	var out []string
	for _, a := range list {
		out = append(out, a.Address)
	}
	return strings.Join(out, ", ")
}

// folder is what paths in the issue are relative to.
func (d *dispatch) folder() string {
	if d.Issue == "-" {
		return "."
	}
	return filepath.Dir(d.Issue)
}
