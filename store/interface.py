"""The narrow interface of a node's store: everything above is the same on PostGIS and on SQLite.

Visibility. Every write moves its layer's `revision`. A row carries `tx_from` and `tx_to`, the revisions between which
the node knew it, and is known at revision R when `tx_from <= R < tx_to`. A bulk load stages rows under a revision
that the layer has not reached yet; publishing it moves the revision, in one short transaction.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from config.layers import Layer
from store.criteria import Box, Criteria, Cursor, Edit, LoadMode, Operation

if TYPE_CHECKING:
    from store.differences import Differences, Kind, Moments


@dataclass(frozen=True, slots=True)
class LayerState:
    """What a validator of anything built from a layer rests on.

    `epoch` counts the validity boundaries that have passed: it moves at midnight when a state begins or ends.
    `next_boundary` is the next day on which it will. `count` and `extent` are of the states valid today.
    """

    revision: int
    generation: int
    epoch: str
    next_boundary: date | None
    count: int
    extent: Box | None
    updated: datetime | None
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Page:
    """Finished GeoJSON Feature texts, in order, and the cursor of the next page (None: this is the last).

    `state` is the layer's as of the same moment as the rows, so that an answer without condition needs no other read.
    """

    features: Sequence[str]
    cursor: Cursor | None
    revision: int
    state: LayerState | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One state of one feature. `version` makes its ETag in whatever representation; times are UTC.

    `previous` and `following` are the days on which the states before and after it begin, as known at the same time;
    `Store.versions` leaves them out.
    """

    id: str
    fid: int
    version: int
    text: str
    valid_from: date
    valid_to: date
    known_from: datetime
    known_to: datetime | None
    author: str
    previous: date | None = None
    following: date | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows as columns, for export, tiles and analysis: `wkb` is an object array of bytes or None (x, y, EPSG:4490).

    `columns` holds the attributes by name: numbers as float64 with NaN for none, all others as objects with None.
    A store's batches also hold `valid_from` and `valid_to` (days; None is open), and a load takes them.
    """

    fid: NDArray[np.int64]
    id: NDArray[np.object_]
    version: NDArray[np.int64]
    wkb: NDArray[np.object_]
    columns: Mapping[str, NDArray[Any]]

    def __len__(self) -> int:
        return len(self.fid)


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows in batches, and the state of their layer as of the same moment."""

    state: LayerState
    batches: Iterator[Batch]


@dataclass(frozen=True, slots=True)
class Texts:
    """Finished GeoJSON Feature texts in lists, and the state of their layer as of the same moment."""

    state: LayerState
    lists: Iterator[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of a layer's change log. `sequence` is dense and gap-free within the layer; boxes are lon, lat."""

    sequence: int
    revision: int
    layer: str
    operation: Operation
    id: str | None
    fid: int | None
    version: int | None
    before: Box | None
    after: Box | None
    at: datetime
    author: str


@dataclass(frozen=True, slots=True)
class Domain:
    """What occurs of one property now: the codes (in order), or the least and greatest number, of texts the length.

    A property without any value has no codes, and None for both ends.
    """

    values: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What a transaction of edits did to one feature. `changed` is False where the content was the same already.

    `version` is the state that was written (of a deletion: the last that it ended), `present` the one that holds today
    now, or else will hold next (None: none does); `text` is the finished text of what was written, where `present` is
    that very state; `at` is when the node knew it.
    """

    layer: str
    id: str
    fid: int
    version: int
    revision: int
    changed: bool
    present: int | None = None
    text: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What publishing a load did."""

    layer: str
    revision: int
    added: int
    changed: int
    removed: int
    unchanged: int


class Load(Protocol):
    """A bulk load being staged: invisible until `publish`, swept if abandoned. Used as a context manager, which
    abandons it unless it was published."""

    def append(self, batch: Batch) -> None:
        """Stage rows in small commits. `fid` and `version` of the batch are ignored; `id` None draws a UUIDv7."""

    def publish(self) -> LoadReport:
        """Make all of it visible at once, in one short transaction.

        Raises:
            ConflictError: another writer changed a feature that this load replaces; nothing is published.
        """

    def abandon(self) -> None:
        """Forget the staged rows."""


class Store(Protocol):
    """A node's store. Methods are synchronous and thread-safe; a server calls them in threads."""

    def layers(self) -> Mapping[str, Layer]:
        """The layers whose rows this store holds."""

    def state(self, layer: str) -> LayerState:
        """The layer's revision, epoch, count and extent. Read it before the rows."""

    def page(self, layer: str, criteria: Criteria) -> Page:
        """One page of features as finished texts, ordered by the sort keys and then by `fid`.

        Raises:
            ParameterError: a cursor of another query, an unknown sort key or property.
            UnavailableError: the store is busy or the statement ran out of time.
        """

    def item(self, layer: str, id: str, criteria: Criteria) -> Item:
        """One feature in the state that `criteria` picks (valid, known), in its CRS and with its properties.

        Raises:
            NotFoundError: never existed, or no state then. GoneError: deleted.
        """

    def versions(self, layer: str, id: str) -> Sequence[Item]:
        """Every state of a feature the store ever knew, oldest first."""

    def differences(self, layer: str, criteria: Criteria, moments: "Moments") -> "Differences":
        """What differs between two moments of a layer, in pages in the order of `fid`.

        The conditions of `criteria` are on either state; `valid`, `known`, `sort` and `offset` do not count.

        Raises:
            ParameterError: a cursor of another comparison, and as `page`.
        """

    def difference_counts(self, layer: str, criteria: Criteria, moments: "Moments") -> "Mapping[Kind, int]":
        """How many features differ between two moments, by kind."""

    def count(self, layer: str, criteria: Criteria) -> int:
        """How many features `criteria` picks, without its page."""

    def domains(self, layer: str) -> Mapping[str, Domain]:
        """What occurs of each property that has a code list, is a number or a text, whenever it is valid; and the
        geometry types (`geometry`) where the layer takes any."""

    def batches(self, layer: str, criteria: Criteria, size: int = 10_000) -> Iterator[Batch]:
        """The rows that `criteria` picks, in their order, in batches; without a limit all. Memory is bounded by the
        batch."""

    def reading(self, layer: str, criteria: Criteria, size: int = 10_000) -> AbstractContextManager[Rows]:
        """`batches` with the state of the layer as of the same moment, which lasts as long as the context."""

    def telling(self, layer: str, criteria: Criteria, size: int = 10_000) -> AbstractContextManager[Texts]:
        """The finished texts (CRS84, all properties) of the same rows, in lists, with the state of that moment."""

    def write(self, edits: Sequence[Edit], author: str) -> Sequence[Written]:
        """All edits in one transaction with their change-log entries, or none.

        Raises:
            NotFoundError, GoneError, ConflictError (id in use or retired), PreconditionError (expected version),
            UnavailableError (a bulk load of the layer is under way, or the store is locked).
        """

    def load(self, layer: str, mode: LoadMode, valid_from: date, author: str) -> AbstractContextManager[Load]:
        """Begin a bulk load: APPEND refuses ids that exist, UPSERT replaces them, REPLACE also ends all others."""

    def changes(self, layer: str, after: int = 0, limit: int = 1000) -> Sequence[Change]:
        """The change log after a sequence number, in order."""

    def tidy(self) -> None:
        """Sweep what interrupted bulk loads left behind, in small commits; a server's start asks for it."""

    def check(self) -> None:
        """Refuse a store that does not fit the definitions or lacks an index.

        Raises:
            SchemaMismatchError: says what to run.
        """

    def close(self) -> None:
        """Release connections and files."""
