"""Reading: state, pages, single features, counts and batches; the same answers from both stores."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import numpy as np

from config.errors import AccessError, NotFoundError, StoreError
from config.layers import Layer
from store import batches, lookup, postgis, render
from store.criteria import CRS84, Criteria
from store.crs import Crs, resolve
from store.differences import Comparing, Differences, Kind, Moments
from store.domains import Domains
from store.embedded import Embedded
from store.engine import Database
from store.interface import Batch, Domain, Item, LayerState, Page, Rows, Texts
from store.plans import Plans
from store.question import Question, cursor_after, question
from store.select import Purpose, Shape
from store.standing import refreshed
from store.state import Packed, unpack
from store.values import type_of


class Reader:
    """The reading half of a store. Thread-safe: between calls it keeps compiled statements, and states for estimates
    and for what a day changed, never for an answer about revisions."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.plans = Plans(database)
        self._embedded = Embedded(database, self.plans)
        self._domains = Domains(self.plans)
        self._last: dict[str, LayerState] = {}
        self._refreshed: dict[str, tuple[tuple[int, int, date], LayerState]] = {}

    def layers(self) -> Mapping[str, Layer]:
        """The layers whose rows this store holds."""
        return self.database.layers

    # --- state ---

    def state(self, layer: str) -> LayerState:
        """The layer's revision, epoch, count and extent, read from the database each time.

        Raises:
            NotFoundError: the store does not hold this layer. StoreError: it has no state yet.
        """
        self._layer(layer)
        with self.plans.connection() as connection:
            packed = self._packed(connection, layer)
        return self._today(layer, packed)

    def _packed(self, connection: Any, layer: str) -> Packed:
        row = self.plans.execute(connection, self.plans.state(), {"layer": layer}).fetchone()
        if row is None:
            raise StoreError(f"The store has no state of layer '{layer}': run `duogui migrate`")
        return unpack(row[0])

    def _today(self, layer: str, packed: Packed) -> LayerState:
        """The state as of today: what a write left, or computed anew once per revision where a validity began or
        ended since."""
        self._last[layer] = packed.state
        today = self.database.today()
        if packed.holds_on(today):
            return packed.state
        key = (packed.state.revision, packed.state.generation, today)
        kept = self._refreshed.get(layer)
        if kept is None or kept[0] != key:
            kept = self._refreshed[layer] = (key, refreshed(self.database, layer, packed.state, today))
        return kept[1]

    # --- pages ---

    def page(self, layer: str, criteria: Criteria) -> Page:
        """One page of features as finished texts, with the state of the layer that it shows.

        Raises:
            ParameterError: a cursor of another query, an unknown sort key or property, a CRS that is not offered.
            NotFoundError: no such layer. AccessError: the scope does not see it.
            UnavailableError: the store is busy or the statement ran out of time.
        """
        defined = self._seen(layer, criteria)
        crs = self._crs(criteria)
        plain = defined.geometry is None or (crs is None and criteria.level is None)
        purpose = Purpose.PAGE if plain or not criteria.geometry else Purpose.SHAPES
        asked = question(self.database, defined, criteria, purpose)
        with self.plans.connection(asked.shape) as connection:
            rows, packed = self._rows(connection, asked)
        cursor = None
        if len(rows) == asked.values["limit"]:
            rows.pop()
            cursor = cursor_after(defined, criteria, rows[-1][0], rows[-1][1])
        texts = [row[1] for row in rows]
        if purpose is Purpose.SHAPES or criteria.properties is not None or not criteria.geometry:
            self._check_properties(defined, criteria)
            wkb = [row[2] for row in rows] if purpose is Purpose.SHAPES else None
            texts = self._reshaped(texts, wkb, criteria, crs)
        state = self._today(layer, packed)
        return Page(texts, cursor, state.revision, state)

    def _rows(self, connection: Any, asked: Question) -> tuple[list[tuple[Any, ...]], Packed]:
        """The rows of a page (fid, text, WKB if asked for), one more than the page holds, and the layer's state."""
        if self.database.sqlite:
            with self.plans.moment(connection):
                packed = self._packed(connection, asked.shape.layer)
                return self._embedded.rows(connection, asked, packed.state), packed
        shape, values = postgis.bind(asked, self._last.get(asked.shape.layer))
        rows = self.plans.execute(connection, self.plans.of(shape), values).fetchall()
        if not rows or rows[0][0] is not None:
            raise StoreError(f"The store has no state of layer '{shape.layer}': run `duogui migrate`")
        return rows[1:], unpack(rows[0][1])

    def domains(self, layer: str) -> Mapping[str, Domain]:
        """What values occur in a layer now, computed once for each revision.

        Raises:
            NotFoundError: no such layer. UnavailableError: the store is busy or the statement ran out of time.
        """
        return self._domains.of(self.database.tables[self._layer(layer).id], self.state(layer))

    # --- counts, batches, single features ---

    def count(self, layer: str, criteria: Criteria) -> int:
        """How many features `criteria` picks, without its page; exact. Costs nothing for the default criteria.

        Raises: as `page`.
        """
        defined = self._seen(layer, criteria)
        conditions = (criteria.valid, criteria.known, criteria.box, criteria.search, criteria.filter)
        if not criteria.equals and all(one is None for one in conditions):
            return self.state(layer).count
        asked = question(self.database, defined, criteria, Purpose.COUNT)
        with self.plans.connection(asked.shape) as connection, self._embedded.moment(connection):
            shape, values = self._bound(connection, asked)
            return int(self.plans.execute(connection, self.plans.of(shape), values).fetchone()[0])

    def _bound(self, connection: Any, asked: Question) -> tuple[Shape, dict[str, Any]]:
        layer = asked.shape.layer
        if not self.database.sqlite:
            return postgis.bind(asked, self._last.get(layer))
        return self._embedded.bind(connection, asked, self._packed(connection, layer).state)

    def batches(self, layer: str, criteria: Criteria, size: int = 10_000) -> Iterator[Batch]:
        """The rows that `criteria` picks, in their order, as of one moment; memory is bounded by the batch.

        Without a limit these are all. Columns: NUMBER is float64 with NaN for none; all others are object arrays with
        None (text, int, bool, date, aware datetime).

        Raises: as `page`.
        """
        with self.reading(layer, criteria, size) as rows:
            yield from rows.batches

    @contextmanager
    def reading(self, layer: str, criteria: Criteria, size: int = 10_000) -> Iterator[Rows]:
        """`batches` with the state of the layer as of the same moment.

        Raises: as `page`.
        """
        defined = self._seen(layer, criteria)
        asked = question(self.database, defined, criteria, Purpose.BATCH)
        with self.plans.connection() as connection, self.plans.moment(connection):
            state = self._today(layer, self._packed(connection, layer))
            shape, values = self._bound(connection, asked)
            fetch = self.plans.stream(connection, self.plans.of(shape), values)
            found = batches.stream(fetch, defined, size, sqlite=self.database.sqlite)
            yield Rows(state, found if criteria.level is None else _simplified(found, criteria.level))

    @contextmanager
    def telling(self, layer: str, criteria: Criteria, size: int = 10_000) -> Iterator[Texts]:
        """The finished texts (CRS84, all properties) of the features that `criteria` picks, with the state of the layer
        as of the same moment.

        Raises: as `page`.
        """
        defined = self._seen(layer, criteria)
        asked = question(self.database, defined, criteria, Purpose.TEXTS)
        with self.plans.connection() as connection, self.plans.moment(connection):
            state = self._today(layer, self._packed(connection, layer))
            shape, values = self._bound(connection, asked)
            fetch = self.plans.stream(connection, self.plans.of(shape), values)
            yield Texts(state, ([text for _, text in rows] for rows in iter(partial(fetch, size), [])))

    def item(self, layer: str, id: str, criteria: Criteria) -> Item:
        """One feature in the state that `criteria` picks (valid, known), in its CRS and with its properties.

        Raises:
            NotFoundError: never existed, or no state then. GoneError: deleted, or its validity has ended.
        """
        defined = self._seen(layer, criteria)
        crs = self._crs(criteria)
        self._check_properties(defined, criteria)
        found, wkb = lookup.item(self.database, self.plans, defined, id, criteria)
        if crs is None and criteria.properties is None and criteria.geometry and criteria.level is None:
            return found
        return replace(found, text=self._reshaped([found.text], [wkb], criteria, crs)[0])

    def _reshaped(
        self, texts: Sequence[str], wkb: Sequence[bytes | None] | None, criteria: Criteria, crs: Crs | None
    ) -> list[str]:
        """Stored texts with the coordinates and properties that were asked for."""
        if criteria.level is not None and wkb is not None:
            from store import simplify

            wkb, crs = simplify.wkb(wkb, criteria.level), crs or resolve(CRS84)
        return render.reshape(texts, wkb, crs, criteria.properties, geometry=criteria.geometry)

    def differences(self, layer: str, criteria: Criteria, moments: Moments) -> Differences:
        """What differs between two moments, in pages; conditions (not `valid`, `known`, `sort`) are on either state.

        Raises: as `page`.
        """
        defined = self._seen(layer, criteria)
        with self._comparing(layer, criteria, moments) as (comparing, state):
            return comparing.page(defined, criteria, moments, state)

    def difference_counts(self, layer: str, criteria: Criteria, moments: Moments) -> Mapping[Kind, int]:
        """How many features differ between two moments, by kind.

        Raises: as `page`.
        """
        with self._comparing(layer, criteria, moments) as (comparing, state):
            return comparing.counts(moments, state)

    @contextmanager
    def _comparing(self, layer: str, criteria: Criteria, moments: Moments) -> Iterator[tuple[Comparing, LayerState]]:
        defined = self._seen(layer, criteria)
        known = moments.before.known or moments.after.known
        conditions = replace(criteria, known=known, valid=None, sort=(), cursor=None, limit=None, offset=0)
        asked = question(self.database, defined, conditions, Purpose.COUNT)
        with self.plans.connection() as connection, self.plans.moment(connection):
            state = self._today(layer, self._packed(connection, layer))
            shape, values = self._bound(connection, asked)
            yield Comparing(self.database, self.plans, connection, shape, values), state

    def versions(self, layer: str, id: str) -> Sequence[Item]:
        """Every state of a feature that the store ever knew, oldest first.

        Raises:
            NotFoundError: no such feature.
        """
        return lookup.versions(self.database, self.plans, self._layer(layer), id)

    # --- what criteria name ---

    def _layer(self, layer: str) -> Layer:
        try:
            return self.database.layers[layer]
        except KeyError:
            raise NotFoundError(f"The store holds no layer '{layer}'") from None

    def _seen(self, layer: str, criteria: Criteria) -> Layer:
        defined = self._layer(layer)
        if not criteria.scope.allows(defined.sharing):
            raise AccessError(f"The scope '{criteria.scope.key}' does not see layer '{layer}'")
        return defined

    def _crs(self, criteria: Criteria) -> Crs | None:
        """None for CRS84, whose texts are stored."""
        if criteria.crs == CRS84:
            return None
        crs = resolve(criteria.crs)
        return None if crs.uri == CRS84 else crs

    def _check_properties(self, layer: Layer, criteria: Criteria) -> None:
        for name in criteria.properties or ():
            type_of(layer, name, "properties")


def _simplified(found: Iterator[Batch], level: float) -> Iterator[Batch]:
    from store import simplify

    for batch in found:
        shapes = np.empty(len(batch), dtype=object)
        shapes[:] = simplify.wkb(batch.wkb.tolist(), level)
        yield replace(batch, wkb=shapes)
