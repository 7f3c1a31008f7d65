"""Concrete specs: they read well, and what is built of one is what is built of the spec it came from."""

import dataclasses
import random
from pathlib import Path

import pytest
import torch
from torch import nn

import archspec
from archspec.catalog.registry import Registry
from archspec.emit.spec import concrete_spec, emit_spec
from archspec.graph.types import TensorType, TextType
from archspec.spec.shipped import shipped_names

EXAMPLES = sorted((Path(__file__).parent.parent.parent / "examples").glob("*.yaml"))
LARGEST_RUN = 40_000_000
"""Larger models are compared by their graphs alone: allocating and running them proves nothing more."""


def comparable(value):
    """A graph as plain data, without the places in the text it came from."""
    if dataclasses.is_dataclass(value):
        fields = [field.name for field in dataclasses.fields(value) if field.name != "span"]
        return type(value).__name__, {name: comparable(getattr(value, name)) for name in fields}
    return tuple(map(comparable, value)) if isinstance(value, tuple) else value


def example_inputs(graph):
    """Values for the inputs of a model: of a run-time string its last key."""
    keys = dict(graph.choices)
    values = []
    for item in graph.inputs:
        if isinstance(item.type, TextType):
            values.append(keys[item.name][-1])
        elif not isinstance(item.type, TensorType):
            values.append(None)
        elif item.type.dtype == "float32":
            values.append(torch.randn(item.type.shape))
        else:
            values.append(torch.randint(0, 2, item.type.shape).to(getattr(torch, item.type.dtype)))
    return values


def tensors(value):
    """Every tensor in what a model returns, with the kinds of the collections around them."""
    if isinstance(value, torch.Tensor):
        return [value]
    items = value.items() if isinstance(value, dict) else enumerate(value)
    return [type(value), *(part for key, item in items for part in (key, *tensors(item)))]


def assert_same_model(first, second, inputs, *, train=False):
    """Two modules have one tree, and with the same weights give bitwise the same."""
    assert repr(first) == repr(second)
    state, other = first.state_dict(), second.state_dict()
    assert [(key, value.shape, value.dtype) for key, value in state.items()] == [
        (key, value.shape, value.dtype) for key, value in other.items()
    ]
    second.load_state_dict(state)
    for model in (first, second):
        model.train(train)
    with torch.no_grad():
        torch.manual_seed(1)
        expected = tensors(first(*inputs))
        torch.manual_seed(1)
        found = tensors(second(*inputs))
    assert len(expected) == len(found)
    for left, right in zip(expected, found, strict=True):
        assert torch.equal(left, right) if isinstance(left, torch.Tensor) else left == right


def expand(spec, **options):
    """A spec and its expansion, compiled, with the text of the expansion."""
    compilation = archspec.compile(spec, **options)
    text = emit_spec(compilation.graph, registry=compilation.registry)
    again = archspec.compile(text, registry=compilation.registry)
    assert emit_spec(again.graph, registry=compilation.registry) == text
    return compilation, again, text


@pytest.mark.parametrize("spec", [*shipped_names(), *map(str, EXAMPLES)], ids=lambda spec: Path(spec).stem)
def test_a_published_architecture_survives_expansion(spec):
    """Every shipped architecture, preset and example: the same graph, tree, keys and outputs, and it is its own expansion."""
    compilation, again, _ = expand(spec)
    assert comparable(again.graph) == comparable(compilation.graph)
    if compilation.graph.parameters <= LARGEST_RUN:
        assert_same_model(compilation.build(seed=0), again.build(seed=1), example_inputs(compilation.graph))


