// Package sts is the one question that every tool asks AWS first: who am I?
package sts

import (
	"context"
	"fmt"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// GetCallerIdentityInput is the empty request.
type GetCallerIdentityInput struct{}

// GetCallerIdentityOutput is who the caller is.
type GetCallerIdentityOutput struct{ UserId, Account, Arn string }

// API is the Security Token Service, as far as GetCallerIdentity.
func API() *wire.API {
	api := &wire.API{Service: "sts", Protocol: wire.Query, Version: "2011-06-15", Namespace: "https://sts.amazonaws.com/doc/2011-06-15/"}
	wire.Handle(api, "GetCallerIdentity", func(context.Context, *GetCallerIdentityInput) (*GetCallerIdentityOutput, error) {
		return &GetCallerIdentityOutput{
			UserId: "AIDACKCEVSQ6C2EXAMPLE", Account: wire.AccountID,
			Arn: fmt.Sprintf("arn:aws:iam::%s:user/emulator", wire.AccountID),
		}, nil
	})
	return api
}
