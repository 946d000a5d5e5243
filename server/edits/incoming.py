"""What stands in the body of an edit: one GeoJSON or JSON-FG feature, or a merge patch of one, taken apart.

Malformed JSON and what is no feature are refused with 400; what the layer's schema, its code lists or the rules of
geometry forbid with 422 and one fault for each property, all of them at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any

import orjson
import shapely

from config.errors import BodyError, Fault, ParameterError, TooLargeError
from config.layers import Layer
from server.edits import words
from server.http.errors import HttpError
from store import geojson, identity
from store.criteria import CRS84
from store.crs import Crs, resolve
from store.ingest.single import Rules, check_shape, check_values
from store.values import VALIDITY

MOST_POSITIONS = 100_000
"""Positions of one geometry, as of every polygon that a caller sends."""
DRAWN = 36
"""Characters of an id that the node draws: a UUID."""
_ABSENT = object()
_PATCHED = frozenset({"type", "id", "geometry", "properties", "place", "coordRefSys"})
"""The members of a feature that a merge patch may name."""
_MOST_STRANGERS = 20
"""Unknown properties of a feature that are told one by one."""


@dataclass(frozen=True, slots=True)
class Given:
    """A feature as it came. `geometry` is the GeoJSON object or None; `whole` is False for a merge patch, which says
    only what changes."""

    id: str | None
    geometry: Any
    properties: Mapping[str, Any]
    crs: Crs
    whole: bool

    @property
    def shaped(self) -> bool:
        """Whether the geometry is to be set."""
        return self.geometry is not _ABSENT


@dataclass(frozen=True, slots=True)
class Checked:
    """A feature that may be written. `wkb` is x, y in EPSG:4490; `shaped` says whether it is to be set."""

    id: str | None
    wkb: bytes | None
    shaped: bool
    properties: dict[str, Any]


def parse(body: bytes) -> Any:
    """JSON of UTF-8, at most about a thousand levels deep, without NaN.

    Raises:
        BodyError: it is not.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as err:
        place = f"line {err.lineno}, column {err.colno}" if err.pos else "body"
        raise BodyError("The body is no JSON", Fault(place, err.msg, "send a JSON document in UTF-8")) from err


def feature(value: Any, crs: Crs, *, whole: bool = True) -> Given:
    """The feature that `value` is, or, unless `whole`, the merge patch of one (RFC 7396).

    Args:
        value: a JSON value.
        crs: of its coordinates, unless it says another itself.
        whole: whether everything that it will have is in it.

    Raises:
        BodyError: another kind of JSON.
    """
    if not isinstance(value, Mapping):
        raise _no_feature("body", "it is no JSON object")
    kind = value.get("type")
    if kind == "FeatureCollection":
        raise _no_feature("type", "it is a FeatureCollection", "send one feature, or several to /transactions")
    if kind != "Feature" and (whole or kind is not None):
        raise _no_feature("type", f"it is {str(kind)[:40]!r}")
    strange = [] if whole else [name for name in value if name not in _PATCHED]
    if strange:
        raise _no_feature(strange[0][:60], "no member that can be changed", "name attributes in the member properties")
    properties = value.get("properties")
    if whole and "properties" not in value:
        raise _no_feature("properties", "the member is missing")
    if properties is not None and not isinstance(properties, Mapping):
        raise _no_feature("properties", "it is no JSON object")
    if "crs" in value:
        raise _no_feature("crs", "the member is of an older GeoJSON", "name the system in the header Content-Crs")
    geometry, system = _geometry(value, crs)
    if whole and geometry is _ABSENT:
        raise _no_feature("geometry", "the member is missing", "write null where there is none")
    return Given(_id(value.get("id")), geometry, properties or {}, system, whole)


def check(given: Given, layer: Layer, rules: Rules, day: date, id: str | None) -> Checked:
    """A feature against its layer.

    Args:
        given: what came.
        layer: that it is for.
        rules: the node's.
        day: on which the new state begins.
        id: of the feature that is edited; None for a new one.

    Raises:
        HttpError: 422, one fault for each property that is wrong.
    """
    faults = _strangers(given, layer)
    known = {name: value for name, value in given.properties.items() if layer.attribute(name) is not None}
    id, changed = _identified(given, layer, id, known)
    faults += changed
    values, problems = check_values(layer, known, rules, day, whole=given.whole)
    faults += [words.fault(one) for one in problems]
    wkb = None
    if given.shaped:
        wkb, wrong = _shaped(given, layer, rules)
        faults += wrong
    if faults:
        raise refused(faults)
    return Checked(id, wkb, given.shaped, values)


