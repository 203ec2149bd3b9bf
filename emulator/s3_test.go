package emulator_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/slipway-go/slipway/emulator"
)

// bucketTemplate makes a bucket named "assets", which it retains.
const bucketTemplate = `
Resources:
  Assets:
    Type: AWS::S3::Bucket
    DeletionPolicy: Retain
    Properties:
      BucketName: assets
      BucketEncryption:
        ServerSideEncryptionConfiguration:
          - ServerSideEncryptionByDefault: {SSEAlgorithm: aws:kms, KMSMasterKeyID: key-1}
Outputs:
  Arn: {Value: !GetAtt Assets.Arn}
  Domain: {Value: !GetAtt Assets.RegionalDomainName}
`

// s3 sends a request to S3 of eu-west-1, signed as no more than is read, and returns the
// status and the body of the answer.
func s3(t *testing.T, srv *emulator.Server, method, path, body string, headers ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, srv.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=0")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(answer)
}

func TestTemplateURL(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{Speed: 200})
	cfn := cloudformation.NewFromConfig(config(srv, "eu-west-1"))
	create := func(name, template, url string) error {
		in := &cloudformation.CreateStackInput{StackName: aws.String(name)}
		if template != "" {
			in.TemplateBody = aws.String(template)
		}
		if url != "" {
			in.TemplateURL = aws.String(url)
		}
		_, err := cfn.CreateStack(t.Context(), in)
		return err
	}
	if err := create("bucket", bucketTemplate, ""); err != nil {
		t.Fatal(err)
	}
	outputs := map[string]string{}
	for _, output := range settled(t, cfn, "bucket").Outputs {
		outputs[*output.OutputKey] = *output.OutputValue
	}
	if outputs["Arn"] != "arn:aws:s3:::assets" || outputs["Domain"] != "assets.s3.eu-west-1.amazonaws.com" {
		t.Errorf("the attributes of the bucket are %v", outputs)
	}
	if _, body := s3(t, srv, "GET", "/assets?encryption", ""); !strings.Contains(body, "<SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>key-1</KMSMasterKeyID>") {
		t.Errorf("the bucket is not encrypted as its template says: %s", body)
	}

	// More than CloudFormation takes in a request.
	large := "Resources: {Parameter: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: v}}} #" + strings.Repeat(" ", 51200)
	if status, body := s3(t, srv, "PUT", "/assets/templates/large.yml", large); status != http.StatusOK {
		t.Fatalf("PutObject answers %d: %s", status, body)
	}
	for name, url := range map[string]string{
		"endpoint": srv.URL() + "/assets/templates/large.yml",
		"path":     "https://s3.eu-west-1.amazonaws.com/assets/templates/large.yml",
		"virtual":  "https://assets.s3.eu-west-1.amazonaws.com/templates/large.yml",
		"global":   "https://s3.amazonaws.com/assets/templates/large.yml",
	} {
		if err := create(name, "", url); err != nil {
			t.Errorf("a template at %s: %v", url, err)
			continue
		}
		if st := settled(t, cfn, name); st.StackStatus != types.StackStatusCreateComplete {
			t.Errorf("the stack of %s is %s", url, st.StackStatus)
		}
	}
	for _, url := range []string{
		srv.URL() + "/assets/none", "https://s3.us-east-1.amazonaws.com/assets/templates/large.yml",
		"https://example.com/assets/templates/large.yml", "http://127.0.0.1:1/assets/templates/large.yml",
	} {
		if err := create("refused", "", url); err == nil || !strings.Contains(err.Error(), "TemplateURL must reference a valid S3 object to which you have access.") {
			t.Errorf("a template at %s: %v", url, err)
		}
	}
}

