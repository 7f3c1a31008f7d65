"""The generated forward: what a careful engineer would have written, and nothing more."""

import inspect
from collections.abc import Callable
from textwrap import dedent

import pytest
import torch
from torch import nn

import archspec

Build = Callable[..., nn.Module]

WRITTEN = {
    "a chain of named nodes, each result deleted after its last use": (
        """
        input: [N, 4]
        model:
          fc1: {Linear: 4}
          act: ReLU
          fc2: {Linear: 3}
        """,
        """
        def forward(self, input):
            fc1 = self.fc1(input)
            act = self.act(fc1)
            del fc1
            fc2 = self.fc2(act)
            del act
            return fc2
        """,
    ),
    "a module run twice, an operation and an argument read from the input": (
        """
        input: [N, 4]
        model:
          act: ReLU
          fc: {Linear: 4}
          again: {call: act}
          sum: {add: , from: [again, input]}
          wide: {reshape: {shape: ["$(size(sum, 0))", 2, 2]}}
        """,
        """
        def forward(self, input):
            act = self.act(input)
            fc = self.fc(act)
            del act
            again = self.act(fc)
            del fc
            sum = again + input
            del again
            wide = sum.reshape(sum.size(0), 2, 2)
            del sum
            return wide
        """,
    ),
    "keywords, constants, an item of a tuple, and a dictionary as output": (
        """
        inputs: {x: [N, T=3, 4], mask: optional}
        model:
          attn:
            MultiheadAttention: {num_heads: 2, batch_first: true}
            from: {query: x, key: x, value: x, key_padding_mask: mask}
            with: {need_weights: false}
          out: {Linear: 2, from: "attn[0]"}
        output: {features: "attn[0]", logits: out}
        """,
        """
        def forward(self, x, mask=None):
            attn = self.attn(query=x, key=x, value=x, key_padding_mask=mask, need_weights=False)
            out = self.out(attn[0])
            return {'features': attn[0], 'logits': out}
        """,
    ),
    "parameters and buffers are attributes, formulas are expressions": (
        """
        input: [N, 4]
        model:
          scale: {Parameter: {shape: [4], init: ones}}
          shift: {Buffer: {value: [1.0, 2.0, 3.0, 4.0]}}
          out: {compute: -relu(input * scale) ** 2 + shift}
        output: [out, scale]
        """,
        """
        def forward(self, input):
            out = -_relu(input * self.scale) ** 2 + self.shift
            return (out, self.scale)
        """,
    ),
    "what is for training only stands behind `if self.training`": (
        """
        input: [N, 4]
        model:
          fc: {Linear: 4}
          aux: {Linear: 3, only: train}
          out: {Linear: 2, from: fc}
        output: [out, aux]
        """,
        """
        def forward(self, input):
            fc = self.fc(input)
            if self.training:
                aux = self.aux(fc)
            out = self.out(fc)
            del fc
            if self.training:
                return (out, aux)
            return out
        """,
    ),
    "a ModuleList is a loop, and its input is freed when its first module has run": (
        """
        input: [N, 4]
        model:
          stem: {Linear: 4}
          layers: {ModuleList: [{Linear: 4}, ReLU]}
        """,
        """
        def forward(self, input):
            stem = self.stem(input)
            layers = stem
            del stem
            for _1 in self.layers:
                layers = _1(layers)
            return layers
        """,
    ),
    "branches, zip and a dictionary of branches": (
        """
        input: [N, 4]
        model:
          heads: {ModuleList: [{Linear: 4}, {Linear: 4}], mode: branch}
          acts: {ModuleList: [ReLU, Tanh], mode: zip}
          named: {ModuleDict: {mean: {Linear: 2}, scale: {Linear: 2}}, mode: branch, from: "acts[0]"}
        """,
        """
        def forward(self, input):
            heads = []
            for _1 in self.heads:
                heads.append(_1(input))
            acts = []
            for _2, _3 in _zip(self.acts, heads, strict=True):
                acts.append(_2(_3))
                del _3
            del heads
            named = {}
            for _4, _5 in self.named.items():
                named[_4] = _5(acts[0])
            del acts
            return named
        """,
    ),
    "a ModuleDict is indexed by the input that selects, or by the key that was written": (
        """
        inputs: {x: [N, 4], act: str}
        model:
          acts: {ModuleDict: {relu: ReLU, tanh: Tanh}, select: act, from: x}
          fixed: {ModuleDict: {a: {Linear: 4}, b: {Linear: 3}}, select: b}
        """,
        """
        def forward(self, x, act):
            acts = self.acts[act](x)
            fixed = self.fixed['b'](acts)
            del acts
            return fixed
        """,
    ),
    "containers that only hold are reached by index or name": (
        """
        input: [N, 4]
        model:
          bank: {ModuleList: [{Linear: 4}, {Linear: 4}], mode: hold}
          acts: {ModuleDict: {relu: ReLU}, mode: hold}
          zero: {call: bank.0, from: input}
          one: {call: bank.1}
          two: {call: acts.relu}
        """,
        """
        def forward(self, input):
            zero = self.bank[0](input)
            one = self.bank[1](zero)
            del zero
            two = self.acts.relu(one)
            del one
            return two
        """,
    ),
    "members that are run in different ways are unpacked": (
        """
        input: [N, 4]
        model:
          body:
            ModuleDict:
              plain: {Linear: 4}
              list: {ModuleList: [ReLU, {ModuleList: [ReLU, Tanh], mode: branch}]}
            mode: branch
        """,
        """
        def forward(self, input):
            body = {}
            (_1, _2), (_3, _4) = self.body.items()
            body[_1] = _2(input)
            _5 = input
            _6, _7 = _4
            _5 = _6(_5)
            _8 = []
            for _9 in _7:
                _8.append(_9(_5))
            _5 = _8
            del _8
            body[_3] = _5
            del _5
            return body
        """,
    ),
}


