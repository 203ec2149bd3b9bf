package cloudformation

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// deletedKept is how long deleted stacks are shown (API reference, ListStacks: "Summary
// information for stacks that have been deleted is kept for 90 days").
const deletedKept = 90 * 24 * time.Hour

// index finds stacks among thousands without a look at each. Service.mu guards it.
type index struct {
	stacks    []*stack // in order of creation, deleted ones included
	byID      map[string]*stack
	byName    map[string]*stack // the newest of a name, deleted or not
	deleted   []*stack          // in order of deletion
	importers map[string]map[*stack]struct{}
	added     int
}

func newIndex() index {
	return index{byID: map[string]*stack{}, byName: map[string]*stack{}, importers: map[string]map[*stack]struct{}{}}
}

// add makes a stack known to all, and forgets those that have been deleted for long
// enough. The caller holds s.mu.
func (s *Service) add(st *stack) {
	s.forgetDeleted()
	s.added++
	st.number = s.added
	s.stacks = append(s.stacks, st)
	s.byID[st.id], s.byName[st.name] = st, st
}

// find returns the stack of that name or id: by name only a stack that is not
// deleted, as AWS does. The caller holds s.mu.
func (s *Service) find(nameOrID string) *stack {
	if st := s.byID[nameOrID]; st != nil {
		return st
	}
	if st := s.byName[nameOrID]; st != nil && st.status != DeleteComplete {
		return st
	}
	return nil
}

// newestFirst are the stacks that a list is about. The caller holds s.mu.
func (s *Service) newestFirst(about func(*stack) bool) []*stack {
	var all []*stack
	for _, st := range slices.Backward(s.stacks) {
		if about(st) {
			all = append(all, st)
		}
	}
	return all
}

// bury notes that a stack has been deleted. The caller holds s.mu.
func (s *Service) bury(st *stack) {
	st.deleted, st.changeSets = s.now(), nil
	s.deleted = append(s.deleted, st)
}

func (s *Service) forgetDeleted() {
	old := 0
	for old < len(s.deleted) && s.now().Sub(s.deleted[old].deleted) > deletedKept {
		st := s.deleted[old]
		delete(s.byID, st.id)
		if s.byName[st.name] == st {
			delete(s.byName, st.name)
		}
		old++
	}
	if old == 0 {
		return
	}
	s.deleted = slices.Clone(s.deleted[old:])
	s.stacks = slices.DeleteFunc(s.stacks, func(st *stack) bool { return s.byID[st.id] != st })
}

// setImports says which exports a stack uses from now on. The caller holds s.mu.
func (s *Service) setImports(st *stack, imports map[string]bool) {
	for name := range st.imports {
		delete(s.importers[name], st)
		if len(s.importers[name]) == 0 {
			delete(s.importers, name)
		}
	}
	st.imports = imports
	for name := range imports {
		if s.importers[name] == nil {
			s.importers[name] = map[*stack]struct{}{}
		}
		s.importers[name][st] = struct{}{}
	}
}

// importersOf are the names of the stacks that use an export, in order of creation. The
// caller holds s.mu.
func (s *Service) importersOf(name string) []string {
	var users []string
	for _, st := range slices.SortedFunc(maps.Keys(s.importers[name]), func(a, b *stack) int { return cmp.Compare(a.number, b.number) }) {
		if st.status != DeleteComplete {
			users = append(users, st.name)
		}
	}
	return users
}
