"""Measurements of the compiler and of the models it makes, each beside plain PyTorch: `python -m benchmarks`."""

__all__: list[str] = []
