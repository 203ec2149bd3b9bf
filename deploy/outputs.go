package deploy

import "context"

// Outputs are the outputs of a stack. Its errors are those of Status.
func (d *Deployer) Outputs(ctx context.Context, stack string) (map[string]string, error) {
	ctx, cancel := d.reading(ctx)
	defer cancel()
	s, err := d.existingStack(ctx, stack)
	if err != nil {
		return nil, err
	}
	return s.outputs(), nil
}
