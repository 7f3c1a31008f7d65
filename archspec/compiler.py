"""The compiler: in comes a spec in any form, out come its stages, each computed once, when it is asked for."""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cached_property, partial
from os import PathLike
from typing import TYPE_CHECKING, Any

from archspec.catalog.registry import Registry, default_registry
from archspec.diagnostic import Diagnostic
from archspec.errors import Collector, Enough, Fault, LimitFault, UsageError
from archspec.graph.graph import Graph
from archspec.ignore import idle_comments, read_codes, without
from archspec.limits import DEFAULT_LIMITS, Limits
from archspec.source import Source
from archspec.spec.document import Spec
from archspec.spec.given import SpecLike, source_of
from archspec.spec.load import load, with_preset
from archspec.spec.settings import check_names, read_params
from archspec.spec.unknown import unknown_names
from archspec.spec.unused import unused
from archspec.syntax.tree import Mapping as TreeMapping

if TYPE_CHECKING:
    import torch
    from torch import nn

    from archspec.elaborate.macs import Macs
    from archspec.emit.formats import Subject, Written
    from archspec.weights.checkpoint import Checkpoint

__all__ = ["Compilation"]


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Large trees are built without the cyclic garbage collector, which would walk them again and again for nothing."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class Compilation:
    """A spec on its way to a model. Each stage is an attribute; what is wrong is raised when a stage is asked for.

    Attributes:
        source: the text.
        preset: the preset that is built, if any.
    """

    _as_written: Spec

    def __init__(  # noqa: PLR0913 - the API of `compile`, keyword by keyword
        self,
        spec: SpecLike | Source,
        *,
        preset: str | None = None,
        params: Mapping[str, Any] | Sequence[TreeMapping] | None = None,
        sizes: Mapping[str, int] | None = None,
        inputs: Mapping[str, tuple[int, ...] | list[int]] | None = None,
        registry: Registry | None = None,
        limits: Limits | None = None,
        ignore: Iterable[str] = (),
    ) -> None:
        """Name what is compiled; nothing is read but the text.

        Args:
            spec: a path, the name of a shipped architecture or preset, YAML text, or a mapping.
            preset: a preset of the spec.
            params: values for its params: a mapping, or trees, whose errors then point at where they were written.
            sizes: sizes of named dimensions to check at, such as `{"N": 8}`.
            inputs: whole input shapes to check at, such as `{"input": (8, 3, 128, 128)}`.
            registry: layers and operations; by default torch.nn, the operations table and what was registered.
            limits: budgets that a spec must keep.
            ignore: the codes of warnings that are switched off.

        Raises:
            UsageError: no spec, or no warning, is called that.
        """
        self._ignore = read_codes(ignore)
        self.limits = limits or DEFAULT_LIMITS
        self.registry = registry or default_registry()
        self.source, named = (spec, None) if isinstance(spec, Source) else source_of(spec, self.limits)
        self.preset = preset or named
        self._params = params or ()
        self._sizes = dict(sizes or {})
        self._shapes = {name: tuple(shape) for name, shape in (inputs or {}).items()}
        self._warnings: tuple[Diagnostic, ...] = ()

    @cached_property
    def spec(self) -> Spec:
        """The validated spec.

        Raises:
            SpecError: with every fault of the text, its keys and its nodes.
        """
        collector = Collector()
        with _collecting(collector), _collector_paused():
            spec = load(self.source, registry=self.registry, limits=self.limits, collector=collector)
            self._as_written = spec
            if collector.failed:
                unknown_names(spec, self.limits, collector)
            elif self.preset is not None:
                spec = with_preset(spec, self.preset)
        self._warnings = collector.finish()
        return spec

    @cached_property
    def graph(self) -> Graph:
        """The concrete model, every shape proved.

        Raises:
            SpecError: with every fault that elaboration found.
        """
        from archspec.elaborate.elaborate import elaborate

        spec = self.spec
        collector = Collector(self._warnings)
        # What is broken hides the nodes that read it, but not how the names in them are spelt.
        further = partial(unknown_names, spec, self.limits, collector)
        with _collecting(collector, further), _collector_paused():
            settings = read_params(self._params, spec, self.limits)
            check_names(spec, shapes=self._shapes, sizes=self._sizes)
            graph = elaborate(
                spec,
                settings,
                sizes=self._sizes,
                shapes=self._shapes,
                registry=self.registry,
                limits=self.limits,
                collector=collector,
            )
        self._warnings = collector.finish()
        return graph

    @cached_property
    def _unused(self) -> tuple[Diagnostic, ...]:
        """What the file declares and never uses, whatever the preset."""
        found = Collector()
        unused(self._as_written, found)
        return found.finish()

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """The warnings of the stages so far."""
        return without(self._found, self._ignore)

    @property
    def _found(self) -> tuple[Diagnostic, ...]:
        # What is unused is said only once nothing is wrong, for a typo looks like it too.
        unused = self._unused if "graph" in vars(self) else ()
        return Collector((*self._warnings, *unused)).finish()

    @property
    def lint(self) -> tuple[Diagnostic, ...]:
        """What is valid in the model and probably not meant, W0201 and on."""
        return without(self._linted, self._ignore)

    @cached_property
    def _linted(self) -> tuple[Diagnostic, ...]:
        from archspec.lint.lint import lint

        graph = self.graph
        with _collector_paused():
            return lint(graph)

    @cached_property
    def fixed_dimensions(self) -> dict[str, Diagnostic]:
        """The named dimensions of the inputs that cannot vary, each with what fixed it."""
        from archspec.elaborate.vary import fixed_dimensions

        graph = self.graph
        with _collecting(Collector()), _collector_paused():
            fixed = fixed_dimensions(graph, registry=self.registry, limits=self.limits)
        return fixed  # noqa: RET504 - not inside the `with`, which for mypy may swallow what is raised

    @cached_property
    def macs(self) -> "Macs":
        """The multiply-accumulates of one forward in evaluation with a batch of one, in all and for each node."""
        from archspec.elaborate.macs import count_macs

        graph = self.graph
        with _collecting(Collector()), _collector_paused():
            macs = count_macs(graph, registry=self.registry, limits=self.limits)
        return macs  # noqa: RET504 - not inside the `with`, which for mypy may swallow what is raised

    def check(self) -> tuple[Diagnostic, ...]:
        """Every warning, in the order of the text: those of the linter too, and those that take other sizes to find.

        Raises:
            SpecError: the spec is wrong.
        """
        from archspec.elaborate.vary import unvarying

        fixed = unvarying(self.spec, self.graph, self.fixed_dimensions)
        found = (*self._found, *self._linted, *fixed)
        certain = not (self.spec.block.params or self._sizes or self._shapes)
        idle = idle_comments(self.source, found, certain=certain)
        return without(Collector((*found, *idle)).finish(), self._ignore)

    def build(  # noqa: PLR0913 - one keyword for each thing a caller may set
        self,
        *,
        device: "torch.device | str | None" = None,
        dtype: "torch.dtype | None" = None,
        seed: int | None = None,
        weights: "str | PathLike[str] | Checkpoint | None" = None,
        allow_pickle: bool = False,
        ignore_fingerprint: bool = False,
    ) -> "nn.Module":
        """A new model.

        Args:
            device: where its parameters live; `meta` allocates nothing.
            dtype: of its floating-point parameters.
            seed: what `torch.manual_seed` is given first; the caller's random state is left as it was.
            weights: what the model starts with, in place of random numbers: as for `checkpoint`, or one read already.
            allow_pickle: whether files of `torch.save` are read; see `checkpoint`.
            ignore_fingerprint: whether weights are taken that were written of another architecture, and fit this one.

        Raises:
            SpecError: the spec is wrong.
            LimitError: the parameters take more memory than `Limits.parameter_bytes`.
            UsageError: there are no such weights, or the device is `meta`, where there are none.
            WeightsError: they cannot be read, do not fit the model, or are those of another; the text lists what
                differs.
        """
        from archspec.emit.module import emit_module

        if isinstance(weights, (str, PathLike)):
            weights = self.checkpoint(weights, allow_pickle=allow_pickle)
        elif isinstance(weights, Mapping):
            raise UsageError("`weights` is a file or a name; a state_dict goes to `model.load_state_dict`")
        with _collecting(Collector()), _collector_paused():
            module = emit_module(
                self.graph,
                registry=self.registry,
                limits=self.limits,
                device=device,
                dtype=dtype,
                seed=seed,
                blank=weights is not None,
            )
            if weights is not None:
                from archspec.weights.fill import fill

                fill(module, weights, device)
                if not ignore_fingerprint:
                    self._check_architecture(weights)
        return module

    def subject(self, model: "Callable[[], nn.Module]", static: Sequence[str] = ()) -> "Subject":
        """What `emit/formats.py` writes: this model, with every named dimension that can vary left to vary.

        Args:
            model: gives the module that was built of it; called only by formats that hold weights.
            static: named dimensions that stay at the sizes that were checked.

        Raises:
            UsageError: there is no such dimension.
        """
        from archspec.elaborate.vary import check_named, checked_sizes
        from archspec.emit.formats import Subject

        graph = self.graph
        check_named(graph, static)

        def varying() -> frozenset[str]:
            return frozenset(checked_sizes(graph)).difference(self.fixed_dimensions, static)

        return Subject(graph=graph, model=model, registry=self.registry, varying=varying)

    def export(
        self,
        path: str | PathLike[str],
        model: "nn.Module | None" = None,
        *,
        static: Sequence[str] = (),
        force: bool = False,
    ) -> "Written":
        """Write the model to a file, in the format that its suffix names, such as `.safetensors` or `.pt2`.

        Args:
            path: the file, which appears whole or not at all.
            model: the module that was built of this spec; by default a new one, where the format holds weights.
            static: named dimensions that a traced program has at the sizes that were checked only; all others that can
                vary do.
            force: whether a file that exists is written over.

        Returns:
            What was written: its `path`, and how many `bytes` it has.

        Raises:
            SpecError: the spec is wrong.
            UsageError: the suffix names no format, its folder does not exist, the file does, or a dimension does not.
            ExportError: the format cannot express the model; the text names the node and its line.
        """
        from archspec.emit.formats import write

        return write(path, self.subject(self.build if model is None else lambda: model, static), force=force)

    def transforms(self, name: str = "eval") -> "nn.Module":
        """A pipeline of the spec's `transforms`: a `torchvision.transforms.v2.Compose`, which takes an image.

        Args:
            name: of the pipeline.

        Raises:
            SpecError: the spec is wrong, or torchvision refuses the arguments of a transform.
            UsageError: there is no pipeline of that name, or torchvision is not installed.
        """
        from archspec.emit.transforms import emit_transforms

        return emit_transforms(self.graph, name)

    def _check_architecture(self, checkpoint: "Checkpoint") -> None:
        from archspec.weights.architecture import check_architecture

        def read(text: str) -> Graph:
            source = Source.of_text(text, name="<checkpoint>")
            return Compilation(source, registry=self.registry, limits=self.limits).graph

        check_architecture(checkpoint, self.graph, registry=self.registry, read=read)

    def checkpoint(
        self,
        weights: str | PathLike[str],
        *,
        allow_pickle: bool = False,
        key_map: str | PathLike[str] | Mapping[str, str] | None = None,
    ) -> "Checkpoint":
        """The weights in a file, or of a name that the spec publishes.

        Args:
            weights: a path, or text with a `.` or `/` in it, is a file. Other text is a name in the spec's `weights`,
                whose file is looked for in the cache of `torch.hub`; nothing is downloaded.
            allow_pickle: whether files of `torch.save` are read (`.pth`, `.pt`, `.bin`, `.ckpt`): nothing but tensors
                is taken from them. What the specs that ship publish needs no such permission.
            key_map: keys of the checkpoint (after the `rename` of the spec, where it publishes them) with those that
                they have in this model, or a JSON file of such.

        Raises:
            SpecError: the spec is wrong.
            LimitError: the file describes more than `Limits` allow.
            UsageError: there are no such weights, they are for other params, or the key map is none.
            WeightsError: they cannot be read, or are not those that were published.
        """
        from archspec.weights.checkpoint import is_file_name, read_checkpoint
        from archspec.weights.key_map import read_key_map
        from archspec.weights.published import read_published

        with _collecting(Collector()):
            if not isinstance(weights, str) or is_file_name(weights):
                checkpoint = read_checkpoint(weights, limits=self.limits, allow_pickle=allow_pickle)
            else:
                checkpoint = read_published(
                    weights,
                    self.spec,
                    self.preset,
                    read_params(self._params, self.spec, self.limits),
                    limits=self.limits,
                    allow_pickle=allow_pickle,
                )
            if key_map is not None:
                names = key_map if isinstance(key_map, Mapping) else read_key_map(key_map, self.limits)
                checkpoint = replace(checkpoint, key_map=names)
        return checkpoint


@contextmanager
def _collecting(collector: Collector, further: Callable[[], None] = lambda: None) -> Iterator[None]:
    """A stage: a fault that ends it is raised together with all that were collected before it.

    After a fault, unless it is a limit, `further` looks for more of them where the stage did not come.
    """
    try:
        yield
    except Enough:
        collector.finish()
    except Fault as fault:
        with suppress(Enough):
            collector.add(fault.diagnostic)
            if not isinstance(fault, LimitFault):
                further()
        collector.finish()
