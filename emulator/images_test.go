package emulator_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/slipway-go/slipway/emulator"
)

func push(t *testing.T, srv *emulator.Server, reference string, image emulator.Image) string {
	t.Helper()
	digest, err := srv.PushImage(reference, image)
	if err != nil {
		t.Fatal(err)
	}
	return digest
}

// fetch reads a path of the registry.
func fetch(t *testing.T, srv *emulator.Server, method, path string) (*http.Response, map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "http://"+srv.Registry()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var answer map[string]any
	if len(data) > 0 {
		if err := json.Unmarshal(data, &answer); err != nil {
			t.Fatalf("%s: %s", path, data)
		}
	}
	return resp, answer
}

func TestRegistryResolvesTagsAndArchitectures(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{})
	one := push(t, srv, "docker.io/acme/shop:v1", emulator.Image{})
	two := push(t, srv, "acme/shop:v2", emulator.Image{Architectures: []string{"amd64", "arm64"}})
	if one == two || push(t, srv, "acme/shop:v1", emulator.Image{}) != one {
		t.Error("digests do not follow the content")
	}
	resp, nothing := fetch(t, srv, http.MethodHead, "/v2/acme/shop/manifests/v1")
	if got := resp.Header.Get("Docker-Content-Digest"); resp.StatusCode != http.StatusOK || got != one || nothing != nil || resp.ContentLength <= 0 {
		t.Errorf("HEAD v1: %s, digest %s, want %s", resp.Status, got, one)
	}
	resp, index := fetch(t, srv, http.MethodGet, "/v2/acme/shop/manifests/"+two)
	if resp.Header.Get("Content-Type") != "application/vnd.oci.image.index.v1+json" {
		t.Fatalf("v2 is %s", resp.Header.Get("Content-Type"))
	}
	var architectures []string
	for _, m := range index["manifests"].([]any) {
		m := m.(map[string]any)
		_, manifest := fetch(t, srv, http.MethodGet, "/v2/acme/shop/manifests/"+m["digest"].(string))
		_, config := fetch(t, srv, http.MethodGet, "/v2/acme/shop/blobs/"+manifest["config"].(map[string]any)["digest"].(string))
		if config["architecture"] != m["platform"].(map[string]any)["architecture"] {
			t.Errorf("the index says %v, the configuration %v", m["platform"], config["architecture"])
		}
		architectures = append(architectures, config["architecture"].(string))
	}
	if strings.Join(architectures, " ") != "amd64 arm64" {
		t.Errorf("architectures %v", architectures)
	}
	if moved := push(t, srv, "acme/shop:v1", emulator.Image{Content: "again"}); moved == one {
		t.Error("another content has the same digest")
	}
	_, tags := fetch(t, srv, http.MethodGet, "/v2/acme/shop/tags/list?n=1")
	if list := tags["tags"].([]any); len(list) != 1 || list[0] != "v1" {
		t.Errorf("tags %v", tags)
	}
	for path, want := range map[string]string{
		"/v2/acme/shop/manifests/v3":            "MANIFEST_UNKNOWN",
		"/v2/acme/other/manifests/v1":           "NAME_UNKNOWN",
		"/v2/acme/shop/blobs/sha256:" + "00":    "BLOB_UNKNOWN",
		"/v2/acme/other/tags/list":              "NAME_UNKNOWN",
		"/v2/acme/shop/referrers/sha256:" + "0": "NAME_INVALID",
	} {
		resp, answer := fetch(t, srv, http.MethodGet, path)
		if code := answer["errors"].([]any)[0].(map[string]any)["code"]; resp.StatusCode != http.StatusNotFound || code != want {
			t.Errorf("%s: %s %v, want %s", path, resp.Status, code, want)
		}
	}
	if resp, _ := fetch(t, srv, http.MethodPut, "/v2/acme/shop/manifests/v1"); resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("PUT: %s", resp.Status)
	}
	if _, err := srv.PushImage("acme/shop@"+one, emulator.Image{}); err == nil {
		t.Error("a digest can be pushed to")
	}
}

