"""What a filter is to those who pass it on: a checked value, without any parser or SQL."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from config.divisions import Divisions
from config.layers import CodeList

if TYPE_CHECKING:
    from store.filters.template import Template


class Vocabulary(Protocol):
    """What functions of a filter may look up: `config.registry.Registry` is one."""

    @property
    def codelists(self) -> Mapping[str, CodeList]: ...

    @property
    def divisions(self) -> Divisions: ...


@dataclass(frozen=True, slots=True)
class Terms:
    """A vocabulary that can be pickled, for a process that has no registry; at first it knows nothing."""

    codelists: Mapping[str, CodeList] = field(default_factory=dict)
    divisions: Divisions = field(default_factory=lambda: Divisions({}))

    @classmethod
    def of(cls, vocabulary: Vocabulary) -> "Terms":
        """The terms of a registry."""
        lists = {id: replace(one, codes=dict(one.codes)) for id, one in vocabulary.codelists.items()}
        return cls(lists, Divisions(dict(vocabulary.divisions.by_code)))


NO_VOCABULARY = Terms()


@dataclass(frozen=True, slots=True)
class Asked:
    """An expression for SQL: its text without literals, and these."""

    template: "Template"
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A geometry (`store.filters.tree.Shape`) that features must intersect, and what else is asked of them."""

    shape: Any
    rest: Asked | None


@dataclass(frozen=True, slots=True)
class Filter:
    """One CQL2 expression, parsed and checked against one layer.

    Two filters are equal when `normal` is: the canonical text of what they ask, with every literal and with what
    functions looked up in the vocabulary. It makes validators and the digests of cursors.

    `tree` is the checked expression in pygeofilter's nodes (and `store.filters.tree`'s): constants are computed,
    literals have the type of what they are compared with, geometries are x, y in EPSG:4490. Evaluators other than SQL
    begin there. `asked` is the same for SQL. `place` is set where the feature must intersect one geometry, whatever
    else is asked: the store then looks there first, as for a box.
    """

    normal: str
    properties: frozenset[str] = field(compare=False, repr=False)
    tree: Any = field(compare=False, repr=False)
    asked: "Asked" = field(compare=False, repr=False)
    place: "Place | None" = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Condition:
    """What of a filter fixes a statement: its template, the database, and the node's time zone by IANA name.

    `steady` says that one plan of PostgreSQL is good for all values.
    """

    template: "Template"
    sqlite: bool
    zone: str
    steady: bool

    @property
    def keys_first(self) -> bool:
        """Whether keys alone are ordered before rows are read: SQLite would read them whole to order them, PostGIS
        must not stop at the first rows in order that lie in a place."""
        return self.sqlite or self.placed

    @property
    def placed(self) -> bool:
        """Whether PostGIS's spatial index finds what it picks."""
        return not self.sqlite and self.template.placed
