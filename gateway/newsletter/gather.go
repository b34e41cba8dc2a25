package newsletter

import (
	"context"
)

// gather gives the stories of an issue, each once, in the order of the issue's
// articles and feeds, and tells what could not be had.
func (m *Maker) gather(ctx context.Context, o *Order) ([]source, []Notice) {
	return nil, nil
}
