package newsletter_test

import (
	"strings"
	"testing"

	"dubhashi/gateway/api"
	"dubhashi/gateway/newsletter"
	"dubhashi/gateway/simulator"
)

// A picture that stands alone among the paragraphs is in every form of a story that is
// shown whole: once, where it stood, for the readers of both languages.
func TestPicturesThatStandAlone(t *testing.T) {
	t.Parallel()
	before, after := "जिले का पुराना पुल 40 दिन बाद खुल गया है।", "मरम्मत पर 12 लाख रुपये खर्च हुए।"
	page := "<h1>पुल खुला</h1><p>" + before + `</p><figure><img src="https://paper.example/pul.png" alt="नदी का पुल"></figure><p>` + after + `</p><p><img src="https://paper.example/top.png"></p>`
	for name, story := range map[string]api.IssueArticle{
		"HTML":     {HTML: page},
		"Markdown": {Markdown: "# पुल खुला\n\n" + before + "\n\n![नदी का पुल](https://paper.example/pul.png)\n\n" + after},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story.Show, story.Image = "full", "https://paper.example/top.png"
			e := made(t, newsletter.New(newsletter.Config{Gateway: core(t, simulated(t, simulator.Config{Demo: true}))}), week(story))
			for _, f := range newsletter.Forms {
				out := render(t, e, f.Form)
				if f.Form == newsletter.EML {
					continue // the HTML and the text, encoded
				}
				if n := strings.Count(out, "paper.example/pul.png"); n != 1 {
					t.Errorf("%s has it %d times", f.Form, n)
				}
				if f.Form == newsletter.HTML && strings.Count(out, "paper.example/top.png") != 1 {
					t.Errorf("%s has not the story's own picture once", f.Form)
				}
			}
			out := render(t, e, newsletter.HTML)
			at := strings.Index(out, "pul.png")
			if first, second := strings.Index(out, before), strings.Index(out, after); at < first || at > second {
				t.Errorf("it stands at %d, between %d and %d", at, first, second)
			}
			if !strings.Contains(out, `alt="नदी का पुल / `) {
				t.Error("its words are not in both languages")
			}
		})
	}
}

// A picture ahead of an article's text stands over its summary or lead as well, unless
// the editor wants another one, or none.
func TestPictureAheadOfAnArticle(t *testing.T) {
	t.Parallel()
	m := newsletter.New(newsletter.Config{Gateway: core(t, simulated(t, simulator.Config{Demo: true}))})
	page := `<h1>पुल खुला</h1><p><img src="https://paper.example/pul.png" alt="नदी का पुल"></p><p>जिले का पुराना पुल 40 दिन बाद खुल गया है।</p>`
	for _, row := range []struct{ show, image, want string }{
		{"summary", "", "https://paper.example/pul.png"}, {"lead", "", "https://paper.example/pul.png"}, {"full", "", "https://paper.example/pul.png"},
		{"lead", "https://paper.example/own.png", "https://paper.example/own.png"}, {"lead", "none", ""},
	} {
		e := made(t, m, week(api.IssueArticle{HTML: page, Title: text("पुल फिर खुला"), Show: row.show, Image: row.image}))
		got := e.Stories()[0].Image.Src()
		if got != row.want || strings.Count(render(t, e, newsletter.HTML), `src="https://paper.example/pul.png"`) > 1 {
			t.Errorf("%s, %q: %q", row.show, row.image, got)
		}
		if got == "https://paper.example/pul.png" && (e.Stories()[0].Image.Alt["hi"] != "नदी का पुल" || e.Stories()[0].Image.Alt["en"] == "") {
			t.Errorf("%+v", e.Stories()[0].Image)
		}
	}
}

// A picture in an editor's own text stays.
func TestPictureInTheIntro(t *testing.T) {
	t.Parallel()
	m := newsletter.New(newsletter.Config{Gateway: core(t, simulated(t, simulator.Config{Demo: true}))})
	const picture = "\n\n![पुल](https://paper.example/pul.png)\n\n"
	for _, row := range []struct {
		intro     api.Bilingual
		languages []string
	}{
		{text("नमस्ते।" + picture + "पढ़िए।"), nil}, {text("नमस्ते।" + picture + "पढ़िए।"), []string{"hi"}},
		{api.Bilingual{Hi: "नमस्ते।" + picture + "पढ़िए।", En: "Hello." + picture + "Read on."}, nil},
	} {
		issue := week(api.IssueArticle{Text: "पुल खुला\n\nपुल का काम पूरा हुआ और लोग आए।", Show: "lead"})
		issue.Intro, issue.Languages = row.intro, row.languages
		if n := strings.Count(render(t, made(t, m, issue), newsletter.HTML), "pul.png"); n != 1 {
			t.Errorf("%+v: %d times", row, n)
		}
	}
}
