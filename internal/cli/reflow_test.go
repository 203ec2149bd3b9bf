package cli

import "testing"

func TestReflowed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		width      int
		text, want string
	}{
		{0, "a line that is long\n", "a line that is long\n"},
		{10, "a line that is long\nshort\n", "a line\nthat is\nlong\nshort\n"},
		{10, "  two words here\n", "  two\n  words\n  here\n"},
		{10, "averyveryverylongword and more\n", "averyveryverylongword\nand more\n"},
		{10, "\n", "\n"},
		{10, "", ""},
	} {
		if got := reflowed(tt.text, tt.width); got != tt.want {
			t.Errorf("reflowed(%q, %d) = %q, want %q", tt.text, tt.width, got, tt.want)
		}
	}
}
