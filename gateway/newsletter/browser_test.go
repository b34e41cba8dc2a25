//go:build unix

package newsletter_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/html"

	"dubhashi/gateway/article"
	"dubhashi/gateway/newsletter"
)

// chromium runs a browser without a window, and gives what it wrote. A machine
// that has none skips the test.
func chromium(t *testing.T, args ...string) []byte {
	t.Helper()
	var name string
	for _, n := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(n); err == nil && name == "" {
			name = path
		}
	}
	if name == "" {
		t.Skip("no chromium on this machine: how a mail is laid out is not tried")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	args = append([]string{"--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions",
		"--disable-background-networking", "--hide-scrollbars", "--force-device-scale-factor=1", "--user-data-dir=" + t.TempDir()}, args...)
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, errs.Bytes())
	}
	return out.Bytes()
}

// picture is a bridge over a river, drawn.
func picture() []byte {
	const w, h = 568, 200
	sky, water, bank, stone := color.RGBA{205, 222, 230, 255}, color.RGBA{104, 146, 165, 255}, color.RGBA{150, 165, 120, 255}, color.RGBA{96, 72, 58, 255}
	m := image.NewPaletted(image.Rect(0, 0, w, h), color.Palette{sky, water, bank, stone})
	for y := range h {
		for x := range w {
			c := sky
			if y > 120 {
				c = water
			}
			if y > 100 && (x < 70-(y-100)/2 || x > w-70+(y-100)/2) {
				c = bank
			}
			arch := (x%142-71)*(x%142-71)/40 + 92
			if y > 74 && y < 90 || y >= 90 && y < arch && y < 150 && arch > 118 {
				c = stone
			}
			m.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	_ = png.Encode(&b, m) // to memory
	return b.Bytes()
}

// shelf serves pages by their names, and the picture at /bridge.png.
type shelf struct {
	*httptest.Server
	names []string
	pages sync.Map // name → HTML
}

func newShelf(t *testing.T) *shelf {
	t.Helper()
	s := &shelf{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/bridge.png" {
			_, _ = w.Write(picture())
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		page, _ := s.pages.Load(strings.TrimPrefix(r.URL.Path, "/"))
		fmt.Fprint(w, page)
	}))
	t.Cleanup(s.Close)
	return s
}

// put puts a page on the shelf; before a browser looks.
func (s *shelf) put(name, page string) {
	s.names = append(s.names, name)
	s.pages.Store(name, page)
}

// measure is the page that shows every page at every width and tells how it is
// laid out. A frame's width is what its media queries ask for.
var measure = template.Must(template.New("").Parse(`<!DOCTYPE html><meta charset="utf-8"><body style="margin:0">
{{range $p := .Pages}}{{range $.Widths}}<iframe data-page="{{$p}}" src="/{{$p}}" width="{{.}}" height="900" style="border:0;display:block"></iframe>{{end}}{{end}}
<script>
onload = () => {
  const out = []
  for (const f of document.querySelectorAll('iframe')) {
    const d = f.contentDocument, w = f.clientWidth
    const m = { page: f.dataset.page, width: w, scroll: d.documentElement.scrollWidth, height: d.documentElement.scrollHeight, over: [], pairs: [], lines: [] }
    for (const e of d.body.querySelectorAll('*')) {
      const r = e.getBoundingClientRect()
      if (r.width && (r.right > w + 0.5 || r.left < -0.5) && m.over.length < 5) m.over.push(e.tagName + '.' + e.className + ' ' + Math.round(r.right))
      if (e.clientWidth && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX == 'hidden' && e.className != 'pre') m.over.push(e.tagName + ' hides')
    }
    for (const c of d.querySelectorAll('.col + .col')) {
      const a = c.previousElementSibling.getBoundingClientRect(), b = c.getBoundingClientRect()
      m.pairs.push([a.left, a.right, a.top, a.bottom, b.left, b.right, b.top, b.bottom].map(Math.round))
    }
    for (const e of d.body.querySelectorAll('[lang=hi]')) {
      const s = getComputedStyle(e)
      if (e.textContent.trim() && e.className != 'pre') m.lines.push({ tag: e.tagName + '.' + e.className, size: parseFloat(s.fontSize), line: parseFloat(s.lineHeight) || 0, spacing: s.letterSpacing, style: s.fontStyle })
    }
    out.push(m)
  }
  const pre = document.createElement('pre')
  pre.id = 'out'
  pre.textContent = JSON.stringify(out)
  document.body.append(pre)
}
</script>`))

