"""The command line: in come arguments, out goes an exit code. Each verb is a file in `commands/`.

0: all is well. 1: the spec is at fault. 2: the call is at fault. 3: archspec itself is, and prints a report to paste.
`diff` keeps the codes of diff(1): 1 says that the two are not the same, so a fault of either is trouble, 2.

`--help` and `--version` must answer at once, so nothing heavy is imported here: each verb imports what it needs.
"""

import functools
import gc
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Literal, NoReturn, ParamSpec

import typer

from archspec._version import __version__

__all__ = ["app", "main"]

_P = ParamSpec("_P")

app = typer.Typer(
    name="archspec",
    help="Compile YAML specs of neural networks to plain PyTorch modules.",
    epilog="Example: archspec build resnet50 -p num_classes=10",
    rich_markup_mode=None,  # plain help: quick, and the same in a terminal and in a pipe
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)

# An option that may be given any number of times: an empty list where it is not.
_several = functools.partial(typer.Option, default_factory=list, show_default=False)

Spec = Annotated[
    str,
    typer.Argument(
        metavar="SPEC",
        show_default=False,
        help="A path, the name of a shipped architecture or preset (see `archspec list`), or - for standard input.",
    ),
]
Specs = Annotated[
    list[str],
    typer.Argument(metavar="SPEC", show_default=False, help="Paths, names that ship, or - for standard input."),
]
Preset = Annotated[str | None, typer.Option("--preset", metavar="NAME", help="Use this preset of the spec.")]
Params = Annotated[
    list[str],
    _several("--param", "-p", metavar="NAME=VALUE", help="Set a param, in YAML: -p 'layers=[2, 2]'. Repeatable."),
]
Inputs = Annotated[
    list[str],
    _several(
        "--input",
        metavar="NAME=SIZE",
        help="Check at these sizes of named dimensions, N=8,H=128, or this shape of an input, input=8x3x128x128.",
    ),
]
Limits = Annotated[
    list[str],
    _several("--limit", metavar="NAME=VALUE", help="Set a limit: --limit parameter_bytes=16GiB. Repeatable."),
]
Ignore = Annotated[
    list[str],
    _several("--ignore", metavar="CODE", help="Switch a warning off: --ignore W0201,W0204. Repeatable."),
]
Dtype = Annotated[
    str | None, typer.Option(metavar="NAME", help="The dtype of floating-point parameters, such as bfloat16.")
]
Seed = Annotated[int | None, typer.Option(metavar="NUMBER", help="Draw the parameters from this seed.")]
Weights = Annotated[
    str | None,
    typer.Option(metavar="FILE|NAME", help="Start with this checkpoint, or this one of the spec's `weights`."),
]
AllowPickle = Annotated[
    bool, typer.Option("--allow-pickle", help="Take the tensors of a .pth file; nothing in it is run.")
]
KeyMap = Annotated[
    Path | None,
    typer.Option("--key-map", metavar="FILE", help="Rename the checkpoint's keys by this JSON file of {old: new}."),
]
IgnoreFingerprint = Annotated[
    bool, typer.Option("--ignore-fingerprint", help="Take weights of another architecture where keys and shapes fit.")
]
Outputs = typer.Option(
    "--output", "-o", metavar="FILE", help="Write the model in the format of the suffix. Repeatable."
)
Force = Annotated[bool, typer.Option("--force", help="Write over files that exist.")]
Form = Annotated[Literal["text", "json"], typer.Option("--format", help="For people, or for programs.")]
Report = Annotated[
    Literal["text", "json", "sarif", "github"],
    typer.Option("--format", help="For people, programs, code scanning (SARIF 2.1.0), or a GitHub workflow."),
]


def main() -> NoReturn:
    """Run the command that the process was started with, and end the process with its exit code."""
    # torch brings a million objects that live as long as the process. To look among them for garbage, while they are
    # imported and once more at the end, takes half as long as the import: so it is done seldom, and not at the end.
    gc.set_threshold(1_000_000)
    try:
        app(prog_name="archspec")
    finally:
        gc.freeze()
    raise AssertionError("Typer ends the process")


