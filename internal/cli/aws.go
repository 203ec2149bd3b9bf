package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/smithy-go/logging"
	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/deploy"
)

// maxAttempts bounds the SDK's retries of one call. The deployer's poller goes on
// after a failed look by itself, so that more would only hide an outage.
const maxAttempts = 4

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
		return aws.Config{}, &deploy.InputError{
			Problem: fmt.Sprintf("reading the AWS configuration: %v", err),
			Advice:  "check AWS_PROFILE and the files in ~/.aws",
			Err:     err,
		}
	}
	if cfg.Region == "" {
		return aws.Config{}, &deploy.InputError{
			Problem: "there is no AWS region",
			Advice:  "set AWS_REGION, or a region in the profile that AWS_PROFILE names",
		}
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		if ctx.Err() != nil {
			return aws.Config{}, fmt.Errorf("looking for AWS credentials: %w", context.Cause(ctx))
		}
		return aws.Config{}, &deploy.InputError{
			Problem: fmt.Sprintf("there are no AWS credentials: %v", err),
			Advice:  "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in with 'aws sso login'",
			Err:     err,
		}
	}
	return cfg, nil
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
