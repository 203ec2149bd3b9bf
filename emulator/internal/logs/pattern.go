package logs

import (
	"slices"
	"strings"
	"unicode"
)

// pattern is a filter pattern for unstructured events ("Filter pattern syntax", user
// guide): an event matches that has all the terms of all, at least one of any where
// there are some, and none of none. Terms are parts of a message, capitals and all.
type pattern struct{ all, any, none []string }

func (p pattern) matches(message string) bool {
	has := func(term string) bool { return strings.Contains(message, term) }
	for _, term := range p.all {
		if !has(term) {
			return false
		}
	}
	return (len(p.any) == 0 || slices.ContainsFunc(p.any, has)) && !slices.ContainsFunc(p.none, has)
}

// parsePattern reads terms, "quoted phrases", ?alternatives and -exclusions. What AWS
// has beyond those is refused.
func parsePattern(text string) (pattern, error) {
	var p pattern
	rest := strings.TrimSpace(text)
	if strings.HasPrefix(rest, "{") || strings.HasPrefix(rest, "[") || strings.HasPrefix(rest, "%") {
		return p, invalid("The embedded AWS does not support JSON, space-delimited and regular expression filter patterns, such as %s: use terms and quoted phrases.", text)
	}
	for rest != "" {
		list := &p.all
		switch rest[0] {
		case '?':
			list, rest = &p.any, rest[1:]
		case '-':
			list, rest = &p.none, rest[1:]
		}
		term, after, ok := cutTerm(rest)
		if !ok {
			return p, invalid("Invalid filter pattern")
		}
		*list = append(*list, term)
		rest = strings.TrimSpace(after)
	}
	return p, nil
}

// cutTerm takes a term or a quoted phrase from the front of a pattern. Terms that have
// other characters than letters, digits and underscores need quotes.
func cutTerm(text string) (term, rest string, ok bool) {
	if quoted, isQuoted := strings.CutPrefix(text, `"`); isQuoted {
		term, rest, ok = strings.Cut(quoted, `"`)
		return term, rest, ok && term != ""
	}
	end := strings.IndexFunc(text, unicode.IsSpace)
	if end < 0 {
		end = len(text)
	}
	term, rest = text[:end], text[end:]
	strange := strings.ContainsFunc(term, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' })
	return term, rest, term != "" && !strange
}