@pytest.mark.parametrize("title", WRITTEN)
def test_written(title: str, written: Callable[[str], str]) -> None:
    """Each form of node becomes the Python that one would write by hand."""
    text, expected = WRITTEN[title]
    assert written(text) == dedent(expected).strip()


NESTED = """
inputs: {x: [N, 4], act: str}
model:
  bank: {ModuleDict: {first: {Linear: 4}, second: {Linear: 4}}, mode: hold}
  start: {call: bank.first, from: x}
  deep:
    ModuleList:
      - ModuleDict:
          wide: {Linear: 4}
          narrow: {ModuleList: [{Linear: 2}, ReLU, {Linear: 4}]}
        select: narrow
      - ModuleList:
          - {Linear: 4}
          - ModuleDict:
              left: {Linear: 3}
              right: {ModuleList: [{Linear: 2}, {Linear: 2}], mode: branch}
            mode: branch
        mode: branch
  acts:
    ModuleDict:
      relu: ReLU
      twice: {ModuleList: [Tanh, ReLU]}
    select: act
    from: "deep[0]"
  again: {call: bank.second}
output: {acts: again, left: "deep[1][left]", right: "deep[1][right]"}
"""


@pytest.mark.parametrize("act", ["relu", "twice"])
def test_containers_in_containers(build: Build, act: str) -> None:
    """ModuleLists and ModuleDicts in every mode, three deep in one another, compute what their modes say."""
    model, x = build(NESTED), torch.randn(2, 4)
    chain, branch = model.deep[0]["narrow"], model.deep[1]
    hidden = chain[2](chain[1](chain[0](model.bank["first"](x))))
    left, right = branch[1]["left"], branch[1]["right"]
    acts = torch.relu(branch[0](hidden)) if act == "relu" else torch.relu(torch.tanh(branch[0](hidden)))
    output = model(x, act)
    assert list(output) == ["acts", "left", "right"]
    assert torch.equal(output["acts"], model.bank["second"](acts))
    assert torch.equal(output["left"], left(hidden))
    assert [torch.equal(some, layer(hidden)) for some, layer in zip(output["right"], right, strict=True)] == [True] * 2


