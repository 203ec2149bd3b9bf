package constructs

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
)

func TestContainerPropsValidate(t *testing.T) {
	for _, tt := range []struct {
		name  string
		props ContainerProps
		want  []string // what the error names; none when there is no error
	}{
		{"nothing", ContainerProps{}, nil},
		{"variables", ContainerProps{Environment: map[string]*string{"LOG_LEVEL": ptr("info"), "_X1": ptr("")}}, nil},
		{"a name with a dash", ContainerProps{Environment: map[string]*string{"LOG-LEVEL": ptr("info")}},
			[]string{`a name in Environment is "LOG-LEVEL"`, "letters, digits and _"}},
		{"a value that is nil", ContainerProps{Environment: map[string]*string{"LOG_LEVEL": nil}},
			[]string{`Environment["LOG_LEVEL"] is nil`}},
		{"a secret that is nil", ContainerProps{Secrets: map[string]awsecs.Secret{"TOKEN": nil}},
			[]string{`Secrets["TOKEN"] is nil`}},
		{"one name twice", ContainerProps{Environment: map[string]*string{"TOKEN": ptr("x")}, Secrets: map[string]awsecs.Secret{"TOKEN": nil}},
			[]string{`"TOKEN" is in Environment and in Secrets`}},
		{"a health check", ContainerProps{HealthCheckCommand: []string{"CMD-SHELL", "curl -f localhost/health"}}, nil},
		{"a health check without its kind", ContainerProps{HealthCheckCommand: []string{"curl", "-f"}},
			[]string{`HealthCheckCommand is ["curl" "-f"]`, "CMD-SHELL"}},
		{"a health check without a command", ContainerProps{HealthCheckCommand: []string{"CMD"}},
			[]string{`HealthCheckCommand is ["CMD"]`}},
	} {
		err := tt.props.Validate()
		if (err != nil) != (len(tt.want) > 0) {
			t.Errorf("%s: error %v", tt.name, err)
			continue
		}
		for _, text := range tt.want {
			if !strings.Contains(err.Error(), text) {
				t.Errorf("%s: error %q does not say %q", tt.name, err, text)
			}
		}
	}
	// A service and a task refuse what their container refuses.
	bad := ContainerProps{HealthCheckCommand: []string{"CMD"}}
	for _, err := range []error{(&FargateServiceProps{ContainerProps: bad}).Validate(), (&FargateTaskProps{ContainerProps: bad}).Validate()} {
		if err == nil || !strings.Contains(err.Error(), "HealthCheckCommand") {
			t.Errorf("error %v does not name HealthCheckCommand", err)
		}
	}
}
