package wire

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"testing"
	"time"
)

type xmlState struct{ Code string }

type xmlOutput struct {
	Name    string
	Pointer *string
	Count   int
	Order   int `wire:"omitempty"`
	Enabled bool
	Created time.Time
	State   xmlState
	Config  *xmlState
	Names   []string
	Items   []*xmlState
	Options map[string]string
	hidden  string
}

func TestEncodeElement(t *testing.T) {
	for _, tc := range []struct {
		name string
		out  any
		want string
	}{
		{"no result", (*xmlOutput)(nil), ""},
		{
			"zero", xmlOutput{},
			"<R><Count>0</Count><Enabled>false</Enabled><State></State></R>",
		},
		{
			"empty is a value behind a pointer and in a list", xmlOutput{Pointer: new(""), Names: []string{""}},
			"<R><Pointer></Pointer><Count>0</Count><Enabled>false</Enabled><State></State><Names><member></member></Names></R>",
		},
		{
			"empty lists are told from missing ones", xmlOutput{Names: []string{}, Options: map[string]string{}},
			"<R><Count>0</Count><Enabled>false</Enabled><State></State><Names></Names><Options></Options></R>",
		},
		{
			"all", &xmlOutput{
				Name: "a", Pointer: new("b"), Count: 1, Order: 2, Enabled: true,
				Created: time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.FixedZone("", 3600)),
				State:   xmlState{"active"}, Config: &xmlState{"c"},
				Names: []string{"x", "y"}, Items: []*xmlState{{"i"}, nil},
				Options: map[string]string{"b": "2", "a": ""}, hidden: "h",
			},
			"<R><Name>a</Name><Pointer>b</Pointer><Count>1</Count><Order>2</Order><Enabled>true</Enabled>" +
				"<Created>2026-01-02T02:04:05.006Z</Created><State><Code>active</Code></State><Config><Code>c</Code></Config>" +
				"<Names><member>x</member><member>y</member></Names><Items><member><Code>i</Code></member></Items>" +
				"<Options><entry><key>a</key><value></value></entry><entry><key>b</key><value>2</value></entry></Options></R>",
		},
		{
			"special characters", xmlOutput{Name: "a<b>&\"c\"\r\n\x00"},
			"<R><Name>a&lt;b&gt;&amp;&#34;c&#34;&#xD;&#xA;\uFFFD</Name><Count>0</Count><Enabled>false</Enabled><State></State></R>",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var buf bytes.Buffer
			encodeElement(&buf, "R", tc.out)
			if got := buf.String(); got != tc.want {
				t.Errorf("encoded\n%s\nwant\n%s", got, tc.want)
			}
			dec := xml.NewDecoder(&buf)
			for {
				if _, err := dec.Token(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					t.Fatalf("not well-formed: %v", err)
				}
			}
		})
	}
}

func TestEpoch(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
	data, err := json.Marshal(struct{ At, Never *Epoch }{EpochOf(at), EpochOf(time.Time{})})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(data), `{"At":1767323045.678,"Never":null}`; got != want {
		t.Errorf("Marshal = %s, want %s", got, want)
	}
	var back struct{ At *Epoch }
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if got := time.Time(*back.At); !got.Equal(at) {
		t.Errorf("Unmarshal = %v, want %v", got, at)
	}
}
