"""The process that writes files while it is killed, or beside others: in come a job and a folder, out goes JSON.

It is a process of its own because it forks: a child starts to write within a millisecond, and is warm when it does.
"""

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import archspec
from archspec.commands import schema
from archspec.emit.formats import Subject, write, write_spec
from archspec.errors import UsageError
from archspec.spec import schema as made

KILLS = 100
WRITERS = 8
TURNS = 25
OLD = b"what was there before\n"

SPEC = "archspec: 1\nname: Net\ninput: [N, 400]\nmodel:\n  - for: i in range(8)\n    do: [{Linear: 400}, ReLU]\n"
COMPILATION = archspec.compile(SPEC)
MODEL = COMPILATION.build(seed=0)
SUBJECT = Subject(graph=COMPILATION.graph, model=lambda: MODEL)

JOBS: dict[str, Callable[[Path], object]] = {
    "net.yaml": partial(write, subject=SUBJECT, force=True),
    "net.json": partial(write, subject=SUBJECT, force=True),
    "net.safetensors": partial(write, subject=SUBJECT, force=True),
    "new.yaml": partial(write_spec, text=SPEC * 1_000, force=True),
    "schema.json": lambda path: schema.run(output=path),
}

# To make this text takes much longer than to write it, so most kills would come before the write.
made.schema_text = cache(made.schema_text)


def kill(folder: Path) -> dict[str, Any]:
    """Kill the writer of each kind of file at random points; tells which files were torn, and what was left over."""
    choose = random.Random(0)
    return {name: _killed(folder / name, job, choose) for name, job in JOBS.items()}


def _killed(path: Path, job: Callable[[Path], object], choose: random.Random) -> dict[str, Any]:
    job(path)
    started = time.perf_counter()
    job(path)
    longest = time.perf_counter() - started
    new, torn, old, left = _content(path), 0, 0, 0
    for _ in range(KILLS):
        path.write_bytes(OLD)
        _kill(_child(partial(job, path)), choose.uniform(0, 1.5 * longest))
        found = _content(path)
        torn += found not in (OLD, new)
        old += found == OLD
        left += len(list(path.parent.iterdir())) > 1
    job(path)
    after = sorted(item.name for item in path.parent.iterdir())
    path.unlink()
    return {"torn": torn, "old": old, "left": left, "after": after}


def _content(path: Path) -> object:
    """What is in a file; of safetensors, which writes the same metadata in another order each time, what that says."""
    data = path.read_bytes()
    if path.suffix != ".safetensors" or data == OLD:
        return data
    end = 8 + int.from_bytes(data[:8], "little")
    return json.loads(data[8:end]), data[end:]


def _child(work: Callable[[], object]) -> int:
    """Start work in a process that ends with it."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    return child


def _kill(child: int, after: float) -> None:
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def together(folder: Path) -> dict[str, Any]:
    """Let several write one file again and again, read it meanwhile, then let several write one that is not there."""
    path = folder / "net.yaml"
    texts = [SPEC.replace("Net", f"Net{index}" * (index * 200 + 1)) for index in range(WRITERS)]
    whole = {text.encode() for text in texts}
    path.write_bytes(texts[0].encode())
    children = [_child(partial(_write_often, path, text)) for text in texts]
    torn = reads = 0
    while children:
        reads += 1
        torn += path.read_bytes() not in whole
        children = [child for child in children if os.waitpid(child, os.WNOHANG)[0] == 0]
    return {"torn": torn, "reads": reads, "first": _first(folder / "only.yaml", texts), "after": _names(folder)}


def _write_often(path: Path, text: str) -> None:
    for _ in range(TURNS):
        write_spec(path, text, force=True)


def _first(path: Path, texts: list[str]) -> int:
    """How many of those that may not write over a file succeed in writing it."""
    reading, writing = os.pipe()
    for child in [_child(partial(_write_once, path, text, writing)) for text in texts]:
        os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answers:
        said = answers.read()
    assert len(said) == len(texts), said
    return said.count(b"+")


def _write_once(path: Path, text: str, answers: int) -> None:
    try:
        write_spec(path, text)
    except UsageError:
        os.write(answers, b"-")
    else:
        os.write(answers, b"+")


def _names(folder: Path) -> list[str]:
    return sorted(item.name for item in folder.iterdir())


if __name__ == "__main__":
    sys.stdout.write(json.dumps({"kill": kill, "together": together}[sys.argv[1]](Path(sys.argv[2]))))
