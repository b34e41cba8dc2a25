package gateway

import "dubhashi/gateway/article"

// Detect tells a text's language as the gateway takes it: Hindi whose bytes were
// read in the wrong encoding is mended first.
func Detect(text string) article.Detection {
	if fixed, ok := article.RepairMojibake(text); ok {
		text = fixed
	}
	return article.Detect(text)
}
