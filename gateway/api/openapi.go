package api

import _ "embed"

// OpenAPI is the contract of the whole HTTP API, OpenAPI 3.1 as YAML. It is
// written by hand; the server's tests hold every answer to it. It must not be
// changed.
//
//go:embed openapi.yaml
var OpenAPI []byte
