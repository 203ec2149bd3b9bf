package s3

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/emulator/internal/clock"
)

// TestRestore: what another service has saved is told as before, and counts as before
// towards what a region may store.
func TestRestore(t *testing.T) {
	t.Parallel()
	const endpoint = "http://127.0.0.1:4566"
	before := New(clock.New(1), "eu-west-1", endpoint)
	if err := before.Create("assets", Encryption{SSEAlgorithm: "AES256"}); err != nil {
		t.Fatal(err)
	}
	put := &PutObjectInput{
		Bucket: "assets", Key: "app/template.json", Body: []byte(`{"Resources": {}}`),
		ContentType: "application/json", Metadata: map[string]string{"by": "cdk"},
	}
	if _, err := before.PutObject(t.Context(), put); err != nil {
		t.Fatal(err)
	}

	file, err := json.Marshal(before.Save())
	if err != nil {
		t.Fatal(err)
	}
	var saved Saved
	if err := json.Unmarshal(file, &saved); err != nil {
		t.Fatal(err)
	}
	after := New(clock.New(1), "eu-west-1", endpoint)
	after.Restore(saved)

	get := &GetObjectInput{Bucket: "assets", Key: "app/template.json"}
	want, err := before.GetObject(t.Context(), get)
	if err != nil {
		t.Fatal(err)
	}
	got, err := after.GetObject(t.Context(), get)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" || len(got.Body) == 0 {
		t.Errorf("the object (-before +after):\n%s", diff)
	}
	if after.stored != before.stored || after.stored == 0 {
		t.Errorf("%d bytes are stored, before %d", after.stored, before.stored)
	}
	if diff := cmp.Diff(before.Save(), after.Save()); diff != "" {
		t.Errorf("what there is (-before +after):\n%s", diff)
	}
}
