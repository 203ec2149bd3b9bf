package deploy

import (
	"fmt"
	"strings"
)

// Cause is why tasks stopped, and which ones it was that stopped for it.
type Cause struct {
	Text  string   // as [StoppedTask.Cause] gives it
	Tasks []string // ids, in the order of their ends
	Log   []string // the end of the log of the first of them that has one
}

// Causes groups tasks by why they stopped, in the order in which the causes first
// appeared: a bad version stops every one of its tasks for the same reason.
func Causes(tasks []StoppedTask) []Cause {
	var causes []Cause
	index := map[string]int{}
	for _, t := range tasks {
		text := t.Cause()
		i, known := index[text]
		if !known {
			i = len(causes)
			index[text] = i
			causes = append(causes, Cause{Text: text})
		}
		causes[i].Tasks = append(causes[i].Tasks, t.ID)
		if len(causes[i].Log) == 0 {
			causes[i].Log = t.Log
		}
	}
	return causes
}

// String names the tasks by the beginnings of their ids, which AWS's console finds.
func (c Cause) String() string {
	short := make([]string, len(c.Tasks))
	for i, id := range c.Tasks {
		short[i] = id[:min(len(id), 8)]
	}
	noun := "tasks"
	if len(short) == 1 {
		noun = "task"
	}
	return fmt.Sprintf("%d stopped %s (%s) %s", len(short), noun, strings.Join(short, ", "), c.Text)
}
