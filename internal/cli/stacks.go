package cli

import (
	"fmt"
	"regexp"

	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/contract"
)

// stackNames are the flags that name the two stacks.
type stackNames struct {
	network, service string
}

func (s *stackNames) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.network, "network-stack", contract.NetworkStackName, "`NAME` of the network stack")
	cmd.Flags().StringVar(&s.service, "service-stack", contract.ServiceStackName, "`NAME` of the service stack")
}

// check finds out before anything is asked of AWS what cannot be two stacks. With one
// name for both, the second template would replace the resources of the first.
func (s *stackNames) check() error {
	for _, flag := range []struct{ name, value string }{{"--network-stack", s.network}, {"--service-stack", s.service}} {
		if !isStackName(flag.value) {
			return fmt.Errorf("reading %s %q: a stack's name is a letter, and then up to 127 letters, digits and hyphens", flag.name, flag.value)
		}
	}
	if s.network == s.service {
		return fmt.Errorf("--network-stack and --service-stack are both %q; they have to be two stacks", s.network)
	}
	return nil
}

// isStackName tells whether CloudFormation takes a name for a stack.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
func isStackName(name string) bool {
	return regexp.MustCompile(`^[a-zA-Z][-a-zA-Z0-9]{0,127}$`).MatchString(name)
}
