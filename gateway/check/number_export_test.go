package check

// NumberFindings opens the check of numbers to the tests.
func NumberFindings(source, target, from, to string) []Finding {
	return NumberFindingsPlain(plain(source), plain(target), from, to)
}

// NumberFindingsPlain is NumberFindings of texts that are plain already.
func NumberFindingsPlain(source, target, from, to string) []Finding {
	return numberFindings(numbersOf(source, from), numbersOf(target, to), to)
}

// NumberValues gives the numbers of a text as they are written and what they are worth.
func NumberValues(text, lang string) (written []string, values []float64) {
	for _, n := range numbersOf(plain(text), lang) {
		written = append(written, n.text)
		values = append(values, n.value.float())
	}
	return written, values
}

// HindiUnits are the number words below a hundred.
const HindiUnits = hindiUnits

// Plain is the text that the numbers are read from.
func Plain(text string) string { return plain(text) }
