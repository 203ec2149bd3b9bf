package container

import (
	"regexp"
	"strconv"
)

// local leads a health check's command to the process: inside a container,
// localhost:8080 is the container's own port 8080; here it belongs to whoever has it
// on this machine. Addresses of the container port on the loopback interface are
// replaced by that of the process, those without a port too where the container port is
// HTTP's. What takes its port from PORT needs no change.
func (p *process) local(command string) string {
	if p.port == 0 {
		return command
	}
	const loopback = `(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])`
	port := regexp.MustCompile(loopback + ":" + strconv.Itoa(p.spec.Port) + `\b`)
	command = port.ReplaceAllLiteralString(command, p.Addr())
	if p.spec.Port == 80 {
		withoutPort := regexp.MustCompile(`(http://)` + loopback + `([/?#\s"']|$)`)
		command = withoutPort.ReplaceAllString(command, "${1}"+p.Addr()+"${2}")
	}
	return command
}
