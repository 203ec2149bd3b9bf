package constructs

import (
	"testing"

	"github.com/aws/jsii-runtime-go"
)

func TestFargateTaskProps(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		props *FargateTaskProps
		want  string
	}{
		{"nil", nil, "props is nil, it has no default"},
		{"empty", &FargateTaskProps{}, "ServiceName is nil, it has no default\nImageUrl is nil, it has no default"},
		{"enough", &FargateTaskProps{ServiceName: jsii.String("mail"), ImageUrl: jsii.String("mail:1")}, ""},
		{
			"nothing right",
			&FargateTaskProps{
				ServiceName: jsii.String("-"), ImageUrl: jsii.String("mail 1"), ContainerPort: jsii.Number(0),
				ContainerCpu: jsii.Number(256), ContainerMemory: jsii.Number(4096), StopTimeoutSeconds: jsii.Number(121),
			},
			"ServiceName is \"-\", allowed is 1 to 255 letters, digits, - and _\n" +
				"ImageUrl is \"mail 1\", allowed is an image reference: it contains white space\n" +
				"ContainerPort is 0, allowed is a whole number from 1 to 65535\n" +
				"ContainerMemory is 4096 with ContainerCpu 256, allowed are [512 1024 2048]\n" +
				"StopTimeoutSeconds is 121, allowed is a whole number from 2 to 120",
		},
	} {
		got := ""
		if err := tt.props.Validate(); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tt.name, got, tt.want)
		}
	}
}
