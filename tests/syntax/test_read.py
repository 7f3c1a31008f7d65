"""`archspec.syntax.read`."""

import errno
import io
import os
import socket
import time
from pathlib import Path

import pytest

from archspec.errors import Fault, LimitFault
from archspec.limits import DEFAULT_LIMITS, Limits
from archspec.source import Source
from archspec.syntax import read
from archspec.syntax.read import read_source, read_stdin

TEXT = "name: Ä\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with a spec in it and one outside it."""
    inside = tmp_path / "specs"
    (inside / "blocks").mkdir(parents=True)
    (inside / "net.yaml").write_text(TEXT, encoding="utf-8")
    (inside / "blocks" / "stem.yaml").write_text("stem: 1\n", encoding="utf-8")
    (tmp_path / "secret.yaml").write_text("secret: 1\n", encoding="utf-8")
    monkeypatch.chdir(inside)
    return inside


def refusal(path: str | os.PathLike[str], root: Path | None = None, limits: Limits = DEFAULT_LIMITS) -> str:
    """The whole message about a file."""
    with pytest.raises(Fault) as caught:
        read_source(path, root=root, limits=limits)
    return str(caught.value.diagnostic)


def open_descriptors() -> set[str]:
    """The numbers of the files that this process has open."""
    return {entry.name for entry in Path("/proc/self/fd").iterdir()}


@pytest.mark.usefixtures("folder")
class TestFilesThatTheUserNames:
    """`read_source` without `root`."""

    def test_a_file(self, folder: Path) -> None:
        """The source has the text, the name as given and the path."""
        assert read_source("net.yaml") == Source(name="net.yaml", text=TEXT, path=Path("net.yaml"))
        assert read_source(folder / "net.yaml").name == str(folder / "net.yaml")
        assert read_source("../secret.yaml").text == "secret: 1\n"

    def test_line_breaks_are_kept(self, folder: Path) -> None:
        """The text is what the file holds: places count the same for every reader."""
        (folder / "crlf.yaml").write_bytes(b"a: 1\r\nb: 2\rc: 3\n")
        assert read_source("crlf.yaml").text == "a: 1\r\nb: 2\rc: 3\n"

    def test_links_are_followed(self, folder: Path) -> None:
        """A user may link to a file wherever it lies."""
        (folder / "link.yaml").symlink_to("../secret.yaml")
        assert read_source("link.yaml").text == "secret: 1\n"

    def test_no_such_file(self) -> None:
        """A file that is not there is named, with the one that was meant."""
        assert refusal("net.yml") == "error[E0101]: there is no file `net.yml`\n = help: did you mean `net.yaml`?"
        assert refusal("blocks/stme.yaml") == (
            "error[E0101]: there is no file `blocks/stme.yaml`\n = help: did you mean `stem.yaml`?"
        )

    @pytest.mark.parametrize("path", ["nowhere/net.yaml", "net.yaml/net.yaml", "zzz", ""])
    def test_no_such_file_and_none_like_it(self, path: str) -> None:
        """Without anything near there is no suggestion."""
        assert refusal(path) == f"error[E0101]: there is no file `{path}`"

    def test_a_folder(self) -> None:
        """A folder is no spec."""
        assert refusal("blocks") == "error[E0101]: `blocks` is a folder\n = help: name a file in it"

    def test_a_name_that_no_file_can_have(self) -> None:
        """A NUL in a name is a fault, not a crash, and is shown as an escape."""
        assert refusal("a\0b") == "error[E0101]: `a\\x00b` is no name of a file"

    def test_a_name_too_long(self) -> None:
        """What else the system refuses is told in its words, and cut short."""
        message = refusal("x" * 5_000)
        assert message.startswith("error[E0101]: `xxx")
        assert message.endswith(f"…` cannot be read: {os.strerror(errno.ENAMETOOLONG)}")

    def test_a_link_to_itself(self, folder: Path) -> None:
        """A circle of links is told in the system's words."""
        (folder / "loop.yaml").symlink_to("loop.yaml")
        assert refusal("loop.yaml") == f"error[E0101]: `loop.yaml` cannot be read: {os.strerror(errno.ELOOP)}"

    def test_no_permission(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A file that may not be read is told in the system's words."""

        def refuse(*_: object, **__: object) -> int:
            raise PermissionError(errno.EACCES, "Permission denied")

        monkeypatch.setattr(read.os, "open", refuse)
        assert refusal("net.yaml") == "error[E0101]: `net.yaml` cannot be read: Permission denied"

    def test_a_fifo_is_not_waited_for(self, folder: Path) -> None:
        """Nobody writes to the FIFO: it is refused at once."""
        os.mkfifo(folder / "pipe.yaml")
        started = time.perf_counter()
        assert refusal("pipe.yaml") == (
            "error[E0101]: `pipe.yaml` is no regular file\n = help: `-` reads a spec from standard input"
        )
        assert time.perf_counter() - started < 1

    @pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
    def test_a_device_is_not_read(self, device: str) -> None:
        """An endless device costs nothing."""
        assert "is no regular file" in refusal(device)

    def test_a_socket(self, folder: Path) -> None:
        """A socket in the folder is a fault like any other."""
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(folder / "s.yaml"))
            assert refusal("s.yaml").startswith("error[E0101]: `s.yaml` cannot be read: ")

    def test_no_descriptor_is_left_open(self, folder: Path) -> None:
        """Neither a good file nor a bad one keeps a descriptor."""
        before = open_descriptors()
        read_source("net.yaml")
        read_source("blocks/stem.yaml", root=folder)
        for bad in ("blocks", "/dev/null", "none.yaml"):
            refusal(bad)
        for bad in ("blocks", "blocks/none.yaml", "net.yaml/x", "none/x"):
            refusal(bad, root=folder)
        assert open_descriptors() == before


