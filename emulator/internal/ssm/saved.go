package ssm

import "time"

// Saved is what a Service keeps over a restart, for encoding/json: the versions of each
// parameter by its name, oldest first.
type Saved map[string][]savedVersion

type savedVersion struct {
	Kind, Value, DataType string
	Number                int
	Modified              time.Time
}

// Save is what there is to keep.
func (s *Service) Save() Saved {
	s.mu.Lock()
	defer s.mu.Unlock()
	saved := Saved{}
	for name, versions := range s.parameters {
		for _, v := range versions {
			saved[name] = append(saved[name], savedVersion{Kind: v.kind, Value: v.value, DataType: v.dataType, Number: v.number, Modified: v.modified})
		}
	}
	return saved
}

// Restore takes over what a Service has saved, before the first request.
func (s *Service) Restore(saved Saved) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, versions := range saved {
		for _, v := range versions {
			s.parameters[name] = append(s.parameters[name], version{kind: v.Kind, value: v.Value, dataType: v.DataType, number: v.Number, modified: v.Modified})
		}
	}
}
