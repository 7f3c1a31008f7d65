"""A process that opens hostile specs: in comes a request a line, out goes a line with what happened and what it cost.

It is a process of its own so that it can watch itself. An audit hook notes what the interpreter does, the kernel tells
the most memory that was held, and `RLIMIT_AS` turns what would take far more into an error. It is warm before the
first request, so that a case is charged with its own work only. Requests and answers are JSON.
"""

import codecs
import contextlib
import dis
import gc
import io
import json
import os
import pickle
import resource
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import CodeType
from typing import Any, ClassVar, TextIO

import torch
from torch import nn

import archspec
from archspec.catalog.modules import torch_layers
from archspec.cli import app
from archspec.commands.console import print_diagnostics
from archspec.compiler import Compilation
from archspec.diagnostic import Diagnostic
from archspec.emit.spec import emit_spec
from archspec.errors import ArchspecError, SpecError
from archspec.limits import Limits
from archspec.spec.shipped import shipped_folder

ROOMS = tuple(os.fspath(path.resolve()) for path in (Path(archspec.__file__).parent, shipped_folder()))
ADDRESS_SPACE = 2 << 30  # bytes beyond what a warm process has mapped; what it holds is measured, and bounded by less
EXCERPT = 400

WARM_UP = """\
archspec: 1
name: Warm
params: {width: 8, norm: {type: module, default: BatchNorm2d}, least: {type: int, min: 1, default: 2}, ratio: 0.5}
let: {double: $(width * least)}
presets: {small: {width: 4}}
inputs: {x: [N, 3, H=16, W=16], choice: str}
model:
  stem: {Stem: {out: $width}, from: x}
  loop: {for: i in range(2), do: {conv$i: {Conv2d: {out_channels: $double, kernel_size: 1}}}}
  table: {ModuleDict: {a: ReLU, b: Tanh}, select: choice}
  scale: {Parameter: {shape: [1], init: ones}}
  sum: {compute: conv1 * scale + relu(table)}
  flat: {rearrange: n c h w -> n (c h w)}
  head: {Linear: 10}
  shown: {Shown: {value: "$(['a', ratio, round_to(9, 8)])"}}
blocks:
  Stem: {params: {out: int}, model: [{Conv2d: {out_channels: $out, kernel_size: 3}}, $norm]}
init: [{match: Conv2d, weight: {kaiming_normal: {mode: fan_out}}}]
"""

MISTAKES = (
    "a: [",
    'archspec: 1\nmodel: "\\e"\n',
    "archspec: 1\nmodel: [{Linear: $(1 +)}, Relu, {Conv2d: {kernal_size: true}}]\n",
    "archspec: 1\ninput: [N, 3]\nmodel: {a: {Linear: $(1 // 0)}, b: {Linear: 3, from: [a, a]}, c: {compute: a @}}\n",
    "archspec: 1\ninput: [N, 3]\nmodel: [{Conv2d: {out_channels: 2, kernel_size: 3}}, {Linear: $(x)}]\n",
    "archspec: 1\ninput: [N, 3]\nmodel: {a: {cat: {dim: 7}, from: [input, input]}}\n",
)


COMMANDS = (
    ["build", "lenet"],
    ["build", "wide.yaml"],
    ["build", "lenet", "--weights", "nothing.pth"],
    ["build", "lenet", "--weights", "nothing.safetensors"],
    ["build", "lenet", "-o", "warm.yaml", "-o", "warm.json", "-o", "warm.safetensors"],
    ["build", "lenet", "--weights", "warm.safetensors"],
    ["build", "lenet", "--weights", "warm.pth", "--allow-pickle"],
    ["build", "lenet", "--weights", "old.pth", "--allow-pickle"],
    ["build", "resnet18", "--weights", "old.pth", "--allow-pickle"],
    ["build", "lenet", "-o", "nothing.xyz"],
    ["build", "lenet", "--device", "nothing"],
    ["build", "lenet", "--dtype", "nothing"],
    ["check", "lenet", "--format", "json"],
    ["check", "nothing.yaml", "-p", "a=1", "--limit", "repeat=1", "--input", "N=1"],
    ["expand", "lenet"],
    ["list", "nothing"],
    ["new", "Net", "-o", "new.yaml"],
    ["new", "-"],
    ["diff", "lenet", "warm.safetensors"],
    ["explain", "nothing"],
)


class Shown(nn.Identity):
    """A registered class that shows the value it was given, as Python writes it."""

    def __init__(self, value: Any) -> None:
        """Keep the value."""
        super().__init__()
        self.value = value

    def extra_repr(self) -> str:
        """The value, from which its type can be told."""
        return repr(self.value)


