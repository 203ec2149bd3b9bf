package cfntemplate

import (
	"strings"
)

// Parse reads a template in JSON or YAML. An error is a *ValidationError with
// the words of CloudFormation.
//
// Parse checks the form of the template, Validate what its parts say about each
// other. YAML is read as version 1.1, which CloudFormation documents: yes and on
// are true, while binary, timestamp, set and ordered-map types, aliases and
// merge keys are not supported. A date stays a string. A key that stands twice in
// a YAML object is refused.
func Parse(body string) (*Template, error) {
	root, err := Values(body)
	if err != nil {
		return nil, err
	}
	return readTemplate(root)
}

// Values reads a template as Parse does and gives it as it stands, section by
// section, for callers that treat all sections alike. What a section has to look
// like is not checked.
func Values(body string) (map[string]any, error) {
	const byteOrderMark = "\uFEFF"
	body = strings.TrimPrefix(body, byteOrderMark)

	read := readYAML
	if strings.HasPrefix(strings.TrimSpace(body), "{") {
		read = readJSON
	}
	value, err := read(body)
	if err != nil {
		return nil, err
	}
	root, ok := value.(map[string]any)
	if !ok {
		return nil, invalid("Template format error: unsupported structure.")
	}
	if err := checkValues(root, nil); err != nil {
		return nil, err
	}
	return root, nil
}

// maxDepth is how deep values may nest. It is ours, not AWS's: no real template
// comes near, and the time to search a value grows with depth times length.
const maxDepth = 500

// checkValues reports the first null in v. CloudFormation writes Type where the
// path of a resource's property has Properties, and so do we.
func checkValues(v any, path []string) error {
	if len(path) > maxDepth {
		return invalid("Template format error: unsupported structure.")
	}
	switch v := v.(type) {
	case nil:
		if len(path) > 3 && path[0] == "Resources" && path[2] == "Properties" {
			path[2] = "Type"
		}
		return invalid("[/%s] 'null' values are not allowed in templates", strings.Join(path, "/"))
	case map[string]any:
		for _, key := range sortedKeys(v) {
			if err := checkValues(v[key], append(path, key)); err != nil {
				return err
			}
		}
	case []any:
		for i, element := range v {
			if err := checkValues(element, append(path, index(i))); err != nil {
				return err
			}
		}
	}
	return nil
}
