"""Files of strangers: whatever a spec and the folder around it hold, nothing outside is read and nothing is waited for.

Each test lays out a folder `specs` with a file `secret.yaml` beside it, which would be a good spec if it were reached.
"""

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Ask = Callable[..., dict[str, Any]]

HEAD = "archspec: 1\ninput: [N, 4]\n"
GOOD = f"{HEAD}model: [{{Linear: 7}}]\n"
USES = f"{HEAD}use: {{B: PATH}}\nmodel: [B]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the spec, with a good spec in it and another beside it."""
    (tmp_path / "secret.yaml").write_text(GOOD, encoding="utf-8")
    specs = tmp_path / "specs"
    (specs / "blocks").mkdir(parents=True)
    (specs / "good.yaml").write_text(GOOD, encoding="utf-8")
    (specs / "blocks" / "good.yaml").write_text(GOOD, encoding="utf-8")
    return specs


def refused(ask: Ask, folder: Path, path: str) -> list[list[Any]]:
    """The errors of a spec in the folder that uses a file."""
    (folder / "net.yaml").write_text(USES.replace("PATH", path), encoding="utf-8")
    answer = ask(path=folder / "net.yaml", folder=folder)
    assert "model" not in answer, answer
    found: list[list[Any]] = answer["errors"]
    return found


@pytest.mark.parametrize(
    "path",
    [
        "../secret.yaml",
        "./../secret.yaml",
        "blocks/../../secret.yaml",
        "blocks/../good.yaml",
        "./blocks/./../good.yaml",
        "/etc/passwd",
        "//etc/passwd",
        "/proc/self/environ",
        "/proc/self/fd/0",
        "/dev/zero",
        "/dev/stdin",
        "/tmp",
        "./",
        "./.",
        "./..",
        "'/etc/passwd\\0.yaml'",
        '"./\\0.yaml"',
        '"./a\\nb.yaml"',
        '"./\\e[2J.yaml"',
        '"./\\u202e.yaml"',
        "./nothing.yaml",
        "./good.yaml/good.yaml",
        "./blocks",
        "./~/good.yaml",
        "./$HOME/x.yaml",
        "./*.yaml",
        f"./{'x' * 300}.yaml",
        f"./{'x/' * 3000}x.yaml",
        "file:///etc/passwd",
        "http://127.0.0.1:9/x.yaml",
        r"..\secret.yaml",
        r"C:\secret.yaml",
        "\\\\host\\share\\x.yaml",
    ],
)
def test_a_path_that_leads_nowhere_good(path: str, folder: Path, ask: Ask) -> None:
    """A path that leaves the folder, or is no file in it, is refused at the line that names it."""
    assert refused(ask, folder, path) in ([["E0701", 3]], [["E0101", 3]], [["E0401", 3]])


@pytest.mark.parametrize("path", ["./good.yaml", "blocks/good.yaml", "./blocks/.//good.yaml"])
def test_a_path_that_may_be_used(path: str, folder: Path, ask: Ask) -> None:
    """A file in the folder, or below it, is used."""
    (folder / "net.yaml").write_text(USES.replace("PATH", path), encoding="utf-8")
    assert "out_features=7" in ask(path=folder / "net.yaml", folder=folder)["model"]


LINKS: dict[str, tuple[str, str]] = {
    "a file outside": ("link.yaml", "../secret.yaml"),
    "a file inside": ("link.yaml", "good.yaml"),
    "by its full path": ("link.yaml", "/etc/passwd"),
    "itself": ("link.yaml", "link.yaml"),
    "nothing": ("link.yaml", "nothing.yaml"),
    "a folder above": ("up", ".."),
    "the root": ("up", "/"),
    "what this process has open": ("link.yaml", "/proc/self/fd/0"),
    "a device": ("link.yaml", "/dev/zero"),
}


@pytest.mark.parametrize("name", LINKS)
def test_a_link(name: str, folder: Path, ask: Ask) -> None:
    """No link is followed, wherever it leads: neither as the file nor as a folder on the way."""
    link, target = LINKS[name]
    (folder / link).symlink_to(target)
    path = f"./{link}/secret.yaml" if link == "up" else f"./{link}"
    assert refused(ask, folder, path) == [["E0701", 3]]


