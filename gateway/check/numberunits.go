package check

// unit is a measure that people convert for their readers.
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
	fahrenheit
	celsius
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
	fahrenheit: "fahrenheit फारेनहाइट",
	celsius:    "celsius centigrade सेल्सियस",
}

// conversions are pairs of units and what one of the first is in the second.
var conversions = []struct {
	a, b   unit
	factor float64
}{
	{mile, kilometre, 1.609344}, {foot, metre, 0.3048}, {foot, centimetre, 30.48}, {inch, centimetre, 2.54},
	{pound, kilogram, 0.45359237}, {acre, hectare, 0.40468564},
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
