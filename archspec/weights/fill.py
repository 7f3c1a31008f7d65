"""Fills a model: in come a model whose tensors are on meta and a checkpoint, out goes the model with its weights.

Tensors on meta are replaced: by the tensor of the file itself where its device, dtype and place in memory will do, else
by a copy. Others, those of registered classes, are there already and are written over. All is compared before the first
tensor is touched.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _NormBase

from archspec.diagnostic import escape, quote
from archspec.emit.module import BlockModule
from archspec.emit.weights import ALIGNMENT
from archspec.errors import UsageError, WeightsError
from archspec.spec.rename import rename_all
from archspec.weights.key_map import mapped
from archspec.weights.memory import copied
from archspec.weights.mismatch import describe_mismatch, without_prefix

if TYPE_CHECKING:
    from archspec.weights.checkpoint import Checkpoint

__all__ = ["fill"]

_State = Mapping[str, torch.Tensor]


def fill(module: nn.Module, checkpoint: "Checkpoint", device: torch.device | str | None = None) -> None:
    """Give a model the weights of a checkpoint, every one of them.

    Tensors of another precision are converted, as `load_state_dict` does. What counts the batches of a batch norm may
    be missing, as in checkpoints from before PyTorch 0.4.1, and is then 0. Of names that are one parameter (`tie`)
    one is enough.

    Args:
        module: the model; its tensors on meta are replaced.
        checkpoint: the weights.
        device: where the replaced tensors are put; by default where new ones are.

    Raises:
        UsageError: the device is `meta`.
        WeightsError: the two do not have the same names and shapes; the text lists what differs.
    """
    target = torch.get_default_device() if device is None else torch.device(device)
    if target.type == "meta":
        raise UsageError("a model on the device meta has no weights; build it on another device")
    renamed = _renamed(checkpoint)
    expected = module.state_dict(keep_vars=True)
    for name, value in expected.items():
        if not isinstance(value, torch.Tensor):
            raise WeightsError(
                f"{quote(name)} of this model is a {type(value).__name__}, and checkpoints hold only tensors"
            )
    prefix, given = without_prefix(expected, renamed)
    wanted = _completed(module, expected, given)
    text = "\n".join(filter(None, (prefix, describe_mismatch(expected, wanted))))
    if text:
        raise WeightsError(f"{quote(str(checkpoint.path))} does not fit this model\n{text}")
    _check_ties(expected, wanted, checkpoint)
    with torch.no_grad():
        _Filler(wanted, target).fill(module, "")


def _renamed(checkpoint: "Checkpoint") -> dict[str, torch.Tensor]:
    named = mapped(rename_all(checkpoint.tensors, checkpoint.rename), checkpoint)
    for name, keys in named.items():
        if len(keys) > 1:
            shown, by = " and ".join(map(quote, keys[:2])), "the key map" if checkpoint.key_map else "`rename`"
            raise WeightsError(f"{quote(str(checkpoint.path))} has {shown}, which {by} both calls {quote(name)}")
    return {name: checkpoint.tensors[keys[0]] for name, keys in named.items()}


def _completed(module: nn.Module, expected: _State, given: _State) -> dict[str, torch.Tensor]:
    """The tensors of a checkpoint with those that may be missing."""
    counters = {
        f"{path}.num_batches_tracked".lstrip(".")
        for path, child in module.named_modules()
        if isinstance(child, _NormBase)
    }
    complete = dict(given)
    for names in _same(expected):
        present = next((given[name] for name in names if name in given), None)
        for name in names:
            if present is not None:
                complete.setdefault(name, present)
            elif name in counters:
                complete[name] = torch.zeros((), dtype=torch.int64)
    return complete


def _same(state: Mapping[str, object]) -> Iterator[list[str]]:
    """The names in groups of those that are one tensor."""
    groups: dict[int, list[str]] = {}
    for name, value in state.items():
        groups.setdefault(id(value), []).append(name)
    yield from groups.values()


def _check_ties(expected: _State, given: _State, checkpoint: "Checkpoint") -> None:
    """Refuse two tensors for what is one parameter: whichever is taken, the model would not be that which was saved."""
    for first, *others in _same(expected):
        for other in others:
            if not _is_equal(given[first], given[other]):
                message = f"{quote(first)} and {quote(other)} are one parameter of this model (`tie`) and differ in"
                raise WeightsError(f"{message} {quote(str(checkpoint.path))}")


def _is_equal(first: torch.Tensor, second: torch.Tensor) -> bool:
    """Whether two tensors hold the same: equal numbers, or the same bytes, for no NaN equals another."""
    if first is second:
        return True
    if first.dtype != second.dtype or first.shape != second.shape:
        return False
    as_bytes = [tensor.contiguous().flatten().view(torch.uint8) for tensor in (first, second)]
    return torch.equal(first, second) or torch.equal(*as_bytes)


class _Filler:
    def __init__(self, given: _State, device: torch.device) -> None:
        self.given = given
        self.device = device
        self.parameters: dict[int, nn.Parameter] = {}  # by the one on meta: tied ones stay one
        self.storages: set[int] = set()

    def fill(self, module: nn.Module, prefix: str) -> None:
        """Fill a module and all below it; one of a caller's class loads its own state, for it may do more than that."""
        if not isinstance(module, BlockModule) and not type(module).__module__.startswith("torch.nn."):
            self._load(module, prefix)
            return
        own = [*module.named_parameters(recurse=False, remove_duplicate=False), *module.named_buffers(recurse=False)]
        for name, tensor in own:
            if prefix + name in self.given:  # but for buffers that are not persistent
                self._replace(module, name, tensor, self.given[prefix + name])
        for name, child in module.named_children():
            self.fill(child, f"{prefix}{name}.")
        if isinstance(module, nn.RNNBase):
            module.flatten_parameters()

    def _replace(self, module: nn.Module, name: str, old: torch.Tensor, given: torch.Tensor) -> None:
        if not old.is_meta:
            old.copy_(given)
        elif not isinstance(old, nn.Parameter):
            setattr(module, name, self._own(given, old))
        else:
            if id(old) not in self.parameters:
                new = nn.Parameter(self._own(given, old), requires_grad=old.requires_grad)
                self.parameters[id(old)] = new
            setattr(module, name, self.parameters[id(old)])

    def _own(self, given: torch.Tensor, old: torch.Tensor) -> torch.Tensor:
        """The tensor of the file where that will do: whole, alone in its memory, and where PyTorch would put it.

        Kernels round in another order at other alignments, so the outputs would not be those of the saved model.
        """
        made = given.to(device=self.device, dtype=old.dtype)
        storage = made.untyped_storage()
        alone = storage.data_ptr() not in self.storages and storage.nbytes() == made.nbytes
        if not (alone and made.is_contiguous() and made.data_ptr() % ALIGNMENT == 0):
            made = copied(made)
        self.storages.add(made.untyped_storage().data_ptr())
        return made

    def _load(self, module: nn.Module, prefix: str) -> None:
        for path, inner in module.named_modules(prefix=prefix.removesuffix(".")):
            for name, tensor in inner.named_parameters(recurse=False):
                if tensor.is_meta:  # tied to one of a stock layer, which waits for its numbers
                    self._replace(inner, name, tensor, self.given[f"{path}.{name}"])
        state: dict[str, Any] = {
            name: self.given[prefix + name] for name in module.state_dict() if prefix + name in self.given
        }
        try:
            module.load_state_dict(state, strict=True)
        except RuntimeError as error:
            reason = escape(str(error).replace("\n", " "))
            raise WeightsError(f"the weights of {quote(prefix.removesuffix('.'))} do not fit: {reason}") from error
