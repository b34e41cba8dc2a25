package gateway

import "context"

// Check says what is wrong with a request, as Article would, without looking
// anything up or asking anybody: for work that is done later. chars is the
// article's length in code points; that of a URL, which is not fetched, is 0.
func (g *Gateway) Check(req Request) (chars int, err error) {
	if req.URL != "" {
		bad := req.Options.normalize()
		if req.Summary != nil {
			s := *req.Summary
			bad = append(bad, s.normalize()...)
		}
		switch {
		case len(bad) > 0:
		case req.Input != "":
			bad = []FieldError{{"url", "is a second article; give the text or the url"}}
		case g.fetch == nil:
			bad = []FieldError{{"url", "is not fetched by this gateway; send the article itself"}}
		}
		if len(bad) > 0 {
			return 0, &Error{Code: Invalid, Message: "the request is not valid", Fields: bad}
		}
		if err := g.fetch.Check(req.URL); err != nil {
			return 0, urlError(err)
		}
		return 0, nil
	}
	p, wrong := g.plan(context.Background(), &req, &bill{})
	if wrong != nil {
		return 0, wrong
	}
	return p.chars, nil
}

// CheckTexts is Check for Texts.
func (g *Gateway) CheckTexts(req TextsRequest) (chars int, err error) {
	o := &order{opt: &req.Options, bill: &bill{}}
	if wrong := g.checkTexts(&req); wrong != nil {
		return 0, wrong
	}
	planner := g.planner(o)
	list := make([]*textPlan, len(req.Texts))
	for i, text := range req.Texts {
		chars += len([]rune(text))
		list[i] = planText(planner, &req, text)
	}
	if allRefused(list) {
		return 0, list[0].err
	}
	return chars, nil
}
