package check

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// nameWord is a word that may be a name.
type nameWord struct {
	text, key  string
	start, end int  // in the text, bytes
	large      bool // begins with a capital letter
	cap        bool // and not because a sentence begins
	hindi      bool
}

func (w nameWord) sound() sound {
	if w.hindi {
		return soundHi(w.key)
	}
	return soundEn(w.key)
}

// nameWords gives the words of a text in language that may be names: runs of letters
// of its script of at least 2, no acronyms in capitals, no function words. What the
// other script writes within a text is no name that could be misspelled.
func nameWords(text, language string) (words []nameWord) {
	start := -1
	sentence := true // the next word begins one
	flush := func(end int) {
		if start < 0 {
			return
		}
		raw := text[start:end]
		w := nameWord{text: raw, start: start, end: end, hindi: language == "hi"}
		start = -1
		if language == "hi" {
			w.key = hindiNameForm(raw)
			if !hindiSmall[w.key] && utf8.RuneCountInString(w.key) >= 2 {
				words = append(words, w)
			}
			return
		}
		raw = strings.TrimSuffix(strings.TrimSuffix(strings.TrimRight(raw, "'"), "'s"), "'S")
		w.text, w.key = raw, englishNameForm(raw)
		first, _ := utf8.DecodeRuneInString(raw)
		w.large = unicode.IsUpper(first)
		w.cap = w.large && !sentence
		sentence = false
		if len(w.key) >= 3 && !englishSmall[w.key] && !acronym(raw) {
			words = append(words, w)
		}
	}
	for i, r := range text {
		inside := false
		switch {
		case language == "hi":
			inside = devanagariLetter(r)
		case r == '\'':
			inside = start >= 0
		default:
			inside = latinLetter(r) != 0 || r >= 0x300 && r < 0x370 // combining accents
		}
		if inside {
			if start < 0 {
				start = i
			}
			continue
		}
		flush(i)
		sentence = sentence && r != ',' || strings.ContainsRune(".!?:;\"\n–—()|", r)
	}
	flush(len(text))
	return words
}

// looseHindi also folds what writers of Hindi vary in names: the length of i and u,
// e and ai, o and au.
func looseHindi(key string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case 'ी', 'ू', 'ै', 'ौ', 'ई', 'ऊ', 'ऐ', 'औ':
			return r - 1 // the sign before it in Unicode is the short one
		case 'ॉ', 'ऑ':
			return r + 2 // o
		}
		return r
	}, key)
}

// englishSmall and hindiSmall are function words, which are no names, whatever they
// sound like.
var (
	englishSmall = wordSet(`the and for but not nor yet with from into onto over under after before about above below between through during against
this that these those there then than they them their she her his him its our your you who whom whose which what when where why how
are was were has have had does did been being will would shall should can could may might must one two three four five six seven eight nine ten
all any each every some such only also just very more most much many few own same other another both either neither here now still
said says say get got let put see saw out off per via yes`)
	hindiSmall = formSet(`के में है को की से और कि ने का लिए पर हैं एक कहा किया करने भी था इस हो कर गया जो वाले अपने बताया वह वे ही हुए बात रहे कुछ बहुत गए दिया
होने रहा या उन्हें थी जब उनके थे गई द्वारा रूप जा करते तो किसी सकता करना तरह अपनी उसके कोई कई उस बारे फिर रही हुआ अब उसे इसके ऐसा बार किए पता तौर जिसमें सबसे हुई
जाने वाली उन होगा आगे सकते जिससे जाता देखा देने अभी न करके वाला चाहिए इसे पाया लिया अपना दी पूरी सकती उनका खुद उसकी उनकी लगता करता जाएगा आने इससे लेकर हर ओर
होता कहना लगा तब ऐसे जाना लगाया जैसे उसका इसलिए ले इन करती जिन्होंने हूं इसमें बना अन्य बनाने भाग बन इसका जाए ठीक आ जाएगी जिसका देते थीं जिसे जिस मिला बजे सामने ऐसी
मतलब इसकी बनाया अलग मिल आए लगाने होते जिसकी होगी होती रह जैसा जाएंगे ताकि भर जिनमें रखा रखने बिल्कुल प्रति पूरे वालों उनसे अलावा किस पूरा चलते यह ये वो इसी उसी यहां
वहां जहां कहते कहता कहती रहता रहती रहने रख दे दो तीन चार सा सी किसे जिन कहने करे करें करो किन हुये गये लगे लगी तथा एवं व बल्कि वही यही यहीं कहीं काफी थोड़ा दिए दिये लिये
चल चला नहीं मैं हम तुम आप मेरा मेरे मेरी हमारा हमारे हमारी आपका आपके आपकी मुझे हमें तुम्हें आपको उन्होंने इन्होंने उसने इसने किसने मैंने हमने आपने क्या क्यों कैसे कब कहां
कौन कितने कितना कितनी लेकिन मगर परंतु क्योंकि यदि अगर तक साथ बाद पहले दौरान बीच ऊपर नीचे अंदर बाहर पास दूर जी हां ना सब सभी दोनों पांच छह सात आठ नौ दस`)
)
