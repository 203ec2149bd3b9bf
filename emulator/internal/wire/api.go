package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// Protocol is the way in which a service encodes requests and responses.
type Protocol int

// The protocols of the emulator's services.
const (
	Query Protocol = iota // form-encoded request, XML response
	JSON                  // JSON 1.1 both ways, the operation in X-Amz-Target
)

// MaxBody bounds a request: CloudFormation's largest inline template has 51,200
// bytes and ECS's task definitions 64 KiB; form encoding can triple them.
const MaxBody = 4 << 20

// API is one service: its operations by name.
type API struct {
	Protocol  Protocol
	Version   string // of a Query API: "2010-05-15"
	Namespace string // of a Query API's XML

	operations map[string]operation
}

// operation decodes a request, does the work and returns the result to encode.
type operation func(ctx context.Context, form url.Values, body []byte) (any, error)

// Handle registers an operation of the API. Requests are decoded into an In: for
// Query APIs by the names of its fields, for JSON APIs by its json tags. Members
// that In does not have are refused, so that nothing is silently ignored.
func Handle[In, Out any](a *API, name string, do func(context.Context, *In) (*Out, error)) {
	if a.operations == nil {
		a.operations = map[string]operation{}
	}
	a.operations[name] = func(ctx context.Context, form url.Values, body []byte) (any, error) {
		in := new(In)
		if err := a.decode(name, form, body, in); err != nil {
			return nil, err
		}
		out, err := do(ctx, in)
		if err != nil {
			return nil, err
		}
		return out, nil
	}
}

func (a *API) decode(name string, form url.Values, body []byte, in any) error {
	if a.Protocol == Query {
		return decodeForm(name, form, in)
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(in); err != nil {
		return Errorf("SerializationException", "%s: %v", name, err)
	}
	return nil
}

// Operations are the names of what the API can do, in no order.
func (a *API) Operations() []string {
	names := make([]string, 0, len(a.operations))
	for name := range a.operations {
		names = append(names, name)
	}
	return names
}

// Has reports whether the API knows the operation.
func (a *API) Has(operation string) bool {
	_, ok := a.operations[operation]
	return ok
}

// Serve answers one request.
func (a *API) Serve(w http.ResponseWriter, r *http.Request, call Call, form url.Values) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	if err != nil {
		a.WriteError(w, call, Errorf("RequestEntityTooLarge", "reading the request: %v", err))
		return
	}
	do, ok := a.operations[call.Operation]
	if !ok {
		a.WriteError(w, call, a.unknown(call.Operation))
		return
	}
	out, err := do(WithCall(r.Context(), call), form, body)
	if err != nil {
		a.WriteError(w, call, err)
		return
	}
	a.writeResult(w, call, out)
}

func (a *API) unknown(operation string) error {
	if a.Protocol == JSON {
		return &Error{Code: "UnknownOperationException"}
	}
	return Errorf("InvalidAction", "Could not find operation %s for version %s", operation, a.Version)
}

func (a *API) writeResult(w http.ResponseWriter, call Call, out any) {
	w.Header().Set("X-Amzn-Requestid", call.RequestID)
	var buf bytes.Buffer
	if a.Protocol == JSON {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		if err := json.NewEncoder(&buf).Encode(out); err != nil {
			a.WriteError(w, call, err)
			return
		}
	} else {
		w.Header().Set("Content-Type", "text/xml")
		fmt.Fprintf(&buf, `<%sResponse xmlns="%s">`, call.Operation, a.Namespace)
		encodeElement(&buf, call.Operation+"Result", out)
		fmt.Fprintf(&buf, `<ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata></%sResponse>`, call.RequestID, call.Operation)
	}
	_, _ = w.Write(buf.Bytes()) // a client that went away needs no answer
}

// WriteError answers with err in the API's own form. An error that is not an
// [Error] is a fault of ours: InternalFailure, status 500.
func (a *API) WriteError(w http.ResponseWriter, call Call, err error) {
	e := &Error{Code: "InternalFailure", Message: err.Error(), Status: http.StatusInternalServerError}
	if known := (*Error)(nil); errors.As(err, &known) {
		e = known
	}
	w.Header().Set("X-Amzn-Requestid", call.RequestID)
	if a.Protocol == JSON {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(e.status())
		_ = json.NewEncoder(w).Encode(struct {
			Type    string `json:"__type"`
			Message string `json:"message,omitempty"`
		}{e.Code, e.Message})
		return
	}
	fault := "Sender"
	if e.status() >= http.StatusInternalServerError {
		fault = "Receiver"
	}
	var message bytes.Buffer
	_ = xml.EscapeText(&message, []byte(e.Message))
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(e.status())
	_, _ = fmt.Fprintf(w, `<ErrorResponse xmlns="%s"><Error><Type>%s</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>%s</RequestId></ErrorResponse>`,
		a.Namespace, fault, e.Code, message.String(), call.RequestID)
}
