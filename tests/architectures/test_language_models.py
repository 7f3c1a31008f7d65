"""Language models as `transformers` has them: the same keys and, with the same weights, bitwise equal outputs."""

import copy
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import nn

import archspec

VOCABULARY, LONGEST = 99, 40
LLAMA_3_1 = {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 8192,
}

# What makes each small. Llama's heads have 64 numbers: only then do some of its angles turn slowly enough for Llama 3.1
# to stretch them.
GPT2 = {"n_positions": LONGEST, "n_embd": 32, "n_layer": 3, "n_head": 4}
BERT = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "max_position_embeddings": LONGEST,
}
LLAMA = {
    "hidden_size": 256,
    "intermediate_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
}
PARAMS: dict[str, tuple[str, dict[str, Any]]] = {
    "gpt2": ("gpt2", GPT2),
    "bert": ("bert", BERT),
    "llama3": ("llama", LLAMA),
    "llama3.1": ("llama", {**LLAMA, "rope_factor": 8.0}),
}
# Published ends of text would be outside of so small a vocabulary, and `transformers` would warn.
SMALL = {"vocab_size": VOCABULARY, "bos_token_id": None, "eos_token_id": None}
SHAPES = [(2, 16), (3, 7), (1, 1), (4, 33)]

PARAMETERS = {
    "gpt2": 124_439_808,
    "gpt2_medium": 354_823_168,
    "gpt2_large": 774_030_080,
    "gpt2_xl": 1_557_611_200,
    "bert_base": 109_482_240,
    "bert_large": 335_141_888,
    "llama3_8b": 8_030_261_248,
    "llama3_70b": 70_553_706_496,
    "llama3_405b": 405_853_388_800,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A language model twice over, with the same random weights and in eval mode."""

    name: str
    theirs: nn.Module
    ours: nn.Module

    def outputs(self, *inputs: torch.Tensor) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
        """What both give for the same inputs: the logits, or what BERT calls its outputs."""
        with torch.no_grad():
            theirs, ours = self.theirs(*inputs), self.ours(*inputs)
        if isinstance(ours, dict):
            return [theirs[name] for name in ours], [*ours.values()]
        return [theirs.logits], [ours]


@pytest.fixture(scope="module")
def transformers() -> Iterator[Any]:
    """The package, which takes seconds to import; it may download nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        import transformers

        yield transformers


@pytest.fixture(scope="module")
def originals(transformers: Any) -> dict[str, Callable[[], nn.Module]]:
    """What makes each model as `transformers` has it, with the attention that archspec has."""
    shared = {**SMALL, "attn_implementation": "sdpa"}
    rope = {"rope_type": "default", "rope_theta": 500_000.0}

    def gpt2() -> nn.Module:
        config = transformers.GPT2Config(**GPT2, **shared, activation_function="gelu_pytorch_tanh")
        return transformers.GPT2LMHeadModel(config)

    def bert() -> nn.Module:
        return transformers.BertModel(transformers.BertConfig(**BERT, **shared))

    def llama(**scaling: Any) -> nn.Module:
        config = transformers.LlamaConfig(
            **LLAMA, **shared, rms_norm_eps=1e-5, max_position_embeddings=131_072, rope_parameters={**rope, **scaling}
        )
        return transformers.LlamaForCausalLM(config)

    return {"gpt2": gpt2, "bert": bert, "llama3": llama, "llama3.1": lambda: llama(**LLAMA_3_1)}


@pytest.fixture(scope="module", params=PARAMS)
def pair(request: pytest.FixtureRequest, originals: dict[str, Callable[[], nn.Module]]) -> Pair:
    """One language model after the other."""
    return _pair(request.param, originals[request.param]())


def _pair(name: str, theirs: nn.Module) -> Pair:
    """Both models; theirs is disturbed, so that no weight is a plain 0 or 1, and loaded strictly."""
    file, params = PARAMS[name]
    ours = archspec.build(file, vocab_size=VOCABULARY, **params)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=generator) * 0.05)
    ours.load_state_dict(theirs.state_dict(), strict=True)
    return Pair(name=name, theirs=theirs.eval(), ours=ours.eval())


