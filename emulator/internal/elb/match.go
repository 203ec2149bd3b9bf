package elb

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// match reports whether the request fulfils all conditions. The rules are those of
// the user guide, "Condition types for listener rules".
func match(conditions []RuleCondition, r *http.Request) bool {
	for _, c := range conditions {
		if !c.match(r) {
			return false
		}
	}
	return true
}

func (c *RuleCondition) match(r *http.Request) bool {
	switch c.Field {
	case fieldPath: // case-sensitive, without the query
		return matchAny(c.PathPatternConfig.values(), r.URL.EscapedPath())
	case fieldHost:
		return matchAny(lower(c.HostHeaderConfig.values()), strings.ToLower(hostname(r.Host)))
	case fieldHeader:
		patterns := lower(c.HttpHeaderConfig.Values)
		return slices.ContainsFunc(r.Header.Values(c.HttpHeaderConfig.HttpHeaderName), func(v string) bool {
			return matchAny(patterns, strings.ToLower(v))
		})
	case fieldMethod: // exact and case-sensitive: "the method name must match"
		return slices.Contains(c.HttpRequestMethodConfig.values(), r.Method)
	case fieldQuery:
		return c.QueryStringConfig.match(r.URL.RawQuery)
	case fieldSource:
		return matchSource(c.SourceIpConfig.values(), r.RemoteAddr)
	}
	return false
}

func matchAny(patterns []string, s string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return glob(p, s) })
}

func lower(patterns []string) []string {
	lowered := make([]string, len(patterns))
	for i, p := range patterns {
		lowered[i] = strings.ToLower(p)
	}
	return lowered
}

// match reports whether the query has one of the parameters, ignoring case.
func (c *QueryStringConfig) match(rawQuery string) bool {
	query, _ := url.ParseQuery(rawQuery) // what cannot be parsed matches nothing
	for _, want := range c.Values {
		for key, values := range query {
			if want.Key != "" && !glob(strings.ToLower(want.Key), strings.ToLower(key)) {
				continue
			}
			for _, v := range values {
				if glob(strings.ToLower(want.Value), strings.ToLower(v)) {
					return true
				}
			}
		}
	}
	return false
}

// matchSource tests the address of the connection, not what X-Forwarded-For says.
func matchSource(blocks []string, remote string) bool {
	addr, err := netip.ParseAddrPort(remote)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(blocks, func(block string) bool {
		prefix, err := netip.ParsePrefix(block)
		return err == nil && prefix.Contains(addr.Addr().Unmap())
	})
}

// hostname is a Host header without its port.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}

// glob matches ELB's patterns: * stands for any characters, ? for exactly one, and
// a backslash takes the meaning from the character behind it. Unlike [path.Match],
// * crosses slashes. The time is at most len(pattern) times len(s).
func glob(pattern, s string) bool {
	p, i := 0, 0
	star, retry := -1, 0 // the last * seen, and where what it stands for ends
	for i < len(s) {
		if p < len(pattern) && pattern[p] == '*' {
			star, retry = p, i
			p++
			continue
		}
		if width := matchOne(pattern[p:], s[i]); width > 0 {
			p += width
			i++
			continue
		}
		if star < 0 {
			return false
		}
		retry++
		p, i = star+1, retry
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// matchOne is the width of the pattern's first element if that matches c, else 0.
func matchOne(pattern string, c byte) int {
	switch {
	case pattern == "":
		return 0
	case pattern[0] == '\\' && len(pattern) > 1:
		if pattern[1] == c {
			return 2
		}
		return 0
	case pattern[0] == '?' || pattern[0] == c:
		return 1
	}
	return 0
}
