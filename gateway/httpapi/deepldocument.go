package httpapi

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"dubhashi/gateway"
	"dubhashi/gateway/article"
	"dubhashi/gateway/jobs"
)

// Documents are jobs of one item. They stand in a space of their own beside the
// caller's, so that the native API does not tell of them: who has no key of a
// document does not find it.
const documentKind = "document"

func documentOwner(who caller) string { return who.owner() + "/documents" }

// documentMeta is what is kept with a document's job.
type documentMeta struct {
	meta
	Key    string         `json:"key"`  // SHA-256 of the document's key, in hexadecimal
	Name   string         `json:"name"` // of the file
	Format article.Format `json:"format"`
	Billed int            `json:"billed"` // characters
}

// documentFormats are the files that can be translated, by their extension.
var documentFormats = map[string]article.Format{
	".txt": article.Text, ".html": article.HTML, ".htm": article.HTML, ".md": article.Markdown, ".markdown": article.Markdown,
}

var documentTypes = map[article.Format]string{article.Text: plainType, article.HTML: htmlType, article.Markdown: markdownType}

func badFile(format string, args ...any) *problem {
	return &problem{code: gateway.Invalid, detail: fmt.Sprintf(format, args...)}
}

// deeplUpload: POST /v2/document.
func (s *Server) deeplUpload(c *fiber.Ctx, p *params) error {
	o := p.options()
	if o.same {
		p.refuse(badFile("Source and target language are equal."))
	}
	d, meta, err := p.document()
	if p.err != nil {
		return p.err
	}
	if err != nil {
		return err
	}
	if limit := s.c.Gateway.MaxChars(); meta.Billed > limit {
		return &problem{code: tooLarge, detail: fmt.Sprintf("The document has %d characters; at most %d are allowed.", meta.Billed, limit)}
	}
	m, err := s.keptJobs()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(s.root, storeTime)
	defer cancel()
	who, bill := callerOf(c), tabOf(c)
	d.Owner, d.Glossaries, d.Options = who.owner(), o.glossaries, o.Options
	if _, err := s.deeplGlossary(ctx, d.Owner, o); err != nil {
		return err
	}
	work := articleLoad(&gateway.Request{Input: d.Text}, meta.Billed)
	if err := bill.charge(ctx, work); err != nil {
		return err
	}
	key := newKey(32)
	digest := sha256.Sum256([]byte(key))
	meta.Key, meta.RequestID = hex.EncodeToString(digest[:]), requestID(c)
	job := jobs.Submission{ID: newKey(16), Owner: documentOwner(who), Kind: documentKind, Meta: appendJSON(nil, meta)}
	job.Items = [][]byte{appendJSON(nil, item{bill.promise(work), work.chars, appendJSON(nil, d)})}
	if _, err := m.Submit(ctx, job); err != nil {
		return jobProblem(err)
	}
	bill.handOver()
	return send(c, map[string]string{"document_id": job.ID, "document_key": key})
}

// newKey is n random bytes as DeepL writes ids and keys, which its clients check.
func newKey(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	return strings.ToUpper(hex.EncodeToString(b))
}

