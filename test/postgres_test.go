package test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsrds"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/snapshot/templatediff"
)

// databaseSubnets is a network that has them.
func databaseSubnets(stack awscdk.Stack) constructs.Network {
	return constructs.NewNetwork(stack, jsii.String("Network"), &constructs.NetworkProps{DatabaseSubnets: jsii.Bool(true)})
}

// databaseTemplate is a stack with a network and a database in it.
func databaseTemplate(t *testing.T, props constructs.PostgresDatabaseProps) (got template, text string) {
	t.Helper()
	app := newApp(t)
	stack := awscdk.NewStack(app, jsii.String("shop"), nil)
	props.Network = databaseSubnets(stack)
	constructs.NewPostgresDatabase(stack, jsii.String("Database"), &props)
	text = synthesize(t, app, "shop")
	return parse(t, text), text
}

func TestPostgresDefaults(t *testing.T) {
	got, text := databaseTemplate(t, constructs.PostgresDatabaseProps{})
	instance, secret := got.idOf(t, "AWS::RDS::DBInstance"), got.idOf(t, "AWS::SecretsManager::Secret")
	subnetGroup := got.idOf(t, "AWS::RDS::DBSubnetGroup")
	var subnets []any
	for _, id := range slices.Sorted(maps.Keys(got.Resources)) {
		if got.Resources[id].Type == "AWS::EC2::Subnet" && strings.Contains(id, "DatabaseSubnet") {
			subnets = append(subnets, ref(id))
		}
	}
	got.has(t,
		expectation{instance, "Engine", "postgres"},
		expectation{instance, "EngineVersion", "17"},
		expectation{instance, "DBInstanceClass", "db.t4g.micro"},
		expectation{instance, "StorageType", "gp3"},
		expectation{instance, "AllocatedStorage", "20"},
		expectation{instance, "MaxAllocatedStorage", 100.0},
		expectation{instance, "StorageEncrypted", true},
		expectation{instance, "KmsKeyId", nil},
		expectation{instance, "MultiAZ", false},
		expectation{instance, "BackupRetentionPeriod", 7.0},
		expectation{instance, "AutoMinorVersionUpgrade", true},
		expectation{instance, "DeletionProtection", true},
		expectation{instance, "PubliclyAccessible", false},
		expectation{instance, "DBName", "app"},
		expectation{instance, "MasterUsername", "app"},
		expectation{instance, "DBSubnetGroupName", ref(subnetGroup)},
		expectation{subnetGroup, "SubnetIds", subnets},
		expectation{secret, "GenerateSecretString.GenerateStringKey", "password"},
		expectation{secret, "GenerateSecretString.SecretStringTemplate", `{"username":"app"}`},
		expectation{secret, "SecretString", nil},
	)
	if r := got.Resources[instance]; r.DeletionPolicy != "Snapshot" || r.UpdateReplacePolicy != "Snapshot" {
		t.Errorf("the instance is deleted by %q and replaced by %q, want snapshots", r.DeletionPolicy, r.UpdateReplacePolicy)
	}

	// The password is nowhere but in the secret.
	password := at(got.Resources[instance].Properties, "MasterUserPassword.Fn::Join.1")
	want := []any{"{{resolve:secretsmanager:", ref(secret), ":SecretString:password::}}"}
	if diff := cmp.Diff(want, password); diff != "" {
		t.Errorf("the password (-want +got):\n%s\n%s", diff, text)
	}

	// Nobody is let in, and the database calls nobody.
	group := at(got.Resources[instance].Properties, "VPCSecurityGroups.0.Fn::GetAtt.0").(string)
	got.has(t,
		expectation{group, "SecurityGroupIngress", nil},
		expectation{group, "SecurityGroupEgress.0.CidrIp", "255.255.255.255/32"},
		expectation{group, "SecurityGroupEgress.1", nil},
	)
	for id, r := range got.Resources {
		if r.Type == "AWS::EC2::SecurityGroupIngress" && cmp.Equal(r.Properties["GroupId"], getAtt(group, "GroupId")) {
			t.Errorf("%s lets somebody into the database", id)
		}
		// What would need an asset, and so a bootstrapped account.
		if r.Type == "AWS::Lambda::Function" {
			t.Errorf("%s is a function", id)
		}
	}
}

