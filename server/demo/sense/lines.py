"""Control lines, zones, water and what is protected."""

import numpy as np

from server.demo.places import CITY
from server.demo.sense.draw import Column, Draw, Rule, rounded

_GREEN_TYPES = {"G1": "park", "G2": "protective", "G3": "square"}
_YELLOW_TYPES = {
    **{"U11": "water-supply", "U12": "power", "U13": "gas", "U14": "heating", "U15": "telecom"},
    **{"U22": "sanitation", "U31": "fire", "U32": "flood"},
}
_HEIGHTS = {"core": 9.0, "control": 12.0, "environment": 18.0}
"""Metres that may be built in each zone around heritage."""
_WATERS = {"运河": "canal", "河": "river", "坑塘": "pond", "湿地": "wetland"}
_FLOODS = {"canal": 50, "river": 50, "wetland": 20, "pond": 20}


def _water_types(draw: Draw) -> list[str]:
    names = draw.said("name")
    return [next((kind for word, kind in _WATERS.items() if word in name), "pond") for name in names]


def _blue(draw: Draw) -> dict[str, Column]:
    kinds = _water_types(draw)
    return {"water_type": kinds, "flood_standard": [_FLOODS[kind] for kind in kinds]}


def _green(draw: Draw) -> dict[str, Column]:
    codes = draw.said("land_use_code", "G1")
    return {"land_use_code": codes, "green_type": [_GREEN_TYPES.get(code, "park") for code in codes]}


def _yellow(draw: Draw) -> dict[str, Column]:
    codes = draw.said("land_use_code", "U12")
    return {"land_use_code": codes, "facility_type": [_YELLOW_TYPES.get(code, "other") for code in codes]}


def _purple(draw: Draw) -> dict[str, Column]:
    zones = draw.said("protection_zone", "control")
    return {"protection_zone": zones, "height_limit": [_HEIGHTS[zone] for zone in zones]}


def _quarter(draw: Draw) -> dict[str, Column]:
    grades = ["provincial" if name else "city" for name in draw.said("name")]
    return {**_purple(draw), "area_grade": grades, "era": draw.pick(("清", "明", "民国"))}


def _old_town(draw: Draw) -> dict[str, Column]:
    return {
        "city_grade": draw.all("provincial"),
        "height_limit": draw.all(12.0),
        "era": draw.pick(("明", "清")),
        "layout": draw.all("十字街、方城"),
    }


def _redline(draw: Draw) -> dict[str, Column]:
    wet = ["湿地" in name for name in draw.said("name")]
    return {
        "redline_type": ["biodiversity" if one else "water" for one in wet],
        "reserve_zone": ["core" if one else "none" for one in wet],
    }


def _zones(draw: Draw) -> dict[str, Column]:
    """Three zones: of the city's area; built more densely in the towns."""
    whole = draw.areas.sum()
    return {
        "share": rounded(100 * draw.areas / whole, 2),
        "development_intensity": draw.ranged(
            "zone_type", {"urban": (55, 75), "agricultural": (8, 15), "ecological": (0, 3)}, 1
        ),
    }


def _functions(draw: Draw) -> dict[str, Column]:
    """Districts of the city and the coast are developed, counties of the plain grow food."""
    kinds = []
    for values in draw.rows.columns:
        code = str(values.get("division_code", CITY))
        kinds.append("optimised" if code in ("130902", "130903") else "key" if code == "130983" else "agricultural")
    intensity = {"optimised": (40, 55), "key": (22, 30), "agricultural": (14, 20)}
    share = draw.uniform(0, 1)
    low, high = (np.array([intensity[kind][end] for kind in kinds]) for end in (0, 1))
    return {
        "function": kinds,
        "function_level": draw.all("provincial"),
        "development_intensity": rounded(low + share * (high - low), 1),
    }


def _scenic(draw: Draw) -> dict[str, Column]:
    return {
        "grade": draw.all("provincial"),
        "protection_zone": draw.pick(("1", "2", "3")),
        "capacity": draw.whole(800, 6_000),
    }


def _detention(draw: Draw) -> dict[str, Column]:
    """Some two metres of water over the area."""
    known = [bool(name) for name in draw.said("name")]
    return {
        "detention_type": ["important" if one else "general" for one in known],
        "basin": draw.all("海河流域"),
        "storage_volume": rounded(draw.areas * draw.uniform(1.6, 2.4) / 10_000, 1),
        "design_level": draw.between(9, 14),
        "population": rounded(draw.areas / 1e6 * draw.uniform(150, 400), 0),
        "used_times": draw.whole(1, 4),
        "last_used": draw.all(1996),
    }


def _waterway(draw: Draw) -> dict[str, Column]:
    sea = ["港" in name for name in draw.said("name")]

    def either(deep: float, shallow: float) -> Column:
        return [deep if one else shallow for one in sea]

    return {
        "waterway_class": ["sea" if one else "unclassified" for one in sea],
        "depth": either(14.5, 1.2),
        "width": either(270.0, 30.0),
        "tonnage": either(100_000.0, 30.0),
        "season": [12 if one else 8 for one in sea],
    }


def _port(draw: Draw) -> dict[str, Column]:
    return {
        "port_type": draw.all("sea"),
        "berths": draw.all(25),
        "largest_berth": draw.all(100_000.0),
        "throughput": draw.all(20_000.0),
        "shoreline": draw.all(9_000.0),
        "land_area": draw.all(8_200_000.0),
    }


def _forest_park(draw: Draw) -> dict[str, Column]:
    return {"park_grade": draw.pick(("provincial", "city")), "forest_coverage": draw.between(72, 90)}


def _wetland_park(draw: Draw) -> dict[str, Column]:
    return {
        "park_grade": draw.all("provincial"),
        "park_zone": draw.all("conservation"),
        "wetland_area": rounded(draw.areas * 0.84, 0),
    }


RULES: dict[str, Rule] = {
    "plan-blue-line": _blue,
    "plan-green-line": _green,
    "plan-yellow-line": _yellow,
    "plan-purple-line": _purple,
    "plan-historic-conservation-area": _quarter,
    "plan-historic-urban-area": _old_town,
    "plan-ecological-redline": _redline,
    "plan-three-zones": _zones,
    "plan-main-functional-zone": _functions,
    "plan-scenic-area": _scenic,
    "current-flood-detention-area": _detention,
    "current-waterway": _waterway,
    "current-port": _port,
    "current-forest-park": _forest_park,
    "current-wetland-park": _wetland_park,
}
