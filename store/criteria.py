"""What a caller may ask of a layer: typed criteria, the same for both stores.

Nothing here knows SQL or HTTP. Coordinates are x, y (lon, lat) degrees in EPSG:4490 unless a name says otherwise.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from config.layers import Sharing
from store.search import Search

if TYPE_CHECKING:
    from store.filters.filter import Filter

END_OF_TIME = date(9999, 12, 31)
"""`valid_to` of a state without an end."""

OPEN_REVISION = 2**62
"""`tx_to` of a state that no later transaction replaced."""

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


@dataclass(frozen=True, slots=True)
class Scope:
    """What the caller may see: part of criteria, cache keys, validators and job rows."""

    key: str
    classes: frozenset[Sharing]

    def allows(self, sharing: Sharing) -> bool:
        return sharing in self.classes


PUBLIC = Scope("public", frozenset({Sharing.UNCONDITIONAL}))
ALL = Scope("all", frozenset(Sharing))


@dataclass(frozen=True, slots=True)
class Box:
    """West, south, east, north in degrees; west > east crosses the antimeridian.

    `shape` (WKB, x, y in EPSG:4490) is the exact region where that is not the box itself: one given in a
    Gauss-Krueger system has curved edges here.
    """

    west: float
    south: float
    east: float
    north: float
    shape: bytes | None = None


@dataclass(frozen=True, slots=True)
class ValidTime:
    """A day (`start == end`) or a closed interval of days in the node's time zone; None is unbounded.

    A day picks the states valid on it. An interval picks per feature the latest state valid in it.
    """

    start: date | None
    end: date | None

    @property
    def instant(self) -> bool:
        return self.start is not None and self.start == self.end


@dataclass(frozen=True, slots=True)
class SortKey:
    """Ascending puts NULL last, descending puts it first; text sorts by code point."""

    name: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: the values of the sort keys, the feature's integer key, and a digest of the query.

    A cursor whose digest differs from the query's is refused: it belongs to another query.
    """

    values: tuple[Any, ...]
    fid: int
    digest: str


@dataclass(frozen=True, slots=True)
class Criteria:
    """One question to one layer. The defaults are: every feature valid today as known now."""

    scope: Scope = ALL
    # Features Part 1: paging, place and time
    limit: int | None = None
    offset: int = 0
    cursor: Cursor | None = None
    box: Box | None = None
    valid: ValidTime | None = None
    equals: tuple[tuple[str, Any], ...] = ()
    # versions: the state as known at an instant (UTC); None is now
    known: datetime | None = None
    # Features Part 9
    search: Search | None = None
    # Features Part 3: an expression that `store.filters.read` checked
    filter: "Filter | None" = None
    # Features Part 8
    sort: tuple[SortKey, ...] = ()
    # representation: Part 2 (a CRS URI), Part 6 (None is all properties)
    crs: str = CRS84
    properties: tuple[str, ...] | None = None
    geometry: bool = True
    # Part 7: geometries for a map of this zoom level; None is as they are
    level: float | None = None


class Operation(StrEnum):
    CREATE = "create"
    REPLACE = "replace"
    UPDATE = "update"
    DELETE = "delete"
    LOAD = "load"


class LoadMode(StrEnum):
    APPEND = "append"
    UPSERT = "upsert"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class Edit:
    """One change to one feature. `geometry` is WKB (x, y in EPSG:4490), None for no geometry.

    `properties` holds every attribute by name for CREATE and REPLACE; for UPDATE those that change (a value of None
    clears). `valid_from` is the day from which the new state holds (None: today).

    Conditions, which raise PreconditionError where they do not hold: `expected`, the versions one of which the caller
    takes for the current one; `unmodified_since`, an instant after which nobody must have changed it, to the second.
    """

    layer: str
    operation: Operation
    id: str | None = None
    geometry: bytes | None = None
    keep_geometry: bool = False
    properties: dict[str, Any] = field(default_factory=dict)
    valid_from: date | None = None
    valid_to: date | None = None
    expected: frozenset[int] | None = None
    unmodified_since: datetime | None = None
