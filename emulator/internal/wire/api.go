package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"sync"

	"github.com/slipway-go/slipway/emulator/internal/wire/apimodel"
)

// Protocol is the way in which a service encodes requests and responses.
type Protocol int

// The protocols of the emulator's services.
const (
	Query Protocol = iota // form-encoded request, XML response
	JSON                  // JSON 1.1 both ways, the operation in X-Amz-Target
	REST                  // members in path, query, headers and body, XML response: S3
)

// MaxBody bounds a request: CloudFormation's largest inline template has 51,200
// bytes and ECS's task definitions 64 KiB; form encoding can triple them. The SDKs send
// objects of S3 of up to 5 MiB in one part.
const MaxBody = 6 << 20

// API is one service: its operations by name.
type API struct {
	Protocol  Protocol
	Version   string // of a Query API: "2010-05-15"
	Namespace string // of a Query API's XML

	// Service is the signing name, by which AWS's model of the service is found. Where
	// it is empty, requests are held against nothing but the struct they are decoded into.
	Service string

	// Invalid is the code of requests whose values the model does not allow. Default:
	// ValidationError of a Query API, InvalidParameterException of a JSON API.
	Invalid string

	// OwnWords lists members, as "Operation.member", that the service misses in its own
	// words when a request does not have them; all others it misses in those of
	// constraint.go.
	OwnWords []string

	// Logger gets what clients ask for and the API does not have. Default: none.
	Logger *slog.Logger

	// Around, where it is set, stands around every operation: see [Around].
	Around Around

	operations map[string]operation
	loading    sync.Once
	model      *apimodel.Service
	modelErr   error
}

type operation struct {
	in, out reflect.Type // structs
	// serve decodes a request, does the work and returns the result to encode.
	serve func(ctx context.Context, form url.Values, body []byte) (any, error)
}

// Handle registers an operation of the API. Requests are held against AWS's model and
// decoded into an In: for Query APIs by the names of its fields, for JSON APIs by its
// json tags. Members that In does not have are refused, so that nothing is silently
// ignored.
func Handle[In, Out any](a *API, name string, do func(context.Context, *In) (*Out, error)) {
	if a.operations == nil {
		a.operations = map[string]operation{}
	}
	serve := func(ctx context.Context, form url.Values, body []byte) (any, error) {
		in := new(In)
		if err := a.decode(name, form, body, in); err != nil {
			return nil, err
		}
		return a.around(ctx, in, func() (any, error) {
			out, err := do(ctx, in)
			if err != nil {
				return nil, err // a nil *Out in an interface would not be nil
			}
			return out, nil
		})
	}
	a.operations[name] = operation{in: reflect.TypeFor[In](), out: reflect.TypeFor[Out](), serve: serve}
}

// Types are the structs of an operation's requests and results; nil where the API does
// not know the operation.
func (a *API) Types(operation string) (in, out reflect.Type) {
	o := a.operations[operation]
	return o.in, o.out
}