def test_nested_containers_are_captured_whole(build: Build) -> None:
    """`torch.compile(fullgraph=True)` and `torch.export` take the loops over containers too."""
    model, x = build(NESTED), torch.randn(2, 4)
    expected = model(x, "twice")
    compiled = torch.compile(model, fullgraph=True, backend="eager")(x, "twice")
    exported = torch.export.export(model, (x, "twice")).module()(x, "twice")
    for output in (compiled, exported):
        assert list(output) == list(expected)
        assert torch.equal(output["acts"], expected["acts"])
        assert all(torch.equal(*pair) for pair in zip(output["right"], expected["right"], strict=True))


def test_a_branch_inside_a_chain(build: Build) -> None:
    """A chain may end in branches: they read what the chain gave so far."""
    model = build(
        """
        input: [N, 4]
        model:
          body:
            ModuleList:
              - Linear: 4
              - {ModuleList: [ReLU, Tanh], mode: branch}
              - {ModuleList: [Tanh, ReLU], mode: zip}
        """
    )
    x = torch.randn(2, 4)
    hidden = model.body[0](x)
    output = model(x)
    assert torch.equal(output[0], torch.tanh(torch.relu(hidden)))
    assert torch.equal(output[1], torch.relu(torch.tanh(hidden)))


UNIFORM = """
input: [N, 4]
model:
  branches: {ModuleList: [{Linear: 4}, {Linear: 4}], mode: branch}
  zipped: {ModuleList: [ReLU, Tanh], mode: zip}
  named: {ModuleDict: {a: {Linear: 2}, b: {Linear: 3}}, mode: branch, from: "zipped[0]"}
output: {zipped: zipped, named: named}
"""


def test_modules_added_to_branches_are_run(build: Build) -> None:
    """Where all members are run alike, one that is added later is run like them."""
    model, x = build(UNIFORM), torch.randn(2, 4)
    model.branches.append(nn.Identity())
    model.zipped.append(nn.Identity())
    model.named["c"] = nn.Identity()
    output = model(x)
    assert torch.equal(output["zipped"][2], x)
    assert list(output["named"]) == ["a", "b", "c"]


def test_a_zip_of_unequal_lengths_fails(build: Build) -> None:
    """A ModuleList that no longer fits the list it is paired with is an error, not a shorter result."""
    model = build(UNIFORM)
    model.zipped.append(nn.Identity())
    with pytest.raises(ValueError, match=r"^zip\(\) argument 2 is shorter than argument 1$"):
        model(torch.randn(2, 4))


MIXED = {
    "chain": "{ModuleList: [{Linear: 4}, {ModuleList: [ReLU, Tanh]}]}",
    "branch": "{ModuleList: [{Linear: 4}, {ModuleList: [ReLU, Tanh]}], mode: branch}",
    "dict": "{ModuleDict: {a: {Linear: 4}, b: {ModuleList: [ReLU, Tanh]}}, mode: branch}",
    "sequential": "{Sequential: {a: {Linear: 4}, b: {ModuleList: [ReLU, Tanh]}}}",
}


@pytest.mark.parametrize("kind", MIXED)
def test_modules_added_to_mixed_containers_are_refused(build: Build, kind: str) -> None:
    """Where members are run in different ways, nobody knows how to run another one: unpacking fails."""
    model = build(f"input: [N, 4]\nmodel:\n  body: {MIXED[kind]}")
    model(torch.randn(2, 4))
    model.body.add_module("2", nn.Identity())
    with pytest.raises(ValueError, match=r"^too many values to unpack \(expected 2\)$"):
        model(torch.randn(2, 4))


