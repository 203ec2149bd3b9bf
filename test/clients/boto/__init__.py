"""The embedded AWS, asked by boto3.

`python -m boto NAME` runs one of the modules responses, requests, waiters and
paginators against the address in AWS_ENDPOINT_URL, whose operations OPERATIONS lists.
What is wrong goes to standard output, one finding a line; the Go tests beside this
package run it.
"""
