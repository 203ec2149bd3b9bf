package cli

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/imageref"
	"github.com/slipway-go/slipway/imageref/ecrauth"
)

// imageResolver finds out what images are in their registries, with the credentials of
// docker login, and for Amazon ECR with those of cfg. It is for every command that puts an
// image into a stack.
func imageResolver(cfg aws.Config) deploy.Resolver {
	return &imageref.Resolver{Keychain: ecrauth.New(cfg, nil)}
}

// noResolveFlag adds --no-resolve to a command that puts an image into a stack.
func noResolveFlag(cmd *cobra.Command) *bool {
	return cmd.Flags().Bool("no-resolve", false, "deploy the image as it is named, without asking its registry for the digest")
}
