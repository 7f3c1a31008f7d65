"""Fuzzing: in come random bytes, guided by the code that they reach, out come those that break a promise of archspec.

`make fuzz MINUTES=20` runs every target; `python -m fuzz --help` tells the rest. A target is a module with

- `run(data)`, which does with the bytes what archspec does with a stranger's, and raises if a promise is broken;
- `seeds()`, the bytes to start from;
- `words()`, pieces to put in;
- `MAX_LENGTH`, the longest bytes that are tried.

`grammar/` makes valid specs, and `mutations.py` damages them; the tests draw from both.
"""
