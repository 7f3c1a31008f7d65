"""What does not fit is listed: every kind of difference, with the nearest name, in few lines."""

import time

import torch

from archspec.weights.mismatch import describe_mismatch, without_prefix


def tensors(*names: str, shape: tuple[int, ...] = (2,)) -> dict[str, torch.Tensor]:
    """Tensors of one shape by name."""
    return {name: torch.zeros(shape) for name in names}


def test_what_fits_is_nothing_to_say() -> None:
    """The order does not matter, nor does the precision."""
    assert describe_mismatch(tensors("a", "b"), {**tensors("b"), "a": torch.zeros(2, dtype=torch.float64)}) == ""


def test_every_kind_of_difference_is_listed() -> None:
    """Names that one side has alone, with the nearest of the same shape, then shapes, then kinds of numbers."""
    model = tensors("conv1.weight", "fc.weight", "fc.bias", "norm.steps", "head.bias")
    file = {
        **tensors("conv1.wieght", "fc.bias", "extra"),
        "fc.weight": torch.zeros(3, 2),
        "norm.steps": torch.zeros(2, dtype=torch.int64),
    }
    assert describe_mismatch(model, file) == (
        "missing: the model has them and the file does not (2)\n"
        "  `conv1.weight`  the file has `conv1.wieght`\n"
        "  `head.bias`\n"
        "unexpected: the file has them and the model does not (2)\n"
        "  `conv1.wieght`  the model has `conv1.weight`\n"
        "  `extra`\n"
        "of another shape (1)\n"
        "  `fc.weight`  3×2 in the file, not 2\n"
        "of another kind (1)\n"
        "  `norm.steps`  integers in the file, not floats"
    )


def test_long_names_have_what_is_said_of_them_below() -> None:
    """No line that could be shorter is wider than a terminal of 80 columns."""
    name = "features.denseblock4.denselayer16.norm{}.weight"
    text = describe_mismatch(tensors(name.format(1)), tensors(name.format(".1")))
    assert text == (
        "missing: the model has them and the file does not (1)\n"
        "  `features.denseblock4.denselayer16.norm1.weight`\n"
        "    the file has `features.denseblock4.denselayer16.norm.1.weight`\n"
        "unexpected: the file has them and the model does not (1)\n"
        "  `features.denseblock4.denselayer16.norm.1.weight`\n"
        "    the model has `features.denseblock4.denselayer16.norm1.weight`"
    )


def test_a_prefix_of_all_keys_is_said_once() -> None:
    """With what wrote it, where that is known; the rest is then compared under the names of the model."""
    model = tensors("a.weight", "b.weight", "b.bias")
    save = "  save `model.{0}state_dict()` instead, or remove `{0}` from each key"
    prefixes = {
        "module.": f", as DistributedDataParallel writes them:\n{save.format('module.')}",
        "_orig_mod.": f", as torch.compile writes them:\n{save.format('_orig_mod.')}",
        "backbone.body.": ", and those of the model do not",
    }
    wrapped: dict[str, torch.Tensor] = {}
    for prefix, more in prefixes.items():
        said = f"the keys of the file begin with `{prefix}`{more}"
        wrapped = {f"{prefix}{name}": tensor for name, tensor in model.items()}
        text, found = without_prefix(model, wrapped)
        assert (text, list(found)) == (said, list(model))
    text, found = without_prefix(wrapped, model)
    assert text == "the keys of the model begin with `backbone.body.`, and those of the file do not"
    assert list(found) == list(wrapped)


def test_a_prefix_is_seen_beside_other_differences() -> None:
    """A key that is missing hides nothing; a key without the prefix, or few that match, are no prefix."""
    model = tensors("a.weight", "b.weight", "b.bias")
    text, found = without_prefix(model, tensors("module.b.weight", "module.b.bias", "module.c"))
    assert text.startswith("the keys of the file begin with `module.`")
    assert list(found) == ["b.weight", "b.bias", "c"]
    for names in (("module.a.weight", "module.b.weight", "b.bias"), ("x.b.bias", "x.c", "x.d"), ("a.weight",), ()):
        file = tensors(*names)
        text, found = without_prefix(model, file)
        assert text == ""
        assert found is file


def test_the_first_twenty_are_shown() -> None:
    """And how many more there are; a key is cut where it would fill the screen, and harmless to print."""
    names = [f"layer{index}" for index in range(1_030)]
    lines = describe_mismatch(tensors(*names), {}).splitlines()
    assert len(lines) == 22
    assert lines[0] == "missing: the model has them and the file does not (1,030)"
    assert lines[-1] == "  … and 1,010 more"
    hostile = describe_mismatch({}, tensors("x" * 1_000_000, "\x1b[31m"))
    assert hostile.splitlines()[1] == f"  `{'x' * 99}…`"
    assert hostile.splitlines()[2] == "  `\\x1b[31m`"


def test_it_does_not_take_long() -> None:
    """However many names there are on both sides."""
    start = time.perf_counter()
    model = tensors(*(f"block{index}.attention.output.weight" for index in range(20_000)))
    file = tensors(*(f"layers.{index}.attention.out.weight" for index in range(20_000)))
    assert len(describe_mismatch(model, file).splitlines()) < 90
    assert time.perf_counter() - start < 10
