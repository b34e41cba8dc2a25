package check_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"dubhashi/gateway/check"
)

// human is one segment in both languages, as a person translated it.
type human struct{ id, hi, en string }

// files keeps what humans has read, for the tests to share.
var files struct {
	sync.Mutex
	read map[string][]human
}

// humans gives all segments of a file of the shared data, or skips the test. The tests
// share them and must not change them.
func humans(t *testing.T, name string) []human {
	t.Helper()
	files.Lock()
	defer files.Unlock()
	if files.read[name] == nil {
		if files.read == nil {
			files.read = map[string][]human{}
		}
		files.read[name] = readHumans(t, name)
	}
	return files.read[name]
}

func readHumans(t *testing.T, name string) []human {
	t.Helper()
	root := os.Getenv("SHARED_DATA")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "data")
	}
	f, err := os.Open(filepath.Join(root, filepath.FromSlash(name)))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no %s: set SHARED_DATA to the folder of the data", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []human
	rows := bufio.NewScanner(f)
	rows.Buffer(nil, 4<<20)
	for rows.Scan() {
		var row struct {
			ID     string
			Hi, En json.RawMessage
		}
		if err := json.Unmarshal(rows.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		hi, en := texts(t, row.Hi), texts(t, row.En)
		if len(hi) != len(en) {
			t.Fatalf("%s: %d Hindi and %d English segments", row.ID, len(hi), len(en))
		}
		for i := range hi {
			out = append(out, human{row.ID, hi[i], en[i]})
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func texts(t *testing.T, raw json.RawMessage) (out []string) {
	t.Helper()
	if len(raw) > 0 && raw[0] == '[' {
		if err := json.Unmarshal(raw, &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	out = make([]string, 1)
	if err := json.Unmarshal(raw, &out[0]); err != nil {
		t.Fatal(err)
	}
	return out
}

// both gives the pairs of a segment in both directions.
func (h human) both() [2]check.Pair {
	return [2]check.Pair{{Source: h.hi, Target: h.en, From: "hi", To: "en"}, {Source: h.en, Target: h.hi, From: "en", To: "hi"}}
}

func has(found []check.Finding, code string) bool {
	for _, f := range found {
		if f.Code == code {
			return true
		}
	}
	return false
}
