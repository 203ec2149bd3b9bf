package elb

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/vpc"
)

// healthCheck is one check of a target, as its target group has it now.
type healthCheck struct {
	group             string // ARN of the target group
	url               string
	matcher           *Matcher
	interval, timeout time.Duration
}

// newProbeTransport connects for health checks, anew for each: "After each health
// check is completed, the load balancer node closes the connection" (user guide).
func newProbeTransport(network *vpc.Network) *http.Transport {
	return &http.Transport{
		DialContext:        network.Dial,
		DisableKeepAlives:  true,
		DisableCompression: true,
		TLSClientConfig:    &tls.Config{InsecureSkipVerify: true}, // AWS does not verify targets' certificates either
	}
}

// checkHealth checks a target at every interval, from now until ctx ends. A check
// that takes longer than the interval delays the next.
func (s *Service) checkHealth(ctx context.Context, tg *targetGroup, r *registration) {
	for {
		start := s.clock.Now()
		check, ok := s.nextCheck(ctx, tg, r)
		if !ok {
			return
		}
		failure := s.checkOnce(ctx, check)
		if s.fails(check.group, r.target) {
			failure = &reason{"Target.FailedHealthChecks", "Health checks failed"}
		}
		s.recordCheck(ctx, tg, r, failure)
		if s.clock.Sleep(ctx, check.interval-s.clock.Since(start)) != nil {
			return
		}
	}
}

// nextCheck reads what to check, which may have been modified since the last time.
func (s *Service) nextCheck(ctx context.Context, tg *targetGroup, r *registration) (healthCheck, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ctx.Err() != nil {
		return healthCheck{}, false
	}
	if r.state == Initial {
		s.setState(tg, r, Initial, firstChecks())
	}
	scheme := "http"
	if tg.HealthCheckProtocol == "HTTPS" {
		scheme = "https"
	}
	return healthCheck{
		group:    tg.TargetGroupArn,
		url:      scheme + "://" + net.JoinHostPort(r.target.ID, tg.checkPort(r.target)) + tg.HealthCheckPath,
		matcher:  tg.Matcher,
		interval: time.Duration(tg.HealthCheckIntervalSeconds) * time.Second,
		timeout:  time.Duration(tg.HealthCheckTimeoutSeconds) * time.Second,
	}, true
}

// checkOnce sends one health check and returns why it failed, nil if it passed.
func (s *Service) checkOnce(ctx context.Context, check healthCheck) *reason {
	ctx, cancel := context.WithTimeout(ctx, s.clock.IOTimeout(check.timeout))
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, check.url, nil)
	if err != nil {
		return &reason{"Target.FailedHealthChecks", "Health checks failed"}
	}
	request.Header.Set("User-Agent", "ELB-HealthChecker/2.0")
	request.Header.Set("Accept-Encoding", "gzip, compressed")
	response, err := s.probe.RoundTrip(request) // not a client: redirects are not followed
	if err != nil {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return &reason{"Target.Timeout", "Request timed out"}
		}
		return &reason{"Target.FailedHealthChecks", "Health checks failed"}
	}
	_ = response.Body.Close() // the status is all that counts
	if !check.matcher.matches(response.StatusCode) {
		return &reason{"Target.ResponseCodeMismatch", fmt.Sprintf("Health checks failed with these codes: [%d]", response.StatusCode)}
	}
	return nil
}

// recordCheck counts the result of a check and changes the target's state where it
// has been the same often enough: once for the first success of a new target
// ("After your target is registered, it must pass one health check to be considered
// healthy", user guide), the thresholds of the target group otherwise.
func (s *Service) recordCheck(ctx context.Context, tg *targetGroup, r *registration, failure *reason) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ctx.Err() != nil {
		return // the target drains, or its target group is out of use
	}
	if failure == nil {
		r.passed, r.failed = r.passed+1, 0
		if r.state == Initial || r.passed >= tg.HealthyThresholdCount {
			s.setState(tg, r, Healthy, reason{})
		}
		return
	}
	r.passed, r.failed = 0, r.failed+1
	if r.state == Unhealthy || r.failed >= tg.UnhealthyThresholdCount {
		s.setState(tg, r, Unhealthy, *failure)
	}
}
