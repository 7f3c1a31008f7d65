"""Names that nothing has are told of beside other faults, as the elaborator would tell of them, and no others are."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from archspec.catalog.registry import default_registry
from archspec.compiler import Compilation
from archspec.diagnostic import Diagnostic
from archspec.errors import Collector, SpecError
from archspec.limits import DEFAULT_LIMITS
from archspec.source import Source, Span
from archspec.spec.document import Spec
from archspec.spec.given import source_of
from archspec.spec.load import load
from archspec.spec.shipped import shipped
from archspec.spec.unknown import unknown_names
from archspec.syntax.parse import parse
from archspec.syntax.tree import Mapping, Scalar, Sequence, Tree

ROOT = Path(__file__).parents[2]
VALID = sorted([*ROOT.glob("examples/*.yaml"), *ROOT.glob("tests/fixtures/expand/*.yaml")])
SHIPPED = sorted(shipped())
MOST_A_FILE = 12
MOST_SECONDS = 4.0


def spec_of(source: Source) -> Spec:
    """A spec that validation finds nothing wrong with."""
    collector = Collector()
    spec = load(source, registry=default_registry(), limits=DEFAULT_LIMITS, collector=collector)
    assert not collector.failed
    return spec


def found(spec: Spec) -> list[Diagnostic]:
    """What the search finds in a spec."""
    collector = Collector()
    unknown_names(spec, DEFAULT_LIMITS, collector)
    return collector.diagnostics


def told(text: str) -> list[str]:
    """The messages of a spec that is refused, without the places."""
    with pytest.raises(SpecError) as refused:
        _ = Compilation(text).graph
    return [item.message for item in refused.value.diagnostics if item.code == "E0403"]


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_nothing_is_found_in_a_spec_that_is_valid(path: Path) -> None:
    """Whatever can be read where, the search knows of it."""
    assert found(spec_of(source_of(path)[0])) == []


@pytest.mark.parametrize("name", SHIPPED)
def test_nothing_is_found_in_what_ships(name: str) -> None:
    """Real specs, with blocks, loops and params that are nodes."""
    assert found(spec_of(source_of(name)[0])) == []


def names_in(tree: Tree) -> list[Span]:
    """Where `$name` stands in a tree, letter by letter."""
    if isinstance(tree, Scalar):
        text = tree.text if isinstance(tree.value, str) else ""
        return [tree.span] if text.startswith("$") and text[1:].isidentifier() else []
    parts = tree.items if isinstance(tree, Sequence) else [value for _, _, value in tree.items()]
    return [span for part in parts for span in names_in(part)]


def misspelt(source: Source, span: Span) -> Source:
    """The source with one letter too many in the name that stands at a place."""
    lines = source.text.split("\n")
    line = lines[span.line - 1]
    end = line.index("$", span.column - 1) + 2
    lines[span.line - 1] = f"{line[:end]}q{line[end:]}"
    return replace(source, text="\n".join(lines))


def as_said(diagnostics: list[Diagnostic]) -> set[tuple[object, ...]]:
    """What people read of each, and what `--fix` would do."""
    return {(item.span, item.message, item.expected, item.hint, item.fix) for item in diagnostics}


@pytest.mark.slow
@pytest.mark.parametrize("path", [*VALID, *(shipped()[name].path for name in SHIPPED)], ids=lambda path: path.stem)
def test_a_misspelt_name_is_told_as_the_elaborator_tells_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Word by word, with the same names to choose from; only what no model runs is left to the search alone."""
    source = source_of(path)[0]
    tree = parse(source, DEFAULT_LIMITS, Collector())
    assert isinstance(tree, Mapping)
    places = [
        span for key, _, value in tree.items() if key not in ("presets", "patch", "use") for span in names_in(value)
    ]
    monkeypatch.setattr("archspec.compiler.unknown_names", lambda *_: None)
    for span in places[:MOST_A_FILE]:
        wrong = misspelt(source, span)
        try:
            _ = Compilation(wrong).graph
        except SpecError as refused:
            elaborated = [item for item in refused.diagnostics if item.code == "E0403"]
            assert as_said(elaborated) <= as_said(found(spec_of(wrong)))


