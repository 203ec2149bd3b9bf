package intrinsic

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/slipway-go/slipway/internal/cfntemplate"
)

// boundedText is text under construction, of maxText bytes at most.
type boundedText struct{ strings.Builder }

func (b *boundedText) add(s string) error {
	if b.Len()+len(s) > maxText {
		return tooLong()
	}
	b.WriteString(s)
	return nil
}

func tooLong() error {
	return invalid("Template error: a function comes to more than %d bytes of text", maxText)
}

func (ev *evaluator) join(delimiter, list any) (any, error) {
	separator, separatorOK, err := ev.text(delimiter)
	if err != nil {
		return nil, err
	}
	value, err := ev.value(list)
	if err != nil {
		return nil, err
	}
	if value == (any)(KnownAfterApply) {
		return KnownAfterApply, nil
	}
	elements, listOK := value.([]any)
	malformed := cfntemplate.CheckFunction("Fn::Join", nil)
	if !separatorOK || !listOK {
		return nil, malformed
	}
	var result boundedText
	for i, element := range elements {
		text, ok := cfntemplate.Text(element)
		if !ok {
			return nil, malformed
		}
		if i > 0 {
			text = separator + text
		}
		if err := result.add(text); err != nil {
			return nil, err
		}
	}
	return result.String(), nil
}

func (ev *evaluator) split(delimiter, source any) (any, error) {
	separator, separatorOK, err := ev.text(delimiter)
	if err != nil {
		return nil, err
	}
	text, textOK, err := ev.text(source)
	if err != nil {
		return nil, err
	}
	if !separatorOK || separator == "" || !textOK {
		return nil, cfntemplate.CheckFunction("Fn::Split", nil)
	}
	if isUnknown(text) {
		return KnownAfterApply, nil
	}
	return listOf(strings.Split(text, separator)), nil
}

func (ev *evaluator) selectOne(index, list any) (any, error) {
	text, ok, err := ev.text(index)
	if err != nil {
		return nil, err
	}
	value, err := ev.value(list)
	if err != nil {
		return nil, err
	}
	if isUnknown(text) || value == (any)(KnownAfterApply) {
		return KnownAfterApply, nil
	}
	i, err := strconv.Atoi(text)
	if err != nil || !ok {
		return nil, invalid("Template error: Fn::Select requires a list argument with a valid index value as its first element")
	}
	elements, ok := value.([]any)
	if !ok {
		return nil, cfntemplate.CheckFunction("Fn::Select", nil)
	}
	if i < 0 || i >= len(elements) {
		return nil, invalid("Template error: Fn::Select cannot select nonexistent value at index %d", i)
	}
	return elements[i], nil
}

func (ev *evaluator) base64(argument any) (any, error) {
	text, ok, err := ev.text(argument)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, invalid("Template error: every Fn::Base64 object must have a String-typed value.")
	}
	if isUnknown(text) {
		return KnownAfterApply, nil
	}
	if base64.StdEncoding.EncodedLen(len(text)) > maxText {
		return nil, tooLong()
	}
	return base64.StdEncoding.EncodeToString([]byte(text)), nil
}

// languageExtension evaluates the functions that AWS::LanguageExtensions adds.
func (ev *evaluator) languageExtension(name string, argument any) (any, error) {
	if !ev.env.Template.HasTransform(cfntemplate.LanguageExtensions) {
		return nil, invalid("Template error: %s needs the transform %s.", name, cfntemplate.LanguageExtensions)
	}
	value, err := ev.value(argument)
	if err != nil {
		return nil, err
	}
	if name == "Fn::Length" {
		if value == (any)(KnownAfterApply) {
			return KnownAfterApply, nil
		}
		list, ok := value.([]any)
		if !ok {
			return nil, invalid("Template error: Fn::Length requires a list, or a function that returns a list")
		}
		return int64(len(list)), nil
	}
	switch value.(type) {
	case map[string]any, []any:
	default:
		return nil, invalid("Template error: Fn::ToJsonString requires an object or a list")
	}
	var result strings.Builder
	encoder := json.NewEncoder(&result)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, invalid("Template error: Fn::ToJsonString: %v", err)
	}
	if result.Len() > maxText {
		return nil, tooLong()
	}
	return strings.TrimSuffix(result.String(), "\n"), nil
}

// isUnknown tells whether text holds a value that only the execution of a change
// set will bring, so that its parts and its length mean nothing yet.
func isUnknown(text string) bool { return strings.Contains(text, KnownAfterApply) }
