package s3

import (
	"cmp"
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"net/http"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// PutObjectInput is a request of PutObject.
type PutObjectInput struct {
	Bucket               string            `rest:"uri:Bucket"`
	Key                  string            `rest:"uri:Key"`
	Body                 []byte            `rest:"body"`
	CacheControl         string            `rest:"header:Cache-Control"`
	ContentDisposition   string            `rest:"header:Content-Disposition"`
	ContentEncoding      string            `rest:"header:Content-Encoding"`
	ContentLanguage      string            `rest:"header:Content-Language"`
	ContentMD5           string            `rest:"header:Content-Md5"`
	ContentSHA256        string            `rest:"header:X-Amz-Content-Sha256"`
	ContentType          string            `rest:"header:Content-Type"`
	Metadata             map[string]string `rest:"header:X-Amz-Meta-*"`
	ServerSideEncryption string            `rest:"header:X-Amz-Server-Side-Encryption"`
	SSEKMSKeyId          string            `rest:"header:X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id"`
	StorageClass         string            `rest:"header:X-Amz-Storage-Class"`
}

// PutObjectOutput is the answer.
type PutObjectOutput struct {
	ETag                 string `rest:"header:ETag"`
	ServerSideEncryption string `rest:"header:X-Amz-Server-Side-Encryption"`
	SSEKMSKeyId          string `rest:"header:X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id"`
}

// PutObject stores an object in place of the one that has the key.
func (s *Service) PutObject(_ context.Context, in *PutObjectInput) (*PutObjectOutput, error) {
	body, encoding, err := payload(in)
	if err != nil {
		return nil, err
	}
	sum := md5.Sum(body) //nolint:gosec // an ETag, which is AWS's
	switch {
	case len(body) > MaxObject:
		return nil, wire.Errorf("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size: the embedded AWS takes %d bytes", MaxObject)
	case len(in.Key) > 1024:
		return nil, wire.Errorf("KeyTooLongError", "Your key is too long")
	case in.ContentMD5 != "" && in.ContentMD5 != base64.StdEncoding.EncodeToString(sum[:]):
		return nil, wire.Errorf("BadDigest", "The Content-MD5 you specified did not match what we received.")
	case in.StorageClass != "" && in.StorageClass != "STANDARD":
		return nil, wire.Errorf("InvalidStorageClass", "The embedded AWS has no storage class but STANDARD")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.bucket(in.Bucket)
	if err != nil {
		return nil, err
	}
	before := 0
	if o := b.objects[in.Key]; o != nil {
		before = len(o.body)
	}
	if s.stored-before+len(body) > MaxStored {
		return nil, wire.Errorf("InvalidRequest", "The embedded AWS keeps %d bytes of objects in a region; delete some", MaxStored)
	}
	s.stored += len(body) - before
	o := &object{
		body: body, etag: `"` + hex.EncodeToString(sum[:]) + `"`, modified: s.clock.Now(),
		headers: map[string]string{
			"Cache-Control": in.CacheControl, "Content-Disposition": in.ContentDisposition, "Content-Encoding": encoding,
			"Content-Language": in.ContentLanguage, "Content-Type": cmp.Or(in.ContentType, "binary/octet-stream"),
		},
		metadata: in.Metadata, encryption: b.encryption,
	}
	if in.ServerSideEncryption != "" {
		o.encryption = Encryption{SSEAlgorithm: in.ServerSideEncryption, KMSMasterKeyID: in.SSEKMSKeyId}
	}
	b.objects[in.Key] = o
	return &PutObjectOutput{ETag: o.etag, ServerSideEncryption: o.encryption.SSEAlgorithm, SSEKMSKeyId: o.encryption.KMSMasterKeyID}, nil
}

// GetObjectInput is a request of GetObject.
type GetObjectInput struct {
	Bucket string `rest:"uri:Bucket"`
	Key    string `rest:"uri:Key"`
}

// HeadObjectInput is a request of HeadObject.
type HeadObjectInput GetObjectInput

// HeadObjectOutput is an object without its body.
type HeadObjectOutput struct {
	LastModified         string            `rest:"header:Last-Modified"`
	ContentLength        int               `rest:"header:Content-Length"`
	ETag                 string            `rest:"header:ETag"`
	CacheControl         string            `rest:"header:Cache-Control"`
	ContentDisposition   string            `rest:"header:Content-Disposition"`
	ContentEncoding      string            `rest:"header:Content-Encoding"`
	ContentLanguage      string            `rest:"header:Content-Language"`
	ContentType          string            `rest:"header:Content-Type"`
	Metadata             map[string]string `rest:"header:X-Amz-Meta-*"`
	ServerSideEncryption string            `rest:"header:X-Amz-Server-Side-Encryption"`
	SSEKMSKeyId          string            `rest:"header:X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id"`
}

// GetObjectOutput is an object.
type GetObjectOutput struct {
	LastModified         string            `rest:"header:Last-Modified"`
	ContentLength        int               `rest:"header:Content-Length"`
	ETag                 string            `rest:"header:ETag"`
	CacheControl         string            `rest:"header:Cache-Control"`
	ContentDisposition   string            `rest:"header:Content-Disposition"`
	ContentEncoding      string            `rest:"header:Content-Encoding"`
	ContentLanguage      string            `rest:"header:Content-Language"`
	ContentType          string            `rest:"header:Content-Type"`
	Metadata             map[string]string `rest:"header:X-Amz-Meta-*"`
	ServerSideEncryption string            `rest:"header:X-Amz-Server-Side-Encryption"`
	SSEKMSKeyId          string            `rest:"header:X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id"`
	Body                 []byte            `rest:"body"`
}

// GetObject returns an object.
func (s *Service) GetObject(_ context.Context, in *GetObjectInput) (*GetObjectOutput, error) {
	o, err := s.object(in.Bucket, in.Key)
	if err != nil {
		return nil, err
	}
	return o.show(), nil
}

// HeadObject returns what is known of an object.
func (s *Service) HeadObject(_ context.Context, in *HeadObjectInput) (*HeadObjectOutput, error) {
	o, err := s.object(in.Bucket, in.Key)
	if err != nil {
		return nil, err
	}
	shown := o.show()
	return &HeadObjectOutput{
		LastModified: shown.LastModified, ContentLength: shown.ContentLength, ETag: shown.ETag,
		CacheControl: shown.CacheControl, ContentDisposition: shown.ContentDisposition, ContentEncoding: shown.ContentEncoding,
		ContentLanguage: shown.ContentLanguage, ContentType: shown.ContentType, Metadata: shown.Metadata,
		ServerSideEncryption: shown.ServerSideEncryption, SSEKMSKeyId: shown.SSEKMSKeyId,
	}, nil
}

func (o *object) show() *GetObjectOutput {
	return &GetObjectOutput{
		LastModified: o.modified.UTC().Format(http.TimeFormat), ContentLength: len(o.body), ETag: o.etag,
		CacheControl: o.headers["Cache-Control"], ContentDisposition: o.headers["Content-Disposition"],
		ContentEncoding: o.headers["Content-Encoding"], ContentLanguage: o.headers["Content-Language"], ContentType: o.headers["Content-Type"],
		Metadata: o.metadata, ServerSideEncryption: o.encryption.SSEAlgorithm, SSEKMSKeyId: o.encryption.KMSMasterKeyID,
		Body: o.body,
	}
}

// object finds an object, which does not change any more.
func (s *Service) object(bucket, key string) (*object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.bucket(bucket)
	if err != nil {
		return nil, err
	}
	if o := b.objects[key]; o != nil {
		return o, nil
	}
	return nil, &wire.Error{Code: "NoSuchKey", Message: "The specified key does not exist.", Status: http.StatusNotFound}
}

// DeleteObjectInput is a request of DeleteObject.
type DeleteObjectInput struct {
	Bucket string `rest:"uri:Bucket"`
	Key    string `rest:"uri:Key"`
}

// DeleteObjectOutput is the empty answer.
type DeleteObjectOutput struct{}

// DeleteObject deletes an object. One that does not exist is no error.
func (s *Service) DeleteObject(_ context.Context, in *DeleteObjectInput) (*DeleteObjectOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.bucket(in.Bucket)
	if err != nil {
		return nil, err
	}
	if o := b.objects[in.Key]; o != nil {
		s.stored -= len(o.body)
		delete(b.objects, in.Key)
	}
	return &DeleteObjectOutput{}, nil
}
