"""Layers that are arguments of layers: what decides their arguments, and that only the outer one is called."""

import pytest
import torch

import archspec

MASKED = """
archspec: 1
inputs:
  x: [N, T=6, 8]
  padding: {shape: [N, T], dtype: bool}
  ahead: {shape: [T, T], dtype: bool}
model:
  encoder:
    TransformerEncoder: {encoder_layer: LAYER, num_layers: 2, norm: LayerNorm}
    from: FROM
    with: {is_causal: true}
params: {layer: {type: module, default: {TransformerEncoderLayer: {nhead: 2, batch_first: true}}}}
"""
LAYER = "{TransformerEncoderLayer: {nhead: 2, batch_first: true}}"


@pytest.mark.parametrize("layer", [LAYER, "$layer"])
@pytest.mark.parametrize(
    "inputs", ["[x, ahead, padding]", "{src: x, mask: ahead, src_key_padding_mask: padding}"], ids=["order", "keywords"]
)
def test_the_first_input_decides_what_an_argument_leaves_out(layer: str, inputs: str) -> None:
    """The inner layers take `d_model` and `normalized_shape` from it; the masks are the outer layer's."""
    compilation = archspec.compile(MASKED.replace("LAYER", layer).replace("FROM", inputs))
    assert compilation.fixed_dimensions == {}
    model = compilation.build(seed=0).eval()
    assert model.encoder.layers[1].linear1.in_features == 8
    assert model.encoder.norm.normalized_shape == (8,)
    x, ahead = torch.randn(2, 6, 8), torch.ones(6, 6).triu(1).bool()
    padding = torch.zeros(2, 6).bool()
    padding[0, 4:] = True
    expected = model.encoder(x, mask=ahead, src_key_padding_mask=padding, is_causal=True)
    torch.testing.assert_close(model(x, padding, ahead), expected)


def test_an_argument_of_an_argument() -> None:
    """A `Transformer` whose encoder is written out has the keys and first weights of one that makes it itself."""
    text = (
        "archspec: 1\ninputs: {x: [N, S=5, 8], y: [N, T=4, 8], padding: {shape: [N, S], dtype: bool}}\n"
        "model:\n  transformer:\n    from: {src: x, tgt: y, src_key_padding_mask: padding}\n"
        "    Transformer: {nhead: 2, num_decoder_layers: 1, dim_feedforward: 16, batch_first: true, ENCODER}\n"
    )
    layer = "{TransformerEncoderLayer: {nhead: 2, dim_feedforward: 16, batch_first: true}}"
    written = f"custom_encoder: {{TransformerEncoder: {{encoder_layer: {layer}, num_layers: 2, norm: LayerNorm}}}}"
    one, other = (
        archspec.build(text.replace("ENCODER", encoder), seed=0) for encoder in ("num_encoder_layers: 2", written)
    )
    theirs = one.state_dict()
    assert [*other.state_dict()] == [*theirs]
    assert all(torch.equal(value, theirs[key]) for key, value in other.state_dict().items())


def test_an_argument_that_the_input_contradicts() -> None:
    """A written size is compared with the first input of the layer around it."""
    text = MASKED.replace("LAYER", "{TransformerEncoderLayer: {d_model: 6, nhead: 2}}").replace("FROM", "[x, ahead]")
    (diagnostic,) = archspec.check(text)
    assert (diagnostic.code, diagnostic.span.line) == ("E0601", 9)
    assert diagnostic.message == "`encoder` expects 6 features and gets 8 from `x`"


def test_a_block_is_no_argument_of_a_layer() -> None:
    """Only what has a class of its own can be made by the layer around it."""
    blocks = "blocks: {Own: {model: [{Linear: 8}]}}\n"
    (diagnostic,) = archspec.check(MASKED.replace("LAYER", "Own").replace("FROM", "x") + blocks)
    assert (diagnostic.code, diagnostic.found) == ("E0304", "`Own`")


def test_a_padding_mask_is_checked_without_looking_into_it() -> None:
    """In evaluation PyTorch's encoder asks what a mask holds, which nothing knows on meta; the real one does ask."""
    text = MASKED.replace("LAYER", LAYER).replace("FROM", "{src: x, src_key_padding_mask: padding}")
    text = text.replace("    with: {is_causal: true}\n", "")
    compilation = archspec.compile(text)
    assert compilation.graph.output == compilation.graph.inputs[0].type
    assert compilation.build().encoder.use_nested_tensor
