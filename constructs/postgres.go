package constructs

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsrds"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// PostgresDatabase is a PostgreSQL instance on RDS in the database subnets of a
// network, to which nothing outside of the VPC has a route. The storage is
// encrypted. The password is generated in Secrets Manager and is not in the
// template. The security group lets nobody in until a service is given access:
//
//	db := constructs.NewPostgresDatabase(stack, jsii.String("Database"),
//		&constructs.PostgresDatabaseProps{Network: network})
//	constructs.NewFargateService(stack, jsii.String("Orders"), &constructs.FargateServiceProps{
//		...
//		AccessTo:    []constructs.Access{{To: db}},
//		Environment: db.Environment(),
//		Secrets:     db.Secrets(),
//	})
//
// By default it costs about 14 dollars a month: 12 for the instance, 2 for 20
// GiB of storage and 40 cents for the secret. MultiAz doubles the first two.
// Storage that RDS adds costs more. See
// https://aws.amazon.com/rds/postgresql/pricing/
//
// Define it in another stack than the services, its own or that of the network.
// A stack of a service can then be deleted, or fail when it is first deployed,
// without the database.
type PostgresDatabase interface {
	awsconstructs.Construct
	// IConnectable lets the database be given as To of an [Access], and to the
	// Connections of other constructs of the CDK.
	awsec2.IConnectable
	// Instance is the RDS instance.
	Instance() awsrds.DatabaseInstance
	// Secret is the secret in Secrets Manager. Its JSON has, among others, the
	// keys username, password, host, port and dbname.
	Secret() awssecretsmanager.ISecret
	// SecurityGroup is that of the instance. It lets in only what is given
	// access, and lets the instance connect to nothing.
	SecurityGroup() awsec2.SecurityGroup
	// Environment is the address of the database in environment variables:
	// PGHOST, PGPORT and PGDATABASE, which libpq and most drivers read by
	// default. Each call returns a new map, to which other variables can be
	// added.
	//
	// From PostgreSQL 15 on, RDS refuses connections without TLS.
	Environment() *map[string]*string
	// Secrets is the login in environment variables, PGUSER and PGPASSWORD,
	// which ECS reads from Secret() when it starts a task. Each call returns a
	// new map.
	Secrets() *map[string]awsecs.Secret
}

type postgresDatabase struct {
	awsconstructs.Construct
	instance      awsrds.DatabaseInstance
	securityGroup awsec2.SecurityGroup
	connections   awsec2.Connections
	databaseName  *string
}

func (d *postgresDatabase) Instance() awsrds.DatabaseInstance   { return d.instance }
func (d *postgresDatabase) Connections() awsec2.Connections     { return d.connections }
func (d *postgresDatabase) SecurityGroup() awsec2.SecurityGroup { return d.securityGroup }

// Secret is the one that is attached to the instance: who refers to it waits
// for the instance, and finds host and port in it.
func (d *postgresDatabase) Secret() awssecretsmanager.ISecret { return d.instance.Secret() }

func (d *postgresDatabase) Environment() *map[string]*string {
	return &map[string]*string{
		"PGHOST":     d.instance.DbInstanceEndpointAddress(),
		"PGPORT":     jsii.String(strconv.Itoa(postgresPort)),
		"PGDATABASE": d.databaseName,
	}
}

func (d *postgresDatabase) Secrets() *map[string]awsecs.Secret {
	return &map[string]awsecs.Secret{
		"PGUSER":     awsecs.Secret_FromSecretsManager(d.Secret(), jsii.String("username")),
		"PGPASSWORD": awsecs.Secret_FromSecretsManager(d.Secret(), jsii.String("password")),
	}
}

// postgresPort is where RDS has PostgreSQL listen unless told otherwise.
const postgresPort = 5432

// NewPostgresDatabase defines a database. It panics when
// [PostgresDatabaseProps.Validate] returns an error.
func NewPostgresDatabase(scope awsconstructs.Construct, id *string, props *PostgresDatabaseProps) PostgresDatabase {
	mustBeValid(scope, id, props.Validate())
	p := props.withDefaults()
	d := &postgresDatabase{databaseName: p.DatabaseName}
	awsconstructs.NewConstruct_Override(d, scope, id)

	d.securityGroup = awsec2.NewSecurityGroup(d, jsii.String("SecurityGroup"), &awsec2.SecurityGroupProps{
		Vpc:              p.Network.Vpc(),
		Description:      jsii.String("Access to the database"),
		AllowAllOutbound: jsii.Bool(false), // it answers, it calls nobody
	})
	// The secret that the instance would make has a logical ID that depends on how
	// the CDK has passwords generated; this one stays.
	secret := awsrds.NewDatabaseSecret(d, jsii.String("Secret"), &awsrds.DatabaseSecretProps{Username: p.UserName})
	if p.RemovalPolicy == awscdk.RemovalPolicy_RETAIN {
		// An instance that stays is of no use without its password.
		secret.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN)
	}
	d.instance = awsrds.NewDatabaseInstance(d, jsii.String("Instance"), &awsrds.DatabaseInstanceProps{
		Engine:       awsrds.DatabaseInstanceEngine_Postgres(&awsrds.PostgresInstanceEngineProps{Version: p.EngineVersion}),
		InstanceType: p.InstanceType,
		Credentials:  awsrds.Credentials_FromSecret(secret, p.UserName),
		DatabaseName: p.DatabaseName,

		Vpc:                p.Network.Vpc(),
		VpcSubnets:         &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PRIVATE_ISOLATED},
		PubliclyAccessible: jsii.Bool(false),
		SecurityGroups:     &[]awsec2.ISecurityGroup{d.securityGroup},

		StorageType:          awsrds.StorageType_GP3,
		AllocatedStorage:     p.StorageGiB,
		MaxAllocatedStorage:  p.maxStorage(),
		StorageEncrypted:     jsii.Bool(true),
		StorageEncryptionKey: p.EncryptionKey,

		MultiAz:                 p.MultiAz,
		BackupRetention:         awscdk.Duration_Days(p.BackupRetentionDays),
		AutoMinorVersionUpgrade: p.MinorVersionUpgrades,
		DeletionProtection:      p.DeletionProtection,
		RemovalPolicy:           p.RemovalPolicy,
	})
	// The instance's own would ask the deployment for the port, which other stacks
	// then had to import.
	d.connections = awsec2.NewConnections(&awsec2.ConnectionsProps{
		SecurityGroups: &[]awsec2.ISecurityGroup{d.securityGroup},
		DefaultPort:    awsec2.Port_Tcp(jsii.Number(postgresPort)),
	})
	return d
}