def _handled(command: Callable[_P, int], *, fault: int = 1) -> Callable[_P, None]:
    """Turn whatever ends a command into an exit code, `fault` for a spec's: the single place where that is decided."""

    @functools.wraps(command)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> None:
        try:
            code = command(*args, **kwargs)
            sys.stdout.flush()
        except (Exception, KeyboardInterrupt) as failure:  # noqa: BLE001 - the handler for all of them
            from archspec.commands.failure import report

            code = report(failure, sys.argv[1:], fault=fault)
        raise typer.Exit(code)

    return run


def _comparing(command: Callable[_P, int]) -> Callable[_P, None]:
    """The same for what compares, where 1 is an answer."""
    return _handled(command, fault=2)


def _refuse_together(options: Mapping[str, bool]) -> None:
    """Refuse a call with more than one of these options."""
    from archspec.errors import UsageError

    given = [name for name, is_given in options.items() if is_given]
    if len(given) > 1:
        raise UsageError(f"{given[0]} and {given[1]} do not go together")


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"archspec {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Take the options that stand before the verb."""


@app.command(epilog="Example: archspec build resnet50 -p num_classes=10 -o model.safetensors")
@_handled
def build(
    spec: Spec,
    *,
    preset: Preset = None,
    param: Params,
    input: Inputs,
    limit: Limits,
    device: Annotated[
        str | None, typer.Option(metavar="NAME", help="Build there: cpu, cuda, …; meta allocates nothing.")
    ] = None,
    dtype: Dtype = None,
    seed: Seed = None,
    weights: Weights = None,
    allow_pickle: AllowPickle = False,
    key_map: KeyMap = None,
    ignore_fingerprint: IgnoreFingerprint = False,
    output: Annotated[list[Path] | None, Outputs] = None,
    force: Force = False,
    ignore: Ignore,
) -> int:
    """Build a model, run it once on random input, and print its tree."""
    from archspec.commands.build import run
    from archspec.commands.settings import Settings

    return run(
        Settings(spec=spec, preset=preset, params=param, inputs=input, limits=limit, ignore=ignore),
        device=device,
        dtype=dtype,
        seed=seed,
        weights=weights,
        allow_pickle=allow_pickle,
        key_map=key_map,
        ignore_fingerprint=ignore_fingerprint,
        outputs=output or (),
        force=force,
    )


