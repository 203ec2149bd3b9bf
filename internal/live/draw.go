package live

import (
	"regexp"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// barWidth is how many columns a bar has at most.
const barWidth = 20

type part struct {
	n     int
	glyph string
	paint func(string) string
}

// bar draws parts of a whole: a column for each where they fit, else to scale, in which
// whatever is there shows.
func bar(all int, parts ...part) string {
	width := min(all, barWidth)
	var b strings.Builder
	used := 0
	for _, p := range parts {
		n := p.n
		if all > barWidth {
			n = (p.n*barWidth + all - 1) / all
		}
		n = min(n, width-used)
		if n > 0 {
			b.WriteString(p.paint(strings.Repeat(p.glyph, n)))
			used += n
		}
	}
	b.WriteString(faint(strings.Repeat("·", width-used)))
	return b.String()
}

// Colours are of the terminal's own palette, which its user has made readable.

func inOld(text string) string { return ansi.Style{}.ForegroundColor(ansi.BrightBlack).Styled(text) }
func inNew(text string) string { return ansi.Style{}.ForegroundColor(ansi.Blue).Styled(text) }
func bold(text string) string  { return ansi.Style{}.Bold().Styled(text) }
func faint(text string) string { return ansi.Style{}.Faint().Styled(text) }
func bad(text string) string   { return ansi.Style{}.ForegroundColor(ansi.Red).Styled(text) }

// ShortName is the name of a service without what CloudFormation puts at the end of a name
// that it makes.
func ShortName(name string) string {
	return regexp.MustCompile(`-[A-Za-z0-9]{12,13}$`).ReplaceAllString(name, "")
}
