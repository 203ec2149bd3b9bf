package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// readPins is what package.json of the JavaScript app pins, by package.
func readPins(javascript string) (map[string]string, error) {
	file := filepath.Join(javascript, "package.json")
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var manifest struct{ Dependencies map[string]string }
	if err := json.Unmarshal(text, &manifest); err != nil {
		return nil, fmt.Errorf("parsing %s: %w", file, err)
	}
	return manifest.Dependencies, nil
}
