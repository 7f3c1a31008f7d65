"""What does not fit: in come the tensors of a model and of a checkpoint by name, out goes the text that lists it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from archspec.diagnostic import quote
from archspec.suggest import closest

if TYPE_CHECKING:
    import torch

__all__ = ["describe_mismatch", "kind_of", "without_prefix"]

SHOWN_KEYS = 20
SHOWN_LENGTH = 100  # characters of one key
SHOWN_DIMENSIONS = 8
LINE = 80

_WRAPPERS = {
    "module.": "DistributedDataParallel",
    "_orig_mod.": "torch.compile",
}

_Tensors = Mapping[str, "torch.Tensor"]
_Line = tuple[str, str]


def without_prefix(model: _Tensors, checkpoint: _Tensors) -> tuple[str, _Tensors]:
    """A checkpoint under the names of the model, where all its names differ by what they begin with, and what that is.

    The text is empty where nothing was changed.
    """
    before, extra = _prefix(model, checkpoint), _prefix(checkpoint, model)
    if before:
        return _said_once(before), {name.removeprefix(before): tensor for name, tensor in checkpoint.items()}
    if extra:
        text = f"the keys of the model begin with {quote(extra)}, and those of the file do not"
        return text, {extra + name: tensor for name, tensor in checkpoint.items()}
    return "", checkpoint


def describe_mismatch(model: _Tensors, checkpoint: _Tensors) -> str:
    """What is wrong, line by line, or nothing where the two have the same names, shapes and kinds of numbers."""
    missing = [name for name in model if name not in checkpoint]
    unexpected = [name for name in checkpoint if name not in model]
    both = [name for name in model if name in checkpoint]
    near = _nearest(model, checkpoint)
    lines = _listed("missing: the model has them and the file does not", missing, near(unexpected, "the file has"))
    lines += _listed("unexpected: the file has them and the model does not", unexpected, near(missing, "the model has"))
    lines += _differing("of another shape", both, lambda name: [_shape(model[name]), _shape(checkpoint[name])])
    lines += _differing("of another kind", both, lambda name: [kind_of(model[name]), kind_of(checkpoint[name])])
    return "\n".join(lines)


def kind_of(tensor: "torch.Tensor") -> str:
    """What kind of numbers a tensor holds: within one kind they are converted, between kinds they are not."""
    if tensor.is_complex():
        return "complex numbers"
    if tensor.is_floating_point():
        return "floats"
    return "booleans" if str(tensor.dtype) == "torch.bool" else "integers"


def _prefix(ours: _Tensors, theirs: _Tensors) -> str:
    """What all the names of `theirs` begin with beyond those of `ours`, where most of them are the same otherwise."""
    for name in islice(ours, SHOWN_KEYS):
        for other in () if name in theirs else theirs:
            prefix = other.removesuffix(name)
            if prefix != other and prefix.endswith(".") and all(key.startswith(prefix) for key in theirs):
                same = sum(prefix + key in theirs for key in ours)
                return prefix if same * 2 > len(ours) else ""
    return ""


def _said_once(prefix: str) -> str:
    wrapper = next((name for word, name in _WRAPPERS.items() if prefix.startswith(word)), "")
    if not wrapper:
        return f"the keys of the file begin with {quote(prefix)}, and those of the model do not"
    return (
        f"the keys of the file begin with {quote(prefix)}, as {wrapper} writes them:\n"
        f"  save {quote(f'model.{prefix}state_dict()')} instead, or remove {quote(prefix)} from each key"
    )


def _nearest(model: _Tensors, checkpoint: _Tensors) -> Callable[[Sequence[str], str], Callable[[str], str]]:
    """Gives what says which of some names is nearest to another, of those whose tensors have the same shape."""

    def near(names: Sequence[str], words: str) -> Callable[[str], str]:
        by_shape: dict[str, list[str]] = {}
        for name in names:
            if len(name) <= SHOWN_LENGTH:
                by_shape.setdefault(_shape((checkpoint if name in checkpoint else model)[name]), []).append(name)

        def say(name: str) -> str:
            tensor = model[name] if name in model else checkpoint[name]
            found = closest(name[:SHOWN_LENGTH], by_shape.get(_shape(tensor), ()))
            return f"{words} {quote(found)}" if found else ""

        return say

    return near


def _listed(title: str, names: Sequence[str], say: Callable[[str], str]) -> list[str]:
    if not names:
        return []
    return [f"{title} ({len(names):,})", *_aligned((name, say(name)) for name in names[:SHOWN_KEYS]), *_more(names)]


def _differing(title: str, names: Iterable[str], facts: Callable[[str], list[str]]) -> list[str]:
    differing = {name: both for name in names if (both := facts(name))[0] != both[1]}
    return _listed(title, list(differing), lambda name: f"{differing[name][1]} in the file, not {differing[name][0]}")


def _aligned(rows: Iterable[_Line]) -> list[str]:
    """Names with what is said of each beside it, or below it where that would be too wide."""
    shown = [(quote(name, SHOWN_LENGTH), said) for name, said in rows]
    width = max(len(name) for name, _ in shown)
    beside = max(len(said) for _, said in shown) + width + len("    ") <= LINE
    gap, below = ("  ", "") if beside else ("\n    ", "")
    pad = width if beside else 0
    return [f"  {name:<{pad}}{gap}{said}{below}" if said else f"  {name}" for name, said in shown]


def _more(names: Sequence[str]) -> list[str]:
    left = len(names) - SHOWN_KEYS
    return [f"  … and {left:,} more"] if left > 0 else []


def _shape(tensor: "torch.Tensor") -> str:
    shape = tuple(tensor.shape)
    if len(shape) > SHOWN_DIMENSIONS:
        return f"{'×'.join(map(str, shape[:SHOWN_DIMENSIONS]))}×… with {len(shape):,} dimensions"
    return "×".join(map(str, shape)) or "a single number"