FEATURES = {
    "forms of nodes and arguments": """
        archspec: 1
        name: Forms
        doc: "  Short: $forms, #1"
        input: [N, 3, H=20, 20]
        model:
          conv: {Conv2d: [3, 8, [3, 5]]}
          act: {LeakyReLU: 1e-5}
          pool: {AvgPool2d: 2}
          same: {Conv2d: {out_channels: 8, kernel_size: 3, padding: same, padding_mode: circular}}
          empty: {Sequential: []}
          inner: {Sequential: {a: ReLU, b: [GELU, [Tanh]]}}
          out: Flatten
    """,
    "loops, blocks and params": """
        archspec: 1
        name: Loops
        params: {width: 6, norm: {type: module, default: {BatchNorm1d: {eps: 1e-3}}}}
        let: {wide: $(width * 2)}
        input: [N, 6]
        model:
          - {Linear: $wide, repeat: 2}
          - for: i in range(3)
            do: [{Unit: {bias: $(i != 1)}}, ReLU]
          - $norm
          - {Named: {}, when: wide > 100}
        blocks:
          Unit:
            doc: |
              A unit.

              It adds its input.
            params: {bias: true}
            model:
              fc: {Linear: {out_features: $in_features, bias: $bias}}
              norm: $norm
              sum: {add: , from: [input, norm]}
          Named: {model: [ReLU]}
    """,
    "references, items and globs": """
        archspec: 1
        name: Wires
        input: [N, T=5, 8]
        model:
          fc1: {Linear: 8}
          fc2: {Linear: 8, from: input}
          attn: {MultiheadAttention: {num_heads: 2, batch_first: true}, from: [fc1, fc2, "input"], with: {need_weights: true}}
          named: {MultiheadAttention: {embed_dim: 8, num_heads: 2, batch_first: true}, from: {query: fc1, key: fc2, value: fc2}}
          all: {cat: {dim: 2}, from: [fc*, "attn[0]"]}
          lstm: {LSTM: {hidden_size: 4, batch_first: true}}
          state: {add: , from: ["lstm[1][0]", "lstm[1][-1]"]}
        output: {all: all, weights: "attn[1]", "no": "named[0]", lstm: "lstm[0]", state: state}
    """,
    "nodes that are switched off": """
        archspec: 1
        name: Off
        input: [N, 4]
        model:
          fc: {Linear: 4}
          drop: {Dropout: 0.5, when: false}
          skip: {add: , from: [input, drop], when: false, else: drop}
          sum: {compute: "relu(skip) + drop * 2 + skip"}
          last: {ReLU, when: "1 > 2"}
        output: [last, drop]
    """.replace("{ReLU, when", "{ReLU: , when"),
    "blocks of nothing and of one node": """
        archspec: 1
        name: Nothing
        input: [N, 4]
        model:
          same: Same
          head: {Head: {}}
          when: When
        blocks:
          Same: {model: {off: {Dropout: 0.5, when: false}}}
          Head: {model: {first: {Dropout: 0.5, when: false}, Linear: {Linear: 3}}}
          When: {model: {select: {select: {dim: 1, index: 0}}}}
    """,
    "sizes read at run time": """
        archspec: 1
        name: Sizes
        input: [N, T=6, 8]
        model:
          attn: {MultiheadAttention: {num_heads: 2, batch_first: true}, from: [input, input, input]}
          drop: {Dropout: 0.1, from: "attn[0]", when: false}
          split: {reshape: {shape: ["$(size(drop, 0) * 2)", "$(size(input, 1) // 2)", -1]}, from: "attn[0]"}
          again: {reshape: {shape: ["$(size(drop, 0))", "$(size(drop, 1))", -1]}}
          whole: {expand: {sizes: [-1, -1, "$(size(again, 2) + 0)"]}}
    """,
    "parameters and buffers": """
        archspec: 1
        name: Tensors
        input: [N, 3, 4]
        model:
          scale: {Parameter: {shape: [3, 1], init: {normal: {mean: 1.0, std: 1e-5}}}}
          shift: {Parameter: {shape: 4, init: zeros}}
          mean: {Buffer: {value: [[0.485], [0.456], [0.406]], persistent: false}}
          index: {Buffer: {value: [2, 0, 1]}}
          count: {Buffer: {shape: [], init: {constant: 3}, dtype: float64}}
          out: {compute: "(input - mean) * scale + shift"}
          picked: {index_select: {dim: 1}, from: [out, index]}
    """,
    "module lists": """
        archspec: 1
        name: Lists
        inputs: {x: [N, 8], y: [N, 8]}
        model:
          chain: {ModuleList: [{Linear: 8}, {Bilinear: 8}], from: x, when: false}
          plain: {ModuleList: [{Linear: 8}, ReLU], from: x}
          branch:
            ModuleList: [{Linear: 4}, {Sequential: {a: {Linear: 4}}}, {Both: {}}]
            mode: branch
          zip: {ModuleList: [{Linear: 2}, {Linear: 3}, Tanh], mode: zip}
          out: {cat: {dim: 1}, from: ["zip[0]", "zip[1]", "zip[2]"]}
          hold: {ModuleList: [{Linear: 5}, {Both: {}}, {Linear: {in_features: 7, out_features: 5}}], mode: hold}
          one: {call: hold.0}
          two: {call: hold.1, from: x}
          again: {call: hold.0, from: out}
          twice: {call: plain.1, from: y}
        output: [one, two, again, twice]
        blocks:
          Both: {model: {a: {Linear: 4}, b: {relu: }}}
    """,
    "module dictionaries": """
        archspec: 1
        name: Dicts
        inputs: {x: [N, 8], kind: str}
        model:
          picked: {ModuleDict: {small: {Linear: 4}, "large": [{Linear: 4}, ReLU]}, select: kind, from: x}
          fixed: {ModuleDict: {a: ReLU, b: Tanh}, select: b}
          every: {ModuleDict: {a: {Linear: 2}, b: {Linear: 3}}, mode: branch}
          held: {ModuleDict: {a: {Linear: 3}, b: {Linear: 2}}, mode: hold}
          inside: [{ModuleList: [ReLU, {ModuleDict: {a: ReLU, b: Tanh}, select: a}]}]
          last: {call: held.a, from: "every[b]"}
          other: {call: held.b, from: "every[a]"}
        output: {every: every, last: last, other: other}
    """.replace("inside: [{ModuleList: [ReLU, {ModuleDict: {a: ReLU, b: Tanh}, select: a}]}]", "inside: {ModuleList: [ReLU, {ModuleDict: {a: ReLU, b: Tanh}, select: a}], from: fixed}"),
    "heads for training": """
        archspec: 1
        name: Heads
        input: [N, 4]
        model:
          aux: {Linear: 3, only: train}
          loss: {softmax: {dim: -1}, from: aux, only: train}
          fc: {Linear: 4, from: input}
          more: {compute: loss * 2, only: train}
          again: {call: fc, only: train}
          out: Tanh
        output: {logits: out, aux: more, again: again}
    """,
    "blocks with several inputs": """
        archspec: 1
        name: Several
        inputs:
          tokens: {shape: [N, T=7], dtype: int64, max: 50}
          mask: {shape: [N, T=7], dtype: bool, optional: true}
          extra: optional
          kind: str
        model:
          embed: {Embedding: {num_embeddings: 50, embedding_dim: 8}, from: tokens}
          encoder: {Encoder: {}, from: [embed, mask, kind]}
          named: {Encoder: {}, from: {kind: kind, x: encoder}}
          parts: {chunk: {chunks: 2, dim: -1}}
          joined: {Join: {}, from: [parts]}
          single: {Single: {}, from: {input: joined}}
          list: {ModuleList: [{Double: {}}, {Double: {}}], from: [single, single]}
        blocks:
          Encoder:
            inputs: {x: [N, T, 8], mask: optional, kind: str}
            model:
              acts: {ModuleDict: {relu: ReLU, tanh: Tanh}, select: kind, from: x}
              layer: {TransformerEncoderLayer: {nhead: 2, dim_feedforward: 16, batch_first: true}, from: {src: acts, src_key_padding_mask: mask}}
          Join:
            inputs: {parts: [N]}
            model: {out: {cat: {dim: -1}, from: ["parts[0]", "parts[1]"]}}
          Single: {model: {fc: {Linear: 4}}}
          Double: {inputs: {x: [N, T, C], y: [N, T, D]}, model: {sum: {add: , from: [x, y]}, fc: {Linear: 4}}}
    """,
    "layers as arguments": """
        archspec: 1
        name: Layers
        input: [N, T=5, 8]
        model:
          TransformerEncoder:
            encoder_layer: {TransformerEncoderLayer: {nhead: 2, dim_feedforward: 16, batch_first: true, activation: gelu}}
            num_layers: 2
            norm: LayerNorm
            enable_nested_tensor: false
    """,
    "initialisation and tying": """
        archspec: 1
        name: Rules
        inputs: {tokens: {shape: [N, T=4], dtype: int64}}
        model:
          wte: {Embedding: {num_embeddings: 10, embedding_dim: 6}}
          body: {Body: {}}
          chain: {Chain: {}}
          leaf: {Scaled: {}}
          wide: {Wide: {}, from: [leaf, leaf]}
          lm_head: {Linear: {out_features: 10, bias: false}, from: leaf}
        output: [lm_head, wide]
        init:
          - {match: Linear, weight: {normal: {std: 0.02}}, bias: zeros}
          - {match: Body, fc.bias: {constant: 0.5}}
          - {match: Absent, fc.bias: zeros}
          - {match: "chain.*", weight: {xavier_uniform: {gain: 2}}}
        tie: {lm_head.weight: wte.weight}
        blocks:
          Body:
            model: {fc: {Linear: 6}, inner: {Inner: {}}}
            init: [{match: Inner, fc.weight: ones}]
          Inner: {model: {fc: {Linear: 6}}}
          Absent: {model: {fc: {Linear: 6}}}
          Chain: {model: [{Linear: 6}, ReLU], init: [{match: "0", bias: ones}]}
          Scaled: {model: {Linear: 6}, init: [{match: Linear, weight: {constant: 0.25}}]}
          Wide: {inputs: {a: [N, T, C], b: [N, T, C]}, model: {Bilinear: {out_features: 2}}, init: [{match: Bilinear, bias: ones}]}
    """,
    "a model that is one layer": """
        archspec: 1
        input: [4, 3]
        model: {Linear: {out_features: 2}}
        init: [{match: "", weight: ones}]
    """,
    "a model that is a block": """
        archspec: 1
        name: Outer
        input: [N, 4]
        model: {Inner: {}}
        blocks:
          Inner:
            model: {fc: {Linear: 2}, act: ReLU}
            init: [{match: Linear, weight: eye}]
    """,
    "operations with left out inputs": """
        archspec: 1
        name: Operations
        inputs: {q: [N, 2, T=4, 8], mask: {shape: [T=4, T=4], dtype: bool}}
        model:
          attn: {scaled_dot_product_attention: {dropout_p: 0.1}, from: [q, q, q, mask]}
          norm: {layer_norm: {normalized_shape: [8]}, from: {input: attn, bias: "scale"}}
          heads: {rearrange: {pattern: "b h t (c d) -> b (h c) t d", d: 2}}
          part: {slice: {dim: 2, start: 1, step: 2}}
          masked: {masked_fill: {value: -.inf}, from: {input: attn, mask: mask}}
          repeat: {repeat: {repeats: [1, 1, 1, 2]}, from: part}
        output: [repeat, masked]
    """,
}
