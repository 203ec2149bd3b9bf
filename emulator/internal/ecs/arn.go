package ecs

import (
	"crypto/rand"
	"encoding/hex"
	"math/big"
	"strconv"
	"strings"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// arn is the ARN of one of the account's ECS resources: "cluster/main".
func (s *Service) arn(resource string) string {
	return "arn:aws:ecs:" + s.options.Region + ":" + wire.AccountID + ":" + resource
}

// resourceOf is the part of an ARN after the account, or s itself where it is none.
func resourceOf(s string) string {
	if parts := strings.SplitN(s, ":", 6); len(parts) == 6 && parts[0] == "arn" {
		return parts[5]
	}
	return s
}

// nameOf is the last part of an ARN ("arn:...:service/main/web" is web), or the name.
func nameOf(s string) string {
	return s[strings.LastIndex(s, "/")+1:]
}

// clusterNameOf is the cluster that a request names by ARN, name or not at all.
func clusterNameOf(s string) string {
	if s == "" {
		return "default"
	}
	return nameOf(s)
}

// taskID is 32 hexadecimal digits, as ECS names tasks and containers.
func taskID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// attachmentID has the form of a UUID.
func attachmentID() string {
	id := taskID()
	return strings.Join([]string{id[:8], id[8:12], id[12:16], id[16:20], id[20:]}, "-")
}

// deploymentDigits are the 19 digits of a deployment's or service revision's id.
func deploymentDigits() string {
	const smallest = 1_000_000_000_000_000_000
	n, err := rand.Int(rand.Reader, big.NewInt(8*smallest))
	if err != nil { // never
		return strconv.Itoa(smallest)
	}
	return strconv.FormatInt(smallest+n.Int64(), 10)
}