// TestImportExistingResources: what AWS would import is refused, and nothing else.
func TestImportExistingResources(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{Speed: 200})
	cfn := cloudformation.NewFromConfig(config(srv, "eu-west-1"))
	changeSet := func(stack string) *cloudformation.DescribeChangeSetOutput {
		t.Helper()
		_, err := cfn.CreateChangeSet(t.Context(), &cloudformation.CreateChangeSetInput{
			StackName: &stack, ChangeSetName: aws.String("import"), ChangeSetType: types.ChangeSetTypeCreate,
			TemplateBody: aws.String(bucketTemplate), ImportExistingResources: aws.Bool(true),
		})
		if err != nil {
			t.Fatal(err)
		}
		for {
			out, err := cfn.DescribeChangeSet(t.Context(), &cloudformation.DescribeChangeSetInput{StackName: &stack, ChangeSetName: aws.String("import")})
			if err != nil {
				t.Fatal(err)
			}
			if out.Status == types.ChangeSetStatusCreateComplete || out.Status == types.ChangeSetStatusFailed {
				return out
			}
		}
	}
	if out := changeSet("first"); out.Status != types.ChangeSetStatusCreateComplete {
		t.Fatalf("with nothing to import: %s: %s", out.Status, aws.ToString(out.StatusReason))
	}
	if status, body := s3(t, srv, "PUT", "/assets", "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>"); status != http.StatusOK {
		t.Fatalf("CreateBucket answers %d: %s", status, body)
	}
	out := changeSet("second")
	if reason := aws.ToString(out.StatusReason); out.Status != types.ChangeSetStatusFailed || !strings.Contains(reason, "does not import resources: what Assets [AWS::S3::Bucket] is to be exists already") {
		t.Errorf("with a bucket to import: %s: %s", out.Status, reason)
	}
}

// TestObjects: what the SDKs do with bodies, and the bounds.
func TestObjects(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{})
	if status, body := s3(t, srv, "PUT", "/assets", ""); status != http.StatusBadRequest || !strings.Contains(body, "<Code>IllegalLocationConstraintException</Code>") {
		t.Errorf("a bucket without a region answers %d: %s", status, body)
	}
	s3(t, srv, "PUT", "/assets", "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>")
	for _, tc := range []struct {
		name, body string
		headers    []string
		status     int
		want       string // the object, or the code
	}{
		{"plain", "hello", nil, http.StatusOK, "hello"},
		{"form", "a=b", []string{"Content-Type", "application/x-www-form-urlencoded"}, http.StatusOK, "a=b"},
		{"chunks", "5;chunk-signature=0\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n",
			[]string{"X-Amz-Content-Sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "Content-Encoding", "aws-chunked", "X-Amz-Trailer", "x-amz-checksum-crc32"},
			http.StatusOK, "hello world"},
		{"cut chunk", "ff\r\nhello", []string{"X-Amz-Content-Sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}, http.StatusBadRequest, "IncompleteBody"},
		{"wrong MD5", "hello", []string{"Content-MD5", "AAAA"}, http.StatusBadRequest, "BadDigest"},
		{"wrong SHA", "hello", []string{"X-Amz-Content-Sha256", strings.Repeat("0", 64)}, http.StatusBadRequest, "XAmzContentSHA256Mismatch"},
		{"condition", "hello", []string{"If-None-Match", "*"}, http.StatusNotImplemented, "NotImplemented"},
		{"large", string(bytes.Repeat([]byte("x"), 5<<20+1)), nil, http.StatusBadRequest, "EntityTooLarge"},
	} {
		path := "/assets/" + strings.ReplaceAll(tc.name, " ", "-")
		status, body := s3(t, srv, "PUT", path, tc.body, tc.headers...)
		if status != tc.status {
			t.Errorf("%s: PutObject answers %d: %s", tc.name, status, body)
		}
		if status == http.StatusOK {
			_, body = s3(t, srv, "GET", path, "")
		} else {
			tc.want = "<Code>" + tc.want + "</Code>"
		}
		if !strings.Contains(body, tc.want) {
			t.Errorf("%s: got %q, want %q", tc.name, body, tc.want)
		}
	}
}
