package check

import (
	"fmt"
	"strings"
	"sync"
)

// Names that a text has instead of another of their kind, and only by mistake: a month
// for a month. Countries are not among them: Britain is called England, and Washington
// America.
var calendarNames = [...]string{
	"january february march april may june july august september october november december",
	"monday tuesday wednesday thursday friday saturday sunday",
}

// calendar gives the concepts of calendarNames, by kind.
var calendar = sync.OnceValue(func() (kinds [len(calendarNames)][]uint16) {
	known := words()
	for k, names := range calendarNames {
		for name := range strings.FieldsSeq(names) {
			kinds[k] = append(kinds[k], known.forms[name].concepts[0])
		}
	}
	return kinds
})

// calendarFinding finds a month, or a day of the week, that stands for another: one
// side has a name of a kind that the other has not, and the other one of its own. Of
// 4,500 human translations it names none but those with such a mistake.
func calendarFinding(source, target *parsed) (Finding, bool) {
	for k, kind := range calendar() {
		lost, added := -1, false
		for i, c := range kind {
			one := [...]uint16{c}
			switch have, got := source.concepts.hasAny(one[:]), target.concepts.hasAny(one[:]); {
			case have && !got:
				lost = i
			case got && !have:
				added = true
			}
		}
		if lost >= 0 && added {
			name := strings.Fields(calendarNames[k])[lost]
			name = strings.ToUpper(name[:1]) + name[1:]
			return Finding{Code: NumberMissing, Message: fmt.Sprintf("%s of the source is another month or day in the answer", name),
				Ask: fmt.Sprintf("the source has %s, and the translation another month or day: write that of the source", name)}, true
		}
	}
	return Finding{}, false
}
