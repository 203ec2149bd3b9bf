"""The Parameter Store of Systems Manager, called directly."""

from .aws import AWS


def run(aws: AWS) -> None:
    ssm = aws.clients["ssm"]
    ssm.put_parameter(Name="/direct/image", Type="String", Value="v1", Description="which image runs")
    ssm.put_parameter(Name="/direct/image", Value="v2", Overwrite=True)
    aws.expect("the newest version", ssm.get_parameter(Name="/direct/image")["Parameter"]["Value"], "v2")
    aws.expect("the first version", ssm.get_parameter(Name="/direct/image:1")["Parameter"]["Value"], "v1")
    ssm.get_parameters(Names=["/direct/image", "/direct/gone"])
    with aws.refused("ParameterAlreadyExists"):
        ssm.put_parameter(Name="/direct/image", Type="String", Value="v3")
    with aws.refused("ParameterNotFound"):
        ssm.get_parameter(Name="/direct/gone")
    with aws.refused("ParameterVersionNotFound"):
        ssm.get_parameter(Name="/direct/image:9")
    with aws.refused("ValidationException", "at 'type' failed to satisfy constraint: Member must satisfy enum value set: ["):
        ssm.put_parameter(Name="/direct/other", Type="Number", Value="1")
    ssm.delete_parameter(Name="/direct/image")
