"""The trend of the central city: nine classes, 6,820 ha in 2012 and 7,540 ha in 2016, 46 % of it to the southeast."""

from datetime import date
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from server.demo.metres import to_degrees
from server.demo.plans import Sheet
from server.demo.planting.change import sites
from server.demo.plots import hectares
from server.demo.world import World
from server.demo.zoning import Parcel

LAYER = "current-land-use"
CLASSES = {
    "G": "绿地",
    "R": "居住",
    "A": "公共设施",
    "M": "工业",
    "W": "仓储",
    "H": "建设",
    "S": "道路广场",
    "U": "市政公用设施",
    "B": "商业服务业设施",
}
"""The seed's nine classes by the first letter of GB 50137."""
FIRST, LAST = 2012, 2016
START, GROWTH, SOUTHEAST = 6_820.0, 720.0, 331.2
SECTOR = (112.5, 157.5)
"""Southeast among eight directions (azimuth, degrees)."""


def plant_growth(world: World, sheet: Sheet) -> None:
    lattice = sheet.zoned.lattice
    centre = shapely.get_coordinates(lattice.hull.centroid)[0]
    built = [parcel for parcel in sheet.zoned.parcels if parcel.construction and parcel.urban]
    far = {parcel: _reach(sheet, parcel, centre) for parcel in built}
    order = sorted(built, key=lambda parcel: far[parcel][0])
    streets = [parcel for parcel in order if parcel.block is None]
    plots = [parcel for parcel in order if parcel.block is not None]
    inside = [parcel for parcel in plots if far[parcel][1] == "inside"]
    outside = [parcel for parcel in plots if far[parcel][1] == "outside"]
    elsewhere = GROWTH - SOUTHEAST
    new = {
        "southeast": _pick(sheet, _rim(sheet, inside, SOUTHEAST), SOUTHEAST),
        "elsewhere": _pick(sheet, _rim(sheet, outside, elsewhere), elsewhere),
    }
    used = {parcel for picked in new.values() for parcel, _ in picked}
    base = _pick(sheet, [*streets, *(parcel for parcel in plots if parcel not in used)], START)
    for parcel, shape in base:
        _add(world, parcel, shape, FIRST)
    for picked in new.values():
        for number, (parcel, shape) in enumerate(picked):
            _add(world, parcel, shape, FIRST + 1 + number * (LAST - FIRST) // len(picked))
    _truth(world, to_degrees(centre).tolist(), new)


def _reach(sheet: Sheet, parcel: Parcel, centre: NDArray[np.float64]) -> tuple[float, str]:
    """Distance from the centre, and whether a parcel lies inside the southeast sector, outside, or across."""
    away = sheet.zoned.lattice.corners(parcel.patch) - centre
    azimuth = np.degrees(np.arctan2(away[:, 0], away[:, 1])) % 360
    within = (azimuth > SECTOR[0] + 0.2) & (azimuth < SECTOR[1] - 0.2)
    clear = (azimuth < SECTOR[0] - 0.2) | (azimuth > SECTOR[1] + 0.2)
    side = "inside" if within.all() else "outside" if clear.all() else "across"
    return float(np.hypot(*away.mean(axis=0))), side


def _rim(sheet: Sheet, parcels: list[Parcel], wanted: float) -> list[Parcel]:
    """The last of the parcels, which come by distance from the centre: a fifth more than `wanted` hectares."""
    sizes = [hectares(sheet.zoned.lattice.polygon(parcel.patch)) for parcel in parcels]
    enough = np.cumsum(sizes[::-1]) > 1.2 * wanted
    return parcels[len(parcels) - 1 - int(np.argmax(enough)) :] if enough.any() else parcels


def _pick(sheet: Sheet, parcels: list[Parcel], wanted: float) -> list[tuple[Parcel, shapely.Geometry]]:
    """Whole parcels in order, and a part of one more, of `wanted` hectares in all."""
    picked: list[tuple[Parcel, shapely.Geometry]] = []
    left = wanted
    for parcel in parcels:
        shape = sheet.zoned.lattice.polygon(parcel.patch)
        size = hectares(shape)
        if size <= left:
            picked.append((parcel, shape))
            left -= size
        elif parcel.block is not None and 0.05 < left < 0.7 * size:
            picked.append((parcel, footprint_of(sheet, parcel, left)))
            return picked
    raise ValueError(f"{left:.2f} ha of {wanted} found no parcel")


def footprint_of(sheet: Sheet, parcel: Parcel, size: float) -> shapely.Geometry:
    site = sites(sheet, [parcel])[0]
    high = float(np.sqrt(size * 10_000 * site.high / site.wide))
    return site.frame.sized(-size * 5_000 / high, -high / 2, high / 2, size * 10_000)


def _add(world: World, parcel: Parcel, shape: shapely.Geometry, year: int) -> None:
    code = "H9" if parcel.code == "B29" else parcel.code
    world.add_one(LAYER, shape, day=date(year, 12, 31), land_use_code=code, survey_year=year, vacant=False)


def _truth(world: World, centre: list[float], new: dict[str, list[tuple[Parcel, shapely.Geometry]]]) -> None:
    series: dict[str, Any] = {}
    classes = dict.fromkeys(CLASSES, 0.0)
    for year in range(FIRST, LAST + 1):
        rows = world.rows[LAYER, date(year, 12, 31)]
        for shape, values in zip(rows.geometry, rows.columns, strict=True):
            if shape is not None:
                classes[values["land_use_code"][0]] += hectares(shape)
        series[str(year)] = {
            "total_ha": round(sum(classes.values()), 3),
            "classes_ha": {CLASSES[letter]: round(size, 3) for letter, size in classes.items()},
        }
    parts = {name: round(sum(hectares(shape) for _, shape in picked), 3) for name, picked in new.items()}
    world.truth["trend"] = {
        "layer": LAYER,
        "centre": centre,
        "sector_deg": SECTOR,
        "series": series,
        "growth_ha": parts,
        "southeast_share": round(parts["southeast"] / sum(parts.values()), 4),
    }
