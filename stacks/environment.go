package stacks

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Environment names and tags the stacks of one application in one place where
// it runs, such as the shop in staging. Stacks of several environments can then
// share an account without sharing names, and can be told apart in the bill:
//
//	staging := stacks.Environment{Application: "shop", Name: "staging"}
//	stacks.NewNetworkStack(app, jsii.String("network"), &stacks.NetworkStackProps{StackProps: staging.StackProps("network")})
//	stacks.NewServiceStack(app, jsii.String("orders"), &stacks.ServiceStackProps{StackProps: staging.StackProps("orders")})
//
// These stacks are called shop-staging-network and shop-staging-orders.
// CloudFormation begins the names that it generates for their resources with
// the name of the stack.
type Environment struct {
	// Application is the name of the application: a letter, then letters,
	// digits and -. Required.
	Application string

	// Name is the name of the environment, such as staging or production: a
	// letter, then letters, digits and -. Required.
	Name string

	// Tags are further tags, such as a cost centre. The keys application and
	// environment are refused, since the two fields above set them, and so is
	// what AWS refuses: keys that begin with aws:, more than 50 tags in all.
	//
	// Default: none.
	Tags map[string]string
}

// The tags that every stack of an environment has.
const (
	// TagApplication is the key of the tag with [Environment.Application].
	TagApplication = "application"
	// TagEnvironment is the key of the tag with [Environment.Name].
	TagEnvironment = "environment"
)

var (
	environmentPart = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]*$`)
	tagText         = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)
	stackName       = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,127}$`)
)

// maxTags is how many a stack, and most resources, can have.
const maxTags = 50

// Validate reports everything in the environment that cannot work, joined into
// one error.
func (e Environment) Validate() error {
	var errs []error
	for _, part := range []struct{ field, value string }{
		{"Application", e.Application},
		{"Name", e.Name},
	} {
		if !environmentPart.MatchString(part.value) {
			errs = append(errs, fmt.Errorf("%s is %q, allowed is a letter and then letters, digits and -", part.field, part.value))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(e.Tags)) {
		switch {
		case key == TagApplication || key == TagEnvironment:
			errs = append(errs, fmt.Errorf("Tags has %q, which is set from Application and Name; allowed is any other", key))
		case strings.HasPrefix(strings.ToLower(key), "aws:"):
			errs = append(errs, fmt.Errorf("Tags has %q, allowed is a key that does not begin with aws:, which AWS keeps for itself", key))
		case key == "" || utf8.RuneCountInString(key) > 128 || utf8.RuneCountInString(e.Tags[key]) > 256:
			errs = append(errs, fmt.Errorf("Tags has %q, allowed is a key of 1 to 128 and a value of up to 256 characters", key))
		case !tagText.MatchString(key) || !tagText.MatchString(e.Tags[key]):
			errs = append(errs, fmt.Errorf("Tags has %q with the value %q, allowed are letters, digits, spaces and _ . : / = + - @", key, e.Tags[key]))
		}
	}
	if count := len(e.tags()); count > maxTags {
		errs = append(errs, fmt.Errorf("Tags are %d with %s and %s, allowed are %d", count, TagApplication, TagEnvironment, maxTags))
	}
	return errors.Join(errs...)
}

// Prefix returns APPLICATION-ENVIRONMENT-name. It panics when
// [Environment.Validate] returns an error.
func (e Environment) Prefix(name string) string {
	if err := e.Validate(); err != nil {
		panic(fmt.Errorf("naming %q in environment %q of %q: %w", name, e.Name, e.Application, err))
	}
	return e.Application + "-" + e.Name + "-" + name
}

// StackProps returns props with the name [Environment.Prefix] of name and with
// the tags. CloudFormation gives the tags of a stack to all of its resources
// that can be tagged. They are not part of the template, so that the same
// template serves all environments. StackProps panics when
// [Environment.Validate] returns an error, and when the prefixed name cannot be
// that of a stack: letters, digits and -, at most 128.
func (e Environment) StackProps(name string) awscdk.StackProps {
	prefixed := e.Prefix(name)
	if !stackName.MatchString(prefixed) {
		panic(fmt.Errorf("stack name is %q, allowed are 128 letters, digits and - at most", prefixed))
	}
	tags := map[string]*string{}
	for key, value := range e.tags() {
		tags[key] = jsii.String(value)
	}
	return awscdk.StackProps{StackName: jsii.String(prefixed), Tags: &tags}
}

// Tag adds the tags to every resource below scope that can be tagged, in the
// template itself. It is for templates that are deployed by other means than
// the app, and for parts of a stack. It panics when [Environment.Validate]
// returns an error.
func (e Environment) Tag(scope awsconstructs.IConstruct) {
	if err := e.Validate(); err != nil {
		panic(fmt.Errorf("tagging %s: %w", *scope.Node().Path(), err))
	}
	tags := e.tags()
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		awscdk.Tags_Of(scope).Add(jsii.String(key), jsii.String(tags[key]), nil)
	}
}

func (e Environment) tags() map[string]string {
	tags := maps.Clone(e.Tags)
	if tags == nil {
		tags = map[string]string{}
	}
	tags[TagApplication] = e.Application
	tags[TagEnvironment] = e.Name
	return tags
}
