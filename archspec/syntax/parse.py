"""The parser: in comes a source, out goes its tree, guarded before anything is built that was not counted."""

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

import yaml

from archspec.diagnostic import Diagnostic, Note, quote
from archspec.errors import Collector, Fault
from archspec.limits import DEFAULT_LIMITS, Limits
from archspec.source import Source, Span
from archspec.syntax.characters import check_characters
from archspec.syntax.mistakes import explain
from archspec.syntax.scalars import resolve
from archspec.syntax.tree import Mapping, Mark, Scalar, Sequence, Tree

__all__ = ["parse"]

LOADER: type[yaml.CSafeLoader | yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_DIRECTIVES = (None, (1, 2))
_LONGEST_CHARACTER = 4  # bytes in UTF-8
_MERGE = "<<"
_ODD_KEYS = ("", _MERGE)
_STANDARD_TAG = "tag:yaml.org,2002:"


def parse(source: Source, limits: Limits = DEFAULT_LIMITS, collector: Collector | None = None) -> Tree:
    """Read a text as a tree.

    Parser events are counted and never composed: no tag is resolved, no alias copied, no merge key followed.

    Args:
        source: the text.
        limits: what the text may ask for.
        collector: takes the faults after which parsing can go on (a key written twice, a tag, a merge key, a key that
            is no text, an alias of nothing). Without one, the first of them is raised.

    Raises:
        Fault: the text is empty, not YAML, or holds a character that nobody can see; this ends the parse.
        LimitFault: the text exceeds a limit.
    """
    _check_size(source, limits)
    check_characters(source)
    builder = _Builder(source, limits, _raise if collector is None else collector.add)
    with _collection_paused():
        _run(builder, source)
    return builder.root()


def _run(builder: "_Builder", source: Source) -> None:
    try:
        builder.take(iter(LOADER(source.text).get_event, None))
    except yaml.YAMLError as error:
        raise Fault(explain(source, error)) from None
    except (ValueError, OverflowError):
        # PyYAML lets Python's own errors through: for `%ed%a0%80` in a tag and, without libyaml, for "\\UFFFFFFFF".
        message = "the text is not YAML: an escape in what starts here stands for no character"
        raise Fault(Diagnostic(code="E0102", message=message, span=builder.reached())) from None


@contextmanager
def _collection_paused() -> Iterator[None]:
    """Python's cyclic collector walks the growing tree again and again, which takes longer than building it."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _raise(diagnostic: Diagnostic) -> None:
    raise Fault(diagnostic)


def _check_size(source: Source, limits: Limits) -> None:
    size = len(source.text.encode("utf-8", "surrogatepass"))
    limits.check("file_bytes", size, None, f"bytes in {quote(source.name)}")


class _Event(Protocol):
    """What every event of PyYAML has."""

    start_mark: Mark
    end_mark: Mark


class _Document(_Event, Protocol):
    version: tuple[int, int] | None
    tags: dict[str, str] | None


class _Alias(_Event, Protocol):
    anchor: str


class _Node(_Event, Protocol):
    anchor: str | None
    tag: str | None


class _Leaf(_Node, Protocol):
    value: str
    style: str | None


_Entries = dict[str, tuple[Scalar, Tree]]


class _Open:
    """A collection whose end is not reached, or the document: a mapping has `entries`, the others only `items`.

    Attributes:
        before: how many nodes there were before it.
        height: how many levels it has so far, itself included.
        key: the key of a mapping whose value is not reached.
    """

    __slots__ = ("anchor", "before", "entries", "height", "items", "key", "start")

    def __init__(
        self, start: Mark, anchor: str | None = None, before: int = 0, entries: _Entries | None = None
    ) -> None:
        self.start = start
        self.anchor = anchor
        self.before = before
        self.entries = entries
        self.items: list[Tree] = []
        self.key: Scalar | None = None
        self.height = 1


class _Anchored(NamedTuple):
    """What an alias stands for, with the nodes it has and the levels it goes down."""

    tree: Tree
    nodes: int
    height: int


class _Builder:
    """Takes the events of one text in order; `root` is the tree once they are through."""

    def __init__(self, source: Source, limits: Limits, report: Callable[[Diagnostic], None]) -> None:
        self._source = source
        self._limits = limits
        self._report = report
        self._anchors: dict[str, _Anchored | None] = {}  # None: the end of what it names is not reached
        self._aliases = 0
        self._copied = 0  # nodes that aliases stand for
        self._nodes = 0  # these and the written ones
        self._nodes_allowed = min(limits.yaml_nodes, limits.nodes_after_aliases)
        self._key_length = limits.key_length
        self._short = limits.scalar_bytes // _LONGEST_CHARACTER
        self._document: _Open | None = None
        self._open: _Open
        self._stack: list[_Open] = []  # what is open around `_open`
        self._steps: dict[type, Callable[[Any], None]] = {
            yaml.StreamStartEvent: _nothing,
            yaml.DocumentStartEvent: self._start_document,
            yaml.ScalarEvent: self._add_scalar,
            yaml.AliasEvent: self._add_alias,
            yaml.MappingStartEvent: self._start_mapping,
            yaml.SequenceStartEvent: self._start_sequence,
            yaml.MappingEndEvent: self._end,
            yaml.SequenceEndEvent: self._end,
            yaml.DocumentEndEvent: _nothing,
            yaml.StreamEndEvent: _nothing,
        }

    def take(self, events: Iterable[object]) -> None:
        """Take the events in order."""
        steps = self._steps
        for event in events:
            steps[type(event)](event)

    def reached(self) -> Span:
        """The start of the innermost collection whose end is not reached."""
        if self._document is None:
            return Span(self._source, 1, 1, 1, 2)
        start = self._open.start
        return Span(self._source, start.line + 1, start.column + 1, start.line + 1, start.column + 2)

    def root(self) -> Tree:
        """The tree of the document.

        Raises:
            Fault: there is none.
        """
        root = self._document.items[0] if self._document is not None else None
        if root is None or (isinstance(root, Scalar) and not root.text and not root.quoted):
            raise Fault(
                Diagnostic(
                    code="E0102",
                    message="there is nothing in this text",
                    span=Span(self._source, 1, 1, 1, 1),
                    expected="a spec, which starts with `archspec: 1`",
                )
            )
        return root

    def _start_document(self, event: _Document) -> None:
        if self._document is not None:
            message, hint = "a second document starts here", "put each spec in a file of its own, or delete this `---`"
            raise Fault(Diagnostic(code="E0102", message=message, span=self._span(event), hint=hint))
        if event.version not in _DIRECTIVES or event.tags:
            self._refuse(
                "E0104", "specs have no YAML directives", self._span(event), "delete the lines that start with `%`"
            )
        self._document = self._open = _Open(event.start_mark)

    def _start_mapping(self, event: _Node) -> None:
        self._start(event, {})

    def _start_sequence(self, event: _Node) -> None:
        self._start(event, None)

    def _start(self, event: _Node, entries: _Entries | None) -> None:
        before = self._nodes
        self._nodes = before + 1
        if before >= self._nodes_allowed:
            self._too_many(event)
        if event.tag is not None:
            self._refuse_tag(event, event.tag)
        anchor = event.anchor
        if anchor is not None:
            self._anchors[anchor] = None
        self._stack.append(self._open)
        if len(self._stack) > self._limits.yaml_depth:
            self._limits.check("yaml_depth", len(self._stack), self._span(event), "levels of nesting")
        self._open = _Open(event.start_mark, anchor, before, entries)

    def _end(self, event: _Event) -> None:
        done = self._open
        self._open = self._stack.pop()
        tree: Tree
        if done.entries is None:
            tree = Sequence(self._source, done.start, event.end_mark, done.items)
        else:
            tree = Mapping(self._source, done.start, event.end_mark, done.entries)
        if done.anchor is not None:
            self._anchors[done.anchor] = _Anchored(tree, self._nodes - done.before, done.height)
        self._add(tree, done.height)

    def _add(self, tree: Tree, height: int) -> None:
        """Put a tree of `height` levels where the text has come to."""
        parent = self._open
        if height >= parent.height:
            parent.height = height + 1
        if parent.entries is None:
            parent.items.append(tree)
        elif parent.key is None:
            parent.key = self._refuse_key(tree.span, "a mapping" if isinstance(tree, Mapping) else "a list")
        else:
            parent.entries.setdefault(parent.key.text, (parent.key, tree))
            parent.key = None

    def _add_scalar(self, event: _Leaf) -> None:
        self._nodes += 1
        if self._nodes > self._nodes_allowed:
            self._too_many(event)
        if event.tag is not None:
            self._refuse_tag(event, event.tag)
        parent, text, quoted = self._open, event.value, bool(event.style)
        entries, key = parent.entries, parent.key
        value = text if quoted or (key is None and entries is not None) else resolve(text)
        scalar = Scalar(self._source, event.start_mark, event.end_mark, value, text, quoted=quoted)
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchored(scalar, 1, 0)
        if len(text) > self._short or (quoted and not text.isascii()):
            self._check_scalar(scalar)
        if entries is None:
            parent.items.append(scalar)
        elif key is None:
            if len(text) > self._key_length or text in entries or text in _ODD_KEYS:
                self._check_key(scalar, entries)
            parent.key = scalar
        else:
            entries.setdefault(key.text, (key, scalar))
            parent.key = None

    def _add_alias(self, event: _Alias) -> None:
        self._aliases += 1
        if self._aliases > self._limits.alias_uses:
            self._limits.check("alias_uses", self._aliases, self._span(event), "aliases in this file")
        parent = self._open
        if parent.entries is not None and parent.key is None:
            self._count(event)
            parent.key = self._refuse_key(self._span(event), "an alias")
            return
        anchored = self._anchors.get(event.anchor) or self._refuse_alias(event)
        depth = len(self._stack) + anchored.height
        self._limits.check("yaml_depth", depth, self._span(event), "levels of nesting with this alias")
        self._count(event, anchored.nodes)
        self._add(anchored.tree, anchored.height)

    def _count(self, event: _Event, nodes: int = 1) -> None:
        """Count a written node, which as an alias stands for `nodes` nodes."""
        self._nodes += nodes
        self._copied += nodes - 1
        self._nodes_allowed = min(self._limits.yaml_nodes + self._copied, self._limits.nodes_after_aliases)
        if self._nodes > self._nodes_allowed:
            self._too_many(event)

    def _too_many(self, event: _Event) -> None:
        span = self._span(event)
        self._limits.check("yaml_nodes", self._nodes - self._copied, span, "nodes in this file")
        self._limits.check("nodes_after_aliases", self._nodes, span, "nodes in this file, with what aliases copy")

    def _check_scalar(self, scalar: Scalar) -> None:
        size = len(scalar.text.encode())
        self._limits.check("scalar_bytes", size, scalar.span, "bytes in this scalar")

    def _check_key(self, key: Scalar, entries: _Entries) -> None:
        text = key.text
        if len(text) > self._key_length:
            self._limits.check("key_length", len(text), key.span, "characters in this key")
        if text in entries:
            first = Note(message="it is first written here", span=entries[text][0].span)
            self._refuse("E0103", f"the key {quote(text)} is written twice", key.span, notes=(first,))
        elif key.quoted:
            return
        elif text == _MERGE:
            hint = "write the keys out, or make a block of what is shared"
            self._refuse("E0104", "specs have no merge keys (`<<`)", key.span, hint)
        elif not text:
            self._refuse("E0105", "there is no key before this `:`", key.span)

    def _refuse_key(self, span: Span, kind: str) -> Scalar:
        """Report a key that is no scalar; what is returned stands in for it."""
        hint = "put text that starts with `{`, `[` or `*` in quotes"
        self._refuse("E0105", f"a key must be text, and this one is {kind}", span, hint)
        return self._stand_in("")

    def _refuse_alias(self, event: _Alias) -> _Anchored:
        """Report an alias that cannot be followed; what is returned stands in for what it means."""
        alias, span = quote(f"*{event.anchor}"), self._span(event)
        if event.anchor in self._anchors:
            self._refuse("E0104", f"the alias {alias} stands inside what it means", span)
        else:
            message = f"the alias {alias} means nothing: there is no {quote(f'&{event.anchor}')} before it"
            self._refuse("E0102", message, span, "put text that starts with `*` in quotes")
        return _Anchored(self._stand_in(None), 1, 0)

    def _refuse_tag(self, event: _Node, tag: str) -> None:
        written = tag.replace(_STANDARD_TAG, "!!", 1)
        hint = "delete it, or put text that starts with `!` in quotes"
        self._refuse("E0104", f"specs have no YAML tags, and this is {quote(written)}", self._span(event), hint)

    def _refuse(self, code: str, message: str, span: Span, hint: str = "", notes: tuple[Note, ...] = ()) -> None:
        self._report(Diagnostic(code=code, message=message, span=span, hint=hint, notes=notes))

    def _stand_in(self, value: str | None) -> Scalar:
        here = self._open.start
        return Scalar(self._source, here, here, value, "", quoted=True)

    def _span(self, event: _Event) -> Span:
        start, end = event.start_mark, event.end_mark
        return Span(self._source, start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def _nothing(_event: object) -> None:
    """Where a stream starts or ends, or a document ends, nothing is written."""
