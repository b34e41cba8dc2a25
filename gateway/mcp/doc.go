// Package mcp lets language models and their agents use the gateway as tools,
// over the Model Context Protocol: translate, summarize and detect. It is the
// sole user of the protocol's SDK.
//
//	server := mcp.New(mcp.Config{Gateway: g, Version: "1.2.0"})
//	err := server.Serve(ctx, os.Stdin, os.Stdout)       // over stdio
//	server.Handle(w, r, nil)                            // a POST of streamable HTTP
//
// Over HTTP no state is kept between requests, so that any replica answers any
// of them; there is no stream to GET. The session id that is given out serves to
// find the call that a client cancels, in the process that is at work on it. A
// client that closes its request's stream cancels too.
//
// A tool that cannot do its work answers with an error result that says what to
// change, never with an error of the protocol. A call's progress is told to who
// sent a progress token. It never sends a request to its client, keeps no text
// and writes nothing but the protocol.
package mcp