def refused(faults: Sequence[Fault]) -> HttpError:
    """The refusal of features that are wrong."""
    return HttpError(422, "The feature does not fit its collection", *faults)


def _id(value: Any) -> str | None:
    """The member `id`, a text or a number (RFC 7946, 3.2)."""
    if isinstance(value, str) and value:
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _geometry(value: Mapping[str, Any], crs: Crs) -> tuple[Any, Crs]:
    """GeoJSON's `geometry`, or JSON-FG's `place` (21-045r1, 7.7), and the system of its coordinates."""
    if value.get("place") is None:
        return value.get("geometry", _ABSENT), crs if "place" not in value else resolve(CRS84)
    named = value["place"].get("coordRefSys") if isinstance(value["place"], Mapping) else None
    named = named or value.get("coordRefSys")
    if named is None:
        return value["place"], crs
    try:
        return value["place"], resolve(str(named), "coordRefSys")
    except ParameterError as err:
        raise BodyError("The body names a system that is not known here", *err.faults) from err


def _strangers(given: Given, layer: Layer) -> list[Fault]:
    """Properties that the layer does not have, and in a patch those that only the node sets."""
    names = {one.name: None for one in layer.attributes}
    faults = []
    if not given.whole:
        remedy = "the header OGC-Mutation-Datetime says from when"
        faults = [Fault(name, "only the node sets it", remedy) for name in given.properties if name in VALIDITY]
    strange = [name for name in given.properties if name not in VALIDITY and name not in names]
    for name in strange[:_MOST_STRANGERS]:
        near = get_close_matches(name[:60], names, 1, 0.6)
        hint = f"did you mean '{near[0]}'? " if near else ""
        faults.append(Fault(name[:60], "the collection has no such property", f"{hint}known: {', '.join(names)}"))
    if len(strange) > _MOST_STRANGERS:
        what = f"{len(strange) - _MOST_STRANGERS} more that the collection does not have"
        faults.append(Fault("properties", what, f"known: {', '.join(names)}"))
    return faults


def _identified(given: Given, layer: Layer, id: str | None, known: dict[str, Any]) -> tuple[str | None, list[Fault]]:
    """The feature's id, set in its id attribute too. A new feature takes what it brings, else a drawn one."""
    attribute = layer.id_attribute
    if attribute is None:
        return id, []
    said = known.get(attribute.name)
    if id is None:
        id = given.id if said is None else said
        if said is not None and given.id is not None and said != given.id:
            what = f"it is {said!r}, but the feature's id is {given.id!r}"
            return None, [Fault(attribute.name, what, "both are one: leave one out or make them equal")]
        if id is None and attribute.length is not None and attribute.length < DRAWN:
            remedy = f"at most {attribute.length} characters"
            return None, [Fault(attribute.name, "it is missing, and is the feature's id", remedy)]
        known[attribute.name] = id = identity.draw(1)[0] if id is None else id
    elif given.whole or attribute.name in known:
        if said not in (None, id) or (said is None and not given.whole):
            return id, [Fault(attribute.name, f"it is the feature's id, {id!r}, which never changes", "leave it out")]
        known[attribute.name] = id
    return id if isinstance(id, str) else None, []


def _shaped(given: Given, layer: Layer, rules: Rules) -> tuple[bytes | None, list[Fault]]:
    if layer.geometry is None:
        what = Fault("geometry", "the collection has none", "write null")
        return None, [] if given.geometry is None else [what]
    shape = None
    if given.geometry is not None:
        read = geojson.read(given.geometry, "geometry")
        if isinstance(read, Fault):
            return None, [read]
        shape = read
        if shapely.get_num_coordinates(shape) > MOST_POSITIONS:
            what = Fault("geometry", f"more than {MOST_POSITIONS} positions", "send a simpler outline")
            raise TooLargeError("The geometry is too large", what)
    wkb, problems = check_shape(shape, given.crs, layer.geometry, rules)
    return wkb, [words.fault(one) for one in problems]


def _no_feature(where: str, what: str, remedy: str = "send a GeoJSON feature: type, geometry, properties") -> BodyError:
    return BodyError("The body is no feature", Fault(where, what, remedy))
