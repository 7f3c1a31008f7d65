"""The command line: in comes how often to measure, out go the times of whole processes beside `import torch`."""

import sys

from benchmarks.measure import Comparison, Times, compare_processes

__all__ = ["commands", "help_seconds"]

TARGET = 1.3
_ARCHSPEC = (sys.executable, "-m", "archspec")
_COMMANDS = {
    "import torch": (sys.executable, "-c", "import torch"),
    "build": (*_ARCHSPEC, "build", "architectures/lenet.yaml"),
    "check": (*_ARCHSPEC, "check", "architectures/lenet.yaml"),
}


def commands(rounds: int) -> Comparison:
    """`archspec build` and `archspec check` of LeNet, each a process of its own."""
    times = compare_processes(_COMMANDS, rounds)
    ways = {
        "archspec build": times["build"],
        "archspec check": times["check"],
        'python -c "import torch"': times["import torch"],
    }
    title, note = "LeNet: whole processes", "files and bytecode in the page cache; `build` runs the model once, too"
    return Comparison(title=title, floor='python -c "import torch"', target=TARGET, ways=ways, note=note)


def help_seconds(rounds: int) -> Times:
    """`archspec --help`."""
    return compare_processes({"help": (*_ARCHSPEC, "--help")}, rounds)["help"]
