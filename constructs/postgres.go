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

// PostgresDatabase is a PostgreSQL instance on RDS in the network's database
// subnets, where nothing from outside has a route to it. Its storage is
// encrypted, its password is generated in Secrets Manager and is in no
// template, and its security group admits nobody until a service is given
// access:
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
// By default it costs about 14 dollars a month: 12 for the instance, 2 for the
// storage and 40 cents for the secret (us-east-1, 2026; without what storage
// grows by). MultiAz doubles the first two.
//
// Put it into a stack of its own or into the network's. A service may then be
// made anew, and its first version may fail, without a word about the data.
type PostgresDatabase interface {
	awsconstructs.Construct
	// IConnectable lets the database itself be given as Access.To, and to the
	// CDK's own Connections.
	awsec2.IConnectable
	// Instance is the RDS instance.
	Instance() awsrds.DatabaseInstance
	// Secret has the keys username, password, host, port and dbname.
	Secret() awssecretsmanager.ISecret
	// SecurityGroup admits nobody until access is given, and lets nothing out.
	SecurityGroup() awsec2.SecurityGroup
	// Environment is where the database is: PGHOST, PGPORT and PGDATABASE, which
	// libpq and most drivers read of their own accord. Each call makes a new map,
	// to which other variables may be added.
	//
	// RDS refuses connections without TLS from PostgreSQL 15 on.
	Environment() *map[string]*string
	// Secrets is how to log in: PGUSER and PGPASSWORD, by reference to Secret.
	// ECS reads them when a task starts. Each call makes a new map.
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

// NewPostgresDatabase defines a database. It panics when props cannot work.
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
