package newsletter_test

import (
	"fmt"
	"strings"
	"testing"

	"dubhashi/gateway/article"
	"dubhashi/gateway/newsletter"
)

// tenLeads is an edition of ten stories of some 800 words, each with its lead:
// three paragraphs in either language, a picture, and in one layout a summary.
func tenLeads(t testing.TB, layout string) *newsletter.Edition {
	e := edition(t, layout, "https://example.org")
	model := e.Sections[0].Stories[0]
	hi := "ज़िले के किसानों ने इस वर्ष नहर के पानी के बँटवारे के लिए नई व्यवस्था अपनाई है, जिससे अंतिम छोर के खेतों तक भी समय पर पानी पहुँच सकेगा।"
	en := "Farmers of the district have agreed on a new way to share the water of the canal this year, so that it reaches the fields at the far end in time."
	e.Sections = []newsletter.Section{{}, {Title: newsletter.Text{"hi": "खेती", "en": "Farming"}}}
	for n := range 10 {
		s := *model
		s.ID, s.Link, s.Show, s.More = fmt.Sprintf("urn:x:%d", n), fmt.Sprintf("https://example.org/stories/2026/11/%d", n), newsletter.ShowLead, true
		s.Body = nil
		for p := range 3 {
			s.Body = append(s.Body, two(t, article.Paragraph, fmt.Sprintf("%s यह संख्या %d है।", hi, p), fmt.Sprintf("%s This is number %d.", en, p)))
		}
		if layout != newsletter.SummaryFirst {
			s.Summary = nil
		}
		at := &e.Sections[n/6]
		at.Stories = append(at.Stories, &s)
	}
	return e
}

func TestSizeOfTenLeads(t *testing.T) {
	t.Parallel()
	for _, layout := range []string{newsletter.Stacked, newsletter.SideBySide, newsletter.SummaryFirst} {
		page := render(t, tenLeads(t, layout), newsletter.HTML)
		if len(page) >= newsletter.MailLimit || strings.Count(page, "<h2") != 20 {
			t.Errorf("%s: %d bytes, %d headlines", layout, len(page), strings.Count(page, "<h2"))
		}
		t.Logf("%s: %d bytes", layout, len(page))
	}
}
