package constructs

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsrds"
)

// PostgresDatabaseProps configures a [PostgresDatabase].
//
// A change of DatabaseName, UserName or EncryptionKey replaces the instance by
// an empty one.
type PostgresDatabaseProps struct {
	// Network is the network with the database subnets, two or more in
	// different zones. A network has them with [NetworkProps.DatabaseSubnets];
	// an imported one also needs [NetworkAttributes.DatabaseSubnets]; in an
	// existing VPC they are its isolated subnets. Required.
	Network INetwork

	// EngineVersion is the version of PostgreSQL. Give a major version, such as
	// awsrds.PostgresEngineVersion_VER_17(). With a minor version, such as
	// 17.6, and MinorVersionUpgrades, RDS upgrades to a later one by itself,
	// and the next update of the instance fails, because it asks for a
	// downgrade, until the later version is written here.
	//
	// Default: PostgreSQL 17, in the minor version that RDS prefers.
	EngineVersion awsrds.PostgresEngineVersion

	// InstanceType is the RDS instance class without its prefix db, and most of
	// the price. A change takes the database down for some minutes, or for
	// about one minute with MultiAz.
	//
	// Default: t4g.micro with 2 vCPUs and 1 GiB, enough for a small service.
	InstanceType awsec2.InstanceType

	// StorageGiB is the gp3 storage that the instance begins with, 20 to 65536
	// GiB. It can be increased and never decreased.
	//
	// Default: 20.
	StorageGiB *float64

	// MaxStorageGiB is the size up to which RDS increases the storage when
	// little is free: at least a tenth more than StorageGiB, at most 65536 GiB.
	// 0 means that RDS does not increase it.
	//
	// Default: five times StorageGiB, at most 65536; 0 where this is not a
	// tenth more than StorageGiB, or where StorageGiB is a token.
	MaxStorageGiB *float64

	// MultiAz adds a standby instance in a second zone, which takes over within
	// about a minute when the first one fails or is maintained. It doubles the
	// price of instance and storage.
	//
	// Default: false. When the zone of the instance fails, the database is down
	// until the zone is back or a backup is restored.
	MultiAz *bool

	// BackupRetentionDays is how far back the database can be restored to any
	// point in time, 1 to 35 days. 0 turns backups off; to turn them on again
	// restarts the database. Backups are free up to the size of the storage.
	//
	// Default: 7.
	BackupRetentionDays *float64

	// MinorVersionUpgrades makes RDS install new minor versions, in its
	// maintenance window and with a restart.
	//
	// Default: true.
	MinorVersionUpgrades *bool

	// DeletionProtection makes RDS refuse to delete the instance, and so the
	// stack, until a deployment has turned it off.
	//
	// Default: true; false when RemovalPolicy is awscdk.RemovalPolicy_DESTROY.
	DeletionProtection *bool

	// RemovalPolicy is what happens to the data when the instance is removed
	// from the stack or replaced: awscdk.RemovalPolicy_SNAPSHOT keeps a last
	// snapshot, RETAIN the instance and its secret, DESTROY nothing. A snapshot
	// does not contain the password in readable form, and the secret is
	// deleted: give a restored database a new password.
	//
	// Default: awscdk.RemovalPolicy_SNAPSHOT.
	RemovalPolicy awscdk.RemovalPolicy

	// DatabaseName is the name of the first database: a letter, then letters,
	// digits and _, at most 63 characters. Reserved words of PostgreSQL, such
	// as user, are refused.
	//
	// Default: app.
	DatabaseName *string

	// UserName is the name of the master user, by the same rules as
	// DatabaseName. RDS reserves some more names, such as admin.
	//
	// Default: app.
	UserName *string

	// EncryptionKey is the KMS key that encrypts storage, backups and
	// snapshots. Snapshots that are encrypted with the default key cannot be
	// shared with another account.
	//
	// Default: the key aws/rds of the account, which is free.
	EncryptionKey awskms.IKey
}

const (
	minStorageGiB = 20
	maxStorageGiB = 65536 // of gp3, for PostgreSQL
)

