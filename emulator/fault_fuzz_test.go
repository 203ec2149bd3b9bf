package emulator

import (
	"reflect"
	"strings"
	"testing"
)

// FuzzFaults holds that whatever is sent to the control endpoint is a fault or refused,
// and that a fault which is shown is read as the same fault.
func FuzzFaults(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `null`, `{"kind":"throttle","service":"ecs","operation":"Describe*","rate":1.5,"burst":2,"times":3}`,
		`{"kind":"latency","delay":"20s","probability":0.5,"seed":7}`, `{"kind":"clock","jump":"-1h"}`, `{"kind":"cut","after":true,"nth":-1}`,
		`{"kind":"resource","stack":"a","logicalID":"A","action":"CREATE","reason":"x","delay":null}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		read, err := decodeFault(strings.NewReader(body))
		if err != nil {
			return
		}
		_ = read.validate() // refuses, and does not panic
		shown := string(encodeFault(InjectedFault{Fault: read}))
		shown = strings.Replace(shown, `"id":"",`, "", 1)
		shown = strings.Replace(shown, `,"occasions":0`, "", 1)
		shown = strings.Replace(shown, `,"strikes":0`, "", 1)
		again, err := decodeFault(strings.NewReader(shown))
		if err != nil {
			t.Fatalf("%s is shown as %s, which is refused: %v", body, shown, err)
		}
		if !reflect.DeepEqual(read, again) {
			t.Errorf("%s is shown as %s, which is %+v, not %+v", body, shown, again, read)
		}
	})
}
