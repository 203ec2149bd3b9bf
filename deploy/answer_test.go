package deploy_test

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go"
	smithymiddleware "github.com/aws/smithy-go/middleware"
)

// answer makes every call fail with an error of AWS.
func answer(code, message string) func(*smithymiddleware.Stack) error {
	return answerOnly(code, message)
}

// answerOnly makes calls of some operations fail with an error of AWS; of all, when
// none is named.
func answerOnly(code, message string, operations ...string) func(*smithymiddleware.Stack) error {
	return func(stack *smithymiddleware.Stack) error {
		return stack.Finalize.Add(smithymiddleware.FinalizeMiddlewareFunc("answer",
			func(ctx context.Context, in smithymiddleware.FinalizeInput, next smithymiddleware.FinalizeHandler) (smithymiddleware.FinalizeOutput, smithymiddleware.Metadata, error) {
				if len(operations) > 0 && !slices.Contains(operations, middleware.GetOperationName(ctx)) {
					return next.HandleFinalize(ctx, in)
				}
				return smithymiddleware.FinalizeOutput{}, smithymiddleware.Metadata{}, &smithy.GenericAPIError{Code: code, Message: message}
			}), smithymiddleware.Before)
	}
}

// before calls f each time before a call of an operation is sent.
func before(operation string, f func()) func(*smithymiddleware.Stack) error {
	return func(stack *smithymiddleware.Stack) error {
		return stack.Initialize.Add(smithymiddleware.InitializeMiddlewareFunc("before",
			func(ctx context.Context, in smithymiddleware.InitializeInput, next smithymiddleware.InitializeHandler) (smithymiddleware.InitializeOutput, smithymiddleware.Metadata, error) {
				if middleware.GetOperationName(ctx) == operation {
					f()
				}
				return next.HandleInitialize(ctx, in)
			}), smithymiddleware.After)
	}
}
