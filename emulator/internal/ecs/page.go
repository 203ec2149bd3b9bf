package ecs

import "strconv"

// mostPerPage is the default and the limit of most of ECS's lists.
const mostPerPage = 100

// mostPerShortPage is that of ListAccountSettings and DescribeCapacityProviders.
const mostPerShortPage = 10

// page cuts one answer out of a list. The token is the position of the next one.
func page[T any](all []T, token string, maxResults *int) (items []T, next string, err error) {
	return pageOf(mostPerPage, all, token, maxResults)
}

func pageOf[T any](most int, all []T, token string, maxResults *int) (items []T, next string, err error) {
	size := most
	if maxResults != nil {
		size = *maxResults
	}
	if size < 1 || size > most {
		return nil, "", invalid("maxResults must be between 1 and %d.", most)
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
