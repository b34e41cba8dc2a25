package glossary

// NewShelfOf is a Shelf with another bound of memory for compiled dictionaries.
func NewShelfOf(kv KV, bytes int) *Shelf { return &Shelf{kv: kv, compiled: newCompiled(bytes)} }

// CompiledBytes is what the compiled dictionaries count themselves to hold.
func (s *Shelf) CompiledBytes() int {
	s.compiled.mu.Lock()
	defer s.compiled.mu.Unlock()
	return s.compiled.bytes
}
