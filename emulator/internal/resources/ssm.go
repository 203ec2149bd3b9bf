package resources

import (
	"context"

	"github.com/slipway-go/slipway/emulator/internal/cloudformation"
	"github.com/slipway-go/slipway/emulator/internal/ssm"
)

// ssmParameter is AWS::SSM::Parameter.
type ssmParameter struct{ ssm *ssm.Service }

type ssmParameterProperties struct {
	Name, Description, Value, Type, AllowedPattern, Tier, DataType string
	Tags                                                           map[string]string
}

func (p ssmParameter) Create(ctx context.Context, r cloudformation.Request) (cloudformation.Resource, error) {
	return p.put(ctx, r, "CFN-"+r.LogicalID+"-"+generated(cloudformation.Request{}, 14)[2:], false)
}

func (p ssmParameter) Update(ctx context.Context, r cloudformation.Request) (cloudformation.Resource, error) {
	return p.put(ctx, r, r.PhysicalID, true)
}

// put writes the parameter, under name where the template has none.
func (p ssmParameter) put(ctx context.Context, r cloudformation.Request, name string, overwrite bool) (cloudformation.Resource, error) {
	properties := &ssmParameterProperties{}
	if err := bind(r.Properties, properties); err != nil {
		return cloudformation.Resource{}, err
	}
	if properties.Name != "" {
		name = properties.Name
	}
	_, err := p.ssm.PutParameter(ctx, &ssm.PutParameterInput{
		Name: name, Description: properties.Description, Value: properties.Value, Type: properties.Type,
		AllowedPattern: properties.AllowedPattern, Tier: properties.Tier, DataType: properties.DataType, Overwrite: overwrite,
	})
	if err != nil {
		return cloudformation.Resource{}, handlerError(err)
	}
	out, err := p.ssm.GetParameter(ctx, &ssm.GetParameterInput{Name: name})
	if err != nil {
		return cloudformation.Resource{}, handlerError(err)
	}
	return cloudformation.Resource{
		PhysicalID: name,
		Attributes: map[string]any{"Arn": out.Parameter.ARN, "Type": properties.Type, "Value": properties.Value},
	}, nil
}

func (p ssmParameter) Delete(ctx context.Context, r cloudformation.Request) error {
	_, err := p.ssm.DeleteParameter(ctx, &ssm.DeleteParameterInput{Name: r.PhysicalID})
	return goneIsFine(err)
}