type measured struct {
	Page                  string
	Width, Scroll, Height int
	Over                  []string
	Pairs                 [][8]int // left, right, top, bottom of the one and the other
	Lines                 []struct {
		Tag            string
		Size, Line     float64
		Spacing, Style string
	}
}

// layOut measures every page at every width, with one start of the browser.
func (s *shelf) layOut(t *testing.T, widths ...int) []measured {
	t.Helper()
	var all strings.Builder
	if err := measure.Execute(&all, map[string]any{"Pages": s.names, "Widths": widths}); err != nil {
		t.Fatal(err)
	}
	s.pages.Store("all", all.String())
	dom := chromium(t, "--window-size=1300,1000", "--virtual-time-budget=20000", "--dump-dom", s.URL+"/all")
	found := regexp.MustCompile(`(?s)<pre id="out">(.*?)</pre>`).FindSubmatch(dom)
	if found == nil {
		t.Fatalf("the browser measured nothing: %.2000s", dom)
	}
	var list []measured
	if err := json.Unmarshal([]byte(html.UnescapeString(string(found[1]))), &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// wordy is an edition of words that are longer than a line.
func wordy(t *testing.T, layout, base string) *newsletter.Edition {
	e := edition(t, layout, base)
	e.Title["en"], e.Sender.Name, e.Sender.Address = strings.Repeat("w", 200), strings.Repeat("w", 200), strings.Repeat("अनंत", 60)
	for _, s := range e.Stories() {
		s.Publication = strings.Repeat("p", 120)
		s.Headline = two(t, article.Title, strings.Repeat("शीर्षक", 40), strings.Repeat("h", 200))
		s.Summary = []newsletter.Pair{two(t, article.Paragraph, strings.Repeat("क्ष", 200), "https://example.org/"+strings.Repeat("x", 300))}
		s.Body = append(s.Body, newsletter.Pair{Kind: article.Code, Original: "en", By: map[string]article.Inline{"en": article.Plain(strings.Repeat("code", 80))}},
			two(t, article.Paragraph, "यह ![पुल]("+base+"/bridge.png)", "a ![bridge]("+base+"/bridge.png)"))
	}
	return e
}

// TestLaidOut holds mails and the review page to how they are laid out in a
// browser on a phone, a tablet and a desk.
func TestLaidOut(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	for _, layout := range []string{newsletter.Stacked, newsletter.SideBySide, newsletter.SummaryFirst} {
		s.put(layout, render(t, edition(t, layout, s.URL), newsletter.HTML))
		s.put("wordy-"+layout, render(t, wordy(t, layout, s.URL), newsletter.HTML))
	}
	s.put("review", render(t, edition(t, newsletter.Stacked, s.URL), newsletter.ReviewPage))
	s.put("wordy-review", render(t, wordy(t, newsletter.Stacked, s.URL), newsletter.ReviewPage))
	list := s.layOut(t, 360, 600, 1200)
	if len(list) != 3*len(s.names) {
		t.Fatalf("%d pages", len(list))
	}
	for _, m := range list {
		name := m.Page + " " + strconv.Itoa(m.Width)
		if m.Scroll > m.Width || len(m.Over) > 0 {
			t.Errorf("%s: %d px wide; %q", name, m.Scroll, m.Over)
		}
		if strings.HasSuffix(m.Page, newsletter.SideBySide) != (len(m.Pairs) > 0) && !strings.HasSuffix(m.Page, "review") {
			t.Errorf("%s: %d pairs", name, len(m.Pairs))
		}
		for _, p := range m.Pairs {
			aLeft, aRight, aTop, aBottom, bLeft, bRight, bTop := p[0], p[1], p[2], p[3], p[4], p[5], p[6]
			switch {
			case m.Width >= 600 && (bLeft < aRight || bTop != aTop):
				t.Errorf("%s: a pair does not stand side by side: %v", name, p)
			case m.Width < 600 && (bTop < aBottom || bLeft != aLeft || bRight != aRight):
				t.Errorf("%s: a pair does not stand one under the other: %v", name, p)
			}
		}
		if len(m.Lines) < 5 {
			t.Errorf("%s: %d texts in Hindi", name, len(m.Lines))
		}
		for _, l := range m.Lines {
			if l.Line < 1.5*l.Size || l.Size < 13 || l.Spacing != "normal" || l.Style != "normal" {
				t.Errorf("%s: Hindi in %s: %+v", name, l.Tag, l)
			}
		}
	}
}
