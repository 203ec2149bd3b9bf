package test

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// template is a synthesized or committed template, as far as tests look into it.
type template struct {
	Parameters map[string]parameter
	Resources  map[string]resource
	Outputs    map[string]struct {
		Value  any
		Export struct{ Name any }
	}
}

type parameter struct {
	Type               string
	Default            any
	MinValue, MaxValue float64
	AllowedPattern     string
}

type resource struct {
	Type                                string
	Properties                          map[string]any
	DependsOn                           []string
	DeletionPolicy, UpdateReplacePolicy string
}

// synthesize is the text of a stack's template: as the CDK writes it, in
// the indentation of templates/.
func synthesize(t *testing.T, app awscdk.App, stack string) string {
	t.Helper()
	file := app.Synth(nil).GetStackByName(jsii.String(stack)).TemplateFullPath()
	raw, err := os.ReadFile(*file)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := json.Indent(&text, raw, "", "  "); err != nil {
		t.Fatal(err)
	}
	text.WriteByte('\n')
	return text.String()
}

func parse(t *testing.T, text string) template {
	t.Helper()
	var parsed template
	unmarshal(t, text, &parsed)
	return parsed
}

func unmarshal(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatal(err)
	}
}

// newApp is an app as a user would make it: no context, no options.
func newApp(t *testing.T) awscdk.App {
	t.Helper()
	needsNode(t)
	return awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(t.TempDir())})
}