class TestFilesThatASpecNames:
    """`read_source` with `root`."""

    @pytest.mark.parametrize("path", ["blocks/stem.yaml", "./blocks/stem.yaml", "./blocks/.//stem.yaml"])
    def test_a_file_below(self, folder: Path, path: str) -> None:
        """The path is relative to the root; the name stays as given."""
        expected = Source(name=path, text="stem: 1\n", path=folder / "blocks" / "stem.yaml")
        assert read_source(path, root=folder) == expected

    @pytest.mark.parametrize("path", ["../secret.yaml", "blocks/../../secret.yaml", "blocks/../net.yaml", ".."])
    def test_parent_folders_are_refused(self, folder: Path, path: str) -> None:
        """`..` is refused wherever it stands, even where it would stay inside."""
        assert refusal(path, root=folder) == (
            f"error[E0701]: `{path}` leaves the folder of the spec\n"
            " = help: a spec uses only files in its own folder and the folders below it"
        )

    def test_absolute_paths_are_refused(self, folder: Path) -> None:
        """An absolute path is refused, even one of a file inside."""
        assert "leaves the folder of the spec" in refusal("/etc/passwd", root=folder)
        assert "leaves the folder of the spec" in refusal(folder / "net.yaml", root=folder)

    @pytest.mark.parametrize("path", ["", ".", "./"])
    def test_no_file_at_all(self, folder: Path, path: str) -> None:
        """The root itself is no file."""
        assert f"`{path}` names no file" in refusal(path, root=folder)

    def test_links_are_refused(self, folder: Path) -> None:
        """No link is followed: not to a file outside, not to one inside, not to a folder on the way."""
        (folder / "out.yaml").symlink_to("../secret.yaml")
        (folder / "in.yaml").symlink_to("net.yaml")
        (folder / "up").symlink_to("..")
        (folder / "blocks" / "deep").symlink_to("/")
        for path in ("out.yaml", "in.yaml", "up/secret.yaml", "blocks/deep/etc/passwd"):
            assert refusal(path, root=folder) == (
                f"error[E0701]: `{path}` goes through a link\n"
                " = help: a spec uses only files in its own folder and the folders below it"
            )

    def test_the_root_may_be_a_link(self, folder: Path, tmp_path: Path) -> None:
        """The user chose the root, by whatever way."""
        (tmp_path / "link").symlink_to(folder)
        assert read_source("net.yaml", root=tmp_path / "link").text == TEXT

    def test_no_such_file(self, folder: Path) -> None:
        """A file that is not there gets the same help as one the user named."""
        assert refusal("./blocks/stme.yaml", root=folder) == (
            "error[E0101]: there is no file `./blocks/stme.yaml`\n = help: did you mean `stem.yaml`?"
        )
        assert refusal("net.yaml/x.yaml", root=folder) == "error[E0101]: there is no file `net.yaml/x.yaml`"

    def test_a_fifo_is_not_waited_for(self, folder: Path) -> None:
        """Neither as the file nor as a folder on the way."""
        os.mkfifo(folder / "pipe")
        assert "`pipe` is no regular file" in refusal("pipe", root=folder)
        assert "there is no file `pipe/net.yaml`" in refusal("pipe/net.yaml", root=folder)

    def test_without_openat(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where the system opens nothing relative to a folder, a link that leads outside is refused all the same."""
        monkeypatch.setattr(read, "_WALKS", False)
        (folder / "out.yaml").symlink_to("../secret.yaml")
        assert read_source("blocks/stem.yaml", root=folder).text == "stem: 1\n"
        assert "`out.yaml` goes through a link" in refusal("out.yaml", root=folder)


@pytest.mark.usefixtures("folder")
class TestSize:
    """The limit `file_bytes`."""

    @pytest.mark.parametrize("allowed", [9, 10])
    def test_within(self, allowed: int) -> None:
        """A file of as many bytes as allowed, or fewer, is read."""
        assert read_source("net.yaml", limits=Limits(file_bytes=allowed)).text == TEXT

    def test_over(self) -> None:
        """One byte more is refused; the message says what would be enough."""
        with pytest.raises(LimitFault) as caught:
            read_source("net.yaml", limits=Limits(file_bytes=8))
        assert str(caught.value.diagnostic) == (
            "error[E0801]: bytes in `net.yaml`: 9 is over the limit of 8 (`file_bytes`)\n"
            " = help: if you trust this spec, raise it: --limit file_bytes=9 or Limits(file_bytes=9)\n"
            " = note: why there is a limit: a spec is read whole"
        )

    def test_the_message_names_the_size_that_would_do(self, folder: Path) -> None:
        """However long the file is, one `--limit` is enough."""
        (folder / "long.yaml").write_text("x" * 1_000, encoding="utf-8")
        message = refusal("long.yaml", limits=Limits(file_bytes=8))
        assert "1,000 is over the limit of 8" in message
        assert "--limit file_bytes=1000 " in message

    def test_a_file_longer_than_it_says(self) -> None:
        """A file that claims to be empty is still read no further than the limit."""
        with pytest.raises(LimitFault):
            read_source("/proc/self/status", limits=Limits(file_bytes=10))

    def test_an_error_while_reading(self) -> None:
        """A disk that fails is a fault of the file."""
        assert refusal("/proc/self/mem") == f"error[E0101]: `/proc/self/mem` cannot be read: {os.strerror(errno.EIO)}"


@pytest.mark.usefixtures("folder")
class TestEncoding:
    """Strict UTF-8."""

    def test_a_byte_order_mark_is_no_text(self, folder: Path) -> None:
        """The mark that some editors write is taken off."""
        (folder / "bom.yaml").write_bytes(b"\xef\xbb\xbfa: 1\n")
        assert read_source("bom.yaml").text == "a: 1\n"

    @pytest.mark.parametrize(
        ("encoding", "name"),
        [("utf-16", "UTF-16"), ("utf-32", "UTF-32")],
    )
    def test_other_unicode_encodings(self, folder: Path, encoding: str, name: str) -> None:
        """UTF-16 and UTF-32 are named for what they are."""
        (folder / "wide.yaml").write_bytes("a: 1\n".encode(encoding))
        assert refusal("wide.yaml") == f"error[E0101]: `wide.yaml` is {name}, not UTF-8\n = help: save it as UTF-8"

    @pytest.mark.parametrize(("mark", "name"), [(b"\xfe\xff", "UTF-16"), (b"\x00\x00\xfe\xff", "UTF-32")])
    def test_big_endian_marks(self, folder: Path, mark: bytes, name: str) -> None:
        """The marks of either byte order are known."""
        (folder / "wide.yaml").write_bytes(mark + b"\x00a")
        assert f"is {name}, not UTF-8" in refusal("wide.yaml")

    def test_latin_1(self, folder: Path) -> None:
        """The first byte that is not UTF-8 is given with offset, line and column."""
        (folder / "latin.yaml").write_bytes("a: Ä\n".encode() + "b: naïve\n".encode("latin-1"))
        assert refusal("latin.yaml") == (
            "latin.yaml:2:6: error[E0101]: `latin.yaml` is not UTF-8: byte 0xEF at offset 11\n"
            "  |\n"
            "2 | b: na�ve\n"
            "  |      ^\n"
            "  = help: save it as UTF-8"
        )

    @pytest.mark.parametrize(
        ("data", "place"),
        [
            (b"\xef\xbb\xbfa\xff", "byte 0xFF at offset 4"),  # after a byte order mark
            (b"ab\xc3", "byte 0xC3 at offset 2"),  # cut off
            (b"\xc0\xaf", "byte 0xC0 at offset 0"),  # longer than it need be
            (b"a\xed\xa0\x80", "byte 0xED at offset 1"),  # a surrogate
            (b"\xf5\x80\x80\x80", "byte 0xF5 at offset 0"),  # past U+10FFFF
        ],
    )
    def test_bytes_that_lenient_decoders_take(self, folder: Path, data: bytes, place: str) -> None:
        """Decoding is strict, and offsets count from the start of the file."""
        (folder / "bad.yaml").write_bytes(data)
        assert place in refusal("bad.yaml")


class TestStandardInput:
    """`read_stdin`."""

    def test_a_stream(self) -> None:
        """The source is called `<stdin>` and is in no folder."""
        source = read_stdin(io.BytesIO(TEXT.encode()), DEFAULT_LIMITS)
        assert source == Source(name="<stdin>", text=TEXT)
        assert source.folder is None

    @pytest.mark.parametrize("allowed", [9, 10])
    def test_within_the_limit(self, allowed: int) -> None:
        """A stream of as many bytes as allowed, or fewer, is read."""
        assert read_stdin(io.BytesIO(TEXT.encode()), Limits(file_bytes=allowed)).text == TEXT

    def test_over_the_limit(self) -> None:
        """One byte more is refused."""
        with pytest.raises(LimitFault, match="bytes in `<stdin>`: 9 is over the limit of 8"):
            read_stdin(io.BytesIO(TEXT.encode()), Limits(file_bytes=8))

    def test_an_endless_stream(self) -> None:
        """No more is read than the limit and one byte."""
        with open("/dev/zero", "rb") as stream, pytest.raises(LimitFault, match="1,048,577 is over"):  # noqa: PTH123
            read_stdin(stream, DEFAULT_LIMITS)

    def test_not_utf_8(self) -> None:
        """What is wrong with the bytes has its place, as in a file."""
        with pytest.raises(Fault) as caught:
            read_stdin(io.BytesIO(b"a: \xe9"), DEFAULT_LIMITS)
        assert str(caught.value.diagnostic).startswith(
            "<stdin>:1:4: error[E0101]: `<stdin>` is not UTF-8: byte 0xE9 at offset 3"
        )
