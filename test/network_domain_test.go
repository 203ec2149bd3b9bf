package test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/templates"
)

const someCertificate = "arn:aws:acm:eu-central-1:123456789012:certificate/0b1f0b1f-0000-4000-8000-0123456789ab"

// zones are example.com as users import it: with its name, and by its ID alone,
// when the CDK does not know its name.
func zones(app awscdk.App) (named, byID awsroute53.IHostedZone) {
	around := awscdk.NewStack(app, jsii.String("around"), nil)
	named = awsroute53.HostedZone_FromHostedZoneAttributes(around, jsii.String("Named"), &awsroute53.HostedZoneAttributes{
		HostedZoneId: jsii.String("Z1"), ZoneName: jsii.String("example.com"),
	})
	return named, awsroute53.HostedZone_FromHostedZoneId(around, jsii.String("ByID"), jsii.String("Z1"))
}

func TestDomainNameIssuesCertificate(t *testing.T) {
	for _, tt := range []struct {
		name string
		zone func(named, byID awsroute53.IHostedZone) awsroute53.IHostedZone
	}{
		{"zone by name", func(named, _ awsroute53.IHostedZone) awsroute53.IHostedZone { return named }},
		{"zone by ID", func(_, byID awsroute53.IHostedZone) awsroute53.IHostedZone { return byID }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			app := newApp(t)
			got := networkStackTemplate(t, app, &constructs.NetworkProps{
				HostedZone: tt.zone(zones(app)),
				DomainName: jsii.String("shop.example.com"),
				AliasNames: jsii.Strings("www.example.com"),
			})
			certificate := got.Resources["Certificate"].Properties
			for property, want := range map[string]any{
				"DomainName":              "shop.example.com",
				"SubjectAlternativeNames": []any{"www.example.com"},
				"ValidationMethod":        "DNS",
				"DomainValidationOptions": []any{
					map[string]any{"DomainName": "shop.example.com", "HostedZoneId": "Z1"},
					map[string]any{"DomainName": "www.example.com", "HostedZoneId": "Z1"},
				},
			} {
				if diff := cmp.Diff(want, certificate[property]); diff != "" {
					t.Errorf("%s (-want +got):\n%s", property, diff)
				}
			}

			listener := got.Resources["PublicLoadBalancerListener"].Properties
			if listener["Protocol"] != "HTTPS" || !cmp.Equal(at(listener, "Certificates.0.CertificateArn"), ref("Certificate")) {
				t.Errorf("the listener does not serve it: %v", listener)
			}
			if _, ok := got.Resources["PublicLoadBalancerRedirectListener"]; !ok {
				t.Error("nothing redirects to HTTPS")
			}
			for id, name := range map[string]string{"AliasShopExampleCom": "shop.example.com.", "AliasWwwExampleCom": "www.example.com."} {
				want := map[string]any{
					"HostedZoneId": "Z1", "Name": name, "Type": "A",
					"AliasTarget": map[string]any{
						"DNSName":      getAtt("PublicLoadBalancer", "DNSName"),
						"HostedZoneId": getAtt("PublicLoadBalancer", "CanonicalHostedZoneID"),
					},
				}
				if diff := cmp.Diff(want, got.Resources[id].Properties); diff != "" {
					t.Errorf("%s (-want +got):\n%s", id, diff)
				}
			}
			// Services keep what they import.
			if diff := cmp.Diff(parse(t, templates.Network()).Outputs, got.Outputs); diff != "" {
				t.Errorf("the outputs change with a domain (-without +with):\n%s", diff)
			}
		})
	}
}

// TestAliasNamesAlone: with a certificate that is there already, or none.
func TestAliasNamesAlone(t *testing.T) {
	app := newApp(t)
	named, _ := zones(app)
	got := networkStackTemplate(t, app, &constructs.NetworkProps{
		CertificateArn: jsii.String(someCertificate),
		HostedZone:     named,
		AliasNames:     jsii.Strings("example.com"),
	})
	if n := countOf(got, "AWS::CertificateManager::Certificate"); n != 0 {
		t.Errorf("%d certificates are issued", n)
	}
	if got := at(got.Resources["PublicLoadBalancerListener"].Properties, "Certificates.0.CertificateArn"); got != someCertificate {
		t.Errorf("the listener serves %v", got)
	}
	if name := got.Resources["AliasExampleCom"].Properties["Name"]; name != "example.com." {
		t.Errorf("the record is for %v", name)
	}
}

func TestNamesHaveToBeInTheirZone(t *testing.T) {
	named, byID := zones(newApp(t))
	for _, tt := range []struct {
		props constructs.NetworkProps
		want  string
	}{
		{constructs.NetworkProps{HostedZone: named, DomainName: jsii.String("shop.example.org")},
			`DomainName is "shop.example.org", allowed is a name in HostedZone "example.com"`},
		{constructs.NetworkProps{HostedZone: named, AliasNames: jsii.Strings("notexample.com")}, `AliasNames is "notexample.com"`},
		{constructs.NetworkProps{HostedZone: named, DomainName: jsii.String("*.example.com")}, ""},
		{constructs.NetworkProps{HostedZone: byID, DomainName: jsii.String("shop.example.org")}, ""}, // nobody knows
		{constructs.NetworkProps{HostedZone: named}, "without a name in it"},
		{constructs.NetworkProps{HostedZone: named, DomainName: jsii.String("shop.example.com"), CertificateArn: jsii.String(someCertificate)},
			"CertificateArn and DomainName are given"},
	} {
		refused(t, &tt.props, tt.want)
	}
}

func TestURL(t *testing.T) {
	app := newApp(t)
	named, _ := zones(app)
	stack := awscdk.NewStack(app, jsii.String("shop"), nil)
	host := func(network constructs.Network) string { return *network.LoadBalancer().LoadBalancerDnsName() }
	for _, tt := range []struct {
		id    string
		props constructs.NetworkProps
		want  func(constructs.Network) string
	}{
		{"Plain", constructs.NetworkProps{}, func(n constructs.Network) string { return "http://" + host(n) }},
		{"Certificate", constructs.NetworkProps{CertificateArn: jsii.String(someCertificate)},
			func(n constructs.Network) string { return "https://" + host(n) }},
		{"Domain", constructs.NetworkProps{HostedZone: named, DomainName: jsii.String("shop.example.com")},
			func(constructs.Network) string { return "https://shop.example.com" }},
		{"Name", constructs.NetworkProps{HostedZone: named, AliasNames: jsii.Strings("shop.example.com")},
			func(constructs.Network) string { return "http://shop.example.com" }},
	} {
		network := constructs.NewNetwork(stack, jsii.String(tt.id), &tt.props)
		if diff := cmp.Diff(stack.Resolve(tt.want(network)), stack.Resolve(network.Url())); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.id, diff)
		}
	}
}
