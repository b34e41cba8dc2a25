package newsletter

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	listmonkTime   = 30 * time.Second // for one call
	listmonkAnswer = 8 << 20          // bytes of one answer
	listmonkPages  = 20               // of campaigns, in search of one's own
	listmonkPage   = 50               // campaigns
	listmonkName   = 200              // characters of a campaign's name
)

// ListmonkConfig names the listmonk server that keeps the lists.
type ListmonkConfig struct {
	URL         string // http:// or https://, what its /api stands behind
	User, Token string // of an API user that may manage campaigns
	Template    int    // of the campaign; 0: the server's default
	Renderer    *Renderer
}

// Listmonk hands editions to a listmonk server as campaigns. It is safe for
// concurrent use.
type Listmonk struct {
	c    ListmonkConfig
	base string
	http *http.Client
}

// NewListmonk reads the settings; it does not dial. The error shows no value.
func NewListmonk(c ListmonkConfig) (*Listmonk, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("must be an http:// or https:// address without user, password, ? and #, e.g. https://lists.example.org")
	}
	if c.Renderer == nil {
		c.Renderer = builtin
	}
	l := &Listmonk{c: c, base: strings.TrimRight(u.String(), "/")}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableKeepAlives = true // a few calls, and then none
	l.http = &http.Client{
		Timeout:   listmonkTime,
		Transport: transport,
		// The token goes to the server that was named and to no other.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return l, nil
}

// Campaign is a campaign at listmonk.
type Campaign struct {
	ID     int      `json:"id"`
	Name   string   `json:"name"`
	Status string   `json:"status"`
	Tags   []string `json:"tags"`
}

// campaign is what listmonk is sent of one (listmonk's API, POST /api/campaigns).
type campaign struct {
	Name        string              `json:"name"`
	Subject     string              `json:"subject"`
	Lists       []int               `json:"lists"`
	FromEmail   string              `json:"from_email"`
	Type        string              `json:"type"`
	ContentType string              `json:"content_type"`
	Messenger   string              `json:"messenger"`
	Body        string              `json:"body"`
	AltBody     string              `json:"altbody"`
	Tags        []string            `json:"tags"`
	Headers     []map[string]string `json:"headers"`
	TemplateID  int                 `json:"template_id,omitempty"`
}

// Draft makes a draft of an edition, or puts it in the place of the draft that
// was made of it before; updated tells which. It sends nothing. A campaign of
// this edition that is more than a draft is left alone, and told as an error. The
// error is a [*HandoverError].
func (l *Listmonk) Draft(ctx context.Context, e *Edition, lists []int) (c Campaign, updated bool, err error) {
	if len(lists) == 0 {
		return c, false, handover(nil, "a campaign needs the number of a list")
	}
	body, err := l.campaign(e, lists)
	if err != nil {
		return c, false, err
	}
	old, err := l.find(ctx, campaignTag(e))
	if err != nil {
		return c, false, err
	}
	method, path := http.MethodPost, "/api/campaigns"
	if old != nil {
		if old.Status != "draft" {
			return *old, false, handover(nil, "this issue is campaign %d of listmonk already, which is %s, and no draft to be changed; delete it there to make it anew", old.ID, said(old.Status))
		}
		method, path = http.MethodPut, "/api/campaigns/"+strconv.Itoa(old.ID)
	}
	err = l.call(ctx, method, path, body, &c)
	if err == nil && c.ID == 0 {
		err = handover(nil, "listmonk's answer names no campaign; look there whether the draft was made")
	}
	return c, old != nil, err
}

// Send has listmonk send a draft to its lists. The error is a [*HandoverError].
func (l *Listmonk) Send(ctx context.Context, c Campaign) error {
	return l.call(ctx, http.MethodPut, "/api/campaigns/"+strconv.Itoa(c.ID)+"/status", map[string]string{"status": "running"}, nil)
}

// Page is where a person sees the campaign.
func (l *Listmonk) Page(c Campaign) string {
	return l.base + "/admin/campaigns/" + strconv.Itoa(c.ID)
}

func (l *Listmonk) campaign(e *Edition, lists []int) (*campaign, error) {
	from, err := senderOf(e)
	if err != nil {
		return nil, err
	}
	// listmonk has a link for every reader; whoever has it may end what it is for.
	const mark = "https://listmonk.invalid/unsubscribe"
	own := *e
	own.Sender.Unsubscribe = mark
	html, err := l.c.Renderer.Render(&own, HTML)
	if err != nil {
		return nil, unwritten("HTML", err)
	}
	text, err := l.c.Renderer.Render(&own, PlainText)
	if err != nil {
		return nil, unwritten("plain text", err)
	}
	name := e.Subject
	for _, lang := range e.Languages {
		if e.Title[lang] != "" {
			name = e.Title[lang]
			break
		}
	}
	name = e.Date.Format(time.DateOnly) + " " + strings.Join(strings.Fields(name), " ")
	if r := []rune(name); len(r) > listmonkName {
		name = string(r[:listmonkName])
	}
	c := &campaign{
		Name: name, Subject: escapeText(e.Subject), Lists: lists, FromEmail: from.String(),
		Type: "regular", ContentType: "html", Messenger: "email",
		Body:    strings.ReplaceAll(escapeHTML(string(html)), mark, "{{ UnsubscribeURL }}"),
		AltBody: strings.ReplaceAll(escapeText(string(text)), mark, "{{ UnsubscribeURL }}"),
		Tags:    []string{"dubhashi", campaignTag(e)}, Headers: []map[string]string{}, TemplateID: l.c.Template,
	}
	if e.Sender.ReplyTo != "" {
		c.Headers = append(c.Headers, map[string]string{"Reply-To": e.Sender.ReplyTo})
	}
	return c, nil
}

