package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"runtime/pprof"
	"slices"
	"text/tabwriter"
	"time"
)

// row is what one number of stacks took. All but the first two are per stack.
type row struct {
	size, repeats int
	create        time.Duration
	processor     time.Duration // of this process in create, clients included
	idle          time.Duration // of the processor in a minute of AWS time in which nobody asks
	heap          float64       // bytes in use
	goroutines    float64
	list          time.Duration // ListStacks and DescribeStacks, all pages
	delete        time.Duration
	describe      time.Duration // one DescribeStacks by name
	state         float64       // bytes of the file
}

// repeats are how often a row is measured: a small one more than once, since it is over
// in less time than what else the machine does takes.
func repeats(size int) int {
	if size < 1000 {
		return 3
	}
	return 1
}

func measureAll(ctx context.Context, l load, o options) ([]row, error) {
	if len(l.sizes) > 0 {
		if _, err := measure(ctx, l, 1, options{state: o.state}); err != nil { // warm up
			return nil, err
		}
	}
	var rows []row
	for _, size := range l.sizes {
		var measured []row
		for i := range repeats(size) {
			fmt.Fprintf(os.Stderr, "%s: %d (%d of %d)\n", l.name, size, i+1, repeats(size))
			r, err := measure(ctx, l, size, o)
			if err != nil {
				return nil, err
			}
			measured = append(measured, r)
		}
		slices.SortFunc(measured, func(a, b row) int { return cmp.Compare(a.create, b.create) })
		median := measured[len(measured)/2]
		median.repeats = len(measured)
		rows = append(rows, median)
	}
	return rows, nil
}

// measure creates stacks in an AWS of their own, asks for them, and deletes them.
func measure(ctx context.Context, l load, size int, o options) (r row, err error) {
	folder := ""
	if o.state {
		if folder, err = os.MkdirTemp("", "slipway-state"); err != nil {
			return row{}, err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	}
	c, err := start(ctx, l, folder)
	if err != nil {
		return row{}, err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	networks := l.networks(size)
	if err := c.each(ctx, len(networks), func(ctx context.Context, i int) error { return c.create(ctx, networks[i]) }); err != nil {
		return row{}, err
	}
	// What a region has from its first request on is not the stacks'.
	first := l.stack(size)
	if err := errors.Join(c.create(ctx, first), c.delete(ctx, first)); err != nil {
		return row{}, err
	}
	r.size = size
	per := func(d time.Duration) time.Duration { return d / time.Duration(size) }
	before := use()
	began := time.Now()
	err = c.each(ctx, size, func(ctx context.Context, i int) error { return c.create(ctx, l.stack(i)) })
	if err != nil {
		return row{}, err
	}
	r.create = per(time.Since(began))
	r.processor = per(processorTime() - before.processor)
	after := use()
	r.heap, r.goroutines = (after.heap-before.heap)/float64(size), (after.goroutines-before.goroutines)/float64(size)
	if err := writeHeap(o.heapProfile); err != nil {
		return row{}, err
	}
	if o.state {
		file, err := os.Stat(filepath.Join(folder, "state.json"))
		if err != nil {
			return row{}, err
		}
		r.state = float64(file.Size()) / float64(size)
	}
	idle, err := c.idle(ctx)
	if err != nil {
		return row{}, err
	}
	r.idle = per(idle)
	if err := r.ask(ctx, c, l); err != nil {
		return row{}, err
	}
	began = time.Now()
	if err := c.each(ctx, size, func(ctx context.Context, i int) error { return c.delete(ctx, l.stack(i)) }); err != nil {
		return row{}, err
	}
	r.delete = per(time.Since(began))
	return r, nil
}

// idle is the processor time that a minute of AWS time takes by itself.
func (c *cloud) idle(ctx context.Context) (time.Duration, error) {
	before := processorTime()
	err := c.Clock().Sleep(ctx, time.Minute)
	return processorTime() - before, err
}

// ask measures what it takes to ask for the stacks.
func (r *row) ask(ctx context.Context, c *cloud, l load) error {
	asked := min(r.size, 100)
	began := time.Now()
	for i := range asked {
		if _, err := c.describe(ctx, l.stack(i*r.size/asked).name); err != nil {
			return err
		}
	}
	r.describe = time.Since(began) / time.Duration(asked)
	began = time.Now()
	seen, err := c.list(ctx)
	r.list = time.Since(began) / time.Duration(max(seen, 1))
	return err
}

// usage is what the process uses.
type usage struct {
	heap, goroutines float64
	processor        time.Duration
}

func use() usage {
	runtime.GC()
	runtime.GC() // what the first one found with a finalizer
	samples := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/sched/goroutines:goroutines"}}
	metrics.Read(samples)
	return usage{float64(samples[0].Value.Uint64()), float64(samples[1].Value.Uint64()), processorTime()}
}

func writeHeap(path string) error {
	if path == "" {
		return nil
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(pprof.Lookup("heap").WriteTo(f, 0), f.Close())
}

// printTable has a ratio to the first row beside what should not grow.
func printTable(out io.Writer, l load, rows []row) error {
	if len(rows) == 0 {
		return nil
	}
	fmt.Fprintf(out, "\n%s, speed %v, %d clients\n", l.name, l.speed, l.clients)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "stacks\tstacks/s\tms/stack\tratio\tCPU ms/stack\tratio\tKB/stack\tratio\tgoroutines/stack\tidle CPU ms/min\tdelete ms/stack\tratio\tlist ms/stack\tdescribe ms\tstate KB/stack\t")
	base := rows[0]
	milliseconds := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	ratio := func(d, base time.Duration) float64 { return float64(d) / float64(max(base, 1)) }
	kilobytes := func(bytes float64) string {
		if bytes == 0 {
			return "-"
		}
		return fmt.Sprintf("%.1f", bytes/1024)
	}
	for _, r := range rows {
		fmt.Fprintf(table, "%d\t%.0f\t%.2f\t%.2f\t%.2f\t%.2f\t%.1f\t%.2f\t%.1f\t%.2f\t%.2f\t%.2f\t%.3f\t%.2f\t%s\t\n",
			r.size, float64(time.Second)/float64(r.create), milliseconds(r.create), ratio(r.create, base.create),
			milliseconds(r.processor), ratio(r.processor, base.processor), r.heap/1024, r.heap/base.heap, r.goroutines, milliseconds(r.idle),
			milliseconds(r.delete), ratio(r.delete, base.delete), milliseconds(r.list), milliseconds(r.describe), kilobytes(r.state))
	}
	return table.Flush()
}
