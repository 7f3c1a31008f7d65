"""The classifier of texts and the translator: models written by hand, and what padding and order must not change."""

import math

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import archspec

VOCABULARY, WIDTH, LONGEST = 50, 16, 40
CLASSIFIER = {"vocab_size": VOCABULARY, "embedding_dim": 12, "hidden_size": 10, "num_layers": 2, "num_classes": 3}
TRANSLATOR = {
    "vocab_size": VOCABULARY,
    "d_model": WIDTH,
    "nhead": 4,
    "num_layers": 2,
    "dim_feedforward": 24,
    "max_length": LONGEST,
}


class BothWays(nn.Module):
    """Two LSTMs, one of which reads each text from its own end."""

    def __init__(self, width: int, hidden: int) -> None:
        """One layer for each direction."""
        super().__init__()
        self.rightwards = nn.LSTM(width, hidden, batch_first=True)
        self.leftwards = nn.LSTM(width, hidden, batch_first=True)

    def forward(self, x: torch.Tensor, lengths: list[int]) -> torch.Tensor:
        """The outputs of both directions, place by place."""
        back, _ = self.leftwards(_turned(x, lengths))
        return torch.cat((self.rightwards(x)[0], _turned(back, lengths)), dim=-1)


def _turned(x: torch.Tensor, lengths: list[int]) -> torch.Tensor:
    """Each text from its last token to its first; padding stays where it is."""
    return torch.stack([torch.cat((row[:end].flip(0), row[end:])) for row, end in zip(x, lengths, strict=True)])


class TextClassifier(nn.Module):
    """The classifier as it is written by hand."""

    def __init__(self) -> None:
        """Make the layers in order."""
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, 12, padding_idx=0)
        self.layers = nn.ModuleList([BothWays(12, 10), BothWays(20, 10)])
        self.classifier = nn.Sequential(nn.Dropout(0.5), nn.Linear(20, 3))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """A number for each class."""
        lengths = _lengths(tokens)
        x = nn.functional.dropout(self.embedding(tokens), 0.5, self.training)
        for layer in self.layers:
            x = layer(x, lengths)
        return self.classifier(_pooled(x, lengths))


def _lengths(tokens: torch.Tensor) -> list[int]:
    return [max(1, int((row != 0).sum())) for row in tokens]


def _pooled(x: torch.Tensor, lengths: list[int]) -> torch.Tensor:
    return torch.stack([row[:end].amax(dim=0) for row, end in zip(x, lengths, strict=True)])


