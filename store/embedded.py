"""Reading rows from the embedded store, where SQL knows no geometry: `store.sqlite` has the statements.

One region and the order of `fid`: candidates are read until the page is full. Otherwise the keys of all rows in the
regions are found first and bound as a JSON array. A box around the whole layer asks only for a geometry.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from itertools import islice
from typing import Any

import shapely
import sqlalchemy as sa

from store import sqlite
from store.engine import Database
from store.interface import LayerState
from store.places import covers, share
from store.plans import Plans
from store.question import Question
from store.select import Builder, Place, Purpose, Shape


class Embedded:
    """Places on SQLite. Every method works inside a `Plans.moment`, in which the given state was read."""

    def __init__(self, database: Database, plans: Plans) -> None:
        self._database = database
        self._plans = plans

    def moment(self, connection: Any) -> AbstractContextManager[None]:
        """A `Plans.moment` on SQLite; PostGIS answers from one statement, which is one moment by itself."""
        return self._plans.moment(connection) if self._database.sqlite else nullcontext()

    def rows(self, connection: Any, asked: Question, state: LayerState) -> list[tuple[Any, ...]]:
        """The rows of a page: fid, text, and WKB if the purpose is SHAPES."""
        asked = self.filtered(connection, asked)
        tree = self._database.tables[asked.shape.layer].current_rtree
        plain = len(asked.regions) == 1 and not (asked.shape.sort or asked.shape.known)
        if plain and not asked.regions[0].rectangle and asked.values["limit"] > sqlite.SHORT:
            plain = False  # boxes inside the region spare more geometries than the rest of the page would cost
        if plain and tree is not None and not self._whole(asked, state):
            return self._in_region(connection, asked, tree, state)
        shape, values = self._placed(connection, asked, state)
        found: list[tuple[Any, ...]] = self._plans.execute(connection, self._plans.of(shape), values).fetchall()
        return found

    def bind(self, connection: Any, asked: Question, state: LayerState) -> tuple[Shape, dict[str, Any]]:
        """The shape and values of a question with its regions and the places of its filter."""
        return self._placed(connection, self.filtered(connection, asked), state)

    def filtered(self, connection: Any, asked: Question) -> Question:
        """The question with the keys of what each spatial predicate of its filter picks."""
        if asked.filter is None or not asked.filter.template.places:
            return asked
        from store.filters import keys

        tables = self._database.tables[asked.shape.layer]
        found = keys.bound(self._runner(connection), tables, asked.filter, known=asked.shape.known)
        return replace(asked, values=asked.values | found)

    def _placed(self, connection: Any, asked: Question, state: LayerState) -> tuple[Shape, dict[str, Any]]:
        if not asked.regions:
            return asked.shape, asked.values
        if self._whole(asked, state):
            return replace(asked.shape, place=Place.ANY), asked.values
        tables = self._database.tables[asked.shape.layer]
        sources = [(tables.current, tables.current_rtree), (tables.history, tables.history_rtree)]
        keys = {
            f"keys{number}": self._keys(connection, asked, table, tree)
            for number, (table, tree) in enumerate(sources[: 2 if asked.shape.known else 1])
        }
        return replace(asked.shape, place=Place.KEYS), {**asked.values, **keys}

    def _whole(self, asked: Question, state: LayerState) -> bool:
        """Whether a region holds all open states of the layer; what was known earlier may lie elsewhere."""
        return not asked.shape.known and any(covers(region, state.extent) for region in asked.regions)

    def _keys(self, connection: Any, asked: Question, table: sa.Table, tree: sa.Table | None) -> str:
        """The keys of the rows of a table that lie in the regions, as a JSON array."""
        if tree is None:
            return "[]"
        run = self._runner(connection)
        found = [sqlite.found(run, table, tree, region.shape, shapely.intersects) for region in asked.regions]
        return str(found[0] if len(found) == 1 else list({*found[0], *found[1]}))

    def _runner(self, connection: Any) -> sqlite.Run:
        def run(name: Any, made: Callable[[], sa.SelectBase], values: dict[str, Any]) -> Any:
            return self._plans.execute(connection, self._plans.named(name, made), values)

        return run

    def _in_region(self, connection: Any, asked: Question, tree: sa.Table, state: LayerState) -> list[tuple[Any, ...]]:
        """Rows of one region in the order of fid, candidate by candidate until the page is full."""
        region, tables = asked.regions[0], self._database.tables[asked.shape.layer]
        wide = share(region, state.extent) > sqlite.MOST
        select = sqlite.wide_select if wide else sqlite.candidate_select
        shape = replace(asked.shape, nulls=None, offset=False)

        def candidates() -> sa.Select[Any]:
            builder = Builder(tables, self._database.tables.node, shape)
            return select(tree, tables.current, builder.conditions(tables.current, 0))

        plan = self._plans.named((shape, select.__name__), candidates)

        def fetch(values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
            found: list[tuple[Any, ...]] = self._plans.execute(connection, plan, values).fetchall()
            return found

        shapes = asked.shape.purpose is Purpose.SHAPES
        values = {"row": -1, **asked.values, **sqlite.region_values(region, shapes=shapes)}
        skip = values.pop("offset", 0)
        wanted = values.pop("limit")
        return list(islice(sqlite.page(fetch, region, values, skip + wanted), skip, None))
