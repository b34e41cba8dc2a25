// Package article reads an article into blocks and writes it back.
//
// [Parse] splits plain text, HTML or Markdown into a [Document]: title, byline,
// dateline, headings, paragraphs, list items, quotes, captions and code, each piece
// of text once and in order, with the same words and kinds whatever the format.
// [Block.Segments] gives what a model sees of a block, its marks, URLs and
// placeholders masked; [Segment.Restore] and [Block.Join] make content of the answer
// again, every atom exactly once whatever the answer is. [Document.Render] puts the
// contents back where the input had them, or writes another format; [Page] sets
// source and target side by side.
//
// [ParseMarkup] is for texts in HTML or XML that come back in place: every byte that
// is no translated text stays as it was, faults included.
//
// Beside them stands what is to be known of the languages: [Sentences] for Hindi and
// English, [Fold] for keys and comparison, [Detect], [LegacyFont] and [RepairMojibake]
// for text that comes in another language, a font's private code or broken.
//
// The package never fetches, calls a model, reads a file or keeps anything: all of it
// is pure functions of the text, linear in its length. What one block is does not
// depend on text far away from it, so that an edit changes no other block.
//
//	d, err := article.Parse(input, article.Options{Format: article.Markdown})
//	if err != nil {
//		return err // article.ErrEmpty
//	}
//	contents := make([]article.Inline, len(d.Blocks))
//	for i, b := range d.Blocks {
//		var parts []article.Inline
//		for _, s := range b.Segments(1500) {
//			part, _ := s.Restore(translate(s.Text))
//			parts = append(parts, part)
//		}
//		contents[i] = b.Join(parts)
//	}
//	output := d.Render(article.Markdown, contents)
package article
