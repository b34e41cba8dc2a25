package article_test

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// The layout of Kruti Dev 010 as far as Hindi news needs it: full letters, half
// letters (before a virama), vowel signs.
var (
	krutiFull = map[rune]string{
		'क': "d", 'ख': "[k", 'ग': "x", 'घ': "?k", 'ङ': "³", 'च': "p", 'छ': "N", 'ज': "t", 'झ': ">", 'ञ': "¥k", 'ट': "V", 'ठ': "B", 'ड': "M",
		'ढ': "<", 'ण': ".k", 'त': "r", 'थ': "Fk", 'द': "n", 'ध': "/k", 'न': "u", 'प': "i", 'फ': "Q", 'ब': "c", 'भ': "Hk", 'म': "e", 'य': ";",
		'र': "j", 'ल': "y", 'व': "o", 'श': "'k", 'ष': "\"k", 'स': "l", 'ह': "g", 'ळ': "G",
	}
	krutiHalf = map[rune]string{
		'क': "D", 'ख': "[", 'ग': "X", 'घ': "?", 'च': "P", 'ज': "T", 'ञ': "¥", 'ण': ".", 'त': "R", 'थ': "F", 'ध': "/", 'न': "U", 'प': "I", 'फ': "¶",
		'ब': "C", 'भ': "H", 'म': "E", 'ल': "Y", 'व': "O", 'श': "'", 'ष': "\"", 'स': "L",
	}
	krutiJoined = strings.NewReplacer("क्ष", "{k", "त्र", "=", "ज्ञ", "K", "श्र", "J", "द्व", "}", "द्य", "|", "द्ध", ")", "त्त", "Ùk", "क्र", "Ø", "रु", "#", "रू", ":")
	krutiSign   = map[rune]string{
		'ा': "k", 'ी': "h", 'ु': "q", 'ू': "w", 'ृ': "`", 'े': "s", 'ै': "S", 'ो': "ks", 'ौ': "kS", 'ं': "a", 'ँ': "¡", 'ः': "%", '्': "~", 'ॉ': "‚",
		'ॅ': "W", '़': "+",
	}
	krutiOther = map[rune]string{
		'अ': "v", 'आ': "vk", 'इ': "b", 'ई': "bZ", 'उ': "m", 'ऊ': "Å", 'ऋ': "_", 'ए': ",", 'ऐ': ",s", 'ओ': "vks", 'औ': "vkS", 'ऑ': "vk‚",
		'।': "A", ',': "]", '.': "-", '-': "&", '?': "\\", '(': "¼", ')': "½", '‘': "^", '’': "*", '“': "ß", '”': "Þ", ':': "%", '–': "&",
	}
)

// toKruti writes Hindi as a typist of Kruti Dev 010 has it in the file: the vowel sign
// i before its letters, the r on top of a syllable behind it.
func toKruti(s string) string {
	rs := []rune(norm.NFC.String(s))
	var out strings.Builder
	for i := 0; i < len(rs); {
		if krutiFull[rs[i]] == "" {
			out.WriteString(krutiLone(rs[i]))
			i++
			continue
		}
		j := i + 1 // the end of the syllable
		for j < len(rs) && (krutiSign[rs[j]] != "" || rs[j] == 'ि' || rs[j-1] == '्' && krutiFull[rs[j]] != "") {
			j++
		}
		out.WriteString(krutiSyllable(rs[i:j]))
		i = j
	}
	return out.String()
}

func krutiLone(r rune) string {
	if s, ok := krutiOther[r]; ok {
		return s
	}
	if s, ok := krutiSign[r]; ok {
		return s
	}
	return string(r)
}

func krutiSyllable(rs []rune) string {
	reph := len(rs) > 2 && rs[0] == 'र' && rs[1] == '्'
	if reph {
		rs = rs[2:]
	}
	var body, signs strings.Builder
	short := false // the vowel sign i
	text := []rune(krutiJoined.Replace(string(rs)))
	for k := 0; k < len(text); k++ {
		r := text[k]
		next := func(n int) rune {
			if k+n < len(text) {
				return text[k+n]
			}
			return 0
		}
		switch {
		case r == 'ि':
			short = true
		case r == '्' && next(1) == 'र':
			body.WriteString("z")
			k++
		case krutiHalf[r] != "" && next(1) == '्' && next(2) != 'र' && next(2) != 0:
			body.WriteString(krutiHalf[r])
			k++
		case krutiFull[r] != "":
			body.WriteString(krutiFull[r])
		case krutiSign[r] != "" && r != '्' && r != '़':
			signs.WriteString(krutiSign[r])
		case krutiSign[r] != "":
			body.WriteString(krutiSign[r])
		default:
			body.WriteRune(r) // already written by krutiJoined
		}
	}
	out := body.String()
	if short {
		out = "f" + out
	}
	out += signs.String()
	if reph {
		out += "Z"
	}
	return out
}