@pytest.mark.parametrize("kind", MIXED)
def test_modules_missing_from_mixed_containers_are_noticed(build: Build, kind: str) -> None:
    """The same holds when a module was taken away."""
    model = build(f"input: [N, 4]\nmodel:\n  body: {MIXED[kind]}")
    del model.body["b" if kind == "dict" else 1]
    with pytest.raises(ValueError, match=r"^not enough values to unpack \(expected 2, got 1\)$"):
        model(torch.randn(2, 4))


def test_a_mixed_selection_knows_its_keys(build: Build) -> None:
    """A key that is added to a ModuleDict whose members are run in different ways cannot be selected."""
    model = build(
        """
        inputs: {x: [N, 4], key: str}
        model:
          body: {ModuleDict: {a: {Linear: 4}, b: {ModuleList: [ReLU, Tanh]}}, select: key, from: x}
        """
    )
    model.body["c"] = nn.Identity()
    x = torch.randn(2, 4)
    assert torch.equal(model(x, "b"), torch.tanh(torch.relu(x)))
    with pytest.raises(KeyError, match=r"^'c'$"):
        model(x, "c")


HEADS = """
input: [N, 4]
model:
  fc: {Linear: 4}
  aux: {Linear: 3, only: train}
  soft: {softmax: {dim: -1}, from: aux, only: train}
  doubled: {compute: soft * 2, only: train}
  out: {Linear: 2, from: fc}
"""


def test_heads_for_training(build: Build) -> None:
    """`only: train` runs in training and is returned there; in eval mode the output is the rest alone."""
    model, x = build(HEADS + "output: [out, doubled]"), torch.randn(2, 4)
    out, doubled = model.train()(x)
    assert torch.equal(doubled, torch.softmax(model.aux(model.fc(x)), -1) * 2)
    assert torch.equal(model.eval()(x), out)


def test_heads_for_training_in_a_dictionary(build: Build) -> None:
    """A dictionary stays one in eval mode, without the heads."""
    model, x = build(HEADS + "output: {out: out, aux: doubled}"), torch.randn(2, 4)
    assert list(model.train()(x)) == ["out", "aux"]
    assert list(model.eval()(x)) == ["out"]


def test_heads_for_training_cost_nothing_in_eval_mode(build: Build) -> None:
    """They are not even run."""
    model, runs = build(HEADS + "output: [out, doubled]"), []
    model.aux.register_forward_hook(lambda *_: runs.append(1))
    model.eval()(torch.randn(2, 4))
    assert runs == []
    model.train()(torch.randn(2, 4))
    assert runs == [1]


STAND_IN = """
input: [N, 4]
model:
  code: {Linear: 4}
  noisy: {compute: code + rand_like(code), only: train, else: code}
  out: {Linear: 2}
"""


def test_what_stands_in_for_a_node_in_evaluation(build: Build, written: Callable[[str], str]) -> None:
    """With `else`, a node of training has a value in evaluation too, and the next node reads one or the other."""
    model, x = build(STAND_IN), torch.randn(2, 4)
    assert torch.equal(model.eval()(x), model.out(model.code(x)))
    torch.manual_seed(0)
    trained = model.train()(x)
    torch.manual_seed(0)
    assert torch.equal(trained, model.out(model.code(x) + torch.rand(2, 4)))
    assert written(STAND_IN) == dedent(
        """
        def forward(self, input):
            code = self.code(input)
            if self.training:
                noisy = code + _rand_like(code)
            else:
                noisy = code
            del code
            out = self.out(noisy)
            del noisy
            return out
        """
    ).strip("\n")


