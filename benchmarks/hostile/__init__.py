"""The same hostile files through archspec and its closest peers: `python -m benchmarks.hostile`."""
