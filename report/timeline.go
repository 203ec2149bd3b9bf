package report

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// levels are shares of requests from none to all, each an eighth higher.
const levels = " ▁▂▃▄▅▆▇█"

// timeline draws the share of each version over time, one row per version, and the
// span of the rollout below.
func (t *text) timeline() {
	if len(t.Timeline) == 0 {
		return
	}
	type row struct{ label, bar string }
	var rows []row
	for _, version := range t.versions() {
		rows = append(rows, row{t.names[version], bar(t.Timeline, func(m Moment) int { return m.Versions[version] })})
	}
	if t.Failed > 0 {
		failed := bar(t.Timeline, func(m Moment) int { return m.Failed })
		rows = append(rows, row{"failed", t.paint.bad(failed)})
	}
	rows = append(rows, row{"rollout", t.paint.dim(span(t.Timeline, t.RolloutStart, t.RolloutEnd))})

	width := 0
	for _, r := range rows {
		width = max(width, utf8.RuneCountInString(r.label))
	}
	t.printf("  share of the requests, %g s of AWS time a column\n", spanSeconds(t.Timeline))
	for _, r := range rows {
		t.printf("  %-*s  %s\n", width, r.label, strings.TrimRight(r.bar, " "))
	}
	t.printf("\n")
}

// bar draws the share that a count has of all requests in each moment.
func bar(line []Moment, count func(Moment) int) string {
	var b strings.Builder
	for _, m := range line {
		b.WriteRune(level(count(m), m.Requests))
	}
	return b.String()
}

// level is the share of n in all, rounded up so that a single request shows, and the
// full block is kept for all of them.
func level(n, all int) rune {
	steps := []rune(levels)
	full := len(steps) - 1
	switch {
	case n <= 0 || all <= 0:
		return steps[0]
	case n >= all:
		return steps[full]
	default:
		return steps[min(int(math.Ceil(float64(n)/float64(all)*float64(full))), full-1)]
	}
}

// span marks the columns from one second to another.
func span(line []Moment, from, to float64) string {
	width := spanSeconds(line)
	column := func(second float64) int {
		return min(max(int(second/width), 0), len(line)-1)
	}
	first, last := column(from), column(to)
	marks := []rune(fmt.Sprintf("%*s", len(line), ""))
	for i := first; i <= last; i++ {
		marks[i] = '─'
	}
	marks[first] = '├'
	marks[last] = '┤'
	return string(marks)
}

// spanSeconds is how long a moment of the timeline is.
func spanSeconds(line []Moment) float64 {
	if len(line) < 2 {
		return 1
	}
	return line[1].Second - line[0].Second
}
