package clients

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/slipway-go/slipway/emulator"
)

// docSpeed is that of the embedded AWS for pages. The command itself runs in real time.
const docSpeed = 60

// page is a page whose commands are run, in its order.
type page struct {
	path string
	// prepare makes what the page begins with.
	prepare func(t *testing.T, s *session)
}

// docPages are all pages with commands.
func docPages() []page {
	return []page{
		{path: "README.md"},
		{path: "docs/first-deploy.md"},
		{path: "docs/ci.md", prepare: func(t *testing.T, s *session) { s.ours(t); s.handWritten(t) }},
		{path: "docs/adopting.md", prepare: func(t *testing.T, s *session) { s.handWritten(t); s.create(t) }},
		{path: "docs/troubleshooting.md", prepare: func(t *testing.T, s *session) {
			s.ours(t)
			s.run(t, command{line: "slipway deploy slipway-service " + registryOfDocs + "/shop:1.1.0"}) // something to go back from
		}},
		{path: "docs/emulator.md"},
		{path: "emulator/conformance/README.md"},
		{path: "benchmarks/deploy/README.md"},
		{path: "benchmarks/emulator/README.md"},
		{path: "benchmarks/synthesis/README.md"},
	}
}

// TestDocs runs the commands of all pages, on an embedded AWS for each: they have to end
// with 0, or with the exit code in a comment behind them.
func TestDocs(t *testing.T) {
	t.Parallel()
	slipway := buildSlipway(t)
	tested := map[string]bool{}
	for _, p := range docPages() {
		tested[p.path] = true
		t.Run(p.path, func(t *testing.T) {
			t.Parallel()
			s := newSession(t, slipway)
			if p.prepare != nil {
				p.prepare(t, s)
			}
			commands := commandsOf(t, p.path)
			if len(commands) == 0 {
				t.Error("there is no command on the page")
			}
			for _, c := range commands {
				s.run(t, c)
			}
		})
	}
	for _, path := range pagesWithCommands(t) {
		if !tested[path] {
			t.Errorf("nobody runs the commands of %s", path)
		}
	}
}

// command is one of a page, as it is typed.
type command struct {
	line string
	want int // its exit code
}

var wantedCode = regexp.MustCompile(`\s+# exit code (\d)$`)

// commandsOf are the commands in the sh blocks of a page.
func commandsOf(t *testing.T, path string) []command {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository, path))
	if err != nil {
		t.Fatal(err)
	}
	var all []command
	for _, block := range regexp.MustCompile("(?ms)^```sh\n(.*?)^```").FindAllStringSubmatch(string(text), -1) {
		for line := range strings.Lines(strings.ReplaceAll(block[1], "\\\n", " ")) {
			c := command{line: strings.TrimSpace(line)}
			if code := wantedCode.FindStringSubmatch(c.line); code != nil {
				c.line = strings.TrimSuffix(c.line, code[0])
				c.want, _ = strconv.Atoi(code[1]) // one digit
			}
			if c.line != "" {
				all = append(all, c)
			}
		}
	}
	return all
}

// pagesWithCommands are the pages that have some.
func pagesWithCommands(t *testing.T) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "git", "-C", repository, "ls-files", "--cached", "--others", "--exclude-standard", "*.md").Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, path := range strings.Fields(string(out)) {
		if text, err := os.ReadFile(filepath.Join(repository, path)); err == nil && strings.Contains("\n"+string(text), "\n```sh\n") {
			all = append(all, path)
		}
	}
	return all
}

func buildSlipway(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "slipway")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./cmd/slipway")
	build.Dir = repository
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building slipway: %v\n%s", err, out)
	}
	return binary
}

// session is somebody who goes through a page.
type session struct {
	server *emulator.Server
	dir    string
	env    []string
}

// registryOfDocs is the registry whose images the pages deploy. The session has its own in
// its place.
const registryOfDocs = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"

func newSession(t *testing.T, slipway string) *session {
	t.Helper()
	aws, cdk := installed(t, ".venv/bin/aws"), installed(t, "node_modules/.bin/cdk")
	c := newClientAt(t, docSpeed, ".venv/bin/aws")
	s := &session{server: c.server, dir: t.TempDir()}
	for _, tag := range []string{"1.0.0", "1.1.0"} {
		if _, err := s.server.PushImage(s.server.Registry()+"/shop:"+tag, emulator.Image{Content: tag}); err != nil {
			t.Fatal(err)
		}
	}
	s.server.SetImage(":crash", emulator.Conduct{Crash: true})
	s.server.SetImage(":slow", emulator.Conduct{PullTime: time.Hour})
	home := t.TempDir()
	write(t, filepath.Join(home, ".cdk.json"), `{"requireApproval": "never", "notices": false}`)
	path := strings.Join([]string{filepath.Dir(slipway), filepath.Dir(aws), filepath.Dir(cdk), os.Getenv("PATH")}, string(os.PathListSeparator))
	for _, variable := range c.env {
		if !strings.HasPrefix(variable, "PATH=") && !strings.HasPrefix(variable, "SLIPWAY_") && !strings.HasPrefix(variable, "HOME=") {
			s.env = append(s.env, variable)
		}
	}
	s.env = append(s.env, "PATH="+path, "GOBIN="+t.TempDir(), "SLIPWAY_ADDR=127.0.0.1:0", "CDK_VALIDATION=false")
	for _, name := range []string{"GOPATH", "GOMODCACHE", "GOCACHE"} {
		if out, err := exec.CommandContext(t.Context(), "go", "env", name).Output(); err == nil {
			s.env = append(s.env, name+"="+strings.TrimSpace(string(out)))
		}
	}
	s.env = append(s.env, "HOME="+home, "XDG_CACHE_HOME="+cacheHome())
	return s
}

