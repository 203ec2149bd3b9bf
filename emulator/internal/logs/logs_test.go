package logs

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/emulator/internal/clock"
)

func TestPattern(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		pattern, message string
		want             bool
	}{
		{"", "anything", true},
		{"ERROR", "[ERROR 400] BAD REQUEST", true},
		{"ERROR", "[error 400] bad request", false},
		{"ERROR ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS", true},
		{"ERROR ARGUMENTS", "[ERROR 401] UNAUTHORIZED REQUEST", false},
		{"?ERROR ?ARGUMENTS", "[INFO] MISSING ARGUMENTS", true},
		{"?ERROR ?ARGUMENTS", "[INFO] fine", false},
		{`"INTERNAL SERVER ERROR"`, "[ERROR 500] INTERNAL SERVER ERROR", true},
		{`"INTERNAL SERVER ERROR"`, "INTERNAL ERROR of the SERVER", false},
		{"ERROR -ARGUMENTS", "[ERROR 401] UNAUTHORIZED REQUEST", true},
		{"ERROR -ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS", false},
		{`  panic  -"exit status"  `, "panic: oh", true},
	} {
		p, err := parsePattern(tc.pattern)
		if err != nil {
			t.Errorf("%s: %v", tc.pattern, err)
			continue
		}
		if got := p.matches(tc.message); got != tc.want {
			t.Errorf("%s matches %s: %t", tc.pattern, tc.message, got)
		}
	}
	for _, pattern := range []string{"{ $.level = 1 }", "[ip, user]", "%ERROR%", `"open`, "?", "-", `""`, "a.b", "ERROR ?"} {
		if _, err := parsePattern(pattern); err == nil {
			t.Errorf("%s is accepted", pattern)
		}
	}
}

// messages are all that a stream has.
func messages(t *testing.T, s *Service, group, stream string) []string {
	t.Helper()
	out, err := s.GetLogEvents(t.Context(), &GetLogEventsInput{LogGroupName: group, LogStreamName: stream, StartFromHead: true})
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, e := range out.Events {
		texts = append(texts, e.Message)
	}
	return texts
}

func TestWriterMakesEventsOfLines(t *testing.T) {
	t.Parallel()
	s := New(Options{})
	w, err := s.OpenStream("g", "s", true)
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("x", messageBytes)
	for _, piece := range []string{"one\ntw", "o\n\n", "three\r\n", long + "rest\n", "bad\xff\n", "last"} {
		if n, err := w.Write([]byte(piece)); n != len(piece) || err != nil {
			t.Fatalf("%d bytes written, %v", n, err)
		}
	}
	want := []string{"one", "two", "three", long, "rest", "bad\uFFFD"}
	if diff := cmp.Diff(want, messages(t, s, "g", "s")); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(append(want, "last"), messages(t, s, "g", "s")); diff != "" {
		t.Errorf("events after Close (-want +got):\n%s", diff)
	}
}

