package cfntemplate

import (
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

func readYAML(body string) (any, error) {
	decoder := yaml.NewDecoder(strings.NewReader(body))
	var document yaml.Node
	if err := decoder.Decode(&document); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, nil // nothing but space and comments
		}
		return nil, yamlSyntax(body, err)
	}
	var next yaml.Node
	if err := decoder.Decode(&next); err == nil {
		return nil, notWellFormed(&next)
	} else if !errors.Is(err, io.EOF) {
		return nil, yamlSyntax(body, err)
	}
	if len(document.Content) != 1 {
		return nil, nil
	}
	return yamlValue(document.Content[0])
}

// yamlSyntax words an error of the YAML library, which tells at most a line, that
// of the mistake or that where the broken object or list begins: the column is
// that of the line's first character.
func yamlSyntax(body string, err error) error {
	found := regexp.MustCompile(`line (\d+): (.*)`).FindStringSubmatch(err.Error())
	if found == nil {
		return invalid("Template format error: YAML not well-formed.")
	}
	line, err := strconv.Atoi(found[1])
	if err != nil {
		return invalid("Template format error: YAML not well-formed.")
	}
	// The library counts from one in errors of its scanner, but from zero in those
	// of its parser.
	if regexp.MustCompile(`^did not find expected (<|node content|'-'|key|',')`).MatchString(found[2]) {
		line++
	}
	column := 1
	if lines := strings.Split(body, "\n"); line >= 1 && line <= len(lines) {
		text := lines[line-1]
		if indent := len(text) - len(strings.TrimLeft(text, " \t")); indent < len(text) {
			column += indent
		}
	}
	return invalid("Template format error: YAML not well-formed. (line %d, column %d)", line, column)
}

func notWellFormed(node *yaml.Node) error {
	return invalid("Template format error: YAML not well-formed. (line %d, column %d)", node.Line, node.Column)
}

// yamlValue turns a node into the value that the JSON form of the template would
// have in its place.
func yamlValue(node *yaml.Node) (any, error) {
	if node.Kind == yaml.AliasNode {
		return nil, invalid("Template error: YAML aliases are not allowed in CloudFormation templates")
	}
	tag := explicitTag(node)
	if name, isShortForm := strings.CutPrefix(tag, "!"); isShortForm && name != "" && !strings.HasPrefix(name, "!") {
		return shortForm(node, name)
	}
	switch tag {
	case "", "!", "!!str", "!!int", "!!float", "!!bool", "!!null", "!!map", "!!seq":
		return untagged(node, tag)
	}
	return nil, notWellFormed(node)
}

// explicitTag returns the tag that the template writes, "" if it writes none.
func explicitTag(node *yaml.Node) string {
	if node.Style&yaml.TaggedStyle == 0 {
		return ""
	}
	return node.ShortTag()
}

func untagged(node *yaml.Node, tag string) (any, error) {
	switch node.Kind {
	case yaml.MappingNode:
		return yamlObject(node)
	case yaml.SequenceNode:
		return yamlList(node)
	case yaml.ScalarNode:
		const quoted = yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle
		if tag == "!!str" || tag == "!" || tag == "" && node.Style&quoted != 0 {
			return node.Value, nil
		}
		return plainScalar(node.Value), nil
	default:
		return nil, notWellFormed(node)
	}
}

// shortForm turns !Name into the long form: Ref and Condition keep their names,
// every other function is Fn::Name. A scalar argument is always text.
func shortForm(node *yaml.Node, name string) (any, error) {
	var argument any = node.Value
	if node.Kind != yaml.ScalarNode {
		var err error
		if argument, err = untagged(node, ""); err != nil {
			return nil, err
		}
	}
	switch name {
	case "Ref", "Condition":
		return map[string]any{name: argument}, nil
	case "GetAtt":
		if text, ok := argument.(string); ok {
			if id, attribute, found := strings.Cut(text, "."); found {
				argument = []any{id, attribute}
			}
		}
	}
	return map[string]any{"Fn::" + name: argument}, nil
}

func yamlObject(node *yaml.Node) (any, error) {
	object := make(map[string]any, len(node.Content)/2)
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		isMerge := key.Kind == yaml.ScalarNode && key.Value == "<<" && key.Style == 0
		if key.Kind == yaml.AliasNode || node.Content[i+1].Kind == yaml.AliasNode {
			return nil, invalid("Template error: YAML aliases are not allowed in CloudFormation templates")
		}
		if key.Kind != yaml.ScalarNode || isMerge {
			return nil, notWellFormed(key)
		}
		// The text of a key stands as it is written: an account ID in a mapping
		// must not lose its zeros, nor "on" become "true".
		if _, twice := object[key.Value]; twice {
			return nil, notWellFormed(key)
		}
		value, err := yamlValue(node.Content[i+1])
		if err != nil {
			return nil, err
		}
		object[key.Value] = value
	}
	return object, nil
}

func yamlList(node *yaml.Node) (any, error) {
	list := make([]any, 0, len(node.Content))
	for _, element := range node.Content {
		value, err := yamlValue(element)
		if err != nil {
			return nil, err
		}
		list = append(list, value)
	}
	return list, nil
}

// plainScalar resolves an unquoted scalar by YAML 1.1, except for what would
// lose the text: octal, hexadecimal, base 60, dates.
func plainScalar(text string) any {
	switch text {
	case "", "~", "null", "Null", "NULL":
		return nil
	case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON":
		return true
	case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF":
		return false
	}
	return number(text)
}
