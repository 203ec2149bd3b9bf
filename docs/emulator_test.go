package docs_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/emulator"
)

func TestOperationsAreTold(t *testing.T) {
	srv := start(t)
	got := map[string][]string{}
	for _, row := range table(t, "emulator.md", "## Operations") {
		got[row[0]] = strings.Split(row[1], ", ")
	}
	want := srv.Operations()
	for _, operations := range want {
		slices.Sort(operations)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("operations (-emulator +page):\n%s", diff)
	}
}

// TestFaultsAreTold: the page's request is taken, and so is each kind of fault
// with the members that it cannot do without.
func TestFaultsAreTold(t *testing.T) {
	srv := start(t)
	example := regexp.MustCompile(`curl \S+(/_slipway/faults) -H '(.+): (.+)' -d '(.+)'`).FindStringSubmatch(read(t, "emulator.md"))
	if example == nil {
		t.Fatal("emulator.md has no request that injects a fault")
	}
	inject := func(body string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL()+example[1], strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set(example[2], example[3])
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusCreated {
			said, _ := io.ReadAll(answer.Body)
			t.Errorf("%s: %s: %s", body, answer.Status, said)
		}
	}
	inject(example[4])

	needs := map[string]map[string]any{"zone": {"zone": "us-east-1a"}, "clock": {"jump": "1h"}}
	for _, row := range table(t, "emulator.md", "## Faults") {
		fault := map[string]any{"kind": row[0]}
		maps.Copy(fault, needs[row[0]])
		body, err := json.Marshal(fault)
		if err != nil {
			t.Fatal(err)
		}
		inject(string(body))
	}
}

func start(t *testing.T) *emulator.Server {
	t.Helper()
	srv, err := emulator.Start(t.Context(), emulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { srv.Close() })
	return srv
}
