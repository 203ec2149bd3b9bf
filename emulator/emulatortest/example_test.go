package emulatortest_test

import (
	"testing"

	"github.com/slipway-go/slipway/emulator"
	"github.com/slipway-go/slipway/emulator/emulatortest"
)

// A test gets an AWS of its own, says how images behave and what goes wrong, and reads
// what came of it.
func ExampleStart() {
	testRollout := func(t *testing.T) {
		srv := emulatortest.Start(t, emulator.Options{Speed: 200})
		srv.SetImage(":v2", emulator.Conduct{Crash: true})
		_, err := srv.Inject(emulator.FaultThrottle{
			FaultCalls: emulator.FaultCalls{Operation: "DescribeStacks"},
			FaultWhen:  emulator.FaultWhen{Times: 3},
		})
		if err != nil {
			t.Fatal(err)
		}

		// Here runs what is tested, against srv.URL().

		for _, service := range emulatortest.State(t, srv, "eu-west-1").Services {
			if service.Images["acme/app:v1"] != service.Desired {
				t.Errorf("%s runs %v", service.Name, service.Images)
			}
		}
	}
	_ = testRollout // go test runs it as TestRollout
}
