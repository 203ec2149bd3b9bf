package cli

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// shop is a program for slipway rehearse --run: a server that takes a while to answer, and
// ends well on SIGTERM, or, told "abrupt", does nothing about it.
func shop() {
	mux := http.NewServeMux()
	mux.HandleFunc("/health", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(300 * time.Millisecond) // what it does for an answer
		fmt.Fprintln(w, os.Args[1:])
	})
	server := &http.Server{Addr: "127.0.0.1:" + os.Getenv("PORT"), Handler: mux, ReadHeaderTimeout: time.Minute}
	if len(os.Args) > 1 && os.Args[1] == "abrupt" {
		fmt.Fprintln(os.Stderr, server.ListenAndServe())
		os.Exit(1)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- server.ListenAndServe() }()
	select {
	case <-ctx.Done():
		time.Sleep(5 * time.Second) // requests that were sent before are still on their way
		_ = server.Shutdown(context.Background())
	case err := <-ended:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