// cacheHome is where jsii has unpacked the CDK already.
func cacheHome() string {
	if dir, err := os.UserCacheDir(); err == nil {
		return dir
	}
	return os.TempDir()
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// ours creates the stacks that slipway up makes.
func (s *session) ours(t *testing.T) {
	t.Helper()
	s.run(t, command{line: "slipway up --image " + registryOfDocs + "/shop:1.0.0 --service-name shop"})
	write(t, filepath.Join(s.dir, "slipway.yaml"), strings.ReplaceAll(
		"deploys:\n  - {stack: slipway-service, image: \""+registryOfDocs+"/shop:1.1.0\"}\n", registryOfDocs, s.server.Registry()))
}

// handWritten puts the hand-written templates into the folder.
func (s *session) handWritten(t *testing.T) {
	t.Helper()
	for _, name := range []string{"network.yaml", "service.yaml"} {
		text, err := os.ReadFile(filepath.Join(repository, "internal/cfntemplate/testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(s.dir, name), string(text))
	}
}

// create creates stacks of them, called network and service.
func (s *session) create(t *testing.T) {
	t.Helper()
	for _, line := range []string{
		"aws cloudformation create-stack --stack-name network --template-body file://network.yaml --capabilities CAPABILITY_IAM",
		"aws cloudformation wait stack-create-complete --stack-name network",
		"aws cloudformation create-stack --stack-name service --template-body file://service.yaml --capabilities CAPABILITY_IAM --parameters" +
			" ParameterKey=StackName,ParameterValue=network ParameterKey=ServiceName,ParameterValue=shop ParameterKey=HealthCheckIntervalSeconds,ParameterValue=10" +
			" ParameterKey=ImageUrl,ParameterValue=" + registryOfDocs + "/shop:1.0.0",
		"aws cloudformation wait stack-create-complete --stack-name service",
	} {
		s.run(t, command{line: line})
	}
}

// commandLimit bounds one command.
const commandLimit = 5 * time.Minute

// run runs a command as a shell would, where it can be run here. What cannot is held
// against what CI does.
func (s *session) run(t *testing.T, c command) {
	t.Helper()
	address, err := url.Parse(s.server.URL())
	if err != nil {
		t.Fatal(err)
	}
	line := strings.NewReplacer(registryOfDocs, s.server.Registry(), "127.0.0.1:4566", address.Host).Replace(c.line)
	dir := s.dir
	switch words := strings.Fields(line); {
	case words[0] == "npm":
		if pinned := pinnedCDK(t); words[len(words)-1] != "aws-cdk@"+pinned {
			t.Errorf("%s: CI runs aws-cdk@%s", line, pinned)
		}
		return
	case line == "go test ./...":
		if ci, err := os.ReadFile(filepath.Join(repository, ".ci/run")); err != nil || !strings.Contains(string(ci), "test_command='"+line+"'") {
			t.Errorf("%s: .ci/run runs another command", line)
		}
		return
	case words[0] == "go" && words[1] == "test":
		line, dir = "go test -list . "+words[2], repository // that and more is run by go test ./...
	case strings.HasPrefix(line, "go install ") && strings.HasSuffix(line, "@latest"):
		line = "go install ." + strings.TrimSuffix(strings.TrimPrefix(words[2], "github.com/slipway-go/slipway"), "@latest")
		line, dir = strings.Replace(line, " ./", " ./", 1), repository
	case words[0] == "make":
		line, dir = "make -n "+strings.Join(words[1:], " "), repository // benchmarks take minutes
	case words[0] == "apt-get":
		return // what it installs is for a benchmark only
	case words[0] == "go", words[0] == "cdk":
		dir = repository
	case words[0] == "slipway" && words[1] == "emulate":
		s.serve(t, line)
		return
	}
	ctx, cancel := context.WithTimeout(t.Context(), commandLimit)
	defer cancel()
	began := time.Now()
	out, code := s.shell(ctx, t, dir, line)
	t.Logf("%.1f s, exit code %d: %s", time.Since(began).Seconds(), code, line)
	if code != c.want {
		t.Errorf("%s\nexit code %d, want %d\n%s", line, code, c.want, out)
	}
}

func (s *session) shell(ctx context.Context, t *testing.T, dir, line string) (output string, code int) {
	t.Helper()
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, "sh", "-c", line)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, s.env, &out, &out
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%s: %v", line, err)
	}
	return out.String(), cmd.ProcessState.ExitCode()
}

// serve runs a command that serves until it is interrupted.
func (s *session) serve(t *testing.T, line string) {
	t.Helper()
	var out output
	cmd := exec.CommandContext(t.Context(), "sh", "-c", "exec "+line)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = s.dir, s.env, &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); !strings.Contains(out.String(), "until interrupted"); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Errorf("%s does not serve: %s", line, out.String())
			break
		}
	}
	if err := errors.Join(cmd.Process.Signal(os.Interrupt), cmd.Wait()); err != nil {
		t.Errorf("%s: %v\n%s", line, err, out.String())
	}
}

// pinnedCDK is the version of the cdk command that CI runs.
func pinnedCDK(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("package.json")
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile(`"aws-cdk": "([^"]+)"`).FindSubmatch(text)
	if match == nil {
		t.Fatal(fmt.Errorf("package.json pins no aws-cdk"))
	}
	return string(match[1])
}
