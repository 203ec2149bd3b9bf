package constructs

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

var domainName = regexp.MustCompile(`^(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`)

// maxCommonName is how long the first name of a certificate can be (RFC 5280):
// https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html
const maxCommonName = 64

// checkDomain refuses names outside their zone above all: a certificate for one
// would wait for its validation until the deployment times out, hours later.
func (p *NetworkProps) checkDomain() error {
	var errs []error
	if p.CertificateArn != nil && p.DomainName != nil {
		errs = append(errs, errors.New("CertificateArn and DomainName are given, allowed is one of the two; AliasNames makes records only"))
	}
	if p.DomainName != nil && len(*p.DomainName) > maxCommonName {
		errs = append(errs, fmt.Errorf("DomainName is %q, allowed are %d characters in the first name of a certificate; AliasNames may be longer", *p.DomainName, maxCommonName))
	}
	errs = append(errs, p.checkAliases())
	zone := ""
	switch {
	case p.HostedZone != nil && len(p.names()) == 0:
		errs = append(errs, errors.New("HostedZone is given without a name in it, allowed is with DomainName or AliasNames"))
	case p.HostedZone == nil && len(p.names()) > 0:
		errs = append(errs, errors.New("DomainName or AliasNames is given and HostedZone is nil, allowed is with the zone that they are in"))
	case p.HostedZone != nil:
		zone = nameOfZone(p.HostedZone)
	}
	for i, name := range p.names() {
		prop := "AliasNames"
		if i == 0 && p.DomainName != nil {
			prop = "DomainName"
		}
		switch {
		case !domainName.MatchString(name) || len(name) > 253:
			errs = append(errs, fmt.Errorf("%s is %q, allowed is a domain name in lower case that is known at synthesis", prop, name))
		case zone != "" && name != zone && !strings.HasSuffix(name, "."+zone):
			errs = append(errs, fmt.Errorf("%s is %q, allowed is a name in HostedZone %q", prop, name, zone))
		case slices.Contains(p.names()[:i], name):
			errs = append(errs, fmt.Errorf("%s is %q a second time, allowed is each name once", prop, name))
		}
	}
	return errors.Join(errs...)
}

func (p *NetworkProps) checkAliases() error {
	if p.AliasNames == nil {
		return nil
	}
	var errs []error
	for i, name := range *p.AliasNames {
		if name == nil {
			errs = append(errs, fmt.Errorf("AliasNames[%d] is nil, allowed is a domain name", i))
		}
	}
	return errors.Join(errs...)
}

// names are those that lead to the load balancer, DomainName first.
func (p *NetworkProps) names() []string {
	var names []string
	if p.DomainName != nil {
		names = append(names, *p.DomainName)
	}
	if p.AliasNames != nil {
		for _, name := range *p.AliasNames {
			if name != nil { // which checkAliases refuses
				names = append(names, *name)
			}
		}
	}
	return names
}

// nameOfZone is "" when it is not known: of a zone that is imported by its ID
// alone the CDK throws instead of telling it.
func nameOfZone(zone awsroute53.IHostedZone) (name string) {
	defer func() {
		if recover() != nil {
			name = ""
		}
	}()
	name = strings.TrimSuffix(*zone.ZoneName(), ".")
	if isStringToken(name) {
		return ""
	}
	return name
}

// certificateFor is the ARN to serve HTTPS with, nil for HTTP.
func certificateFor(scope awsconstructs.Construct, p *NetworkProps) *string {
	if p.DomainName == nil {
		return p.CertificateArn
	}
	props := &awscertificatemanager.CertificateProps{
		DomainName: p.DomainName,
		Validation: awscertificatemanager.CertificateValidation_FromDns(p.HostedZone),
	}
	if p.AliasNames != nil && len(*p.AliasNames) > 0 {
		props.SubjectAlternativeNames = p.AliasNames
	}
	return awscertificatemanager.NewCertificate(scope, jsii.String("Certificate"), props).CertificateArn()
}

// newAliasRecords are L1 resources: the L2 wants to know the name of a zone
// that may be imported by its ID alone. There is no AAAA record because the
// load balancer has no IPv6 address.
func newAliasRecords(scope awsconstructs.Construct, p *NetworkProps, balancer elb.ApplicationLoadBalancer) {
	for _, name := range p.names() {
		awsroute53.NewCfnRecordSet(scope, jsii.String("Alias"+idOfName(name)), &awsroute53.CfnRecordSetProps{
			HostedZoneId: p.HostedZone.HostedZoneId(),
			Name:         jsii.String(name + "."),
			Type:         jsii.String("A"),
			AliasTarget: &awsroute53.CfnRecordSet_AliasTargetProperty{
				DnsName:      balancer.LoadBalancerDnsName(),
				HostedZoneId: balancer.LoadBalancerCanonicalHostedZoneId(),
			},
		})
	}
}

// idOfName makes "api-v2.example.com" "ApiDashv2ExampleCom". It goes by the name
// and not by its place in the list: moved to another place, a record stays.
func idOfName(name string) string {
	var id strings.Builder
	for label := range strings.SplitSeq(name, ".") {
		label = strings.NewReplacer("*", "Any", "-", "Dash", "_", "Underscore").Replace(label)
		id.WriteString(strings.ToUpper(label[:1]) + label[1:])
	}
	return id.String()
}
