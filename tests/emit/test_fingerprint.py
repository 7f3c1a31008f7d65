"""Fingerprints: one for each function with its keys, whatever else a spec says."""

import pytest

import archspec
from archspec.emit.fingerprint import VERSION, fingerprint
from archspec.emit.spec import emit_spec

LENET = "1:8ce762b41757a5015aa4976237b000e6c8ce66dc631a313f69aaf01a8dc04be2"

PLAIN = """\
archspec: 1
name: Net
input: [N, 4]
model:
  first: {Linear: {out_features: 4}}
  act: ReLU
  mix: {softmax: {dim: 1}, from: first}
  sum: {sub: , from: [first, act]}
  wave: {compute: sum + sin(mix)}
  last: {Linear: {in_features: 4, out_features: 2}}
"""

SAME = {
    "params and comments": PLAIN.replace("input:", "params: {width: 4}  # a comment\ninput:").replace(
        "out_features: 4", "out_features: $width"
    ),
    "order of arguments": PLAIN.replace("in_features: 4, out_features: 2", "out_features: 2, in_features: 4"),
    "inferred arguments": PLAIN.replace("{in_features: 4, out_features: 2}", "2"),
    "defaults": PLAIN.replace("act: ReLU", "act: {ReLU: {inplace: false}}"),
    "names of operations": PLAIN.replace("sum", "total").replace("mix", "blend"),
    "names of classes": PLAIN.replace("name: Net", "name: Other\ndoc: Words."),
    "names of inputs": PLAIN.replace("input: [N, 4]", "inputs: {x: [N, 4]}"),
    "checked sizes": PLAIN.replace("[N, 4]", "[Batch=7, 4]"),
    "initialisation": PLAIN + "init: [{match: Linear, bias: zeros}]\n",
}

OTHER = {
    "a layer": PLAIN.replace("act: ReLU", "act: GELU"),
    "an argument": PLAIN.replace("act: ReLU", "act: {ReLU: {inplace: true}}"),
    "an argument of an operation": PLAIN.replace("dim: 1", "dim: 0"),
    "a formula": PLAIN.replace("sin", "cos"),
    "a function that is called like a value": PLAIN.replace("sum + sin(mix)", "sum + mix(mix)")
    .replace("mix", "tanh")
    .replace("sum + tanh(tanh)", "sum + tanh(tanh)"),
    "wiring": PLAIN.replace("[first, act]", "[act, first]"),
    "a name of a module": PLAIN.replace("last:", "head:"),
    "the order of modules": PLAIN.replace("  act: ReLU\n", "").replace("model:\n", "model:\n  act: ReLU\n"),
    "what is returned": PLAIN + "output: [last, act]\n",
    "training only": PLAIN.replace("  last:", "  aux: {Linear: 3, only: train}\n  last:").replace(
        "out_features: 2}", "out_features: 2}, from: wave"
    ),
    "a tie": PLAIN.replace("out_features: 2", "out_features: 4") + "tie: {last.weight: first.weight}\n",
}


def _of(text: str) -> str:
    return fingerprint(archspec.compile(text).graph)


@pytest.mark.parametrize("text", SAME.values(), ids=SAME)
def test_what_does_not_count(text: str) -> None:
    """Two specs of one function have one fingerprint."""
    assert _of(text) == _of(PLAIN)


@pytest.mark.parametrize("text", OTHER.values(), ids=OTHER)
def test_what_counts(text: str) -> None:
    """Whatever changes the numbers or the keys changes the fingerprint."""
    assert _of(text) != _of(PLAIN)


def test_all_of_these_differ_from_each_other() -> None:
    """No two of the changes look alike, which a fingerprint of too little would allow."""
    assert len({_of(text) for text in OTHER.values()}) == len(OTHER)


def test_ties_and_widths_are_told_apart() -> None:
    """The wider layer of the tied spec is not what makes the difference."""
    wide = PLAIN.replace("out_features: 2", "out_features: 4")
    assert _of(wide) != _of(OTHER["a tie"])


@pytest.mark.parametrize("name", ["resnet18", "densenet121", "bert", "vae", "text_classifier", "transformer"])
def test_the_concrete_spec_has_the_same(name: str) -> None:
    """Expanded and compiled again, an architecture is what it was."""
    graph = archspec.compile(name).graph
    assert fingerprint(archspec.compile(emit_spec(graph)).graph) == fingerprint(graph)


def test_sizes_that_are_read_at_run_time_count() -> None:
    """The text of a size is a part of the function, the name of the value that it reads is not."""
    text = """\
archspec: 1
name: Net
input: [N, 4]
model:
  a: {Linear: 4}
  b: {reshape: {shape: ["$(size(a, 0) * 2)", 2]}}
"""
    assert _of(text) == _of(text.replace("  a:", "  a:").replace("b:", "c:"))
    assert _of(text) != _of(text.replace("* 2", "* 4").replace(", 2]", ", 1]"))


def test_a_fingerprint_begins_with_its_version() -> None:
    """A later archspec that hashes something else can tell, and does not refuse old files."""
    version, digits = _of(PLAIN).split(":")
    assert (version, len(digits)) == (VERSION, 64)


def test_the_fingerprint_of_a_published_architecture_stays() -> None:
    """Files that were written hold it: whoever changes what is hashed must change the version."""
    assert _of("lenet") == LENET
