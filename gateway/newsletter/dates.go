package newsletter

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// parseDate reads a date as feeds and pages write it: RFC 3339 and other ISO
// forms, RFC 822 with all its mistakes, and Hindi with its names of monthNames,
// digits and parts of the day. Where no zone is told it is Indian time, which
// is also what IST means here. Zero: it is no date.
func parseDate(s string) time.Time {
	if len(s) > 200 {
		return time.Time{}
	}
	s = strings.ToLower(strings.Map(plainDigit, withoutNukta(strings.Join(strings.Fields(s), " "))))
	if m := isoDate.FindStringSubmatchIndex(s); m != nil {
		return dateOf(atoi(s[m[2]:m[3]]), atoi(s[m[4]:m[5]]), atoi(s[m[6]:m[7]]), s[m[1]:])
	}
	if m := numbered.FindStringSubmatch(s); m != nil {
		day, month := atoi(m[1]), atoi(m[2]) // India writes the day first
		if month > 12 {
			day, month = month, day
		}
		return dateOf(fullYear(m[3]), month, day, strings.Replace(s, m[0], " ", 1))
	}
	return wordedDate(s)
}

var (
	isoDate    = regexp.MustCompile(`^(\d{4})[-/](\d{1,2})[-/](\d{1,2})`)
	numbered   = regexp.MustCompile(`\b(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})\b`)
	clockTime  = regexp.MustCompile(`(\d{1,2})[:.](\d{1,2})(?:[:.](\d{1,2})(?:[.,]\d+)?)?\s*(a\.?m\b|p\.?m\b)?`)
	zoneOffset = regexp.MustCompile(`(?:gmt|utc|\s|\d|m|^)\s*([+-])(\d{2}):?(\d{2})?\b`)
	zoneWord   = regexp.MustCompile(`\b([a-z]{1,5})\b`)
	digitRun   = regexp.MustCompile(`\d+`)
	letterRun  = regexp.MustCompile(`[\pL\pM]+`)
)

// wordedDate reads a date whose month is a word.
func wordedDate(s string) time.Time {
	for _, at := range letterRun.FindAllStringIndex(s, -1) {
		month := monthOf(s[at[0]:at[1]])
		if month == 0 {
			continue
		}
		before, after := digitRun.FindAllStringIndex(s[:at[0]], -1), digitRun.FindAllStringIndex(s[at[1]:], -1)
		for i := range after {
			after[i][0], after[i][1] = after[i][0]+at[1], after[i][1]+at[1]
		}
		switch {
		case len(before) > 0 && at[0]-before[len(before)-1][1] <= 4: // 24 November 2026
			day := before[len(before)-1]
			if len(after) > 0 && !strings.HasPrefix(s[after[0][1]:], ":") {
				year := after[0]
				return dateOf(fullYear(s[year[0]:year[1]]), month, atoi(s[day[0]:day[1]]), s[year[1]:]+" "+s[:day[0]])
			}
		case len(after) > 1: // November 24, 2026, and the date of a C library: nov 24 15:04:05 2026
			day := after[0]
			for _, year := range after[1:] {
				if year[1]-year[0] == 4 && !strings.ContainsAny(s[year[0]-1:year[0]], "+-") {
					rest := s[day[1]:year[0]] + " " + s[year[1]:]
					return dateOf(atoi(s[year[0]:year[1]]), month, atoi(s[day[0]:day[1]]), rest)
				}
			}
		}
		return time.Time{}
	}
	return time.Time{}
}

// dateOf is a day at the time that the rest of the text tells.
func dateOf(year, month, day int, rest string) time.Time {
	hour, minute, second := 0, 0, 0
	if m := clockTime.FindStringSubmatchIndex(rest); m != nil {
		part := func(i int) string {
			if m[2*i] < 0 {
				return ""
			}
			return rest[m[2*i]:m[2*i+1]]
		}
		hour, minute, second = atoi(part(1)), atoi(part(2)), atoi(part(3))
		hour = hourOf(hour, part(4), rest)
		rest = rest[:m[0]] + " " + rest[m[1]:]
	}
	if year < 1970 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 24 || minute > 59 || second > 60 {
		return time.Time{}
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, 0, zoneOf(rest))
	if hour < 24 && t.Day() != day {
		return time.Time{} // 31 June
	}
	return t
}

