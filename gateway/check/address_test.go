package check_test

import (
	"regexp"
	"testing"

	"dubhashi/gateway/check"
)

func TestAddress(t *testing.T) {
	t.Parallel()
	rows := []struct {
		source, target, address string
		wrong                   bool
	}{
		{"Do you know your number?", "क्या आप अपना नंबर जानते हैं?", "tum", true},
		{"Do you know your number?", "क्या आप अपना नंबर जानते हैं?", "aap", false},
		{"Do you know your number?", "क्या आप अपना नंबर जानते हैं?", "", false},
		{"Do you know your number?", "क्या तुम अपना नंबर जानते हो?", "tum", false},
		{"Do you know your number?", "क्या तुम अपना नंबर जानते हो?", "aap", true},
		{"We told you yesterday.", "हमने तुम्हें कल बताया था।", "aap", true},
		{"We told you yesterday.", "हमने तुम्\u200dहें कल बताया था।", "aap", true}, // with a joiner
		{"We told you yesterday.", "हमने आप लोगों को कल बताया था।", "tum", true},
		{"Your form is ready.", "आपका फ़ॉर्म तैयार है।", "tum", true},
		{"Fill in the form.", "फ़ॉर्म भर दीजिए।", "tum", true},
		{"Fill in the form.", "फ़ॉर्म भर दो।", "tum", false},
		{"Fill in the form.", "फ़ॉर्म भरें।", "tum", false}, // may be the subjunctive
		{"The door opened by itself.", "दरवाज़ा अपने आप खुल गया।", "tum", false},
		{"You see, the door opened by itself.", "देखते हो, दरवाज़ा अपने आप खुल गया।", "tum", false},
		{"AAP says you can vote.", "आप का कहना है कि तुम वोट दे सकते हो।", "tum", false},
		{"The party won two seats.", "आप ने दो सीटें जीतीं।", "tum", false},
		{"The slogan was a call to act.", "नारा था, करो या मरो।", "aap", false},
		{"Young people came.", "युवा आपस में मिले।", "tum", false},
	}
	for _, row := range rows {
		found := check.Translation(check.Pair{Source: row.source, Target: row.target, From: "en", To: "hi", Address: row.address})
		wrong := false
		for _, f := range found {
			if f.Code == check.Address {
				wrong = true
				if f.Hard || f.Minor || f.Ask == "" {
					t.Errorf("%s: the finding is %+v", row.target, f)
				}
			}
		}
		if wrong != row.wrong {
			t.Errorf("%q as %q, asked for %q: wrong is %v", row.source, row.target, row.address, wrong)
		}
	}
}

// Human translations say आप nearly always. Asked for तुम, those that speak to nobody
// are left alone but for a few polite orders; asked for आप, nearly all are.
func TestAddressOfHumans(t *testing.T) {
	t.Parallel()
	you := regexp.MustCompile(`(?i)\byou`)
	spoken, found, unspoken, familiar := 0, 0, 0, 0
	for _, set := range sets {
		for _, file := range set.files {
			for _, h := range thin(humans(t, file)) {
				p := h.both()[1]
				to := you.MatchString(p.Source)
				if to {
					spoken++
				}
				p.Address = "tum"
				if has(check.Translation(p), check.Address) {
					if found++; !to {
						unspoken++
					}
				}
				p.Address = "aap"
				if has(check.Translation(p), check.Address) {
					familiar++
					t.Logf("%s\n\t%s", p.Source, p.Target)
				}
			}
		}
	}
	t.Logf("%d texts speak to somebody, %d found (%d that do not speak to anybody), %d with तुम", spoken, found, unspoken, familiar)
	if found < spoken/2 || unspoken > 5 || familiar > 10 {
		t.Error("too many or too few")
	}
}
