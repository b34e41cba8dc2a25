package store

import "strings"

// Bound is how much the records of a family of spaces may be, of all replicas
// together: bytes of values, and a number, for a short record costs room too.
type Bound struct{ Bytes, Records int64 }

// Bounds are those of families. What stands before the first slash of a space's
// name is its family, what stands before the second its holder: "jobs/ann/result"
// is held by "jobs/ann", of the family "jobs". One holder may have a quarter of
// what its family may.
//
// A record that there is may grow past the bound by an eighth: who was let in
// with a short one can put what it stands for in its place.
//
// How much a space holds is counted in the transaction that changes it, so that
// no crash lets the counts drift. What has expired counts until it is swept,
// some minutes later.
type Bounds map[string]Bound

const (
	heldPart   = 4 // of a family's bound is a holder's
	growthPart = 8 // of a bound is what a record may grow past it
)

// NoRoomError says that a space's family, or its holder, has reached its bound.
type NoRoomError struct{ Space string }

func (e *NoRoomError) Error() string { return "the bound of " + e.Space + " is reached" }

// NoRoom tells this error from those of a store in trouble.
func (e *NoRoomError) NoRoom() bool { return true }

// family and holder are those of a space; "" when its name has no slash, and
// nothing is counted.
func family(space string) string {
	name, _, counted := strings.Cut(space, "/")
	if !counted {
		return ""
	}
	return name
}

func holder(space string) string {
	first, rest, counted := strings.Cut(space, "/")
	if !counted {
		return ""
	}
	second, _, _ := strings.Cut(rest, "/")
	return first + "/" + second
}

// of is what a family and one holder of it may have.
func (b Bounds) of(space string) (all, each Bound, bounded bool) {
	all, bounded = b[family(space)]
	return all, Bound{all.Bytes / heldPart, all.Records / heldPart}, bounded
}

// grown is the bound for a record that there is.
func (b Bound) grown() Bound {
	return Bound{b.Bytes + b.Bytes/growthPart, b.Records + b.Records/growthPart}
}

// takes reports whether what is there may become more by so much. Less is
// always taken.
func (b Bound) takes(there, more Bound) bool {
	return (more.Bytes <= 0 || there.Bytes+more.Bytes <= b.Bytes) && (more.Records <= 0 || there.Records+more.Records <= b.Records)
}
