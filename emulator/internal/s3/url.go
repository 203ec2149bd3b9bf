package s3

import (
	"net"
	"net/url"
	"regexp"
	"strings"
)

// awsHost is a host of AWS's with the bucket in front of it or not, and the region where
// it names one: bucket.s3.eu-west-1.amazonaws.com, s3-eu-west-1.amazonaws.com.
var awsHost = regexp.MustCompile(`^(?:(.+)\.)?s3(?:[.-]([a-z0-9-]+))?\.amazonaws\.com$`)

// Template is the body of the object that a URL of CloudFormation's TemplateURL names: at
// a host of AWS's or at the endpoint of this AWS. It is false where there is none here.
func (s *Service) Template(address string) (body string, ok bool) {
	u, err := url.Parse(address)
	if err != nil {
		return "", false
	}
	bucket, key, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	if aws := awsHost.FindStringSubmatch(u.Host); aws != nil {
		if aws[2] != "" && aws[2] != s.region {
			return "", false
		}
		if aws[1] != "" {
			bucket, key = aws[1], strings.TrimPrefix(u.Path, "/")
		}
	} else if !s.here(u) {
		return "", false
	}
	o, err := s.object(bucket, key)
	if err != nil {
		return "", false
	}
	return string(o.body), true
}

// here tells whether a URL is at the endpoint, by whichever of its names.
func (s *Service) here(u *url.URL) bool {
	own, err := url.Parse(s.endpoint)
	if err != nil || u.Port() != own.Port() {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Host == own.Host || u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}