func TestPostgresProps(t *testing.T) {
	got, _ := databaseTemplate(t, constructs.PostgresDatabaseProps{
		EngineVersion:        awsrds.PostgresEngineVersion_VER_18(),
		InstanceType:         awsec2.InstanceType_Of(awsec2.InstanceClass_M8G, awsec2.InstanceSize_LARGE),
		StorageGiB:           jsii.Number(50),
		MaxStorageGiB:        jsii.Number(55),
		MultiAz:              jsii.Bool(true),
		BackupRetentionDays:  jsii.Number(35),
		MinorVersionUpgrades: jsii.Bool(false),
		DeletionProtection:   jsii.Bool(false),
		RemovalPolicy:        awscdk.RemovalPolicy_RETAIN,
		DatabaseName:         jsii.String("orders"),
		UserName:             jsii.String("orders_owner"),
	})
	instance := got.idOf(t, "AWS::RDS::DBInstance")
	got.has(t,
		expectation{instance, "EngineVersion", "18"},
		expectation{instance, "DBInstanceClass", "db.m8g.large"},
		expectation{instance, "AllocatedStorage", "50"},
		expectation{instance, "MaxAllocatedStorage", 55.0},
		expectation{instance, "MultiAZ", true},
		expectation{instance, "BackupRetentionPeriod", 35.0},
		expectation{instance, "AutoMinorVersionUpgrade", false},
		expectation{instance, "DeletionProtection", false},
		expectation{instance, "DBName", "orders"},
		expectation{instance, "MasterUsername", "orders_owner"},
	)
	for _, id := range []string{instance, got.idOf(t, "AWS::SecretsManager::Secret")} {
		if policy := got.Resources[id].DeletionPolicy; policy != "Retain" {
			t.Errorf("%s has the deletion policy %q, want Retain", id, policy)
		}
	}

	fills, _ := databaseTemplate(t, constructs.PostgresDatabaseProps{
		MaxStorageGiB: jsii.Number(0), RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	instance = fills.idOf(t, "AWS::RDS::DBInstance")
	fills.has(t,
		expectation{instance, "MaxAllocatedStorage", nil},
		expectation{instance, "DeletionProtection", false},
	)

	app := newApp(t)
	stack := awscdk.NewStack(app, jsii.String("shop"), nil)
	constructs.NewPostgresDatabase(stack, jsii.String("Database"), &constructs.PostgresDatabaseProps{
		Network: databaseSubnets(stack), EncryptionKey: awskms.NewKey(stack, jsii.String("Key"), nil),
	})
	encrypted := parse(t, synthesize(t, app, "shop"))
	encrypted.has(t, expectation{encrypted.idOf(t, "AWS::RDS::DBInstance"), "KmsKeyId", getAtt(encrypted.idOf(t, "AWS::KMS::Key"), "Arn")})
}

// TestPostgresForService: one line each gives a service the way, the address and
// the login, from another stack, too.
func TestPostgresForService(t *testing.T) {
	for _, tt := range []struct {
		name     string
		separate bool
	}{{"one stack", false}, {"two stacks", true}} {
		t.Run(tt.name, func(t *testing.T) {
			app := newApp(t)
			data := awscdk.NewStack(app, jsii.String("data"), nil)
			stack := data
			if tt.separate {
				stack = awscdk.NewStack(app, jsii.String("shop"), nil)
			}
			network := databaseSubnets(data)
			db := constructs.NewPostgresDatabase(data, jsii.String("Database"), &constructs.PostgresDatabaseProps{Network: network})
			environment := db.Environment()
			(*environment)["MODE"] = jsii.String("fast")
			constructs.NewFargateService(stack, jsii.String("Orders"), &constructs.FargateServiceProps{
				Network:     network,
				ServiceName: jsii.String("orders"),
				ImageUrl:    jsii.String("registry.example.com/orders:1"),
				AccessTo:    []constructs.Access{{To: db}},
				Environment: environment,
				Secrets:     db.Secrets(),
			})
			got := parse(t, synthesize(t, app, *stack.StackName()))
			task := got.idOf(t, "AWS::ECS::TaskDefinition")

			var rules []string
			for id, r := range got.Resources {
				if r.Type == "AWS::EC2::SecurityGroupIngress" && strings.Contains(id, "Database") {
					rules = append(rules, id)
				}
			}
			if len(rules) != 1 {
				t.Fatalf("the database lets in %d groups by %q, want the service's", len(rules), rules)
			}
			if source := at(got.Resources[rules[0]].Properties, "SourceSecurityGroupId.Fn::GetAtt.0"); !strings.HasPrefix(source.(string), "OrdersServiceSecurityGroup") {
				t.Errorf("the database lets in %v, want the service", source)
			}

			if service := got.Resources[got.idOf(t, "AWS::ECS::Service")]; !slices.Contains(service.DependsOn, rules[0]) {
				t.Errorf("the service depends on %q: its tasks could find the database closed", service.DependsOn)
			}

			var names []any
			for _, variable := range at(got.Resources[task].Properties, "ContainerDefinitions.0.Environment").([]any) {
				names = append(names, at(variable, "Name"))
			}
			if diff := cmp.Diff([]any{"MODE", "PGDATABASE", "PGHOST", "PGPORT"}, names); diff != "" {
				t.Errorf("environment (-want +got):\n%s", diff)
			}
			got.has(t,
				expectation{task, "ContainerDefinitions.0.Secrets.0.Name", "PGPASSWORD"},
				expectation{task, "ContainerDefinitions.0.Secrets.1.Name", "PGUSER"},
			)
			walk("", any(got.Resources[task].Properties), func(path string, v any) {
				if text, ok := v.(string); ok && strings.Contains(text, "{{resolve:") {
					t.Errorf("the task definition has %s at %s", text, path)
				}
			})
			if tt.separate {
				return
			}
			instance := got.idOf(t, "AWS::RDS::DBInstance")
			attachment := got.idOf(t, "AWS::SecretsManager::SecretTargetAttachment")
			got.has(t,
				expectation{rules[0], "FromPort", 5432.0},
				expectation{instance, "Port", nil}, // RDS's own, which is that
				expectation{task, "ContainerDefinitions.0.Environment.2.Value", getAtt(instance, "Endpoint.Address")},
				expectation{task, "ContainerDefinitions.0.Secrets.0.ValueFrom", map[string]any{
					"Fn::Join": []any{"", []any{ref(attachment), ":password::"}},
				}},
			)
		})
	}
}

// TestPostgresDependsOnNoFlag: flags of the app around change no database.
func TestPostgresDependsOnNoFlag(t *testing.T) {
	database := func(context *map[string]any) string {
		app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(t.TempDir()), Context: context})
		stack := awscdk.NewStack(app, jsii.String("shop"), nil)
		constructs.NewPostgresDatabase(stack, jsii.String("Database"), &constructs.PostgresDatabaseProps{Network: databaseSubnets(stack)})
		return synthesize(t, app, "shop")
	}
	flags := recommendedFlags(t)
	if diff := cmp.Diff(database(nil), database(&flags)); diff != "" {
		t.Errorf("without flags, with them (-without +with):\n%s", diff)
	}
}

