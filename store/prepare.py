"""Features made ready to be written, in bulk: checked against the layer, rounded, promoted, digested, rendered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from config.errors import BodyError, Fault
from config.layers import GeometryType, Layer
from store import content, identity, render
from store.criteria import Box

LISTED = 20
"""How many faults of one kind a message lists."""

# shapely's type ids: what a layer accepts, and the single type that it promotes
_ACCEPTED: Mapping[GeometryType, tuple[int, int | None]] = {
    GeometryType.POINT: (0, None),
    GeometryType.LINE: (1, None),
    GeometryType.POLYGON: (3, None),
    GeometryType.MULTI_POINT: (4, 0),
    GeometryType.MULTI_LINE: (5, 1),
    GeometryType.MULTI_POLYGON: (6, 3),
}
_PROMOTED = {4: shapely.multipoints, 5: shapely.multilinestrings, 6: shapely.multipolygons}
_RING, _COLLECTION = 2, 7


@dataclass(frozen=True, slots=True)
class Prepared:
    """Features as columns of equal length. `bounds` is (n, 4): west, south, east, north, NaN for no geometry."""

    layer: Layer
    ids: Sequence[str]
    geometries: NDArray[np.object_]
    wkb: NDArray[np.object_]
    bounds: NDArray[np.float64]
    columns: Mapping[str, Sequence[Any]]
    digests: Sequence[bytes]

    def __len__(self) -> int:
        return len(self.ids)

    def part(self, start: int, end: int) -> "Prepared":
        """Some of the features, in order."""
        return Prepared(
            self.layer,
            self.ids[start:end],
            self.geometries[start:end],
            self.wkb[start:end],
            self.bounds[start:end],
            {name: column[start:end] for name, column in self.columns.items()},
            self.digests[start:end],
        )

    def pick(self, indices: Sequence[int]) -> "Prepared":
        """Some of the features, by position."""
        return Prepared(
            self.layer,
            [self.ids[index] for index in indices],
            self.geometries[indices],
            self.wkb[indices],
            self.bounds[indices],
            {name: [column[index] for index in indices] for name, column in self.columns.items()},
            [self.digests[index] for index in indices],
        )

    def texts(self, validity: Sequence[tuple[date, date]]) -> list[str]:
        """The finished Feature texts for the given days."""
        return render.features(self.layer, self.ids, self.geometries, self.columns, validity)

    def box(self, index: int) -> Box | None:
        """The box of one feature; None without geometry."""
        west, south, east, north = self.bounds[index].tolist()
        return None if west != west else Box(west, south, east, north)


def prepare(
    layer: Layer,
    ids: Sequence[str | None],
    wkb: NDArray[np.object_],
    columns: Mapping[str, Sequence[Any] | NDArray[Any]],
) -> Prepared:
    """Check and normalise features.

    Args:
        layer: what they must fit.
        ids: None takes the attribute of role id, else draws a UUIDv7.
        wkb: object array of WKB (x, y in EPSG:4490) or None.
        columns: attribute values by name; missing attributes are without value.

    Raises:
        BodyError: unknown attributes, values of another type, geometry that is not the layer's, ids that contradict
            the id attribute or are empty.
    """
    known = {one.name for one in layer.attributes}
    unknown = [Fault(name, "the layer has no such attribute") for name in columns if name not in known]
    if unknown:
        raise BodyError(f"Layer '{layer.id}' has the attributes {', '.join(sorted(known)) or '(none)'}", *unknown)
    names = _ids(layer, ids, columns)
    listed = {
        one.name: content.canonical_column(one, columns[one.name], names)
        for one in layer.attributes
        if one.name in columns
    }
    if layer.id_attribute is not None:
        listed[layer.id_attribute.name] = names
    geometries = _geometries(layer, names, wkb)
    normal = shapely.to_wkb(geometries, output_dimension=2, byte_order=1, include_srid=False)
    return Prepared(
        layer=layer,
        ids=names,
        geometries=geometries,
        wkb=normal,
        bounds=shapely.bounds(geometries),
        columns=listed,
        digests=content.digests(normal, list(listed), list(listed.values())),
    )


def _ids(layer: Layer, given: Sequence[str | None], columns: Mapping[str, Sequence[Any] | NDArray[Any]]) -> list[str]:
    attribute = layer.id_attribute
    ids: list[Any] = list(given)
    faults = []
    if attribute is not None and attribute.name in columns:
        for index, value in enumerate(columns[attribute.name]):
            if value is None or value != value:
                continue
            if ids[index] is not None and ids[index] != value:
                what = f"is {value!r}, but the feature's id is {ids[index]!r}"
                faults.append(Fault(attribute.name, what, "both are one: leave one out or make them equal"))
            ids[index] = value
    if None in ids:
        drawn = iter(identity.draw(ids.count(None)))
        ids = [next(drawn) if one is None else one for one in ids]
    faults += [
        Fault(repr(one), "is not an id", "an id is a text that is not empty, without NUL")
        for one in ids
        if not isinstance(one, str) or not one or "\0" in one
    ]
    if faults:
        raise BodyError(f"Ids of layer '{layer.id}'", *faults[:LISTED])
    return ids


def _geometries(layer: Layer, ids: Sequence[str], wkb: NDArray[np.object_]) -> NDArray[np.object_]:
    """Rounded geometries of the layer's type, outlines counter-clockwise (RFC 7946, 3.1.6): whatever way a feature
    came, what is read and put back is the same."""
    try:
        shapes: NDArray[np.object_] = shapely.orient_polygons(render.rounded(shapely.from_wkb(wkb)))
    except shapely.errors.GEOSException as error:
        raise BodyError(f"A geometry is not WKB: {error}") from error
    kinds = shapely.get_type_id(shapes)
    bounds = shapely.bounds(shapes)
    outside = (kinds >= 0) & ~(
        (bounds[:, 0] >= -180) & (bounds[:, 1] >= -90) & (bounds[:, 2] <= 180) & (bounds[:, 3] <= 90)
    )
    _refuse(ids, outside, "has coordinates that are no degrees", "x is longitude (-180 to 180), y latitude (-90 to 90)")
    if layer.geometry is None:
        _refuse(ids, kinds >= 0, f"has a geometry, and layer '{layer.id}' has none", "leave the geometry out")
        return shapes
    if layer.geometry is GeometryType.GEOMETRY:
        odd = (kinds == _COLLECTION) | (kinds == _RING)
        _refuse(ids, odd, "is a geometry collection", "split it into features of one type each")
        return shapes
    accepted, single = _ACCEPTED[layer.geometry]
    if single is not None:
        simple = kinds == single
        shapes[simple] = _PROMOTED[accepted](shapes[simple], indices=np.arange(simple.sum()))
        kinds[simple] = accepted
    _refuse(
        ids,
        (kinds >= 0) & (kinds != accepted),
        "has another geometry type",
        f"layer '{layer.id}' holds {layer.geometry}",
    )
    return shapes


def _refuse(ids: Sequence[str], wrong: NDArray[np.bool_], what: str, remedy: str) -> None:
    found = np.flatnonzero(wrong).tolist()
    if found:
        faults = [Fault(ids[index], what, remedy) for index in found[:LISTED]]
        raise BodyError(f"{len(found)} geometries do not fit the layer", *faults)
