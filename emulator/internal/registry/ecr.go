package registry

import (
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/clock"
	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// tokenLife is how long an authorization token of ECR is valid.
const tokenLife = 12 * time.Hour

// ECR is Amazon ECR's view of a registry in one region: what a client asks to log in and
// to find digests. Every repository of the registry is one of the account's.
type ECR struct {
	Registry *Registry
	Clock    *clock.Clock
	Region   string
	Endpoint string // of the registry: "http://127.0.0.1:4566"
}

// API is the wire interface: JSON 1.1, targets AmazonEC2ContainerRegistry_V20150921.*.
func (e *ECR) API() *wire.API {
	a := &wire.API{Service: "ecr", Protocol: wire.JSON}
	wire.Handle(a, "GetAuthorizationToken", e.GetAuthorizationToken)
	wire.Handle(a, "DescribeRepositories", e.DescribeRepositories)
	wire.Handle(a, "DescribeImages", e.DescribeImages)
	wire.Handle(a, "BatchGetImage", e.BatchGetImage)
	return a
}

// GetAuthorizationTokenInput is the request of GetAuthorizationToken.
type GetAuthorizationTokenInput struct {
	RegistryIds []string `json:"registryIds,omitempty"`
}

// GetAuthorizationTokenOutput is the answer of GetAuthorizationToken.
type GetAuthorizationTokenOutput struct {
	AuthorizationData []AuthorizationData `json:"authorizationData"`
}

// AuthorizationData logs in to a registry: the token is base64 of "AWS:" and a password.
type AuthorizationData struct {
	AuthorizationToken string      `json:"authorizationToken"`
	ExpiresAt          *wire.Epoch `json:"expiresAt"`
	ProxyEndpoint      string      `json:"proxyEndpoint"`
}

// GetAuthorizationToken gives a token that the registry does not ask for.
func (e *ECR) GetAuthorizationToken(context.Context, *GetAuthorizationTokenInput) (*GetAuthorizationTokenOutput, error) {
	return &GetAuthorizationTokenOutput{AuthorizationData: []AuthorizationData{{
		AuthorizationToken: base64.StdEncoding.EncodeToString([]byte("AWS:emulator")),
		ExpiresAt:          wire.EpochOf(e.Clock.Now().Add(tokenLife)), ProxyEndpoint: e.Endpoint,
	}}}, nil
}

// DescribeRepositoriesInput is the request of DescribeRepositories.
type DescribeRepositoriesInput struct {
	MaxResults      *int     `json:"maxResults,omitempty"`
	NextToken       string   `json:"nextToken,omitempty"`
	RegistryId      string   `json:"registryId,omitempty"`
	RepositoryNames []string `json:"repositoryNames,omitempty"`
}

// DescribeRepositoriesOutput is the answer of DescribeRepositories.
type DescribeRepositoriesOutput struct {
	NextToken    string       `json:"nextToken,omitempty"`
	Repositories []Repository `json:"repositories"`
}

// Repository is a repository of the account.
type Repository struct {
	ImageTagMutability string `json:"imageTagMutability"`
	RegistryId         string `json:"registryId"`
	RepositoryArn      string `json:"repositoryArn"`
	RepositoryName     string `json:"repositoryName"`
	RepositoryUri      string `json:"repositoryUri"`
}

// DescribeRepositories shows repositories by name, or all of them.
func (e *ECR) DescribeRepositories(_ context.Context, in *DescribeRepositoriesInput) (*DescribeRepositoriesOutput, error) {
	e.Registry.mu.RLock()
	defer e.Registry.mu.RUnlock()
	names := in.RepositoryNames
	if len(names) == 0 {
		names = slices.Sorted(maps.Keys(e.Registry.repositories))
	}
	names, next, err := page(names, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	out := &DescribeRepositoriesOutput{Repositories: []Repository{}, NextToken: next}
	for _, name := range names {
		if _, err := e.repository(name, in.RegistryId); err != nil {
			return nil, err
		}
		out.Repositories = append(out.Repositories, Repository{
			ImageTagMutability: "MUTABLE", RegistryId: wire.AccountID, RepositoryName: name,
			RepositoryArn: fmt.Sprintf("arn:aws:ecr:%s:%s:repository/%s", e.Region, wire.AccountID, name),
			RepositoryUri: fmt.Sprintf("%s.dkr.ecr.%s.amazonaws.com/%s", wire.AccountID, e.Region, name),
		})
	}
	return out, nil
}

// repository finds a repository in the registry of an account; none means this one. The
// Registry's mutex is held.
func (e *ECR) repository(name, account string) (*repository, error) {
	if account == "" {
		account = wire.AccountID
	}
	repo := e.Registry.repositories[name]
	if repo == nil || account != wire.AccountID {
		return nil, wire.Errorf("RepositoryNotFoundException", "The repository with name '%s' does not exist in the registry with id '%s'", name, account)
	}
	return repo, nil
}

// ImageIdentifier names an image by digest, by tag, or by both.
type ImageIdentifier struct {
	ImageDigest string `json:"imageDigest,omitempty"`
	ImageTag    string `json:"imageTag,omitempty"`
}

// find finds what the identifier names. The Registry's mutex is held.
func (repo *repository) find(id ImageIdentifier) (string, document, bool) {
	reference := id.ImageDigest
	if reference == "" {
		reference = id.ImageTag
	}
	digest, d, ok := repo.manifest(reference)
	return digest, d, ok && (id.ImageTag == "" || repo.tags[id.ImageTag] == digest)
}

// DescribeImagesInput is the request of DescribeImages.
type DescribeImagesInput struct {
	MaxResults     *int              `json:"maxResults,omitempty"`
	NextToken      string            `json:"nextToken,omitempty"`
	ImageIds       []ImageIdentifier `json:"imageIds,omitempty"`
	RegistryId     string            `json:"registryId,omitempty"`
	RepositoryName string            `json:"repositoryName,omitempty"`
}

// DescribeImagesOutput is the answer of DescribeImages.
type DescribeImagesOutput struct {
	NextToken    string        `json:"nextToken,omitempty"`
	ImageDetails []ImageDetail `json:"imageDetails"`
}

// ImageDetail is an image, or an index of images.
type ImageDetail struct {
	ImageDigest            string   `json:"imageDigest"`
	ImageManifestMediaType string   `json:"imageManifestMediaType"`
	ImageTags              []string `json:"imageTags,omitempty"`
	RegistryId             string   `json:"registryId"`
	RepositoryName         string   `json:"repositoryName"`
}

// DescribeImages shows the images of a repository, those in an index too.
func (e *ECR) DescribeImages(_ context.Context, in *DescribeImagesInput) (*DescribeImagesOutput, error) {
	e.Registry.mu.RLock()
	defer e.Registry.mu.RUnlock()
	repo, err := e.repository(in.RepositoryName, in.RegistryId)
	if err != nil {
		return nil, err
	}
	ids := in.ImageIds
	if len(ids) == 0 {
		for _, digest := range slices.Sorted(maps.Keys(repo.manifests)) {
			ids = append(ids, ImageIdentifier{ImageDigest: digest})
		}
	}
	ids, next, err := page(ids, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	out := &DescribeImagesOutput{ImageDetails: []ImageDetail{}, NextToken: next}
	for _, id := range ids {
		digest, d, ok := repo.find(id)
		if !ok {
			return nil, wire.Errorf("ImageNotFoundException", "The image with imageId {imageDigest:'%s', imageTag:'%s'} does not exist within the repository with name '%s' in the registry with id '%s'",
				orNull(id.ImageDigest), orNull(id.ImageTag), in.RepositoryName, wire.AccountID)
		}
		detail := ImageDetail{ImageDigest: digest, ImageManifestMediaType: d.mediaType, RegistryId: wire.AccountID, RepositoryName: in.RepositoryName}
		for _, tag := range slices.Sorted(maps.Keys(repo.tags)) {
			if repo.tags[tag] == digest {
				detail.ImageTags = append(detail.ImageTags, tag)
			}
		}
		out.ImageDetails = append(out.ImageDetails, detail)
	}
	return out, nil
}

// pageSize is how much a page has by default (DescribeImages, API reference).
const pageSize = 100

// page cuts a page out of items. A token is the number of items on the pages before.
func page[T any](items []T, token string, limit *int) ([]T, string, error) {
	from, size := 0, pageSize
	if token != "" {
		var err error
		if from, err = strconv.Atoi(token); err != nil || from < 0 || from > len(items) {
			return nil, "", wire.Errorf("InvalidParameterException", "Invalid parameter at 'nextToken' failed to satisfy constraint: 'the token of an earlier answer'")
		}
	}
	if limit != nil {
		size = *limit
	}
	if items = items[from:]; len(items) <= size {
		return items, "", nil
	}
	return items[:size], strconv.Itoa(from + size), nil
}

func orNull(text string) string {
	if text == "" {
		return "null"
	}
	return text
}

// BatchGetImageInput is the request of BatchGetImage. There is one manifest of each
// image, so that acceptedMediaTypes has nothing to choose from.
type BatchGetImageInput struct {
	AcceptedMediaTypes []string          `json:"acceptedMediaTypes,omitempty"`
	ImageIds           []ImageIdentifier `json:"imageIds,omitempty"`
	RegistryId         string            `json:"registryId,omitempty"`
	RepositoryName     string            `json:"repositoryName,omitempty"`
}

// BatchGetImageOutput is the answer of BatchGetImage.
type BatchGetImageOutput struct {
	Failures []ImageFailure  `json:"failures"`
	Images   []ImageManifest `json:"images"`
}

// ImageFailure is an image that was not found.
type ImageFailure struct {
	FailureCode   string          `json:"failureCode"`
	FailureReason string          `json:"failureReason"`
	ImageId       ImageIdentifier `json:"imageId"`
}

// ImageManifest is an image with its manifest.
type ImageManifest struct {
	ImageId                ImageIdentifier `json:"imageId"`
	ImageManifest          string          `json:"imageManifest"`
	ImageManifestMediaType string          `json:"imageManifestMediaType"`
	RegistryId             string          `json:"registryId"`
	RepositoryName         string          `json:"repositoryName"`
}

// BatchGetImage reads manifests.
func (e *ECR) BatchGetImage(_ context.Context, in *BatchGetImageInput) (*BatchGetImageOutput, error) {
	e.Registry.mu.RLock()
	defer e.Registry.mu.RUnlock()
	repo, err := e.repository(in.RepositoryName, in.RegistryId)
	if err != nil {
		return nil, err
	}
	out := &BatchGetImageOutput{Failures: []ImageFailure{}, Images: []ImageManifest{}}
	for _, id := range in.ImageIds {
		digest, d, ok := repo.find(id)
		if !ok {
			out.Failures = append(out.Failures, ImageFailure{FailureCode: "ImageNotFound", FailureReason: "Requested image not found", ImageId: id})
			continue
		}
		out.Images = append(out.Images, ImageManifest{
			ImageId: ImageIdentifier{ImageDigest: digest, ImageTag: id.ImageTag}, ImageManifest: string(d.data),
			ImageManifestMediaType: d.mediaType, RegistryId: wire.AccountID, RepositoryName: in.RepositoryName,
		})
	}
	return out, nil
}
