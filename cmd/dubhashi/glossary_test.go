package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTranslateWithGlossaryFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const hindi, english = "नगर निगम ने पानी दिया।", "The corporation gave water to the people."
	for _, r := range []struct {
		name, stdin string
		args        []string
		code        int
		has         string // in what is printed or said
	}{
		{"TSV", hindi, []string{"--glossary", file("a.tsv", "नगर निगम\tthe city fathers\n")}, exitDone, "city fathers"},
		{"JSON", hindi, []string{"--glossary", file("a.json", `{"नगर निगम":"the city fathers"}`)}, exitDone, "city fathers"},
		{"CSV of two columns, into Hindi", english, []string{"--glossary", file("a.csv", "corporation,महानगर पालिका\n")}, exitDone, "महानगर पालिका"},
		{"CSV of four, one direction", english, []string{"--glossary", file("b.csv", "corporation,महानगर पालिका,en,hi\n")}, exitDone, "महानगर पालिका"},
		{"CSV of four, both", hindi, []string{"--glossary", file("c.csv", "corporation,महानगर पालिका,en,hi\nनगर निगम,the city fathers,hi,en\n")}, exitDone, "city fathers"},
		{"a term of the command wins", hindi, []string{"--glossary", file("d.TSV", "नगर निगम\tthe city fathers\n"), "--term", "नगर निगम=the corporation"}, exitDone, "he corporation"},
		{"another direction alone", hindi, []string{"--from", "hi", "--glossary", file("e.csv", "corporation,महानगर पालिका,en,hi\n")}, exitUsage, "no terms hi→en; it has en→hi"},
		{"no file", hindi, []string{"--glossary", filepath.Join(dir, "none.tsv")}, exitUsage, "no such file"},
		{"another kind", hindi, []string{"--glossary", file("a.xlsx", "")}, exitUsage, "must be a file .tsv, .csv or .json"},
		{"no tab", hindi, []string{"--glossary", file("f.tsv", "क\ta\nख b\n")}, exitUsage, "f.tsv: line 2: there is no tab"},
	} {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			code, out, errs := dubhashi(t, r.stdin, append([]string{"translate", "-"}, r.args...)...)
			if code != r.code || !strings.Contains(out+errs, r.has) || r.code != exitDone && out != "" {
				t.Errorf("exit %d\n%s%s", code, out, errs)
			}
		})
	}
}
