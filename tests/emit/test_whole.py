"""Files that appear whole: only files are written over, and only what killed writers left is cleared away."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from archspec.emit import whole
from archspec.emit.whole import write_whole

fcntl = pytest.importorskip("fcntl", reason="folders are locked as POSIX does it")

LEFT = ".archspec-0123456789abcdef"


def hello(path: Path) -> None:
    """Fill a file."""
    path.write_bytes(b"hello")


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """What a writer that was killed leaves: its folder, with half a file."""
    folder = tmp_path / LEFT
    folder.mkdir()
    (folder / "net.yaml").write_bytes(b"hel")
    return folder


@pytest.fixture
def lock(left: Path) -> Iterator[int]:
    """The lock of the folder, as a writer that lives holds it."""
    descriptor = os.open(left, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    yield descriptor
    os.close(descriptor)


def test_leftovers_are_cleared_away(tmp_path: Path, left: Path) -> None:
    """The next writer into a folder removes what a killed one left there, whatever it writes itself."""
    assert write_whole(tmp_path / "other.json", hello, force=False) == 5
    assert not left.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["other.json"]


def test_a_writer_that_lives_keeps_its_folder(tmp_path: Path, left: Path, lock: int) -> None:
    """What is locked is in use, until the lock goes."""
    write_whole(tmp_path / "a", hello, force=False)
    assert (left / "net.yaml").read_bytes() == b"hel"
    fcntl.flock(lock, fcntl.LOCK_UN)
    write_whole(tmp_path / "b", hello, force=False)
    assert not left.exists()


@pytest.mark.parametrize("name", [".archspec-0123456789abcde", ".archspec-mine", "archspec-0123456789abcdef"])
def test_folders_of_others_are_not_touched(tmp_path: Path, name: str) -> None:
    """A folder that a writer cannot have made stays, with all that is in it."""
    (tmp_path / name).mkdir()
    (tmp_path / name / "mine").write_bytes(b"mine")
    write_whole(tmp_path / "a", hello, force=False)
    assert (tmp_path / name / "mine").read_bytes() == b"mine"


def test_links_and_files_of_that_name_are_not_followed(tmp_path: Path) -> None:
    """A name alone makes nothing a leftover: a link leads to what is somebody's, and a file is no folder of ours."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").write_bytes(b"mine")
    (tmp_path / LEFT).symlink_to("mine")
    (tmp_path / LEFT.replace("0", "f")).write_bytes(b"mine")
    write_whole(tmp_path / "a", hello, force=False)
    assert (tmp_path / LEFT / "file").read_bytes() == b"mine"
    assert (tmp_path / LEFT.replace("0", "f")).read_bytes() == b"mine"


def test_a_folder_inside_a_leftover_stays(tmp_path: Path, left: Path) -> None:
    """No writer makes one, so it is somebody's."""
    (left / "mine").mkdir()
    (left / "mine" / "file").write_bytes(b"mine")
    write_whole(tmp_path / "a", hello, force=False)
    assert (left / "mine" / "file").read_bytes() == b"mine"


@pytest.mark.parametrize("force", [True, False])
def test_nothing_but_a_file_is_written_over(tmp_path: Path, *, force: bool) -> None:
    """To root, a rename takes the place of a device or a pipe too, such as `/dev/null`: it is refused before that."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="it is no regular file"):
        write_whole(pipe, hello, force=force)
    assert pipe.is_fifo()
    assert [*tmp_path.iterdir()] == [pipe]


def test_a_pipe_that_appears_meanwhile_stays(tmp_path: Path) -> None:
    """The look is taken again when the file is about to get its name."""
    with pytest.raises(OSError, match="it is no regular file"):
        write_whole(tmp_path / "pipe", lambda path: (hello(path), os.mkfifo(tmp_path / "pipe"))[0], force=True)
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_appears_meanwhile_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, links: bool) -> None:
    """Without `force` nothing is written over, not even what was not there at first; with links or without."""

    def refuse(*_: object) -> None:
        raise PermissionError

    def fill(path: Path) -> None:
        hello(path)
        (tmp_path / "a").write_bytes(b"theirs")

    if not links:
        monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(FileExistsError):
        write_whole(tmp_path / "a", fill, force=False)
    assert (tmp_path / "a").read_bytes() == b"theirs"
    (tmp_path / "a").unlink()
    assert write_whole(tmp_path / "a", hello, force=False) == 5


def test_without_locks_nothing_is_cleared_away(tmp_path: Path, left: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a file system that locks no folders nobody can tell who lives, so writers leave each other alone."""

    def refuse(*_: object) -> None:
        raise OSError(9, "Bad file descriptor")

    monkeypatch.setattr(fcntl, "flock", refuse)
    assert write_whole(tmp_path / "a", hello, force=False) == 5
    assert sorted(path.name for path in tmp_path.iterdir()) == [LEFT, "a"]
    assert left.exists()


def test_a_folder_that_is_taken_for_a_leftover_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between making its folder and locking it a writer may lose it to another one; then it makes a new one."""
    locked, lost = whole._locked, []

    def lose(folder: Path) -> int | None:
        if not lost:
            lost.append(folder)
            folder.rmdir()
        return locked(folder)

    monkeypatch.setattr(whole, "_locked", lose)
    assert write_whole(tmp_path / "a", hello, force=False) == 5
    assert lost
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_who_may_read_a_file_can_be_said(tmp_path: Path) -> None:
    """A file that takes the place of another may keep its permissions."""
    write_whole(tmp_path / "a", hello, force=False, mode=0o600)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600
