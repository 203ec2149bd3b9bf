package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/slipway-go/slipway/imageref"
	"github.com/slipway-go/slipway/internal/cfntemplate"
)

// Status reads how a stack and its services are. imageParameter is as in
// [Request.ImageParameter]; a stack without an image parameter, or with several, has a
// status, too, which then is that of all its services.
//
// Its errors are *InputError and *InterruptedError; anything else is unexpected.
func (d *Deployer) Status(ctx context.Context, name, imageParameter string) (*Status, error) {
	ctx, cancel := d.reading(ctx)
	defer cancel()
	status, err := d.readStatus(ctx, name, imageParameter)
	var interrupted *InterruptedError
	if errors.As(err, &interrupted) {
		interrupted.During = "reading stack " + name
	}
	return status, err
}

func (d *Deployer) readStatus(ctx context.Context, name, imageParameter string) (*Status, error) {
	s, err := d.existingStack(ctx, name)
	if err != nil {
		return nil, err
	}
	status := &Status{Stack: s.name(), Place: s.place(), StackStatus: s.status(), StackReason: s.reason(), Services: []ServiceStatus{}, Images: []ParameterImage{}, Drift: []string{}}
	if s.status() == StackStatus(cfn.StackStatusReviewInProgress) {
		return status, nil // it was never created, and has no template yet
	}
	template, _, err := d.readTemplate(ctx, s)
	if err != nil {
		return nil, err
	}
	t, err := statusTarget(template, s, imageParameter)
	if err != nil {
		return nil, err
	}
	status.Parameter, status.Image = t.reach.parameter, t.image
	if t.reach.parameter != "" {
		status.Images = []ParameterImage{{Parameter: t.reach.parameter, Image: t.image}}
	} else {
		whole, _ := imageParameters(template)
		for _, key := range sortedKeys(whole) {
			value, _ := s.parameter(key)
			status.Images = append(status.Images, ParameterImage{Parameter: key, Image: value})
		}
	}
	fault := func(doing string, err error) error {
		return d.beforeChange(ctx, s.name(), doing+" of stack "+s.name(), err)
	}
	if t.physical, err = d.resources(ctx, s); err != nil {
		return nil, fault("listing the resources", err)
	}
	if t.services, err = t.reach.existing(t.physical); err != nil {
		return nil, err
	}
	services, err := d.describeServices(ctx, t.services)
	if err != nil {
		return nil, fault("reading the services", err)
	}
	settled := !s.status().InProgress()
	for _, ref := range t.services {
		svc, ok := services[ref.arn]
		if !ok {
			continue // told as drift
		}
		one, err := d.serviceStatus(ctx, ref, svc)
		if err != nil {
			return nil, fault("reading service "+ref.name, err)
		}
		status.Services = append(status.Services, one)
		if settled && one.RolloutState != string(types.DeploymentRolloutStateInProgress) {
			status.Drift = append(status.Drift, imageDrift(t, one)...)
		}
	}
	if settled && t.reach.parameter != "" {
		for _, r := range foreignChanges(t, services) {
			status.Drift = append(status.Drift, r.String())
		}
	}
	return status, nil
}

// statusTarget is what Status looks at: what the image parameter reaches, or all
// services where there is none, or more than one, and none was asked for.
func statusTarget(template *cfntemplate.Template, s *stack, parameter string) (*target, error) {
	t := &target{stack: s}
	var err error
	t.reach, err = findReach(template, s.name(), parameter)
	var input *InputError
	if errors.As(err, &input) {
		if parameter != "" {
			return nil, err
		}
		t.reach = allServices(template)
		return t, nil
	}
	if err != nil {
		return nil, err
	}
	t.image, _ = s.parameter(t.reach.parameter)
	return t, nil
}

// allServices reaches every service of a template, whatever it runs.
func allServices(template *cfntemplate.Template) *reach {
	all := &reach{services: make(map[string][]string)}
	for id, r := range template.Resources {
		if r.Type == typeService {
			all.services[id] = nil
		}
	}
	return all
}

// serviceStatus reads one service's tasks and targets.
func (d *Deployer) serviceStatus(ctx context.Context, ref serviceRef, s types.Service) (ServiceStatus, error) {
	one := ServiceStatus{
		Resource: ref.resource, Cluster: ref.cluster, Service: ref.name,
		TaskDefinition: taskDefinitionOf(s),
		Desired:        int(s.DesiredCount), Running: int(s.RunningCount), Pending: int(s.PendingCount),
	}
	if p := primary(s); p != nil {
		one.Deployment = aws.ToString(p.Id)
		one.RolloutState, one.RolloutReason = string(p.RolloutState), aws.ToString(p.RolloutStateReason)
	}
	tasks, err := d.tasks(ctx, ref, types.DesiredStatusRunning, nil)
	if err != nil {
		return one, err
	}
	one.Images = runningImages(tasks)
	one.Targets, err = d.targetHealth(ctx, s)
	return one, err
}

// runningImages counts the images of running tasks, sorted.
func runningImages(tasks []types.Task) []RunningImage {
	images := []RunningImage{}
	for _, t := range tasks {
		if aws.ToString(t.LastStatus) != string(types.DesiredStatusRunning) {
			continue
		}
		for _, c := range t.Containers {
			image := RunningImage{Container: aws.ToString(c.Name), Image: aws.ToString(c.Image), Digest: aws.ToString(c.ImageDigest)}
			i := slices.IndexFunc(images, func(known RunningImage) bool {
				image.Tasks = known.Tasks
				return known == image
			})
			if i < 0 {
				image.Tasks = 1
				images = append(images, image)
				continue
			}
			images[i].Tasks++
		}
	}
	slices.SortFunc(images, func(a, b RunningImage) int {
		return strings.Compare(a.Container+" "+a.Image+" "+a.Digest, b.Container+" "+b.Image+" "+b.Digest)
	})
	return images
}

// imagesOf names the images that a service runs.
func imagesOf(s ServiceStatus) string {
	var names []string
	for _, image := range s.Images {
		if !slices.Contains(names, image.Image) {
			names = append(names, image.Image)
		}
	}
	return strings.Join(names, ", ")
}

// imageDrift tells how the images that a service runs differ from the parameter's.
func imageDrift(t *target, s ServiceStatus) []string {
	ref, err := imageref.Parse(t.image)
	if err != nil || len(s.Images) == 0 {
		return nil
	}
	var drift []string
	digests := make(map[string]map[string]struct{}) // by container
	found := false
	for _, image := range s.Images {
		if !sameImage(ref, image.Image) {
			continue
		}
		found = true
		if ref.Pinned() && image.Digest != ref.Digest() {
			drift = append(drift, fmt.Sprintf("%s: %d tasks run digest %s, parameter %s says %s", s.Resource, image.Tasks, image.Digest, t.reach.parameter, ref.Digest()))
		}
		if digests[image.Container] == nil {
			digests[image.Container] = make(map[string]struct{})
		}
		digests[image.Container][image.Digest] = struct{}{}
	}
	if !found {
		drift = append(drift, fmt.Sprintf("%s: no running task has the image that parameter %s says, %s; they run %s",
			s.Resource, t.reach.parameter, t.image, imagesOf(s)))
	}
	for _, container := range sortedKeys(digests) {
		if n := len(digests[container]); n > 1 {
			drift = append(drift, fmt.Sprintf("%s: container %s runs with %d different digests of %s", s.Resource, container, n, t.image))
		}
	}
	return drift
}
