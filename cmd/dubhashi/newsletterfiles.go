package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"dubhashi/gateway/newsletter"
)

const maxNamedFile = 8 << 20 // bytes of a file that an issue names

// openNamed reads a file that the issue names. It may be any on this machine: the
// issue is the editor's own, and so is the machine.
func (d *dispatch) openNamed(name string) ([]byte, error) {
	if !filepath.IsAbs(name) {
		name = filepath.Join(d.folder(), filepath.FromSlash(name))
	}
	return readBounded(name, maxNamedFile)
}

func (d *dispatch) issueFile() ([]byte, error) {
	if d.Issue == "-" {
		b, err := io.ReadAll(io.LimitReader(d.env.in, newsletter.MaxIssueFile+1)) // ParseIssue tells that it is too long
		if err != nil {
			return nil, usageError{errors.New("the issue cannot be read from standard input")}
		}
		return b, nil
	}
	b, err := readBounded(d.Issue, newsletter.MaxIssueFile)
	if err != nil {
		return nil, usageError{fmt.Errorf("%s: %w", d.Issue, err)}
	}
	return b, nil
}

// unread says in plain words why a file was not read, and is the system's error to
// who asks for that.
type unread struct {
	words string
	is    error
}

func (r unread) Error() string { return r.words }
func (r unread) Unwrap() error { return r.is }

// readBounded reads an ordinary file of at most so many bytes. The error says
// why in plain words, without the name.
func readBounded(name string, most int64) ([]byte, error) {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, unread{"there is no such file", fs.ErrNotExist}
	case errors.Is(err, fs.ErrPermission):
		return nil, unread{"this user may not read it", fs.ErrPermission}
	case err != nil:
		return nil, errors.New("it cannot be read")
	case !info.Mode().IsRegular():
		return nil, errors.New("it is no ordinary file")
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, unread{"this user may not read it", fs.ErrPermission}
	}
	defer func() { _ = file.Close() }()
	b, err := io.ReadAll(io.LimitReader(file, most+1))
	switch {
	case err != nil:
		return nil, errors.New("it cannot be read")
	case int64(len(b)) > most:
		return nil, fmt.Errorf("it is longer than the %d MiB that are read", most>>20)
	}
	return b, nil
}

// outputFolder makes the folder of the forms.
func (d *dispatch) outputFolder() error {
	if d.Output == "-" {
		return nil
	}
	if err := os.MkdirAll(d.Output, 0o755); err != nil {
		return usageError{fmt.Errorf("-o %s: the folder cannot be made: %s", d.Output, cause(err))}
	}
	return nil
}

// write writes the forms: into files named after the issue, whose paths it
// prints, or to stdout.
func (d *dispatch) write(e *newsletter.Edition) error {
	for _, f := range newsletter.Forms {
		if !d.wants(f.Form) {
			continue
		}
		b, err := d.print.Render(e, f.Form)
		if err != nil {
			return d.unwritten(f.Form, err)
		}
		if d.Output == "-" {
			if _, err := d.env.out.Write(b); err != nil {
				return &newsletter.HandoverError{Message: "stdout does not take it"}
			}
			return nil
		}
		path := d.path(f.Extension)
		if err := replaceFile(path, b); err != nil {
			return &newsletter.HandoverError{Message: fmt.Sprintf("%s cannot be written: %s", path, cause(err))}
		}
		fmt.Fprintln(d.env.out, path)
	}
	return nil
}

func (d *dispatch) wants(f newsletter.Form) bool { return slices.Contains(d.Format, string(f)) }

// unwritten says why a form was not written: most often an own template is why.
func (d *dispatch) unwritten(f newsletter.Form, err error) error {
	var t *newsletter.TemplateError
	if errors.As(err, &t) {
		return &newsletter.HandoverError{Message: fmt.Sprintf("the form %s could not be written: %s", f, t)}
	}
	return &newsletter.HandoverError{Message: fmt.Sprintf("the form %s could not be written", f)}
}

