package s3

import "time"

// Saved is what a Service keeps over a restart, for encoding/json: its buckets by name.
type Saved map[string]savedBucket

type savedBucket struct {
	Created    time.Time
	Encryption Encryption
	Objects    map[string]savedObject
}

type savedObject struct {
	Body              []byte
	ETag              string
	Modified          time.Time
	Headers, Metadata map[string]string
	Encryption        Encryption
}

// Save is what there is to keep.
func (s *Service) Save() Saved {
	s.mu.Lock()
	defer s.mu.Unlock()
	saved := Saved{}
	for name, b := range s.buckets {
		kept := savedBucket{Created: b.created, Encryption: b.encryption, Objects: map[string]savedObject{}}
		for key, o := range b.objects {
			kept.Objects[key] = savedObject{
				Body: o.body, ETag: o.etag, Modified: o.modified,
				Headers: o.headers, Metadata: o.metadata, Encryption: o.encryption,
			}
		}
		saved[name] = kept
	}
	return saved
}

// Restore takes over what a Service has saved, before the first request.
func (s *Service) Restore(saved Saved) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, kept := range saved {
		b := &bucket{created: kept.Created, encryption: kept.Encryption, objects: map[string]*object{}}
		for key, o := range kept.Objects {
			b.objects[key] = &object{
				body: o.Body, etag: o.ETag, modified: o.Modified,
				headers: o.Headers, metadata: o.Metadata, encryption: o.Encryption,
			}
			s.stored += len(o.Body)
		}
		s.buckets[name] = b
	}
}
