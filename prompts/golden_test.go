package prompts_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dubhashi/prompts"
)

var update = flag.Bool("update", false, "rewrite the golden files and testdata/version.lock")

const (
	hiLead    = "लखनऊ, 17 नवंबर (भाषा)। भाजपा ने ढाई लाख नए सदस्य बनाए और 3.5 करोड़ रुपये जुटाए।"
	hiPronoun = "उन्होंने कहा कि योजना से २५ गांवों को लाभ होगा।"
	hiMixed   = "सरकार ने नया portal launch किया, <1>पंजीकरण</1> <2/> पर होगा।"
	enLead    = "New Delhi, Nov 17 (PTI): The BJP said on Monday it had enrolled 35 million members."
	enPlain   = "She said the scheme would help farmers."
)

// cases are the prompts that golden files hold, one for each shape.
var cases = map[string]func() prompts.Prompt{
	"translate_hi-en_minimal": func() prompts.Prompt {
		return prompts.Translate(prompts.Translation{Source: "hi", Target: "en", Segments: []string{"नदी का पानी उतर रहा है।"}})
	},
	"translate_hi-en_article": func() prompts.Prompt {
		return prompts.Translate(prompts.Translation{
			Source: "hi", Target: "en", Segments: []string{hiLead, hiPronoun},
			Title: "सदस्यता अभियान पूरा", Before: "प्रदेश अध्यक्ष सुनीता देवी ने पत्रकारों से बात की।",
			Glossary: prompts.Terms("hi", "en", hiLead+"\n"+hiPronoun), Register: "news", Numerals: "latin",
		})
	},
	"translate_hi-en_everything": func() prompts.Prompt {
		return prompts.Translate(prompts.Translation{
			Source: "hi", Target: "en", Segments: []string{hiLead, hiPronoun, hiMixed},
			Title: "शीर्षक", Before: "पहला अनुच्छेद।", Glossary: map[string]string{"भाजपा": "BJP"}, Register: "formal", Numerals: "keep",
			Fix: map[string]prompts.Fix{"2": {Text: "He said 52 villages would gain.", Problems: []string{"number 25 missing", "number 52 added"}}},
		})
	},
	"translate_hi-en_repair": func() prompts.Prompt {
		return prompts.Translate(prompts.Translation{
			Source: "hi", Target: "en", Segments: []string{hiPronoun, hiMixed}, IDs: []string{"2", "5"},
			Fix: map[string]prompts.Fix{
				"2": {Text: "He said <the> \"plan\" & so on.", Problems: []string{"number 25 missing"}},
				"5": {Problems: []string{"missing from the answer"}},
			},
		})
	},
	"translate_hi-en_romanised": func() prompts.Prompt {
		return prompts.Translate(prompts.Translation{Source: "hi", Target: "en", Segments: []string{"aaj mausam bahut accha hai"}, Register: "colloquial"})
	},
	"translate_hi-en_mixed": func() prompts.Prompt {
		return prompts.Translate(prompts.Translation{Source: "hi", Target: "en", Segments: []string{hiMixed}})
	},
	"translate_en-hi_minimal": func() prompts.Prompt {
		return prompts.Translate(prompts.Translation{Source: "en", Target: "hi", Segments: []string{enPlain}, Numerals: "keep"})
	},
	"translate_en-hi_article": func() prompts.Prompt {
		return prompts.Translate(prompts.Translation{
			Source: "en", Target: "hi", Segments: []string{enLead, enPlain}, Title: "Membership drive ends", Before: "Sunita Devi spoke to reporters.",
			Glossary: prompts.Terms("en", "hi", enLead+"\n"+enPlain), Register: "news",
		})
	},
	"translate_en-hi_everything": func() prompts.Prompt {
		return prompts.Translate(prompts.Translation{
			Source: "en", Target: "hi", Segments: []string{enLead, "Register <1>here</1> at <2/>."}, Title: "T", Before: "B.",
			Glossary: map[string]string{"BJP": "भाजपा"}, Register: "colloquial", Numerals: "devanagari",
			Fix: map[string]prompts.Fix{"1": {Text: "भाजपा ने कहा।", Problems: []string{"number 35000000 missing"}}},
		})
	},
	"plain_hi-en": func() prompts.Prompt {
		return prompts.TranslatePlain(prompts.Translation{Source: "hi", Target: "en", Segments: []string{hiPronoun}})
	},
	"plain_en-hi_terms_tags": func() prompts.Prompt {
		return prompts.TranslatePlain(prompts.Translation{
			Source: "en", Target: "hi", Segments: []string{"The <1>BJP</1> and the SCO."}, Glossary: map[string]string{"SCO": "एससीओ", "BJP": "भाजपा"}, Register: "formal",
			Title: "left out", Before: "left out",
		})
	},
	"reword_hi-en": func() prompts.Prompt {
		return prompts.Reword(prompts.Rewording{
			Translation: prompts.Translation{Source: "hi", Target: "en", Segments: []string{hiLead}, Glossary: map[string]string{"भाजपा": "BJP"}, Title: "left out"},
			Known:       []string{"Lucknow, 17 November (PTI-Bhasha): The BJP enrolled 250,000 new members and raised Rs 35 million."}, Count: 3,
		})
	},
	"reword_en-hi_one": func() prompts.Prompt {
		return prompts.Reword(prompts.Rewording{
			Translation: prompts.Translation{Source: "en", Target: "hi", Segments: []string{"She said <1>the scheme</1> would help 35 million farmers."}, Register: "formal", Numerals: "devanagari"},
			Known:       []string{"उन्होंने कहा कि <1>योजना</1> से ३.५ करोड़ किसानों को मदद मिलेगी।", "उनके अनुसार <1>योजना</1> ३.५ करोड़ किसानों के काम आएगी।"}, Count: 1,
		})
	},
	"translate_en-hi_wishes": func() prompts.Prompt {
		return prompts.Translate(prompts.Translation{
			Source: "en", Target: "hi", Segments: []string{"Open <1>Settings</1> and tell us your name."}, Register: "colloquial", Address: "tum",
			Instructions: []string{"Keep the sentences short.", "Write \"app\" as ऐप."}, Background: "Help pages of a photo app for children.",
		})
	},
	"translate_en-hi_address_aap": func() prompts.Prompt {
		return prompts.Translate(prompts.Translation{Source: "en", Target: "hi", Segments: []string{"Tell us your name."}, Address: "aap"})
	},
	"translate_hi-en_wishes": func() prompts.Prompt {
		return prompts.Translate(prompts.Translation{
			Source: "hi", Target: "en", Segments: []string{hiPronoun}, Before: "पहला अनुच्छेद।", Address: "tum",
			Instructions: []string{"Use American spelling."}, Background: "The speaker is Sunita Devi, a minister.",
			Fix: map[string]prompts.Fix{"1": {Text: "He said 52 villages would gain.", Problems: []string{"number 25 missing"}}},
		})
	},
	"plain_en-hi_address": func() prompts.Prompt {
		return prompts.TranslatePlain(prompts.Translation{
			Source: "en", Target: "hi", Segments: []string{"Tell us your name."}, Address: "tum", Instructions: []string{"left out"}, Background: "left out",
		})
	},
	"summary_paragraph_hi-en": func() prompts.Prompt {
		return prompts.Summarize(prompts.Summary{Source: "hi", Target: "en", Style: "paragraph", MaxWords: 120, Title: "सदस्यता अभियान पूरा", Paragraphs: []string{hiLead, hiPronoun}, Names: map[string]string{"भाजपा": "BJP"}})
	},
	"summary_paragraph_hi-hi": func() prompts.Prompt {
		return prompts.Summarize(prompts.Summary{Source: "hi", Target: "hi", MaxWords: 60, Paragraphs: []string{hiLead, hiPronoun}})
	},
	"summary_paragraph_en-hi": func() prompts.Prompt {
		return prompts.Summarize(prompts.Summary{Source: "en", Target: "hi", Style: "paragraph", MaxWords: 250, Title: "Membership drive ends", Paragraphs: []string{enLead, enPlain}})
	},
	"summary_paragraph_en-en_shortest": func() prompts.Prompt {
		return prompts.Summarize(prompts.Summary{Source: "en", Target: "en", Style: "paragraph", MaxWords: 10, Paragraphs: []string{enLead}})
	},
	"summary_bullets_hi-en": func() prompts.Prompt {
		return prompts.Summarize(prompts.Summary{Source: "hi", Target: "en", Style: "bullets", MaxWords: 120, Paragraphs: []string{hiLead, hiPronoun}})
	},
	"summary_bullets_en-hi_few_words": func() prompts.Prompt {
		return prompts.Summarize(prompts.Summary{Source: "en", Target: "hi", Style: "bullets", MaxWords: 30, Paragraphs: []string{enLead, enPlain}})
	},
	"summary_headline_hi-en": func() prompts.Prompt {
		return prompts.Summarize(prompts.Summary{Source: "hi", Target: "en", Style: "headline", MaxWords: 120, Paragraphs: []string{hiLead, hiPronoun}})
	},
	"summary_headline_en-hi": func() prompts.Prompt {
		return prompts.Summarize(prompts.Summary{Source: "en", Target: "hi", Style: "headline", MaxWords: 10, Paragraphs: []string{enLead}})
	},
	"summary_brief_hi-en": func() prompts.Prompt {
		return prompts.Summarize(prompts.Summary{Source: "hi", Target: "en", Style: "brief", MaxWords: 120, Paragraphs: []string{hiLead, hiPronoun}})
	},
	"summary_brief_en-hi": func() prompts.Prompt {
		return prompts.Summarize(prompts.Summary{Source: "en", Target: "hi", Style: "brief", MaxWords: 20, Paragraphs: []string{enLead}})
	},
	"summary_part": func() prompts.Prompt {
		return prompts.Summarize(prompts.Summary{Source: "hi", Target: "en", Style: "paragraph", MaxWords: 150, Title: "सदस्यता अभियान पूरा", Paragraphs: []string{hiLead, hiPronoun}, Part: 2, Parts: 5})
	},
	"summary_join": func() prompts.Prompt {
		return prompts.Summarize(prompts.Summary{Source: "en", Target: "en", Style: "bullets", MaxWords: 90, Title: "सदस्यता अभियान पूरा", Paragraphs: []string{"First part.", "Second part."}, Parts: 2})
	},
	"summary_shorten": func() prompts.Prompt {
		return prompts.Summarize(prompts.Summary{
			Source: "hi", Target: "en", Style: "paragraph", MaxWords: 120, Paragraphs: []string{hiLead, hiPronoun},
			Fix: &prompts.Fix{TooLong: true, Text: "A summary that runs on.", Problems: []string{"140 words, the limit is 120"}},
		})
	},
}

// show writes a prompt as a golden file has it.
func show(p prompts.Prompt) string {
	var b strings.Builder
	for _, m := range p.Messages {
		b.WriteString("-- " + m.Role + " --\n" + m.Content + "\n")
	}
	if p.Schema != nil {
		var s bytes.Buffer
		if err := json.Indent(&s, p.Schema, "", " "); err != nil {
			return err.Error()
		}
		b.WriteString("-- schema " + p.SchemaName + " --\n" + s.String() + "\n")
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, prompt := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join("testdata", "golden", name+".txt")
			got := show(prompt())
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatalf("%v (go test ./prompts -update writes it)", err)
			}
			if got != string(want) {
				t.Errorf("the prompt differs from %s\ngot:\n%s\nwant:\n%s", file, got, want)
			}
		})
	}
}

// A golden file that no case writes any more would be kept for ever.
func TestGoldenFilesAllUsed(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "golden", "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if _, ok := cases[strings.TrimSuffix(filepath.Base(f), ".txt")]; !ok {
			t.Errorf("%s belongs to no case", f)
		}
	}
}