func TestPostgresNeedsSubnets(t *testing.T) {
	app := newApp(t)
	stack := awscdk.NewStack(app, jsii.String("shop"), nil)
	attributes := &constructs.NetworkAttributes{StackName: jsii.String("net")}
	for name, network := range map[string]constructs.INetwork{
		"defined":  constructs.NewNetwork(stack, jsii.String("Network"), nil),
		"imported": constructs.NetworkFromAttributes(stack, jsii.String("Imported"), attributes),
	} {
		props := &constructs.PostgresDatabaseProps{Network: network}
		if err := props.Validate(); err == nil || !strings.Contains(err.Error(), "Network has 0 database subnets, allowed are 2 or more") {
			t.Errorf("%s: %v", name, err)
		}
	}
	attributes.DatabaseSubnets = jsii.Bool(true)
	props := &constructs.PostgresDatabaseProps{Network: constructs.NetworkFromAttributes(stack, jsii.String("WithSubnets"), attributes)}
	if err := props.Validate(); err != nil {
		t.Errorf("imported with database subnets: %v", err)
	}

	// A VPC that is looked up has made-up subnets until the CDK has asked the
	// account. A panic because of them would keep it from asking.
	asking := awscdk.NewStack(app, jsii.String("asking"), &awscdk.StackProps{Env: &awscdk.Environment{
		Account: jsii.String("123456789012"), Region: jsii.String("eu-west-1"),
	}})
	vpc := awsec2.Vpc_FromLookup(asking, jsii.String("Vpc"), &awsec2.VpcLookupOptions{VpcId: jsii.String("vpc-0123456789abcdef0")})
	constructs.NewPostgresDatabase(asking, jsii.String("Database"), &constructs.PostgresDatabaseProps{
		Network: constructs.NewNetwork(asking, jsii.String("Network"), &constructs.NetworkProps{Vpc: vpc}),
	})
}

// TestPostgresIsProtected: what would lose the data is told before it is deployed.
func TestPostgresIsProtected(t *testing.T) {
	_, before := databaseTemplate(t, constructs.PostgresDatabaseProps{})
	_, after := databaseTemplate(t, constructs.PostgresDatabaseProps{DatabaseName: jsii.String("orders")})
	_, without := func() (template, string) {
		app := newApp(t)
		databaseSubnets(awscdk.NewStack(app, jsii.String("shop"), nil))
		text := synthesize(t, app, "shop")
		return parse(t, text), text
	}()
	for _, tt := range []struct {
		name, after string
		want        []string // types of what is refused
	}{
		{"another database name", after, []string{"AWS::RDS::DBInstance"}},
		{"no database", without, []string{"AWS::RDS::DBInstance", "AWS::SecretsManager::Secret"}},
	} {
		diff, err := templatediff.Compare(before, tt.after)
		if err != nil {
			t.Fatal(err)
		}
		var types []string
		for _, change := range diff.Refused(nil) {
			types = append(types, change.Type)
		}
		for _, want := range tt.want {
			if !slices.Contains(types, want) {
				t.Errorf("%s: refused are changes of %q, not of %s", tt.name, types, want)
			}
		}
	}
}
