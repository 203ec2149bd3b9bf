package s3

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// payload is the body of an object, and its content encoding without that of the
// transfer: SDKs send streams in chunks of their own (API reference, "Signature
// Calculations for the Authorization Header: Transferring Payload in Multiple Chunks").
func payload(in *PutObjectInput) (body []byte, encoding string, err error) {
	encoding = strings.Trim(strings.TrimPrefix(in.ContentEncoding, "aws-chunked"), ", ")
	if strings.HasPrefix(in.ContentSHA256, "STREAMING-") {
		body, err = unchunk(in.Body)
		return body, encoding, err
	}
	sum := sha256.Sum256(in.Body)
	if len(in.ContentSHA256) == 2*len(sum) && in.ContentSHA256 != hex.EncodeToString(sum[:]) {
		return nil, "", wire.Errorf("XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.")
	}
	return in.Body, encoding, nil
}

// unchunk joins chunks: "SIZE;chunk-signature=...\r\nDATA\r\n", the last of size 0, which
// trailers may follow.
func unchunk(chunked []byte) ([]byte, error) {
	var body []byte
	for {
		head, rest, ok := bytes.Cut(chunked, []byte("\r\n"))
		digits, _, _ := strings.Cut(string(head), ";")
		size, err := strconv.ParseUint(digits, 16, 31)
		if !ok || err != nil || int(size) > len(rest) {
			return nil, wire.Errorf("IncompleteBody", "The request body terminated unexpectedly")
		}
		if size == 0 {
			return body, nil
		}
		body = append(body, rest[:size]...)
		chunked = bytes.TrimPrefix(rest[size:], []byte("\r\n"))
	}
}
