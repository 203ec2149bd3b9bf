package wire

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// createStackInput has some of the members that CreateStack has on AWS.
type createStackInput struct {
	StackName        string
	TemplateBody     string
	Parameters       []struct{ ParameterKey, ParameterValue string }
	Capabilities     []string
	TimeoutInMinutes int
	DisableRollback  bool
	Tags             []struct{ Key, Value string }
}

// runTaskInput has some of the members that RunTask has on AWS.
type runTaskInput struct {
	Cluster        string `json:"cluster"`
	Count          int    `json:"count"`
	LaunchType     string `json:"launchType"`
	TaskDefinition string `json:"taskDefinition"`
	Overrides      *struct {
		ContainerOverrides []struct {
			Name string `json:"name"`
		} `json:"containerOverrides"`
	} `json:"overrides"`
	Tags []struct {
		Key string `json:"key"`
	} `json:"tags"`
}

func accept[In any](context.Context, *In) (*struct{}, error) { return &struct{}{}, nil }

// TestQueryRequestsAgainstModel sends requests of which each breaks one rule. The words
// are those that users of AWS quote: "failed to satisfy constraint" from CloudFormation
// and Elastic Load Balancing, "Top level element may not be treated as a list" and
// "Unexpected complex element termination" from CloudWatch.
func TestQueryRequestsAgainstModel(t *testing.T) {
	const one = "1 validation error detected: "
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	for _, tc := range []struct{ name, form, code, message string }{
		{"fine", "&Capabilities.member.1=CAPABILITY_IAM&Tags=&TimeoutInMinutes=5&DisableRollback=true", "", ""},
		{"unknown parameter", "&StakName=a", "ValidationError", `Unknown parameter "StakName" for operation CreateStack`},
		{"unknown parameter in a list", "&Tags.member.1.Kye=k", "ValidationError", `Unknown parameter "Tags.member.1.Kye" for operation CreateStack`},
		{"parameter of AWS that is not here", "&OnFailure=DELETE", "ValidationError", "The embedded AWS does not support OnFailure of CreateStack."},
		{"part of a parameter of AWS that is not here", "&Parameters.member.1.UsePreviousValue=true", "ValidationError", "The embedded AWS does not support Parameters.1.UsePreviousValue of CreateStack."},
		{"enum", "&OnFailure=EXPLODE", "ValidationError", one + "Value 'EXPLODE' at 'onFailure' failed to satisfy constraint: Member must satisfy enum value set: [DO_NOTHING, ROLLBACK, DELETE]"},
		{"enum in a list", "&Capabilities.member.1=CAPABILITY_FLY", "ValidationError", one + "Value '[CAPABILITY_FLY]' at 'capabilities' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [CAPABILITY_IAM, CAPABILITY_NAMED_IAM, CAPABILITY_AUTO_EXPAND]]"},
		{"too small", "&TimeoutInMinutes=0", "ValidationError", one + "Value '0' at 'timeoutInMinutes' failed to satisfy constraint: Member must have value greater than or equal to 1"},
		{"too short, in a list", "&Tags.member.1.Key=&Tags.member.1.Value=v", "ValidationError", one + "Value '' at 'tags.1.member.key' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		{"missing in a list", "&Tags.member.1.Key=k", "ValidationError", one + "Value null at 'tags.1.member.value' failed to satisfy constraint: Member must not be null"},
		{"pattern and length", "&ClientRequestToken=", "ValidationError", "2 validation errors detected: Value '' at 'clientRequestToken' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9][-a-zA-Z0-9]*; Value '' at 'clientRequestToken' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		{"no boolean", "&DisableRollback=maybe", "MalformedInput", `Parameter DisableRollback: "maybe" is not a valid boolean`},
		{"no number", "&TimeoutInMinutes=soon", "MalformedInput", `Parameter TimeoutInMinutes: "soon" is not a valid integer`},
		{"a value for a list", "&Capabilities=CAPABILITY_IAM", "MalformedInput", "Unexpected list element termination"},
		{"a list without member", "&Capabilities.1=CAPABILITY_IAM", "MalformedInput", "Top level element may not be treated as a list"},
		{"a value for a structure", "&Tags.member.1=k", "MalformedInput", "Unexpected complex element termination"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			api := &API{Service: "cloudformation", Protocol: Query, Version: "2010-05-15"}
			Handle(api, "CreateStack", accept[createStackInput])
			status, got := serve(t, api, header, "Action=CreateStack&Version=2010-05-15&StackName=a"+tc.form)
			if tc.code == "" {
				if status != http.StatusOK {
					t.Errorf("answer %d\n%s\nwant success", status, got)
				}
				return
			}
			want := "<Code>" + tc.code + "</Code><Message>" + escaper.Replace(tc.message) + "</Message>"
			if status != http.StatusBadRequest || !strings.Contains(got, want) {
				t.Errorf("answer %d\n%s\nwant 400 with\n%s", status, got, want)
			}
		})
	}
	t.Run("missing parameter", func(t *testing.T) {
		api := &API{Service: "cloudformation", Protocol: Query, Version: "2010-05-15"}
		Handle(api, "CreateStack", accept[createStackInput])
		_, got := serve(t, api, header, "Action=CreateStack&Version=2010-05-15")
		if want := escaper.Replace("Value null at 'stackName' failed to satisfy constraint: Member must not be null"); !strings.Contains(got, want) {
			t.Errorf("answer\n%s\nwant it with\n%s", got, want)
		}
	})
}

// TestJSONRequestsAgainstModel is the same for the protocol of ECS. The words of the
// SerializationException are those that users of other services of this protocol quote.
func TestJSONRequestsAgainstModel(t *testing.T) {
	const one = "1 validation error detected: "
	for _, tc := range []struct{ name, body, code, message string }{
		{"fine", `{"taskDefinition":"a","count":2,"overrides":{"containerOverrides":[{"name":"c"}]},"startedBy":null}`, "", ""},
		{"unknown parameter", `{"taskDefinition":"a","cuont":1}`, "SerializationException", `Unknown parameter "cuont" for operation RunTask`},
		{"names are told by case", `{"taskDefinition":"a","Count":1}`, "SerializationException", `Unknown parameter "Count" for operation RunTask`},
		{"unknown parameter in a list", `{"taskDefinition":"a","tags":[{"kye":"k"}]}`, "SerializationException", `Unknown parameter "tags.1.kye" for operation RunTask`},
		{"parameter of AWS that is not here", `{"taskDefinition":"a","startedBy":"me"}`, "InvalidParameterException", "The embedded AWS does not support startedBy of RunTask."},
		{"part of a parameter of AWS that is not here", `{"taskDefinition":"a","overrides":{"containerOverrides":[{"cpu":1}]}}`, "InvalidParameterException", "The embedded AWS does not support overrides.containerOverrides.1.cpu of RunTask."},
		{"enum", `{"taskDefinition":"a","launchType":"LAMBDA"}`, "InvalidParameterException", one + "Value 'LAMBDA' at 'launchType' failed to satisfy constraint: Member must satisfy enum value set: [EC2, FARGATE, EXTERNAL, MANAGED_INSTANCES]"},
		{"missing parameter", `{}`, "InvalidParameterException", one + "Value null at 'taskDefinition' failed to satisfy constraint: Member must not be null"},
		{"null is missing", `{"taskDefinition":null}`, "InvalidParameterException", one + "Value null at 'taskDefinition' failed to satisfy constraint: Member must not be null"},
		{"too long, in a list", `{"taskDefinition":"a","tags":[{"key":"` + strings.Repeat("k", 129) + `"}]}`, "InvalidParameterException", one + "Value '" + strings.Repeat("k", 129) + "' at 'tags.1.member.key' failed to satisfy constraint: Member must have length less than or equal to 128"},
		{"a string for a number", `{"taskDefinition":"a","count":"2"}`, "SerializationException", "STRING_VALUE can not be converted to an Integer"},
		{"a fraction for a whole number", `{"taskDefinition":"a","count":1.5}`, "SerializationException", "NUMBER_VALUE can not be converted to an Integer"},
		{"a number for a string", `{"taskDefinition":7}`, "SerializationException", "NUMBER_VALUE can not be converted to a String"},
		{"a boolean for a string", `{"taskDefinition":true}`, "SerializationException", "TRUE_VALUE can not be converted to a String"},
		{"a structure for a string", `{"taskDefinition":{"a":1}}`, "SerializationException", "Start of structure or map found where not expected."},
		{"a string for a list", `{"taskDefinition":"a","tags":"k"}`, "SerializationException", "Expected list or null"},
		{"a string for a structure", `{"taskDefinition":"a","overrides":"k"}`, "SerializationException", "Expected null"},
		{"a list for the request", `[]`, "SerializationException", "Unrecognized collection type class RunTaskRequest"},
		{"two requests", `{"taskDefinition":"a"}{}`, "SerializationException", "RunTask: more than one value"},
		{"no JSON", `{`, "SerializationException", "RunTask: unexpected EOF"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			api := &API{Service: "ecs", Protocol: JSON}
			Handle(api, "RunTask", accept[runTaskInput])
			status, got := serve(t, api, http.Header{"X-Amz-Target": {"AmazonEC2ContainerServiceV20141113.RunTask"}}, tc.body)
			if tc.code == "" {
				if status != http.StatusOK {
					t.Errorf("answer %d %s, want success", status, got)
				}
				return
			}
			want := `{"__type":"` + tc.code + `","message":"` + strings.ReplaceAll(tc.message, `"`, `\"`) + `"}`
			if status != http.StatusBadRequest {
				t.Errorf("status %d, want 400", status)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
		})
	}
}

// TestOwnWords: what the service misses in its own words is left to it, what is inside
// of it is not.
func TestOwnWords(t *testing.T) {
	api := &API{Service: "ecs", Protocol: JSON, OwnWords: []string{"RunTask.taskDefinition"}}
	Handle(api, "RunTask", func(context.Context, *runTaskInput) (*struct{}, error) {
		return nil, Errorf("ClientException", "TaskDefinition cannot be empty.")
	})
	_, got := serve(t, api, http.Header{"X-Amz-Target": {"AmazonEC2ContainerServiceV20141113.RunTask"}}, `{}`)
	if want := `{"__type":"ClientException","message":"TaskDefinition cannot be empty."}`; got != want {
		t.Errorf("answer %s, want %s", got, want)
	}
}

// TestRefusalsAreLogged: whoever runs the emulator learns what it does not have.
func TestRefusalsAreLogged(t *testing.T) {
	for _, tc := range []struct{ name, operation, body, want string }{
		{"operation of AWS", "ListDaemons", "{}", `level=WARN msg="no such operation in the embedded AWS" service=ecs operation=ListDaemons`},
		{"operation that AWS does not have", "ListDemons", "{}", `level=WARN msg="no such operation in AWS" service=ecs operation=ListDemons`},
		{"parameter of AWS", "RunTask", `{"taskDefinition":"a","startedBy":"me"}`, `level=WARN msg="the embedded AWS does not support this parameter" service=ecs operation=RunTask parameter=startedBy`},
		{"parameter that AWS does not have", "RunTask", `{"taskDefinition":"a","startdBy":"me"}`, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var log bytes.Buffer
			api := &API{Service: "ecs", Protocol: JSON, Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{
				ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
					if a.Key == slog.TimeKey {
						return slog.Attr{}
					}
					return a
				},
			}))}
			Handle(api, "RunTask", accept[runTaskInput])
			serve(t, api, http.Header{"X-Amz-Target": {"AmazonEC2ContainerServiceV20141113." + tc.operation}}, tc.body)
			if got := strings.TrimSpace(log.String()); got != tc.want {
				t.Errorf("logged %q, want %q", got, tc.want)
			}
		})
	}
}

