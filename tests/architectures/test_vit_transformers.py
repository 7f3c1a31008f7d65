"""The Vision Transformer as `transformers` has it: the same keys, and with the same weights bitwise equal outputs."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import nn

import archspec

SMALL = {
    "image_size": 32,
    "patch_size": 8,
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "num_labels": 7,
    "hidden_dropout_prob": 0.1,
    "attention_probs_dropout_prob": 0.2,
}
LARGE = {"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16, "intermediate_size": 4096}
PRESETS: dict[str, tuple[int, dict[str, int]]] = {
    "vit_base_patch16_224": (86_567_656, {}),
    "vit_base_patch16_384": (86_859_496, {"image_size": 384}),
    "vit_base_patch32_384": (88_297_192, {"image_size": 384, "patch_size": 32}),
    "vit_large_patch16_224": (304_326_632, LARGE),
    "vit_large_patch16_384": (304_715_752, {**LARGE, "image_size": 384}),
    "vit_large_patch32_384": (306_632_680, {**LARGE, "image_size": 384, "patch_size": 32}),
}

Pair = tuple[nn.Module, nn.Module]


@pytest.fixture(scope="module")
def transformers() -> Iterator[Any]:
    """The package, which takes seconds to import; it may download nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        import transformers

        yield transformers


@pytest.fixture(scope="module")
def pair(transformers: Any) -> Pair:
    """The package's model, disturbed so that no weight is a plain 0 or 1, and ours with its weights."""
    config = transformers.ViTConfig(**SMALL, attn_implementation="sdpa")
    theirs, ours = transformers.ViTForImageClassification(config), archspec.build("vit_transformers", **SMALL)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=generator) * 0.05)
    ours.load_state_dict(theirs.state_dict(), strict=True)
    return theirs.eval(), ours.eval()


def _logits(model: nn.Module, image: torch.Tensor) -> torch.Tensor:
    output = model(image)
    return output if isinstance(output, torch.Tensor) else output.logits


def _entries(model: nn.Module) -> list[tuple[str, torch.Size]]:
    return [(key, value.shape) for key, value in model.state_dict().items()]


def test_state_dict(pair: Pair) -> None:
    """Checkpoints go both ways: the same keys with the same shapes, in the same order."""
    theirs, ours = pair
    assert _entries(ours) == _entries(theirs)
    theirs.load_state_dict(ours.state_dict(), strict=True)


@pytest.mark.parametrize("batch", [1, 3])
def test_output(pair: Pair, batch: int) -> None:
    """With the same weights the outputs are bitwise equal."""
    image = torch.randn(batch, 3, 32, 32)
    with torch.no_grad():
        expected, output = (_logits(model, image) for model in pair)
    assert expected.std() > 0
    assert torch.equal(output, expected)


def test_output_and_gradients_in_train_mode(pair: Pair) -> None:
    """With the same seed dropout drops the same numbers, and every parameter gets the same gradient."""
    image, results = torch.randn(2, 3, 32, 32), []
    for model in pair:
        trained = copy.deepcopy(model).train()
        torch.manual_seed(1)
        output = _logits(trained, image)
        output.square().mean().backward()
        results.append((output, {name: parameter.grad for name, parameter in trained.named_parameters()}))
    (expected, theirs), (output, ours) = results
    assert torch.equal(output, expected)
    assert [*ours] == [*theirs]
    assert [name for name, gradient in ours.items() if not torch.equal(gradient, theirs[name])] == []


@pytest.mark.parametrize("preset", PRESETS)
def test_presets(transformers: Any, preset: str) -> None:
    """Every published size has its keys, shapes and count; nothing is allocated."""
    count, params = PRESETS[preset]
    ours = archspec.build(preset, device="meta")
    with torch.device("meta"):
        theirs = transformers.ViTForImageClassification(transformers.ViTConfig(num_labels=1000, **params))
    assert _entries(ours) == _entries(theirs)
    assert sum(parameter.numel() for parameter in ours.parameters()) == count


def test_the_two_vision_transformers_are_one() -> None:
    """With its weights under torchvision's names the model of architectures/vit.yaml computes the same."""
    ours = archspec.build("vit_transformers", seed=0, **SMALL, layer_norm_eps=1e-6).eval()
    params = {"patch": 8, "image_size": 32, "depth": 3, "heads": 4, "dim": 32, "mlp_dim": 48, "num_classes": 7}
    other = archspec.build("vit", **params).eval()
    other.load_state_dict(_renamed(ours.state_dict()), strict=True)
    image = torch.randn(2, 3, 32, 32)
    torch.testing.assert_close(other(image), ours(image))


NAMES = {
    "vit.embeddings.cls_token": "class_token",
    "vit.embeddings.position_embeddings": "encoder.pos_embedding",
    "vit.embeddings.patch_embeddings.projection.": "conv_proj.",
    "vit.layernorm.": "encoder.ln.",
    "vit.layers.": "encoder.layers.encoder_layer_",
    "classifier.": "heads.head.",
    ".attention.o_proj.": ".self_attention.out_proj.",
    ".layernorm_before.": ".ln_1.",
    ".layernorm_after.": ".ln_2.",
    ".mlp.fc1.": ".mlp.0.",
    ".mlp.fc2.": ".mlp.3.",
}


def _renamed(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The state under torchvision's names, query, key and value joined."""
    renamed: dict[str, torch.Tensor] = {}
    for key, value in state.items():
        name = key
        for theirs, ours in NAMES.items():
            name = name.replace(theirs, ours)
        if ".attention.q_proj." in name:
            parts = [value, *(state[key.replace("q_proj", f"{other}_proj")] for other in "kv")]
            renamed[name.replace(".attention.q_proj.", ".self_attention.in_proj_")] = torch.cat(parts)
        elif ".k_proj." not in name and ".v_proj." not in name:
            renamed[name] = value
    return renamed


def test_first_weights() -> None:
    """Weights begin as small normal numbers and biases as 0, as the package's do."""
    model = archspec.build("vit_transformers", seed=0, **{**SMALL, "hidden_size": 128, "intermediate_size": 512})
    for path, module in model.named_modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            assert module.weight.std().item() == pytest.approx(0.02, rel=0.1), path
            assert module.bias.count_nonzero() == 0
    embeddings = model.vit.embeddings
    assert embeddings.position_embeddings.std().item() == pytest.approx(0.02, rel=0.1)
    assert embeddings.cls_token.std().item() == pytest.approx(0.02, rel=0.3)
