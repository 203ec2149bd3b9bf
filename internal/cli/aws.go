package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"
	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/deploy"
)

// maxAttempts bounds the SDK's retries of one call. The deployer's poller goes on
// after a failed look by itself, so that more would only hide an outage.
const maxAttempts = 4

// configFor is awsConfig for a command about a stack, whose name must not be empty.
func configFor(cmd *cobra.Command, stack string) (aws.Config, error) {
	if stack == "" {
		return aws.Config{}, usage(cmd, errNoStack)
	}
	return awsConfig(cmd)
}

// awsConfig finds region, credentials and endpoint as the AWS CLI does. What is
// missing is found out here, before anything is asked of AWS.
func awsConfig(cmd *cobra.Command) (aws.Config, error) {
	ctx := cmd.Context()
	cfg, err := config.LoadDefaultConfig(ctx,
		config.WithRetryMaxAttempts(maxAttempts),
		config.WithLogger(logging.Nop{}), // what matters comes back as an error
		config.WithAssumeRoleCredentialOptions(func(o *stscreds.AssumeRoleOptions) {
			o.TokenProvider = askForToken(cmd.InOrStdin(), cmd.ErrOrStderr())
		}),
	)
	if err != nil {
		return aws.Config{}, badConfiguration(err)
	}
	if err := checkWhere(cfg); err != nil {
		return aws.Config{}, err
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		if ctx.Err() != nil {
			return aws.Config{}, &interruptedError{doing: "looking for AWS credentials", cause: ctx.Err()}
		}
		return aws.Config{}, badCredentials(err)
	}
	return cfg, nil
}

func badConfiguration(err error) error {
	problem := fmt.Sprintf("reading the AWS configuration: %v", err)
	var missing config.SharedConfigProfileNotExistError
	if errors.As(err, &missing) {
		problem = fmt.Sprintf("there is no AWS profile %q", missing.Profile)
	}
	return &deploy.InputError{Problem: problem, Advice: "check AWS_PROFILE and the files in ~/.aws", Err: err}
}

// checkWhere finds out what the SDK would only say in the middle of an operation.
func checkWhere(cfg aws.Config) error {
	if cfg.Region == "" {
		return &deploy.InputError{
			Problem: "there is no AWS region",
			Advice:  "set AWS_REGION, or a region in the profile that AWS_PROFILE names",
		}
	}
	if !regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`).MatchString(cfg.Region) {
		return &deploy.InputError{
			Problem: fmt.Sprintf("%q is no AWS region", cfg.Region),
			Advice:  "set AWS_REGION to one such as eu-west-1",
		}
	}
	endpoints := map[string]string{"AWS_ENDPOINT_URL": aws.ToString(cfg.BaseEndpoint)}
	for _, service := range []string{"CLOUDFORMATION", "ECR", "ECS", "ELASTIC_LOAD_BALANCING_V2", "STS"} {
		name := "AWS_ENDPOINT_URL_" + service
		endpoints[name] = os.Getenv(name)
	}
	for _, name := range slices.Sorted(maps.Keys(endpoints)) {
		if endpoint := endpoints[name]; endpoint != "" && !isEndpoint(endpoint) {
			return &deploy.InputError{
				Problem: fmt.Sprintf("the AWS endpoint %q is no URL", endpoint),
				Advice:  "set " + name + " to one such as http://127.0.0.1:4566, or unset it",
			}
		}
	}
	return nil
}

func isEndpoint(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// badCredentials tells why there are none, without the SDK's story of where it looked.
func badCredentials(err error) error {
	const advice = "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in with 'aws sso login'"
	problem := "there are no AWS credentials"
	var answer smithy.APIError
	switch {
	case strings.Contains(err.Error(), "EC2 IMDS"): // the last place, after all others had none
	case errors.As(err, &answer):
		problem = fmt.Sprintf("AWS gives no credentials: %s: %s", answer.ErrorCode(), answer.ErrorMessage())
	default:
		problem = "getting AWS credentials: " + strings.TrimPrefix(err.Error(), "failed to refresh cached credentials, ")
	}
	return &deploy.InputError{Problem: problem, Advice: advice, Err: err}
}

// askForToken asks for the code of an MFA device, which a profile can demand.
func askForToken(in io.Reader, out io.Writer) func() (string, error) {
	return func() (string, error) {
		fmt.Fprint(out, "MFA code: ")
		line, err := bufio.NewReader(in).ReadString('\n')
		if code := strings.TrimSpace(line); code != "" {
			return code, nil
		}
		return "", fmt.Errorf("reading the MFA code: %w", err)
	}
}
