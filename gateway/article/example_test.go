package article_test

import (
	"fmt"

	"dubhashi/gateway/article"
)

func ExampleParse() {
	d, err := article.Parse("पुल पर फैसला\nनगर ब्यूरो\nलखनऊ, 17 नवंबर\nकाम शुरू होगा। सब खुश हैं।", article.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, b := range d.Blocks {
		fmt.Printf("%s: %s\n", b.Kind, b)
	}
	// Output:
	// title: पुल पर फैसला
	// byline: नगर ब्यूरो
	// dateline: लखनऊ, 17 नवंबर
	// paragraph: काम शुरू होगा। सब खुश हैं।
}

func ExampleSegment_Restore() {
	d, err := article.Parse("देखें **पूरी खबर** https://a.example/x पर।", article.Options{Format: article.Markdown})
	if err != nil {
		fmt.Println(err)
		return
	}
	s := d.Blocks[0].Segments(1500)[0]
	fmt.Println(s.Text)
	in, lost := s.Restore("See the <1>full story</1>.")
	fmt.Println(in, lost)
	fmt.Println(d.Render(article.Markdown, []article.Inline{in}))
	// Output:
	// देखें <1>पूरी खबर</1> <2/> पर।
	// See the full story. https://a.example/x [<2/>]
	// See the **full story**. https://a.example/x
}

func ExampleSentences() {
	for _, s := range article.Sentences("डॉ. राम ने रु. 3.5 लाख दिए।सब खुश हुए| धन्यवाद!") {
		fmt.Printf("%q\n", s)
	}
	// Output:
	// "डॉ. राम ने रु. 3.5 लाख दिए।"
	// "सब खुश हुए| "
	// "धन्यवाद!"
}
