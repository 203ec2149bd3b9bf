package deploy

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

func TestPlace(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]Place{
		"arn:aws:cloudformation:eu-west-1:123456789012:stack/shop/3927a9f7":        {"123456789012", "eu-west-1"},
		"arn:aws-cn:cloudformation:cn-north-1:123456789012:stack/shop/3927a9f7":    {"123456789012", "cn-north-1"},
		"arn:aws-us-gov:cloudformation:us-gov-east-1:123456789012:stack/shop/3927": {"123456789012", "us-gov-east-1"},
		"shop": {},
	} {
		if got := (&stack{types.Stack{StackId: aws.String(id)}}).place(); got != want {
			t.Errorf("place of %s = %+v, want %+v", id, got, want)
		}
	}
}
