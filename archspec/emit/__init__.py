"""Graph to everything that is written from it."""
