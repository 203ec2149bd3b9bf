package cloudformation

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// export is a value that stacks of the region and account may import.
type export struct {
	value string
	stack *stack
}

// exportsOf are the names that a stack exports, sorted. The caller holds s.mu.
func (s *Service) exportsOf(st *stack) []string {
	var names []string
	for _, o := range st.outputs {
		if o.ExportName != "" {
			names = append(names, o.ExportName)
		}
	}
	slices.Sort(names)
	return names
}

// blockedDelete says why a stack cannot be deleted: an export is in use.
func (s *Service) blockedDelete(st *stack) error {
	for _, name := range s.exportsOf(st) {
		if users := s.importersOf(name); len(users) > 0 {
			return fmt.Errorf("Delete canceled. Cannot delete export %s as it is in use by %s.", name, strings.Join(users, ", "))
		}
	}
	return nil
}

// publish makes outputs the stack's own and exports what they export, or says why
// that cannot be: a name is taken, or a value in use would change or go.
func (s *Service) publish(st *stack, outputs []StackOutput) error {
	next := map[string]string{}
	for _, o := range outputs {
		if o.ExportName == "" {
			continue
		}
		holder := ""
		if held, ok := s.exports[o.ExportName]; ok && held.stack != st {
			holder = held.stack.name
		} else if _, twice := next[o.ExportName]; twice {
			holder = st.name
		}
		if holder != "" {
			return fmt.Errorf("Export with name %s is already exported by stack %s.", o.ExportName, holder)
		}
		next[o.ExportName] = *o.OutputValue
	}
	for _, name := range s.exportsOf(st) {
		value, kept := next[name]
		users := s.importersOf(name)
		switch {
		case len(users) == 0 || kept && value == s.exports[name].value:
		case kept:
			return fmt.Errorf("Cannot update export %s as it is in use by %s.", name, strings.Join(users, ", "))
		default:
			return fmt.Errorf("Cannot delete export %s as it is in use by %s.", name, strings.Join(users, ", "))
		}
	}
	s.unpublish(st)
	for name, value := range next {
		s.exports[name] = export{value: value, stack: st}
	}
	st.outputs = outputs
	return nil
}

func (s *Service) unpublish(st *stack) {
	for _, name := range s.exportsOf(st) {
		delete(s.exports, name)
	}
	st.outputs = nil
}

// ListExportsInput is a request of ListExports.
type ListExportsInput struct{ NextToken string }

// ListExportsOutput is the answer.
type ListExportsOutput struct {
	Exports   []Export
	NextToken string
}

// ListExports lists what stacks export.
func (s *Service) ListExports(_ context.Context, in *ListExportsInput) (*ListExportsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	names, next, err := page(sortedKeys(s.exports), in.NextToken, 100)
	exports := []Export{}
	for _, name := range names {
		e := s.exports[name]
		exports = append(exports, Export{ExportingStackId: e.stack.id, Name: name, Value: e.value})
	}
	return &ListExportsOutput{Exports: exports, NextToken: next}, err
}

// ListImportsInput is a request of ListImports.
type ListImportsInput struct{ ExportName, NextToken string }

// ListImportsOutput is the answer.
type ListImportsOutput struct {
	Imports   []string
	NextToken string
}

// ListImports lists the stacks that use an export.
func (s *Service) ListImports(_ context.Context, in *ListImportsInput) (*ListImportsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	users := s.importersOf(in.ExportName)
	if len(users) == 0 {
		return nil, invalid("Export '%s' is not imported by any stack.", in.ExportName)
	}
	imports, next, err := page(users, in.NextToken, 100)
	return &ListImportsOutput{Imports: imports, NextToken: next}, err
}
