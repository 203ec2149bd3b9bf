package s3

import (
	"context"
	"encoding/base64"
	"encoding/xml"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// maxKeys is how many keys a page has at most.
const maxKeys = 1000

// ListObjectsV2Input is a request of ListObjectsV2.
type ListObjectsV2Input struct {
	Bucket            string `rest:"uri:Bucket"`
	Prefix            string `rest:"query:prefix"`
	Delimiter         string `rest:"query:delimiter"`
	MaxKeys           *int   `rest:"query:max-keys"`
	ContinuationToken string `rest:"query:continuation-token"`
	StartAfter        string `rest:"query:start-after"`
	EncodingType      string `rest:"query:encoding-type"`
}

// ListObjectsV2Output is a page of keys.
type ListObjectsV2Output struct {
	XMLName               xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListBucketResult"`
	Name                  string
	Prefix                string
	Delimiter             string `xml:",omitempty"`
	EncodingType          string `xml:",omitempty"`
	StartAfter            string `xml:",omitempty"`
	ContinuationToken     string `xml:",omitempty"`
	NextContinuationToken string `xml:",omitempty"`
	KeyCount              int
	MaxKeys               int
	IsTruncated           bool
	Contents              []ListedObject
	CommonPrefixes        []CommonPrefix
}

// ListedObject is an object in a list.
type ListedObject struct {
	Key          string
	LastModified string
	ETag         string
	Size         int
	StorageClass string
}

// CommonPrefix stands for all keys that begin with it, up to a delimiter.
type CommonPrefix struct{ Prefix string }

// ListObjectsV2 lists the keys of a bucket in order.
func (s *Service) ListObjectsV2(_ context.Context, in *ListObjectsV2Input) (*ListObjectsV2Output, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.bucket(in.Bucket)
	if err != nil {
		return nil, err
	}
	after, err := base64.URLEncoding.DecodeString(in.ContinuationToken)
	if err != nil {
		return nil, wire.Errorf("InvalidArgument", "The continuation token provided is incorrect")
	}
	show := func(text string) string { return text }
	switch in.EncodingType {
	case "":
	case "url":
		show = func(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "%2F", "/") }
	default:
		return nil, wire.Errorf("InvalidArgument", "Invalid Encoding Method specified in Request")
	}
	out := &ListObjectsV2Output{
		Name: in.Bucket, Prefix: show(in.Prefix), Delimiter: show(in.Delimiter), EncodingType: in.EncodingType,
		StartAfter: show(in.StartAfter), ContinuationToken: in.ContinuationToken, MaxKeys: maxKeys,
	}
	if in.MaxKeys != nil {
		out.MaxKeys = min(*in.MaxKeys, maxKeys)
	}
	last := max(string(after), in.StartAfter)
	for _, key := range slices.Sorted(maps.Keys(b.objects)) {
		rest, ok := strings.CutPrefix(key, in.Prefix)
		if !ok || key <= last || in.Delimiter != "" && strings.HasSuffix(last, in.Delimiter) && strings.HasPrefix(key, last) {
			continue
		}
		if out.KeyCount >= out.MaxKeys {
			if out.IsTruncated = out.MaxKeys > 0; out.IsTruncated {
				out.NextContinuationToken = base64.URLEncoding.EncodeToString([]byte(last))
			}
			break
		}
		out.KeyCount++
		if head, _, ok := strings.Cut(rest, in.Delimiter); ok && in.Delimiter != "" {
			last = in.Prefix + head + in.Delimiter
			out.CommonPrefixes = append(out.CommonPrefixes, CommonPrefix{show(last)})
			continue
		}
		last = key
		o := b.objects[key]
		out.Contents = append(out.Contents, ListedObject{
			Key: show(key), LastModified: o.modified.UTC().Format(time.RFC3339), ETag: o.etag, Size: len(o.body), StorageClass: "STANDARD",
		})
	}
	return out, nil
}
