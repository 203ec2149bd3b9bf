package resources

import (
	"context"
	"strings"

	"github.com/slipway-go/slipway/emulator/internal/cloudformation"
	"github.com/slipway-go/slipway/emulator/internal/s3"
)

// s3Bucket is AWS::S3::Bucket. What a bucket has beside its name and its encryption
// (VersioningConfiguration, LifecycleConfiguration, PublicAccessBlockConfiguration, ...)
// does nothing.
type s3Bucket struct {
	s3     *s3.Service
	region string
}

func (p s3Bucket) Create(_ context.Context, r cloudformation.Request) (cloudformation.Resource, error) {
	name, given := r.Properties["BucketName"].(string)
	if !given || name == "" {
		name = strings.ToLower(generated(r, 63))
	}
	encryption, err := bucketEncryption(r)
	if err != nil {
		return cloudformation.Resource{}, err
	}
	if err := p.s3.Create(name, encryption); err != nil {
		return cloudformation.Resource{}, alreadyExists(r, "BucketName", name, err)
	}
	return p.describe(name), nil
}

func (p s3Bucket) Update(_ context.Context, r cloudformation.Request) (cloudformation.Resource, error) {
	encryption, err := bucketEncryption(r)
	if err != nil {
		return cloudformation.Resource{}, err
	}
	return p.describe(r.PhysicalID), handlerError(p.s3.Encrypt(r.PhysicalID, encryption))
}

// Delete deletes an empty bucket; CloudFormation deletes no other.
func (p s3Bucket) Delete(_ context.Context, r cloudformation.Request) error {
	if !p.s3.Has(r.PhysicalID) {
		return nil
	}
	return handlerError(p.s3.Delete(r.PhysicalID))
}

// bucketEncryption is the default encryption of a bucket, from the property
// BucketEncryption.
func bucketEncryption(r cloudformation.Request) (s3.Encryption, error) {
	var given struct {
		ServerSideEncryptionConfiguration []struct {
			ServerSideEncryptionByDefault struct{ SSEAlgorithm, KMSMasterKeyID string }
			BucketKeyEnabled              bool
			BlockedEncryptionTypes        any
		}
	}
	if v, ok := r.Properties["BucketEncryption"]; ok {
		members, ok := v.(map[string]any)
		if !ok {
			return s3.Encryption{}, mismatch("#/BucketEncryption", v, "object")
		}
		if err := bind(members, &given); err != nil {
			return s3.Encryption{}, err
		}
	}
	if len(given.ServerSideEncryptionConfiguration) == 0 {
		return s3.Encryption{}, nil
	}
	first := given.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault
	return s3.Encryption{SSEAlgorithm: first.SSEAlgorithm, KMSMasterKeyID: first.KMSMasterKeyID}, nil
}

// describe has the return values of AWS::S3::Bucket in CloudFormation's template
// reference.
func (p s3Bucket) describe(name string) cloudformation.Resource {
	return cloudformation.Resource{PhysicalID: name, Attributes: map[string]any{
		"Arn":                 s3.ARN(name),
		"DomainName":          name + ".s3.amazonaws.com",
		"RegionalDomainName":  name + ".s3." + p.region + ".amazonaws.com",
		"DualStackDomainName": name + ".s3.dualstack." + p.region + ".amazonaws.com",
		"WebsiteURL":          "http://" + name + ".s3-website-" + p.region + ".amazonaws.com",
	}}
}

// Exists implements [cloudformation.Types] for the types of which stacks retain resources:
// buckets, log groups and parameters. Whether others exist, creating them tells.
func (r *Registry) Exists(resourceType string, properties map[string]any) bool {
	switch p := r.acting[resourceType].(type) {
	case s3Bucket:
		name, _ := properties["BucketName"].(string)
		return p.s3.Has(name)
	case ssmParameter:
		name, _ := properties["Name"].(string)
		_, ok := p.ssm.Value(name)
		return ok
	case logGroup:
		name, _ := properties["LogGroupName"].(string)
		return p.logs.Has(name)
	}
	return false
}
