package httpapi

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"dubhashi/gateway"
)

const (
	headerIdempotencyKey = "Idempotency-Key"
	headerReplayed       = "Idempotent-Replayed"

	idempotencyLife = 24 * time.Hour
	maxIdempotency  = 255      // characters of a key
	maxReplay       = 32 << 20 // bytes of an answer that is kept: no ordinary one is longer

	// A request at work holds its key for claimLife and renews that three times as
	// often, so that the key of a process that was killed is soon free.
	claimLife = 15 * time.Second
	claimWait = 2 // seconds until a second request should ask again
)

// AnswersFamily is that of the spaces of idempotent answers: what Config.Room
// bounds. Each caller has one.
const AnswersFamily = "idempotency"

const jobIDKey localsKey = "job"

// replayed are the headers that a kept answer has besides its body.
var replayed = []string{
	fiber.HeaderContentType, fiber.HeaderLocation, fiber.HeaderContentLanguage, fiber.HeaderETag,
	fiber.HeaderContentSecurityPolicy, "Preference-Applied", headerCache,
	fiber.HeaderContentDisposition, headerFlags, headerNotices,
}

// keptAnswer is what an Idempotency-Key stands for: a claim as long as its
// request is at work, then the answer.
type keptAnswer struct {
	Claim   string            `json:"claim,omitempty"` // who is at work; "" = it is done
	Request string            `json:"request"`         // a hash of what was asked
	Status  int               `json:"status,omitempty"`
	Header  map[string]string `json:"header,omitempty"`
	body    []byte            // behind the JSON
}

func (k *keptAnswer) encode() []byte {
	b, _ := json.Marshal(k) // strings and numbers: cannot fail
	if k.Claim != "" {
		return b
	}
	out := bytes.NewBuffer(append(b, '\n'))
	w := gzip.NewWriter(out)
	_, _ = w.Write(k.body) // into memory
	_ = w.Close()
	return out.Bytes()
}

func decodeKept(b []byte) (*keptAnswer, error) {
	head, packed, done := bytes.Cut(b, []byte("\n"))
	k := &keptAnswer{}
	if err := json.Unmarshal(head, k); err != nil || !done {
		return k, err
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err == nil {
		k.body, err = io.ReadAll(r)
	}
	return k, err
}

// idempotent runs a handler once for each Idempotency-Key of a caller and route:
// who asks again with the same key within a day is given the first answer. An
// answer that may be better the next time is not kept: one of 5xx, one that says
// to wait, a stream.
func (s *Server) idempotent(c *fiber.Ctx, h fiber.Handler) error {
	key := c.Get(headerIdempotencyKey)
	if key == "" || c.Method() != fiber.MethodPost || surfaceOf(c.Path()) != native {
		return h(c)
	}
	if len(key) > maxIdempotency || strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r > '~' }) {
		return invalid(headerIdempotencyKey, "must have 1 to %d printable ASCII characters", maxIdempotency)
	}
	if s.c.KV == nil {
		return &problem{code: storeDown, detail: "no store keeps the answers that an Idempotency-Key stands for"}
	}
	owner := callerOf(c).owner()
	claim := &claim{
		kv: s.c.Room, space: AnswersFamily + "/" + owner, id: digest(owner, c.Path(), key),
		token: rand.Text(), request: requestDigest(c),
	}
	ctx, cancel := context.WithTimeout(s.root, claimLife/3)
	first, err := claim.take(ctx)
	cancel()
	var full interface{ NoRoom() bool }
	if errors.As(err, &full) && full.NoRoom() { // a day's answers: they go by themselves
		return &problem{code: overloaded, wait: 600, detail: "the answers that are kept for a day for this caller's Idempotency-Keys, or for those of all, take as much room as they may; ask later, or without the header"}
	}
	if err != nil {
		return kept(err)
	}
	switch {
	case first == nil:
		c.Locals(jobIDKey, claim.job())
		return s.once(c, h, claim)
	case first.Request != claim.request:
		return invalid(headerIdempotencyKey, "was used for another request within the last 24 hours; use a new key for a new request")
	case first.Claim != "":
		return &problem{code: conflict, wait: claimWait, detail: "the first request with this Idempotency-Key is still at work; ask again"}
	}
	for name, value := range first.Header {
		c.Set(name, value)
	}
	c.Set(headerReplayed, "true")
	return c.Status(first.Status).Send(first.body)
}

