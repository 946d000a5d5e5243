"""Values for every attribute of every layer: what the world says, and plausible synthetic ones for the rest.

What an attribute must be for its feature to make sense is the matter of `server.demo.sense`. Generic values follow
type, unit, code list and role alone, so that a new attribute needs no change here.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zlib import crc32

import numpy as np
import shapely
from numpy.typing import NDArray

from config.layers import Attribute, AttributeType, GeometryType, Layer, Role
from config.registry import Registry
from server.demo.places import city_of
from server.demo.register import REGISTER, Register
from server.demo.sense import sensible
from server.demo.sense.draw import Column, Draw
from server.demo.world import DIVISIONS, PLAN_2014, Rows, World

SYNTHETIC = "模拟数据，非真实 (synthetic, not real)"

AREAS = ("area", "parcel_area", "land_class_area", "footprint_area", "protected_area")
"""Attributes that state the area of the feature itself."""

_DERIVED = (*AREAS, "line_length", "land_use_name", "control_zone", "use_zone")

_FIXED: Mapping[str, Any] = {"target_year": 2030, "territorial_use_code": None, "contact": "模拟", "phone": None}
_CONTROL = {
    "plan-prohibited-construction-zone": "040",
    "plan-restricted-construction-zone": "030",
}

_UNITS: Mapping[str, tuple[float, float]] = {
    "m2": (800, 42_000),
    "har": (0.5, 40),
    "km2": (1, 60),
    "m": (4, 48),
    "km": (1, 30),
    "%": (12, 62),
    "1": (0.6, 3.2),
    "km/h": (30, 80),
    "{person}": (60, 4_800),
    "mm": (200, 1_200),
    "a": (1, 40),
}
_KINDS = ("facility_type", "source_type", "category", "housing_type")
"""Attributes that tell what a feature is called."""


@dataclass(frozen=True, slots=True)
class Ready:
    """Finished rows of one layer from one day: ids, WKB (None without geometry), columns by attribute name."""

    layer: str
    day: date
    ids: NDArray[np.object_]
    wkb: NDArray[np.object_]
    columns: Mapping[str, NDArray[Any]]


def finished(world: World, registry: Registry, seed: int) -> Iterator[Ready]:
    """Every layer's rows, by layer and day; a later state keeps the values of the earlier that it does not change."""
    register = Register(frozenset(world.rows[DIVISIONS, PLAN_2014].ids))
    for layer in registry.layers.values():
        known: dict[str, dict[str, Any]] = {}
        days = sorted(day for name, day in world.rows if name == layer.id)
        for day in days:
            rows = world.rows[layer.id, day]
            later = {id for other in days if other > day for id in world.rows[layer.id, other].ids}
            ready = fill(layer, registry, rows, day, np.random.default_rng([seed, crc32(layer.id.encode()), day.year]))
            _keep(ready, rows, known)
            for k in (k for k, id in enumerate(rows.ids) if id in later):
                known[rows.ids[k]] = {name: values[k] for name, values in ready.columns.items()}
            if layer.attribute("plan") is not None:
                register.note(layer, subject(layer), ready.columns)
            yield ready
    rows = register.rows()
    yield fill(registry.layers[REGISTER], registry, rows, PLAN_2014, np.random.default_rng([seed, len(rows)]))


def _keep(ready: Ready, rows: Rows, known: Mapping[str, Mapping[str, Any]]) -> None:
    """What the row does not say stays as it was, but for areas, which follow the geometry."""
    for k, id in enumerate(rows.ids):
        for name, value in known.get(id, {}).items():
            if name not in rows.columns[k] and name not in _DERIVED:
                ready.columns[name][k] = value


def fill(layer: Layer, registry: Registry, rows: Rows, day: date, rng: np.random.Generator) -> Ready:
    """All columns of `rows`.

    Raises:
        ValueError: a row says something for an attribute that the layer has not.
    """
    names = {attribute.name for attribute in layer.attributes}
    foreign = {name for values in rows.columns for name in values} - names - {"division_code", "name", "remarks"}
    if foreign:
        raise ValueError(f"{layer.id} has no attribute {', '.join(sorted(foreign))}")
    shapes = np.array(rows.geometry, dtype=object)
    draw = Draw(layer, rows, shapes, day, rng)
    maker = Maker(layer, registry, draw, sensible(draw))
    columns = {attribute.name: maker.column(attribute) for attribute in layer.attributes}
    return Ready(layer.id, day, np.array(rows.ids, dtype=object), _wkb(layer, shapes), columns)


