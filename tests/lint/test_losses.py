"""Probabilities where logits are meant."""

from collections.abc import Callable

import pytest

Lint = Callable[..., list[tuple[str, int]]]

LOSS = "inputs:\n  x: [N, 8]\n  target: {shape: [N], dtype: int64, max: 4}"


@pytest.mark.parametrize("last", ["softmax: -1", "Softmax: -1", "log_softmax: -1", "Sigmoid: "])
def test_an_output_called_logits(lint: Lint, last: str) -> None:
    """Its name says what it is meant for."""
    assert lint(f"a: {{Linear: 4}}\nlogits: {{{last}}}", given="input: [N, 8]") == [("W0204", 2)]


@pytest.mark.parametrize("name", ["logits", "class_logits"])
def test_a_head_and_a_key_called_logits(lint: Lint, name: str) -> None:
    """The softmax may stand at the end of a container, and the name in `output`."""
    assert lint(f"{name}:\n  - Linear: 4\n  - Softmax: -1", given="input: [N, 8]") == [("W0204", 3)]
    model = "a: {Linear: 4}\nb: {softmax: -1}"
    assert lint(model, given="input: [N, 8]", rest=f"output: {{{name}: b}}\n") == [("W0204", 2)]


@pytest.mark.parametrize("loss", ["cross_entropy", "CrossEntropyLoss"])
def test_a_loss_that_takes_logits(lint: Lint, loss: str) -> None:
    """It applies the softmax itself; a view between the two changes nothing."""
    model = "a: {Linear: 4, from: x}\nb: {Softmax: -1}\nc: {reshape: {shape: [-1, 4]}}\n"
    assert lint(model + f"d: {{{loss}: , from: [c, target]}}", given=LOSS) == [("W0204", 2)]


def test_a_loss_of_yes_or_no(lint: Lint) -> None:
    """A sigmoid before it is applied twice."""
    given = "inputs:\n  x: [N, 8]\n  target: [N, 4]"
    model = "a: {Linear: 4, from: x}\nb: {sigmoid: }\nc: {BCEWithLogitsLoss: , from: [b, target]}"
    assert lint(model, given=given) == [("W0204", 2)]


@pytest.mark.parametrize(
    "model",
    [
        "a: {Linear: 4}\nb: {softmax: -1}",  # probabilities may be what is meant
        "logits: {Linear: 4}\nprobabilities: {softmax: -1}",
        "a: {softmax: -1}\nlogits: {Linear: 4}",
    ],
)
def test_a_softmax_that_may_be_meant(lint: Lint, model: str) -> None:
    """Nothing says that logits were meant."""
    assert lint(model, given="input: [N, 8]") == []


def test_a_loss_that_takes_logarithms(lint: Lint) -> None:
    """`nll_loss` needs the log_softmax that `cross_entropy` applies itself."""
    model = "a: {Linear: 4, from: x}\nb: {log_softmax: -1}\nc: {nll_loss: , from: [b, target]}"
    assert lint(model, given=LOSS) == []
