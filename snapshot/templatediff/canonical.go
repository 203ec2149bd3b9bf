package templatediff

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// Canonical returns the text of a JSON template in a form that changes only
// when the meaning of the template does. Keys are sorted, the indentation is
// two spaces, and what differs from one synthesis or one release of the CDK to
// the next is masked or left out:
//
//   - The hash of an asset (64 hexadecimal digits) becomes <asset>. After
//     "sha256:" it is an image digest, which somebody chose, and stays.
//   - The hash at the end of the logical ID of a Lambda version or an API
//     deployment, which the CDK changes to replace the resource, becomes the
//     word Masked.
//   - The CDK's own metadata, that is AWS::CDK::Metadata with its condition and
//     the keys that begin with aws:cdk: and aws:asset:, is left out.
//
// A template with masks can be compared, but not deployed. An error means that
// the text is not a JSON template.
func Canonical(template string) (string, error) {
	decoder := json.NewDecoder(strings.NewReader(template))
	decoder.UseNumber() // numbers keep their digits
	var root map[string]any
	if err := decoder.Decode(&root); err != nil {
		return "", fmt.Errorf("reading the template: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return "", errors.New("reading the template: something follows its end")
	}
	dropToolMetadata(root)
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(newMasks().apply(root)); err != nil {
		return "", fmt.Errorf("writing the template: %w", err)
	}
	return b.String(), nil
}

// masks are the patterns of what is masked.
type masks struct{ asset, digest, logicalID *regexp.Regexp }

func newMasks() masks {
	return masks{
		asset:     regexp.MustCompile(`(^|[^0-9A-Za-z])[0-9a-f]{64}($|[^0-9A-Za-z])`),
		digest:    regexp.MustCompile(`sha256:[0-9a-f]{64}`),
		logicalID: regexp.MustCompile(`\b([A-Za-z][A-Za-z0-9]*[0-9A-F]{8})[0-9a-f]{32}\b`),
	}
}

func (m masks) apply(v any) any {
	switch v := v.(type) {
	case map[string]any:
		masked := make(map[string]any, len(v))
		for key, value := range v {
			masked[m.text(key)] = m.apply(value)
		}
		return masked
	case []any:
		masked := make([]any, len(v))
		for i, element := range v {
			masked[i] = m.apply(element)
		}
		return masked
	case string:
		return m.text(v)
	}
	return v
}

func (m masks) text(s string) string {
	// Around the digests, which keep their digits.
	var b strings.Builder
	last := 0
	for _, at := range append(m.digest.FindAllStringIndex(s, -1), []int{len(s), len(s)}) {
		b.WriteString(m.asset.ReplaceAllString(s[last:at[0]], "${1}<asset>${2}"))
		b.WriteString(s[at[0]:at[1]])
		last = at[1]
	}
	return m.logicalID.ReplaceAllString(b.String(), "${1}Masked")
}

func dropToolMetadata(root map[string]any) {
	resources, _ := root["Resources"].(map[string]any)
	for id, value := range resources {
		resource, _ := value.(map[string]any)
		if resource["Type"] == "AWS::CDK::Metadata" {
			delete(resources, id)
			continue
		}
		metadata, _ := resource["Metadata"].(map[string]any)
		for key := range metadata {
			if strings.HasPrefix(key, "aws:cdk:") || strings.HasPrefix(key, "aws:asset:") {
				delete(metadata, key)
			}
		}
		if metadata != nil && len(metadata) == 0 {
			delete(resource, "Metadata")
		}
	}
	conditions, _ := root["Conditions"].(map[string]any)
	delete(conditions, "CDKMetadataAvailable")
	if conditions != nil && len(conditions) == 0 {
		delete(root, "Conditions")
	}
}
