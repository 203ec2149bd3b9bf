package wire

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// A REST request is decoded by the tag `rest` of its struct's fields, which says where a
// member is: "uri:Bucket", "uri:Key", "query:prefix", "header:Content-Type",
// "header:X-Amz-Meta-*" for all headers of that prefix, "body". A result has headers
// and "body" alike; a result without a body is written as XML, by its xml tags.

// namedOperation is the operation of S3 by the method, by what it is about (a bucket, a
// key) and by the query parameter that tells operations on one of them apart; empty for
// those that are not listed.
func namedOperation(what string) string {
	switch what {
	case "PUT bucket":
		return "CreateBucket"
	case "HEAD bucket":
		return "HeadBucket"
	case "DELETE bucket":
		return "DeleteBucket"
	case "GET bucket?location":
		return "GetBucketLocation"
	case "GET bucket?encryption":
		return "GetBucketEncryption"
	case "GET bucket?list-type":
		return "ListObjectsV2"
	case "GET bucket":
		return "ListObjects"
	case "GET ":
		return "ListBuckets"
	case "PUT key":
		return "PutObject"
	case "GET key":
		return "GetObject"
	case "HEAD key":
		return "HeadObject"
	case "DELETE key":
		return "DeleteObject"
	case "POST key?uploads":
		return "CreateMultipartUpload"
	case "POST bucket?delete":
		return "DeleteObjects"
	case "GET bucket?versioning":
		return "GetBucketVersioning"
	case "PUT bucket?versioning":
		return "PutBucketVersioning"
	case "GET bucket?versions":
		return "ListObjectVersions"
	case "GET bucket?policy":
		return "GetBucketPolicy"
	case "PUT bucket?policy":
		return "PutBucketPolicy"
	case "GET bucket?tagging":
		return "GetBucketTagging"
	case "PUT bucket?encryption":
		return "PutBucketEncryption"
	case "GET key?tagging":
		return "GetObjectTagging"
	case "PUT key?tagging":
		return "PutObjectTagging"
	case "GET bucket?acl":
		return "GetBucketAcl"
	case "GET key?acl":
		return "GetObjectAcl"
	case "GET key?attributes":
		return "GetObjectAttributes"
	case "GET bucket?uploads":
		return "ListMultipartUploads"
	case "DELETE bucket?policy":
		return "DeleteBucketPolicy"
	}
	return ""
}

// restOperation is the operation of a request of S3. One that is not listed is
// told by its method and what it asks of what: "PUT key?acl".
func restOperation(r *http.Request) string {
	bucket, key := bucketAndKey(r)
	what := r.Method + " "
	switch {
	case key != "":
		what += "key"
	case bucket != "":
		what += "bucket"
	}
	query := r.URL.Query()
	for _, name := range sortedNames(query) {
		// A subresource has no value, but for list-type.
		if query.Get(name) == "" || name == "list-type" {
			if operation := namedOperation(what + "?" + name); operation != "" {
				return operation
			}
			if query.Get(name) == "" && !emptyParameter(name) {
				return what + "?" + name
			}
		}
	}
	if operation := namedOperation(what); operation != "" {
		return operation
	}
	return what
}

// emptyParameter tells the parameters that clients send without a value and that tell no
// operation.
func emptyParameter(name string) bool {
	switch name {
	case "prefix", "delimiter", "continuation-token", "start-after", "x-id":
		return true
	}
	return false
}

// bucketAndKey are those of a request, by path ("/bucket/key") or by virtual host
// ("bucket.localhost").
func bucketAndKey(r *http.Request) (bucket, key string) {
	path := strings.TrimPrefix(r.URL.Path, "/")
	host, _, _ := strings.Cut(r.Host, ":")
	if bucket, ok := strings.CutSuffix(host, ".localhost"); ok {
		return bucket, path
	}
	bucket, key, _ = strings.Cut(path, "/")
	return bucket, key
}

// restForm are the members of a request as the tag `rest` names them.
func restForm(r *http.Request) url.Values {
	form := url.Values{}
	bucket, key := bucketAndKey(r)
	form.Set("uri:Bucket", bucket)
	form.Set("uri:Key", key)
	for name, values := range r.URL.Query() {
		form["query:"+name] = values
	}
	for name, values := range r.Header {
		form["header:"+name] = values
	}
	return form
}

