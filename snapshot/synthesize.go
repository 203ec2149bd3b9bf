package snapshot

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/slipway-go/slipway/snapshot/templatediff"
)

// Template synthesizes a stack, which may be nested or in a stage, and returns
// its template in the form of [templatediff.Canonical]. What the CDK reports by
// panic, such as a failed validation, is returned as an error.
//
// The first call synthesizes the whole app. As in the CDK's own assertions,
// what is added to the app later is not in the template.
func Template(stack awscdk.Stack) (string, error) {
	raw, err := synthesize(stack)
	if err != nil {
		return "", err
	}
	return templatediff.Canonical(string(raw))
}

// verbatim is the template as the CDK writes it, indented by two spaces.
func verbatim(stack awscdk.Stack) (string, error) {
	raw, err := synthesize(stack)
	if err != nil {
		return "", err
	}
	var text bytes.Buffer
	if err := json.Indent(&text, raw, "", "  "); err != nil {
		return "", fmt.Errorf("indenting the template: %w", err)
	}
	text.WriteByte('\n')
	return text.String(), nil
}

func synthesize(stack awscdk.Stack) (template []byte, err error) {
	if stack == nil {
		return nil, errors.New("synthesizing the stack: it is nil")
	}
	defer func() {
		if problem := recover(); problem != nil {
			template, err = nil, fmt.Errorf("synthesizing the stack: %w", asError(problem))
		}
	}()
	assembly := awscdk.Stage_Of(stack).Synth(nil)
	return os.ReadFile(filepath.Join(*assembly.Directory(), *stack.TemplateFile()))
}

// asError is the error in what was recovered. A mistake in Go code that the CDK
// calls back, an aspect for instance, is found by its stack.
func asError(problem any) error {
	if _, ok := problem.(runtime.Error); ok {
		return fmt.Errorf("%v\n%s", problem, debug.Stack())
	}
	if err, ok := problem.(error); ok {
		return err
	}
	return fmt.Errorf("%v", problem)
}