@app.command(epilog="Example: archspec check models/*.yaml --all-presets")
@_handled
def check(
    specs: Specs,
    *,
    preset: Preset = None,
    param: Params,
    input: Inputs,
    limit: Limits,
    all_presets: Annotated[bool, typer.Option("--all-presets", help="Check each preset of each spec too.")] = False,
    format: Report = "text",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only errors and warnings.")] = False,
    fix: Annotated[
        bool, typer.Option("--fix", help="Show a diff of what can be fixed without a doubt, and write it to the files.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="With --fix: do not ask.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Only show that diff; exit with 1 if there is one.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Check again whenever a file changes, until Ctrl-C.")] = False,
    ignore: Ignore,
    strict: Annotated[bool, typer.Option("--strict", help="Fail on warnings too.")] = False,
) -> int:
    """Check specs and print every error and warning."""
    from archspec.commands.check import run
    from archspec.commands.settings import Settings

    requests = [
        Settings(spec=spec, preset=preset, params=param, inputs=input, limits=limit, ignore=ignore, strict=strict)
        for spec in specs
    ]
    _refuse_together({"--watch": watch, "--diff": diff, "--fix": fix})
    _refuse_together({"--watch": watch, "--diff": diff, f"--format {format}": format != "text"})
    if watch:
        from archspec.commands.watch import run as keep_checking

        return keep_checking(requests, every_preset=all_presets, quiet=quiet)
    if diff:
        from archspec.commands.fixing import show

        return show(requests, every_preset=all_presets)
    if fix:
        from archspec.commands.fixing import run as mend

        return mend(requests, form=format, every_preset=all_presets, quiet=quiet, yes=yes)
    return run(requests, form=format, every_preset=all_presets, quiet=quiet)


@app.command(epilog="Example: archspec export resnet50 --weights IMAGENET1K_V2 -o resnet50.pt2")
@_handled
def export(
    spec: Spec,
    *,
    output: Annotated[list[Path], Outputs],
    preset: Preset = None,
    param: Params,
    input: Inputs,
    limit: Limits,
    dtype: Dtype = None,
    seed: Seed = None,
    weights: Weights = None,
    allow_pickle: AllowPickle = False,
    key_map: KeyMap = None,
    ignore_fingerprint: IgnoreFingerprint = False,
    static: Annotated[
        list[str] | None,
        typer.Option(metavar="NAMES", help="Keep these named dimensions at the sizes that were checked: H,W."),
    ] = None,
    force: Force = False,
) -> int:
    """Write a model to files that others read without archspec."""
    from archspec.commands.export import run
    from archspec.commands.settings import Settings

    return run(
        Settings(spec=spec, preset=preset, params=param, inputs=input, limits=limit),
        outputs=output,
        dtype=dtype,
        seed=seed,
        weights=weights,
        allow_pickle=allow_pickle,
        key_map=key_map,
        ignore_fingerprint=ignore_fingerprint,
        static=static or (),
        force=force,
    )


@app.command(epilog="Example: archspec show resnet50")
@_handled
def show(
    spec: Spec, *, preset: Preset = None, param: Params, input: Inputs, limit: Limits, format: Form = "text"
) -> int:
    """Print the tree of a model with its sizes, without building it."""
    from archspec.commands.settings import Settings
    from archspec.commands.show import run

    return run(Settings(spec=spec, preset=preset, params=param, inputs=input, limits=limit), form=format)


@app.command(epilog="Example: archspec diff resnet50 mine.yaml --migrate keys.json")
@_comparing
def diff(
    old: Spec,
    new: Annotated[
        str, typer.Argument(metavar="SPEC|FILE", show_default=False, help="Another spec, or a checkpoint of weights.")
    ],
    *,
    preset: Annotated[
        str | None, typer.Option("--preset", metavar="NAME", help="Use this preset of the first.")
    ] = None,
    param: Annotated[
        list[str], _several("--param", "-p", metavar="NAME=VALUE", help="Set a param of the first. Repeatable.")
    ],
    limit: Limits,
    migrate: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the keys of moved modules, {old: new}, for `build --key-map`."),
    ] = None,
    allow_pickle: AllowPickle = False,
    force: Force = False,
    format: Form = "text",
) -> int:
    """Compare two models, or a model with a checkpoint. Exits with 0 if they are the same, 1 if not, 2 on an error."""
    from archspec.commands.diff import run
    from archspec.commands.settings import Settings

    first = Settings(spec=old, preset=preset, params=param, limits=limit)
    return run(first, new, form=format, migrate=migrate, allow_pickle=allow_pickle, force=force)


@app.command(epilog="Example: archspec expand resnet50 > resnet50.yaml")
@_handled
def expand(spec: Spec, *, preset: Preset = None, param: Params, input: Inputs, limit: Limits) -> int:
    """Print the spec with its params, loops and blocks worked out."""
    from archspec.commands.expand import run
    from archspec.commands.settings import Settings

    return run(Settings(spec=spec, preset=preset, params=param, inputs=input, limits=limit))


@app.command("list", epilog="Example: archspec list resnet")
@_handled
def list_shipped(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", show_default=False, help="Show this one in full; without it, all in short."),
    ] = None,
    format: Form = "text",
) -> int:
    """List the architectures that ship, with their sizes."""
    from archspec.commands.list import run

    return run(name=name, form=format)


@app.command(epilog="Example: archspec new SmallNet --from resnet18 -o small.yaml")
@_handled
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False, help="The name of the class: SmallNet.")],
    base: Annotated[
        str | None,
        typer.Option("--from", metavar="SPEC", help="Start from this path, or architecture or preset that ships."),
    ] = None,
    preset: Preset = None,
    copy: Annotated[
        bool, typer.Option("--copy", help="Copy the text of that spec; without it, the new one extends it.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it here, not to standard output.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that exists.")] = False,
) -> int:
    """Start a spec of your own, from nothing or from another."""
    from archspec.commands.new import Beginning, run

    return run(name, Beginning(spec=base, preset=preset, copy=copy), output=output, force=force)


@app.command(epilog="Example: archspec schema -o archspec.schema.json")
@_handled
def schema(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it here, not to standard output.")
    ] = None,
) -> int:
    """Print the JSON Schema that editors complete and check specs with."""
    from archspec.commands.schema import run

    return run(output=output)


@app.command(epilog="Example: archspec explain E0301")
@_handled
def explain(
    code: Annotated[
        str | None, typer.Argument(metavar="CODE", show_default=False, help="Such as E0301; without it, list them all.")
    ] = None,
) -> int:
    """Explain the code of an error or a warning."""
    from archspec.commands.explain import run

    return run(code)