def _inputs(name: str, shape: tuple[int, int]) -> tuple[torch.Tensor, ...]:
    """Random tokens; for BERT padding (0) among them, a mask that hides any but the first, and two sentences."""
    tokens = torch.randint(1, VOCABULARY, shape)
    if name != "bert":
        return (tokens,)
    tokens[:, 1:2] = 0
    mask = (torch.rand(shape) > 0.3).long()
    mask[:, 0] = 1
    return tokens, mask, torch.randint(0, 2, shape)


def _assert_same(theirs: list[torch.Tensor], ours: list[torch.Tensor]) -> None:
    """Bitwise equal, and worth comparing: not all one number."""
    for expected, value in zip(theirs, ours, strict=True):
        assert expected.std() > 0
        assert torch.equal(value, expected)


def test_state_dict(pair: Pair) -> None:
    """Checkpoints go both ways: the same keys with the same shapes, and in the same order."""
    theirs, ours = ([(key, value.shape) for key, value in model.state_dict().items()] for model in _both(pair))
    assert ours == theirs
    pair.theirs.load_state_dict(pair.ours.state_dict(), strict=True)


def test_tied_weights(pair: Pair) -> None:
    """GPT-2 reads and writes tokens with one matrix; the others share nothing."""
    counts = [len([*model.parameters()]) for model in _both(pair)]
    assert counts[0] == counts[1]
    assert (counts[1] < len(pair.ours.state_dict())) == (pair.name == "gpt2")


@pytest.mark.parametrize("shape", SHAPES)
def test_output(pair: Pair, shape: tuple[int, int]) -> None:
    """With the same weights the outputs are bitwise equal, for any number of texts of any length."""
    _assert_same(*pair.outputs(*_inputs(pair.name, shape)))


def test_eager_attention(pair: Pair) -> None:
    """`transformers`' attention of single steps gives the same up to rounding: it adds in another order."""
    theirs = copy.deepcopy(pair.theirs)
    theirs.set_attn_implementation("eager")
    eager = Pair(name=pair.name, theirs=theirs, ours=pair.ours)
    for expected, value in zip(*eager.outputs(*_inputs(pair.name, (2, 16))), strict=True):
        torch.testing.assert_close(value, expected, rtol=0, atol=5e-6)


def test_output_in_train_mode(pair: Pair) -> None:
    """With the same seed dropout drops the same numbers, in attention too."""
    inputs = _inputs(pair.name, (2, 16))
    outputs = []
    for model in _both(pair):
        trained = copy.deepcopy(model).train()
        torch.manual_seed(1)
        outputs.append(_result(trained(*inputs)).detach())
    _assert_same(outputs[:1], outputs[1:])


def test_gradients(pair: Pair) -> None:
    """A backward pass gives every parameter the same gradient, so training goes the same way."""
    inputs = _inputs(pair.name, (2, 16))
    gradients = []
    for model in _both(pair):
        model.zero_grad()
        _result(model(*inputs)).square().mean().backward()
        gradients.append({name: parameter.grad for name, parameter in model.named_parameters()})
    theirs, ours = gradients
    assert set(ours) == set(theirs)
    for name, gradient in ours.items():
        assert gradient is not None
        assert torch.equal(gradient, theirs[name]), name


def test_the_published_activation_of_gpt2(transformers: Any) -> None:
    """The published GPT-2 computes the same GELU in eight operations, archspec in torch's one; they round otherwise."""
    config = transformers.GPT2Config(**GPT2, **SMALL, attn_implementation="sdpa")
    assert config.activation_function == "gelu_new"
    (theirs,), (ours,) = _pair("gpt2", transformers.GPT2LMHeadModel(config)).outputs(*_inputs("gpt2", (2, 16)))
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-6)


