package elb

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// openBalancerFront opens the port that is a load balancer's DNSName: it serves its first
// HTTP listener and, to clients that speak TLS, its first HTTPS listener. The caller holds
// the lock.
func (s *Service) openBalancerFront(lb *loadBalancer) (*front, error) {
	if s.closed {
		return nil, errors.New("the service is closed")
	}
	socket, err := s.listen()
	if err != nil {
		return nil, err
	}
	f, err := s.serveBalancerFront(lb, socket)
	if err != nil {
		return nil, errors.Join(err, socket.Close())
	}
	return f, nil
}

// serveBalancerFront is openBalancerFront on a port that is open already.
func (s *Service) serveBalancerFront(lb *loadBalancer, socket net.Listener) (*front, error) {
	cert, err := s.selfSigned()
	if err != nil {
		return nil, fmt.Errorf("for the DNSName: %w", err)
	}
	return s.serveFront(newMixed(socket, cert), func(secure bool) *listener {
		if secure {
			return lb.first("HTTPS")
		}
		return lb.first("HTTP")
	}, nil), nil
}

// tlsHandshake is the first byte of what a client says that speaks TLS (RFC 8446, 5.1); no
// HTTP begins with it.
const tlsHandshake = 0x16

// mixed is a listener for clients that speak TLS, and for those that do not. It looks at
// the first byte of each connection before it hands it out.
type mixed struct {
	net.Listener
	config   *tls.Config
	accepted chan handed
	done     chan struct{} // closed by Close
	tasks    sync.WaitGroup

	mu     sync.Mutex
	silent map[net.Conn]struct{} // have not said anything yet; nil once closed
}

type handed struct {
	net.Conn
	err error
}

func newMixed(socket net.Listener, cert *certificate) *mixed {
	m := &mixed{
		Listener: socket, accepted: make(chan handed), done: make(chan struct{}), silent: map[net.Conn]struct{}{},
		config: &tls.Config{Certificates: []tls.Certificate{*cert}, NextProtos: []string{"h2", "http/1.1"}},
	}
	m.tasks.Go(m.accept)
	return m
}

// accept lets each connection be looked at, until the socket is closed.
func (m *mixed) accept() {
	for {
		conn, err := m.Listener.Accept()
		if err != nil {
			m.hand(handed{err: err})
			if errors.Is(err, net.ErrClosed) {
				return
			}
			continue
		}
		if !m.await(conn) {
			_ = conn.Close()
			return
		}
		m.tasks.Go(func() { m.look(conn) })
	}
}

func (m *mixed) await(conn net.Conn) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.silent == nil {
		return false
	}
	m.silent[conn] = struct{}{}
	return true
}

// look waits for the first byte, and hands the connection out.
func (m *mixed) look(conn net.Conn) {
	first := make([]byte, 1)
	_ = conn.SetReadDeadline(time.Now().Add(clientIdle)) // of a client, which is real
	_, err := conn.Read(first)
	_ = conn.SetReadDeadline(time.Time{})
	m.mu.Lock()
	delete(m.silent, conn)
	m.mu.Unlock()
	if err != nil {
		_ = conn.Close()
		return
	}
	begun := net.Conn(&begunConn{Conn: conn, first: first})
	if first[0] == tlsHandshake {
		begun = tls.Server(begun, m.config)
	}
	if !m.hand(handed{Conn: begun}) {
		_ = conn.Close()
	}
}

func (m *mixed) hand(a handed) bool {
	select {
	case m.accepted <- a:
		return true
	case <-m.done:
		return false
	}
}

// Accept implements net.Listener.
func (m *mixed) Accept() (net.Conn, error) {
	select {
	case a := <-m.accepted:
		return a.Conn, a.err
	case <-m.done:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener. It ends the connections that nobody has got.
func (m *mixed) Close() error {
	m.mu.Lock()
	silent := m.silent
	m.silent = nil
	m.mu.Unlock()
	if silent == nil {
		return nil // closed before
	}
	close(m.done)
	err := m.Listener.Close()
	for conn := range silent {
		_ = conn.Close()
	}
	m.tasks.Wait()
	return err
}

// begunConn is a connection of which the first byte has been read.
type begunConn struct {
	net.Conn
	first []byte
}

func (c *begunConn) Read(p []byte) (int, error) {
	if len(c.first) > 0 && len(p) > 0 {
		n := copy(p, c.first)
		c.first = c.first[n:]
		return n, nil
	}
	return c.Conn.Read(p)
}
