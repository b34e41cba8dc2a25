package check_test

import (
	"strings"
	"testing"

	"dubhashi/gateway/check"
)

func BenchmarkTranslation(b *testing.B) {
	p := check.Pair{
		Source: strings.Repeat("सरकार ने कहा कि नई योजना अगले महीने शुरू होगी। ", 3),
		Target: strings.Repeat("The government said that the new scheme would start next month. ", 3),
		From:   "hi", To: "en",
	}
	for b.Loop() {
		if found := check.Translation(p); found != nil {
			b.Fatal(found)
		}
	}
}
