'use strict';

const cdk = require('aws-cdk-lib');
const ec2 = require('aws-cdk-lib/aws-ec2');
const ecs = require('aws-cdk-lib/aws-ecs');
const elb = require('aws-cdk-lib/aws-elasticloadbalancingv2');
const iam = require('aws-cdk-lib/aws-iam');
const logs = require('aws-cdk-lib/aws-logs');

class ServiceStack extends cdk.Stack {
  constructor(scope, id) {
    super(scope, id, {
      description: 'A service on AWS Fargate behind the load balancer of a network stack.',
      synthesizer: new cdk.LegacyStackSynthesizer(),
    });
    const parameters = this.defineParameters();
    const network = this.importNetwork(parameters.stackName);

    const logGroup = new logs.LogGroup(this, 'LogGroup', {
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: cdk.RemovalPolicy.RETAIN,
    });
    const taskDefinition = this.defineTask(parameters, logGroup);
    const targetGroup = this.defineTargetGroup(parameters, network.vpc);
    const rule = new elb.ApplicationListenerRule(this, 'LoadBalancerRule', {
      listener: network.listener,
      priority: parameters.priority,
      conditions: [elb.ListenerCondition.pathPatterns([parameters.path])],
      action: elb.ListenerAction.forward([targetGroup]),
    });
    const service = this.defineService(parameters, network, taskDefinition);
    service.attachToApplicationTargetGroup(targetGroup);
    service.node.addDependency(rule, taskDefinition.executionRole);

    this.output('Url', 'Where the service answers', network.externalUrl);
    this.output('ServiceName', 'The name that ECS knows the service by', service.serviceName);
    this.output('ServiceArn', 'The ARN of the service', service.serviceArn);
    this.output('ClusterName', 'The cluster that the service runs in', network.cluster.clusterName);
    this.output('TaskDefinitionArn', 'The revision that this stack last put into the service', taskDefinition.taskDefinitionArn);
    this.output('TargetGroupArn', 'The target group of the tasks', targetGroup.targetGroupArn);
    this.output('LogGroupName', 'Where the output of the container goes', logGroup.logGroupName);
  }

  defineParameters() {
    const text = (name, props) => new cdk.CfnParameter(this, name, { type: 'String', ...props }).valueAsString;
    const number = (name, props) => new cdk.CfnParameter(this, name, { type: 'Number', ...props }).valueAsNumber;
    return {
      stackName: text('StackName', {
        description: 'The network stack that the service runs in.',
        allowedPattern: '[A-Za-z][A-Za-z0-9-]{0,127}',
        constraintDescription: 'must be the name of a stack',
      }),
      serviceName: text('ServiceName', {
        description: 'The name of the container, the task family and the log streams.',
        allowedPattern: '[A-Za-z0-9][A-Za-z0-9_-]{0,254}',
        constraintDescription: 'must be 1 to 255 letters, digits, - and _',
      }),
      imageUrl: text('ImageUrl', {
        description: 'The image to run, by tag or by digest.',
        allowedPattern: '\\S+',
        constraintDescription: 'must be an image reference without spaces',
      }),
      containerPort: number('ContainerPort', {
        description: 'The port that the application listens on.', default: 80, minValue: 1, maxValue: 65535,
      }),
      containerCpu: number('ContainerCpu', {
        description: 'The CPU of a task, 1024 for one vCPU.', default: 256, minValue: 256, maxValue: 16384,
      }),
      containerMemory: number('ContainerMemory', {
        description: 'The memory of a task in MiB. Fargate takes certain pairs of CPU and memory only.', default: 512, minValue: 512, maxValue: 122880,
      }),
      desiredCount: number('DesiredCount', {
        description: 'The number of tasks, two or more for zero downtime.', default: 2, minValue: 0,
      }),
      path: text('Path', {
        description: 'The pattern of request paths that the service answers. * and ? match.',
        default: '*',
        allowedPattern: '[/*?][A-Za-z0-9_.$/~"\'@:+&*?-]{0,127}',
        constraintDescription: 'must start with /, * or ? and have 128 characters at most',
      }),
      priority: number('Priority', {
        description: 'The order in which the load balancer tries the rules of its services. Each has its own.', default: 1, minValue: 1, maxValue: 50000,
      }),
      healthCheckPath: text('HealthCheckPath', {
        description: 'What the load balancer asks each task for; 200 is healthy.',
        default: '/health',
        allowedPattern: '/\\S*',
        maxLength: 1024,
        constraintDescription: 'must start with /, have no spaces and 1024 characters at most',
      }),
      healthCheckInterval: number('HealthCheckIntervalSeconds', {
        description: 'Seconds between two health checks. It has to exceed their timeout, 5.', default: 10, minValue: 6, maxValue: 300,
      }),
      healthCheckGracePeriod: number('HealthCheckGracePeriodSeconds', {
        description: 'Seconds for which failed health checks of a new task are ignored.', default: 60, minValue: 0, maxValue: 2 ** 31 - 1,
      }),
      deregistrationDelay: number('DeregistrationDelaySeconds', {
        description: 'Seconds that a leaving task has to finish its requests.', default: 30, minValue: 0, maxValue: 3600,
      }),
    };
  }

