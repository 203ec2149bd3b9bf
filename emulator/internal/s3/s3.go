// Package s3 is Amazon S3 for the embedded AWS, as far as tools need it that bring
// templates and assets to CloudFormation: buckets, and objects of one part. Objects have
// no versions, buckets' names are taken in their region only, and bucket policies and
// lifecycles do nothing.
package s3

import (
	"fmt"
	"net/http"
	"regexp"
	"sync"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/clock"
	"github.com/slipway-go/slipway/emulator/internal/wire"
)

const (
	// MaxObject is the size of the largest object in bytes: what the SDKs upload in one part.
	MaxObject = 5 << 20
	// MaxStored bounds what the objects of a region have together, in bytes.
	MaxStored = 256 << 20
)

// Service is S3 in one region. It is safe for concurrent use.
type Service struct {
	clock    *clock.Clock
	region   string
	endpoint string
	api      *wire.API

	mu      sync.Mutex
	buckets map[string]*bucket
	stored  int // bytes of all objects
}

type bucket struct {
	created    time.Time
	encryption Encryption
	objects    map[string]*object
}

// Encryption is how a bucket encrypts objects, as it tells it: nothing is encrypted.
type Encryption struct {
	SSEAlgorithm   string `xml:"SSEAlgorithm"`             // AES256, aws:kms or aws:kms:dsse
	KMSMasterKeyID string `xml:"KMSMasterKeyID,omitempty"` // empty for AES256, and for the key of AWS
}

type object struct {
	body       []byte
	etag       string
	modified   time.Time
	headers    map[string]string // those that come back as they were sent
	metadata   map[string]string
	encryption Encryption
}

// New returns a region without buckets. Its objects have URLs at the endpoint, for
// example "http://127.0.0.1:4566", beside those of AWS.
func New(clk *clock.Clock, region, endpoint string) *Service {
	s := &Service{clock: clk, region: region, endpoint: endpoint, buckets: map[string]*bucket{}}
	s.api = &wire.API{Service: "s3", Protocol: wire.REST}
	wire.Handle(s.api, "CreateBucket", s.CreateBucket)
	wire.Handle(s.api, "HeadBucket", s.HeadBucket)
	wire.Handle(s.api, "DeleteBucket", s.DeleteBucket)
	wire.Handle(s.api, "GetBucketLocation", s.GetBucketLocation)
	wire.Handle(s.api, "GetBucketEncryption", s.GetBucketEncryption)
	wire.Handle(s.api, "ListObjectsV2", s.ListObjectsV2)
	wire.Handle(s.api, "PutObject", s.PutObject)
	wire.Handle(s.api, "GetObject", s.GetObject)
	wire.Handle(s.api, "HeadObject", s.HeadObject)
	wire.Handle(s.api, "DeleteObject", s.DeleteObject)
	return s
}

// API is the service as clients reach it.
func (s *Service) API() *wire.API { return s.api }

// bucketName is AWS's rule for general purpose buckets (user guide, "General purpose
// bucket naming rules").
var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// bucket finds a bucket. The caller holds s.mu.
func (s *Service) bucket(name string) (*bucket, error) {
	if b := s.buckets[name]; b != nil {
		return b, nil
	}
	return nil, &wire.Error{Code: "NoSuchBucket", Message: "The specified bucket does not exist", Status: http.StatusNotFound}
}

// Create makes a bucket; the zero Encryption is that of S3 itself, AES256.
func (s *Service) Create(name string, e Encryption) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !bucketName.MatchString(name) {
		return wire.Errorf("InvalidBucketName", "The specified bucket is not valid.")
	}
	if s.buckets[name] != nil {
		return &wire.Error{
			Code: "BucketAlreadyOwnedByYou", Status: http.StatusConflict,
			Message: "Your previous request to create the named bucket succeeded and you already own it.",
		}
	}
	s.buckets[name] = &bucket{created: s.clock.Now(), objects: map[string]*object{}, encryption: e.orDefault()}
	return nil
}

func (e Encryption) orDefault() Encryption {
	if e.SSEAlgorithm == "" {
		return Encryption{SSEAlgorithm: "AES256"}
	}
	return e
}

// Encrypt changes how a bucket encrypts objects, which counts for those that come.
func (s *Service) Encrypt(name string, e Encryption) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.bucket(name)
	if err == nil {
		b.encryption = e.orDefault()
	}
	return err
}

// Has tells whether there is a bucket of that name.
func (s *Service) Has(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buckets[name] != nil
}

// Delete deletes an empty bucket.
func (s *Service) Delete(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.bucket(name)
	if err != nil {
		return err
	}
	if len(b.objects) > 0 {
		return &wire.Error{Code: "BucketNotEmpty", Message: "The bucket you tried to delete is not empty", Status: http.StatusConflict}
	}
	delete(s.buckets, name)
	return nil
}

// ARN is that of a bucket.
func ARN(name string) string { return fmt.Sprintf("arn:aws:s3:::%s", name) }
