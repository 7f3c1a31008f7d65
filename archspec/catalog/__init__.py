"""What a spec can name: the layers of torch.nn, the operations on tensors, and what callers register."""