  importNetwork(stackName) {
    const imported = (output) => cdk.Fn.importValue(cdk.Fn.join(':', [stackName, output]));
    const vpc = ec2.Vpc.fromVpcAttributes(this, 'Vpc', {
      vpcId: imported('VPCId'),
      availabilityZones: [0, 1].map((index) => cdk.Fn.select(index, cdk.Fn.getAzs(cdk.Aws.REGION))),
      publicSubnetIds: [imported('PublicSubnetOne'), imported('PublicSubnetTwo')],
    });
    cdk.Annotations.of(vpc).acknowledgeWarning('@aws-cdk/aws-ec2:noSubnetRouteTableId', 'a service adds no routes');
    return {
      vpc,
      cluster: ecs.Cluster.fromClusterAttributes(this, 'Cluster', { clusterName: imported('ClusterName'), vpc }),
      listener: elb.ApplicationListener.fromApplicationListenerAttributes(this, 'Listener', {
        listenerArn: imported('PublicListener'),
        securityGroup: ec2.SecurityGroup.fromSecurityGroupId(this, 'LoadBalancerSecurityGroup', imported('PublicLoadBalancerSecurityGroup')),
      }),
      externalUrl: imported('ExternalUrl'),
    };
  }

  defineTask(parameters, logGroup) {
    const assumedBy = new iam.ServicePrincipal('ecs-tasks.amazonaws.com');
    const allow = (resource, ...actions) => new iam.PolicyStatement({ actions, resources: [resource] });
    const repositories = this.formatArn({ service: 'ecr', resource: 'repository', resourceName: '*' });
    const taskDefinition = new ecs.FargateTaskDefinition(this, 'TaskDefinition', {
      family: parameters.serviceName,
      cpu: parameters.containerCpu,
      memoryLimitMiB: parameters.containerMemory,
      taskRole: new iam.Role(this, 'TaskRole', { assumedBy }),
      executionRole: new iam.Role(this, 'ExecutionRole', {
        assumedBy,
        inlinePolicies: {
          pull: new iam.PolicyDocument({
            statements: [
              allow('*', 'ecr:GetAuthorizationToken'),
              allow(repositories, 'ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'),
            ],
          }),
          log: new iam.PolicyDocument({
            statements: [allow(logGroup.logGroupArn, 'logs:CreateLogStream', 'logs:PutLogEvents')],
          }),
        },
      }),
    });
    taskDefinition.addContainer('Container', {
      containerName: parameters.serviceName,
      image: ecs.ContainerImage.fromRegistry(parameters.imageUrl),
      cpu: parameters.containerCpu,
      memoryLimitMiB: parameters.containerMemory,
      stopTimeout: cdk.Duration.seconds(60),
      portMappings: [{ containerPort: parameters.containerPort }],
      logging: new ecs.GenericLogDriver({
        logDriver: 'awslogs',
        options: {
          'awslogs-group': logGroup.logGroupName,
          'awslogs-region': cdk.Aws.REGION,
          'awslogs-stream-prefix': parameters.serviceName,
        },
      }),
    });
    const { cfnOptions } = taskDefinition.node.defaultChild;
    cfnOptions.updateReplacePolicy = cdk.CfnDeletionPolicy.RETAIN;
    cfnOptions.deletionPolicy = cdk.CfnDeletionPolicy.DELETE;
    return taskDefinition;
  }

  defineTargetGroup(parameters, vpc) {
    const targetGroup = new elb.ApplicationTargetGroup(this, 'TargetGroup', {
      vpc,
      targetType: elb.TargetType.IP,
      port: parameters.containerPort,
      protocol: elb.ApplicationProtocol.HTTP,
      deregistrationDelay: cdk.Duration.seconds(parameters.deregistrationDelay),
      healthCheck: {
        path: parameters.healthCheckPath,
        protocol: elb.Protocol.HTTP,
        interval: cdk.Duration.seconds(parameters.healthCheckInterval),
        healthyThresholdCount: 2,
        unhealthyThresholdCount: 3,
      },
    });
    // The construct would compare it with the interval, a parameter.
    targetGroup.node.defaultChild.healthCheckTimeoutSeconds = 5;
    return targetGroup;
  }

  defineService(parameters, network, taskDefinition) {
    return new ecs.FargateService(this, 'Service', {
      cluster: network.cluster,
      taskDefinition,
      desiredCount: parameters.desiredCount,
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      circuitBreaker: { rollback: true },
      healthCheckGracePeriod: cdk.Duration.seconds(parameters.healthCheckGracePeriod),
      vpcSubnets: { subnets: network.vpc.publicSubnets },
      securityGroups: [new ec2.SecurityGroup(this, 'ServiceSecurityGroup', {
        vpc: network.vpc,
        description: 'Access to the tasks of the service',
      })],
      assignPublicIp: true,
    });
  }

  output(name, description, value) {
    new cdk.CfnOutput(this, `${name}Output`, { description, value }).overrideLogicalId(name);
  }
}

module.exports = { ServiceStack };
