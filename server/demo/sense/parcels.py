"""Parcels: what may be built on a class of land, and what both plans and the survey say of it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from server.demo.sense.draw import Column, Draw, Rule, rounded


@dataclass(frozen=True, slots=True)
class Norm:
    """Ranges of floor area ratio, building density (%) and green ratio (%); the greatest height in metres."""

    ratio: tuple[float, float]
    density: tuple[float, float]
    green: tuple[float, float]
    height: float


NORMS: Mapping[str, Norm] = {
    "R1": Norm((0.8, 1.2), (22, 30), (35, 45), 18),
    "R": Norm((1.0, 2.8), (16, 28), (30, 40), 80),
    "A33": Norm((0.5, 0.9), (18, 28), (35, 40), 24),
    "A7": Norm((0.3, 0.7), (20, 32), (30, 45), 12),
    "A": Norm((0.7, 1.8), (20, 35), (30, 40), 45),
    "B4": Norm((0.2, 0.6), (15, 30), (15, 25), 12),
    "B": Norm((1.2, 3.2), (32, 48), (15, 25), 100),
    "M": Norm((0.8, 1.5), (38, 55), (10, 20), 24),
    "W": Norm((0.8, 1.3), (42, 58), (10, 18), 18),
    "U": Norm((0.3, 0.8), (20, 35), (25, 35), 15),
    "S4": Norm((0.1, 0.5), (8, 22), (15, 25), 15),
    "H14": Norm((0.4, 0.8), (25, 40), (15, 25), 12),
    "H5": Norm((0.3, 0.8), (15, 30), (20, 30), 15),
}
"""By the longest beginning of a class of GB 50137; streets, green space, water and fields have none."""

_GREEN = {"G1": (65, 85), "G2": (75, 92), "G3": (30, 50)}
"""Parks, shelter belts and squares are green by these shares (%), and nothing is built there."""


def norm(code: str) -> Norm | None:
    return next((NORMS[code[:size]] for size in (3, 2, 1) if code[:size] in NORMS), None)


def indicators(draw: Draw, codes: list[str]) -> dict[str, Column]:
    """Floor area ratio, density, green ratio and height limit by class, consistent with each other."""
    found = {code: norm(code) for code in set(codes)}
    u = draw.rng.uniform(size=(4, len(codes))).round(4).tolist()
    rows = [_row(found[code], _GREEN.get(code[:2]), parts) for code, *parts in zip(codes, *u, strict=True)]
    names = ("floor_area_ratio", "building_density", "green_ratio", "height_limit")
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


def _row(norm: Norm | None, green: tuple[float, float] | None, u: list[float]) -> tuple[float | None, ...]:
    if norm is None:
        return (None, None, None if green is None else round(_at(green, u[0])), None)
    ratio, density = round(_at(norm.ratio, u[0]), 1), round(_at(norm.density, 0.7 * u[1] + 0.3 * u[0]))
    storeys = ratio / density * 100
    height = min(norm.height, 3.0 * float(np.ceil(storeys * (1.2 + 0.5 * u[3]) + 1)))
    return (ratio, density, round(_at(norm.green, u[2])), max(height, 9.0))


def _at(limits: tuple[float, float], share: float) -> float:
    return limits[0] + (limits[1] - limits[0]) * share


def _plan(draw: Draw) -> dict[str, Column]:
    return indicators(draw, draw.said("land_use_code"))


_USE_ZONES = {"11": "010", "12": "020", "13": "090", "14": "100", "15": "020", "211": "030", "212": "040"}
_OTHER_ZONES = {"213": "050", "214": "050", "231": "060", "31": "070", "32": "070"}
_BASE = {
    **{"1110": "011", "1120": "012", "1130": "013", "1200": "021", "1310": "031", "1520": "104", "1530": "114"},
    **{"1540": "117", "2120": "072", "2130": "062", "2220": "102", "2260": "113", "3110": "111"},
}
_BASE_TOWN, _BASE_ODDS = ("071", "061", "083", "053", "012"), (40, 20, 10, 15, 15)
"""What stood in the base year where 土规 plans a town: mostly the town, in part still fields."""


def _tugui(draw: Draw) -> dict[str, Column]:
    zones = {**_USE_ZONES, **_OTHER_ZONES}
    codes = draw.said("land_use_code")
    used = {code: next((zones[code[:n]] for n in (3, 2) if code[:n] in zones), "990") for code in set(codes)}
    towns = draw.pick(_BASE_TOWN, _BASE_ODDS)
    return {
        "use_zone": [used[code] for code in codes],
        "base_land_type": [_BASE.get(code, town) for code, town in zip(codes, towns, strict=True)],
    }


def _survey(draw: Draw) -> dict[str, Column]:
    """Fields of the plain are flat, and have no ridges; built land says whose it is."""
    codes = draw.said("land_use_code")
    towns = ["201" if id[:6] in ("130902", "130903") else "202" for id in draw.rows.ids]
    attribute = {"0702": "203", "0602": "204"}
    return {
        "slope_class": ["1" if code.startswith("01") else None for code in codes],
        "ridge_factor": [0.0 if code.startswith("01") else None for code in codes],
        "urban_attribute": [
            town if code in ("0701", "1201") else attribute.get(code) for code, town in zip(codes, towns, strict=True)
        ],
    }


def _farmland(draw: Draw) -> dict[str, Column]:
    return {
        "land_type": draw.all("0102"),
        "quality_grade": draw.whole(8, 11),
        "slope_class": draw.all("1"),
    }


def _scale(draw: Draw) -> dict[str, Column]:
    """What stands already, and what may be added within the boundary."""
    existing = draw.areas * draw.uniform(0.72, 0.96)
    return {
        "boundary_type": draw.all("010"),
        "existing_area": rounded(existing, 2),
        "new_area": rounded(draw.areas - np.round(existing, 2), 2),
    }


def _development(draw: Draw) -> dict[str, Column]:
    """A hundred square metres a head."""
    return {"planned_population": rounded(draw.areas / 100.0 * draw.uniform(0.9, 1.1), 0)}


def _forest(draw: Draw) -> dict[str, Column]:
    public = [category.endswith("public") for category in draw.said("forest_category")]
    timber = draw.pick(("timber", "economic"), (7, 3))
    return {
        "forest_type": ["protection" if one else other for one, other in zip(public, timber, strict=True)],
        "protection_grade": ["2" if one else "4" for one in public],
        "canopy": draw.between(0.35, 0.75, 2),
        "stock": rounded(draw.areas / 10_000 * draw.uniform(35, 80), 1),
        "dominant_species": draw.pick(("杨树", "刺槐", "白蜡", "榆树")),
    }


RULES: dict[str, Rule] = {
    "plan-land-use": _plan,
    "plan-land-use-tugui": _tugui,
    "current-land-survey": _survey,
    "plan-permanent-basic-farmland": _farmland,
    "plan-construction-scale-boundary": _scale,
    "plan-urban-development-boundary": _development,
    "current-forest": _forest,
}
