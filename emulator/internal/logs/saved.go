package logs

import "maps"

// Saved is what a Service keeps over a restart, for encoding/json: groups and streams,
// without their events.
type Saved struct{ Groups []savedGroup }

type savedGroup struct {
	Name      string
	Created   int64
	Retention int
	Class     string
	Key       string
	Tags      map[string]string
	Streams   map[string]int64 // when each was made
}

// Save is what there is to keep.
func (s *Service) Save() Saved {
	s.mu.Lock()
	defer s.mu.Unlock()
	var saved Saved
	for _, g := range s.groups {
		kept := savedGroup{
			Name: g.name, Created: g.created, Retention: g.retention, Class: g.class, Key: g.key,
			Tags: maps.Clone(g.tags), Streams: map[string]int64{},
		}
		for name, st := range g.streams {
			kept.Streams[name] = st.created
		}
		saved.Groups = append(saved.Groups, kept)
	}
	return saved
}

// Restore takes over what a Service has saved, before the first request.
func (s *Service) Restore(saved Saved) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range saved.Groups {
		g := s.makeGroup(k.Name)
		g.created, g.retention, g.class, g.key = k.Created, k.Retention, k.Class, k.Key
		maps.Copy(g.tags, k.Tags)
		for name, created := range k.Streams {
			s.makeStream(g, name).created = created
		}
	}
}
