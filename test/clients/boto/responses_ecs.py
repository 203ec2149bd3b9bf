"""Amazon ECS, called directly, in a cluster of its own."""

from . import responses_shift
from .aws import AWS

NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-1"], "securityGroups": ["sg-1"], "assignPublicIp": "ENABLED"}}


def run(aws: AWS) -> None:
    clusters(aws)
    task_definitions(aws)
    tasks(aws)
    services(aws)
    responses_shift.run(aws, NETWORK)
    errors(aws)
    clean_up(aws)


def clusters(aws: AWS) -> None:
    ecs = aws.ecs
    arn = ecs.create_cluster(
        clusterName="direct", tags=[{"key": "team", "value": "a"}], capacityProviders=["FARGATE", "FARGATE_SPOT"],
        settings=[{"name": "containerInsights", "value": "enabled"}],
        configuration={"executeCommandConfiguration": {"logging": "DEFAULT"}},
    )["cluster"]["clusterArn"]
    ecs.put_cluster_capacity_providers(
        cluster="direct", capacityProviders=["FARGATE"],
        defaultCapacityProviderStrategy=[{"capacityProvider": "FARGATE", "weight": 1, "base": 0}],
    )
    ecs.update_cluster(cluster="direct", serviceConnectDefaults={"namespace": "ns"})
    ecs.update_cluster_settings(cluster="direct", settings=[{"name": "containerInsights", "value": "disabled"}])
    ecs.describe_clusters(clusters=["direct", "gone"], include=["TAGS", "SETTINGS", "CONFIGURATIONS", "STATISTICS", "ATTACHMENTS"])
    ecs.list_clusters()
    ecs.describe_capacity_providers(capacityProviders=["FARGATE", "gone"])
    ecs.tag_resource(resourceArn=arn, tags=[{"key": "more", "value": "b"}])
    ecs.list_tags_for_resource(resourceArn=arn)
    ecs.untag_resource(resourceArn=arn, tagKeys=["more"])
    ecs.list_account_settings(effectiveSettings=True)


def task_definitions(aws: AWS) -> None:
    ecs = aws.ecs
    aws.clients["logs"].create_log_group(logGroupName="g")
    for tag in ("v1", "v2", "missing"):
        ecs.register_task_definition(
            family="direct", networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu="256", memory="512",
            executionRoleArn="arn:aws:iam::123456789012:role/execution", taskRoleArn="arn:aws:iam::123456789012:role/task",
            runtimePlatform={"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"}, ephemeralStorage={"sizeInGiB": 21},
            tags=[{"key": "team", "value": "a"}],
            containerDefinitions=[
                {
                    "name": "app", "image": f"docker.io/acme/direct:{tag}", "essential": True, "stopTimeout": 10,
                    "portMappings": [{"containerPort": 80, "protocol": "tcp", "name": "http", "appProtocol": "http"}],
                    "environment": [{"name": "A", "value": "b"}], "secrets": [{"name": "S", "valueFrom": "arn:aws:ssm:us-east-1:123456789012:parameter/s"}],
                    "healthCheck": {"command": ["CMD-SHELL", "true"], "interval": 5, "retries": 2, "startPeriod": 5, "timeout": 2},
                    "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "g", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "p"}},
                    "linuxParameters": {"initProcessEnabled": True}, "ulimits": [{"name": "nofile", "softLimit": 1024, "hardLimit": 4096}],
                    "dependsOn": [{"containerName": "side", "condition": "START"}],
                },
                {"name": "side", "image": "docker.io/acme/side:v1", "essential": False},
            ],
        )
    ecs.describe_task_definition(taskDefinition="direct:1", include=["TAGS"])
    ecs.list_task_definitions(familyPrefix="direct", sort="DESC")
    ecs.list_task_definition_families(status="ACTIVE")


