package simulator

import (
	"strings"
	"unicode"
)

// irregularEnglish are base, past and participle of the verbs that do not take -ed.
var irregularEnglish = func() map[string][2]string {
	table := make(map[string][2]string)
	for _, row := range strings.Split(`be was been,become became become,begin began begun,bend bent bent,bring brought brought,break broke broken,
		build built built,burn burned burned,buy bought bought,catch caught caught,choose chose chosen,come came come,cost cost cost,cut cut cut,deal dealt dealt,
		do did done,draw drew drawn,drink drank drunk,drive drove driven,eat ate eaten,fall fell fallen,feed fed fed,feel felt felt,
		fight fought fought,find found found,fly flew flown,forget forgot forgotten,forgive forgave forgiven,get got got,give gave given,
		go went gone,grow grew grown,have had had,hear heard heard,hit hit hit,hold held held,keep kept kept,know knew known,lay laid laid,
		lead led led,leave left left,let let let,lose lost lost,make made made,mean meant meant,meet met met,pay paid paid,put put put,read read read,
		ride rode ridden,ring rang rung,rise rose risen,run ran run,say said said,see saw seen,sell sold sold,send sent sent,set set set,
		shake shook shaken,shine shone shone,shut shut shut,sing sang sung,sit sat sat,sleep slept slept,speak spoke spoken,spend spent spent,
		spread spread spread,stand stood stood,steal stole stolen,swim swam swum,take took taken,teach taught taught,tell told told,
		think thought thought,throw threw thrown,understand understood understood,wear wore worn,win won won,withdraw withdrew withdrawn,
		write wrote written,overturn overturned overturned,undertake undertook undertaken,admit admitted admitted,stop stopped stopped,
		can could could,refer referred referred,occur occurred occurred,plan planned planned,roam roamed roamed,cancel cancelled cancelled,
		travel travelled travelled,seem seemed seemed,drown drowned drowned,hand handed handed,move moved moved`, ",") {
		if f := strings.Fields(row); len(f) == 3 {
			table[f[0]] = [2]string{f[1], f[2]}
		}
	}
	return table
}()

func pastTense(word string) string { return inflect(word, 0) }

// pastParticiple inflects the first word of a phrase.
func pastParticiple(base string) string {
	head, tail, _ := strings.Cut(base, " ")
	return strings.TrimSpace(inflect(head, 1) + " " + tail)
}

func inflect(word string, column int) string {
	if row, ok := irregularEnglish[word]; ok {
		return row[column]
	}
	switch {
	case word == "":
		return ""
	case strings.HasSuffix(word, "e"):
		return word + "d"
	case endsConsonantY(word):
		return word[:len(word)-1] + "ied"
	}
	return word + "ed"
}

// presentParticiple inflects the first word of a phrase.
func presentParticiple(base string) string {
	head, tail, _ := strings.Cut(base, " ")
	switch {
	case head == "":
	case strings.HasSuffix(head, "ie"):
		head = head[:len(head)-2] + "ying"
	case strings.HasSuffix(head, "e") && len(head) > 2 && !strings.HasSuffix(head, "ee"):
		head = head[:len(head)-1] + "ing"
	case doubles(head):
		head += head[len(head)-1:] + "ing"
	default:
		head += "ing"
	}
	return strings.TrimSpace(head + " " + tail)
}

// doubles lists the short verbs whose last consonant is doubled.
func doubles(word string) bool {
	switch word {
	case "run", "get", "put", "win", "sit", "hit", "cut", "stop", "begin", "let", "set", "shut", "plan", "swim", "admit", "forget", "cancel", "travel":
		return true
	}
	return false
}

func thirdPerson(word string) string {
	switch {
	case word == "have":
		return "has"
	case word == "do" || word == "go" || endsSibilant(word):
		return word + "es"
	case endsConsonantY(word):
		return word[:len(word)-1] + "ies"
	}
	return word + "s"
}

// irregularPlurals of nouns; the rest takes -s, -es or -ies.
var irregularPlurals = map[string]string{
	"man": "men", "woman": "women", "child": "children", "person": "people", "foot": "feet", "tooth": "teeth", "mouse": "mice",
	"wife": "wives", "life": "lives", "knife": "knives", "leaf": "leaves", "half": "halves", "thief": "thieves", "policeman": "policemen",
	"crisis": "crises", "basis": "bases", "analysis": "analyses", "phenomenon": "phenomena", "criterion": "criteria",
	"women": "women", "men": "men", "children": "children", "information": "information", "police": "police", "people": "people", "news": "news", "sheep": "sheep", "fish": "fish", "series": "series",
	"species": "species", "staff": "staff", "rice": "rice", "money": "money", "water": "water", "youth": "youth", "equipment": "equipment",
	"evidence": "evidence", "advice": "advice", "percent": "percent", "others": "others", "politics": "politics",
}

// plural inflects the last word of a phrase ("head of state" is rare enough).
func plural(phrase string) string {
	i := strings.LastIndexByte(phrase, ' ') + 1
	head, word := phrase[:i], phrase[i:]
	switch own, ok := irregularPlurals[word]; {
	case word == "":
	case ok:
		word = own
	case strings.HasSuffix(word, "s") && !strings.HasSuffix(word, "ss") && !strings.HasSuffix(word, "us"):
	case endsConsonantY(word):
		word = word[:len(word)-1] + "ies"
	case endsSibilant(word):
		word += "es"
	default:
		word += "s"
	}
	return head + word
}

func endsConsonantY(w string) bool {
	return len(w) > 1 && w[len(w)-1] == 'y' && !strings.ContainsRune("aeiou", rune(w[len(w)-2]))
}

func endsSibilant(w string) bool {
	for _, end := range []string{"s", "x", "z", "ch", "sh"} {
		if strings.HasSuffix(w, end) {
			return true
		}
	}
	return false
}

// asAdverb is an adjective as an adverb: economic → economically.
func asAdverb(adjective string) string {
	switch {
	case strings.HasSuffix(adjective, "ly") || strings.Contains(adjective, " "):
		return adjective
	case strings.HasSuffix(adjective, "ic"):
		return adjective + "ally"
	case strings.HasSuffix(adjective, "le") && len(adjective) > 4:
		return adjective[:len(adjective)-1] + "y"
	case endsConsonantY(adjective):
		return adjective[:len(adjective)-1] + "ily"
	}
	return adjective + "ly"
}

// capitalised makes the first letter upper case, behind any opening punctuation.
func capitalised(s string) string {
	for i, r := range s {
		if unicode.IsLetter(r) {
			return s[:i] + string(unicode.ToUpper(r)) + s[i+len(string(r)):]
		}
		if unicode.IsDigit(r) || isAtom(r) {
			return s
		}
	}
	return s
}
