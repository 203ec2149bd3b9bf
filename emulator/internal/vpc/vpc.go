// Package vpc is the network between load balancers and tasks: private addresses
// that exist only in the emulator, each port of which leads to a loopback address.
package vpc

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"syscall"
)

// Network hands out private addresses and connects to what listens on them. It is
// safe for concurrent use.
type Network struct {
	dial func(ctx context.Context, network, address string) (net.Conn, error)

	mu    sync.Mutex
	next  netip.Addr
	ports map[netip.AddrPort]string
}

// New returns an empty network.
func New() *Network {
	var d net.Dialer
	return NewOver(d.DialContext)
}

// NewOver returns an empty network whose ports lead to what dial connects to, instead
// of loopback addresses: a test needs no sockets then, and can run in a bubble of
// testing/synctest, where time stands still while anything is going on.
func NewOver(dial func(ctx context.Context, network, address string) (net.Conn, error)) *Network {
	return &Network{dial: dial, next: netip.MustParseAddr("10.0.1.9"), ports: map[netip.AddrPort]string{}}
}

// Address returns a private address that was never given before.
func (n *Network) Address() netip.Addr {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.next = n.next.Next()
	return n.next
}

// Given is the address that was given last.
func (n *Network) Given() netip.Addr {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.next
}

// Continue makes the network go on behind an address that was given by another one.
func (n *Network) Continue(behind netip.Addr) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.next.Less(behind) {
		n.next = behind
	}
}

// Bind lets address:port lead to a loopback address, until Unbind.
func (n *Network) Bind(private netip.AddrPort, loopback string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ports[private] = loopback
}

// Unbind closes the port: later connections are refused, as by a host that is gone.
func (n *Network) Unbind(private netip.AddrPort) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.ports, private)
}

// Dial connects to a private "address:port". Its signature is that of
// [net.Dialer.DialContext].
func (n *Network) Dial(ctx context.Context, network, private string) (net.Conn, error) {
	addr, err := netip.ParseAddrPort(private)
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", private, err)
	}
	n.mu.Lock()
	loopback, ok := n.ports[addr]
	n.mu.Unlock()
	if !ok {
		return nil, fmt.Errorf("dial %s: %w: nothing listens there", private, syscall.ECONNREFUSED)
	}
	return n.dial(ctx, network, loopback)
}