// campaignTag marks an edition's campaign: small letters, digits and dashes, which
// listmonk leaves as they are.
func campaignTag(e *Edition) string {
	sum := sha256.Sum256([]byte(e.ID))
	return "dubhashi-" + hex.EncodeToString(sum[:8])
}

var (
	htmlComment = regexp.MustCompile(`(?s)<!--.*?-->`)
	styleSheet  = regexp.MustCompile(`(?is)(<style\b[^>]*>)(.*?)(</style>)`)

	// listmonk takes what stands before @TrackLink for a link to be counted, and
	// writes an action of its templates there.
	inHTML = strings.NewReplacer("{{", "&#123;&#123;", "@TrackLink", "&#64;TrackLink")
	inText = strings.NewReplacer("{{", `{{ "{{" }}`, "@TrackLink", `{{ "@" }}TrackLink`, "<", `{{ Safe "<" }}`)
)

// escapeHTML makes a page come out of listmonk's templates as it went in. They
// are html/template's, which drops comments, and with them what is for Outlook
// alone; Safe, a function of listmonk's, keeps them.
func escapeHTML(page string) string {
	page = styleSheet.ReplaceAllStringFunc(page, func(s string) string { return strings.ReplaceAll(s, "{{", "{ {") })
	var out strings.Builder
	end := 0
	for _, at := range htmlComment.FindAllStringIndex(page, -1) {
		out.WriteString(inHTML.Replace(page[end:at[0]]))
		out.WriteString("{{ Safe " + strconv.Quote(page[at[0]:at[1]]) + " }}")
		end = at[1]
	}
	out.WriteString(inHTML.Replace(page[end:]))
	return out.String()
}

// escapeText does the same for text. listmonk reads that too as a template of
// HTML, in which no tag may seem to stand open.
func escapeText(text string) string { return inText.Replace(text) }

// find gives the latest campaign with the tag; nil: there is none. A draft comes
// before what is more than one.
func (l *Listmonk) find(ctx context.Context, tag string) (*Campaign, error) {
	var found *Campaign
	for page := 1; page <= listmonkPages; page++ {
		query := url.Values{"tag": {tag}, "no_body": {"true"}, "order_by": {"created_at"}, "order": {"DESC"},
			"page": {strconv.Itoa(page)}, "per_page": {strconv.Itoa(listmonkPage)}}
		var list struct {
			Results []Campaign `json:"results"`
			Total   int        `json:"total"`
		}
		if err := l.call(ctx, http.MethodGet, "/api/campaigns?"+query.Encode(), nil, &list); err != nil {
			return nil, err
		}
		for i, c := range list.Results { // versions before 4 do not look at the tag
			if slices.Contains(c.Tags, tag) && (found == nil || found.Status != "draft" && c.Status == "draft") {
				found = &list.Results[i]
			}
		}
		if len(list.Results) == 0 || page*listmonkPage >= list.Total {
			break
		}
	}
	return found, nil
}

// call makes a call whose answer is {"data": …}.
func (l *Listmonk) call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(in); err != nil {
			return handover(err, "the campaign could not be written as JSON")
		}
		body = &b
	}
	req, err := http.NewRequestWithContext(ctx, method, l.base+path, body)
	if err != nil {
		return handover(err, "listmonk's address cannot be used")
	}
	req.Header.Set("Accept", "application/json")
	if in != nil {
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	if l.c.User != "" {
		req.Header.Set("Authorization", "token "+l.c.User+":"+l.c.Token)
	}
	resp, err := l.http.Do(req)
	if err != nil {
		return handover(err, "listmonk at %s cannot be reached: %s", req.URL.Host, unreachable(err))
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, listmonkAnswer+1))
	switch {
	case err != nil:
		return handover(err, "listmonk's answer did not come whole: %s", unreachable(err))
	case len(answer) > listmonkAnswer:
		return handover(nil, "listmonk's answer is longer than the %d MiB that are read", listmonkAnswer>>20)
	case resp.StatusCode >= 400:
		return l.refused(resp.StatusCode, answer)
	case resp.StatusCode >= 300:
		return handover(nil, "listmonk at %s sends us elsewhere (%d); name the address where it is", req.URL.Host, resp.StatusCode)
	}
	if out == nil {
		return nil
	}
	data := struct {
		Data any `json:"data"`
	}{out}
	if err := json.Unmarshal(answer, &data); err != nil {
		return handover(err, "what answers at %s is no listmonk: its answer is not the JSON that was expected", req.URL.Host)
	}
	return nil
}

// refused is an error answer, {"message": …}.
func (l *Listmonk) refused(status int, answer []byte) error {
	var m struct {
		Message string `json:"message"`
	}
	_ = json.Unmarshal(answer, &m) // a proxy's answer has none
	why := said(m.Message, l.c.Token)
	if why != "" {
		why = ": " + why
	}
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		if l.c.User == "" {
			return handover(nil, "listmonk wants a user and a token (%d)%s; set DUBHASHI_LISTMONK_USER and DUBHASHI_LISTMONK_TOKEN to those of an API user", status, why)
		}
		return handover(nil, "listmonk refuses the user and the token (%d)%s; the user needs the permission to manage campaigns and the lists", status, why)
	case http.StatusNotFound:
		return handover(nil, "listmonk does not know that (404)%s; does its address end before /api?", why)
	}
	return handover(nil, "listmonk does not take it (%d)%s", status, why)
}
