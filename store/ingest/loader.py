"""A file into a layer: opened, decided, checked while it is staged, published whole or abandoned."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from config.errors import ConflictError, RequestError
from config.layers import CodeList, GeometryType, Layer
from store.criteria import Criteria, LoadMode, ValidTime
from store.ingest.attributes import Attributes
from store.ingest.catalogue import KINDS
from store.ingest.checker import DIVISION, Checker
from store.ingest.datum import DatumShift
from store.ingest.frame import Claim, Frame, decide
from store.ingest.geometry import read_bounds
from store.ingest.identities import Identities
from store.ingest.mapping import MappingFile, Plan, make_plan
from store.ingest.opening import open_source
from store.ingest.problems import Collector, RefusedError
from store.ingest.reference import Boundaries
from store.ingest.report import Outcome
from store.ingest.source import Chunk, ReadOptions, Source
from store.ingest.suspicion import Sample, ShiftTest, better_frame, distant_zone
from store.ingest.values import is_empty
from store.interface import Load, LoadReport, Store

BATCH = 10_000

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Options:
    """How to load. `claim` is what the operator declares of the coordinates, `accepted` the errors let through;
    `progress` is called with the number of rows read so far."""

    mode: LoadMode = LoadMode.APPEND
    valid_from: date = date.min
    author: str = "load"
    dry_run: bool = False
    read: ReadOptions = field(default_factory=ReadOptions)
    claim: Claim = field(default_factory=Claim)
    mapping: MappingFile = field(default_factory=MappingFile)
    accepted: frozenset[str] = frozenset()
    examples: int = 20
    batch: int = BATCH
    progress: Progress | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """What the node brings to a check: code lists, datum parameters, its boundaries and its time zone."""

    codelists: Mapping[str, CodeList] = field(default_factory=dict)
    shifts: Mapping[str, DatumShift] = field(default_factory=dict)
    boundaries: Boundaries | None = None
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))


def load_file(store: Store | None, layer: Layer, file: str, node: Node, options: Options) -> Outcome:
    """Load a file into a layer, or only check it (`dry_run`; the store may then be None).

    Any error keeps all of it out. Memory is bounded by the batch, but for a few bytes per identifier.

    Args:
        store: where the rows go, and whose identifiers an append must not use.
        layer: the target; of kind vector or table.
        file: path of a local file or file geodatabase.
        node: what to check against.
        options: what the operator decided.

    Raises:
        StoreError: the store is not available; nothing is published.
    """
    work = _Work(store, layer, file, node, options, Collector(KINDS, options.accepted, options.examples))
    began = time.monotonic()
    try:
        work.run()
    except RefusedError as error:
        work.log.add(error.problem)
    checker = work.checker
    return Outcome(
        file=file,
        layer=layer,
        mode=options.mode,
        valid_from=options.valid_from,
        dry_run=options.dry_run,
        rows=work.rows,
        seconds=time.monotonic() - began,
        log=work.log,
        about=work.source.about if work.source else None,
        frame=checker.frame if checker else None,
        plan=checker.attributes.plan if checker else None,
        left_out=checker.left_out if checker else 0,
        published=work.published,
    )


@dataclass(slots=True)
class _Work:
    store: Store | None
    layer: Layer
    file: str
    node: Node
    options: Options
    log: Collector
    source: Source | None = None
    checker: Checker | None = None
    rows: int = 0
    published: LoadReport | None = None

    def run(self) -> None:
        polygonal = self.layer.geometry in (GeometryType.POLYGON, GeometryType.MULTI_POLYGON)
        self.source = open_source(self.file, replace(self.options.read, polygonal=polygonal))
        for note in self.source.about.notes:
            self.log.add(note)
        chunks = self.source.chunks(self.options.batch)
        first = next(chunks, None)
        if first is None:
            raise RefusedError("file-empty")
        plan = self._plan(first)
        frame = self._frame(first, self.source.about.claim)
        self.checker = self._checker(plan, frame, first)
        self._stage(self.checker, chain([first], chunks))

    def _plan(self, first: Chunk) -> Plan:
        """The mapping, with columns that nothing takes and required attributes that nothing gives reported."""
        plan = make_plan(self.layer, list(first.columns), self.options.mapping)
        empty = {name for name, values in first.columns.items() if all(map(is_empty, values))}
        for name in (name for name in plan.unmapped if name not in empty):
            self.log.note("column-unmapped", value=name)
        for name in plan.missing:
            self.log.note("column-missing", attribute=name)
        return plan

    def _frame(self, first: Chunk, found: Claim) -> Frame | None:
        if self.layer.geometry is None:
            if first.wkb is not None and any(one is not None for one in first.wkb):
                self.log.note("geometry-unexpected")
            return None
        said = self.options.claim
        claim = Claim(
            found=found.found, declared=said.declared, datum=said.datum or found.datum, zone=found.zone, swap=said.swap
        )
        bounds = read_bounds(first.wkb) if first.wkb is not None else np.empty((0, 4))
        return decide(claim, bounds, self.node.shifts, self.log)

    def _checker(self, plan: Plan, frame: Frame | None, first: Chunk) -> Checker:
        boundaries = self.node.boundaries
        area, shift = boundaries.area if boundaries else None, None
        if frame is not None:
            absent = {"reason": "没有参考边界", "reason_en": "there are no reference boundaries"}
            if boundaries is None:
                self.log.note("gcj02-unchecked", **absent)
            else:
                shift = ShiftTest(boundaries)
            if area is None:
                self.log.note("area-unchecked", **absent)
            if first.wkb is not None:
                sample = Sample.of(first.wkb, self._divisions(plan, first))
                if boundaries is not None and better_frame(frame, sample, boundaries, self.log):
                    area, shift = None, None
                else:
                    distant_zone(frame, sample, self.log)
        return Checker(
            attributes=Attributes(self.layer, plan, self.node.codelists, self.node.timezone),
            frame=frame,
            log=self.log,
            area=area,
            shift=shift,
            existing=self._existing(),
        )

    def _divisions(self, plan: Plan, first: Chunk) -> Sequence[Any]:
        """What the first rows say of their division; None where they say nothing."""
        values = first.columns.get(plan.sources.get(DIVISION, ""))
        return [None] * len(first) if values is None else list(values)

    def _existing(self) -> Identities | None:
        """The identifiers of the layer, whenever valid; None where the mode may meet them."""
        if self.store is None or self.options.mode is not LoadMode.APPEND:
            return None
        known = Identities()
        criteria = Criteria(valid=ValidTime(None, None), properties=(), geometry=False)
        for batch in self.store.batches(self.layer.id, criteria):
            known.add(batch.id.tolist(), batch.fid)
        return known

    def _stage(self, checker: Checker, chunks: Iterator[Chunk]) -> None:
        """Check every chunk; stage them until the first error; publish when there was none."""
        with ExitStack() as stack:
            staging: Load | None = None
            for chunk in chunks:
                batch = checker.check(chunk)
                self.rows += len(chunk)
                if self.options.progress is not None:
                    self.options.progress(self.rows)
                if self.log.errors == 0 and not self.options.dry_run:
                    staging = staging or stack.enter_context(self._begin())
                    self._guarded(partial(staging.append, batch))
                elif staging is not None:
                    staging.abandon()
                    staging = None
            self._finish(checker)
            if staging is not None and self.log.errors == 0:
                self._guarded(partial(self._publish, staging))

    def _begin(self) -> AbstractContextManager[Load]:
        if self.store is None:
            raise ValueError("a load that is not a dry run needs a store")
        return self.store.load(self.layer.id, self.options.mode, self.options.valid_from, self.options.author)

    def _publish(self, staging: Load) -> None:
        self.published = staging.publish()

    def _guarded(self, action: Callable[[], None]) -> None:
        """Run a step of the store; what it refuses of the data is a finding, what ails it is raised on."""
        try:
            action()
        except (ConflictError, RequestError) as error:
            self.log.note("store-refused", reason=str(error))

    def _finish(self, checker: Checker) -> None:
        """Findings that only the whole file gives."""
        if len({name.removeprefix("Multi") for name in checker.kinds}) > 1:
            kinds = ", ".join(f"{name} {count}" for name, count in sorted(checker.kinds.items()))
            self.log.note("geometry-mixed-types", value=kinds)
        if checker.flattened:
            self.log.note("geometry-flattened", value=checker.flattened)
        verdict = checker.shift.verdict() if checker.shift else None
        if verdict is not None:
            self.log.note("gcj02-suspected", **verdict)
