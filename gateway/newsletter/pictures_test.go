//go:build unix

package newsletter_test

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"dubhashi/gateway/newsletter"
)

var updatePictures = flag.Bool("update-pictures", false, "write the pictures in docs/newsletter")

// TestPictures writes the pictures of the documentation: what an editor's
// readers see, and the review page.
func TestPictures(t *testing.T) {
	if !*updatePictures {
		t.Skip("the pictures are written with -update-pictures")
	}
	s := newShelf(t)
	for _, layout := range []string{newsletter.Stacked, newsletter.SideBySide, newsletter.SummaryFirst} {
		s.put(layout, render(t, edition(t, layout, s.URL), newsletter.HTML))
	}
	checked := edition(t, newsletter.Stacked, "https://example.org")
	checked.Sections[0].Stories = checked.Sections[0].Stories[1:] // so that what is flagged comes early
	s.put("review", render(t, checked, newsletter.ReviewPage))
	heights := map[string]int{}
	for _, m := range s.layOut(t, 360, 600, 1200) {
		heights[m.Page+strconv.Itoa(m.Width)] = m.Height
	}
	dir := filepath.Join("..", "..", "docs", "newsletter")
	for _, p := range []struct {
		page  string
		width int
		dark  bool
		most  int // px of height that are kept; 0 = all
	}{
		{"stacked", 600, false, 0}, {"stacked", 360, true, 1700}, {"side-by-side", 600, false, 1700}, {"side-by-side", 1200, true, 1500},
		{"side-by-side", 360, false, 1700}, {"summary-first", 600, true, 1700}, {"review", 1200, false, 1700}, {"review", 360, true, 2400},
	} {
		name := fmt.Sprintf("%s-%d-%s.png", p.page, p.width, map[bool]string{false: "light", true: "dark"}[p.dark])
		height := heights[p.page+strconv.Itoa(p.width)]
		shot := s.shoot(t, p.page, p.width, height, p.dark)
		if p.most > 0 {
			height = min(height, p.most)
		}
		small := fewColours(shot, image.Rect(0, 0, p.width, height))
		var b bytes.Buffer
		if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, small); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d bytes", name, b.Len())
	}
}

// shoot takes a picture of a page in a frame as wide as a device: a window has
// a least width.
func (s *shelf) shoot(t *testing.T, page string, width, height int, dark bool) image.Image {
	t.Helper()
	scheme := map[bool]string{false: "light", true: "dark"}[dark]
	s.pages.Store("frame", fmt.Sprintf(`<!DOCTYPE html><meta name="color-scheme" content="%s"><body style="margin:0"><iframe src="/%s" width="%d" height="%d" style="border:0;display:block;color-scheme:%s"></iframe>`,
		scheme, page, width, height, scheme))
	file := filepath.Join(t.TempDir(), "shot.png")
	chromium(t, "--blink-settings=preferredColorScheme="+map[bool]string{false: "1", true: "0"}[dark], fmt.Sprintf("--window-size=%d,%d", max(width, 520), height+200),
		"--virtual-time-budget=10000", "--screenshot="+file, s.URL+"/frame")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// fewColours is a part of a picture in its most frequent colours, which makes
// the file small.
func fewColours(m image.Image, part image.Rectangle) image.Image {
	count := map[color.RGBA]int{}
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			count[color.RGBAModel.Convert(m.At(x, y)).(color.RGBA)]++
		}
	}
	var all []color.RGBA
	for c := range count {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b color.RGBA) int {
		return cmp.Or(count[b]-count[a], int(a.R)-int(b.R), int(a.G)-int(b.G), int(a.B)-int(b.B))
	})
	palette := color.Palette{}
	for _, c := range all[:min(48, len(all))] {
		palette = append(palette, c)
	}
	out := image.NewPaletted(part, palette)
	draw.Draw(out, part, m, part.Min, draw.Src)
	return out
}
