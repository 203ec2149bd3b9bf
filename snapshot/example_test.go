package snapshot_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/snapshot"
)

func ExampleMatch() {
	testShop := func(t *testing.T) {
		shop := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("shop"), nil)
		awss3.NewBucket(shop, jsii.String("Orders"), nil)

		snapshot.Match(t, shop, &snapshot.Options{
			Acknowledged: []snapshot.Acknowledgement{{
				Resource: "Orders12345678",
				Change:   `Properties.BucketName: "orders" -> nothing`,
				Reason:   "the bucket was never written to",
			}},
		})
	}
	_ = testShop // in a test file of yours it is a function called TestShop
}
