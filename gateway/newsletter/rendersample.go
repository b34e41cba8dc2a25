package newsletter

import (
	"time"

	"dubhashi/gateway/api"
	"dubhashi/gateway/article"
)

// sample is an edition with one of everything, on which own templates are tried.
func sample(layout string) *Edition {
	pair := func(kind article.Kind, hi, en string) Pair {
		return Pair{Kind: kind, Original: "hi", By: map[string]article.Inline{"hi": article.Plain(hi), "en": article.Plain(en)}}
	}
	item := pair(article.ListItem, "पहली बात", "The first point")
	item.Depth, item.Number = 1, 1
	doubtful := pair(article.Paragraph, "पुल 240 मीटर लंबा है।", "The bridge is 240 metres long.")
	doubtful.Flags = []Flag{{ID: "1", Code: "number_mismatch", Message: "a number differs"}}
	missing := pair(article.Quote, "पुल खुल गया।", "")
	delete(missing.By, "en")
	body := []Pair{pair(article.Heading, "नया पुल", "A new bridge"), item, doubtful, missing,
		pair(article.Code, "a = 1", "a = 1")}
	title := Text{"hi": "सप्ताह", "en": "The week"}
	story := func(show string) *Story {
		return &Story{
			ID: "urn:sample:" + show, Language: "hi", Link: "https://example.org/bridge", Publication: "नगर पत्रिका",
			Published: time.Date(2026, 11, 23, 6, 0, 0, 0, india), Show: show, More: show != ShowFull,
			Headline: pair(article.Title, "नदी पर पुल खुला", "A bridge opens over the river"),
			Image:    &Image{URL: "https://example.org/bridge.jpg", Alt: Text{"hi": "पुल", "en": "The bridge"}},
			Summary:  []Pair{pair(article.Paragraph, "पुल खुल गया।", "The bridge has opened.")},
			Body:     body, Minutes: map[string]int{"hi": 3, "en": 2},
		}
	}
	bare := &Story{ID: "urn:sample:bare", Language: "hi", Show: ShowSummary, Headline: pair(article.Title, "मेला", "The fair")}
	return &Edition{
		ID: "urn:sample", Languages: []string{"hi", "en"}, Layout: layout, Title: title, Subject: "सप्ताह",
		Preheader: "A bridge opens", Date: time.Date(2026, 11, 24, 0, 0, 0, 0, india), Contents: true,
		Intro:  []Pair{pair(article.Paragraph, "नमस्ते", "Hello")},
		Footer: []Pair{pair(article.Paragraph, "धन्यवाद", "Thank you")},
		Sections: []Section{{Stories: []*Story{story(ShowSummary), bare}},
			{Title: title, Stories: []*Story{story(ShowLead), story(ShowFull)}}},
		Sender: api.IssueSender{Name: "नगर पत्र", Email: "news@example.org", Address: "1 River Road",
			Unsubscribe: "https://example.org/leave", Website: "https://example.org/"},
		Notices:   []Notice{{Where: "feeds[0]", Code: "demo_model", Message: "made by the demo model"}},
		mailBytes: MailLimit,
	}
}
