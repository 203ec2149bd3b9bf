package emulator

import (
	"fmt"
	"strings"

	"github.com/slipway-go/slipway/emulator/internal/registry"
)

// Image is what [Server.PushImage] puts into the registry.
type Image = registry.Image

// Registry is the "host:port" of this AWS's image registry, which speaks the OCI
// distribution API, read only and without credentials. It stands for the registries of
// all hosts: docker.io/acme/shop:v1 and an ECR image of the same path are the image
// acme/shop:v1 of Registry. It is empty until PushImage.
func (s *Server) Registry() string { return s.listener.Addr().String() }

// PushImage puts an image under a reference with a tag into the registry, moves the tag
// if it was there, and returns the image's digest. From then on, tasks that run images
// of the repository resolve their tags in the registry, and what it does not have there
// cannot be pulled. How the image behaves is up to SetImage and Options.Run, whose
// patterns find an image that is named by digest alone by the tag it was first pushed
// with.
func (s *Server) PushImage(reference string, image Image) (digest string, err error) {
	repository, tag := registry.Split(reference)
	if repository == "" || tag == "" || strings.Contains(reference, "@") {
		return "", fmt.Errorf("pushing image %q: want a reference with a tag, such as docker.io/acme/shop:v1", reference)
	}
	return s.images.Push(repository, tag, image), nil
}
