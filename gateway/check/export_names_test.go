package check

// SoundAlike is the check's own match of a Hindi and an English word.
func SoundAlike(hindi, english string) bool {
	return skeletonHi(hindi) == skeletonEn(english) && len(skeletonHi(hindi)) >= 3
}

// Institution reports whether a word is common, though written large in English.
func Institution(word string) bool {
	return institution(englishNameForm(word)) || commonHindi[hindiNameForm(word)] || properEnglish[englishNameForm(word)]
}
