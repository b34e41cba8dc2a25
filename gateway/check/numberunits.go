package check

import "strings"

// unit is what is measured with a number: people convert some for their readers, and
// models mix them up.
type unit uint8

const (
	noUnit unit = iota
	mile
	kilometre
	foot
	inch
	metre
	centimetre
	pound
	kilogram
	acre
	hectare
	basisPoint
	percent
	fahrenheit
	celsius
	gram
	quintal
	tonne
	litre
	rupee
	dollar
	euro
	second
	minute
	hour
	day
	week
	month
	year
)

// measureWords are the names of the units, in the order of the constants.
var measureWords = []string{
	mile:       "mile miles mph मील मीलों",
	kilometre:  "km kms kilometre kilometres kilometer kilometers kmph kph किलोमीटर किमी",
	foot:       "foot feet ft फुट फीट",
	inch:       "inch inches इंच",
	metre:      "metre metres meter meters मीटर",
	centimetre: "cm cms centimetre centimetres centimeter centimeters सेंटीमीटर सेमी",
	pound:      "lb lbs pound pounds पाउंड पौंड",
	kilogram:   "kg kgs kilogram kilograms kilo kilos किलोग्राम किलो किग्रा",
	acre:       "acre acres एकड़",
	hectare:    "hectare hectares हेक्टेयर",
	basisPoint: "basis bps आधार बेसिस", // points, अंक
	percent:    "percent per percentage pc pct प्रतिशत फीसदी फीसद",
	fahrenheit: "fahrenheit फारेनहाइट",
	celsius:    "celsius centigrade सेल्सियस",
	gram:       "gram grams ग्राम",
	quintal:    "quintal quintals क्विंटल",
	tonne:      "tonne tonnes ton tons टन",
	litre:      "litre litres liter liters लीटर",
	rupee:      "rupee rupees रुपये रुपए रुपया रूपये रूपए",
	dollar:     "dollar dollars डॉलर",
	euro:       "euro euros यूरो",
	second:     "second seconds सेकंड सेकेंड",
	minute:     "minute minutes मिनट मिनटों",
	hour:       "hour hours घंटे घंटा घंटों",
	day:        "day days दिन दिनों",
	week:       "week weeks सप्ताह हफ्ते हफ्ता हफ्तों",
	month:      "month months महीने महीना महीनों माह",
	year:       "year years साल सालों वर्ष वर्षों",
}

// conversions are pairs of units and what one of the first is in the second.
var conversions = []struct {
	a, b   unit
	factor float64
}{
	{mile, kilometre, 1.609344}, {foot, metre, 0.3048}, {foot, centimetre, 30.48}, {inch, centimetre, 2.54},
	{pound, kilogram, 0.45359237}, {acre, hectare, 0.40468564}, {basisPoint, percent, 0.01},
}

// converted reports whether a and b are the same measure in two units, within the
// rounding that people do (3 %, or half a degree).
func converted(a, b *number) bool {
	if a.unit == noUnit || b.unit == noUnit || a.unit == b.unit {
		return false
	}
	x, y := a.value.float(), b.value.float()
	if a.unit > b.unit {
		return converted(b, a)
	}
	if a.unit == fahrenheit && b.unit == celsius {
		d := (x-32)/1.8 - y
		return d >= -0.6 && d <= 0.6
	}
	for _, c := range conversions {
		if c.a == a.unit && c.b == b.unit {
			return x*c.factor <= y*1.03 && y <= x*c.factor*1.03
		}
	}
	return false
}

// inParts are how many of the next smaller unit a span of time is; 12 months are said
// for a year, and 24 hours for a day.
var inParts = map[unit]uint64{minute: 60, hour: 60, day: 24, week: 7, month: 30, year: 12}

// currencySigns stand in front of an amount.
var currencySigns = []struct {
	sign string
	unit unit
}{{"$", dollar}, {"₹", rupee}, {"Rs", rupee}, {"Rs.", rupee}, {"रु.", rupee}, {"रु", rupee}, {"€", euro}, {"£", pound}}

// currencyBefore is the currency whose sign a text ends in.
func currencyBefore(text string) unit {
	text = strings.TrimRight(text, " \u00A0")
	for _, c := range currencySigns {
		if strings.HasSuffix(text, c.sign) {
			return c.unit
		}
	}
	return noUnit
}

// otherUnit reports whether the other text has the value of n, and only with units that
// n does not have.
func otherUnit(n *number, others []number) (other bool) {
	if n.unit == noUnit || n.kind == hinted || n.value == whole(1) {
		return false
	}
	for i := range others {
		if o := &others[i]; o.value == n.value && o.kind != hinted {
			if o.unit == noUnit || o.unit == n.unit {
				return false
			}
			other = true
		}
	}
	return other
}
