package api

import (
	"encoding/json"
	"time"
)

// Webhook is where to tell of a job's end, by a POST of an [Event] that is signed
// as https://www.standardwebhooks.com describes.
type Webhook struct {
	URL    string `json:"url"`              // http or https
	Secret string `json:"secret,omitempty"` // whsec_ and the base64 of 24–64 bytes, or 16–256 characters; never shown again
}

// JobsRequest is the body of POST /v1/jobs: up to 1000 articles as one job. Each
// is an [ArticleRequest]. As application/x-ndjson the body is the articles alone,
// one a line.
type JobsRequest struct {
	Articles []json.RawMessage `json:"articles"`
	Webhook  *Webhook          `json:"webhook,omitempty"`
}

// Progress is how far a job is: in paragraphs and summaries when it is of one
// article, else in articles.
type Progress struct {
	Done   int `json:"done"`
	Total  int `json:"total"`
	Failed int `json:"failed,omitempty"` // of a job of several articles: those that ended with an error
}

// Job is work that is done in the background.
type Job struct {
	ID         string          `json:"id"`
	Kind       string          `json:"kind"`  // article, articles, summary, translations, newsletter
	State      string          `json:"state"` // queued, running, done, failed, cancelled
	Progress   Progress        `json:"progress"`
	Attempts   int             `json:"attempts"`             // that came to an end
	RetryAt    *time.Time      `json:"retry_at,omitempty"`   // when one that met trouble is tried again
	Result     json.RawMessage `json:"result,omitempty"`     // once done: what the synchronous call would have answered; not of kind articles, nor of a newsletter in another form than json
	ResultURL  string          `json:"result_url,omitempty"` // once done; of kind articles JSON lines, in the order of the articles; of a newsletter in its form
	Error      *Problem        `json:"error,omitempty"`      // once failed
	Webhook    *Webhook        `json:"webhook,omitempty"`
	CreatedAt  time.Time       `json:"created_at"`
	StartedAt  *time.Time      `json:"started_at,omitempty"`
	FinishedAt *time.Time      `json:"finished_at,omitempty"`
	ExpiresAt  *time.Time      `json:"expires_at,omitempty"` // once ended: when it is forgotten
}

// Jobs is the answer of GET /v1/jobs, the newest first.
type Jobs struct {
	Jobs       []Job  `json:"jobs"`
	NextCursor string `json:"next_cursor,omitempty"` // for the next page; none: it was the last
}

// JobLine is one line of a result of kind articles: an [Article], or in its place
// what went wrong with it.
type JobLine struct {
	Article
	Error *Problem `json:"error,omitempty"`
}

// Event is the body of a webhook.
type Event struct {
	Type      string    `json:"type"` // job.done, job.failed, job.cancelled
	Timestamp time.Time `json:"timestamp"`
	Data      Job       `json:"data"` // without its result
}
