package api_test

import (
	"context"
	"fmt"
	"log"

	"dubhashi/gateway/api"
)

func ExampleClient() {
	c := &api.Client{Base: "http://127.0.0.1:8090"}
	text := "अब आखिरी ट्रेन रात 10 बजे के बजाय 12 बजे चलेगी।"
	a, err := c.Article(context.Background(), api.ArticleRequest{Text: &text})
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range a.Paragraphs {
		if p.Target != nil {
			fmt.Println(*p.Target)
		}
	}
}
