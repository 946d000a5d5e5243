"""The coordinate system of an exported file: always x, y (east, north; lon, lat), as files have it, with its CRS."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from config.errors import ParameterError
from store.criteria import Box
from store.crs import KNOWN, layer_crs
from store.ingest.frame import NULL_DATUMS, OLD_DATUMS, datum_of, parse
from store.ingest.problems import RefusedError
from store.render import DECIMALS

if TYPE_CHECKING:
    from pyproj import CRS, Transformer

METRE_DECIMALS = 6
"""A micrometre: read back, 9 decimals of a degree come out the same."""


@dataclass(frozen=True, slots=True)
class Place:
    """`crs` as asked for; `transformer` is None where stored lon, lat are passed on as they are."""

    crs: "CRS"
    transformer: "Transformer | None"

    @property
    def text(self) -> str:
        """What GDAL is told: the code where there is one, else WKT."""
        authority = self.crs.to_authority()
        return ":".join(authority) if authority else self.crs.to_wkt()

    @property
    def decimals(self) -> int:
        return METRE_DECIMALS if self.crs.is_projected else DECIMALS

    def move(self, geometries: NDArray[np.object_]) -> NDArray[np.object_]:
        """Stored geometries (lon, lat in EPSG:4490) in this system."""
        if self.transformer is None:
            return geometries
        transformer = self.transformer

        def forward(xy: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.round(np.column_stack(transformer.transform(xy[:, 0], xy[:, 1])), self.decimals)

        moved: NDArray[np.object_] = shapely.transform(geometries, forward)
        return moved


def place(text: str, extent: Box | None = None) -> Place:
    """The system that `text` names: EPSG:n, a URN or URI, OGC:CRS84.

    Args:
        text: the system's name.
        extent: where the layer lies (degrees); None where that is not known.

    Raises:
        ParameterError: unknown, on a datum of old, which has no parameters from CGCS2000, or not in use where the
            layer lies: coordinates far outside a projection's area are of no use, and may look as if they were.
    """
    from pyproj import Transformer

    try:
        crs = parse(text)
    except RefusedError as error:
        remedy = "use EPSG:4490, EPSG:4326, EPSG:3857 or a Gauss-Krueger zone such as EPSG:4548"
        raise ParameterError("crs", f"'{text}' is no horizontal coordinate system", remedy) from error
    datum = datum_of(crs)
    if datum in OLD_DATUMS:
        raise ParameterError("crs", f"{crs.name} is on another datum", "export in CGCS2000 and transform with your own")
    if crs.is_geographic and datum in NULL_DATUMS:
        return Place(crs, None)
    area = crs.area_of_use
    if area is not None and extent is not None and not _meet((area.west, area.south, area.east, area.north), extent):
        what = f"{crs.name} is for {area.west:g} to {area.east:g} E, {area.south:g} to {area.north:g} N only"
        raise ParameterError("crs", f"{what}, and the layer lies elsewhere", f"one of {', '.join(fitting(extent))}")
    source: Any = parse("EPSG:4490") if datum not in NULL_DATUMS else crs.geodetic_crs
    return Place(crs, Transformer.from_crs(source, crs, always_xy=True))


def fitting(extent: Box) -> list[str]:
    """The codes of the systems that a layer with this extent offers."""
    offered = set(layer_crs(extent))
    return [f"EPSG:{one.code}" for one in KNOWN.values() if one.uri in offered and one.code.isdigit()]


def _meet(area: tuple[float, float, float, float], extent: Box) -> bool:
    """Whether two boxes in degrees meet; west exceeds east in one that crosses the antimeridian."""
    west, south, east, north = area
    if south > extent.north or north < extent.south:
        return False
    return any(a <= d and c <= b for a, b in _spans(west, east) for c, d in _spans(extent.west, extent.east))


def _spans(west: float, east: float) -> list[tuple[float, float]]:
    return [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
