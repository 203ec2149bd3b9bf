package cfntemplate

import (
	"strconv"
	"strings"
)

// number reads text as an int64 or float64 if that writes back the same text,
// and returns the text itself otherwise: 80 and 0.5 are numbers; 0123, 1.50, 1e3
// and what has more digits than a float64 holds stay as they are.
func number(text string) any {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && strconv.FormatInt(n, 10) == text {
		return n
	}
	if !strings.Contains(text, ".") {
		return text
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil && strconv.FormatFloat(f, 'f', -1, 64) == text {
		return f
	}
	return text
}

// Text writes a string, number or bool as CloudFormation does when it needs a
// string: 80 as "80", true as "true". ok is false for anything else.
func Text(v any) (text string, ok bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case int:
		return strconv.Itoa(v), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	default:
		return "", false
	}
}
