package check_test

import (
	"testing"

	"dubhashi/gateway/check"
)

// paragraph is an average one of news, with a number, names and three terms.
var paragraph = [2]string{
	"जल संसाधन मंत्री रेखा चौहान ने सोमवार को भोपाल में कहा कि नहर योजना के दूसरे चरण पर 450 करोड़ रुपये खर्च होंगे, और गाँवों की समितियाँ जून तक पाइप बिछाने का काम पूरा कर लेंगी।",
	"Water resources minister Rekha Chauhan said in Bhopal on Monday that Rs 450 crore would be spent on the second phase of the canal scheme, and that village committees would finish laying the pipes by June.",
}

func BenchmarkTranslation(b *testing.B) {
	for _, row := range []struct {
		name string
		pair check.Pair
	}{
		{"hi→en", check.Pair{Source: paragraph[0], Target: paragraph[1], From: "hi", To: "en",
			Glossary: map[string]string{"नहर योजना": "canal scheme", "समिति": "village committee", "चरण": "phase"}}},
		{"en→hi", check.Pair{Source: paragraph[1], Target: paragraph[0], From: "en", To: "hi",
			Glossary: map[string]string{"canal scheme": "नहर योजना", "committee": "समिति", "phase": "चरण"}}},
	} {
		b.Run(row.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if found := check.Translation(row.pair); found != nil {
					b.Fatal(found)
				}
			}
		})
	}
}
