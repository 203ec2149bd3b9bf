// Package templates holds the CloudFormation templates that package stacks
// synthesizes, so that they can be deployed without the CDK and without Node.
// All need the capability CAPABILITY_IAM and nothing else.
//
// The files are generated: `make templates` writes them, and a test fails when
// they differ from what the stacks say.
package templates

import _ "embed"

//go:embed network.json
var network string

//go:embed service.json
var service string

//go:embed task.json
var task string

// Network is the template of the network stack.
func Network() string { return network }

// Service is the template of the service stack. Its parameters are named in
// package contract.
func Service() string { return service }

// Task is the template of a task without a service. Its parameters are those of
// the service template that describe the task.
func Task() string { return task }
