package registry

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Path is what the paths of the distribution API begin with.
const Path = "/v2/"

// ServeHTTP implements [http.Handler]. Images are pushed by Push alone.
func (r *Registry) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	w.Header().Set("Docker-Distribution-API-Version", "registry/2.0")
	path := strings.TrimPrefix(req.URL.Path, Path)
	if req.Method != http.MethodGet && req.Method != http.MethodHead {
		refuse(w, http.StatusMethodNotAllowed, "UNSUPPORTED", "the registry of the embedded AWS can only be read; images come in by PushImage")
		return
	}
	if path == "" {
		_, _ = w.Write([]byte("{}")) // a client that went away needs no answer
		return
	}
	if name, ok := strings.CutSuffix(path, "/tags/list"); ok {
		r.listTags(w, req, name)
		return
	}
	// The name may have the words manifests and blobs in it; the last one counts.
	parts := regexp.MustCompile(`^(.+)/(manifests|blobs)/([^/]+)$`).FindStringSubmatch(path)
	if parts == nil {
		refuse(w, http.StatusNotFound, "NAME_INVALID", "no such path")
		return
	}
	r.serveFile(w, parts[1], parts[2], parts[3])
}

func (r *Registry) serveFile(w http.ResponseWriter, name, kind, reference string) {
	r.mu.RLock()
	repo := r.repositories[name]
	if repo == nil {
		r.mu.RUnlock()
		refuse(w, http.StatusNotFound, "NAME_UNKNOWN", "repository name not known to registry")
		return
	}
	digest, file, ok := repo.manifest(reference)
	code, message := "MANIFEST_UNKNOWN", "manifest unknown"
	if kind == "blobs" {
		digest, code, message = reference, "BLOB_UNKNOWN", "blob unknown to registry"
		file, ok = repo.configs[reference]
	}
	r.mu.RUnlock()
	if !ok {
		refuse(w, http.StatusNotFound, code, message)
		return
	}
	w.Header().Set("Content-Type", file.mediaType)
	w.Header().Set("Content-Length", strconv.Itoa(len(file.data)))
	w.Header().Set("Docker-Content-Digest", digest)
	_, _ = w.Write(file.data) // net/http leaves it out for HEAD
}

func (r *Registry) listTags(w http.ResponseWriter, req *http.Request, name string) {
	tags, ok := r.Tags(name)
	if !ok {
		refuse(w, http.StatusNotFound, "NAME_UNKNOWN", "repository name not known to registry")
		return
	}
	if last := req.URL.Query().Get("last"); last != "" {
		after, found := slices.BinarySearch(tags, last)
		if found {
			after++
		}
		tags = tags[after:]
	}
	if n, err := strconv.Atoi(req.URL.Query().Get("n")); err == nil && n >= 0 && n < len(tags) {
		tags = tags[:n]
		if n > 0 {
			w.Header().Set("Link", "<"+Path+name+"/tags/list?n="+strconv.Itoa(n)+"&last="+tags[n-1]+`>; rel="next"`)
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"name": name, "tags": tags})
}

// refuse answers with an error of the distribution API.
func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": []any{map[string]string{"code": code, "message": message}}})
}
