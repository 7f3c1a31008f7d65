"""Weights that a model starts with: in come a checkpoint and a model without numbers, out goes the model with them."""
