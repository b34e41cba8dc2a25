package newsletter

import "context"

func (m *Maker) remember(ctx context.Context, o *Order, edition string, sources []source) []Notice {
	return nil
}
