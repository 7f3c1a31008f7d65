"""`python -m archspec`: the command line, as the `archspec` script runs it."""

from archspec.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    main()
