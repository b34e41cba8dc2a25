// Package api holds the wire types of Dubhashi's own HTTP API: what a caller
// sends and what comes back, as encoding/json reads and writes them.
//
// It imports the standard library alone, so that a client in Go can use it
// without the gateway. It never validates: the gateway does, and answers with
// a [Problem].
//
//	var a api.Article
//	err := json.NewDecoder(resp.Body).Decode(&a)
package api
