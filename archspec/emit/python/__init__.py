"""Writes plain PyTorch: a folded model becomes the source that a person would write."""
