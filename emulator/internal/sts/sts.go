// Package sts is the Security Token Service, as far as tools ask it: who am I, and let
// me act in this role.
package sts

import (
	"context"
	"regexp"
	"strings"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/clock"
	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// Principal is who makes calls.
type Principal struct {
	ARN, UserID string
	Policy      string // what its policy is bound to: an access key ID, or the ARN of a role
}

// Options are what the service is made of. All are required.
type Options struct {
	Clock *clock.Clock
	// Caller tells the principal of an access key ID.
	Caller func(accessKeyID string) Principal
	// Assumed is told the access key ID of each session of a role.
	Assumed func(accessKeyID string, p Principal)
}

// GetCallerIdentityInput is the empty request.
type GetCallerIdentityInput struct{}

// GetCallerIdentityOutput is who the caller is.
type GetCallerIdentityOutput struct{ UserId, Account, Arn string }

// AssumeRoleInput is the request of a role's session.
type AssumeRoleInput struct {
	RoleArn, RoleSessionName, ExternalId, SourceIdentity string
	DurationSeconds                                      *int
}

// AssumeRoleOutput is a role's session.
type AssumeRoleOutput struct {
	SourceIdentity  string
	AssumedRoleUser AssumedRoleUser
	Credentials     Credentials
}

// AssumedRoleUser is the principal of a role's session.
type AssumedRoleUser struct{ AssumedRoleId, Arn string }

// Credentials are those of a session.
type Credentials struct {
	AccessKeyId, SecretAccessKey, SessionToken string
	Expiration                                 time.Time
}

// sessionTime is how long a session lasts where the request does not say.
const sessionTime = time.Hour

// API is the service: GetCallerIdentity and AssumeRole. Every role can be assumed that
// IAM lets the caller assume; its trust policy is not looked at, and sessions do not
// expire.
func API(o Options) *wire.API {
	api := &wire.API{Service: "sts", Protocol: wire.Query, Version: "2011-06-15", Namespace: "https://sts.amazonaws.com/doc/2011-06-15/"}
	wire.Handle(api, "GetCallerIdentity", o.identity)
	wire.Handle(api, "AssumeRole", o.assume)
	return api
}

func (o Options) identity(ctx context.Context, _ *GetCallerIdentityInput) (*GetCallerIdentityOutput, error) {
	p := o.Caller(wire.CallFrom(ctx).AccessKeyID)
	return &GetCallerIdentityOutput{UserId: p.UserID, Account: wire.AccountID, Arn: p.ARN}, nil
}

func (o Options) assume(_ context.Context, in *AssumeRoleInput) (*AssumeRoleOutput, error) {
	role := regexp.MustCompile(`^arn:aws[a-z-]*:iam::[0-9]{12}:role/(?:.*/)?([^/]+)$`).FindStringSubmatch(in.RoleArn)
	if role == nil {
		return nil, wire.Errorf("ValidationError", "%s is invalid", in.RoleArn)
	}
	lasts := sessionTime
	if in.DurationSeconds != nil {
		lasts = time.Duration(*in.DurationSeconds) * time.Second
	}
	id := "AROA" + digits(17) + ":" + in.RoleSessionName
	arn := "arn:aws:sts::" + wire.AccountID + ":assumed-role/" + role[1] + "/" + in.RoleSessionName
	out := &AssumeRoleOutput{
		SourceIdentity:  in.SourceIdentity,
		AssumedRoleUser: AssumedRoleUser{AssumedRoleId: id, Arn: arn},
		Credentials: Credentials{
			AccessKeyId: "ASIA" + digits(16), SecretAccessKey: wire.RandomHex(40), SessionToken: wire.RandomHex(64),
			Expiration: o.Clock.Now().Add(lasts),
		},
	}
	o.Assumed(out.Credentials.AccessKeyId, Principal{ARN: arn, UserID: id, Policy: in.RoleArn})
	return out, nil
}

func digits(n int) string { return strings.ToUpper(wire.RandomHex(n)) }
