package newsletter

import "context"

// Make makes an edition: it gathers the stories, has them translated and
// summarised, and shortens what would make the e-mail too long. The error is a
// *gateway.Error, or what Admit said; when some of the stories came through there
// is none, and Partial says that something is missing.
func (m *Maker) Make(ctx context.Context, o Order) (*Edition, error) {
	return nil, nil
}
