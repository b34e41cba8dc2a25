package prompts_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dubhashi/prompts"
)

const lockFile = "testdata/version.lock"

// fingerprint hashes all that a model can be told: the templates, the glossary,
// and the prompts that code makes of them (their schemas too).
func fingerprint(t *testing.T) string {
	t.Helper()
	h := sha256.New()
	files, err := filepath.Glob("templates/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no templates: %v", err)
	}
	slices.Sort(files)
	for _, f := range append(files, "glossary.tsv") {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(h, f+"\x00"+string(b)+"\x00")
	}
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		io.WriteString(h, name+"\x00"+show(cases[name]())+"\x00")
	}
	for _, r := range lineRows {
		io.WriteString(h, systemFor(r.source, r.text)+"\x00")
	}
	for _, r := range termRows {
		got := prompts.Terms(r.from, r.to, r.text)
		for _, k := range slices.Sorted(maps.Keys(got)) {
			io.WriteString(h, k+"\x00"+got[k]+"\x00")
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Cached translations carry the version of the prompts that made them. A change
// under the same version would mix the two in one cache.
func TestVersionLock(t *testing.T) {
	t.Parallel()
	got := fingerprint(t)
	b, err := os.ReadFile(lockFile)
	if err != nil && !*update {
		t.Fatalf("%v (go test ./prompts -update writes it)", err)
	}
	version, want, _ := strings.Cut(strings.TrimSpace(string(b)), " ")
	changed, raised := want != "" && got != want, version != prompts.Version
	switch {
	case changed && !raised:
		t.Fatalf("templates, glossary or prompt code changed, but Version is still %q.\n"+
			"Raise Version in prompts.go (cached translations are then asked for anew), then run\n"+
			"\tgo test ./prompts -update\n"+
			"and read the changed files in testdata/golden. A version that was never released may be\n"+
			"kept: remove %s before -update.", prompts.Version, lockFile)
	case *update:
		if err := os.WriteFile(lockFile, []byte(prompts.Version+" "+got+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	case raised:
		t.Fatalf("Version is %q, %s has %q: run go test ./prompts -update", prompts.Version, lockFile, version)
	}
}