def test_the_mask_of_bert_hides_padding(originals: dict[str, Callable[[], nn.Module]]) -> None:
    """What stands where the mask is 0 changes nothing elsewhere; a mask of ones is `transformers`' default, no mask."""
    pair = _pair("bert", originals["bert"]())
    tokens = torch.randint(1, VOCABULARY, (2, 16))
    nothing = torch.zeros_like(tokens)
    with torch.no_grad():
        whole = pair.ours(tokens, nothing + 1, nothing)["pooler_output"]
        assert torch.equal(whole, pair.theirs(tokens)["pooler_output"])
        mask = torch.ones_like(tokens)
        mask[:, 10:] = 0
        others = tokens.clone()
        others[:, 10:] = 0
        outputs = [pair.ours(texts, mask, nothing)["pooler_output"] for texts in (tokens, others)]
    assert torch.equal(*outputs)
    assert not torch.equal(outputs[0], whole)


@pytest.mark.parametrize("name", ["gpt2", "llama3.1"])
def test_no_token_sees_those_that_follow(name: str) -> None:
    """The logits of a text's beginning are the same whatever comes after it."""
    file, params = PARAMS[name]
    model = archspec.build(file, vocab_size=VOCABULARY, seed=0, **params).eval()
    tokens = torch.randint(0, VOCABULARY, (2, 16))
    others = torch.cat((tokens[:, :9], (tokens[:, 9:] + 1) % VOCABULARY), dim=1)
    with torch.no_grad():
        first, second = model(tokens), model(others)
    torch.testing.assert_close(first[:, :9], second[:, :9], rtol=0, atol=1e-6)
    assert not torch.allclose(first[:, 9:], second[:, 9:], atol=1e-3)


@pytest.mark.parametrize("name", PARAMS)
def test_batch_and_length_vary(name: str) -> None:
    """Nothing fixes how many texts there are or how long they are, and one exported program takes them all."""
    file, params = PARAMS[name]
    compilation = archspec.compile(file, params={"vocab_size": VOCABULARY, **params})
    assert {item.dims for item in compilation.graph.inputs} == {("N", "T")}
    assert compilation.fixed_dimensions == {}
    model = compilation.build(seed=0).eval()
    inputs = _inputs(name, (2, 16))
    batch, length = torch.export.Dim("batch"), torch.export.Dim("length", max=LONGEST)
    exported = torch.export.export(model, inputs, dynamic_shapes=tuple({0: batch, 1: length} for _ in inputs)).module()
    for shape in ((2, 16), (5, 9), (3, 31)):
        inputs = _inputs(name, shape)
        torch.testing.assert_close(exported(*inputs), model(*inputs))


@pytest.mark.parametrize(("name", "count"), PARAMETERS.items())
def test_published_numbers_of_parameters(name: str, count: int) -> None:
    """Every preset has as many parameters as its publication says; 405 billion are described, not allocated."""
    model = archspec.build(name, device="meta")
    assert sum(parameter.numel() for parameter in model.parameters()) == count


def test_405_billion_parameters_on_a_laptop() -> None:
    """The largest Llama is checked at all its shapes within 1 GiB: nothing that has its size is allocated."""
    program = (
        "import archspec; archspec.compile('llama3_405b').build(device='meta'); print(open('/proc/self/status').read())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True)
    peak = re.search(r"VmHWM:\s+(\d+) kB", done.stdout)
    assert peak is not None
    assert int(peak[1]) < 1 << 20


def test_first_weights_of_gpt2() -> None:
    """The projections that add to the residual path begin smaller, by the square root of how many there are."""
    model = archspec.build("gpt2", seed=0, vocab_size=500, n_layer=8, n_embd=256, n_head=4)
    for path, module in model.named_modules():
        if type(module).__name__ == "Conv1D":
            std = 0.02 / 16**0.5 if path.endswith("c_proj") else 0.02
            assert module.weight.std().item() == pytest.approx(std, rel=0.05)
            assert module.bias.count_nonzero() == 0
    assert model.lm_head.weight.std().item() == pytest.approx(0.02, rel=0.05)


def _result(output: Any) -> torch.Tensor:
    """The logits, or BERT's vector for the whole text, which all of its weights have a part in."""
    if isinstance(output, torch.Tensor):
        return output
    return output["pooler_output" if "pooler_output" in output else "logits"]


def _both(pair: Pair) -> tuple[nn.Module, nn.Module]:
    return pair.theirs, pair.ours