class Watch:
    """Notes what the interpreter does and no spec may make it do."""

    def __init__(self) -> None:
        """Start without looking; a hook stays for as long as the process."""
        self.looks = False
        self.roots: tuple[str, ...] = ()
        self.seen: list[str] = []
        sys.addaudithook(self._hook)

    @contextlib.contextmanager
    def over(self, folder: str) -> Iterator[None]:
        """Look at what is done to a spec in `folder`."""
        self.roots, self.seen = (*ROOMS, os.path.realpath(folder)), []
        self.looks = True
        try:
            yield
        finally:
            self.looks = False

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.looks:
            return
        self.looks = False  # what is done here is our own
        try:
            check = self._checks.get(event)
            wrong = check(self, *arguments) if check else event.startswith(self._forbidden)
            if wrong:
                self.seen.append(f"{event} {arguments!r}"[:EXCERPT])
        finally:
            self.looks = True

    def _opens_outside(self, path: object, *_: object) -> bool:
        """Whether a file or folder is opened that is in none of the roots.

        A relative path is one of the current folder, which is the spec's, or of a folder that was opened there.
        """
        if isinstance(path, int):
            return False
        name = os.fsdecode(path) if isinstance(path, (str, bytes)) else os.fspath(path)  # type: ignore[call-overload]
        if not Path(name).is_absolute():
            return ".." in Path(name).parts
        whole = os.path.normpath(name)
        return not any(whole == root or whole.startswith(root + os.sep) for root in self.roots)

    def _links_outside(self, source: object, target: object, *_: object) -> bool:
        """Whether a link leads out of the folders, or stands outside of them."""
        return self._opens_outside(source) or self._opens_outside(target)

    def _sets_variable(self, name: bytes, *_: object) -> bool:
        """Whether a variable is set but the one that Pydantic sets around its own import of plug-ins."""
        return name != b"PYDANTIC_DISABLE_PLUGINS"

    def _compiles_text(self, text: object, filename: object) -> bool:
        """Whether text becomes code; `ast.parse`, which makes none, calls its text `<unknown>`."""
        return text is not None and filename != "<unknown>" and isinstance(text, (str, bytes))

    def _runs_more_than_forward(self, code: CodeType) -> bool:
        """Whether code is run that is not one `forward` of ours, without imports and names with two underscores."""
        functions = [item for item in code.co_consts if isinstance(item, CodeType)]
        names = {name for item in (code, *functions) for name in item.co_names}
        imports = any(step.opname.startswith("IMPORT") for item in functions for step in dis.get_instructions(item))
        ours = code.co_filename.startswith("<archspec ") or code.co_filename.endswith((".yaml", ".yml"))
        only_forward = [item.co_name for item in functions] == ["forward"]
        return imports or not ours or not only_forward or any(name.startswith("__") for name in names)

    _forbidden = (
        *("import", "marshal.", "pickle.", "ctypes."),
        *("os.", "subprocess.", "pty.", "shutil.", "socket.", "urllib."),
    )
    _checks: ClassVar[dict[str, Callable[..., bool]]] = {
        "os.putenv": _sets_variable,
        "os.unsetenv": _sets_variable,
        **dict.fromkeys(
            ("open", "os.chmod", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.truncate"), _opens_outside
        ),
        "os.link": _links_outside,
        "os.listdir": _opens_outside,
        "os.scandir": _opens_outside,
        "compile": _compiles_text,
        "exec": _runs_more_than_forward,
    }


def build(request: dict[str, Any]) -> dict[str, Any]:
    """Compile a spec, check it, build its model on meta, and write it down: everything that needs no memory for it."""
    source = Path(request["path"]) if "path" in request else request["text"]
    weights = {key: request[key] for key in ("weights", "allow_pickle") if key in request}
    limits = Limits(**request.get("limits", {}))
    compilation = Compilation(
        source, limits=limits, **{key: request[key] for key in ("preset", "params") if key in request}
    )
    warnings = compilation.check()
    module = compilation.build(device="cpu" if weights else "meta", **weights)
    emit_spec(compilation.graph, registry=compilation.registry)
    return {"warnings": _places(warnings), "model": repr(module)}


def command(request: dict[str, Any]) -> dict[str, Any]:
    """Run the command line."""
    try:
        app(request["arguments"], prog_name="archspec", standalone_mode=True)
    except SystemExit as end:
        return {"exit": end.code}
    raise AssertionError("Typer ends with an exit code")


MISDEEDS: dict[str, Callable[[], object]] = {
    "import": lambda: __import__("this_module_is_nowhere"),
    "read": lambda: Path("/etc/hostname").read_bytes(),
    "read above": lambda: Path("../secret").read_bytes(),
    "write": lambda: Path("/nowhere/x").write_bytes(b""),
    "list": lambda: [*Path("/").iterdir()],
    "run": lambda: subprocess.run(["true"], check=True),
    "shell": lambda: os.system("true"),
    "connect": lambda: socket.create_connection(("127.0.0.1", 9), 1),
    "eval": lambda: eval("1 + 1"),
    "exec": lambda: exec(compile("import os", "<archspec text 01234567>", "exec")),
    "variable": lambda: os.environ.__setitem__("HOSTILE", "1"),
    "print": lambda: sys.stdout.write("\x1b[2J"),
    "waste": lambda: [bytes(10 << 20) and sum(range(1_000_000)) for _ in range(40)] and bytearray(b"x" * (200 << 20)),
    "hoard": lambda: bytearray(10 << 30),
    "fail": lambda: 1 // 0,
    "nothing": lambda: None,
    "unpickle": lambda: pickle.loads(b"cposixpath\njoin\n(Va\nVb\ntR."),
}


def misbehave(request: dict[str, Any]) -> dict[str, Any]:
    """Do what no spec may do, so that a test can see that it is seen."""
    try:
        MISDEEDS[request["what"]]()
    except (ImportError, OSError):  # what they reach for is not there; to reach for it is enough
        return {}
    return {}


JOBS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "build": build,
    "command": command,
    "misbehave": misbehave,
}


