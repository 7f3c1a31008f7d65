"""Every spec of `architectures/` and `examples/`, made small enough to try everything on."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import archspec
from archspec.compiler import Compilation
from archspec.graph.types import TensorType, TextType

ROOT = Path(__file__).parents[2]
SPECS = sorted(path for folder in ("architectures", "examples") for path in (ROOT / folder).glob("*.yaml"))

# What makes a spec small. One that is not listed is built with its own defaults.
PARAMS: dict[str, dict[str, Any]] = {
    "alexnet": {"num_classes": 5},
    "alexnet_2012": {"num_classes": 5},
    "bert": {"vocab_size": 50, "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2},
    "convnext": {"depths": [1, 1, 1, 1], "dims": [8, 16, 16, 16], "num_classes": 5},
    "dcgan_discriminator": {"width": 4},
    "dcgan_generator": {"width": 4, "latent": 10},
    "deeplabv3": {"layers": [1, 1, 1, 1], "num_classes": 5},
    "densenet": {"growth_rate": 4, "block_config": [2, 2], "init_features": 8, "num_classes": 5},
    "efficientnet": {"settings": [[True, 1, 3, 2, 8], [False, 6, 3, 2, 16]], "depths": [1, 2], "num_classes": 5},
    "fcn": {"layers": [1, 1, 1, 1], "num_classes": 5, "aux_loss": True},
    "gpt2": {"vocab_size": 50, "n_positions": 20, "n_embd": 8, "n_layer": 2, "n_head": 2},
    "llama": {
        "vocab_size": 50,
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
    },
    "maxvit": {
        "image_size": 32,
        "stem_channels": 8,
        "channels": [8, 16],
        "depths": [1, 1],
        "head_dim": 4,
        "partition": 4,
        "num_classes": 5,
    },
    "mnasnet": {"settings": [[3, 2, 3, 24, 2], [5, 1, 6, 24, 2]], "num_classes": 5},
    "mobilenet_v2": {"settings": [[1, 16, 1, 1], [6, 24, 2, 2]], "num_classes": 5},
    "mobilenet_v3": {"settings": [[3, 16, 16, True, "ReLU", 2], [3, 88, 16, False, "Hardswish", 1]], "num_classes": 5},
    "resnet": {"block": "Bottleneck", "layers": [1, 1, 1, 1], "width_per_group": 8, "num_classes": 5},
    "shufflenet_v2": {"widths": [8, 16, 32, 64, 64], "repeats": [2, 2, 2], "num_classes": 5},
    "swin": {"dim": 8, "depths": [2, 2], "heads": [2, 2], "window": 4, "num_classes": 5},
    "swin_v2": {"dim": 8, "depths": [2, 2], "heads": [2, 2], "window": 4, "num_classes": 5},
    "unet": {"widths": [4, 8, 16]},
    "vae": {"hidden": 8, "latent": 2},
    "text_classifier": {"vocab_size": 50, "embedding_dim": 8, "hidden_size": 8, "num_layers": 2},
    "transformer": {
        "vocab_size": 50,
        "d_model": 16,
        "nhead": 2,
        "num_layers": 2,
        "dim_feedforward": 32,
        "max_length": 40,
    },
    "vgg": {"depths": [1, 1, 1, 1, 1], "num_classes": 5},
    "vit": {"patch": 8, "image_size": 32, "depth": 2, "heads": 2, "dim": 16, "mlp_dim": 32, "num_classes": 5},
    "vit_transformers": {
        "image_size": 32,
        "patch_size": 8,
        "hidden_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "num_labels": 5,
    },
}
SMALL_SIZES = {"N": 2, "H": 64, "W": 64}
SIZES: dict[str, dict[str, int]] = {"inception_v3": {"N": 2}}  # its auxiliary head needs the size it was made for

# These are tried whenever tests run; all others, which tell little that is new, with the slow ones.
FAST = {"choices", "densenet", "lenet", "lenet_positional", "linears", "mobilenet_v2", "resnet", "vit"}
PARAMETERS = [pytest.param(path, id=path.stem, marks=[] if path.stem in FAST else pytest.mark.slow) for path in SPECS]


@dataclass(frozen=True, slots=True, kw_only=True)
class Small:
    """A small variant of a shipped spec."""

    name: str
    compilation: Compilation

    def build(self, **options: Any) -> nn.Module:
        """A new model with the same weights every time, in eval mode."""
        return self.compilation.build(**{"seed": 0, **options}).eval()

    def inputs(self, *, batch: int | None = None, seed: int = 0) -> tuple[Any, ...]:
        """Random inputs, the same for the same seed; where a string selects, the first key."""
        generator = torch.Generator().manual_seed(seed)
        graph = self.compilation.graph
        keys = {name: choices[0] for name, choices in graph.choices}
        return tuple(_value(item.type, keys, batch, generator) for item in graph.inputs)


def _value(kind: Any, keys: dict[str, str], batch: int | None, generator: torch.Generator) -> Any:
    match kind:
        case TensorType():
            shape = kind.shape if batch is None else (batch, *kind.shape[1:])
            dtype = getattr(torch, kind.dtype)
            if not dtype.is_floating_point:
                return torch.randint(2, shape, dtype=dtype, generator=generator)
            return torch.randn(shape, dtype=dtype, generator=generator)
        case TextType():
            return keys[kind.origin]
        case _:
            return None


def _small(path: Path) -> Small:
    named = {dim for item in archspec.compile(path).graph.inputs for dim in item.dims}
    wanted = SIZES.get(path.stem, SMALL_SIZES)
    sizes = {name: size for name, size in wanted.items() if name in named}
    compilation = archspec.compile(path, params=PARAMS.get(path.stem), sizes=sizes)
    return Small(name=path.stem, compilation=compilation)


@pytest.fixture(scope="session")
def small_specs() -> Callable[[Path], Small]:
    """Compiles a spec small, once."""
    compiled: dict[Path, Small] = {}

    def small(path: Path) -> Small:
        if path not in compiled:
            compiled[path] = _small(path)
        return compiled[path]

    return small


@pytest.fixture(params=PARAMETERS)
def small(request: pytest.FixtureRequest, small_specs: Callable[[Path], Small]) -> Small:
    """One shipped spec after the other."""
    return small_specs(request.param)


@pytest.fixture
def several_small(small_specs: Callable[[Path], Small]) -> list[Small]:
    """The fast ones together."""
    return [small_specs(path) for path in SPECS if path.stem in FAST]


Entries = list[tuple[str, tuple[int, ...], torch.dtype]]


@pytest.fixture(scope="session")
def entries() -> Callable[[nn.Module], Entries]:
    """Tells what a checkpoint of a model holds, in order."""
    return lambda model: [(key, tuple(value.shape), value.dtype) for key, value in model.state_dict().items()]


@pytest.fixture(scope="session")
def disturb() -> Callable[[nn.Module], None]:
    """Adds a little to what starts as one number in a model's state, so that nothing in it is without effect."""

    def change(model: nn.Module) -> None:
        with torch.no_grad():
            for value in model.state_dict().values():
                if value.is_floating_point() and value.min() == value.max():
                    value.add_(torch.rand_like(value) * 0.1)  # upwards only: variances stay positive

    return change