def test_links_in_a_folder_below(folder: Path, ask: Ask) -> None:
    """A used file looks for its own files in its own folder, and follows no link there either."""
    (folder / "blocks" / "link.yaml").symlink_to("../../secret.yaml")
    (folder / "blocks" / "middle.yaml").write_text(USES.replace("PATH", "./link.yaml"), encoding="utf-8")
    assert refused(ask, folder, "./blocks/middle.yaml") == [["E0701", 3]]


def test_a_hard_link(folder: Path, ask: Ask) -> None:
    """A hard link is the file itself: who could make one could have copied it."""
    os.link(folder.parent / "secret.yaml", folder / "hard.yaml")
    (folder / "net.yaml").write_text(USES.replace("PATH", "./hard.yaml"), encoding="utf-8")
    assert "out_features=7" in ask(path=folder / "net.yaml", folder=folder)["model"]


def test_files_that_are_no_files(folder: Path, ask: Ask) -> None:
    """A FIFO that nobody writes to is not waited for; a socket and a folder with the name of a spec are no specs."""
    os.mkfifo(folder / "pipe.yaml")
    (folder / "folder.yaml").mkdir()
    with socket.socket(socket.AF_UNIX) as listener:
        before = Path.cwd()
        os.chdir(folder)  # the name of a socket has little room
        listener.bind("socket.yaml")
        os.chdir(before)
        for name in ("pipe.yaml", "folder.yaml", "socket.yaml", "pipe.yaml/x.yaml"):
            assert refused(ask, folder, f"./{name}") == [["E0101", 3]]
            if name != "pipe.yaml/x.yaml":
                assert ask(path=folder / name, folder=folder)["errors"] == [["E0101", None]]


def test_files_that_use_each_other(folder: Path, ask: Ask) -> None:
    """A circle of files is named whole, however it is written."""
    for here, there in (("a", "./b.yaml"), ("b", "./c.yaml"), ("c", "././a.yaml")):
        (folder / f"{here}.yaml").write_text(USES.replace("PATH", there), encoding="utf-8")
    answer = ask(path=folder / "a.yaml", folder=folder)
    assert answer["errors"] == [["E0702", 3]]
    assert "a.yaml → b.yaml → c.yaml → a.yaml" in answer["text"]
    (folder / "self.yaml").write_text("archspec: 1\nextends: ./self.yaml\n", encoding="utf-8")
    assert ask(path=folder / "self.yaml", folder=folder)["errors"][0] == ["E0702", 2]


def test_a_chain_of_files(folder: Path, ask: Ask) -> None:
    """Files that use files are opened as deep as the limit says."""
    for index in range(30):
        (folder / f"f{index}.yaml").write_text(USES.replace("PATH", f"./f{index + 1}.yaml"), encoding="utf-8")
    answer = ask(path=folder / "f0.yaml", folder=folder)
    assert answer["errors"] == [["E0801", 3]]
    assert "include_depth" in answer["text"]


def test_more_files_than_one_may_use(folder: Path, ask: Ask) -> None:
    """One spec opens no more files than the limit says."""
    for index in range(300):
        (folder / f"f{index}.yaml").write_text(GOOD, encoding="utf-8")
    uses = "".join(f"  B{index}: ./f{index}.yaml\n" for index in range(300))
    (folder / "net.yaml").write_text(f"{HEAD}model: [ReLU]\nuse:\n{uses}", encoding="utf-8")
    answer = ask(path=folder / "net.yaml", folder=folder)
    assert answer["raised"] == "LimitError"
    assert "(`include_files`)" in answer["text"]
    assert all(code == "E0801" for code, _ in answer["errors"])


