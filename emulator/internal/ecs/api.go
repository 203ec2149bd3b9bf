package ecs

import "github.com/slipway-go/slipway/emulator/internal/wire"

// API is the service's wire interface: JSON 1.1, targets AmazonEC2ContainerServiceV20141113.*.
func (s *Service) API() *wire.API {
	a := &wire.API{Service: "ecs", Protocol: wire.JSON, OwnWords: ownWords()}
	wire.Handle(a, "CreateCluster", s.CreateCluster)
	wire.Handle(a, "DescribeClusters", s.DescribeClusters)
	wire.Handle(a, "ListClusters", s.ListClusters)
	wire.Handle(a, "UpdateCluster", s.UpdateCluster)
	wire.Handle(a, "UpdateClusterSettings", s.UpdateClusterSettings)
	wire.Handle(a, "DeleteCluster", s.DeleteCluster)
	wire.Handle(a, "PutClusterCapacityProviders", s.PutClusterCapacityProviders)
	wire.Handle(a, "DescribeCapacityProviders", s.DescribeCapacityProviders)
	wire.Handle(a, "RegisterTaskDefinition", s.RegisterTaskDefinition)
	wire.Handle(a, "DescribeTaskDefinition", s.DescribeTaskDefinition)
	wire.Handle(a, "ListTaskDefinitions", s.ListTaskDefinitions)
	wire.Handle(a, "ListTaskDefinitionFamilies", s.ListTaskDefinitionFamilies)
	wire.Handle(a, "DeregisterTaskDefinition", s.DeregisterTaskDefinition)
	wire.Handle(a, "DeleteTaskDefinitions", s.DeleteTaskDefinitions)
	wire.Handle(a, "CreateService", s.CreateService)
	wire.Handle(a, "UpdateService", s.UpdateService)
	wire.Handle(a, "DeleteService", s.DeleteService)
	wire.Handle(a, "DescribeServices", s.DescribeServices)
	wire.Handle(a, "ListServices", s.ListServices)
	wire.Handle(a, "RunTask", s.RunTask)
	wire.Handle(a, "StopTask", s.StopTask)
	wire.Handle(a, "DescribeTasks", s.DescribeTasks)
	wire.Handle(a, "ListTasks", s.ListTasks)
	wire.Handle(a, "ListServiceDeployments", s.ListServiceDeployments)
	wire.Handle(a, "DescribeServiceDeployments", s.DescribeServiceDeployments)
	wire.Handle(a, "StopServiceDeployment", s.StopServiceDeployment)
	wire.Handle(a, "ContinueServiceDeployment", s.ContinueServiceDeployment)
	wire.Handle(a, "DescribeServiceRevisions", s.DescribeServiceRevisions)
	wire.Handle(a, "TagResource", s.TagResource)
	wire.Handle(a, "UntagResource", s.UntagResource)
	wire.Handle(a, "ListTagsForResource", s.ListTagsForResource)
	wire.Handle(a, "ListAccountSettings", s.ListAccountSettings)
	return a
}
