//go:build unix

package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/smithy-go"

	"github.com/slipway-go/slipway/contract"
)

// shopParameters are those of the shop's stack with an image of a number.
func shopParameters(image int) []types.Parameter {
	return []types.Parameter{
		{ParameterKey: aws.String(contract.ParameterStackName), ParameterValue: aws.String("network")},
		{ParameterKey: aws.String(contract.ParameterServiceName), ParameterValue: aws.String("shop")},
		{ParameterKey: aws.String(contract.ParameterImageURL), ParameterValue: aws.String(shopImage(image))},
	}
}

func shopImage(n int) string { return "acme/shop:v" + strconv.Itoa(n) }

// told is a value that a client has been told of, and one that it asked for afterwards.
type told struct{ seen, asked int }

// holds checks what there is after a kill: what was told, or what was asked for and not
// answered.
func (v *told) holds(e *emulated, what string, got int) {
	e.t.Helper()
	if got != v.seen && got != v.asked {
		e.t.Errorf("%s is %d; %d was answered, and %d asked for", what, got, v.seen, v.asked)
	}
	v.seen, v.asked = got, got
}

// rollouts deploys one image of the shop after the other, by its stack.
type rollouts struct{ image told }

func (r *rollouts) work(e *emulated) {
	for {
		r.image.asked = r.image.seen + 1
		_, err := e.cfn.UpdateStack(e.t.Context(), &cloudformation.UpdateStackInput{
			StackName: aws.String("shop"), UsePreviousTemplate: aws.Bool(true), Parameters: shopParameters(r.image.asked),
			Capabilities: []types.Capability{types.CapabilityCapabilityIam},
		})
		if err != nil {
			(&witness{prefix: "shop"}).gone(e, err)
			return
		}
		st, err := e.settled("shop")
		if err != nil {
			return // it was killed
		}
		if st.StackStatus != types.StackStatusUpdateComplete {
			e.t.Errorf("shop is %s: %s", st.StackStatus, aws.ToString(st.StackStatusReason))
			return
		}
		r.image.seen = r.image.asked
	}
}

// check waits until the shop is what its stack says, which is a version that it had, or
// was to have.
func (r *rollouts) check(e *emulated, address string) {
	e.t.Helper()
	st, err := e.settled("shop")
	if err != nil {
		e.t.Fatal(err)
	}
	of := slices.IndexFunc(st.Parameters, func(p types.Parameter) bool { return *p.ParameterKey == contract.ParameterImageURL })
	image, err := strconv.Atoi(strings.TrimPrefix(*st.Parameters[of].ParameterValue, "acme/shop:v"))
	if err != nil {
		e.t.Fatal(err)
	}
	r.image.holds(e, fmt.Sprintf("the image of shop, which is %s,", st.StackStatus), image)
	e.serves(address, shopImage(image))
}

// direct changes things without CloudFormation, and begins a rollout with each round.
type direct struct {
	group     string
	over      chan struct{} // closed when a round is
	parameter told          // its version
	revision  told          // of the task definition
	deployed  told          // that the service has
	desired   told
	path      told // of the target group's health checks
}

func (d *direct) begin(e *emulated) {
	e.t.Helper()
	must := func(err error) {
		e.t.Helper()
		if err != nil {
			e.t.Fatal(err)
		}
	}
	_, err := e.ecs.CreateCluster(e.t.Context(), &ecs.CreateClusterInput{ClusterName: aws.String("direct")})
	must(err)
	must(d.register(e))
	_, err = e.ecs.CreateService(e.t.Context(), &ecs.CreateServiceInput{
		Cluster: aws.String("direct"), ServiceName: aws.String("direct"), TaskDefinition: aws.String("direct:1"), DesiredCount: aws.Int32(1),
		LaunchType:           ecstypes.LaunchTypeFargate,
		NetworkConfiguration: &ecstypes.NetworkConfiguration{AwsvpcConfiguration: &ecstypes.AwsVpcConfiguration{Subnets: []string{"subnet-a"}}},
	})
	must(err)
	group, err := e.elb.CreateTargetGroup(e.t.Context(), &elb.CreateTargetGroupInput{
		Name: aws.String("direct"), Port: aws.Int32(80), Protocol: elbtypes.ProtocolEnumHttp, VpcId: aws.String("vpc-1"),
		TargetType: elbtypes.TargetTypeEnumIp, HealthCheckPath: aws.String("/0"),
	})
	must(err)
	d.group, d.over = *group.TargetGroups[0].TargetGroupArn, make(chan struct{})
	d.revision, d.deployed, d.desired = told{1, 1}, told{1, 1}, told{1, 1}
}

