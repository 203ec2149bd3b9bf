package rollout

import (
	"net/http"
	"testing"

	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/stacks"
)

const itemsHost = "items.example.com"

// TestServicesShareALoadBalancer: one by its host, one by its paths. Each is deployed
// without the other, in both orders, and users of neither notice.
func TestServicesShareALoadBalancer(t *testing.T) {
	app := newApp(t)
	stacks.NewNetworkStack(app, jsii.String(networkStack), nil)
	stacks.NewServiceStack(app, jsii.String("items"), &stacks.ServiceStackProps{
		FargateServiceProps: constructs.FargateServiceProps{Hosts: jsii.Strings(itemsHost)},
	})
	stacks.NewServiceStack(app, jsii.String("orders"), &stacks.ServiceStackProps{
		FargateServiceProps: constructs.FargateServiceProps{Paths: jsii.Strings("/orders", "/orders/*")},
	})
	templates := templatesOf(t, app)
	t.Parallel()

	w := newWorld(t)
	w.up(t, networkStack, templates[networkStack], nil)
	items := w.upService(t, "items", templates["items"], "acme/items:v1", map[string]string{contract.ParameterPriority: "10"})
	orders := w.upService(t, "orders", templates["orders"], "acme/orders:v1", map[string]string{contract.ParameterPriority: "20"})
	url := items[contract.OutputURL]
	if url != orders[contract.OutputURL] {
		t.Fatalf("items is at %s, orders at %s, want one load balancer", url, orders[contract.OutputURL])
	}

	for _, tt := range []struct {
		host, path string
		want       int
		version    string
	}{
		{itemsHost, "/", http.StatusOK, "acme/items:v1"},
		{"ITEMS.example.com:80", "/", http.StatusOK, "acme/items:v1"},
		{"", "/orders", http.StatusOK, "acme/orders:v1"},
		{"shop.example.com", "/orders/1", http.StatusOK, "acme/orders:v1"},
		// Both rules match: the lower priority is tried first.
		{itemsHost, "/orders/1", http.StatusOK, "acme/items:v1"},
		// Neither does: the listener itself answers.
		{"", "/", http.StatusNotFound, ""},
		{"", "/ordersheet", http.StatusNotFound, ""},
		{"more.items.example.com", "/", http.StatusNotFound, ""},
	} {
		status, version := get(t, url+tt.path, tt.host)
		if status != tt.want || version != tt.version {
			t.Errorf("%q at host %q: %d of %q, want %d of %q", tt.path, tt.host, status, version, tt.want, tt.version)
		}
	}

	sites := []site{{url: url, host: itemsHost}, {url: url + "/orders/1"}}
	for _, tt := range []struct {
		deployed      string
		image         string
		items, orders []string // who answers meanwhile
	}{
		{"items", "acme/items:v2", []string{"acme/items:v1", "acme/items:v2"}, []string{"acme/orders:v1"}},
		{"orders", "acme/orders:v2", []string{"acme/items:v2"}, []string{"acme/orders:v1", "acme/orders:v2"}},
		{"orders", "acme/orders:v3", []string{"acme/items:v2"}, []string{"acme/orders:v2", "acme/orders:v3"}},
		{"items", "acme/items:v3", []string{"acme/items:v2", "acme/items:v3"}, []string{"acme/orders:v3"}},
	} {
		results := w.deploy(t, tt.deployed, tt.image, nil, sites...)
		requireAnsweredBy(t, "items during "+tt.image, results[0], tt.items...)
		requireAnsweredBy(t, "orders during "+tt.image, results[1], tt.orders...)
	}
}

// get is the status of an answer, and the version that gave it.
func get(t *testing.T, url, host string) (status int, version string) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctxOf(t), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = host
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode, res.Header.Get("X-Image")
}
