package s3

import (
	"context"
	"encoding/xml"
	"errors"
	"net/http"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// usEast1 is the region in which buckets have no location constraint, and in which a
// bucket can be created again by its owner.
const usEast1 = "us-east-1"

// CreateBucketInput is a request of CreateBucket.
type CreateBucketInput struct {
	Bucket        string `rest:"uri:Bucket"`
	Configuration []byte `rest:"body"` // CreateBucketConfiguration
}

// CreateBucketOutput is the answer.
type CreateBucketOutput struct {
	Location string `rest:"header:Location" xml:"-"`
}

type createBucketConfiguration struct {
	XMLName            xml.Name `xml:"CreateBucketConfiguration"`
	LocationConstraint string
	Others             []element `xml:",any"`
}

type element struct{ XMLName xml.Name }

// CreateBucket makes a bucket in this region, which the request has to name unless it is
// us-east-1.
func (s *Service) CreateBucket(_ context.Context, in *CreateBucketInput) (*CreateBucketOutput, error) {
	var c createBucketConfiguration
	if len(in.Configuration) > 0 {
		if err := xml.Unmarshal(in.Configuration, &c); err != nil {
			return nil, wire.Errorf("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
		}
	}
	if len(c.Others) > 0 {
		return nil, &wire.Error{
			Code: "NotImplemented", Status: http.StatusNotImplemented,
			Message: "The embedded AWS does not support " + c.Others[0].XMLName.Local + " of CreateBucket.",
		}
	}
	switch {
	case c.LocationConstraint == "" && s.region != usEast1:
		return nil, wire.Errorf("IllegalLocationConstraintException", "The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.")
	case c.LocationConstraint != "" && c.LocationConstraint != s.region:
		return nil, wire.Errorf("IllegalLocationConstraintException", "The %s location constraint is incompatible for the region specific endpoint this request was sent to.", c.LocationConstraint)
	case c.LocationConstraint == usEast1:
		return nil, wire.Errorf("InvalidLocationConstraint", "The specified location-constraint is not valid")
	}
	err := s.Create(in.Bucket, Encryption{})
	if e := (*wire.Error)(nil); errors.As(err, &e) && e.Code == "BucketAlreadyOwnedByYou" && s.region == usEast1 {
		err = nil
	}
	if err != nil {
		return nil, err
	}
	return &CreateBucketOutput{Location: "/" + in.Bucket}, nil
}

// HeadBucketInput is a request of HeadBucket.
type HeadBucketInput struct {
	Bucket string `rest:"uri:Bucket"`
}

// HeadBucketOutput is the answer.
type HeadBucketOutput struct {
	BucketRegion string `rest:"header:X-Amz-Bucket-Region"`
}

// HeadBucket tells whether there is a bucket.
func (s *Service) HeadBucket(_ context.Context, in *HeadBucketInput) (*HeadBucketOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.bucket(in.Bucket); err != nil {
		return nil, err
	}
	return &HeadBucketOutput{BucketRegion: s.region}, nil
}

// DeleteBucketInput is a request of DeleteBucket.
type DeleteBucketInput struct {
	Bucket string `rest:"uri:Bucket"`
}

// DeleteBucketOutput is the empty answer.
type DeleteBucketOutput struct{}

// DeleteBucket deletes an empty bucket.
func (s *Service) DeleteBucket(_ context.Context, in *DeleteBucketInput) (*DeleteBucketOutput, error) {
	return &DeleteBucketOutput{}, s.Delete(in.Bucket)
}

// GetBucketLocationInput is a request of GetBucketLocation.
type GetBucketLocationInput struct {
	Bucket string `rest:"uri:Bucket"`
}

// GetBucketLocationOutput is the answer; empty for us-east-1.
type GetBucketLocationOutput struct {
	XMLName            xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ LocationConstraint"`
	LocationConstraint string   `xml:",chardata"`
}

// GetBucketLocation tells the region of a bucket.
func (s *Service) GetBucketLocation(_ context.Context, in *GetBucketLocationInput) (*GetBucketLocationOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.bucket(in.Bucket); err != nil {
		return nil, err
	}
	out := &GetBucketLocationOutput{}
	if s.region != usEast1 {
		out.LocationConstraint = s.region
	}
	return out, nil
}

// GetBucketEncryptionInput is a request of GetBucketEncryption.
type GetBucketEncryptionInput struct {
	Bucket string `rest:"uri:Bucket"`
}

// GetBucketEncryptionOutput is the answer.
type GetBucketEncryptionOutput struct {
	XMLName xml.Name         `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ServerSideEncryptionConfiguration"`
	Rules   []EncryptionRule `xml:"Rule"`
}

// EncryptionRule is how new objects are encrypted.
type EncryptionRule struct {
	ApplyServerSideEncryptionByDefault Encryption
	BucketKeyEnabled                   bool
}

// GetBucketEncryption tells how a bucket encrypts objects.
func (s *Service) GetBucketEncryption(_ context.Context, in *GetBucketEncryptionInput) (*GetBucketEncryptionOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.bucket(in.Bucket)
	if err != nil {
		return nil, err
	}
	return &GetBucketEncryptionOutput{Rules: []EncryptionRule{{ApplyServerSideEncryptionByDefault: b.encryption}}}, nil
}
