package newsletter

import "testing"

// Addresses in what leaves are those that HTML allows.
func TestAddressesThatLeave(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`<a href="https://a.example/?q=<script>&amp;r={{.}}|">क</a>`: `<a href="https://a.example/?q=%3Cscript%3E&amp;r=%7B%7B.%7D%7D%7C">क</a>`,
		`<a href="https://bank.example@evil.example/">क</a>`:         `<a>क</a>`,
		`<a href="https://a.example/@name?x=a@b">क</a>`:              `<a href="https://a.example/@name?x=a@b">क</a>`,
		`<a href="mailto:a@b.example">क</a>`:                         `<a href="mailto:a@b.example">क</a>`,
	} {
		if got := sanitizeOut(in); got != want {
			t.Errorf("%s\ngives %s\nwant  %s", in, got, want)
		}
	}
	if got := webURL("https://bank.example@evil.example/"); got != "" {
		t.Errorf("%q", got)
	}
}
