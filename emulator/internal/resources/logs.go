package resources

import (
	"context"
	"errors"
	"fmt"

	"github.com/slipway-go/slipway/emulator/internal/cloudformation"
	"github.com/slipway-go/slipway/emulator/internal/logs"
	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// logGroup is AWS::Logs::LogGroup. What tells whom to let read a group and how to index
// it (DataProtectionPolicy, FieldIndexPolicies, ResourcePolicyDocument, ...) does nothing.
type logGroup struct{ logs *logs.Service }

// logGroupProperties are those that act.
type logGroupProperties struct {
	LogGroupName    string
	LogGroupClass   string
	KmsKeyId        string
	RetentionInDays int
}

func bindLogGroup(r cloudformation.Request) (logGroupProperties, error) {
	acting := map[string]any{}
	for _, name := range []string{"LogGroupName", "LogGroupClass", "KmsKeyId", "RetentionInDays"} {
		if v, ok := r.Properties[name]; ok {
			acting[name] = v
		}
	}
	var out logGroupProperties
	return out, bind(acting, &out)
}

func (p logGroup) Create(ctx context.Context, r cloudformation.Request) (cloudformation.Resource, error) {
	given, err := bindLogGroup(r)
	if err != nil {
		return cloudformation.Resource{}, err
	}
	tags, err := allTags(r.Tags, r.Properties)
	if err != nil {
		return cloudformation.Resource{}, err
	}
	name := given.LogGroupName
	if name == "" {
		name = generated(r, 512)
	}
	_, err = p.logs.CreateLogGroup(ctx, &logs.CreateLogGroupInput{
		LogGroupName: name, LogGroupClass: given.LogGroupClass, KmsKeyId: given.KmsKeyId, Tags: logsForm(tags),
	})
	if err != nil {
		return cloudformation.Resource{}, alreadyExists(r, "LogGroupName", name, err)
	}
	return p.retain(ctx, name, given)
}

// retain sets the retention, without which a group keeps its events for ever.
func (p logGroup) retain(ctx context.Context, name string, given logGroupProperties) (cloudformation.Resource, error) {
	made := cloudformation.Resource{PhysicalID: name, Attributes: map[string]any{"Arn": p.logs.ARN(name) + ":*"}}
	var err error
	if given.RetentionInDays == 0 {
		_, err = p.logs.DeleteRetentionPolicy(ctx, &logs.DeleteRetentionPolicyInput{LogGroupName: name})
	} else {
		_, err = p.logs.PutRetentionPolicy(ctx, &logs.PutRetentionPolicyInput{LogGroupName: name, RetentionInDays: given.RetentionInDays})
	}
	return made, handlerError(err)
}

func (p logGroup) Update(ctx context.Context, r cloudformation.Request) (cloudformation.Resource, error) {
	given, err := bindLogGroup(r)
	if err != nil {
		return cloudformation.Resource{}, err
	}
	arn := p.logs.ARN(r.PhysicalID)
	err = retag(r,
		func(tags []cloudformation.Tag) error {
			_, err := p.logs.TagResource(ctx, &logs.TagResourceInput{ResourceArn: arn, Tags: logsForm(tags)})
			return err
		},
		func(keys []string) error {
			_, err := p.logs.UntagResource(ctx, &logs.UntagResourceInput{ResourceArn: arn, TagKeys: keys})
			return err
		})
	if err != nil {
		return cloudformation.Resource{}, err
	}
	return p.retain(ctx, r.PhysicalID, given)
}

func logsForm(tags []cloudformation.Tag) map[string]string {
	out := map[string]string{}
	for _, t := range tags {
		out[t.Key] = t.Value
	}
	return out
}

func (p logGroup) Delete(ctx context.Context, r cloudformation.Request) error {
	_, err := p.logs.DeleteLogGroup(ctx, &logs.DeleteLogGroupInput{LogGroupName: r.PhysicalID})
	return goneIsFine(err)
}

// alreadyExists words the error of a name that is taken as CloudFormation does; others
// as handlerError does.
func alreadyExists(r cloudformation.Request, property, name string, err error) error {
	if e := (*wire.Error)(nil); !errors.As(err, &e) || e.Code != "ResourceAlreadyExistsException" && e.Code != "BucketAlreadyOwnedByYou" {
		return handlerError(err)
	}
	return fmt.Errorf("Resource handler returned message: \"Resource of type '%s' with identifier '{\"/properties/%s\":\"%s\"}' already exists.\" (RequestToken: %s, HandlerErrorCode: AlreadyExists)",
		r.Type, property, name, wire.NewUUID())
}
