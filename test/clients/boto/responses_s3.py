"""S3, called directly: buckets and objects as tools use them that bring templates."""

from .aws import AWS


def run(aws: AWS) -> None:
    s3 = aws.clients["s3"]
    bucket = {"Bucket": "direct-bucket"}
    s3.create_bucket(**bucket)
    s3.head_bucket(**bucket)
    aws.expect("the location of a bucket in us-east-1", s3.get_bucket_location(**bucket)["LocationConstraint"], None)
    rules = s3.get_bucket_encryption(**bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    aws.expect("the encryption of a bucket", rules[0]["ApplyServerSideEncryptionByDefault"], {"SSEAlgorithm": "AES256"})

    for key in ("a", "b/1", "b/2", "c"):
        s3.put_object(**bucket, Key=key, Body=key.encode(), ContentType="text/plain", Metadata={"made-by": "hand"})
    got = s3.get_object(**bucket, Key="b/1")
    aws.expect("an object", (got["Body"].read(), got["ContentType"], got["Metadata"]), (b"b/1", "text/plain", {"made-by": "hand"}))
    aws.expect("the length of an object", s3.head_object(**bucket, Key="b/1")["ContentLength"], 3)

    pages = s3.get_paginator("list_objects_v2")
    for want, args in [
        (["a", "b/1", "b/2", "c"], {}),
        (["b/1", "b/2"], {"Prefix": "b/"}),
        (["b/2", "c"], {"StartAfter": "b/1"}),
        (["a", "c"], {"Delimiter": "/"}),
    ]:
        listed = list(pages.paginate(**bucket, **args, PaginationConfig={"PageSize": 1}))
        aws.expect(f"the keys listed with {args}", [o["Key"] for page in listed for o in page.get("Contents", [])], want)
    prefixes = [p["Prefix"] for page in listed for p in page.get("CommonPrefixes", [])]
    aws.expect("the common prefixes", prefixes, ["b/"])

    with aws.refused("NoSuchKey", "The specified key does not exist."):
        s3.get_object(**bucket, Key="no-such-key")
    with aws.refused("404"):  # a HEAD has no body to say more in
        s3.head_object(**bucket, Key="no-such-key")
    with aws.refused("NoSuchBucket", "The specified bucket does not exist"):
        s3.list_objects_v2(Bucket="no-such-bucket")
    with aws.refused("InvalidBucketName"):
        s3.create_bucket(Bucket="Direct.Bucket")
    with aws.refused("NotImplemented", "the embedded AWS does not support X-Amz-Tagging"):
        s3.put_object(**bucket, Key="tagged", Body=b"", Tagging="a=b")
    with aws.refused("NotImplemented", "the embedded AWS does not support GetBucketVersioning"):
        s3.get_bucket_versioning(**bucket)
    with aws.refused("NotImplemented", "the embedded AWS does not support Range"):
        s3.get_object(**bucket, Key="a", Range="bytes=0-1")
    with aws.refused("BucketNotEmpty"):
        s3.delete_bucket(**bucket)
    for key in ("a", "b/1", "b/2", "c", "no-such-key"):
        s3.delete_object(**bucket, Key=key)
    s3.delete_bucket(**bucket)