func (a *API) decode(name string, form url.Values, body []byte, in any) error {
	if a.Protocol == REST {
		return decodeREST(form, body, in)
	}
	if err := a.check(name, form, body, in); err != nil {
		return err
	}
	if a.Protocol == Query {
		return decodeForm(name, form, in)
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	if a.Service == "" { // check has found them, and what is null it takes for missing
		dec.DisallowUnknownFields()
	}
	if err := dec.Decode(in); err != nil {
		return Errorf("SerializationException", "%s: %v", name, err)
	}
	return nil
}

// check holds a request against the model of its operation, and then against in, the
// struct that it will be decoded into.
func (a *API) check(operation string, form url.Values, body []byte, in any) error {
	model, err := a.Model()
	if model == nil {
		return err
	}
	input, ok := model.Input(operation)
	if !ok {
		return fmt.Errorf("%s has no operation %s in the model of the embedded AWS: renew it with `make models`", a.Service, operation)
	}
	c := &checker{model: model, operation: operation, protocol: a.Protocol, invalidCode: a.invalidCode()}
	var request any
	if a.Protocol == Query {
		request, err = c.form("", parseForm(form), input)
	} else {
		request, err = c.json(body, input)
	}
	if err != nil {
		return err
	}
	if err := c.invalid(c.violations("", request, input, a.OwnWords)); err != nil {
		return err
	}
	if member := unsupported(a.Protocol, "", request, reflect.TypeOf(in)); member != "" {
		a.log("the embedded AWS does not support this parameter", operation, "parameter", member)
		return Errorf(c.invalidCode, "The embedded AWS does not support %s of %s.", member, operation)
	}
	return nil
}

func (a *API) invalidCode() string {
	switch {
	case a.Invalid != "":
		return a.Invalid
	case a.Protocol == JSON:
		return "InvalidParameterException"
	}
	return "ValidationError"
}

// Model is AWS's model of the service; nil where the API has no Service.
func (a *API) Model() (*apimodel.Service, error) {
	a.loading.Do(func() {
		if a.Service != "" {
			a.model, a.modelErr = apimodel.Load(a.Service)
		}
	})
	return a.model, a.modelErr
}

func (a *API) log(message, operation string, more ...any) {
	if a.Logger != nil {
		a.Logger.Warn(message, append([]any{"service", a.Service, "operation", operation}, more...)...)
	}
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
	o, ok := a.operations[call.Operation]
	if !ok {
		a.logUnknown(call.Operation)
		a.WriteError(w, call, a.unknown(call.Operation))
		return
	}
	if a.Protocol == REST {
		form = restForm(r)
	}
	out, err := o.serve(WithCall(r.Context(), call), form, body)
	if err != nil {
		a.WriteError(w, call, err)
		return
	}
	a.writeResult(w, call, out)
}

// logUnknown tells an operation of AWS that is not here from one that does not exist.
func (a *API) logUnknown(operation string) {
	message := "no such operation in the embedded AWS"
	if model, err := a.Model(); err == nil && model != nil {
		if _, ok := model.Input(operation); !ok {
			message = "no such operation in AWS"
		}
	}
	a.log(message, operation)
}

func (a *API) unknown(operation string) error {
	switch {
	case a.Protocol == JSON:
		return &Error{Code: "UnknownOperationException"}
	case a.Protocol == REST:
		return &Error{
			Code: "NotImplemented", Status: http.StatusNotImplemented,
			Message: "A header or query you provided implies functionality that is not implemented: the embedded AWS does not support " + operation + ".",
		}
	case operation == "":
		return Errorf("MissingAction", "The request is missing an action or a required parameter.")
	}
	return Errorf("InvalidAction", "Could not find operation %s for version %s", operation, a.Version)
}

func (a *API) writeResult(w http.ResponseWriter, call Call, out any) {
	w.Header().Set(a.requestHeader(), call.RequestID)
	if a.Protocol == REST {
		if err := writeREST(w, call, out); err != nil {
			a.WriteError(w, call, err)
		}
		return
	}
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
		if a.hasResult(call.Operation) {
			encodeElement(&buf, call.Operation+"Result", out)
		}
		fmt.Fprintf(&buf, `<ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata></%sResponse>`, call.RequestID, call.Operation)
	}
	_, _ = w.Write(buf.Bytes()) // a client that went away needs no answer
}

// requestHeader is the header that bears a request's id.
func (a *API) requestHeader() string {
	if a.Protocol == REST {
		return "X-Amz-Request-Id"
	}
	return "X-Amzn-Requestid"
}

// hasResult tells an operation with an empty result (DeleteLoadBalancer) from one
// without any (DeleteStack).
func (a *API) hasResult(operation string) bool {
	model, _ := a.Model()
	return model == nil || model.Operations[operation].Output
}

// WriteError answers with err in the API's own form. An error that is not an
// [Error] is a fault of ours: InternalFailure, status 500.
func (a *API) WriteError(w http.ResponseWriter, call Call, err error) {
	e := &Error{Code: "InternalFailure", Message: err.Error(), Status: http.StatusInternalServerError}
	if known := (*Error)(nil); errors.As(err, &known) {
		e = a.withStatus(known)
	}
	w.Header().Set(a.requestHeader(), call.RequestID)
	if a.Protocol == REST {
		writeRESTError(w, call, e)
		return
	}
	if a.Protocol == JSON {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(e.status())
		members := maps.Clone(e.Members)
		if members == nil {
			members = map[string]any{}
		}
		members["__type"] = e.Code
		if e.Message != "" {
			members["message"] = e.Message
		}
		_ = json.NewEncoder(w).Encode(members)
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

// withStatus gives an error without a status that which the service has for its code.
func (a *API) withStatus(e *Error) *Error {
	model, _ := a.Model()
	if e.Status != 0 || model == nil || model.Statuses[e.Code] == 0 {
		return e
	}
	known := *e
	known.Status = model.Statuses[e.Code]
	return &known
}
