package emulator

import (
	"slices"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// Operations are the names of the operations that this AWS answers, sorted, by the
// signing name of their service: "cloudformation", "ecs", ... All others it refuses as
// AWS refuses one that does not exist. It is empty once the server is closed.
func (s *Server) Operations() map[string][]string {
	region := s.enter(wire.DefaultRegion)
	if region == nil {
		return nil
	}
	defer s.requests.Done()
	operations := map[string][]string{}
	for service, api := range region.apis {
		operations[service] = slices.Sorted(slices.Values(api.Operations()))
	}
	return operations
}
