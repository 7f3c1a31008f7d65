"""`archspec check --fix` and `--diff`: in come specs, out goes a diff of what mends them, and their files mended.

Only files that are named on the command line are changed, and of these only what a fix says: comments, spaces and
line ends stay as they are.
"""

import shlex
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import unified_diff
from os.path import realpath

from rich.text import Text

from archspec.commands.amounts import count
from archspec.commands.check import Format, diagnose
from archspec.commands.check import run as check
from archspec.commands.console import console, print_document, printable
from archspec.commands.edits import made
from archspec.commands.settings import STDIN, Settings, read_limits
from archspec.diagnostic import escape, quote
from archspec.emit.formats import replace_file
from archspec.errors import SpecError, UsageError
from archspec.fix import Fix
from archspec.source import Source
from archspec.spec.given import source_of
from archspec.spec.shipped import shipped_folder

__all__ = ["Change", "run", "show"]

MOST_PASSES = 10  # what is mended lets the next stage look, which may find more
CONTEXT = 3
_STYLES = {"+": "green", "-": "red", "@": "cyan"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A file that fixes change.

    Attributes:
        source: the text as it was read.
        text: the text as the fixes leave it.
        fixes: what they were.
    """

    source: Source
    text: str
    fixes: tuple[Fix, ...]

    def diff(self) -> str:
        """The change as a unified diff, which `patch -p0` takes."""
        name = escape(self.source.name)
        if " " in name:
            name += "\t"  # else `patch` takes the name to end at the blank
        lines = unified_diff(_lines(self.source.text), _lines(self.text), name, name, n=CONTEXT)
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> list[str]:
    """The lines as `patch` counts them, each with its end."""
    *ended, last = text.split("\n")
    return [f"{line}\n" for line in ended] + ([last] if last else [])


def run(
    requests: Sequence[Settings],
    *,
    form: Format = "text",
    every_preset: bool = False,
    quiet: bool = False,
    yes: bool = False,
) -> int:
    """Mend what can be in no doubt, after showing it, and print what is left.

    Args:
        requests: the specs.
        form: how what is left is printed; the diff is on stdout beside text, otherwise on stderr.
        every_preset: whether each preset of a spec is checked too.
        quiet: whether text says nothing about what is good.
        yes: whether nobody is asked. Only a person at a terminal is.

    Returns:
        The exit code: 1 when a spec still has an error.

    Raises:
        UsageError: no spec is called that, it is in no file, or its file changed meanwhile.
        ExportError: the disk refuses.
    """
    elsewhere: set[Fix] = set()
    for _ in range(MOST_PASSES):  # files that use each other may mend each other
        elsewhere.clear()
        changes = list(_changes(requests, elsewhere, every_preset=every_preset))
        if not changes:
            break
        for change in changes:
            _print_diff(change, stderr=form != "text")
        if not quiet:
            _print_titles(changes)
        if not yes and not _agreed(changes):
            break
        for change in changes:
            _write(change)
        if not quiet:
            _print_line(f"Made {_amount(changes)}")
    if not quiet:
        _print_elsewhere(elsewhere, requests, "--fix")
    return check(requests, form=form, every_preset=every_preset, quiet=quiet)


def show(requests: Sequence[Settings], *, every_preset: bool = False) -> int:
    """Print what `run` would change as a diff on stdout, and change nothing.

    Returns:
        The exit code: 1 when there is something to change.

    Raises:
        UsageError: no spec is called that, or it is in no file.
    """
    elsewhere: set[Fix] = set()
    changes = list(_changes(requests, elsewhere, every_preset=every_preset))
    for change in changes:
        _print_diff(change, stderr=False)
    _print_titles(changes)
    if changes or not elsewhere:
        _print_line(f"Would make {_amount(changes)}" if changes else "Nothing that can be fixed without a doubt")
    _print_elsewhere(elsewhere, requests, "--diff")
    return 1 if changes else 0


def _changes(requests: Sequence[Settings], elsewhere: set[Fix], *, every_preset: bool) -> Iterator[Change]:
    """What would change in which file, each file once; fixes of files that a spec reads are added to `elsewhere`."""
    seen = set()
    for settings in requests:
        source = _fixable(settings)
        if source is None or source.path is None or source.path.resolve() in seen:
            continue
        seen.add(source.path.resolve())
        change = _change(settings, source, elsewhere, every_preset=every_preset)
        if change is not None:
            yield change


def _fixable(settings: Settings) -> Source | None:
    """The text of a spec that is in a file of the user; None for what ships, and for what cannot be read."""
    if settings.spec == STDIN:
        raise UsageError("`-` is no file that could be changed: name one")
    try:
        source, _ = source_of(settings.spec, read_limits(settings.limits))
    except SpecError:
        return None
    return source if _is_yours(source) else None


def _is_yours(source: Source) -> bool:
    """Whether a text is in a file that does not ship."""
    return source.path is not None and not source.path.resolve().is_relative_to(shipped_folder().resolve())


def _change(settings: Settings, source: Source, elsewhere: set[Fix], *, every_preset: bool) -> Change | None:
    """Fix a text until nothing more can be, or until a text comes back: presets may pull it this way and that."""
    limits, fixes, texts = read_limits(settings.limits), list[Fix](), [source.text]
    for _ in range(MOST_PASSES):
        current = replace(source, text=texts[-1])
        fixable = _fixes(settings, current, elsewhere, every_preset=every_preset)
        text, done = made(current.text, fixable, limits)
        if text in texts:
            break
        texts.append(text)
        fixes += done
    return Change(source=source, text=texts[-1], fixes=tuple(fixes)) if fixes else None


def _fixes(settings: Settings, source: Source, elsewhere: set[Fix], *, every_preset: bool) -> Iterator[Fix]:
    """The fixes of what is wrong with a text; those that would change another file go `elsewhere`."""
    for result in diagnose(settings, every_preset=every_preset, source=source):
        for fix in filter(None, (diagnostic.fix for diagnostic in result.diagnostics)):
            if all(edit.span.source == source for edit in fix.edits):
                yield fix
            else:
                elsewhere.add(fix)


def _write(change: Change) -> None:
    """Write a file anew, unless somebody else has meanwhile.

    Raises:
        UsageError: it is not as it was, or may not be written.
        ExportError: the disk refuses.
    """
    assert change.source.path is not None, "what is in no file is not changed"
    path = change.source.path.resolve()  # a link stays one
    before, mark = change.source.text.encode(), b"\xef\xbb\xbf"
    content = path.read_bytes() if path.is_file() else b""
    if content not in (before, mark + before):
        name = quote(change.source.name)
        raise UsageError(f"{name} changed while it was checked, so nothing was written to it: run the command again")
    replace_file(path, content[: len(content) - len(before)] + change.text.encode())


def _agreed(changes: Sequence[Change]) -> bool:
    """Whether whoever sits at the terminal wants the changes; where nobody does, `--fix` was the answer."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return True
    console().print(Text(f"Make {_amount(changes)}? [y/N] "), end="")
    answer = sys.stdin.readline()
    if not answer:
        console().print()  # Ctrl-D leaves the cursor behind the question
    return answer.strip().lower() in ("y", "yes")


def _amount(changes: Sequence[Change]) -> str:
    fixes = sum(len(change.fixes) for change in changes)
    return f"{fixes:,} {'fix' if fixes == 1 else 'fixes'} in {count(len(changes), 'file')}"


def _print_titles(changes: Sequence[Change]) -> None:
    """Say on stderr what each fix is."""
    for change in changes:
        for fix in change.fixes:
            _print_line(f"{change.source.name}: {fix.title}")


def _print_elsewhere(fixes: Collection[Fix], requests: Sequence[Settings], option: str) -> None:
    """Say on stderr which files that nobody named have fixes of their own."""
    named = {realpath(settings.spec) for settings in requests}
    sources = [fix.edits[0].span.source for fix in fixes]
    counts = Counter(item.name for item in sources if _is_yours(item) and realpath(item.path or "") not in named)
    for name, number in sorted(counts.items()):
        verb = "is" if number == 1 else "are"
        fixed = f"{number:,} {'fix' if number == 1 else 'fixes'}"
        command = shlex.join(["archspec", "check", name, option])
        _print_line(f"{fixed} in {name} {verb} left out, because it is not named: `{command}`")


def _print_line(text: str) -> None:
    console(stderr=True).print(Text(printable(text)))


def _print_diff(change: Change, *, stderr: bool) -> None:
    """Print a diff: for people in colours and with nothing hidden in it, into a pipe byte for byte."""
    screen = console(stderr=stderr)
    if not screen.is_terminal and not stderr:
        print_document(change.diff())
        return
    for line in change.diff().splitlines():
        screen.print(Text(printable(line.rstrip("\r")), _STYLES.get(line[:1], "default")))
