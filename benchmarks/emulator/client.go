package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/slipway-go/slipway/emulator"
)

// cloud is an embedded AWS and a client of it, as a tool on the same machine has.
type cloud struct {
	*emulator.Server
	cfn     *cloudformation.Client
	http    *http.Transport
	clients int
}

// start starts an AWS that keeps its state in a folder, where one is given.
func start(ctx context.Context, l load, folder string) (*cloud, error) {
	srv, err := emulator.Start(ctx, emulator.Options{Speed: l.speed, StateDir: folder})
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{MaxIdleConnsPerHost: l.clients}
	return &cloud{Server: srv, http: transport, clients: l.clients, cfn: cloudformation.New(cloudformation.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(srv.URL()), HTTPClient: &http.Client{Transport: transport},
		Credentials: credentials.NewStaticCredentialsProvider("benchmark", "benchmark", ""),
	})}, nil
}

// close also closes the client's connections, whose goroutines and buffers would count
// in the next row.
func (c *cloud) close() error {
	c.http.CloseIdleConnections()
	return c.Close()
}

// each does something to all numbers up to n, as many at a time as there are clients.
// It returns the first error.
func (c *cloud) each(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan int)
	var clients sync.WaitGroup
	for range min(c.clients, n) {
		clients.Go(func() {
			for i := range next {
				if err := do(ctx, i); err != nil {
					cancel(err)
				}
			}
		})
	}
	for i := range n {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	clients.Wait()
	return context.Cause(ctx)
}

// create creates a stack and waits for it.
func (c *cloud) create(ctx context.Context, s stack) error {
	in := &cloudformation.CreateStackInput{
		StackName: &s.name, TemplateBody: &s.template, Capabilities: []types.Capability{types.CapabilityCapabilityIam},
	}
	for key, value := range s.parameters {
		in.Parameters = append(in.Parameters, types.Parameter{ParameterKey: &key, ParameterValue: &value})
	}
	out, err := c.cfn.CreateStack(ctx, in)
	if err != nil {
		return fmt.Errorf("creating stack %s: %w", s.name, err)
	}
	return c.settled(ctx, *out.StackId, types.StackStatusCreateComplete)
}

// delete deletes a stack and waits for the end of it.
func (c *cloud) delete(ctx context.Context, s stack) error {
	found, err := c.describe(ctx, s.name)
	if err != nil {
		return err
	}
	if _, err := c.cfn.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: &s.name}); err != nil {
		return fmt.Errorf("deleting stack %s: %w", s.name, err)
	}
	return c.settled(ctx, *found.StackId, types.StackStatusDeleteComplete)
}

func (c *cloud) describe(ctx context.Context, name string) (types.Stack, error) {
	out, err := c.cfn.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name})
	if err != nil {
		return types.Stack{}, fmt.Errorf("describing stack %s: %w", name, err)
	}
	return out.Stacks[0], nil
}

// settled asks every five seconds of AWS time, as AWS's waiters do at their fastest.
func (c *cloud) settled(ctx context.Context, id string, want types.StackStatus) error {
	for {
		found, err := c.describe(ctx, id)
		if err != nil {
			return err
		}
		switch {
		case found.StackStatus == want:
			return nil
		case !strings.HasSuffix(string(found.StackStatus), "_IN_PROGRESS"):
			return fmt.Errorf("stack %s is %s, not %s: %s", *found.StackName, found.StackStatus, want, c.failure(ctx, id))
		}
		if err := c.Clock().Sleep(ctx, 5*time.Second); err != nil {
			return err
		}
	}
}

// failure is why the first resource of a stack failed.
func (c *cloud) failure(ctx context.Context, id string) string {
	out, err := c.cfn.DescribeStackEvents(ctx, &cloudformation.DescribeStackEventsInput{StackName: &id})
	if err != nil {
		return err.Error()
	}
	for _, e := range slices.Backward(out.StackEvents) {
		if strings.HasSuffix(string(e.ResourceStatus), "_FAILED") {
			return aws.ToString(e.LogicalResourceId) + ": " + aws.ToString(e.ResourceStatusReason)
		}
	}
	return "no resource failed"
}

// list goes through all pages of ListStacks and DescribeStacks, and returns how many
// stacks it saw in the latter.
func (c *cloud) list(ctx context.Context) (int, error) {
	summaries := cloudformation.NewListStacksPaginator(c.cfn, &cloudformation.ListStacksInput{})
	for summaries.HasMorePages() {
		if _, err := summaries.NextPage(ctx); err != nil {
			return 0, fmt.Errorf("listing stacks: %w", err)
		}
	}
	seen := 0
	descriptions := cloudformation.NewDescribeStacksPaginator(c.cfn, &cloudformation.DescribeStacksInput{})
	for descriptions.HasMorePages() {
		page, err := descriptions.NextPage(ctx)
		if err != nil {
			return 0, fmt.Errorf("describing all stacks: %w", err)
		}
		seen += len(page.Stacks)
	}
	if seen == 0 {
		return 0, errors.New("describing all stacks: there is none")
	}
	return seen, nil
}