def _wkb(layer: Layer, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Single forms are promoted where the layer wants the Multi form."""
    if layer.geometry is None:
        return np.full(len(shapes), None, dtype=object)
    wanted = {
        GeometryType.MULTI_POLYGON: (3, shapely.multipolygons),
        GeometryType.MULTI_LINE: (1, shapely.multilinestrings),
        GeometryType.MULTI_POINT: (0, shapely.multipoints),
    }.get(layer.geometry)
    if wanted:
        single = shapely.get_type_id(shapes) == wanted[0]
        if single.any():
            shapes = shapes.copy()
            shapes[single] = wanted[1](shapes[single], indices=np.arange(single.sum()))
    return np.asarray(shapely.to_wkb(shapes), dtype=object)


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes columns for the rows of one layer."""

    layer: Layer
    registry: Registry
    draw: Draw
    ruled: Mapping[str, Column]

    @property
    def rows(self) -> Rows:
        return self.draw.rows

    def column(self, attribute: Attribute) -> NDArray[Any]:
        given = [values.get(attribute.name) for values in self.rows.columns]
        missing = [k for k, value in enumerate(given) if value is None]
        said = attribute.name in {name for values in self.rows.columns for name in values}
        open_ = attribute.required or attribute.name in self.ruled or attribute.name in ("area", "name", "remarks")
        if missing and (open_ or not said):
            made = self._made(attribute, missing)
            for k, value in zip(missing, made, strict=True):
                given[k] = value
        return _typed(attribute, given)

    def _made(self, attribute: Attribute, where: Sequence[int]) -> Sequence[Any]:
        special: Mapping[str, Callable[[Sequence[int]], Sequence[Any]]] = {
            "division_name": self._division_names,
            **dict.fromkeys(AREAS, self._areas),
            "control_zone": self._control_zones,
            "line_length": self._lengths,
            "land_use_name": self._land_use_names,
        }
        if attribute.role is Role.ID:
            return [self.rows.ids[k] for k in where]
        if attribute.name in self.ruled:
            values = self.ruled[attribute.name]
            return [values[k] for k in where]
        if attribute.name in special:
            return special[attribute.name](where)
        constant = {**_FIXED, "authority": self.layer.provider, "data_source": SYNTHETIC, "remarks": SYNTHETIC}
        if attribute.name in constant or (attribute.reference and not attribute.required):
            return [constant.get(attribute.name)] * len(where)
        return self._drawn(attribute, where)

    def _drawn(self, attribute: Attribute, where: Sequence[int]) -> Sequence[Any]:
        if attribute.codelist:
            return self._codes(attribute, len(where))
        if attribute.role is Role.TITLE or attribute.name == "name":
            return self._names(where)
        return self._plain(attribute, where)

    def _names(self, where: Sequence[int]) -> Sequence[str]:
        """The place, that it is synthetic, what it is, and a number."""
        kind = next((name for name in _KINDS if self.layer.attribute(name) is not None), None)
        attribute = self.layer.attribute(kind) if kind else None
        codelist = self.registry.codelist(attribute.codelist) if attribute else None
        found = {}
        if codelist is not None and kind is not None:
            found = {k: codelist.find(str(self.rows.columns[k].get(kind))) for k in where}
        tail = "项目" if kind == "category" else ""
        nouns = [code.title.zh + tail if (code := found.get(k)) else subject(self.layer) for k in where]
        return [
            f"{place}模拟{noun}{int(self.rows.ids[k][6:])}"
            for place, noun, k in zip(self._division_names(where), nouns, where, strict=True)
        ]

    def _plain(self, attribute: Attribute, where: Sequence[int]) -> Sequence[Any]:
        number = len(where)
        match attribute.type:
            case AttributeType.STRING:
                return [self._text(attribute, self.rows.ids[k]) for k in where]
            case AttributeType.BOOLEAN:
                return list((self.draw.rng.uniform(size=number) < 0.5).tolist())
            case AttributeType.DATE:
                days = np.datetime64(self.draw.day) - self.draw.rng.integers(0, 1_000, number)
                return list(days.astype(object))
            case AttributeType.DATETIME:
                return [f"{self.draw.day}T09:00:00+08:00"] * number
            case AttributeType.INTEGER:
                low, high = self._range(attribute)
                return list(self.draw.rng.integers(int(low), int(high) + 1, number).tolist())
            case _:
                return self._numbers(attribute, number)

    def _numbers(self, attribute: Attribute, number: int) -> Sequence[float]:
        low, high = self._range(attribute)
        return list(np.round(self.draw.rng.uniform(low, high, number), 2).tolist())

    def _range(self, attribute: Attribute) -> tuple[float, float]:
        if attribute.minimum is not None and attribute.minimum > 900:
            return 2005, 2017
        low, high = _UNITS.get(attribute.unit or "", (1, 100))
        if attribute.maximum is not None:
            high = min(high, attribute.maximum)
        return max(min(low, high), attribute.minimum or 0), high

    def _text(self, attribute: Attribute, id: str) -> str | None:
        city, sign = city_of(id)
        number = int(id[4:6]) if self.layer.attribute("plan_name") else int(id[-4:])
        texts = {
            "approval_number": f"{sign}模拟〔{self.draw.day.year}〕{number}号",
            "plan_name": f"{city}{subject(self.layer)}（模拟）",
            "plot_number": id[-8:],
            "project_code": f"2016-{id[:6]}-{id[-6:]}",
            "permit_number": f"模拟{id[:6]}-{id[-6:]}",
        }
        value = texts.get(attribute.name)
        if value is None and not attribute.required:
            return None
        return (value or f"{attribute.title.zh}（模拟）{id[-5:]}")[: attribute.length or 200]

    def _codes(self, attribute: Attribute, number: int) -> Sequence[str]:
        codelist = self.registry.codelists[str(attribute.codelist)]
        parents = {code.parent for code in codelist.codes.values()}
        codes = [
            code.code
            for code in codelist.codes.values()
            if code.code not in parents and (code.valid_to is None or code.valid_to > self.draw.day)
        ]
        return list(self.draw.rng.choice(np.array(codes, dtype=object), number))

    def _control_zones(self, where: Sequence[int]) -> Sequence[str]:
        """管制区: built land is allowed (010), all else restricted (030); the control zones are what they are."""
        fixed = _CONTROL.get(self.layer.id)
        codes = [str(self.rows.columns[k].get("land_use_code", "")) for k in where]
        return [fixed or ("010" if code.startswith("2") else "030") for code in codes]

    def _division_names(self, where: Sequence[int]) -> Sequence[str]:
        known = self.registry.divisions
        found = [known.find(self.rows.columns[k].get("division_code", "")) for k in where]
        return [division.title.zh if division else "" for division in found]

    def _areas(self, where: Sequence[int]) -> Sequence[float]:
        if self.layer.geometry is None or "Polygon" not in self.layer.geometry.value:
            return list(self.draw.rng.uniform(500, 20_000, len(where)).round(2).tolist())
        return list(self.draw.areas[np.array(where)].tolist())

    def _lengths(self, where: Sequence[int]) -> Sequence[float]:
        return list(self.draw.lengths[np.array(where)].tolist())

    def _land_use_names(self, where: Sequence[int]) -> Sequence[str | None]:
        attribute = self.layer.attribute("land_use_code")
        codelist = self.registry.codelist(attribute.codelist if attribute else None)
        if codelist is None:
            return [None] * len(where)
        found = [codelist.find(str(self.rows.columns[k].get("land_use_code"))) for k in where]
        return [code.title.zh if code else None for code in found]


def subject(layer: Layer) -> str:
    """What a layer's title says without what stands in brackets."""
    return layer.title.zh.partition("（")[0].partition("(")[0]


def _typed(attribute: Attribute, values: list[Any]) -> NDArray[Any]:
    """A numpy column whose dtype says the type, where it can."""
    full = all(value is not None for value in values)
    if attribute.type is AttributeType.NUMBER:
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    if attribute.type is AttributeType.DATE:
        return np.array(values, dtype="datetime64[D]")
    if full and attribute.type is AttributeType.INTEGER:
        return np.array(values, dtype=np.int64)
    if full and attribute.type is AttributeType.BOOLEAN:
        return np.array(values, dtype=bool)
    return np.array(values, dtype=object)
