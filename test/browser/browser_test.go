package browser

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// medium is a way to look at a page.
type medium struct {
	name          string
	print, dark   bool
	width, height int64
}

func media() []medium {
	return []medium{
		{name: "light", width: 1000, height: 800},
		{name: "dark", dark: true, width: 1000, height: 800},
		{name: "print", print: true, width: 794, height: 1123}, // A4 at 96 dpi
		{name: "narrow", width: 360, height: 740},
	}
}

// browser is a headless Chromium.
type browser struct{ ctx context.Context }

// launch starts Chromium, which CI has and others may lack.
func launch(t *testing.T) browser {
	t.Helper()
	var program string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no Chromium; make browser installs it")
		}
		t.Skip("there is no Chromium; make browser installs it")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-quic", true),
		chromedp.WSURLReadTimeout(2*time.Minute),
	)
	ctx, end := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(end)
	ctx, end = chromedp.NewContext(ctx)
	t.Cleanup(end)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting %s: %v", program, err)
	}
	return browser{ctx}
}

// tab is an open page.
type tab struct {
	ctx context.Context
	m   medium

	mu       sync.Mutex
	problems []string // errors in the console
	asked    []string // what was loaded beside the page
}

// open opens a page as it looks in a medium.
func (b browser) open(t *testing.T, path string, m medium) *tab {
	t.Helper()
	ctx, end := chromedp.NewContext(b.ctx)
	t.Cleanup(end)
	opened := &tab{ctx: ctx, m: m}
	if err := chromedp.Listen(ctx, func(event any) { opened.note(event, path) }); err != nil {
		t.Fatalf("opening a tab: %v", err)
	}
	kind, scheme := "screen", "light"
	if m.print {
		kind = "print"
	}
	if m.dark {
		scheme = "dark"
	}
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Media: kind, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	if err == nil {
		err = chromedp.Do(ctx, chromedp.EmulateViewport(m.width, m.height), chromedp.Navigate("file://"+path))
	}
	if err != nil {
		t.Fatalf("%s: opening the page: %v", m.name, err)
	}
	return opened
}

// note keeps what should not happen.
func (o *tab) note(event any, path string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch e := event.(type) {
	case *log.EventEntryAdded:
		o.problems = append(o.problems, e.Entry.Text)
	case *runtime.EventExceptionThrown:
		o.problems = append(o.problems, e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		o.problems = append(o.problems, fmt.Sprint(e.Type, e.Args))
	case *network.EventRequestWillBeSent:
		if !strings.HasSuffix(e.Request.URL, path) {
			o.asked = append(o.asked, e.Request.URL)
		}
	}
}

// eval is the value of an expression in the page.
func eval[T any](t *testing.T, o *tab, expression string) T {
	t.Helper()
	value, err := chromedp.Run(o.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %s: %v", o.m.name, expression, err)
	}
	return value
}

// text is what an element says; empty where there is none.
func (o *tab) text(t *testing.T, selector string) string {
	t.Helper()
	return eval[string](t, o, fmt.Sprintf(`(document.querySelector(%q) || {innerText: ""}).innerText`, selector))
}

func (o *tab) count(t *testing.T, selector string) int {
	t.Helper()
	return eval[int](t, o, fmt.Sprintf(`document.querySelectorAll(%q).length`, selector))
}

// drawn wants a chart that has a size, and shapes within it.
func (o *tab) drawn(t *testing.T, selector string) {
	t.Helper()
	if size := eval[[]float64](t, o, fmt.Sprintf(`(e => e ? [e.getBoundingClientRect().width, e.getBoundingClientRect().height] : [0, 0])(document.querySelector(%q))`, selector)); size[0] < 200 || size[1] < 30 {
		t.Errorf("%s: %s is %v large", o.m.name, selector, size)
	}
	outside := eval[[]string](t, o, fmt.Sprintf(`(svg => [...svg.querySelectorAll("polygon, polyline, rect")].filter(e => {
		const b = e.getBBox(), v = svg.viewBox.baseVal;
		return !(b.x >= v.x - 1 && b.y >= v.y - 1 && b.x + b.width <= v.x + v.width + 1 && b.y + b.height <= v.y + v.height + 1);
	}).map(e => e.outerHTML.slice(0, 120)))(document.querySelector(%q))`, selector))
	if len(outside) > 0 {
		t.Errorf("%s: shapes of %s are outside of it: %q", o.m.name, selector, outside)
	}
	if n := eval[int](t, o, fmt.Sprintf(`[...document.querySelectorAll(%q + " polygon, " + %q + " polyline")].filter(e => e.getBBox().width > 0).length`, selector, selector)); n < 2 {
		t.Errorf("%s: %s has %d shapes", o.m.name, selector, n)
	}
}

// looksRight wants a page without errors that asks for nothing, fits into the window, has
// the medium's colours, and text that can be read on its ground.
func (o *tab) looksRight(t *testing.T, m medium) {
	t.Helper()
	o.mu.Lock()
	if len(o.problems)+len(o.asked) > 0 {
		t.Errorf("%s: in the console %q; loaded %q", m.name, o.problems, o.asked)
	}
	o.mu.Unlock()
	if wide := eval[int64](t, o, `document.documentElement.scrollWidth`); wide > m.width {
		t.Errorf("%s: the page is %d px wide in a window of %d", m.name, wide, m.width)
	}
	ground := luminance(eval[string](t, o, `getComputedStyle(document.body).backgroundColor`))
	if dark := ground < 0.2; dark != m.dark {
		t.Errorf("%s: the ground has a luminance of %.2f", m.name, ground)
	}
	for _, selector := range []string{"body", "h1", "p.images", "td", "th", "figcaption", "footer"} {
		text := luminance(eval[string](t, o, fmt.Sprintf(`getComputedStyle(document.querySelector(%q)).color`, selector)))
		// WCAG 2.2, 1.4.3: at least 4.5 to 1.
		if contrast := (max(text, ground) + 0.05) / (min(text, ground) + 0.05); contrast < 4.5 {
			t.Errorf("%s: %s has a contrast of %.1f, want 4.5", m.name, selector, contrast)
		}
	}
	if m.print {
		pdf, err := chromedp.Run(o.ctx, chromedp.PrintToPDF())
		if err != nil || len(pdf) < 5000 {
			t.Errorf("printing gives %d bytes, %v", len(pdf), err)
		}
	}
}

// luminance is the relative luminance of a colour "rgb(r, g, b)", from 0 to 1.
// https://www.w3.org/TR/WCAG22/#dfn-relative-luminance
func luminance(colour string) float64 {
	var rgb [3]float64
	if _, err := fmt.Sscanf(strings.ReplaceAll(colour, " ", ""), "rgb(%f,%f,%f)", &rgb[0], &rgb[1], &rgb[2]); err != nil {
		return math.NaN()
	}
	for i, v := range rgb {
		if v /= 255; v <= 0.04045 {
			rgb[i] = v / 12.92
		} else {
			rgb[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*rgb[0] + 0.7152*rgb[1] + 0.0722*rgb[2]
}
