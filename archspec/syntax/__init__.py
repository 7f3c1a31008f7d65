"""Text to tree: YAML 1.2 with a place on everything."""
