package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"dubhashi/gateway"
	"dubhashi/gateway/glossary"
)

// readGlossary reads a glossary file for a translation. Its terms are looked for
// in whatever language the article is in: a file of two columns does not say
// which that is, and terms of one language do not occur in the other.
func readGlossary(path string) (*gateway.Glossary, error) {
	wrong := func(err error) error { return usageError{fmt.Errorf("--glossary %s: %w", path, err)} }
	file, err := os.Open(path)
	if err != nil {
		return nil, usageError{errors.New("--glossary " + strings.TrimPrefix(err.Error(), "open "))}
	}
	defer func() { _ = file.Close() }()
	b, err := io.ReadAll(io.LimitReader(file, 4*glossary.MaxBytes))
	if err != nil {
		return nil, wrong(errors.New("cannot be read"))
	}
	var parse func(source, target string) (glossary.Entries, error)
	switch strings.ToLower(filepath.Ext(path)) {
	case ".tsv", ".txt", ".tab":
		parse = func(string, string) (glossary.Entries, error) { return glossary.ParseTSV(string(b)) }
	case ".csv":
		parse = func(source, target string) (glossary.Entries, error) {
			return glossary.ParseCSV(string(b), source, target)
		}
	case ".json":
		parse = func(string, string) (glossary.Entries, error) { return glossary.ParseJSON(b) }
	default:
		return nil, wrong(errors.New("must be a file .tsv, .csv or .json"))
	}
	toEnglish, err := parse("hi", "en")
	toHindi, err2 := parse("en", "hi")
	if err != nil && err2 != nil {
		if errors.Is(err, glossary.ErrTooLarge) {
			err = errors.New("holds more than the 10 MiB of entries allowed")
		}
		return nil, wrong(err)
	}
	terms := func(e glossary.Entries) *gateway.Terms {
		if len(e) == 0 {
			return nil
		}
		return gateway.CompileTerms(e.All())
	}
	return gateway.NewGlossary(terms(toEnglish), terms(toHindi)), nil
}
