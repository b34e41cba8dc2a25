// Package score measures translations against one reference each: chrF++ and
// BLEU of a whole corpus, the two figures that papers and model cards print.
//
// Both give what sacrebleu gives with its defaults (chrF with word order 2),
// so that a figure from here can be compared with published ones:
//
//   - chrF++: Maja Popović, "chrF++: words helping character n-grams", WMT 2017
//     (aclanthology.org/W17-4770): character n-grams up to 6 and word n-grams
//     up to 2, recall weighted twice as much as precision.
//   - BLEU: Kishore Papineni et al., "BLEU: a Method for Automatic Evaluation
//     of Machine Translation", ACL 2002 (aclanthology.org/P02-1040), up to
//     4-grams.
//   - What the papers leave open, from tokenization to smoothing, is settled as
//     in Matt Post, "A Call for Clarity in Reporting BLEU Scores", WMT 2018
//     (aclanthology.org/W18-6319), by the tool that it describes.
//
// Segments are added one by one; what is kept of them is counts. A score is of
// the corpus: it is not the mean of its segments' scores.
//
//	var c score.ChrF
//	c.Add("The bridge opens Monday.", "The bridge opens on Monday.")
//	c.Score() // from 0 to 100
//
// A type's Add and Score must not be called at the same time.
package score

// The signatures by which sacrebleu says how a score was made. The version is
// that of the sacrebleu whose figures the tests hold.
const (
	ChrFSignature = "nrefs:1|case:mixed|eff:yes|nc:6|nw:2|space:no|version:2.6.0"
	BLEUSignature = "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0"
)