def answer(request: dict[str, Any], watch: Watch) -> dict[str, Any]:
    """Do what is asked, and tell what came of it, what was printed, what it cost and what was seen."""
    gc.collect()
    _forget_peak()
    output, before = _Output(), _memory("VmRSS")
    started, wall = time.process_time(), time.perf_counter()
    with output, watch.over(request["folder"]):
        result = _outcome(request)
    seconds, wall = time.process_time() - started, time.perf_counter() - wall
    peak = _memory("VmHWM")
    return {
        **result,
        "printed": output.text,
        "seconds": seconds,
        "wall": wall,
        "peak": peak,
        "growth": max(0, peak - before),
        "seen": watch.seen,
    }


def _outcome(request: dict[str, Any]) -> dict[str, Any]:
    try:
        return JOBS[request["do"]](request)
    except SpecError as error:
        print_diagnostics(error.diagnostics)
        return {"raised": type(error).__name__, "text": str(error), "errors": _places(error.diagnostics)}
    except ArchspecError as error:
        return {"raised": type(error).__name__, "text": str(error)}
    except BaseException:  # noqa: BLE001 - whatever it is, it is a bug, and the test says so
        return {"crash": traceback.format_exc()}


def _places(diagnostics: Sequence[Diagnostic]) -> list[tuple[str, int | None]]:
    return [(item.code, None if item.span is None else item.span.line) for item in diagnostics]


class _Output:
    """What is printed, on either stream."""

    def __enter__(self) -> None:
        self.bytes = io.BytesIO()
        self.stream = io.TextIOWrapper(self.bytes, encoding="utf-8", write_through=True)
        self.streams = sys.stdout, sys.stderr
        sys.stdout = sys.stderr = self.stream

    def __exit__(self, *_: object) -> None:
        sys.stdout, sys.stderr = self.streams
        self.text = self.bytes.getvalue().decode()


def _memory(what: str) -> int:
    """Bytes, as the kernel counts them for this process."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition(f"{what}:")[2].split()[0]) << 10


def _forget_peak() -> None:
    """Let `VmHWM` start from what is held now."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def main(requests: TextIO, answers: TextIO) -> None:
    """Answer requests until there are none."""
    archspec.register(Shown)
    watch = Watch()
    nowhere = {"do": "build", "folder": os.fspath(Path.cwd())}
    for codec in ("cp437", "raw_unicode_escape", "unicode_escape"):  # Python imports each when it first meets it
        codecs.lookup(codec)
    for layer in torch_layers().values():  # what a layer takes is read from torch once, when a spec first names it
        layer.validate({})
        assert isinstance(layer.inputs, object)
    for text in (WARM_UP, *MISTAKES):
        answer({**nowhere, "text": text}, watch)
    Path("wide.yaml").write_text("archspec: 1\ninput: [N, 4]\nmodel: [{Shown: {value: \u6f22}}]\n", encoding="utf-8")
    state = archspec.build("lenet").state_dict()
    torch.save(state, "warm.pth")
    torch.save(state, "old.pth", _use_new_zipfile_serialization=False)
    for arguments in COMMANDS:
        answer({**nowhere, "do": "command", "arguments": arguments}, watch)
    room = _memory("VmSize") + ADDRESS_SPACE
    gc.collect()
    gc.freeze()  # what a warm process holds is no garbage, and to look through it takes longer than most cases
    resource.setrlimit(resource.RLIMIT_AS, (room, room))
    torch.set_num_threads(1)
    print(json.dumps({"ready": True}), file=answers, flush=True)
    for line in requests:
        request = json.loads(line)
        os.chdir(request["folder"])
        print(json.dumps(answer(request, watch)), file=answers, flush=True)


if __name__ == "__main__":
    channel = os.fdopen(os.dup(1), "w", encoding="ascii")
    sys.stdout = sys.stderr
    main(sys.stdin, channel)
