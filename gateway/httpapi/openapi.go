package httpapi

import (
	"encoding/json"
	"fmt"
	"strconv"
	"sync"

	"github.com/gofiber/fiber/v2"
	"go.yaml.in/yaml/v3"

	"dubhashi/gateway/api"
)

func (s *Server) docsRoutes(a *fiber.App) {
	a.Get("/openapi.json", s.openapiJSON)
	a.Get("/openapi.yaml", s.openapiYAML)
	a.Get("/docs", s.docs)
}

// openapiJSON: GET /openapi.json, the contract for programs.
func (s *Server) openapiJSON(c *fiber.Ctx) error {
	b, err := contractJSON()
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/json; charset=utf-8")
	return c.Send(b)
}

// openapiYAML: GET /openapi.yaml, the contract as it was written. The type is
// that of RFC 9512.
func (s *Server) openapiYAML(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, "application/yaml")
	return c.Send(api.OpenAPI)
}

// contractJSON is the contract as JSON, its members in the order of the YAML.
var contractJSON = sync.OnceValues(func() ([]byte, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(api.OpenAPI, &doc); err != nil {
		return nil, err
	}
	return appendNode(nil, doc.Content[0])
})

func appendNode(b []byte, n *yaml.Node) ([]byte, error) {
	var err error
	switch n.Kind {
	case yaml.MappingNode:
		b = append(b, '{')
		for i := 0; i < len(n.Content); i += 2 {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendString(b, n.Content[i].Value), ':')
			if b, err = appendNode(b, n.Content[i+1]); err != nil {
				return nil, err
			}
		}
		return append(b, '}'), nil
	case yaml.SequenceNode:
		b = append(b, '[')
		for i, item := range n.Content {
			if i > 0 {
				b = append(b, ',')
			}
			if b, err = appendNode(b, item); err != nil {
				return nil, err
			}
		}
		return append(b, ']'), nil
	case yaml.ScalarNode:
		return appendScalar(b, n)
	}
	return nil, fmt.Errorf("openapi.yaml, line %d: an alias, which JSON does not have", n.Line)
}

func appendScalar(b []byte, n *yaml.Node) ([]byte, error) {
	switch n.Tag {
	case "!!null":
		return append(b, "null"...), nil
	case "!!bool":
		v, err := strconv.ParseBool(n.Value)
		return strconv.AppendBool(b, v), err
	case "!!int", "!!float":
		if !json.Valid([]byte(n.Value)) {
			return nil, fmt.Errorf("openapi.yaml, line %d: a number that JSON does not have", n.Line)
		}
		return append(b, n.Value...), nil
	}
	return appendString(b, n.Value), nil
}
