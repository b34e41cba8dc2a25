package check_test

import (
	"strings"
	"testing"

	"dubhashi/gateway/check"
)

func TestSkeletons(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ hi, en, skeletonHi, skeletonEn string }{
		{"भोपाल", "Bhopal", "bpl", "bpl"},
		{"दिल्ली", "Delhi", "dl", "dl"},
		{"मुंबई", "Mumbai", "mb", "mb"},
		{"मुम्बई", "MUMBAI", "mb", "mb"},
		{"चंडीगढ़", "Chandigarh", "cndgr", "cndgr"},
		{"चंडीग\u095d", "Chandigarh", "cndgr", "cndgr"},
		{"उत्तराखंड", "Uttarakhand", "atrknd", "atrknd"},
		{"आदित्यनाथ", "Adityanath", "adtnt", "adtnt"},
		{"योगी", "Yogi", "ag", "aj"},
		{"ऋषभ", "Rishabh", "rsb", "rsb"},
		{"कृष्ण", "Krishna", "krsn", "krsn"},
		{"प्रज्ञा", "Pragya", "prj", "prj"},
		{"लक्ष्मी", "Laxmi", "lksm", "lksm"},
		{"सिंह", "Singh", "sn", "sn"},
		{"राघव", "Raghav", "rgv", "rgv"},
		{"ज़ाकिर", "Zakir", "jkr", "jkr"},
		{"अफ़ग़ानिस्तान", "Afghanistan", "afgnstn", "afgnstn"},
		{"वाशिंगटन", "Washington", "vsngtn", "vsngtn"},
		{"इलेक्शन", "election", "alksn", "alksn"},
		{"फोटो", "photo", "ft", "ft"},
		{"साओ", "São", "s", "s"},
		{"ज्यूरिख", "Zürich", "jrk", "jrc"},
		{"लॉड्ज़", "Łódź", "ldj", "ldj"},
		{"राइट", "right", "rt", "rt"},
		{"", "", "", ""},
		{"१२", "12", "", ""},
		{"Delhi", "दिल्ली", "", ""},
	} {
		if got := check.SkeletonHi(row.hi); got != row.skeletonHi {
			t.Errorf("%s: %q, want %q", row.hi, got, row.skeletonHi)
		}
		if got := check.SkeletonEn(row.en); got != row.skeletonEn {
			t.Errorf("%s: %q, want %q", row.en, got, row.skeletonEn)
		}
	}
}

func TestSkeletonDistance(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		a, b string
		want float64
	}{
		{"", "", 0}, {"bpl", "bpl", 0}, {"bpl", "bl", 1}, {"bpl", "bfl", 0.5}, {"jrk", "jrc", 0.5}, {"bpl", "dl", 2}, {"kbn", "gvm", 1.5}, {"", "bpl", 3},
	} {
		if got := check.SkeletonDistance(row.a, row.b); got != row.want {
			t.Errorf("%s %s: %v, want %v", row.a, row.b, got, row.want)
		}
	}
}

func FuzzSkeletons(f *testing.F) {
	f.Add("मुख्यमंत्री", "Chief Minister")
	f.Add("ज\u200d्ञ़ंँ", "xghxÿĳſ")
	f.Add("\xff\xe0", strings.Repeat("tch", 100))
	f.Fuzz(func(t *testing.T, hi, en string) {
		a, b := check.SkeletonHi(hi), check.SkeletonEn(en)
		for _, s := range []string{a, b} {
			if len(s) > 24 || strings.Trim(s, "abcdfgjhklmnprstv") != "" {
				t.Fatalf("%q", s)
			}
		}
		d := check.SkeletonDistance(a, b)
		if d != check.SkeletonDistance(b, a) || d > float64(max(len(a), len(b))) || (d == 0) != (a == b) {
			t.Fatalf("%q %q: %v", a, b, d)
		}
	})
}
