package elb

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"time"
)

// clientIdle is the real time after which an idle connection of a client is closed:
// the default idle timeout of a load balancer, unscaled, since clients are real.
const clientIdle = 60 * time.Second

// front is a loopback port that clients connect to.
type front struct {
	socket net.Listener
	server *http.Server
	cut    context.CancelFunc // ends the requests in flight
}

type certificate = tls.Certificate

func listenOnLoopback() (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") }

// openFront opens a loopback port that serves the listener which find returns under
// the lock, for requests over TLS and for others; connections are closed while there is
// none. With a certificate it speaks TLS. The caller holds the lock.
func (s *Service) openFront(find func(secure bool) *listener, cert *certificate) (*front, error) {
	if s.closed {
		return nil, errors.New("the service is closed")
	}
	socket, err := s.listen()
	if err != nil {
		return nil, err
	}
	return s.serveFront(socket, find, cert), nil
}

// serveFront is openFront on a port that is open already.
func (s *Service) serveFront(socket net.Listener, find func(secure bool) *listener, cert *certificate) *front {
	ctx, cut := context.WithCancel(s.ctx)
	f := &front{socket: socket, cut: cut, server: &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.serve(w, r, func() *listener { return find(r.TLS != nil) })
		}),
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: clientIdle,
		IdleTimeout:       clientIdle,
		ErrorLog:          s.errorLog,
	}}
	serve := f.server.Serve
	if cert != nil {
		f.server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*cert}}
		serve = func(socket net.Listener) error { return f.server.ServeTLS(socket, "", "") }
	}
	s.run(func() { _ = serve(socket) }) // ends when the front is closed
	return f
}

func (f *front) addr() string { return f.socket.Addr().String() }

func (f *front) port() string {
	_, port, _ := net.SplitHostPort(f.addr()) // a bound socket's address always has one
	return port
}

// close closes the port and every connection.
func (f *front) close() {
	f.cut()
	_ = f.server.Close()
	_ = f.socket.Close() // Serve may not have begun yet
}

// selfSigned is the certificate of all HTTPS listeners, made when it is first
// needed.
func (s *Service) selfSigned() (*certificate, error) {
	if s.certificate != nil {
		return s.certificate, nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("generating a key for HTTPS listeners: %w", err)
	}
	now := time.Now() // clients check the validity in real time
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "localhost"},
		DNSNames:     []string{"localhost"},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.AddDate(1, 0, 0),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("signing the certificate of HTTPS listeners: %w", err)
	}
	s.certificate = &certificate{Certificate: [][]byte{der}, PrivateKey: key}
	return s.certificate, nil
}
