package newsletter

import (
	"dubhashi/gateway"
	"dubhashi/gateway/api"
)

// ParseIssue reads an issue file, YAML or JSON. The error is a *gateway.Error
// of code Invalid whose fields say what is wrong, with its line.
func ParseIssue(file []byte) (*api.Issue, error) { return nil, nil }

// Check says what is wrong with an issue, without fetching or asking anybody.
// The error is a *gateway.Error of code Invalid.
func (m *Maker) Check(issue *api.Issue) error { return nil }

var _ *gateway.Error
