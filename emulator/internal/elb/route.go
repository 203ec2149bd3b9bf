package elb

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// exchange is a request on its way through a load balancer: what its listener does
// with it, decided under the lock, so that the rest needs none.
type exchange struct {
	action       Action
	protocol     string // the listener's: HTTP or HTTPS
	port         int    // the listener's
	serverHeader bool   // answers of our own say Server: awselb/2.0

	frontPorts map[string]string // loopback ports by listener port, for redirects

	forwardedFor  string // routing.http.xff_header_processing.mode
	forwardedPort bool

	// Of a request that is forwarded; without a target there is none to forward to.
	group     string // ARN of its target group
	to        Target
	target    string // address:port
	scheme    string
	transport *http.Transport
	cut       context.Context // ends when the target is gone
	cookies   []*http.Cookie  // of stickiness

	finish func() // must be called at the end
}

// admit decides what happens to a request, nil to close the connection.
func (s *Service) admit(r *http.Request, find func() *listener) *exchange {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	l := find()
	if l == nil {
		return nil
	}
	x := &exchange{
		action:        l.actionFor(r),
		protocol:      l.Protocol,
		port:          l.Port,
		serverHeader:  l.attributes.on(serverHeader),
		forwardedFor:  l.lb.attributes.values[forwardedForMode],
		forwardedPort: l.lb.attributes.on(forwardedForPort),
	}
	var target *registration
	switch x.action.Type {
	case "forward":
		target = s.chooseTarget(x, l, r)
	case "redirect":
		x.frontPorts = l.lb.frontPorts()
	}
	s.tasks.Add(1) // before closed, so before Close waits
	x.finish = func() {
		s.mu.Lock()
		if target != nil {
			target.inFlight--
		}
		s.mu.Unlock()
		s.tasks.Done()
	}
	return x
}

// actionFor is the action of the first rule that matches, or the default action.
func (l *listener) actionFor(r *http.Request) Action {
	for _, rule := range l.rules {
		if match(rule.Conditions, r) {
			return rule.Actions[0]
		}
	}
	return l.DefaultActions[0]
}

// chooseTarget fills in where the request is forwarded to.
func (s *Service) chooseTarget(x *exchange, l *listener, r *http.Request) *registration {
	tg := s.chooseGroup(x, r)
	if tg == nil {
		return nil
	}
	x.group = tg.TargetGroupArn
	target := tg.choose(x, r, s.clock.Real)
	if target == nil {
		return nil
	}
	target.inFlight++
	x.to, x.target = target.target, target.target.addr()
	x.cut = target.cut
	x.transport = l.lb.transport
	x.scheme = "http"
	if tg.Protocol == "HTTPS" {
		x.scheme = "https"
	}
	return target
}

// The cookies of stickiness (user guide, "Sticky sessions").
const (
	groupCookie  = "AWSALBTG"
	targetCookie = "AWSALB"
)

// chooseGroup picks a target group of a forward action: the client's own where it
// is sticky, one by weight otherwise. Nil where all weights are zero.
func (s *Service) chooseGroup(x *exchange, r *http.Request) *targetGroup {
	config := x.action.ForwardConfig
	chosen := ""
	if sticky := config.TargetGroupStickinessConfig; sticky.Enabled {
		for _, t := range config.TargetGroups {
			if hasCookie(r, groupCookie, token(t.TargetGroupArn)) {
				chosen = t.TargetGroupArn
			}
		}
		if chosen == "" {
			chosen = byWeight(config.TargetGroups)
		}
		life := s.clock.Real(time.Duration(sticky.DurationSeconds) * time.Second)
		x.cookies = append(x.cookies, stickyCookie(groupCookie, token(chosen), life))
	} else {
		chosen = byWeight(config.TargetGroups)
	}
	tg, err := s.targetGroup(chosen)
	if err != nil {
		return nil
	}
	return tg
}

func byWeight(tuples []TargetGroupTuple) string {
	total := 0
	for _, t := range tuples {
		total += *t.Weight
	}
	if total == 0 {
		return ""
	}
	at := rand.IntN(total) //nolint:gosec // a share of traffic, not a secret
	for _, t := range tuples {
		if at -= *t.Weight; at < 0 {
			return t.TargetGroupArn
		}
	}
	return ""
}

// choose picks a target: the client's own where it is sticky, otherwise by the
// target group's algorithm.
func (tg *targetGroup) choose(x *exchange, r *http.Request, realTime func(time.Duration) time.Duration) *registration {
	candidates := tg.candidates()
	if len(candidates) == 0 {
		return nil
	}
	if !tg.attributes.on(stickiness) {
		return tg.byAlgorithm(candidates)
	}
	var chosen *registration
	for _, c := range candidates {
		if hasCookie(r, targetCookie, tg.targetToken(c)) {
			chosen = c
		}
	}
	if chosen == nil {
		chosen = tg.byAlgorithm(candidates)
	}
	life := realTime(time.Duration(tg.attributes.number(stickinessDuration)) * time.Second)
	x.cookies = append(x.cookies, stickyCookie(targetCookie, tg.targetToken(chosen), life))
	return chosen
}

// candidates are the targets that can get a request: the healthy ones, or all that
// are registered when none is healthy ("fail open"). Draining ones never.
func (tg *targetGroup) candidates() []*registration {
	var healthy, registered []*registration
	for _, r := range tg.targets {
		switch r.state {
		case Healthy:
			healthy = append(healthy, r)
		case Initial, Unhealthy, Unavailable:
			registered = append(registered, r)
		}
	}
	if len(healthy) > 0 {
		return healthy
	}
	return registered
}

func (tg *targetGroup) byAlgorithm(candidates []*registration) *registration {
	switch tg.attributes.values[loadBalancing] {
	case "weighted_random": // all weights are the same without anomaly mitigation
		return candidates[rand.IntN(len(candidates))] //nolint:gosec // not a secret
	case "least_outstanding_requests":
		least := candidates[0]
		for _, c := range candidates[1:] {
			if c.inFlight < least.inFlight {
				least = c
			}
		}
		return least
	default:
		tg.turn++
		return candidates[tg.turn%len(candidates)]
	}
}

func (tg *targetGroup) targetToken(r *registration) string {
	return token(tg.TargetGroupArn + "/" + r.target.addr())
}

// token is an opaque name for a cookie's value.
func token(of string) string {
	sum := sha256.Sum256([]byte(of))
	return hex.EncodeToString(sum[:16])
}

func hasCookie(r *http.Request, name, value string) bool {
	for _, c := range r.CookiesNamed(name) {
		if c.Value == value {
			return true
		}
	}
	return false
}

func stickyCookie(name, value string, life time.Duration) *http.Cookie {
	return &http.Cookie{Name: name, Value: value, Path: "/", Expires: time.Now().Add(life)}
}

// frontPorts are the loopback ports of the load balancer by the ports of its
// listeners.
func (lb *loadBalancer) frontPorts() map[string]string {
	ports := map[string]string{}
	for _, l := range lb.listeners {
		ports[strconv.Itoa(l.Port)] = l.front.port()
	}
	if first := lb.first("HTTP"); first != nil {
		ports[strconv.Itoa(first.Port)] = lb.front.port()
	}
	return ports
}
