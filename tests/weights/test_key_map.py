"""Key maps: a JSON file of old and new names renames the keys of a checkpoint, strictly."""

from pathlib import Path

import pytest
from safetensors.torch import save_file

import archspec
from archspec.errors import LimitFault, UsageError, WeightsError
from archspec.limits import Limits
from archspec.weights.key_map import read_key_map

NET = "archspec: 1\nname: Net\ninput: [N, 4]\nmodel: {new: {Linear: 2}}\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Weights under other names."""
    state = archspec.build(NET).state_dict()
    path = tmp_path / "old.safetensors"
    save_file({name.replace("new", "old"): value for name, value in state.items()}, path)
    return path


def _load(file: Path, names: dict[str, str]) -> None:
    compilation = archspec.compile(NET)
    compilation.build(weights=compilation.checkpoint(file, key_map=names))


def test_keys_get_their_new_names(file: Path) -> None:
    """All that the map names, and no other."""
    _load(file, {"old.weight": "new.weight", "old.bias": "new.bias"})
    with pytest.raises(WeightsError, match=r"`old.bias`  the model has `new.bias`"):
        _load(file, {"old.weight": "new.weight"})


def test_a_key_that_is_not_there_is_refused(file: Path) -> None:
    """A map of another file would else be followed in part, in silence."""
    with pytest.raises(WeightsError) as caught:
        _load(file, {"old.weights": "new.weight", "old.bias": "new.bias"})
    assert str(caught.value) == (
        f"the key map names keys that `{file}` does not have (1)\n  `old.weights`: did you mean `old.weight`?"
    )


def test_two_keys_cannot_become_one(file: Path) -> None:
    """The error names both."""
    with pytest.raises(WeightsError, match=r"has `.*` and `.*`, which the key map both calls `new.weight`"):
        _load(file, {"old.weight": "new.weight", "old.bias": "new.weight"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[1]", "is no JSON object of old and new keys, such as"),
        ('{"a": 1}', "is no JSON object of old and new keys, such as"),
        ('{"a": "b"', "Expecting ',' delimiter"),
        ('{"a": "b", "a": "c"}', "`a` is there twice"),
        ("[" * 100_000, "is no JSON object of old and new keys, such as"),
    ],
)
def test_a_file_that_is_no_map_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """With what is wrong and what a map looks like."""
    path = tmp_path / "map.json"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        read_key_map(path, Limits())
    assert said in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """As the system says it."""
    with pytest.raises(UsageError, match=r"the key map `.*none.json` cannot be read: No such file or directory"):
        read_key_map(tmp_path / "none.json", Limits())


def test_a_map_is_read_whole_within_a_limit(tmp_path: Path) -> None:
    """A file without an end is not read to it."""
    path = tmp_path / "map.json"
    path.write_text(" " * 100)
    with pytest.raises(LimitFault):
        read_key_map(path, Limits(safetensors_header_bytes=99))
