"""The files that a spec is made of."""

from pathlib import Path

from archspec.limits import DEFAULT_LIMITS
from archspec.spec.files import files_of


def _written(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def _names(folder: Path, name: str) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in files_of(folder / name, DEFAULT_LIMITS)]


def test_what_files_name_is_followed(tmp_path: Path) -> None:
    """`extends`, `use`, and what is extended where it is used; what ships is left out, a circle ends."""
    _written(
        tmp_path,
        {
            "a.yaml": "extends: b.yaml\nuse: {X: ./sub/c.yaml, Y: resnet50, Z: {extends: ./d.yaml, patch: {}}, W: 3}\n",
            "b.yaml": "use: {A: ./a.yaml}\n",
            "sub/c.yaml": "extends: ./e.yaml\n",
            "sub/e.yaml": "extends: [1]\nuse: [2]\n",
        },
    )
    assert _names(tmp_path, "a.yaml") == ["a.yaml", "b.yaml", "sub/c.yaml", "d.yaml", "sub/e.yaml"]


def test_what_is_no_spec_names_nothing(tmp_path: Path) -> None:
    """A text that is broken, is no mapping or is not there is a file all the same."""
    _written(tmp_path, {"a.yaml": "extends: [\n", "b.yaml": "- 1\n"})
    assert [_names(tmp_path, name) for name in ("a.yaml", "b.yaml", "c.yaml")] == [["a.yaml"], ["b.yaml"], ["c.yaml"]]
