package elb

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// title is what the pages of an ALB call a status; for some, net/http says otherwise.
func title(status int) string {
	switch status {
	case http.StatusServiceUnavailable:
		return "503 Service Temporarily Unavailable"
	case http.StatusGatewayTimeout:
		return "504 Gateway Time-out"
	}
	return fmt.Sprintf("%d %s", status, http.StatusText(status))
}

// errorPage answers with the HTML page of an ALB.
func (x *exchange) errorPage(w http.ResponseWriter, status int) {
	t := title(status)
	page := "<html>\r\n<head><title>" + t + "</title></head>\r\n<body>\r\n<center><h1>" + t + "</h1></center>\r\n</body>\r\n</html>\r\n"
	x.answer(w, status, "text/html", page)
}

func (x *exchange) fixedResponse(w http.ResponseWriter) {
	c := x.action.FixedResponseConfig
	status, _ := strconv.Atoi(c.StatusCode) // three digits: validateFixedResponse saw to it
	contentType := c.ContentType
	if contentType == "" {
		contentType = "text/plain"
	}
	x.answer(w, status, contentType+"; charset=utf-8", c.MessageBody)
}

func (x *exchange) answer(w http.ResponseWriter, status int, contentType, body string) {
	if x.serverHeader {
		w.Header().Set("Server", "awselb/2.0")
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body) // a client that went away needs no answer
}

// redirect answers with the request's URL, changed as the action says. The one
// deviation from AWS: a redirect to another listener of the same load balancer
// names the loopback port at which that listener answers, so that it can be
// followed.
func (x *exchange) redirect(w http.ResponseWriter, r *http.Request) {
	c := x.action.RedirectConfig
	listenerPort := strconv.Itoa(x.port)
	fill := strings.NewReplacer(
		"#{protocol}", x.protocol,
		"#{host}", hostname(r.Host),
		"#{port}", listenerPort,
		"#{path}", strings.TrimPrefix(r.URL.EscapedPath(), "/"),
		"#{query}", r.URL.RawQuery,
	)
	host, port := fill.Replace(c.Host), fill.Replace(c.Port)
	if own, ok := x.frontPorts[port]; ok && host == hostname(r.Host) {
		port = own
	}
	location := strings.ToLower(fill.Replace(c.Protocol)) + "://" + host + ":" + port + fill.Replace(c.Path)
	if query := fill.Replace(c.Query); query != "" {
		location += "?" + query
	}
	w.Header().Set("Location", location)
	status := http.StatusFound
	if c.StatusCode == "HTTP_301" {
		status = http.StatusMovedPermanently
	}
	x.errorPage(w, status)
}