def test_many_bytes_in_many_files(folder: Path, ask: Ask) -> None:
    """Files that are each as long as one may be are together no longer than the limit says."""
    for index in range(12):
        (folder / f"f{index}.yaml").write_text(f"{GOOD}# {'x' * 1_000_000}\n", encoding="utf-8")
    uses = "".join(f"  B{index}: ./f{index}.yaml\n" for index in range(12))
    (folder / "net.yaml").write_text(f"{HEAD}model: [ReLU]\nuse:\n{uses}", encoding="utf-8")
    assert "(`total_bytes`)" in ask(path=folder / "net.yaml", folder=folder)["text"]


def test_a_huge_file(folder: Path, ask: Ask) -> None:
    """A file of a terabyte, nearly all of it a hole, is refused by its length."""
    with (folder / "huge.yaml").open("wb") as file:
        file.truncate(1 << 40)
    assert ask(path=folder / "huge.yaml", folder=folder)["errors"] == [["E0801", None]]
    assert refused(ask, folder, "./huge.yaml") == [["E0801", 3]]


ENCODED: dict[str, tuple[bytes, str, int | None]] = {
    "UTF-16": (GOOD.encode("utf-16"), "E0101", None),
    "UTF-16, big endian": (b"\xfe\xff" + GOOD.encode("utf-16-be"), "E0101", None),
    "UTF-16 without a mark": (GOOD.encode("utf-16-le"), "E0106", 1),
    "UTF-32": (GOOD.encode("utf-32"), "E0101", None),
    "UTF-7": (b"archspec: 1\ninput: +AFs-N, 4]\nmodel: ReLU\n", "E0203", 2),
    "Latin-1": ("archspec: 1\nname: Größe\n".encode("latin-1"), "E0101", 2),
    "three marks": (b"\xef\xbb\xbf\xef\xbb\xbf\xef\xbb\xbf" + GOOD.encode(), "E0106", 1),
    "longer than it need be": (b"archspec: 1\nname: \xc0\xae\xc0\xae/\n", "E0101", 2),
    "a surrogate": (b"archspec: 1\nname: \xed\xa0\x80\n", "E0101", 2),
    "past the last character": (b"archspec: 1\nname: \xf5\x80\x80\x80\n", "E0101", 2),
    "cut off": (b"archspec: 1\nname: \xe2\x80", "E0101", 2),
    "nothing but nulls": (b"\0" * 100_000, "E0106", 1),
    "a picture": (b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "E0101", 1),
    "a program": (b"\x7fELF\x02\x01\x01" + b"\0" * 64, "E0106", 1),
    "an archive": (b"PK\x03\x04" + b"\0" * 64, "E0106", 1),
    "empty": (b"", "E0102", 1),
}


@pytest.mark.parametrize("name", ENCODED)
def test_bytes_that_are_no_spec(name: str, folder: Path, ask: Ask) -> None:
    """Bytes that are not UTF-8, or are no text, are refused at the first that is wrong."""
    data, code, line = ENCODED[name]
    (folder / "net.yaml").write_bytes(data)
    answer = ask(path=folder / "net.yaml", folder=folder)
    assert answer["errors"] == [[code, line]]


def test_a_byte_order_mark_of_utf_8(folder: Path, ask: Ask) -> None:
    """The mark that some editors write is no fault."""
    (folder / "net.yaml").write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert "out_features=7" in ask(path=folder / "net.yaml", folder=folder)["model"]


@pytest.mark.parametrize(
    "name", ["a\x1b[2Jb.yaml", "a\nb.yaml", "a\u202eb.yaml", "a b;`id`.yaml", "-rf.yaml", "<b>.yaml"]
)
def test_a_file_name_that_does_harm_where_it_is_shown(name: str, folder: Path, ask: Ask) -> None:
    """The name of a file is shown, and is the name of generated code: neither a terminal nor Python is misled."""
    (folder / name).write_text(GOOD.replace("7", "seven"), encoding="utf-8")
    assert ask(path=folder / name, folder=folder)["errors"] == [["E0304", 3]]
    (folder / name).write_text(f"{HEAD}model: {{a: {{Linear: 7}}}}\n", encoding="utf-8")
    assert "out_features=7" in ask(path=folder / name, folder=folder)["model"]