HEAD = "archspec: 1\nname: Net\ninput: [N, 4]\n"


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ("params: {a: $b, b: 1}\nmodel: [Relu]\n", "b"),
        ("let: {a: $(in_features * c)}\nmodel: [Relu]\n", "c"),
        ("model: [Relu, {for: 'i, (j, k) in x', do: [{Linear: $(i + j + k)}]}]\n", "x"),
        ("model: {x$(i): {Linear: $i, for: i in range(2)}, y: Relu, z$(i): ReLU}\n", "i"),
        ("model: [Relu, B]\nlet: {a: 1}\nblocks: {B: {params: {p: 1}, model: [{Linear: $(p + a)}]}}\n", "a"),
        ("model: [Relu, {Graph: {params: {p: 1}, model: {x: {Linear: $p}}}}, {Linear: $p}]\n", "p"),
        ("model: [Relu, {$norm: 3}]\n", "norm"),
        ("model: [{Relu: {n: $n}}]\n", "n"),
        ("let: {a: 1}\nmodel: [Relu]\ninit: [{match: $m, weight: $a}]\n", "a"),
        ("model: {ReLU: {Relu: , when: maybe}}\n", "maybe"),
    ],
)
def test_a_name_is_told_beside_a_misspelt_layer(rest: str, message: str) -> None:
    """In one run, and a name counts only where the language lets it be read."""
    assert told(HEAD + rest) == [f"nothing is called `{message}` here"]


@pytest.mark.parametrize(
    "rest",
    [
        "model: [Relu, {Linear: $(min(in_features, size(x, 0)))}]\n",
        "let: {a: $b, b: 2}\nmodel: [Relu]\n",  # the elaborator says that `b` comes later
        "params: {a-b: 1, 'for': 2, c: {typo: int}}\nmodel: [Relu, {Linear: $c}]\n",
        "params: {p: 1, node: {type: module, default: {Linear: $q}}, q: 1}\nmodel: [Relu, {$node: }]\n",
        "model: [Relu, {for: 'i inn range(2)', do: [{Linear: $i}]}]\n",
        "extends: no-such-net\npatch: {fc: {Linear: $classes}}\n",
        "model: {when: ReLU, for: {Linear: 3}, other: Relu}\n",
        "model: [Relu, {Linear: '$(1 +'}, {Linear: $$x}]\n",
    ],
)
def test_no_name_is_told_that_may_be_meant(rest: str) -> None:
    """A fault elsewhere, as of what declares the name, leads to no second one."""
    assert told(HEAD + rest) == []


def test_names_are_told_in_the_files_that_a_spec_reads(tmp_path: Path) -> None:
    """Each file by the params of its own, and of those that extend it or that it extends."""
    (tmp_path / "used.yaml").write_text(f"{HEAD}params: {{u: 1}}\nmodel: [{{Linear: $(u + w)}}]\n")
    (tmp_path / "base.yaml").write_text(f"{HEAD}params: {{b: 1}}\nmodel: [{{Linear: $(b + w + v)}}]\n")
    child = tmp_path / "child.yaml"
    child.write_text(
        "archspec: 1\nextends: base.yaml\nuse: {Used: used.yaml}\nparams: {w: 1}\n"
        "blocks: {Own: {model: [Relu, {Linear: $(b + w + u)}]}}\n"
    )
    with pytest.raises(SpecError) as refused:
        _ = Compilation(child).graph
    diagnostics = [item for item in refused.value.diagnostics if item.code == "E0403" and item.span is not None]
    assert sorted((Path(item.span.source.name).name, item.message) for item in diagnostics if item.span) == [
        ("base.yaml", "nothing is called `v` here"),
        ("child.yaml", "nothing is called `u` here"),
        ("used.yaml", "nothing is called `w` here"),
    ]


def test_a_name_in_what_a_broken_node_feeds_is_told() -> None:
    """The elaborator does not look into a node whose input it does not know; one run tells both all the same."""
    text = f"{HEAD}params: {{width: 3}}\nmodel: {{a: {{Linear: {{bias: 3}}}}, b: {{Linear: $widht}}}}\n"
    assert told(text) == ["nothing is called `widht` here"]


def test_a_limit_ends_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is refused for its size is not read once more."""
    monkeypatch.setattr("archspec.compiler.unknown_names", lambda *_: pytest.fail("it was read once more"))
    with pytest.raises(SpecError, match="expansion_steps"):
        _ = Compilation(
            f"{HEAD}model: [{{ReLU: , repeat: 9}}]\n", limits=DEFAULT_LIMITS.raised(expansion_steps=3)
        ).graph


@pytest.mark.parametrize("key", ["let", "params"])
def test_the_search_is_linear_in_the_text(key: str, in_time: Callable[[float, float], bool]) -> None:
    """Ten thousand names, each read by the next: sets that are copied for each would take half a minute."""
    names = ", ".join(f"n{index}: $n0" for index in range(1, 10_000))
    spec = load(
        Source.of_text(f"{HEAD}{key}: {{n0: 1, {names}}}\nmodel: [ReLU]\n"),
        registry=default_registry(),
        limits=DEFAULT_LIMITS,
        collector=Collector(),
    )
    before = time.process_time()
    assert found(spec) == []
    assert in_time(time.process_time() - before, MOST_SECONDS)
