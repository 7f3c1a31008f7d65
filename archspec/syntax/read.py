"""Reading: in comes a path or a stream, out goes a `Source`, read within a limit and decoded as strict UTF-8."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from archspec.diagnostic import Diagnostic, quote
from archspec.errors import Fault
from archspec.limits import DEFAULT_LIMITS, Limits
from archspec.source import Source
from archspec.suggest import did_you_mean
from archspec.syntax.characters import point

__all__ = ["read_source", "read_stdin"]

CHUNK = 1 << 16
MAX_NAMES = 1_000  # of a folder, to find the one that was meant

# O_NONBLOCK: to open a FIFO that nobody writes to would wait for ever. Windows has none of these but O_BINARY.
_READ = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"))
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_WALKS = os.open in os.supports_dir_fd

_UTF8_MARK = b"\xef\xbb\xbf"
_OTHER_MARKS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}


def read_source(path: str | os.PathLike[str], *, limits: Limits = DEFAULT_LIMITS, root: Path | None = None) -> Source:
    """Read a file that a spec is written in.

    Args:
        path: the file. The source's name is this, as given.
        limits: `file_bytes` is how long the file may be.
        root: the folder that the file must lie in, for a path that a spec names: `path` is then relative to it, and no
            link is followed on the way. Without it, links are followed, for a path that the user names.

    Raises:
        Fault: E0101, the file cannot be read or is not UTF-8 text; E0701, it is not inside `root`.
        LimitFault: the file is too long.
    """
    name = os.fspath(path)
    with _opened(name, root) as descriptor:
        data = _read_file(descriptor, name, limits)
    return _decode(data, Source(name=name, text="", path=(root or Path()) / name))


def read_stdin(stream: BinaryIO, limits: Limits = DEFAULT_LIMITS) -> Source:
    """Read a spec from a stream of bytes, such as `sys.stdin.buffer`.

    Raises:
        Fault: E0101, it is not UTF-8 text.
        LimitFault: it is too long.
    """
    source = Source(name="<stdin>", text="")
    return _decode(_read_stream(stream, source.name, limits), source)


@contextmanager
def _opened(name: str, root: Path | None) -> Iterator[int]:
    try:
        descriptor = os.open(name, _READ) if root is None else _open_inside(root, _parts(name))
    except (OSError, ValueError) as error:
        raise _unreadable(name, error, (root or Path()) / name, inside=root is not None) from None
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _parts(name: str) -> tuple[str, ...]:
    """The folders and the file of a path that a spec names."""
    path = Path(name)
    if path.anchor or ".." in path.parts:
        raise _outside(f"{quote(name)} leaves the folder of the spec")
    if not path.parts:
        raise _outside(f"{quote(name)} names no file")
    return path.parts


def _open_inside(root: Path, parts: tuple[str, ...]) -> int:
    """Open a file under `root`, each folder on the way by its own name, so that no link can lead elsewhere."""
    if not _WALKS:
        return _open_resolved(root, parts)
    descriptor = os.open(root, _READ)
    for part in parts:
        folder = descriptor
        try:
            descriptor = os.open(part, _READ | _NO_LINK, dir_fd=folder)
        finally:
            os.close(folder)
    return descriptor


def _open_resolved(root: Path, parts: tuple[str, ...]) -> int:
    """The same where the system opens nothing relative to a folder: a link made after the look would be followed."""
    path = root.joinpath(*parts).resolve()
    if not path.is_relative_to(root.resolve()):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    return os.open(path, _READ)


def _read_file(descriptor: int, name: str, limits: Limits) -> bytes:
    status = os.fstat(descriptor)
    if stat.S_ISDIR(status.st_mode):
        raise _fault(f"{quote(name)} is a folder", hint="name a file in it")
    if not stat.S_ISREG(status.st_mode):
        raise _fault(f"{quote(name)} is no regular file", hint="`-` reads a spec from standard input")
    _check_size(status.st_size, name, limits)
    with open(descriptor, "rb", closefd=False) as stream:
        return _read_stream(stream, name, limits)


def _read_stream(stream: BinaryIO, name: str, limits: Limits) -> bytes:
    """All bytes, and no more than one over the limit: what is read may be endless, or grow."""
    data = bytearray()
    try:
        while len(data) <= limits.file_bytes and (chunk := stream.read(min(CHUNK, limits.file_bytes + 1 - len(data)))):
            data += chunk
    except OSError as error:
        raise _fault(f"{quote(name)} cannot be read: {error.strerror or error}") from None
    _check_size(len(data), name, limits)
    return bytes(data)


def _check_size(size: int, name: str, limits: Limits) -> None:
    limits.check("file_bytes", size, None, f"bytes in {quote(name)}")


def _decode(data: bytes, source: Source) -> Source:
    for mark, encoding in _OTHER_MARKS.items():
        if data.startswith(mark):
            raise _fault(f"{quote(source.name)} is {encoding}, not UTF-8", hint="save it as UTF-8")
    text = data.removeprefix(_UTF8_MARK)
    try:
        return replace(source, text=text.decode())
    except UnicodeDecodeError as error:
        raise _not_utf8(text, error, len(data) - len(text), source) from None


def _not_utf8(text: bytes, error: UnicodeDecodeError, skipped: int, source: Source) -> Fault:
    shown = replace(source, text=text.decode(errors="replace"))
    byte = text[error.start]
    return Fault(
        Diagnostic(
            code="E0101",
            message=f"{quote(source.name)} is not UTF-8: byte 0x{byte:02X} at offset {error.start + skipped}",
            span=point(shown, len(text[: error.start].decode())),
            hint="save it as UTF-8",
        )
    )


def _unreadable(name: str, error: OSError | ValueError, path: Path, *, inside: bool) -> Fault:
    if isinstance(error, ValueError):  # a NUL, or what the system's encoding of file names does not have
        return _fault(f"{quote(name)} is no name of a file")
    if inside and error.errno in (errno.ELOOP, errno.EMLINK):  # FreeBSD says EMLINK
        return _outside(f"{quote(name)} goes through a link")
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return _fault(f"there is no file {quote(name)}", hint=did_you_mean(path.name, _neighbours(path.parent)))
    return _fault(f"{quote(name)} cannot be read: {error.strerror}")


def _neighbours(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in islice(entries, MAX_NAMES)]
    except OSError:
        return []
    return sorted(name for name in names if name.endswith((".yaml", ".yml")))


def _fault(message: str, hint: str = "") -> Fault:
    return Fault(Diagnostic(code="E0101", message=message, hint=hint))


def _outside(message: str) -> Fault:
    hint = "a spec uses only files in its own folder and the folders below it"
    return Fault(Diagnostic(code="E0701", message=message, hint=hint))
