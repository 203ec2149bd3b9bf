package emulator_test

import (
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/slipway-go/slipway/emulator"
)

// TestWitnesses: tasks are told from their start to their end, and answers say which image
// gave them.
func TestWitnesses(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var tasks []emulator.TaskChange
	srv := start(t, emulator.Options{
		Speed: 100, ImageHeader: true,
		OnTask: func(c emulator.TaskChange) {
			mu.Lock()
			defer mu.Unlock()
			tasks = append(tasks, c)
		},
	})
	url := stacks(t, cloudformation.NewFromConfig(config(srv, "us-east-1")), "acme/web:v1")
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if image := response.Header.Get("X-Image"); image != "acme/web:v1" {
		t.Errorf("the answer is of %q", image)
	}

	mu.Lock()
	address, arn := tasks[len(tasks)-1].Address, tasks[len(tasks)-1].TaskARN
	mu.Unlock()
	if address == "" {
		t.Fatal("no task is told with its address")
	}
	if _, err := srv.Inject(emulator.FaultTaskKill{Task: arn}); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(20 * time.Second)
	for {
		mu.Lock()
		var of []string
		for _, c := range tasks {
			if c.TaskARN == arn {
				of = append(of, c.Status)
			}
		}
		mu.Unlock()
		if slices.Contains(of, "STOPPED") {
			for _, want := range []string{"PENDING", "ACTIVATING", "RUNNING", "STOPPING", "DEPROVISIONING"} {
				if !slices.Contains(of, want) {
					t.Errorf("the task went through %q, without %s", of, want)
				}
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the task went through %q and has not stopped", of)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// TestSetSpeed: the time of an AWS can change its pace.
func TestSetSpeed(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{Speed: 1})
	srv.SetSpeed(1000)
	began := srv.Clock().Now()
	if err := srv.Clock().Sleep(t.Context(), 10*time.Minute); err != nil {
		t.Fatal(err)
	}
	if passed := srv.Clock().Now().Sub(began); passed < 10*time.Minute {
		t.Errorf("%s of AWS time have passed in a sleep of 10 minutes", passed)
	}
}
