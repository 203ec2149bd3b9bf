package vpc

import (
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
)

func TestAddressesAreNeverGivenTwice(t *testing.T) {
	t.Parallel()
	n := New()
	seen := map[netip.Addr]bool{}
	for range 1000 { // past the end of one octet
		a := n.Address()
		if seen[a] || !a.IsPrivate() {
			t.Fatalf("address %s is not private or was given before", a)
		}
		seen[a] = true
	}
}

func TestDialLeadsToLoopback(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		c, err := l.Accept()
		if err == nil {
			_, _ = io.WriteString(c, "hello")
			_ = c.Close()
		}
	}()

	n := New()
	private := netip.AddrPortFrom(n.Address(), 8080)
	n.Bind(private, l.Addr().String())
	c, err := n.Dial(t.Context(), "tcp", private.String())
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := io.ReadAll(c); string(got) != "hello" {
		t.Errorf("read %q", got)
	}
	n.Unbind(private)
	for _, address := range []string{private.String(), "10.0.1.1:80", "nowhere"} {
		if _, err := n.Dial(t.Context(), "tcp", address); err == nil || !strings.Contains(err.Error(), address) {
			t.Errorf("dialling %s: %v, want an error that names it", address, err)
		}
	}
}
