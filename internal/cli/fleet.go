package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/slipway-go/slipway/deploy"
)

// fleetFile is what --file holds.
type fleetFile struct {
	Concurrency int           `yaml:"concurrency"`
	Deploys     []fleetDeploy `yaml:"deploys"`
}

// fleetDeploy is one deploy of a fleet. What it leaves out is as the flags say.
type fleetDeploy struct {
	Stack          string `yaml:"stack"`
	Image          string `yaml:"image"`
	ImageParameter string `yaml:"image-parameter"`
	RoleARN        string `yaml:"role-arn"`
}

// readFleetFile reads a file of deploys. Its errors name the line.
func readFleetFile(name string) (*fleetFile, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("reading --file: %w", err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	var f fleetFile
	decoder := yaml.NewDecoder(file)
	decoder.KnownFields(true)
	if err := decoder.Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading %s: %w", name, plainYAML(err))
	}
	switch err := decoder.Decode(new(any)); {
	case !errors.Is(err, io.EOF):
		return nil, fmt.Errorf("reading %s: it has more than one document", name)
	case len(f.Deploys) == 0:
		return nil, fmt.Errorf("reading %s: it has no deploys; write\ndeploys:\n  - {stack: NAME, image: IMAGE}", name)
	case f.Concurrency < 0:
		return nil, fmt.Errorf("reading %s: the concurrency of %d is negative", name, f.Concurrency)
	}
	for i, one := range f.Deploys {
		if one.Stack == "" || one.Image == "" {
			return nil, fmt.Errorf("reading %s: deploy %d needs a stack and an image", name, i+1)
		}
	}
	return &f, nil
}

// plainYAML says what is wrong with a file without the names of our types.
func plainYAML(err error) error {
	var wrong *yaml.TypeError
	if !errors.As(err, &wrong) {
		return err
	}
	texts := make([]string, len(wrong.Errors))
	for i, text := range wrong.Errors {
		texts[i], _, _ = strings.Cut(text, " in type ")
	}
	return errors.New(strings.Join(texts, "; "))
}

// requests are the deploys that a command line asks for: of a file, of STACK=IMAGE pairs,
// or of one stack and image. common is what goes for each where it says nothing else.
func requests(args []string, file *fleetFile, common deploy.Request) []deploy.Request {
	one := func(stack, image string) deploy.Request {
		r := common
		r.Stack, r.Image = stack, image
		return r
	}
	if file == nil && !isPair(args[0]) {
		return []deploy.Request{one(args[0], args[1])}
	}
	var list []deploy.Request
	for _, arg := range args {
		stack, image, _ := strings.Cut(arg, "=")
		list = append(list, one(stack, image))
	}
	if file == nil {
		return list
	}
	for _, d := range file.Deploys {
		r := one(d.Stack, d.Image)
		if d.ImageParameter != "" {
			r.ImageParameter = d.ImageParameter
		}
		if d.RoleARN != "" {
			r.RoleARN = d.RoleARN
		}
		list = append(list, r)
	}
	return list
}

// isPair tells STACK=IMAGE from the name of a stack, which has no such sign.
func isPair(arg string) bool { return strings.Contains(arg, "=") }

// deployArgs checks what follows deploy.
func deployArgs(file *string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		pairs := 0
		for _, arg := range args {
			if isPair(arg) {
				pairs++
			}
		}
		switch {
		case *file != "" && pairs == len(args):
			return nil
		case *file != "":
			return usage(cmd, errors.New("with --file, deploy takes STACK=IMAGE pairs besides, or nothing"))
		case pairs > 0 && pairs == len(args):
			return nil
		case pairs > 0:
			return usage(cmd, errors.New("deploy takes STACK IMAGE, or STACK=IMAGE for each of several stacks, not both"))
		}
		return exactly("STACK", "IMAGE")(cmd, args)
	}
}

// fleetOutcome is what deploy prints as JSON for several stacks.
type fleetOutcome struct {
	Outcome  string          `json:"result"` // deployed, or of the deploy that went worst
	Error    string          `json:"error,omitempty"`
	ExitCode exitCode        `json:"exitCode"`
	Deploys  []deployOutcome `json:"deploys"`
}

func fleetOutcomeOf(results []deploy.FleetResult, err error) fleetOutcome {
	o := fleetOutcome{Outcome: "deployed", ExitCode: exitCodeOf(err), Deploys: []deployOutcome{}}
	if err != nil {
		o.Outcome, o.Error = resultOf(err), withoutLongWords(err.Error())
	}
	for _, r := range results {
		o.Deploys = append(o.Deploys, deployOutcomeOf(r.Request.Stack, r.Request.Image, r.Result, r.Err))
	}
	return o
}

// printFleet writes a line for each stack, and one that sums up.
func printFleet(w io.Writer, results []deploy.FleetResult) error {
	var b strings.Builder
	counts := make(map[string]int)
	for _, r := range results {
		o := deployOutcomeOf(r.Request.Stack, r.Request.Image, r.Result, r.Err)
		counts[o.Outcome]++
		word := strings.ReplaceAll(o.Outcome, "-", " ")
		fmt.Fprintf(&b, "%s: %s %s", word, o.Stack, short(o.Image))
		if r.Err == nil && !r.Result.AlreadyCurrent && r.Result.PreviousImage != "" {
			fmt.Fprintf(&b, ", before %s", short(r.Result.PreviousImage))
		}
		b.WriteString("\n")
	}
	well := counts["deployed"] + counts["already-current"] + counts["started"]
	fmt.Fprintf(&b, "%d of %s well", well, count(len(results), "stack"))
	if n := counts["not-begun"]; n > 0 {
		fmt.Fprintf(&b, ", %d not begun", n)
	}
	b.WriteString("\n")
	_, err := io.WriteString(w, b.String())
	return err
}
