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
	if err := refuseNull(root, nil); err != nil {
		return nil, err
	}
	return readTemplate(root)
}

// refuseNull reports the first null in v. CloudFormation writes Type where the
// path of a resource's property has Properties, and so do we.
func refuseNull(v any, path []string) error {
	switch v := v.(type) {
	case nil:
		if len(path) > 3 && path[0] == "Resources" && path[2] == "Properties" {
			path[2] = "Type"
		}
		return invalid("[/%s] 'null' values are not allowed in templates", strings.Join(path, "/"))
	case map[string]any:
		for _, key := range sortedKeys(v) {
			if err := refuseNull(v[key], appendPath(path, key)); err != nil {
				return err
			}
		}
	case []any:
		for i, element := range v {
			if err := refuseNull(element, appendPath(path, index(i))); err != nil {
				return err
			}
		}
	}
	return nil
}
