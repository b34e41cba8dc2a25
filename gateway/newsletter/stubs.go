package newsletter

import "errors"

var errTodo = errors.New("newsletter: not yet")

func markdown(e *Edition) ([]byte, error)             { return nil, errTodo }
func atom(e *Edition, l []string) ([]byte, error)     { return nil, errTodo }
func jsonFeed(e *Edition, l []string) ([]byte, error) { return nil, errTodo }
func feedLanguages(e *Edition, f Form) []string       { return e.Languages }
func (r *Renderer) review(e *Edition) ([]byte, error) { return nil, nil }