func (d *direct) register(e *emulated) error {
	_, err := e.ecs.RegisterTaskDefinition(e.t.Context(), &ecs.RegisterTaskDefinitionInput{
		Family: aws.String("direct"), Cpu: aws.String("256"), Memory: aws.String("512"), NetworkMode: ecstypes.NetworkModeAwsvpc,
		RequiresCompatibilities: []ecstypes.Compatibility{ecstypes.CompatibilityFargate},
		ContainerDefinitions:    []ecstypes.ContainerDefinition{{Name: aws.String("app"), Image: aws.String("acme/direct:v1")}},
	})
	return err
}

// work changes one thing after the other until the server is gone.
func (d *direct) work(e *emulated) {
	for {
		for _, change := range []struct {
			value *told
			to    int
			call  func(to int) error
		}{
			{&d.parameter, d.parameter.seen + 1, func(int) error {
				_, err := e.parameterStore("PutParameter", `{"Name": "/direct", "Type": "String", "Value": "x", "Overwrite": true}`)
				return err
			}},
			{&d.revision, d.revision.seen + 1, func(int) error { return d.register(e) }},
			{&d.deployed, d.revision.seen + 1, func(to int) error {
				_, err := e.ecs.UpdateService(e.t.Context(), &ecs.UpdateServiceInput{
					Cluster: aws.String("direct"), Service: aws.String("direct"), TaskDefinition: aws.String("direct:" + strconv.Itoa(to)),
				})
				return err
			}},
			{&d.desired, d.desired.seen%3 + 1, func(to int) error {
				_, err := e.ecs.UpdateService(e.t.Context(), &ecs.UpdateServiceInput{
					Cluster: aws.String("direct"), Service: aws.String("direct"), DesiredCount: aws.Int32(int32(to)),
				})
				return err
			}},
			{&d.path, d.path.seen + 1, func(to int) error {
				_, err := e.elb.ModifyTargetGroup(e.t.Context(), &elb.ModifyTargetGroupInput{TargetGroupArn: &d.group, HealthCheckPath: aws.String("/" + strconv.Itoa(to))})
				return err
			}},
		} {
			change.value.asked = change.to
			if err := change.call(change.to); err != nil {
				(&witness{prefix: "direct"}).gone(e, err)
				return
			}
			change.value.seen = change.to
		}
		if d.path.seen == 1 {
			close(d.over)
		}
	}
}

// check holds what there is against what was answered, and waits for the rollout's end.
func (d *direct) check(e *emulated) {
	e.t.Helper()
	fatal := func(err error) {
		e.t.Helper()
		if err != nil {
			e.t.Fatal(err)
		}
	}
	version := 0 // before the first
	if answer, err := e.parameterStore("GetParameter", `{"Name": "/direct"}`); err == nil {
		version = answer.Parameter.Version
	} else if d.parameter.seen > 0 {
		e.t.Errorf("the parameter: %v", err)
	}
	d.parameter.holds(e, "the version of the parameter", version)
	definition, err := e.ecs.DescribeTaskDefinition(e.t.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String("direct")})
	fatal(err)
	d.revision.holds(e, "the revision of the task definition", int(definition.TaskDefinition.Revision))
	groups, err := e.elb.DescribeTargetGroups(e.t.Context(), &elb.DescribeTargetGroupsInput{Names: []string{"direct"}})
	fatal(err)
	path, err := strconv.Atoi(strings.TrimPrefix(*groups.TargetGroups[0].HealthCheckPath, "/"))
	fatal(err)
	d.path.holds(e, "the path of the target group", path)
	for {
		out, err := e.ecs.DescribeServices(e.t.Context(), &ecs.DescribeServicesInput{Cluster: aws.String("direct"), Services: []string{"direct"}})
		fatal(err)
		s := out.Services[0]
		if len(s.Deployments) == 1 && s.RunningCount == s.DesiredCount && s.Deployments[0].RolloutState == ecstypes.DeploymentRolloutStateCompleted {
			revision, err := strconv.Atoi((*s.TaskDefinition)[strings.LastIndex(*s.TaskDefinition, ":")+1:])
			fatal(err)
			d.deployed.holds(e, "the revision that the service runs", revision)
			d.desired.holds(e, "its desired count", int(s.DesiredCount))
			return
		}
		time.Sleep(20 * time.Millisecond) // polls
	}
}

type parameterAnswer struct {
	Parameter struct{ Version int }
	Version   int
}

// parameterStore calls Systems Manager, whose SDK nothing else here needs.
func (e *emulated) parameterStore(operation, body string) (answer parameterAnswer, err error) {
	req, err := http.NewRequestWithContext(e.t.Context(), http.MethodPost, e.endpoint, bytes.NewReader([]byte(body)))
	if err != nil {
		return answer, err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "AmazonSSM."+operation)
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/ssm/aws4_request, SignedHeaders=host, Signature=0")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return answer, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer, err
	}
	if resp.StatusCode != http.StatusOK {
		return answer, &smithy.GenericAPIError{Code: operation, Message: string(data)}
	}
	return answer, json.Unmarshal(data, &answer)
}
