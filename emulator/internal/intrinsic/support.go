package intrinsic

import (
	"strings"

	"github.com/slipway-go/slipway/internal/cfntemplate"
)

// CheckSupported refuses what templates can hold and nothing here can carry out:
// macros (all transforms but AWS::LanguageExtensions, of which the functions are
// supported) and hooks. Passing over them would rehearse another stack than the
// template describes.
func CheckSupported(t *cfntemplate.Template) error {
	for _, name := range t.Transforms {
		if name != cfntemplate.LanguageExtensions {
			return invalid("Transform %s is not supported: no macro runs here. Expand the template before it is used.", name)
		}
	}
	if len(t.Hooks) > 0 {
		return invalid("The Hooks section is not supported: %s", strings.Join(sortedKeys(t.Hooks), ", "))
	}
	for _, id := range sortedKeys(t.Resources) {
		if holdsMacro(t.Resources[id].Attributes()) {
			return invalid("Fn::Transform in resource %s is not supported: no macro runs here. Expand the template before it is used.", id)
		}
	}
	if holdsMacro(t.Mappings) {
		return invalid("Fn::Transform in the Mappings section is not supported: no macro runs here. Expand the template before it is used.")
	}
	return nil
}

// holdsMacro tells whether Fn::Transform stands anywhere in v. Unlike other
// functions it may have siblings, which it then extends.
func holdsMacro(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			if key == "Fn::Transform" || holdsMacro(value) {
				return true
			}
		}
	case []any:
		for _, element := range v {
			if holdsMacro(element) {
				return true
			}
		}
	}
	return false
}
