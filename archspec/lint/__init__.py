"""The linter: what a model does that is valid and probably not meant."""
