package check

import (
	"regexp"
	"strings"
)

// The words of a Hindi text that say "you" in one form of address: pronouns with what
// is glued to them, and orders. Orders are few, for the polite form of most verbs is
// the subjunctive too (वे करें), and so is that of a familiar one often a slogan.
var (
	aapWords  = forms(`आप आपका आपकी आपके आपको आपने आपसे आपमें आपपर`)
	aapOrders = forms(`कीजिए कीजिये दीजिए दीजिये लीजिए लीजिये कीजिएगा दीजिएगा लीजिएगा बताइए बताइये देखिए देखिये सुनिए सुनिये जाइए जाइये रखिए रखिये करिए करिये`)
	tumWords  = forms(`तुम तुम्हारा तुम्हारी तुम्हारे तुम्हें तुम्हीं तुमको तुमने तुमसे तुममें तू तूने तुझे तुझको तुझसे तेरा तेरी तेरे करो बताओ जाओ देखो सुनो`)

	// itself goes before an आप that is no "you": अपने आप.
	itself = forms(`अपने अपना अपनी`)

	secondPerson = regexp.MustCompile(`(?i)\b(?:you|your|yours|yourself|yourselves|y'all)\b`)
	aamAadmi     = regexp.MustCompile(`\bAAP\b|Aam Aadmi`)
)

func forms(list string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		out[string(appendHindiForm(nil, w))] = true
	}
	return out
}

// addressFinding finds a Hindi answer that says "you" in the other form than the one
// asked for. All but the polite orders count only where the source speaks to somebody:
// आप is a party, too.
func addressFinding(p pairRead) (Finding, bool) {
	if p.Address == "" || p.To != "hi" {
		return Finding{}, false
	}
	spoken := secondPerson.MatchString(p.source.text) && !aamAadmi.MatchString(p.source.text)
	before := ""
	for word := range strings.FieldsFuncSeq(p.target.text, func(r rune) bool { return !devanagariLetter(r) && r != '\u200c' && r != '\u200d' }) {
		form := string(appendHindiForm(nil, word))
		switch {
		case p.Address == "tum" && (aapOrders[form] || spoken && aapWords[form] && !itself[before]):
			return Finding{Code: Address, Message: `"you" is आप, and तुम was asked for`,
				Ask: `say "you" as तुम everywhere (तुम्हारा, तुम्हें, करो, दो), never as आप (आपका, कीजिए, करें)`}, true
		case p.Address == "aap" && spoken && tumWords[form]:
			return Finding{Code: Address, Message: `"you" is तुम or तू, and आप was asked for`,
				Ask: `say "you" as आप everywhere (आपका, आपको, करें or कीजिए), never as तुम or तू (तुम्हारा, करो)`}, true
		}
		before = form
	}
	return Finding{}, false
}
