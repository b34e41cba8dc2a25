package jobs_test

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"dubhashi/gateway/jobs"
	"dubhashi/gateway/store"
)

// ofBytes is a job of an owner whose payload is so long, packed too.
func ofBytes(owner string, n int) jobs.Submission {
	var b strings.Builder
	for b.Len() < n {
		b.WriteString(rand.Text())
	}
	return jobs.Submission{Owner: owner, Kind: "test", Items: [][]byte{[]byte(b.String()[:n])}}
}

func (p *process) refuses(t testing.TB, s jobs.Submission) bool {
	t.Helper()
	_, err := p.Submit(t.Context(), s)
	if err != nil && !errors.Is(err, jobs.ErrFull) {
		t.Fatal(err)
	}
	return err != nil
}

// What waits is bounded in number and in bytes, of one owner and of all, for all
// processes and beyond their deaths.
func TestFull(t *testing.T) {
	rows := []struct {
		name  string
		bound store.Bound
		size  int
	}{
		{"number", store.Bound{Bytes: 1 << 20, Records: 12}, 1},
		{"bytes", store.Bound{Bytes: 32_000, Records: 1000}, 4000}, // some 2600 each, packed
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, w *world) {
				w.bounds = store.Bounds{jobs.WaitingFamily: row.bound}
				p := w.start(nil, nil)
				var ids []string
				for n := 0; !p.refuses(t, ofBytes("me", row.size)); n++ {
					if n == 4 {
						t.Fatal("a quarter has no end")
					}
				}
				list, _, err := p.List(t.Context(), "me", "", 100)
				if err != nil || len(list) != 3 {
					t.Fatalf("%d jobs were taken in, want 3 (%v)", len(list), err)
				}
				for _, j := range list {
					ids = append(ids, j.ID)
				}
				if !w.start(nil, nil).refuses(t, ofBytes("me/documents", row.size)) {
					t.Error("another process takes what this one refuses")
				}
				for _, owner := range []string{"ann", "bob", "cy"} {
					for range 3 {
						if p.refuses(t, ofBytes(owner, row.size)) {
							t.Fatalf("%s finds no room beside one who has filled his", owner)
						}
					}
				}
				if !p.refuses(t, ofBytes("dee", 3*row.size)) {
					t.Error("all together have no bound")
				}
				p.kill()
				worker := w.start(echo, nil)
				for _, id := range ids {
					worker.until(t, id, jobs.Done)
					worker.result(t, id, 0)
				}
				// The payload goes a moment after the state is known.
				for range 3 {
					worker.eventually(t, ofBytes("me", row.size))
				}
			})
		})
	}
}

// eventually submits a job as often as it takes.
func (p *process) eventually(t testing.TB, s jobs.Submission) {
	t.Helper()
	for range 500 {
		if !p.refuses(t, s) {
			return
		}
	}
	t.Fatal("there is no room, though all jobs have ended")
}

// What has ended makes room for what is new: the oldest of its own owner.
func TestOldJobsMakeRoom(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.bounds = store.Bounds{jobs.JobsFamily: {Bytes: 4 * 20_000, Records: 1000}}
		p := w.start(echo, nil)
		others := p.take(t, ofBytes("you", 5000))
		var ids []string
		for range 8 { // of some 3600 bytes each
			id := p.take(t, ofBytes("me", 5000))
			p.until(t, id, jobs.Done)
			ids = append(ids, id)
		}
		last := ids[len(ids)-1]
		if _, err := p.Job(t.Context(), "me", ids[0]); !errors.Is(err, jobs.ErrNotFound) {
			t.Errorf("the oldest is there: %v", err)
		}
		if body, _ := p.result(t, last, 0); len(body) != 5000 {
			t.Errorf("the last has a result of %d bytes", len(body))
		}
		for {
			if j, err := p.Job(t.Context(), "you", others); err != nil {
				t.Fatalf("another's job: %v", err)
			} else if j.State == jobs.Done {
				break
			}
		}
		if body, _, err := p.Result(t.Context(), "you", others, 0); len(body) != 5000 || err != nil {
			t.Errorf("another's result has %d bytes: %v", len(body), err)
		}
	})
}

// What has just ended, or has not, makes none. What is refused leaves nothing.
func TestFreshJobsMakeNoRoom(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.bounds = store.Bounds{jobs.JobsFamily: {Bytes: 4 * 20_000, Records: 1000}, jobs.WaitingFamily: {Bytes: 4 * 5000, Records: 1000}}
		w.lasting = true
		p := w.start(echo, nil)
		var ids []string
		for !p.refuses(t, ofBytes("me", 5000)) {
			list, _, err := p.List(t.Context(), "me", "", 1)
			if err != nil {
				t.Fatal(err)
			}
			p.until(t, list[0].ID, jobs.Done)
			for { // its payload is gone
				if _, version, err := p.kv.Get(t.Context(), "waiting/me/payloads", list[0].ID); version == 0 && err == nil {
					break
				}
			}
			if ids = append(ids, list[0].ID); len(ids) > 20 {
				t.Fatal("a quarter has no end")
			}
		}
		for _, id := range ids {
			if body, _ := p.result(t, id, 0); len(body) != 5000 {
				t.Errorf("a result has %d bytes", len(body))
			}
		}
		if left, _, _, err := p.kv.List(t.Context(), "waiting/me/payloads", "", 10); len(left) != 0 || err != nil {
			t.Errorf("the refused job left a payload: %v %v", left, err)
		}
		if list, _, err := p.List(t.Context(), "me", "", 100); len(list) != len(ids) || err != nil {
			t.Errorf("%d jobs, want %d (%v)", len(list), len(ids), err)
		}
		if p.refuses(t, ofBytes("you", 5000)) {
			t.Error("another finds no room")
		}
	})
}
