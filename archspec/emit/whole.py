"""Files that appear whole: in come a path and what fills a file, out goes that file, or nothing.

A file is filled in a folder of its own beside the target, then moved. The writer holds a lock on the folder, which the
system lets go when the writer is killed: so the next writer knows what it may clear away.
"""

import errno
import os
import re
import secrets
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

if sys.platform != "win32":
    import fcntl

__all__ = ["write_whole"]

_PREFIX = ".archspec-"
_FOLDER = re.compile(re.escape(_PREFIX) + "[0-9a-f]{16}")


def write_whole(target: Path, fill: Callable[[Path], None], *, force: bool, mode: int | None = None) -> int:
    """Let `fill` write a file that nobody else sees, then put it in the target's place.

    What killed writers left in the target's folder is removed, where the system can lock folders.

    Args:
        target: the file.
        fill: writes to the path that it is given.
        force: whether a file that exists is written over.
        mode: who may read and write the file; by default whoever may with any new file.

    Returns:
        How many bytes it has.

    Raises:
        FileExistsError: something is there, perhaps only since `fill` began, and is not to be written over.
        OSError: the disk refuses, or a folder, a device or a pipe is there, whose place no file may take.
    """
    _check_place(target)
    _clear_leftovers(target.parent)
    with _own_folder(target.parent) as folder:
        temporary = folder / target.name
        usual = _created(temporary)
        fill(temporary)
        temporary.chmod(usual if mode is None else mode)  # safetensors puts a file there that only its owner may read
        size = _synced(temporary)
        _move(temporary, target, force=force)
    _sync_folder(target.parent)
    return size


def _check_place(target: Path) -> None:
    """Refuse to rename over anything but a file: to root, the system would let even `/dev/null` be replaced."""
    if target.exists() and not target.is_file():
        raise OSError(errno.EINVAL, "it is no regular file")


@contextmanager
def _own_folder(parent: Path) -> Iterator[Path]:
    """A folder that no other writer touches, and that is gone afterwards."""
    folder, lock = _made_folder(parent)
    try:
        yield folder
    finally:
        with suppress(OSError):  # what cannot be removed is left to the next writer
            _remove(folder, lock)
        if lock is not None:
            os.close(lock)


def _made_folder(parent: Path) -> tuple[Path, int | None]:
    """A new folder with its lock."""
    while True:
        folder = parent / f"{_PREFIX}{secrets.token_hex(8)}"
        folder.mkdir(mode=0o700)
        with suppress(BlockingIOError, FileNotFoundError):  # somebody took it for a leftover before it was locked
            return folder, _locked(folder)


def _locked(folder: Path) -> int | None:
    """The descriptor that holds the lock of a folder; None where the system, or the file system, has no such locks.

    Raises:
        BlockingIOError: another writer holds it.
        FileNotFoundError: the folder is gone.
        OSError: it is no folder that may be read.
    """
    if sys.platform == "win32":
        return None
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        folder.stat()
    except OSError as error:
        os.close(descriptor)
        if error.errno in (errno.EAGAIN, errno.ENOENT):
            raise
        return None
    return descriptor


def _clear_leftovers(parent: Path) -> None:
    """Remove the folders of writers that are no more; what cannot be removed stays."""
    for name in _names(parent):
        with suppress(OSError):
            _clear(parent / name)


def _names(parent: Path) -> list[str]:
    with suppress(OSError), os.scandir(parent) as entries:
        return [entry.name for entry in entries if _FOLDER.fullmatch(entry.name)]
    return []


def _clear(folder: Path) -> None:
    lock = _locked(folder)
    if lock is None:
        return
    try:
        if os.fstat(lock).st_uid == os.geteuid():
            _remove(folder, lock)
    finally:
        os.close(lock)


def _remove(folder: Path, lock: int | None) -> None:
    """Remove a folder and the files in it; by its lock, since its name may mean another by now. Folders in it stay."""
    for name in os.listdir(folder if lock is None else lock):  # noqa: PTH208 - a Path has no descriptor
        os.unlink(folder / name if lock is None else name, dir_fd=lock)
    folder.rmdir()


def _created(path: Path) -> int:
    """Make an empty file; gives who may read and write it, as the caller's umask has it."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        return stat.S_IMODE(os.fstat(descriptor).st_mode)
    finally:
        os.close(descriptor)


def _synced(path: Path) -> int:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
        return os.fstat(file.fileno()).st_size


def _move(temporary: Path, target: Path, *, force: bool) -> None:
    """Give the file its name. A link, unlike a rename, never takes the place of what is there."""
    _check_place(target)
    if force:
        temporary.replace(target)
        return
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
        temporary.replace(target)


def _sync_folder(folder: Path) -> None:
    """Have the new name on the disk too, where the system can do that."""
    if os.name != "posix":
        return
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
