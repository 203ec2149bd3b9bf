package emulator

import (
	"slices"
	"testing"
)

// TestOperationsAreInTheModel: requests of all operations are held against AWS's models.
func TestOperationsAreInTheModel(t *testing.T) {
	t.Parallel()
	srv, err := Start(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	region := srv.enter("eu-west-1")
	defer srv.requests.Done()
	for service, api := range region.apis {
		if api.Service != service {
			t.Errorf("the API of %s has the Service %q, by which its model is found", service, api.Service)
		}
		model, err := api.Model()
		if err != nil || model == nil {
			t.Errorf("%v: add it to generate.go of apimodel, and `make models`", err)
			continue
		}
		for _, operation := range api.Operations() {
			if _, ok := model.Input(operation); !ok {
				t.Errorf("AWS's model of %s has no operation %s", service, operation)
			}
		}
		if got := srv.Operations()[service]; len(got) != len(api.Operations()) || !slices.IsSorted(got) {
			t.Errorf("Operations() of %s are %q, want %q, sorted", service, got, api.Operations())
		}
	}
}
