package prompts

import "encoding/json"

// A strict schema requires every property and allows no other: the form that
// OpenAI's structured outputs and the servers that follow them accept. No other
// keyword (minItems, maxLength) is used, for some refuse it.

// segmentsSchema holds the answer to {"segments":{"1":"…"}} with every id.
func segmentsSchema(ids []string) json.RawMessage {
	var properties object
	for _, id := range ids {
		properties.raw(id, []byte(`{"type":"string"}`))
	}
	return strict("segments", strictOf(properties.end(), ids))
}

// summarySchema holds the answer to {"summary":"…"}.
func summarySchema() json.RawMessage {
	return strict("summary", []byte(`{"type":"string"}`))
}

// bulletsSchema holds the answer to {"bullets":["…"]}.
func bulletsSchema() json.RawMessage {
	return strict("bullets", []byte(`{"type":"array","items":{"type":"string"}}`))
}

// alternativesSchema holds the answer to {"alternatives":["…"]}.
func alternativesSchema() json.RawMessage {
	return strict("alternatives", []byte(`{"type":"array","items":{"type":"string"}}`))
}

// strict is the schema of an object with one required member.
func strict(name string, of []byte) json.RawMessage {
	var properties object
	properties.raw(name, of)
	return strictOf(properties.end(), []string{name})
}

func strictOf(properties []byte, required []string) json.RawMessage {
	var o object
	o.text("type", "object")
	o.raw("properties", properties)
	o.texts("required", required)
	o.raw("additionalProperties", []byte("false"))
	return o.end()
}