// once runs the handler and keeps its answer.
func (s *Server) once(c *fiber.Ctx, h fiber.Handler, claim *claim) (err error) {
	claim.renew()
	answered := false
	defer func() {
		if !answered { // it panicked, or its answer has begun and goes on
			claim.drop()
		}
	}()
	if err := h(c); err != nil {
		if err := s.fail(c, err); err != nil {
			return err
		}
	}
	if stream, ok := c.Locals(streamKey).(streamed); ok {
		answered = true
		stream.onEnd(func(int) { claim.drop() })
		return nil
	}
	status, body := c.Response().StatusCode(), c.Response().Body()
	if !worthKeeping(status) || len(body) > maxReplay {
		return nil
	}
	k := &keptAnswer{Request: claim.request, Status: status, Header: map[string]string{}, body: body}
	for _, name := range replayed {
		if v := c.Response().Header.Peek(name); len(v) > 0 {
			k.Header[name] = string(v)
		}
	}
	answered = true
	if err := claim.keep(k); err != nil {
		s.c.Log.Warn("an answer could not be kept for its Idempotency-Key", "request_id", requestID(c), "cause", err)
	}
	return nil
}

// worthKeeping: what was done, and what is wrong for good. Not what went wrong
// here, what has to wait, or whose caller has left.
func worthKeeping(status int) bool {
	switch status {
	case fiber.StatusRequestTimeout, fiber.StatusConflict, fiber.StatusTooManyRequests, kinds[gateway.Canceled].status:
		return false
	}
	return status < 500
}

// claim is a request's hold on its key.
type claim struct {
	kv      KV // within bounds: who finds room for the claim finds it for the answer, but for a last few
	space   string
	id      string
	token   string
	request string

	stop    context.CancelFunc
	renewal sync.WaitGroup
}

// job is the id of the job that the request makes, if it makes one: the same
// whenever it is sent again, so that it makes no second one when the process
// that took it in was killed before its answer was kept.
func (cl *claim) job() string { return digest(cl.id, cl.request)[:32] }

// take claims the key; else it gives what is there.
func (cl *claim) take(ctx context.Context) (*keptAnswer, error) {
	mine := (&keptAnswer{Claim: cl.token, Request: cl.request}).encode()
	for range 3 { // what is there may end between two looks
		ok, err := cl.kv.Put(ctx, cl.space, cl.id, mine, claimLife, 0)
		if ok || err != nil {
			return nil, err
		}
		b, version, err := cl.kv.Get(ctx, cl.space, cl.id)
		if err != nil {
			return nil, err
		}
		if version != 0 {
			return decodeKept(b)
		}
	}
	return &keptAnswer{Claim: "somebody's", Request: cl.request}, nil
}

// renew holds the key until keep or drop.
func (cl *claim) renew() {
	ctx, cancel := context.WithCancel(context.Background())
	cl.stop = cancel
	cl.renewal.Go(func() {
		tick := time.NewTicker(claimLife / 3)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				_ = cl.replace(ctx, &keptAnswer{Claim: cl.token, Request: cl.request}, claimLife) // the next one may come through
			}
		}
	})
}

// keep puts the answer in the claim's place.
func (cl *claim) keep(k *keptAnswer) error {
	ctx, cancel := cl.end()
	defer cancel()
	return cl.replace(ctx, k, idempotencyLife)
}

// drop frees the key.
func (cl *claim) drop() {
	ctx, cancel := cl.end()
	defer cancel()
	_ = cl.replace(ctx, &keptAnswer{Claim: cl.token, Request: cl.request}, time.Millisecond) // else it ends by itself
}

func (cl *claim) end() (context.Context, context.CancelFunc) {
	cl.stop()
	cl.renewal.Wait()
	return context.WithTimeout(context.Background(), claimLife)
}

// replace puts k in the claim's place, if the key is still ours.
func (cl *claim) replace(ctx context.Context, k *keptAnswer, ttl time.Duration) error {
	b, version, err := cl.kv.Get(ctx, cl.space, cl.id)
	if err != nil {
		return err
	}
	if now, err := decodeKept(b); version == 0 || err != nil || now.Claim != cl.token {
		return fmt.Errorf("the claim was lost: it had not been renewed for %v", claimLife)
	}
	_, err = cl.kv.Put(ctx, cl.space, cl.id, k.encode(), ttl, version)
	return err
}

// requestDigest stands for all of a request that its answer depends on.
func requestDigest(c *fiber.Ctx) string {
	return digest(string(c.Request().URI().QueryString()), c.Get(fiber.HeaderContentType), c.Get(fiber.HeaderAccept), c.Get("Prefer"), string(body(c)))
}

// digest is a hash of texts, each for itself.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:", len(p))
		_, _ = io.WriteString(h, p) // a hash takes all
	}
	return hex.EncodeToString(h.Sum(nil))
}