// TestOperationOutsideOfModel: an operation that the model does not know yet is a
// fault of the embedded AWS, and says how it is mended.
func TestOperationOutsideOfModel(t *testing.T) {
	api := &API{Service: "ecs", Protocol: JSON}
	Handle(api, "Teleport", accept[runTaskInput])
	status, got := serve(t, api, http.Header{"X-Amz-Target": {"AmazonEC2ContainerServiceV20141113.Teleport"}}, `{}`)
	if status != http.StatusInternalServerError || !strings.Contains(got, "make models") {
		t.Errorf("answer %d %s, want 500 that names make models", status, got)
	}
}

// escaper writes text as it stands in XML.
var escaper = strings.NewReplacer(`'`, "&#39;", `"`, "&#34;")

// TestAnswersByModel: an error has the HTTP status that the model gives its code, and
// an operation without output has no result element.
func TestAnswersByModel(t *testing.T) {
	api := &API{Service: "cloudformation", Protocol: Query, Version: "2010-05-15", Namespace: "urn:n"}
	Handle(api, "DeleteChangeSet", func(context.Context, *struct{ ChangeSetName string }) (*struct{}, error) {
		return nil, Errorf("ChangeSetNotFound", "ChangeSet [a] does not exist")
	})
	Handle(api, "DeleteStack", accept[struct{ StackName string }])
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	if status, got := serve(t, api, header, "Action=DeleteChangeSet&Version=2010-05-15&ChangeSetName=a"); status != http.StatusNotFound {
		t.Errorf("answer %d %s, want 404", status, got)
	}
	want := `<DeleteStackResponse xmlns="urn:n"><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></DeleteStackResponse>`
	if _, got := serve(t, api, header, "Action=DeleteStack&Version=2010-05-15&StackName=a"); got != want {
		t.Errorf("answer\n%s\nwant\n%s", got, want)
	}
}
