// Package registry is an image registry in memory, which speaks the reading half of the
// OCI distribution API (https://github.com/opencontainers/distribution-spec, "Pull" and
// "Content Discovery"). Its images have manifests and configurations and no layers:
// enough to resolve a tag to a digest and to look at an architecture, and nothing that
// could run.
package registry

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// The media types of what is in the registry (OCI image specification).
const (
	typeIndex    = "application/vnd.oci.image.index.v1+json"
	typeManifest = "application/vnd.oci.image.manifest.v1+json"
	typeConfig   = "application/vnd.oci.image.config.v1+json"
)

// Registry holds images by repository. The host of a reference does not count: the
// registry stands for all of them. It is safe for concurrent use.
type Registry struct {
	mu           sync.RWMutex
	repositories map[string]*repository
}

// New returns an empty registry.
func New() *Registry { return &Registry{repositories: map[string]*repository{}} }

// repository is guarded by the Registry's mutex.
type repository struct {
	tags      map[string]string // digest by tag
	manifests map[string]document
	configs   map[string]document
	names     map[string]string // by digest: the tag it was first pushed with
}

// document is a file of the registry.
type document struct {
	mediaType string
	data      []byte
}

// digest is the name of a file: the hash of what is in it.
func (d document) digest() string {
	sum := sha256.Sum256(d.data)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// descriptor points to a file.
type descriptor struct {
	MediaType string    `json:"mediaType"`
	Digest    string    `json:"digest"`
	Size      int       `json:"size"`
	Platform  *platform `json:"platform,omitempty"`
}

type platform struct {
	Architecture string `json:"architecture"`
	OS           string `json:"os"`
}

func describe(d document) descriptor {
	return descriptor{MediaType: d.mediaType, Digest: d.digest(), Size: len(d.data)}
}

// Image is what is pushed.
type Image struct {
	// Architectures are as Go and OCI name them. Default: amd64. With more than one, the
	// image is an index of one manifest each.
	Architectures []string
	// Content tells images apart that are otherwise the same: another content gives
	// another digest.
	Content string
}

// Push puts an image into a repository and moves the tag to it. It returns the digest:
// that of the index where there is one.
func (r *Registry) Push(repositoryName, tag string, image Image) string {
	architectures := image.Architectures
	if len(architectures) == 0 {
		architectures = []string{"amd64"}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	repo := r.repositories[repositoryName]
	if repo == nil {
		repo = &repository{
			tags: map[string]string{}, names: map[string]string{},
			manifests: map[string]document{}, configs: map[string]document{},
		}
		r.repositories[repositoryName] = repo
	}
	var manifests []descriptor
	for _, architecture := range architectures {
		manifests = append(manifests, repo.add(architecture, image.Content))
	}
	digest := manifests[0].Digest
	if len(manifests) > 1 {
		index := encode(typeIndex, struct {
			SchemaVersion int          `json:"schemaVersion"`
			MediaType     string       `json:"mediaType"`
			Manifests     []descriptor `json:"manifests"`
		}{2, typeIndex, manifests})
		digest = index.digest()
		repo.manifests[digest] = index
	}
	repo.tags[tag] = digest
	if repo.names[digest] == "" {
		repo.names[digest] = tag
	}
	return digest
}

// add stores the image of one architecture.
func (repo *repository) add(architecture, content string) descriptor {
	config := encode(typeConfig, map[string]any{
		"architecture": architecture, "os": "linux", "created": time.Unix(0, 0).UTC(),
		"config": map[string]any{"Labels": map[string]string{"content": content}},
		"rootfs": map[string]any{"type": "layers", "diff_ids": []string{}},
	})
	manifest := encode(typeManifest, struct {
		SchemaVersion int          `json:"schemaVersion"`
		MediaType     string       `json:"mediaType"`
		Config        descriptor   `json:"config"`
		Layers        []descriptor `json:"layers"`
	}{2, typeManifest, describe(config), []descriptor{}})
	repo.configs[config.digest()] = config
	repo.manifests[manifest.digest()] = manifest
	d := describe(manifest)
	d.Platform = &platform{architecture, "linux"}
	return d
}

func encode(mediaType string, v any) document {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings and numbers, which JSON can always have
	}
	return document{mediaType, data}
}

// Has reports whether anything was pushed into the repository.
func (r *Registry) Has(repositoryName string) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.repositories[repositoryName] != nil
}

// Resolve finds an image by tag or digest. It returns its digest, and the tag it was
// first pushed with, empty for one of the manifests of an index.
func (r *Registry) Resolve(repositoryName, reference string) (digest, tag string, ok bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	repo := r.repositories[repositoryName]
	if repo == nil {
		return "", "", false
	}
	digest, _, ok = repo.manifest(reference)
	return digest, repo.names[digest], ok
}

func (repo *repository) manifest(reference string) (string, document, bool) {
	digest := reference
	if !strings.HasPrefix(reference, "sha256:") {
		digest = repo.tags[reference]
	}
	d, ok := repo.manifests[digest]
	return digest, d, ok
}

// Tags are the tags of a repository, sorted; false where there is no such repository.
func (r *Registry) Tags(repositoryName string) ([]string, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	repo := r.repositories[repositoryName]
	if repo == nil {
		return nil, false
	}
	return slices.Sorted(maps.Keys(repo.tags)), true
}

// Split parts a reference into the repository without the host, and the digest or else
// the tag, "latest" where there is neither. docker.io's own "library/" is left out.
func Split(image string) (repositoryName, reference string) {
	name, digest, _ := strings.Cut(image, "@")
	if host, path, ok := strings.Cut(name, "/"); ok && (strings.ContainsAny(host, ".:") || host == "localhost") {
		name = path
		if host == "docker.io" {
			name = strings.TrimPrefix(name, "library/")
		}
	}
	reference = "latest"
	if colon := strings.LastIndex(name, ":"); colon > strings.LastIndex(name, "/") {
		name, reference = name[:colon], name[colon+1:]
	}
	if digest != "" {
		reference = digest
	}
	return name, reference
}
