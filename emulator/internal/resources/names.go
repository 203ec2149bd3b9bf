package resources

import (
	"crypto/rand"
	"math/big"
	"strings"

	"github.com/slipway-go/slipway/emulator/internal/cloudformation"
)

// generated is a name as CloudFormation makes one: stack, logical id and twelve
// random characters, both cut so that it has at most limit characters.
func generated(r cloudformation.Request, limit int) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefghijklmnopqrstuvwxyz"
	suffix := random(alphabet, 12)
	stack, logical := r.StackName, r.LogicalID
	if room := limit - len(suffix) - 2; len(stack)+len(logical) > room {
		half := room / 2
		stack = strings.TrimRight(stack[:min(len(stack), half)], "-")
		logical = logical[:min(len(logical), room-len(stack))]
	}
	return stack + "-" + logical + "-" + suffix
}

func random(alphabet string, n int) string {
	var b strings.Builder
	for range n {
		i, err := rand.Int(rand.Reader, big.NewInt(int64(len(alphabet))))
		if err != nil {
			panic(err) // crypto/rand never fails
		}
		b.WriteByte(alphabet[i.Int64()])
	}
	return b.String()
}
