package newsletter

import (
	"context"
	"fmt"

	"dubhashi/gateway/article"
)

func (m *Maker) gather(ctx context.Context, o *Order) ([]source, []Notice) {
	var list []source
	for i, a := range o.Issue.Articles {
		s := source{where: fmt.Sprintf("articles[%d]", i), key: a.Text + a.HTML + a.Markdown, title: a.Title, summary: a.Summary, link: a.Link, section: a.Section, show: a.Show, image: a.Image, alt: a.Alt, publication: a.Publication}
		switch {
		case a.HTML != "":
			s.input, s.format = a.HTML, article.HTML
		case a.Markdown != "":
			s.input, s.format = a.Markdown, article.Markdown
		default:
			s.input, s.format = a.Text, article.Text
		}
		list = append(list, s)
	}
	return list, nil
}