// decodeREST fills in, and refuses what asks S3 for something that in has no field for,
// as S3 does with functions that it does not have: "NotImplemented" (API reference,
// "Error responses").
func decodeREST(form url.Values, body []byte, in any) error {
	v := reflect.ValueOf(in).Elem()
	taken := map[string]bool{}
	for i := range v.NumField() {
		field, tag := v.Field(i), v.Type().Field(i).Tag.Get("rest")
		switch prefix, all := strings.CutSuffix(tag, "*"); {
		case tag == "body":
			field.SetBytes(body)
		case all:
			members := map[string]string{}
			for name := range form {
				if rest, ok := strings.CutPrefix(name, prefix); ok {
					members[strings.ToLower(rest)], taken[name] = form.Get(name), true
				}
			}
			field.Set(reflect.ValueOf(members))
		case form.Has(tag):
			taken[tag] = true
			if err := setREST(field, tag, form.Get(tag)); err != nil {
				return err
			}
		}
	}
	for _, name := range sortedNames(form) {
		if !taken[name] && asksForSomething(name) {
			_, member, _ := strings.Cut(name, ":")
			return &Error{
				Code: "NotImplemented", Status: http.StatusNotImplemented,
				Message: "A header or query you provided implies functionality that is not implemented: the embedded AWS does not support " + member + ".",
			}
		}
	}
	return nil
}

func setREST(field reflect.Value, tag, text string) error {
	if field.Kind() != reflect.Pointer {
		field.SetString(text)
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		_, member, _ := strings.Cut(tag, ":")
		return Errorf("InvalidArgument", "Provided %s not an integer or within integer range", member)
	}
	field.Set(reflect.ValueOf(&n))
	return nil
}

// asksForSomething tells the members of a request that change what it does from those of
// its signature and transport.
func asksForSomething(name string) bool {
	if query, ok := strings.CutPrefix(name, "query:"); ok {
		return query != "x-id" && query != "list-type" && query != "location" && query != "encryption" && !strings.HasPrefix(query, "X-Amz-")
	}
	header, ok := strings.CutPrefix(name, "header:")
	if !ok {
		return false
	}
	switch header {
	case "Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since":
		return true
	case "X-Amz-Date", "X-Amz-Content-Sha256", "X-Amz-Security-Token", "X-Amz-User-Agent", "X-Amz-Decoded-Content-Length",
		"X-Amz-Trailer", "X-Amz-Sdk-Checksum-Algorithm", "X-Amz-Checksum-Mode", "X-Amz-Expected-Bucket-Owner":
		return false
	}
	return strings.HasPrefix(header, "X-Amz-") && !strings.HasPrefix(header, "X-Amz-Checksum-")
}

func sortedNames(form url.Values) []string {
	names := make([]string, 0, len(form))
	for name := range form {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// writeREST writes a result: its headers, and its body or XML where it has any.
func writeREST(w http.ResponseWriter, call Call, out any) error {
	v := reflect.ValueOf(out).Elem()
	var body []byte
	blob, empty := false, true
	for i := range v.NumField() {
		field, tag := v.Field(i), v.Type().Field(i).Tag.Get("rest")
		name, isHeader := strings.CutPrefix(tag, "header:")
		switch {
		case tag == "body":
			body, blob = field.Bytes(), true
		case isHeader && strings.HasSuffix(name, "*"):
			for key, value := range field.Interface().(map[string]string) {
				// As it is: S3 has the keys of metadata in lower case.
				w.Header()[strings.ToLower(strings.TrimSuffix(name, "*"))+key] = []string{value}
			}
		case isHeader:
			if text := fmt.Sprint(field.Interface()); text != "" {
				w.Header().Set(name, text)
			}
		default:
			empty = false
		}
	}
	status := http.StatusOK
	if strings.HasPrefix(call.Operation, "Delete") {
		status = http.StatusNoContent
	}
	if !blob && !empty {
		var buf bytes.Buffer
		buf.WriteString(xml.Header)
		if err := xml.NewEncoder(&buf).Encode(out); err != nil {
			return fmt.Errorf("encoding the result of %s: %w", call.Operation, err)
		}
		body = buf.Bytes()
		w.Header().Set("Content-Type", "application/xml")
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that went away needs no answer
	return nil
}

// writeRESTError writes an error as S3 does: API reference, "Error responses".
func writeRESTError(w http.ResponseWriter, call Call, e *Error) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(e.status())
	body, err := xml.Marshal(struct {
		XMLName                  xml.Name `xml:"Error"`
		Code, Message, RequestId string
	}{Code: e.Code, Message: e.Message, RequestId: call.RequestID})
	if err != nil {
		return // of text, there is nothing that cannot be written
	}
	_, _ = w.Write(append([]byte(xml.Header), body...))
}
