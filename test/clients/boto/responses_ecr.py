"""Amazon ECR, called directly, for the images that wire_test.go pushes."""

from .aws import AWS


def run(aws: AWS) -> None:
    ecr = aws.clients["ecr"]
    ecr.get_authorization_token()
    ecr.describe_repositories(repositoryNames=["direct/app"])
    ids = [{"imageTag": "v1"}]
    digest = ecr.describe_images(repositoryName="direct/app", imageIds=ids)["imageDetails"][0]["imageDigest"]
    images = ecr.batch_get_image(repositoryName="direct/app", imageIds=[*ids, {"imageTag": "gone"}])["images"]
    aws.expect("the digest", images[0]["imageId"]["imageDigest"], digest)
    with aws.refused("RepositoryNotFoundException"):
        ecr.describe_images(repositoryName="direct/none")
    with aws.refused("ImageNotFoundException"):
        ecr.describe_images(repositoryName="direct/app", imageIds=[{"imageTag": "gone"}])