class Embed(nn.Module):
    """Tokens as vectors, and where they stand."""

    def __init__(self) -> None:
        """One matrix, and a table that is not learnt."""
        super().__init__()
        self.tokens = nn.Embedding(VOCABULARY, WIDTH)
        places = [
            [(math.cos if d % 2 else math.sin)(place / 10000 ** (d // 2 * 2 / WIDTH)) for d in range(WIDTH)]
            for place in range(LONGEST)
        ]
        self.register_buffer("positions", torch.tensor(places), persistent=False)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Vectors that hold both."""
        x = self.tokens(tokens) * math.sqrt(WIDTH) + self.positions[: tokens.size(1)]
        return nn.functional.dropout(x, 0.1, self.training)


class Translator(nn.Module):
    """The Transformer as it is written by hand."""

    def __init__(self) -> None:
        """Make the layers in order."""
        super().__init__()
        self.embed = Embed()
        self.transformer = nn.Transformer(WIDTH, 4, 2, 2, 24, 0.1, batch_first=True)
        self.generator = nn.Linear(WIDTH, VOCABULARY, bias=False)
        nn.init.normal_(self.embed.tokens.weight, std=WIDTH**-0.5)
        self.generator.weight = self.embed.tokens.weight

    def forward(self, source: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """A number for each token that may come next, at each place of the target."""
        padding, length = source == 0, target.size(1)
        mask = torch.ones(length, length, dtype=torch.bool).triu(diagonal=1)
        x = self.transformer(
            self.embed(source),
            self.embed(target),
            tgt_mask=mask,
            src_key_padding_mask=padding,
            memory_key_padding_mask=padding,
            tgt_is_causal=True,
        )
        return self.generator(x)


def _texts(*lengths: int, longest: int | None = None) -> torch.Tensor:
    """Random tokens, each text filled up with 0."""
    texts = torch.zeros(len(lengths), longest or max(lengths), dtype=torch.int64)
    for row, length in zip(texts, lengths, strict=True):
        row[:length] = torch.randint(1, VOCABULARY, (length,))
    return texts


Pair = tuple[nn.Module, nn.Module]


@pytest.fixture
def classifiers() -> Pair:
    """The classifier by hand and from its spec, from the same random state."""
    torch.manual_seed(0)
    return TextClassifier().eval(), archspec.build("text_classifier", seed=0, **CLASSIFIER).eval()


@pytest.fixture
def translators() -> Pair:
    """The translator by hand and from its spec, from the same random state."""
    torch.manual_seed(0)
    return Translator().eval(), archspec.build("transformer", seed=0, **TRANSLATOR).eval()


def _inputs(name: str) -> tuple[torch.Tensor, ...]:
    return (_texts(9, 4, 1),) if name == "classifiers" else (_texts(9, 4, 6), _texts(7, 7, 5))


@pytest.mark.parametrize("name", ["classifiers", "translators"])
def test_by_hand(name: str, request: pytest.FixtureRequest) -> None:
    """The same keys in order, first weights, outputs in both modes, and gradients.

    The tables of positions are equal up to rounding: Python's numbers are twice as long.
    """
    pair: Pair = request.getfixturevalue(name)
    theirs, ours = (model.state_dict() for model in pair)
    assert [*ours] == [*theirs]
    assert [key for key, value in ours.items() if not torch.equal(value, theirs[key])] == []
    inputs = _inputs(name)
    torch.testing.assert_close(pair[1](*inputs), pair[0](*inputs))
    gradients = []
    for model in pair:
        torch.manual_seed(1)
        output = model.train()(*inputs)
        output.square().mean().backward()
        gradients.append({key: parameter.grad for key, parameter in model.named_parameters()})
    assert len(gradients[0]) == len([*pair[0].parameters()])
    torch.testing.assert_close(gradients[1], gradients[0])


def test_dropout_drops_alike(classifiers: Pair) -> None:
    """In training the same numbers are dropped for the same seed, and others for another."""
    tokens, outputs = _texts(9, 4), []
    for model, seed in zip((*classifiers, classifiers[1]), (1, 1, 2), strict=True):
        torch.manual_seed(seed)
        outputs.append(model.train()(tokens))
    assert torch.equal(outputs[0], outputs[1])
    assert not torch.allclose(outputs[1], outputs[2])


def test_the_classifier_is_a_bidirectional_lstm(classifiers: Pair) -> None:
    """It computes what PyTorch's bidirectional LSTM does with packed texts, whose weights it can take."""
    model = classifiers[1]
    lstm = nn.LSTM(12, 10, num_layers=2, batch_first=True, bidirectional=True)
    with torch.no_grad():
        for index, layer in enumerate(model.layers):
            for way, suffix in ((layer.rightwards, ""), (layer.leftwards, "_reverse")):
                for key, parameter in way.named_parameters():
                    parameter.copy_(getattr(lstm, key.replace("_l0", f"_l{index}{suffix}")))
    tokens = _texts(5, 9, 1)
    lengths = _lengths(tokens)
    packed = pack_padded_sequence(model.embedding(tokens), lengths, batch_first=True, enforce_sorted=False)
    expected, _ = pad_packed_sequence(lstm(packed)[0], batch_first=True)
    torch.testing.assert_close(model(tokens), model.classifier(_pooled(expected, lengths)))


def test_padding_changes_no_class(classifiers: Pair) -> None:
    """A text is judged alike alone and beside longer ones, whatever would be nice for the batch."""
    model = classifiers[1]
    alone = _texts(6)
    filled = torch.cat((alone, torch.zeros(1, 11, dtype=torch.int64)), dim=1)
    together = torch.cat((filled, _texts(17)))
    torch.testing.assert_close(model(filled), model(alone))
    torch.testing.assert_close(model(together)[:1], model(alone))


def test_order_changes_the_class(classifiers: Pair) -> None:
    """It is no bag of words."""
    model, tokens = classifiers[1], _texts(6)
    assert not torch.allclose(model(tokens), model(tokens.flip(1)))


def test_a_text_without_tokens(classifiers: Pair) -> None:
    """It gets finite numbers, also between others."""
    assert classifiers[1](_texts(3, 0)).isfinite().all()


def test_positions_are_those_of_the_paper() -> None:
    """Sine at even places, cosine at odd ones, at wavelengths from 2 pi to 10,000 times 2 pi."""
    positions = archspec.build("transformer", **TRANSLATOR).embed.positions
    torch.testing.assert_close(positions, Embed().positions)
    assert positions.shape == (LONGEST, WIDTH)
    assert "embed.positions" not in archspec.build("transformer", **TRANSLATOR).state_dict()


def test_no_token_of_the_target_sees_those_that_follow(translators: Pair) -> None:
    """What is said about a beginning is the same whatever comes after, padding or not."""
    model, source, target = translators[1], _texts(9, 4), _texts(8, 8)
    changed = target.clone()
    changed[:, 5:] = _texts(3, 2)
    before, after = model(source, target), model(source, changed)
    torch.testing.assert_close(after[:, :5], before[:, :5])
    assert not torch.allclose(after[:, 5:], before[:, 5:])


def test_nobody_sees_the_padding_of_the_source(translators: Pair) -> None:
    """A source is translated alike alone and beside longer ones; in the fast way without gradients as well."""
    model, source, target = translators[1], _texts(6), _texts(4)
    filled = torch.cat((source, torch.zeros(1, 9, dtype=torch.int64)), dim=1)
    expected = model(source, target)
    torch.testing.assert_close(model(filled, target), expected)
    with torch.no_grad():
        torch.testing.assert_close(model(filled, target), expected)
    assert not torch.allclose(model(_texts(6), target), expected)


def test_reading_and_writing_share_a_matrix(translators: Pair) -> None:
    """One parameter reads both languages and writes the second, as in section 3.4."""
    model = translators[1]
    assert model.generator.weight is model.embed.tokens.weight
    assert [name for name, _ in model.named_parameters() if "generator" in name] == []


@pytest.mark.parametrize(("preset", "millions"), [("transformer_base", 65), ("transformer_big", 213)])
def test_published_sizes(preset: str, millions: int) -> None:
    """Table 3 says 65 and 213 million; with 37,000 tokens it is within three hundredths of that."""
    model = archspec.build(preset, device="meta")
    count = sum(parameter.numel() for parameter in model.parameters())
    assert count == pytest.approx(millions * 1e6, rel=0.03)


def test_every_length_varies() -> None:
    """Source and target, texts and batches can have any number of tokens."""
    for name, params in (("text_classifier", CLASSIFIER), ("transformer", TRANSLATOR)):
        assert archspec.compile(name, params=params).fixed_dimensions == {}
    model = archspec.build("transformer", **TRANSLATOR)
    assert model(_texts(3, 1, 5), _texts(8, 2, 1)).shape == (3, 8, VOCABULARY)
