package cli

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// TestMayDelete: only the name of the stack is a yes, and what is asked says where.
func TestMayDelete(t *testing.T) {
	t.Parallel()
	cfg := aws.Config{Region: "eu-west-1", BaseEndpoint: aws.String("http://127.0.0.1:4566")}
	for answer, want := range map[string]bool{"shop\n": true, " shop \n": true, "shop": true, "yes\n": false, "network\n": false, "\n": false, "": false} {
		var asked strings.Builder
		if got := mayDelete(strings.NewReader(answer), &asked, cfg, []string{"shop", "network"}); got != want {
			t.Errorf("the answer %q is taken for %t", answer, got)
		}
		if !strings.Contains(asked.String(), "shop and network in region eu-west-1 at http://127.0.0.1:4566") {
			t.Errorf("it asks %q", asked.String())
		}
	}
}
