package elb

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"strings"
	"time"
)

// connectTimeout is how long a load balancer tries to connect to a target before it
// answers 504 (user guide, "Troubleshoot your Application Load Balancers", HTTP 504).
const connectTimeout = 10 * time.Second

// serve answers one request of a client.
func (s *Service) serve(w http.ResponseWriter, r *http.Request, find func() *listener) {
	x := s.admit(r, find)
	if x == nil {
		panic(http.ErrAbortHandler) // net/http's way to close the connection
	}
	defer x.finish()
	switch {
	case r.Method == http.MethodTrace || r.Method == http.MethodConnect:
		x.errorPage(w, http.StatusMethodNotAllowed)
	case x.action.Type == "fixed-response":
		x.fixedResponse(w)
	case x.action.Type == "redirect":
		x.redirect(w, r)
	case x.target == "":
		s.lost(x, http.StatusServiceUnavailable, NoTarget)
		x.errorPage(w, http.StatusServiceUnavailable)
	default:
		s.forward(x, w, r)
	}
}

// forward sends the request to the target and the answer to the client.
func (s *Service) forward(x *exchange, w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(x.cut, cancel)()

	proxy := &httputil.ReverseProxy{
		Transport:     x.transport,
		FlushInterval: -1, // an ALB does not hold back what a target streams
		Rewrite:       func(p *httputil.ProxyRequest) { x.rewrite(p, s.clock.Now()) },
		ErrorLog:      s.errorLog,
		ModifyResponse: func(response *http.Response) error {
			s.watched(r.Context(), x, response)
			s.annotate(x.to, response.Header)
			for _, c := range x.cookies {
				response.Header.Add("Set-Cookie", c.String())
			}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			if r.Context().Err() != nil {
				panic(http.ErrAbortHandler) // the client is gone, or its port is closed
			}
			s.lost(x, statusOf(err), x.causeOf(err))
			x.errorPage(w, statusOf(err))
		},
	}
	proxy.ServeHTTP(w, r.WithContext(ctx))
}

// statusOf is the status that an ALB gives for a failed exchange with a target: 504
// when it took too long to connect or to answer, 502 when the target refused,
// closed or reset the connection, or did not speak HTTP.
func statusOf(err error) int {
	var timeout interface{ Timeout() bool }
	if errors.As(err, &timeout) && timeout.Timeout() {
		return http.StatusGatewayTimeout
	}
	return http.StatusBadGateway
}

// rewrite makes the target's request out of the client's (user guide, "HTTP headers
// and Application Load Balancers"). ReverseProxy has taken out the headers that a
// client could forge; an ALB passes all but its own three.
func (x *exchange) rewrite(p *httputil.ProxyRequest, now time.Time) {
	p.Out.URL.Scheme = x.scheme
	p.Out.URL.Host = x.target
	p.Out.URL.RawQuery = p.In.URL.RawQuery
	p.Out.Host = p.In.Host
	for _, name := range []string{"Forwarded", "X-Forwarded-Host"} {
		if values := p.In.Header.Values(name); len(values) > 0 {
			p.Out.Header[name] = values
		}
	}
	if forwardedFor := x.forwardedForOf(p.In); forwardedFor != "" {
		p.Out.Header.Set("X-Forwarded-For", forwardedFor)
	}
	p.Out.Header.Set("X-Forwarded-Proto", strings.ToLower(x.protocol))
	p.Out.Header.Set("X-Forwarded-Port", fmt.Sprint(x.port))
	p.Out.Header.Set("X-Amzn-Trace-Id", traceID(p.In.Header.Get("X-Amzn-Trace-Id"), now))
	if p.Out.Body == nil && (p.Out.Method == http.MethodGet || p.Out.Method == http.MethodHead || p.Out.Method == http.MethodOptions) {
		// A body that could not be sent again, if only an empty one, keeps the
		// transport from sending the request a second time where a target closed the
		// connection on it: an ALB answers 502, and rehearsals must show that.
		p.Out.Body = io.NopCloser(strings.NewReader(""))
	}
}

func (x *exchange) forwardedForOf(in *http.Request) string {
	given := strings.Join(in.Header.Values("X-Forwarded-For"), ", ")
	if x.forwardedFor == "remove" {
		return ""
	}
	if x.forwardedFor == "preserve" {
		return given
	}
	client := in.RemoteAddr
	if !x.forwardedPort {
		client = hostname(client)
	}
	if given == "" {
		return client
	}
	return given + ", " + client
}

// traceID is the X-Amzn-Trace-Id of a request (user guide, "Request tracing"): a
// new root, or our part before the client's.
func traceID(given string, now time.Time) string {
	var random [12]byte
	_, _ = rand.Read(random[:]) // crypto/rand never fails
	id := fmt.Sprintf("1-%08x-%s", now.Unix(), hex.EncodeToString(random[:]))
	if given == "" {
		return "Root=" + id
	}
	return "Self=" + id + ";" + given
}

// minTrafficTimeout is the least real time that a target has for a user's request,
// unless its limit is shorter in AWS time: requests are not scaled, and a machine that
// is busy for a second must not look like a service that lost them.
const minTrafficTimeout = 5 * time.Second

// trafficTimeout is the real time for an exchange whose limit is d.
func (s *Service) trafficTimeout(d time.Duration) time.Duration {
	return max(s.clock.Real(d), min(d, minTrafficTimeout))
}

// newTransport connects to targets. Connections are kept alive; one over which
// nothing went for the idle timeout is closed, which ends the request it is for.
func (s *Service) newTransport(idle time.Duration) *http.Transport {
	limit := func() time.Duration { return s.trafficTimeout(idle) }
	return &http.Transport{
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			ctx, cancel := context.WithTimeout(ctx, s.trafficTimeout(connectTimeout))
			defer cancel()
			conn, err := s.network.Dial(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			return &idleConn{Conn: conn, limit: limit}, nil
		},
		TLSClientConfig:     &tls.Config{InsecureSkipVerify: true}, // an ALB does not verify targets' certificates
		DisableCompression:  true,
		MaxIdleConnsPerHost: 1000,
		// Well before idleConn's limit, so that a request never gets a connection
		// that is about to reach it.
		IdleConnTimeout: limit() / 2,
	}
}

// idleConn is a connection that fails with a timeout when nothing went over it in
// either direction for the limit.
type idleConn struct {
	net.Conn
	limit func() time.Duration
}

func (c *idleConn) Read(b []byte) (int, error) {
	if err := c.SetDeadline(time.Now().Add(c.limit())); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}

func (c *idleConn) Write(b []byte) (int, error) {
	if err := c.SetDeadline(time.Now().Add(c.limit())); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}
