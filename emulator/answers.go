package emulator

import (
	"net/http"
	"sync"

	"github.com/slipway-go/slipway/emulator/internal/elb"
)

// imageHeader is where the built-in server says its image.
const imageHeader = "X-Image"

// answers knows whose answers are those of an address. Its zero value knows nothing.
type answers struct{ images sync.Map } // image by address

// annotate says the image in an answer that does not say it.
func (a *answers) annotate(t elb.Target, header http.Header) {
	if image, ok := a.images.Load(t.ID); ok && header.Get(imageHeader) == "" {
		header.Set(imageHeader, image.(string))
	}
}

// onTask is what is told of tasks.
func (s *Server) onTask() func(TaskChange) {
	if !s.options.ImageHeader {
		return s.options.OnTask
	}
	return func(c TaskChange) {
		if c.Address != "" {
			s.answers.images.Store(c.Address, c.Image)
		}
		if s.options.OnTask != nil {
			s.options.OnTask(c)
		}
	}
}
