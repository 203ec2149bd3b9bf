package emulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"
)

// The control endpoint is beside the services, under a path that no client of AWS asks
// for. Bodies and answers are JSON:
//
//	GET    /_slipway/faults      the faults, as POST takes them, with id, occasions and strikes
//	POST   /_slipway/faults      injects a fault; answers 201 with it
//	DELETE /_slipway/faults      clears all faults
//	DELETE /_slipway/faults/ID   clears one
//	GET    /_slipway/calls       the calls that clients have made
//	DELETE /_slipway/calls       forgets them
//
// A fault is an object with its kind, and the members of its type, durations as text:
//
//	{"kind": "throttle", "service": "ecs", "operation": "Describe*", "times": 3}
//	{"kind": "latency", "delay": "20s"}
//
// Errors answer 400, or 404 for what is not there, with {"error": "..."}.
const controlPath = "/_slipway/"

func (s *Server) control(w http.ResponseWriter, r *http.Request) {
	_, leave := s.visit()
	if leave == nil {
		sayError(w, http.StatusServiceUnavailable, errors.New("the embedded AWS is closing"))
		return
	}
	defer leave()
	what, id, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, controlPath), "/")
	switch {
	case what == "faults" && r.Method == http.MethodGet && id == "":
		shown := make([]json.RawMessage, 0)
		for _, f := range s.Faults() {
			shown = append(shown, encodeFault(f))
		}
		say(w, http.StatusOK, map[string]any{"faults": shown})
	case what == "faults" && r.Method == http.MethodPost && id == "":
		s.controlInject(w, r)
	case what == "faults" && r.Method == http.MethodDelete && id == "":
		s.ClearFaults()
		w.WriteHeader(http.StatusNoContent)
	case what == "faults" && r.Method == http.MethodDelete:
		if err := s.ClearFault(id); err != nil {
			sayError(w, http.StatusNotFound, err)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	case what == "calls" && r.Method == http.MethodGet && id == "":
		made := s.Calls()
		if made == nil {
			made = []Call{}
		}
		say(w, http.StatusOK, map[string]any{"calls": made})
	case what == "calls" && r.Method == http.MethodDelete && id == "":
		s.ForgetCalls()
		w.WriteHeader(http.StatusNoContent)
	default:
		sayError(w, http.StatusNotFound, fmt.Errorf("there is no %s %s: ask for %sfaults or %scalls", r.Method, r.URL.Path, controlPath, controlPath))
	}
}

// controlInject takes JSON only: a web page cannot send that to another server without
// asking, so it cannot break what a developer runs.
func (s *Server) controlInject(w http.ResponseWriter, r *http.Request) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		sayError(w, http.StatusUnsupportedMediaType, errors.New("a fault is sent with Content-Type: application/json"))
		return
	}
	f, err := decodeFault(r.Body)
	if err != nil {
		sayError(w, http.StatusBadRequest, err)
		return
	}
	id, err := s.Inject(f)
	if err != nil {
		sayError(w, http.StatusBadRequest, err)
		return
	}
	say(w, http.StatusCreated, encodeFault(InjectedFault{ID: id, Fault: f}))
}

func say(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a client that went away needs no answer
}

func sayError(w http.ResponseWriter, status int, err error) {
	say(w, status, map[string]string{"error": err.Error()})
}
