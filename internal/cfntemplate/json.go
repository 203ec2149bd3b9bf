package cfntemplate

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

func readJSON(body string) (any, error) {
	decoder := json.NewDecoder(strings.NewReader(body))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, jsonNotWellFormed(body, err, decoder.InputOffset())
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, jsonNotWellFormed(body, err, decoder.InputOffset())
	}
	return withoutJSONNumbers(value), nil
}

func jsonNotWellFormed(body string, err error, offset int64) error {
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.Is(err, io.ErrUnexpectedEOF):
		offset = int64(len(body))
	}
	before := body[:min(max(offset, 0), int64(len(body)))]
	line := 1 + strings.Count(before, "\n")
	column := max(1, utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]))
	return invalid("Template format error: JSON not well-formed. (line %d, column %d)", line, column)
}

// withoutJSONNumbers replaces each json.Number in v, in place.
func withoutJSONNumbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		return number(v.String())
	case map[string]any:
		for key, value := range v {
			v[key] = withoutJSONNumbers(value)
		}
	case []any:
		for i, element := range v {
			v[i] = withoutJSONNumbers(element)
		}
	}
	return v
}