// hourOf is an hour of the day's 24, of one that a half of the day is told for.
func hourOf(hour int, half, rest string) int {
	if hour > 12 {
		return hour
	}
	pm := strings.HasPrefix(half, "p")
	am := strings.HasPrefix(half, "a")
	for _, w := range letterRun.FindAllString(rest, -1) {
		switch w {
		case "अपराह्न", "दोपहर", "शाम", "सायं":
			pm = w != "दोपहर" || hour < 6 || hour == 12
		case "पूर्वाह्न", "सुबह", "प्रातः", "तड़के", "तडके":
			am = true
		case "रात":
			pm, am = hour >= 6 && hour < 12, hour < 6 || hour == 12
		}
	}
	switch {
	case pm && hour < 12:
		return hour + 12
	case am && hour == 12:
		return 0
	}
	return hour
}

// zoneOf is the zone that stands behind a time. The names are those of RFC 822
// and the European ones; IST is India's.
func zoneOf(rest string) *time.Location {
	if m := zoneOffset.FindStringSubmatch(rest); m != nil {
		seconds := atoi(m[2])*3600 + atoi(m[3])*60
		if seconds <= 15*3600 {
			if m[1] == "-" {
				seconds = -seconds
			}
			return time.FixedZone("", seconds)
		}
	}
	for _, m := range zoneWord.FindAllStringSubmatch(rest, -1) {
		if hours, ok := zoneHours[m[1]]; ok {
			return time.FixedZone("", hours*3600)
		}
	}
	return india
}

var zoneHours = map[string]int{
	"z": 0, "ut": 0, "utc": 0, "gmt": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
	"wet": 0, "west": 1, "bst": 1, "cet": 1, "cest": 2, "eet": 2, "eest": 3,
}

// monthOf is the month that a word names, whole or cut off; 0: none.
func monthOf(w string) int {
	if w == "sept" {
		return 9
	}
	for i, names := range monthNames {
		for _, name := range names {
			if w == name || strings.HasPrefix(name, w) && len(w) >= 3 && (w[0] < 0x80) ||
				strings.HasPrefix(name, w) && len([]rune(w)) >= 2 && w[0] >= 0x80 {
				return i + 1
			}
		}
	}
	return 0
}

// monthNames are the names in English and in Hindi (CLDR and what newspapers
// write), without nuktas.
var monthNames = [12][]string{
	{"january", "जनवरी"}, {"february", "फरवरी"}, {"march", "मार्च"}, {"april", "अप्रैल"},
	{"may", "मई"}, {"june", "जून"}, {"july", "जुलाई"}, {"august", "अगस्त"},
	{"september", "सितंबर", "सितम्बर"}, {"october", "अक्टूबर", "अक्तूबर"},
	{"november", "नवंबर", "नवम्बर"}, {"december", "दिसंबर", "दिसम्बर"},
}

// parseSince is the time that an issue's since means: so many hours, days or
// weeks ago, or the start of a day in India. false: it is neither.
func parseSince(s string, now time.Time) (time.Time, bool) {
	if t, err := time.ParseInLocation(time.DateOnly, s, india); err == nil {
		return t, true
	}
	if s == "" {
		return time.Time{}, false
	}
	n, err := strconv.Atoi(s[:len(s)-1])
	unit := map[byte]time.Duration{'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}[s[len(s)-1]]
	if err != nil || n <= 0 || n > 99999 || unit == 0 {
		return time.Time{}, false
	}
	return now.Add(-time.Duration(n) * unit), true
}

func plainDigit(r rune) rune {
	if r >= '०' && r <= '९' {
		return r - '०' + '0'
	}
	return r
}

var nuktas = strings.NewReplacer("\u093C", "", "\u0958", "क", "\u0959", "ख", "\u095A", "ग", "\u095B", "ज", "\u095C", "ड", "\u095D", "ढ", "\u095E", "फ", "\u095F", "य")

func withoutNukta(s string) string { return nuktas.Replace(s) }

// fullYear is a year of two digits in the century that RFC 2822, 4.3, gives it.
func fullYear(s string) int {
	n := atoi(s)
	switch {
	case len(s) == 2 && n < 50:
		return 2000 + n
	case len(s) == 2:
		return 1900 + n
	}
	return n
}

// atoi is the number that digits write; more than nine are none.
func atoi(s string) int {
	if len(s) > 9 {
		return -1
	}
	n, _ := strconv.Atoi(s)
	return n
}
