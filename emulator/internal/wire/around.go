package wire

import "context"

// Around is called with every decoded request, a pointer to the operation's input, in
// place of the operation. It may change the request, runs the operation with do or
// does not, and returns what is answered.
type Around func(ctx context.Context, in any, do func() (any, error)) (any, error)

func (a *API) around(ctx context.Context, in any, do func() (any, error)) (any, error) {
	if a.Around == nil {
		return do()
	}
	return a.Around(ctx, in, do)
}
