package deploy

import (
	"regexp"
	"strconv"
	"strings"
)

// This file is about dynamic references, {{resolve:SERVICE:KEY}}. CloudFormation looks
// their values up anew when the resource that has them is changed, for whatever reason,
// and a change set may show the reference rather than what it stands for. Of a secret it
// never shows more. Then another value can come along with a new image, unseen, unless
// the reference names a version, whose value is fixed.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html

// fixedReference is a dynamic reference that names a version: of a parameter of Systems
// Manager its number, of a secret its id, which is the last of four parts after the
// secret's name or ARN.
var fixedReference = regexp.MustCompile(`^\{\{resolve:(?:ssm(?:-secure)?:[^:]+:[0-9]+|secretsmanager:(?:arn(?::[^:]*){6}|[^:]+):SecretString:[^:]*:[^:]*:[^:]+)$`)

// floating calls found with each place in a decoded value that has a dynamic reference
// whose value may be another one the next time.
func floating(path string, v any, found func(path, reference string)) {
	switch v := v.(type) {
	case string:
		for rest := v; ; {
			i := strings.Index(rest, "{{resolve:")
			if i < 0 {
				return
			}
			reference, after, _ := strings.Cut(rest[i:], "}}")
			if !fixedReference.MatchString(reference) {
				found(path, reference+"}}")
			}
			rest = after
		}
	case map[string]any:
		for _, k := range sortedKeys(v) {
			floating(path+"/"+escapePointer(k), v[k], found)
		}
	case []any:
		for i := range v {
			floating(path+"/"+strconv.Itoa(i), v[i], found)
		}
	}
}

// references refuses what a task definition looks up anew with every new image.
func (g *gate) references(id string, after map[string]any) {
	floating("", after, func(path, reference string) {
		g.refuse(Reason{
			Resource: id, Path: path, Before: reference, After: reference,
			Why: "its value is looked up anew with every new image, and the change set does not show it: name its version, or give it to the container by Secrets",
		})
	})
}