var postgresName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,62}$`)

// Validate reports every prop that cannot work, joined into one error.
func (p *PostgresDatabaseProps) Validate() error {
	if p == nil {
		return required("props", true)
	}
	return errors.Join(
		required("Network", p.Network == nil),
		p.checkSubnets(),
		p.checkInstanceType(),
		p.checkStorage(),
		checkNumber("BackupRetentionDays", p.BackupRetentionDays, 0, 35),
		checkChoice("RemovalPolicy", p.RemovalPolicy,
			awscdk.RemovalPolicy_SNAPSHOT, awscdk.RemovalPolicy_RETAIN, awscdk.RemovalPolicy_DESTROY),
		checkPostgresName("DatabaseName", p.DatabaseName, reservedDatabaseNames()),
		checkPostgresName("UserName", p.UserName, reservedUserNames()),
	)
}

func (p *PostgresDatabaseProps) withDefaults() *PostgresDatabaseProps {
	d := *p
	if p.EngineVersion == nil {
		d.EngineVersion = awsrds.PostgresEngineVersion_VER_17()
	}
	if p.InstanceType == nil {
		d.InstanceType = awsec2.InstanceType_Of(awsec2.InstanceClass_BURSTABLE4_GRAVITON, awsec2.InstanceSize_MICRO)
	}
	d.StorageGiB = orDefault(p.StorageGiB, minStorageGiB)
	d.MultiAz = orDefault(p.MultiAz, false)
	d.BackupRetentionDays = orDefault(p.BackupRetentionDays, 7)
	d.MinorVersionUpgrades = orDefault(p.MinorVersionUpgrades, true)
	if p.RemovalPolicy == "" {
		d.RemovalPolicy = awscdk.RemovalPolicy_SNAPSHOT
	}
	d.DeletionProtection = orDefault(p.DeletionProtection, d.RemovalPolicy != awscdk.RemovalPolicy_DESTROY)
	d.DatabaseName = orDefault(p.DatabaseName, "app")
	d.UserName = orDefault(p.UserName, "app")
	return &d
}

// maxStorage is nil where the storage does not grow.
func (p *PostgresDatabaseProps) maxStorage() *float64 {
	if p.MaxStorageGiB != nil {
		if *p.MaxStorageGiB == 0 {
			return nil
		}
		return p.MaxStorageGiB
	}
	storage := *orDefault(p.StorageGiB, minStorageGiB)
	if isNumberToken(storage) {
		return nil
	}
	most := math.Min(5*storage, maxStorageGiB)
	if most < leastMaxStorage(storage) {
		return nil
	}
	return &most
}

// leastMaxStorage is the smallest maximum that RDS takes: a tenth more.
func leastMaxStorage(storage float64) float64 { return storage + math.Ceil(storage/10) }

func (p *PostgresDatabaseProps) checkStorage() error {
	storage := orDefault(p.StorageGiB, minStorageGiB)
	if err := checkNumber("StorageGiB", storage, minStorageGiB, maxStorageGiB); err != nil {
		return err
	}
	if p.MaxStorageGiB == nil || *p.MaxStorageGiB == 0 {
		return nil
	}
	if err := checkNumber("MaxStorageGiB", p.MaxStorageGiB, minStorageGiB, maxStorageGiB); err != nil {
		return err
	}
	if isNumberToken(*storage) || isNumberToken(*p.MaxStorageGiB) || *p.MaxStorageGiB >= leastMaxStorage(*storage) {
		return nil
	}
	return fmt.Errorf("MaxStorageGiB is %v, allowed is 0, or a tenth more than StorageGiB: %v or more", *p.MaxStorageGiB, leastMaxStorage(*storage))
}

// checkSubnets refuses a network that has no place for a database. RDS wants
// two zones also for an instance that stands in one.
func (p *PostgresDatabaseProps) checkSubnets() error {
	if p.Network == nil {
		return nil
	}
	if count := len(*p.Network.Vpc().IsolatedSubnets()); count < 2 {
		return fmt.Errorf("Network has %d database subnets, allowed are 2 or more: set DatabaseSubnets of NetworkProps, or of NetworkAttributes where it is imported; a VPC that was brought along needs isolated subnets", count)
	}
	return nil
}

func (p *PostgresDatabaseProps) checkInstanceType() error {
	if p.InstanceType == nil {
		return nil
	}
	name := *p.InstanceType.ToString()
	if !isStringToken(name) && strings.HasSuffix(name, ".nano") {
		return fmt.Errorf("InstanceType is %q, which RDS does not have; the smallest allowed is %q", name, "t4g.micro")
	}
	return nil
}

func checkPostgresName(prop string, name *string, reserved []string) error {
	if err := checkString(prop, name, postgresName, "a letter, then letters, digits and _, 63 together"); err != nil {
		return err
	}
	if name != nil && (slices.Contains(reserved, strings.ToLower(*name)) || strings.HasPrefix(strings.ToLower(*name), "pg_")) {
		return fmt.Errorf("%s is %q, which PostgreSQL or RDS has for itself; allowed is another name, such as %q", prop, *name, "app")
	}
	return nil
}

// reservedDatabaseNames are databases that every instance has already. It has
// postgres, too, but RDS lets that one be asked for.
func reservedDatabaseNames() []string {
	return append(reservedWords(), "rdsadmin", "template0", "template1")
}

// reservedUserNames are roles that every instance has already, and admin, which
// RDS refuses. It takes postgres.
func reservedUserNames() []string {
	return append(reservedWords(), "admin", "none", "public",
		"rdsadmin", "rdsrepladmin", "rdstopmgr", "rds_superuser", "rds_replication", "rds_password", "rds_iam", "rds_ad")
}

// reservedWords are the key words that PostgreSQL takes for nothing else
// (SQL Key Words, its appendix C).
func reservedWords() []string {
	return strings.Fields(`all analyse analyze and any array as asc asymmetric authorization
		binary both case cast check collate collation column concurrently constraint create cross
		current_catalog current_date current_role current_schema current_time current_timestamp current_user
		default deferrable desc distinct do else end except false fetch for foreign freeze from full
		grant group having ilike in initially inner intersect into is isnull join lateral leading left
		like limit localtime localtimestamp natural not notnull null offset on only or order outer
		overlaps placing primary references returning right select session_user similar some symmetric
		system_user table tablesample then to trailing true union unique user using variadic verbose
		when where window with`)
}