def tasks(aws: AWS) -> None:
    ecs = aws.ecs
    arns = [
        t["taskArn"]
        for t in ecs.run_task(
            cluster="direct", taskDefinition="direct:1", count=2, launchType="FARGATE", networkConfiguration=NETWORK, startedBy="me",
            overrides={"containerOverrides": [{"name": "app", "environment": [{"name": "A", "value": "c"}]}]},
            tags=[{"key": "team", "value": "a"}], enableExecuteCommand=True,
        )["tasks"]
    ]
    ecs.describe_tasks(cluster="direct", tasks=[*arns, "gone"])  # provisioning
    aws.wait(ecs, "tasks_running", cluster="direct", tasks=arns)
    ecs.describe_tasks(cluster="direct", tasks=arns, include=["TAGS"])
    ecs.list_tasks(cluster="direct", startedBy="me")
    ecs.stop_task(cluster="direct", task=arns[0], reason="enough")
    ecs.stop_task(cluster="direct", task=arns[1])
    aws.wait(ecs, "tasks_stopped", cluster="direct", tasks=arns)
    ecs.describe_tasks(cluster="direct", tasks=arns)
    failed = ecs.run_task(cluster="direct", taskDefinition="direct:3", capacityProviderStrategy=[{"capacityProvider": "FARGATE", "weight": 1}], networkConfiguration=NETWORK)
    aws.wait(ecs, "tasks_stopped", cluster="direct", tasks=[failed["tasks"][0]["taskArn"]])


def services(aws: AWS) -> None:
    ecs = aws.ecs
    ecs.create_service(
        cluster="direct", serviceName="web", taskDefinition="direct:1", desiredCount=1, launchType="FARGATE",
        networkConfiguration=NETWORK, enableECSManagedTags=True, propagateTags="SERVICE", tags=[{"key": "team", "value": "a"}],
        deploymentConfiguration={
            "minimumHealthyPercent": 100, "maximumPercent": 200, "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        },
    )
    ecs.describe_services(cluster="direct", services=["web"])  # on its way
    aws.wait(ecs, "services_stable", cluster="direct", services=["web"])
    ecs.describe_services(cluster="direct", services=["web", "gone"], include=["TAGS"])
    ecs.update_service(cluster="direct", service="web", taskDefinition="direct:2", forceNewDeployment=True)
    aws.wait(ecs, "services_stable", cluster="direct", services=["web"])
    never = {"deploymentCircuitBreaker": {"enable": False, "rollback": False}}  # else it would be faster than the stop
    ecs.update_service(cluster="direct", service="web", taskDefinition="direct:3", deploymentConfiguration=never)
    running = ecs.list_service_deployments(cluster="direct", service="web", status=["IN_PROGRESS"])["serviceDeployments"][0]["serviceDeploymentArn"]
    ecs.describe_service_deployments(serviceDeploymentArns=[running])
    ecs.stop_service_deployment(serviceDeploymentArn=running, stopType="ROLLBACK")
    aws.wait(ecs, "services_stable", cluster="direct", services=["web"])
    deployments = ecs.list_service_deployments(cluster="direct", service="web")["serviceDeployments"]
    shown = ecs.describe_service_deployments(serviceDeploymentArns=[d["serviceDeploymentArn"] for d in deployments])
    revisions = [d["targetServiceRevision"]["arn"] for d in shown["serviceDeployments"]]
    ecs.describe_service_revisions(serviceRevisionArns=revisions)
    ecs.list_services(cluster="direct", launchType="FARGATE")
    ecs.describe_clusters(clusters=["direct"])
    ecs.list_tasks(cluster="direct", serviceName="web")


def errors(aws: AWS) -> None:
    ecs = aws.ecs
    with aws.refused("ClusterNotFoundException", "Cluster not found."):
        ecs.describe_services(cluster="gone", services=["web"])
    with aws.refused("ServiceNotFoundException", "Service not found."):
        ecs.update_service(cluster="direct", service="gone", desiredCount=1)
    with aws.refused("ClientException", "Unable to describe task definition."):
        ecs.describe_task_definition(taskDefinition="gone")
    with aws.refused("InvalidParameterException", "The referenced task was not found."):
        ecs.stop_task(cluster="direct", task="gone")
    with aws.refused("ClusterContainsServicesException"):
        ecs.delete_cluster(cluster="direct")
    with aws.refused("ServiceDeploymentNotFoundException"):
        ecs.stop_service_deployment(serviceDeploymentArn="arn:aws:ecs:us-east-1:123456789012:service-deployment/direct/web/gone")


def clean_up(aws: AWS) -> None:
    ecs = aws.ecs
    ecs.delete_service(cluster="direct", service="web", force=True)
    aws.wait(ecs, "services_inactive", cluster="direct", services=["web"])
    ecs.describe_services(cluster="direct", services=["web"])
    ecs.deregister_task_definition(taskDefinition="direct:1")
    ecs.delete_task_definitions(taskDefinitions=["direct:1", "direct:2"])
    ecs.delete_cluster(cluster="direct")
    ecs.describe_clusters(clusters=["direct"])
