"""A store in memory that does what the interface says, slowly and plainly; a judge for the server alone."""

import json
from datetime import UTC, date, datetime
from typing import Any

from config.errors import NotFoundError, ParameterError
from config.layers import Layer
from store.criteria import END_OF_TIME, Box, Criteria, Cursor
from store.interface import Item, LayerState, Page
from tests.server import tiny
from tests.store import words

KNOWN = datetime(2024, 1, 1, tzinfo=UTC)


def rows() -> list[dict[str, Any]]:
    """The tiny features, their validity among their properties."""
    made = tiny.features()
    for row in made:
        row["properties"] |= {name: row[name] for name in ("valid_from", "valid_to")}  # type: ignore[operator]
    return made


class FakeStore:
    """Layers with the same tiny features; `touch` moves a revision. `pages` counts page queries."""

    def __init__(self, layers: dict[str, Layer]) -> None:
        self._layers = layers
        self.rows: dict[str, list[dict[str, Any]]] = {id: ([] if id == "empty" else rows()) for id in layers}
        self.revision = dict.fromkeys(layers, 7)
        self.pages = 0
        self.failing: Exception | None = None

    def layers(self) -> dict[str, Layer]:
        return self._layers

    def touch(self, layer: str) -> None:
        self.revision[layer] += 1

    def _now(self, layer: str, criteria: Criteria) -> list[tuple[int, dict[str, Any]]]:
        day = criteria.valid or None
        found = []
        for fid, row in enumerate(self.rows[layer], 1):
            end = row["valid_to"] or END_OF_TIME
            start, last = (date.today(), date.today()) if day is None else (day.start or date.min, day.end or date.max)
            if row["valid_from"] <= last and start < end and self._matches(row, criteria):
                found.append((fid, row))
        return found

    @staticmethod
    def _matches(row: dict[str, Any], criteria: Criteria) -> bool:
        box: Box | None = criteria.box
        if box is not None:
            west, south, east, north = row["box"]
            inside = (
                west <= box.east and east >= box.west if box.west <= box.east else west <= box.east or east >= box.west
            )
            if not (inside and south <= box.north and north >= box.south):
                return False
        if criteria.search is not None and not words.found(criteria.search, [row["properties"]["name"]]):
            return False
        return all(row["properties"][name] == value for name, value in criteria.equals)

    def state(self, layer: str) -> LayerState:
        if self.failing:
            raise self.failing
        count = len(self._now(layer, Criteria()))
        extent = Box(116.8, 38.3, 117.05, 38.31) if count and self._layers[layer].geometry else None
        return LayerState(
            self.revision[layer], 1, "0", None, count, extent, KNOWN, date(2016, 1, 1) if count else None, None
        )

    def page(self, layer: str, criteria: Criteria) -> Page:
        if self.failing:
            raise self.failing
        self.pages += 1
        rows = self._now(layer, criteria)
        for key in reversed(criteria.sort):
            present = [one for one in rows if one[1]["properties"][key.name] is not None]
            absent = [one for one in rows if one[1]["properties"][key.name] is None]
            present.sort(key=lambda one: one[1]["properties"][key.name], reverse=key.descending)
            rows = absent + present if key.descending else present + absent
        digest = str((criteria.sort, criteria.box, criteria.valid, criteria.equals))
        start = criteria.offset
        if criteria.cursor is not None:
            if criteria.cursor.digest != digest:
                raise ParameterError("cursor", "it does not belong to this query", "follow the 'next' link as it is")
            start = 1 + next(n for n, one in enumerate(rows) if one[0] == criteria.cursor.fid)
        limit = criteria.limit or len(rows)
        part = rows[start : start + limit]
        cursor = None
        if start + limit < len(rows):
            fid, row = part[-1]
            cursor = Cursor(tuple(row["properties"][key.name] for key in criteria.sort), fid, digest)
        return Page(
            [self._text(layer, row, criteria) for _, row in part], cursor, self.revision[layer], self.state(layer)
        )

    def _text(self, layer: str, row: dict[str, Any], criteria: Criteria) -> str:
        w, s, e, n = row["box"]
        ring = [[w, s], [e, s], [e, n], [w, n], [w, s]]
        if criteria.crs.endswith(("/4490", "/4326")):
            ring = [[y, x] for x, y in ring]
        shown = {
            name: value.isoformat() if isinstance(value, date) else value for name, value in row["properties"].items()
        }
        if criteria.properties is not None:
            shown = {name: shown[name] for name in criteria.properties}
        geometry = None
        if criteria.geometry and self._layers[layer].geometry:
            geometry = {"type": "MultiPolygon", "coordinates": [[ring]]}
        feature = {"type": "Feature", "id": row["id"], "geometry": geometry, "properties": shown}
        return json.dumps(feature, ensure_ascii=False, separators=(",", ":"))

    def item(self, layer: str, id: str, criteria: Criteria) -> Item:
        for fid, row in self._now(layer, criteria):
            if row["id"] == id:
                text = self._text(layer, row, criteria)
                return Item(id, fid, 3, text, row["valid_from"], END_OF_TIME, KNOWN, None, "test")
        raise NotFoundError(f"Layer '{layer}' has no feature '{id}'")

    def versions(self, layer: str, id: str) -> list[Item]:
        return [self.item(layer, id, Criteria())]

    def count(self, layer: str, criteria: Criteria) -> int:
        return len(self._now(layer, criteria))

    def check(self) -> None:
        if self.failing:
            raise self.failing

    def close(self) -> None:
        pass
