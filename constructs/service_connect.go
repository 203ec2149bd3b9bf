package constructs

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"
)

// ServiceConnect makes ECS run a proxy in each task, through which the services
// of a Cloud Map namespace call each other without the load balancer. The
// security group of a service that is called has to let the caller in: name it
// in AccessTo of the caller.
type ServiceConnect struct {
	// Namespace is the name or the ARN of a Cloud Map namespace. Required.
	Namespace *string

	// DnsName is the name by which other services call this one: 1 to 64 lower
	// case letters, digits and -, a letter first. Calls are HTTP, and the proxy
	// ends a request after 15 seconds, ECS's default:
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TimeoutConfiguration.html
	//
	// Default: none. This service only calls others.
	DnsName *string

	// Port is the port by which other services call this one, 1 to 65535. It
	// needs DnsName.
	//
	// Default: ContainerPort.
	Port *float64
}

var (
	namespace   = regexp.MustCompile(`^\S+$`)
	connectName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,63}$`)
)

func (c *ServiceConnect) validate() error {
	if c == nil {
		return nil
	}
	errs := []error{
		required("ServiceConnect.Namespace", c.Namespace == nil),
		checkString("ServiceConnect.Namespace", c.Namespace, namespace, "the name or the ARN of a namespace"),
		checkString("ServiceConnect.DnsName", c.DnsName, connectName, "1 to 64 lower case letters, digits and -, a letter first"),
		checkKnownNumber("ServiceConnect.Port", c.Port, 1, 65535),
	}
	if c.Port != nil && c.DnsName == nil {
		errs = append(errs, errors.New("ServiceConnect.Port is set and DnsName is not, allowed is a port of a service that has a name"))
	}
	return errors.Join(errs...)
}

func (c *ServiceConnect) render(s *fargateService) *awsecs.ServiceConnectProps {
	if c == nil {
		return nil
	}
	props := &awsecs.ServiceConnectProps{
		Namespace: c.Namespace,
		// What the proxy has to say belongs beside what the application says.
		LogDriver: awsecs.NewGenericLogDriver(&awsecs.GenericLogDriverProps{
			LogDriver: jsii.String("awslogs"),
			Options: &map[string]*string{
				"awslogs-group":         s.logGroup.LogGroupName(),
				"awslogs-region":        awscdk.Aws_REGION(),
				"awslogs-stream-prefix": jsii.String("service-connect"),
			},
		}),
	}
	if c.DnsName != nil {
		props.Services = &[]*awsecs.ServiceConnectService{{
			PortMappingName: c.DnsName,
			DnsName:         c.DnsName,
			Port:            c.Port,
		}}
	}
	return props
}

// Access is something that tasks, or a [JumpHost], may connect to. Tasks may
// send to anywhere: what Access adds is a rule in the security group of the
// other side.
type Access struct {
	// To is what to connect to: a [PostgresDatabase], the Service() of another
	// [FargateService], a security group, or any other construct of the CDK
	// that has security groups. They get an ingress rule that lets the tasks
	// in. Required.
	To awsec2.IConnectable

	// Port is the TCP port, 1 to 65535.
	//
	// Default: the default port of To's Connections(), which databases have.
	// Without one, Port is required.
	Port *float64
}

func checkAccess(access []Access) error {
	var errs []error
	for i, a := range access {
		name := fmt.Sprintf("AccessTo[%d]", i)
		errs = append(errs,
			required(name+".To", a.To == nil),
			checkNumber(name+".Port", a.Port, 1, 65535))
		if a.To != nil && a.Port == nil && a.To.Connections().DefaultPort() == nil {
			errs = append(errs, fmt.Errorf("%s.Port is nil, allowed is that only where To has a port of its own", name))
		}
	}
	return errors.Join(errs...)
}

// allowAccess lets the tasks in where they may connect to.
func (s *fargateService) allowAccess(access []Access) {
	if len(access) == 0 {
		return
	}
	allowAccess(s.service.Connections(), s.securityGroup, access, "Tasks of a service")
	// An application that finds its database closed may never become healthy. The
	// rules that open it are children of one group or the other.
	s.service.Node().AddDependency(s.securityGroup)
	for _, a := range access {
		for _, group := range *a.To.Connections().SecurityGroups() {
			s.service.Node().AddDependency(group)
		}
	}
}

// allowAccess writes the rules from the side of who asks: where the other is in
// another stack, its stack need not know of this one.
func allowAccess(from awsec2.Connections, group awsec2.SecurityGroup, access []Access, description string) {
	if len(access) == 0 {
		return
	}
	for _, a := range access {
		if a.Port == nil {
			from.AllowToDefaultPort(a.To, jsii.String(description))
		} else {
			from.AllowTo(a.To, awsec2.Port_Tcp(a.Port), jsii.String(description))
		}
	}
	// AllowTo would write a rule for this side too, which is open already.
	awscdk.Annotations_Of(group).AcknowledgeWarning(jsii.String("@aws-cdk/aws-ec2:ipv4IgnoreEgressRule"),
		jsii.String("this side may connect to anywhere, it is the other side that lets it in"))
}
