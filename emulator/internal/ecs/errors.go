package ecs

import "github.com/slipway-go/slipway/emulator/internal/wire"

// Errors in the words of ECS, where they are known.
func clusterNotFound() error {
	return wire.Errorf("ClusterNotFoundException", "Cluster not found.")
}

func serviceNotFound() error {
	return wire.Errorf("ServiceNotFoundException", "Service not found.")
}

func serviceNotActive() error {
	return wire.Errorf("ServiceNotActiveException", "Service was not ACTIVE.")
}

func invalid(format string, args ...any) error {
	return wire.Errorf("InvalidParameterException", format, args...)
}

func clientError(format string, args ...any) error {
	return wire.Errorf("ClientException", format, args...)
}

func graceWithoutBalancer() error {
	return invalid("Health check grace period is only valid for services configured to use load balancers")
}

// unsupported refuses what Amazon ECS can do and the emulator cannot: better no
// rehearsal than one of something else.
func unsupported(format string, args ...any) error {
	return wire.Errorf("UnsupportedFeatureException", "The embedded AWS does not support "+format, args...)
}

func clusterContains(code, what string) error {
	return wire.Errorf(code, "The Cluster cannot be deleted while %s are active.", what)
}

func deploymentNotFound(arn string) error {
	return wire.Errorf("ServiceDeploymentNotFoundException", "The service deployment %s was not found.", arn)
}

func resourceNotFound(arn string) error {
	return wire.Errorf("ResourceNotFoundException", "The specified resource was not found: %s", arn)
}