def test_a_node_that_leaves_nothing(build: Build) -> None:
    """With `else: null` a node that is off has no value, and `output` is without it in both modes."""
    text = "params: {aux: true}\n" + HEADS.replace(", only: train", ", when: aux, else: null")
    text += "output: {out: out, aux: doubled}"
    for aux, keys in ((True, ["out", "aux"]), (False, ["out"])):
        model = build(text, compile={"params": {"aux": aux}})
        assert hasattr(model, "aux") is aux
        assert list(model.train()(torch.randn(2, 4))) == keys
        assert list(model.eval()(torch.randn(2, 4))) == keys


def test_several_outputs(build: Build) -> None:
    """A list of names is a tuple, and inputs and parameters can be among them."""
    model = build(
        """
        input: [N, 4]
        model:
          scale: {Parameter: {shape: [4], init: ones}}
          fc: {Linear: 2, from: input}
        output: [fc, input, scale]
        """
    )
    x = torch.randn(2, 4)
    fc, same, scale = model(x)
    assert torch.equal(fc, model.fc(x))
    assert same is x
    assert scale is model.scale


def test_optional_inputs(build: Build) -> None:
    """An optional input may be left out or given, by position or by name."""
    model = build(
        """
        inputs: {x: [N, T=3, 4], mask: optional}
        model:
          attn:
            MultiheadAttention: {num_heads: 2, batch_first: true}
            from: {query: x, key: x, value: x, key_padding_mask: mask}
            with: {need_weights: false}
          out: {Identity: , from: "attn[0]"}
        """
    )
    x, mask = torch.randn(2, 3, 4), torch.tensor([[False, False, True]] * 2)
    without = model.attn(x, x, x, need_weights=False)[0]
    masked = model.attn(x, x, x, key_padding_mask=mask, need_weights=False)[0]
    assert torch.equal(model(x), without)
    assert torch.equal(model(x, None), without)
    assert torch.equal(model(x, mask), masked)
    assert torch.equal(model(x=x, mask=mask), masked)
    assert not torch.equal(without, masked)


def test_sizes_are_read_at_run_time(build: Build) -> None:
    """An argument with `size` in it follows the input, whatever size the check ran at."""
    model = build(
        """
        input: [N, T=6, 4]
        model:
          part: {narrow: {dim: 1, start: 0, length: "$(size(input, 1) // 2)"}}
        """
    )
    assert [model(torch.randn(3, length, 4)).shape[1] for length in (2, 5, 8)] == [1, 2, 4]


def test_a_formula_longer_than_the_default_limit(build: Build) -> None:
    """A limit that the caller raised for the check does not come back when the model is emitted."""
    formula = " + ".join(["input"] * 300)
    limits = archspec.Limits(expression_length=10_000, expression_depth=1_000)
    model = build(f"input: [N]\nmodel:\n  sum: {{compute: {formula}}}", compile={"limits": limits})
    assert torch.equal(model(torch.ones(2)), torch.full((2,), 300.0))


def test_signature(build: Build) -> None:
    """`forward` has the inputs of the spec as its parameters, so an editor and `help` show them."""
    model = build("inputs: {x: [N, 4], act: str, mask: optional}\nmodel:\n  a: {ReLU: , from: x}")
    assert str(inspect.signature(model.forward)) == "(x, act, mask=None)"
    assert type(model).forward.__qualname__ == "Net.forward"


def test_a_node_called_self(build: Build, written: Callable[[str], str]) -> None:
    """BERT has `attention.self`: the name is a child like any other, and `self` in forward stays the module."""
    text = """
        input: [N, 4]
        model:
          self: {Linear: 4}
          sum: {add: , from: [self, input]}
          rows: {narrow: {dim: 0, start: 0, length: "$(size(self, 0))"}}
          out: {compute: self * 2 + rows}
        """
    model, x = build(text), torch.randn(3, 4)
    first = model.self(x)
    assert torch.equal(model(x), first * 2 + (first + x))
    assert list(model.state_dict()) == ["self.weight", "self.bias"]
    assert written(text).splitlines()[1] == "    _self = self.self(input)"
