package main

import (
	"context"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// calm is how long nothing must change before the issue is made again: an editor
// program writes a file in several steps.
const calm = 150 * time.Millisecond

// watch makes the issue, and again whenever something that it is made of changes,
// until ctx ends. What is wrong is told, and the watch goes on.
func (d *dispatch) watch(ctx context.Context) int {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		d.say("--watch: this system does not tell of changes to files")
		return exitFailed
	}
	defer func() { _ = w.Close() }()
	files := map[string]bool{}
	again := func() {
		files = d.again(ctx)
		d.follow(w, files)
	}
	again()
	d.say("watching %s; end with Ctrl-C", d.Issue)
	quiet := time.NewTimer(calm)
	quiet.Stop()
	for {
		select {
		case <-ctx.Done():
			return exitDone
		case e, ok := <-w.Events:
			if !ok {
				return exitFailed
			}
			if !e.Has(fsnotify.Chmod) && (files[filepath.Clean(e.Name)] || d.inTemplates(e.Name)) {
				quiet.Reset(calm)
			}
		case <-w.Errors: // events were lost: anything may have changed
			quiet.Reset(calm)
		case <-quiet.C:
			again()
		}
	}
}

// again makes the issue as it is now, and gives the files it is made of.
func (d *dispatch) again(ctx context.Context) map[string]bool {
	files := map[string]bool{filepath.Clean(d.Issue): true}
	if d.Template != "" {
		r, err := d.templates()
		if err != nil {
			d.say("%s", err)
			return files
		}
		d.print, d.maker = r, nil
	}
	issue, err := d.read()
	if err != nil {
		d.told(err)
		return files
	}
	for _, a := range issue.Articles {
		files[d.named(a.File)] = true
	}
	for _, f := range issue.Feeds {
		files[d.named(f.File)] = true
	}
	d.make(ctx, issue)
	return files
}

// named is the path of a file that the issue names.
func (d *dispatch) named(name string) string {
	if name == "" || filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(d.folder(), filepath.FromSlash(name))
}

// follow watches the folders that the files are in: many programs put a new file
// in the place of the old one, and a watch on that would end with it.
func (d *dispatch) follow(w *fsnotify.Watcher, files map[string]bool) {
	folders := map[string]bool{}
	for name := range files {
		folders[filepath.Dir(name)] = true
	}
	if d.Template != "" {
		folders[filepath.Clean(d.Template)] = true
	}
	for _, old := range w.WatchList() {
		if !folders[old] {
			_ = w.Remove(old)
		}
	}
	for name := range folders {
		if err := w.Add(name); err != nil {
			d.say("--watch: changes in %s are not seen", name)
		}
	}
}

func (d *dispatch) inTemplates(name string) bool {
	if d.Template == "" {
		return false
	}
	in, err := filepath.Rel(d.Template, name)
	return err == nil && in != ".." && !strings.HasPrefix(in, ".."+string(filepath.Separator))
}
