package prompts_test

import (
	"fmt"

	"dubhashi/prompts"
)

func ExampleTranslate() {
	const text = "भाजपा ने 3.5 करोड़ सदस्य बनाए।"
	p := prompts.Translate(prompts.Translation{
		Source: "hi", Target: "en", Segments: []string{text},
		Glossary: prompts.Terms("hi", "en", text),
	})
	fmt.Println(p.Messages[1].Content)
	// Output: {"task":"translate","source":"hi","target":"en","segments":{"1":"भाजपा ने 3.5 करोड़ सदस्य बनाए।"},"glossary":{"भाजपा":"BJP"},"register":"news"}
}

func ExampleMatch() {
	fmt.Println(prompts.Match("नई योजनाओं पर बहस", "योजना"))
	fmt.Println(prompts.Match("भाजपाई नेता", "भाजपा"))
	// Output:
	// true
	// false
}