func TestOpenStreamWithoutGroup(t *testing.T) {
	t.Parallel()
	const want = "ResourceNotFoundException: The specified log group does not exist."
	if _, err := New(Options{}).OpenStream("g", "s", false); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestStreamIsBounded(t *testing.T) {
	t.Parallel()
	s := New(Options{})
	w, err := s.OpenStream("g", "s", true)
	if err != nil {
		t.Fatal(err)
	}
	const lines = 3000
	for i := range lines {
		fmt.Fprintf(w, "%d %s\n", i, strings.Repeat("x", 1000))
	}
	groups, err := s.DescribeLogGroups(t.Context(), &DescribeLogGroupsInput{})
	if err != nil {
		t.Fatal(err)
	}
	if stored := groups.LogGroups[0].StoredBytes; stored > streamBytes || stored < streamBytes-2000 {
		t.Errorf("%d bytes are stored, want just %d", stored, streamBytes)
	}
	kept := messages(t, s, "g", "s")
	if last := kept[len(kept)-1]; !strings.HasPrefix(last, fmt.Sprint(lines-1)) {
		t.Errorf("the last event is %.10s", last)
	}
}

func TestRetention(t *testing.T) {
	t.Parallel()
	clk := clock.New(1)
	s := New(Options{Clock: clk})
	w, err := s.OpenStream("g", "s", true)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(w, "old")
	if _, err := s.PutRetentionPolicy(t.Context(), &PutRetentionPolicyInput{LogGroupName: "g", RetentionInDays: 1}); err != nil {
		t.Fatal(err)
	}
	clk.Jump(23 * time.Hour)
	fmt.Fprintln(w, "new")
	if diff := cmp.Diff([]string{"old", "new"}, messages(t, s, "g", "s")); diff != "" {
		t.Errorf("within a day (-want +got):\n%s", diff)
	}
	clk.Jump(2 * time.Hour)
	if diff := cmp.Diff([]string{"new"}, messages(t, s, "g", "s")); diff != "" {
		t.Errorf("after a day (-want +got):\n%s", diff)
	}
	if _, err := s.PutRetentionPolicy(t.Context(), &PutRetentionPolicyInput{LogGroupName: "g", RetentionInDays: 2}); err == nil {
		t.Error("a retention of 2 days is accepted")
	}
}

// TestGetLogEventsTokens follows the tokens as the API reference has it: forward to the
// end and back to the beginning, each of which bears the token it was asked with.
func TestGetLogEventsTokens(t *testing.T) {
	t.Parallel()
	s := New(Options{})
	w, err := s.OpenStream("g", "s", true)
	if err != nil {
		t.Fatal(err)
	}
	get := func(token string, head bool) (string, *GetLogEventsOutput) {
		t.Helper()
		two := 2
		out, err := s.GetLogEvents(t.Context(), &GetLogEventsInput{
			LogGroupName: "g", LogStreamName: "s", Limit: &two, NextToken: token, StartFromHead: head,
		})
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		for _, e := range out.Events {
			texts = append(texts, e.Message)
		}
		return strings.Join(texts, " "), out
	}
	want := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	texts, empty := get("", true)
	want("an empty stream", texts, "")
	fmt.Fprint(w, "1\n2\n3\n4\n5\n")
	texts, _ = get(empty.NextForwardToken, true)
	want("after the empty answer", texts, "1 2")

	texts, out := get("", true)
	want("the head", texts, "1 2")
	texts, out = get(out.NextForwardToken, true)
	want("forward", texts, "3 4")
	texts, out = get(out.NextForwardToken, true)
	want("forward again", texts, "5")
	end := out.NextForwardToken
	texts, out = get(end, true)
	want("at the end", texts, "")
	want("the token at the end", out.NextForwardToken, end)
	fmt.Fprintln(w, "6")
	texts, _ = get(end, true)
	want("what came after the end", texts, "6")

	texts, out = get("", false)
	want("the tail", texts, "5 6")
	texts, out = get(out.NextBackwardToken, false)
	want("backward", texts, "3 4")
	texts, out = get(out.NextBackwardToken, false)
	want("backward again", texts, "1 2")
	first := out.NextBackwardToken
	texts, out = get(first, false)
	want("at the beginning", texts, "")
	want("the token at the beginning", out.NextBackwardToken, first)

	if _, err := s.GetLogEvents(t.Context(), &GetLogEventsInput{LogGroupName: "g", LogStreamName: "s", NextToken: "f/1/s"}); err == nil {
		t.Error("a token of nobody's is accepted")
	}
}

func TestFilterLogEventsInterleavesAndPages(t *testing.T) {
	t.Parallel()
	s := New(Options{})
	base := s.now()
	for _, name := range []string{"a", "b"} {
		if _, err := s.OpenStream("g", name, true); err != nil {
			t.Fatal(err)
		}
	}
	put := func(stream string, at int64, message string) {
		t.Helper()
		_, err := s.PutLogEvents(t.Context(), &PutLogEventsInput{
			LogGroupName: "g", LogStreamName: stream, LogEvents: []InputLogEvent{{Timestamp: base + at, Message: message}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	put("b", 20, "two GET")
	put("a", 10, "one GET")
	put("a", 40, "four GET")
	put("b", 30, "three POST")
	put("a", 20, "two, later GET")

	find := func(in FilterLogEventsInput) []string {
		t.Helper()
		in.LogGroupName = "g"
		var texts []string
		for {
			out, err := s.FilterLogEvents(t.Context(), &in)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range out.Events {
				texts = append(texts, e.LogStreamName+": "+e.Message)
			}
			if in.NextToken = out.NextToken; in.NextToken == "" {
				return texts
			}
		}
	}
	all := []string{"a: one GET", "b: two GET", "a: two, later GET", "b: three POST", "a: four GET"}
	one := 1
	for _, tc := range []struct {
		name string
		in   FilterLogEventsInput
		want []string
	}{
		{"all", FilterLogEventsInput{}, all},
		{"one by one", FilterLogEventsInput{Limit: &one}, all},
		{"pattern", FilterLogEventsInput{FilterPattern: "-GET"}, all[3:4]},
		{"stream", FilterLogEventsInput{LogStreamNames: []string{"b"}}, []string{all[1], all[3]}},
		{"prefix", FilterLogEventsInput{LogStreamNamePrefix: "a"}, []string{all[0], all[2], all[4]}},
		{"times", FilterLogEventsInput{StartTime: new(base + 20), EndTime: new(base + 40)}, all[1:4]},
	} {
		if diff := cmp.Diff(tc.want, find(tc.in)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
	if _, err := s.FilterLogEvents(t.Context(), &FilterLogEventsInput{LogGroupName: "g", LogStreamNames: []string{"c"}}); err == nil {
		t.Error("a stream that does not exist is searched")
	}
}

func TestPutLogEventsRejects(t *testing.T) {
	t.Parallel()
	s := New(Options{})
	if _, err := s.OpenStream("g", "s", true); err != nil {
		t.Fatal(err)
	}
	now := s.now()
	day := int64(24 * time.Hour / time.Millisecond)
	put := func(times ...int64) (*PutLogEventsOutput, error) {
		in := &PutLogEventsInput{LogGroupName: "g", LogStreamName: "s"}
		for _, at := range times {
			in.LogEvents = append(in.LogEvents, InputLogEvent{Timestamp: at, Message: "m"})
		}
		return s.PutLogEvents(t.Context(), in)
	}
	for name, times := range map[string][]int64{"none": {}, "order": {now, now - 1}, "span": {now - day - 1, now}} {
		if _, err := put(times...); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	out, err := put(now-14*day-5000, now-13*day-day/2)
	if err != nil || *out.RejectedLogEventsInfo.TooOldLogEventEndIndex != 1 {
		t.Errorf("too old: %+v, %v", out, err)
	}
	out, err = put(now, now+3*day/24)
	if err != nil || *out.RejectedLogEventsInfo.TooNewLogEventStartIndex != 1 {
		t.Errorf("too new: %+v, %v", out, err)
	}
	if n := len(messages(t, s, "g", "s")); n != 2 {
		t.Errorf("%d events are stored, want the two that are neither", n)
	}
}

func TestGroupsAndStreamsAreListedInPages(t *testing.T) {
	t.Parallel()
	s := New(Options{})
	for i := range 60 {
		if _, err := s.CreateLogGroup(t.Context(), &CreateLogGroupInput{LogGroupName: fmt.Sprintf("/ecs/%02d", i)}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.OpenStream("/ecs/00", fmt.Sprintf("web/%02d", i), false); err != nil {
			t.Fatal(err)
		}
	}
	first, err := s.DescribeLogGroups(t.Context(), &DescribeLogGroupsInput{LogGroupNamePrefix: "/ecs/"})
	if err != nil || len(first.LogGroups) != 50 || first.NextToken == "" {
		t.Fatalf("%d groups, token %q, %v", len(first.LogGroups), first.NextToken, err)
	}
	second, err := s.DescribeLogGroups(t.Context(), &DescribeLogGroupsInput{LogGroupNamePrefix: "/ecs/", NextToken: first.NextToken})
	if err != nil || len(second.LogGroups) != 10 || second.NextToken != "" {
		t.Errorf("%d groups more, token %q, %v", len(second.LogGroups), second.NextToken, err)
	}
	g := second.LogGroups[9]
	if want := "arn:aws:logs:us-east-1:123456789012:log-group:/ecs/59"; g.LogGroupArn != want || g.Arn != want+":*" {
		t.Errorf("ARNs %s, %s", g.LogGroupArn, g.Arn)
	}
	streams, err := s.DescribeLogStreams(t.Context(), &DescribeLogStreamsInput{LogGroupIdentifier: s.ARN("/ecs/00"), Descending: true, LogStreamNamePrefix: "web/5"})
	if err != nil || len(streams.LogStreams) != 10 || streams.LogStreams[0].LogStreamName != "web/59" {
		t.Errorf("streams %+v, %v", streams, err)
	}
}

// BenchmarkFullStream writes lines to a stream that has to forget one for each.
func BenchmarkFullStream(b *testing.B) {
	s := New(Options{})
	w, err := s.OpenStream("web", "1", true)
	if err != nil {
		b.Fatal(err)
	}
	line := []byte("x\n")
	for range streamBytes / eventOverhead {
		_, _ = w.Write(line)
	}
	for b.Loop() {
		_, _ = w.Write(line)
	}
}
