"""The folded model: equal instances of blocks as one class with parameters, equal siblings as one run."""