// document reads the uploaded file.
func (p *params) document() (*documentTask, documentMeta, error) {
	meta := documentMeta{Name: p.one("filename")}
	output := strings.ToLower(strings.TrimPrefix(p.one("output_format"), "."))
	if p.file == nil {
		return nil, meta, badFile("Invalid file data. Send the file in a multipart/form-data body, as the part file.")
	}
	if p.file.name != "" {
		meta.Name = p.file.name
	}
	meta.Name = path.Base(strings.ReplaceAll(meta.Name, `\`, "/"))
	extension := strings.ToLower(path.Ext(meta.Name))
	meta.Format = documentFormats[extension]
	switch {
	case meta.Format == "":
		return nil, meta, badFile("Invalid file extension: .txt, .html, .htm, .md and .markdown files are translated.")
	case output != "" && documentFormats["."+output] != meta.Format:
		return nil, meta, badFile("Value for 'output_format' not supported. A document comes back in the format it was sent in.")
	}
	text, ok := documentText(p.file.data)
	switch {
	case !ok:
		return nil, meta, badFile("Invalid file data. The file must be text in UTF-8, or in UTF-16 with a byte order mark.")
	case strings.TrimSpace(text) == "":
		return nil, meta, badFile("Invalid file data. The file holds no text.")
	}
	if meta.Billed = article.VisibleLen(text, meta.Format); meta.Billed == 0 {
		return nil, meta, badFile("Invalid file data. The file holds no text.")
	}
	return &documentTask{Format: meta.Format, Text: text}, meta, nil
}

var documentID = regexp.MustCompile(`^[0-9A-F]{32}$`)

// document finds the caller's document by its id and key. An unknown id and a
// wrong key are told alike.
func (s *Server) document(ctx context.Context, c *fiber.Ctx, p *params) (job jobs.Job, meta documentMeta, err error) {
	id, key := c.Params("id"), p.one("document_key")
	none := &problem{code: notFound, detail: "Document not found: it was never sent by this key, was given back already, or its document_key is another one."}
	m, err := s.keptJobs()
	if err == nil && !documentID.MatchString(id) {
		err = jobs.ErrNotFound
	}
	if err == nil {
		job, err = m.Job(ctx, documentOwner(callerOf(c)), id)
	}
	if errors.Is(err, jobs.ErrNotFound) {
		return job, meta, none
	}
	if err != nil {
		return job, meta, jobProblem(err)
	}
	if err := json.Unmarshal(job.Meta, &meta); err != nil {
		return job, meta, err
	}
	digest := sha256.Sum256([]byte(key))
	if subtle.ConstantTimeCompare([]byte(hex.EncodeToString(digest[:])), []byte(meta.Key)) != 1 {
		return job, meta, none
	}
	return job, meta, nil
}

// deeplStatus is where a document stands.
type deeplStatus struct {
	ID      string `json:"document_id"`
	Status  string `json:"status"` // queued, translating, done, error
	Seconds *int   `json:"seconds_remaining,omitempty"`
	Billed  *int   `json:"billed_characters,omitempty"`
	Error   string `json:"error_message,omitempty"`
	Message string `json:"message,omitempty"` // the same, as it was called before
}

// deeplDocument: POST /v2/document/:id.
func (s *Server) deeplDocument(c *fiber.Ctx, p *params) error {
	ctx, cancel := context.WithTimeout(s.root, storeTime)
	defer cancel()
	job, meta, err := s.document(ctx, c, p)
	if err != nil {
		return err
	}
	out := deeplStatus{ID: job.ID, Status: "queued"}
	switch job.State {
	case jobs.Running:
		out.Status = "translating"
		left := secondsLeft(job, meta.Billed, time.Now())
		out.Seconds = &left
	case jobs.Done:
		out.Status, out.Seconds, out.Billed = "done", new(int), &meta.Billed
	case jobs.Failed, jobs.Cancelled:
		out.Status, out.Error = "error", whyNot(job)
		out.Message = out.Error
	}
	return send(c, out)
}

func whyNot(job jobs.Job) string {
	if len(job.Error) == 0 {
		return "The document could not be translated."
	}
	return string(job.Error)
}

// usualPace is how many characters a second are translated before it is known
// better.
const usualPace = 200

// secondsLeft estimates how long a document at work still takes: at least one
// second.
func secondsLeft(job jobs.Job, chars int, now time.Time) int {
	spent := now.Sub(job.Started).Seconds()
	left := float64(chars)/usualPace - spent
	if job.Done > 0 && job.Total > 0 {
		left = spent * float64(job.Total-job.Done) / float64(job.Done)
	}
	return max(1, int(left+0.5))
}

// deeplDownload: POST /v2/document/:id/result. A document is given once; then it
// is forgotten.
func (s *Server) deeplDownload(c *fiber.Ctx, p *params) error {
	ctx, cancel := context.WithTimeout(s.root, storeTime)
	defer cancel()
	job, meta, err := s.document(ctx, c, p)
	switch {
	case err != nil:
		return err
	case job.State == jobs.Failed || job.State == jobs.Cancelled:
		return &problem{code: notFound, detail: whyNot(job)}
	case job.State != jobs.Done:
		return &problem{code: notReady, detail: "Document translation is not done."}
	}
	result, _, err := s.c.Jobs.Result(ctx, job.Owner, job.ID, 0)
	if err == nil {
		err = s.c.Jobs.Delete(ctx, job.Owner, job.ID)
	}
	if errors.Is(err, jobs.ErrNotFound) {
		return &problem{code: notFound, detail: "The document was given back already."}
	}
	if err != nil {
		return kept(err)
	}
	c.Set(fiber.HeaderContentType, documentTypes[meta.Format]+"; charset=utf-8")
	c.Set(fiber.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": meta.Name}))
	return c.Send(result)
}