// path is the file of a form: the issue's name, with another ending.
func (d *dispatch) path(extension string) string {
	base := filepath.Base(d.Issue)
	if d.Issue == "-" {
		base = "issue"
	}
	if name := strings.TrimSuffix(base, filepath.Ext(base)); name != "" {
		base = name
	}
	return filepath.Join(d.Output, base+"."+extension)
}

// replaceFile puts b into the file at once: who reads it meanwhile sees the old
// one or the new one.
func replaceFile(path string, b []byte) (err error) {
	dir, base := filepath.Split(path)
	file, err := os.CreateTemp(dir, "."+base+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name())
		}
	}()
	_, err = file.Write(b)
	if err == nil {
		err = file.Chmod(0o644)
	}
	if end := file.Close(); err == nil {
		err = end
	}
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	return err
}

// cause is what the system says, without the name of a file.
func cause(err error) error {
	var p *fs.PathError
	var l *os.LinkError
	switch {
	case errors.As(err, &p):
		return p.Err
	case errors.As(err, &l):
		return l.Err
	}
	return err
}

const mostTold = 40 // lines about flags on stderr; the review page has them all

// tell tells of what the editor should know: a line each.
func (d *dispatch) tell(e *newsletter.Edition) {
	told := 0
	for _, n := range e.Notices {
		if n.Flag != "" {
			if !n.Accepted {
				told++
				d.say("flag %s, the %s: %s", n.Flag, n.Where, n.Message)
			}
			continue
		}
		at := strings.TrimSpace(n.Where + " " + n.URL)
		if at != "" {
			at += ": "
		}
		d.say("%s%s", at, n.Message)
	}
	tell := func(where string, pairs ...newsletter.Pair) {
		for _, p := range pairs {
			for _, f := range p.Flags {
				if f.Accepted {
					continue
				}
				if told++; told <= mostTold {
					d.say("flag %s, %s: %s", f.ID, where, f.Message)
				}
			}
		}
	}
	tell("the intro", e.Intro...)
	for _, s := range e.Stories() {
		where := "“" + cmp.Or(s.Headline.Plain(s.Language), s.Link) + "”"
		tell(where, s.Headline)
		tell(where, s.Summary...)
		tell(where, s.Body...)
	}
	tell("the footer", e.Footer...)
	if told > mostTold {
		d.say("and %d more flags; the review page shows them all", told-mostTold)
	}
	switch {
	case told == 1:
		d.say("1 flag is open: look at the paragraph, and list it under accept: in the issue if it is right")
	case told > 1:
		d.say("%d flags are open: look at the paragraphs, and list under accept: in the issue those that are right", told)
	}
}

// show opens the browser, once: at the review page if there is one.
func (d *dispatch) show() {
	if !d.Open || d.opened {
		return
	}
	for _, f := range slices.Backward(newsletter.Forms) { // the review page stands behind the HTML
		if f.Form != newsletter.ReviewPage && f.Form != newsletter.HTML || !d.wants(f.Form) {
			continue
		}
		d.opened = true
		if path := d.path(f.Extension); openFile(d.env, path) != nil {
			d.say("--open: no browser could be started; open %s yourself", path)
		}
		return
	}
}

// openFile shows a file in what the user has for it: $BROWSER, or as the system
// opens files. It does not wait for that to end.
func openFile(env *runtimeEnv, path string) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	var c *exec.Cmd
	switch browser := env.getenv("BROWSER"); {
	case browser != "":
		c = exec.CommandContext(context.Background(), browser, path)
	case runtime.GOOS == "darwin":
		c = exec.CommandContext(context.Background(), "open", path)
	case runtime.GOOS == "windows":
		c = exec.CommandContext(context.Background(), "rundll32", "url.dll,FileProtocolHandler", path)
	default:
		c = exec.CommandContext(context.Background(), "xdg-open", path)
	}
	if err := c.Start(); err != nil {
		return err
	}
	go func() { _ = c.Wait() }() // it may outlive the command
	return nil
}
