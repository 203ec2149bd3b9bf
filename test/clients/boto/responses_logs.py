"""Amazon CloudWatch Logs, called directly."""

from .aws import AWS


def run(aws: AWS) -> None:
    logs = aws.clients["logs"]
    start = write(aws, 3)
    logs.describe_log_groups(logGroupNamePrefix="/direct")
    logs.put_retention_policy(logGroupName="/direct", retentionInDays=7)
    logs.describe_log_groups()
    logs.delete_retention_policy(logGroupName="/direct")
    logs.describe_log_streams(logGroupName="/direct", orderBy="LastEventTime", descending=True)
    logs.put_log_events(logGroupName="/direct", logStreamName="stream-0", logEvents=[{"timestamp": 1, "message": "too old"}])
    logs.get_log_events(logGroupName="/direct", logStreamName="stream-0", startFromHead=True)
    logs.filter_log_events(logGroupName="/direct", filterPattern="event", startTime=start)
    arn = logs.describe_log_groups()["logGroups"][0]["logGroupArn"]
    logs.tag_resource(resourceArn=arn, tags={"more": "b"})
    logs.list_tags_for_resource(resourceArn=arn)
    logs.untag_resource(resourceArn=arn, tagKeys=["more"])
    with aws.refused("ResourceNotFoundException"):
        logs.get_log_events(logGroupName="/gone", logStreamName="stream-0")
    with aws.refused("ResourceAlreadyExistsException"):
        logs.create_log_group(logGroupName="/direct")
    logs.delete_log_stream(logGroupName="/direct", logStreamName="stream-0")
    logs.delete_log_group(logGroupName="/direct")


def write(aws: AWS, streams: int) -> int:
    """A group with streams of two events each; returns the time of the first ones."""
    logs = aws.clients["logs"]
    logs.create_log_group(logGroupName="/direct", tags={"team": "a"})
    start = logs.describe_log_groups(logGroupNamePrefix="/direct")["logGroups"][0]["creationTime"]  # in AWS time
    for i in range(streams):
        logs.create_log_stream(logGroupName="/direct", logStreamName=f"stream-{i}")
        events = [{"timestamp": start + i, "message": f"event {i}.{n}"} for n in range(2)]
        logs.put_log_events(logGroupName="/direct", logStreamName=f"stream-{i}", logEvents=events)
    return start