func TestTasksPullFromTheRegistry(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{Speed: 200})
	digest := push(t, srv, "acme/shop:broken", emulator.Image{})
	srv.SetImage(":broken", emulator.Conduct{Crash: true, ExitCode: 9})
	for _, image := range []string{"docker.io/acme/shop:broken", "123456789012.dkr.ecr.eu-west-1.amazonaws.com/acme/shop@" + digest} {
		task := runTask(t, srv, types.ContainerDefinition{Image: &image})
		c := task.Containers[0]
		if aws.ToString(c.ImageDigest) != digest || c.ExitCode == nil || *c.ExitCode != 9 {
			t.Errorf("%s: digest %s, exit code %v; want %s and 9", image, aws.ToString(c.ImageDigest), c.ExitCode, digest)
		}
	}
	for _, image := range []string{"acme/shop:gone", "acme/shop@sha256:" + strings.Repeat("0", 64)} {
		task := runTask(t, srv, types.ContainerDefinition{Image: &image})
		want := "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref " + image + ": " + image + ": not found"
		if *task.StoppedReason != want {
			t.Errorf("%s: %s", image, *task.StoppedReason)
		}
	}
}

func TestStrictImages(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{Speed: 200, StrictImages: true})
	task := runTask(t, srv, types.ContainerDefinition{Image: aws.String("acme/unknown:v1")})
	if !strings.HasPrefix(*task.StoppedReason, "CannotPullContainerError: ") {
		t.Errorf("an image that nobody pushed: %s", *task.StoppedReason)
	}
}

func TestECRFindsDigests(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{})
	digest := push(t, srv, "shop:v1", emulator.Image{})
	const target = "AmazonEC2ContainerRegistry_V20150921."
	_, login := call(t, srv, "ecr", target+"GetAuthorizationToken", `{}`)
	if data := login["authorizationData"].([]any)[0].(map[string]any); data["proxyEndpoint"] != "http://"+srv.Registry() || data["authorizationToken"] == "" {
		t.Errorf("the token is %v", data)
	}
	_, images := call(t, srv, "ecr", target+"DescribeImages", `{"repositoryName": "shop", "imageIds": [{"imageTag": "v1"}]}`)
	if detail := images["imageDetails"].([]any)[0].(map[string]any); detail["imageDigest"] != digest || detail["imageTags"].([]any)[0] != "v1" {
		t.Errorf("the image is %v", detail)
	}
	_, batch := call(t, srv, "ecr", target+"BatchGetImage", `{"repositoryName": "shop", "imageIds": [{"imageTag": "v1"}, {"imageTag": "v9"}]}`)
	if found, missing := batch["images"].([]any), batch["failures"].([]any); len(found) != 1 || len(missing) != 1 ||
		missing[0].(map[string]any)["failureCode"] != "ImageNotFound" {
		t.Errorf("BatchGetImage answers %v", batch)
	}
	_, repositories := call(t, srv, "ecr", target+"DescribeRepositories", `{}`)
	if uri := repositories["repositories"].([]any)[0].(map[string]any)["repositoryUri"]; uri != "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop" {
		t.Errorf("the repository is %v", uri)
	}
	for body, want := range map[string]string{
		`{"repositoryName": "none"}`:                                   "RepositoryNotFoundException",
		`{"repositoryName": "shop", "registryId": "210987654321"}`:     "RepositoryNotFoundException",
		`{"repositoryName": "shop", "imageIds": [{"imageTag": "v9"}]}`: "ImageNotFoundException",
	} {
		if status, answer := call(t, srv, "ecr", target+"DescribeImages", body); status != http.StatusBadRequest || answer["__type"] != want {
			t.Errorf("%s: %d %v, want %s", body, status, answer, want)
		}
	}
}
