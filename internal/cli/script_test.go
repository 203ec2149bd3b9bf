package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"slipway": func() { os.Exit(Main()) }, "shop": shop})
}

// scriptSpeed makes a rollout last some seconds. The command polls in real time.
const scriptSpeed = 60

// TestScripts runs testdata/script, each against an embedded AWS of its own. Beside
// testscript's commands there are:
//
//	exits CODE command...         the command has to end with exactly this exit code
//	image PATTERN=CONDUCT         how an image behaves from now on
//	push IMAGE [CONTENT]          puts an image for linux/amd64 into the AWS's own registry,
//	                              $AWS_ADDRESS; other content, another digest
//	stack NAME FILE [KEY=VALUE]   creates a stack; with '!', which has to fail
//	changesets NAME N             the stack has to have so many change sets
//	address VARIABLE FILE         sets a variable to the only line of a file
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:   "testdata/script",
		Setup: func(env *testscript.Env) error { return startAWS(t.Context(), env) },
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":      exits,
			"image":      setImage,
			"push":       pushImage,
			"stack":      createStack,
			"changesets": countChangeSets,
			"address":    setAddress,
		},
	})
}

type awsKey struct{}

// startAWS gives a script an embedded AWS and nothing of the user's configuration.
func startAWS(ctx context.Context, env *testscript.Env) error {
	server, err := emulator.Start(ctx, emulator.Options{Speed: scriptSpeed})
	if err != nil {
		return err
	}
	env.Defer(func() {
		if err := server.Close(); err != nil {
			env.T().Log("closing the embedded AWS:", err)
		}
	})
	env.Values[awsKey{}] = server
	for _, variable := range server.Environment() {
		name, value, _ := strings.Cut(variable, "=")
		env.Setenv(name, value)
	}
	address, err := url.Parse(server.URL())
	if err != nil {
		return err
	}
	env.Setenv("AWS_ADDRESS", address.Host)
	env.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	env.Setenv("AWS_CONFIG_FILE", os.DevNull)
	env.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
	return nil
}

func serverOf(ts *testscript.TestScript) *emulator.Server {
	return ts.Value(awsKey{}).(*emulator.Server)
}

func configOf(ts *testscript.TestScript) aws.Config {
	return aws.Config{
		Region:       ts.Getenv("AWS_REGION"),
		BaseEndpoint: aws.String(serverOf(ts).URL()),
		Credentials:  credentials.NewStaticCredentialsProvider("test", "test", ""),
	}
}

func setAddress(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: address VARIABLE FILE")
	}
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile(args[1])))
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE command...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	err = ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

func setImage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: image PATTERN=CONDUCT")
	}
	images := imageConducts{}
	ts.Check(images.Set(args[0]))
	for pattern, conduct := range images {
		serverOf(ts).SetImage(pattern, conduct)
	}
}

func pushImage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: push IMAGE [CONTENT]")
	}
	_, err := serverOf(ts).PushImage(args[0], emulator.Image{Content: strings.Join(args[1:], "")})
	ts.Check(err)
}

func createStack(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: stack NAME FILE [KEY=VALUE...]")
	}
	parameters := map[string]string{}
	for _, arg := range args[2:] {
		key, value, _ := strings.Cut(arg, "=")
		parameters[key] = value
	}
	d := deploy.New(configOf(ts), deploy.Options{Clock: serverOf(ts).Clock()})
	_, err := d.Up(context.Background(), deploy.StackSpec{
		Name:         args[0],
		TemplateBody: ts.ReadFile(args[1]),
		Parameters:   parameters,
		Capabilities: []string{"CAPABILITY_IAM"},
	})
	switch {
	case err != nil && !neg:
		ts.Fatalf("creating stack %s: %v", args[0], err)
	case err == nil && neg:
		ts.Fatalf("stack %s was created", args[0])
	}
}

func countChangeSets(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: changesets STACK N")
	}
	cfn := cloudformation.NewFromConfig(configOf(ts))
	out, err := cfn.ListChangeSets(context.Background(), &cloudformation.ListChangeSetsInput{StackName: &args[0]})
	ts.Check(err)
	if got := fmt.Sprint(len(out.Summaries)); got != args[1] {
		ts.Fatalf("stack %s has %s change sets, want %s", args[0], got, args[1])
	}
}
