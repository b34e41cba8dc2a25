// Package httpapi is Dubhashi's HTTP face: all of Fiber lives here. A handler
// decodes into the wire types of package api, calls the gateway and encodes
// what comes back; it decides nothing about articles.
//
// It reads no environment and never shows a caller a Go error, a key or
// another caller's text: errors go through one table (errors.go) and one
// encoder.
//
//	s := httpapi.New(httpapi.Config{Gateway: g, MaxBody: 2 << 20})
//	err := s.Serve(listener) // until s.Shutdown
package httpapi
