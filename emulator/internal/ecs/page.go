package ecs

import "strconv"

// mostPerPage is the default and the limit of ECS's lists.
const mostPerPage = 100

// page cuts one answer out of a list. The token is the position of the next one.
func page[T any](all []T, token string, maxResults *int) (items []T, next string, err error) {
	size := mostPerPage
	if maxResults != nil {
		size = *maxResults
	}
	if size < 1 || size > mostPerPage {
		return nil, "", invalid("maxResults must be between 1 and %d.", mostPerPage)
	}
	start := 0
	if token != "" {
		if start, err = strconv.Atoi(token); err != nil || start < 0 || start > len(all) {
			return nil, "", invalid("Invalid token")
		}
	}
	end := min(start+size, len(all))
	if end < len(all) {
		next = strconv.Itoa(end)
	}
	return append([]T{}, all[start:end]...), next, nil
}
