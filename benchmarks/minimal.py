"""`python benchmarks/minimal.py --help`: the least that a command line made with Typer can do, set up as ours is."""

import typer

__all__ = ["app"]

app = typer.Typer(rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False)


@app.command()
def build(spec: str) -> None:
    """Build a model."""
    print(spec)


if __name__ == "__main__":
    app()
