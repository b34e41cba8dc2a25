package newsletter

import "time"

// The members of JSON Feed 1.1 (jsonfeed.org/version/1.1) that are written.
type (
	jsonFeedTop struct {
		Version     string           `json:"version"`
		Title       string           `json:"title"`
		HomePage    string           `json:"home_page_url,omitempty"`
		Description string           `json:"description,omitempty"`
		Authors     []jsonFeedAuthor `json:"authors"`
		Language    string           `json:"language"`
		Items       []jsonFeedItem   `json:"items"`
	}
	jsonFeedAuthor struct {
		Name string `json:"name"`
		URL  string `json:"url,omitempty"`
	}
	jsonFeedItem struct {
		ID        string           `json:"id"`
		URL       string           `json:"url,omitempty"`
		Title     string           `json:"title"`
		Content   string           `json:"content_html"`
		Summary   string           `json:"summary,omitempty"`
		Image     string           `json:"image,omitempty"`
		Published string           `json:"date_published,omitempty"`
		Modified  string           `json:"date_modified"`
		Authors   []jsonFeedAuthor `json:"authors,omitempty"`
		Tags      []string         `json:"tags,omitempty"`
		Language  string           `json:"language,omitempty"`
	}
)

// jsonFeed is the edition as a JSON Feed. It has no feed_url: where it will
// stand is not known.
func jsonFeed(e *Edition, f Form) ([]byte, error) {
	v, err := e.feed(f)
	if err != nil {
		return nil, err
	}
	feed := jsonFeedTop{
		Version: "https://jsonfeed.org/version/1.1", Title: v.Title, HomePage: e.Home(), Description: v.About,
		Authors: []jsonFeedAuthor{{e.author(v), e.Home()}}, Language: v.Language, Items: []jsonFeedItem{},
	}
	for _, entry := range v.Entries {
		item := jsonFeedItem{
			ID: entry.ID, URL: entry.Link, Title: entry.Title, Content: entry.Content, Summary: entry.Summary,
			Image: entry.Image, Modified: entry.Updated.Format(time.RFC3339), Language: entry.Language,
		}
		if !entry.Published.IsZero() {
			item.Published = entry.Published.Format(time.RFC3339)
		}
		if entry.Publication != "" {
			item.Authors = []jsonFeedAuthor{{Name: entry.Publication}}
		}
		if entry.Section != "" {
			item.Tags = []string{entry.Section}
		}
		feed.Items = append(feed.Items, item)
	}
	return writeJSON(feed)
}
